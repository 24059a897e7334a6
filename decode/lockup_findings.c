/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Findings about a lockup, stall or panic that involves the queue. */
#include "lockup.h"
#include "ring.h"

#include <ctype.h>
#include <inttypes.h>
#include <qinval/regs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct finding stuck = {
	.id = "stuck-in-queue",
	.weight = ERROR,
	.certainty = CERTAIN,
	.next = "Look for queue errors and for devices that went away before it; dump "
		"/sys/kernel/debug/iommu/intel/invalidation_queue and iommu_regset if the machine "
		"still answers.",
};

static const struct finding trace_only = {
	.id = "trace-through-queue",
	.weight = SUSPECT,
	.certainty = LIKELY,
	.from = "symbols only: the report that the trace belongs to is not in this input",
	.next = "Get the lines before the trace (which lockup, which CPU, RIP) and all lines with "
		"DMAR.",
};

static const struct finding lockdep = {
	.id = "lockdep-on-the-way",
	.weight = SUSPECT,
	.certainty = LIKELY,
	.from = "the functions in the call trace: lockdep looks at a lock that is being taken",
	.next = "Get the lines before the trace: they say which locks, and in which order they "
		"were "
		"taken before. It is a defect of the kernel's that may hang one day; see whether a "
		"later kernel has it.",
};

static const struct finding in_flush = {
	.id = "stuck-in-flush",
	.weight = ERROR,
	.certainty = LIKELY,
	.from = "the functions in the call trace: they do nothing but invalidate, and call "
		"qi_submit_sync, which may be inlined or missing here",
	.next = "Look for queue errors (Linux before 5.13 prints none of time-outs), for the line "
		"\"handling fault status reg\" and for devices with ATS that were reset or went "
		"away before "
		"it; pci=noats tells whether it is one of them.",
};

static const struct finding in_other = {
	.id = "stuck-in-other-iommu",
	.weight = ERROR,
	.certainty = LIKELY,
	.from = "the functions in the call trace, which are those of that IOMMU's driver",
	.next = "Look for what this IOMMU's driver prints before (time-outs of its command queue) "
		"and for devices with ATS that were reset or went away before it; pci=noats tells "
		"whether it is one of them.",
};

static const struct finding no_trace = {
	.id = "lockup-without-trace",
	.weight = UNCLEAR,
	.certainty = CERTAIN,
	.next = "Get a call trace: kernel.hardlockup_all_cpu_backtrace=1 and "
		"kernel.softlockup_all_cpu_backtrace=1 (sysctl), `echo l >/proc/sysrq-trigger`, a "
		"serial console or netconsole, pstore, or a crash dump.",
};

static const struct finding elsewhere = {
	.id = "lockup-elsewhere",
	.weight = UNCLEAR,
	.certainty = CERTAIN,
	.next = "Look at the functions of the trace. If other CPUs hang too, get theirs "
		"(`echo l >/proc/sysrq-trigger`): one may hold in the queue what this one waits "
		"for.",
};

static const struct finding removed = {
	.id = "surprise-removal",
	.weight = CAUSE,
	.certainty = LIKELY,
	.from = "the functions in the call trace",
	.next = "Linux before 6.9 sends device-TLB invalidations to devices that are gone, and "
		"waits for ever "
		"(fixed by 4fc82cd907ac, which checks before, and by giving up after the "
		"time-out). Until then: "
		"take the device down by software before it is pulled, or boot with pci=noats.",
};

static const struct finding question = {
	.id = "mentioned-only",
	.weight = NOTE,
	.certainty = CERTAIN,
	.next = "Read the frames without '?': they are the calls.",
};

static const struct finding kcsan = {
	.id = "kcsan-status-word",
	.weight = NOTE,
	.certainty = LIKELY,
	.from = "\"race at unknown origin\": the other side of the race is no code, but the unit's "
		"write to "
		"memory",
	.next = "Nothing to do: KCSAN does not know of DMA. The status word is read again until it "
		"changes.",
};

static const struct finding handshake = {
	.id = "register-handshake",
	.weight = ERROR,
	.certainty = CERTAIN,
	.next = "See which register was written (the function above panic) and whether the unit "
		"answers: a "
		"regression of 6.14-rc (5518f239aff1) turned translation on in the wrong order on "
		"some machines.",
};

static const struct finding no_error_yet = {
	.id = "no-error-raised",
	.weight = HINT,
	.certainty = INFERRED,
	.from = "the code bytes: FSTS was read into a register the instruction before",
	.next = "A time-out of the unit for ATS may be longer than the watchdog's: no message "
		"about the queue is "
		"to be expected, and none proves nothing.",
};

static const struct finding abort_walk = {
	.id = "abort-walk",
	.weight = CAUSE,
	.certainty = INFERRED,
	.from = "the code bytes: slots are compared, 254 is added modulo 256, and QI_ABORT is "
		"stored",
	.next = "Fixed by fe89277c9ceb (7.0 and stable). It comes after a time-out error: find the "
		"device that did not "
		"answer; until the fix is in, what keeps ATS from timing out keeps this from "
		"happening.",
};

static const struct finding silent_kernel = {
	.id = "kernel-prints-nothing",
	.weight = NOTE,
	.certainty = CERTAIN,
	.next = "Read FSTS (iommu_regset, or the line \"handling fault status reg\"); bits 6 and 5 "
		"are ITE and ICE.",
};

static void find_abort_walk(struct decode *d, const struct lockup *k)
{
	unsigned head, tail;

	if (!code_abort_walk(&k->code, &head, &tail))
		return;
	if (tail == CODE_NO_SLOT)
		decode_find(d, &abort_walk, k->line,
			    "The CPU was in the loop that aborts waits after a time-out, walking "
			    "over every second slot (slot %u).",
			    head);
	/* Which register holds which slot does not matter: their difference must be even. */
	else if ((head ^ tail) & 1)
		decode_find(d, &abort_walk, k->line,
			    "The CPU aborts waits after a time-out, walking over every second "
			    "slot, and never meets "
			    "its end: it compares slots %u and %u, of which one is even and one is "
			    "odd.",
			    head, tail);
	else
		decode_find(d, &abort_walk, k->line,
			    "The CPU was in the loop that aborts waits after a time-out (slots %u "
			    "and %u).",
			    head, tail);
}

static void find_silence(struct decode *d, const struct lockup *k)
{
	const struct decode_facts *f = decode_facts(d);
	unsigned version = f->kernel;
	char *end;

	if (isdigit((unsigned char)*k->kernel)) {
		version = (unsigned)strtoul(k->kernel, &end, 10) * 1000;
		version += *end == '.' ? (unsigned)strtoul(end + 1, NULL, 10) : 0;
	}
	if (version && version < 5013)
		decode_find(d, &silent_kernel, k->line,
			    "This kernel (%u.%u) prints nothing of time-out and completion errors "
			    "of the queue; only "
			    "5.13 and later do. That there is no such line proves nothing.",
			    version / 1000, version % 1000);
}

void lockup_way(const struct lockup *k, char *to, size_t room)
{
	const unsigned p = k->path;

	snprintf(to, room, "%s%s%s%s%s%s%s%s",
		 p & PATH_DEV_TLB	  ? "device-TLB invalidation"
		 : p & PATH_IEC		  ? "interrupt entry cache invalidation"
		 : p & PATH_CONTEXT	  ? "context-cache invalidation"
		 : p & PATH_PASID	  ? "PASID teardown"
		 : p & PATH_PAGE_REQUESTS ? "drain of page requests"
		 : p & PATH_IOTLB	  ? "IOTLB invalidation"
					  : "invalidation",
		 p & PATH_PASID && p & PATH_DEV_TLB ? " in a PASID teardown" : "",
		 p & PATH_LAZY ? ", of the lazy flush queue" : "",
		 p & PATH_RELEASE ? ", when a device is released" : "",
		 p & PATH_HOTPLUG ? ", by PCIe hotplug" : "",
		 p & PATH_GUEST ? ", for a virtual machine (VFIO or KVM)" : "",
		 p & PATH_SCALABLE ? ", scalable mode" : "",
		 p & PATH_LEGACY && !(p & PATH_SCALABLE) ? ", legacy mode" : "");
}

/* The place in qi_submit_sync at which the CPU is. */
static const char *where(const struct lockup *k)
{
	unsigned head, tail;

	if (code_abort_walk(&k->code, &head, &tail))
		return "does not come out of qi_submit_sync";
	if (k->lock)
		return "waits in qi_submit_sync for the queue's lock, which the CPU that waits for "
		       "the unit takes again and again";
	return "waits in qi_submit_sync for the unit to complete";
}

/* The number after "CPU ". */
static const char *who(const struct lockup *k)
{
	return *k->cpu ? "CPU " : k->event == HUNG ? "A task" : "A CPU";
}

static void find_waiter(struct decode *d, const struct lockup *k, const char *path)
{
	const struct decode_facts *f = decode_facts(d);
	uint32_t fsts;

	if (k->event != TRACE) {
		decode_facts(d)->waiter_line = k->line;
		decode_facts(d)->waiter_requests = k->path & PATH_REQUESTS;
		ring_idle_but_waited(d);
	}
	if (k->event == TRACE)
		decode_find(d, &trace_only, k->line,
			    "A call trace runs through qi_submit_sync, where a CPU waits for the "
			    "unit: %s.",
			    path);
	else if (k->mixed)
		decode_find(d, &stuck, k->line,
			    "A CPU waits in qi_submit_sync (%s). Several CPUs have reported at "
			    "once, and their lines are mixed: which one it is, and for what it "
			    "waits, is not known.",
			    lockup_title(k->event));
	else
		decode_find(d, &stuck, k->line, "%s%s %s (%s): %s.", who(k), k->cpu, where(k),
			    lockup_title(k->event), path);
	if (k->path & PATH_DEV_TLB && k->path & PATH_HOTPLUG && !k->mixed)
		decode_find(d, &removed, k->line,
			    "A device-TLB invalidation was sent to a device that PCIe hotplug is "
			    "removing%s%s%s. "
			    "A device that is gone never answers.",
			    f->gone.line ? " (" : "", f->gone.line ? f->gone.what : "",
			    f->gone.line ? ")" : "");
	find_abort_walk(d, k);
	find_silence(d, k);
	if (code_fault_status(&k->code, &fsts))
		decode_find(d, &no_error_yet, k->line,
			    fsts & VTD_FSTS_QI ? "When the watchdog looked, FSTS was 0x%" PRIx32
						 ": the unit had raised an error."
					       : "When the watchdog looked, FSTS was 0x%" PRIx32
						 ": the unit had raised no error of the queue yet.",
			    fsts);
}

/* A trace through the driver of an IOMMU other than VT-d. */
static void find_other(struct decode *d, const struct lockup *k, const char *path)
{
	const char *whose = k->path & PATH_AMD	 ? "AMD's IOMMU"
			    : k->path & PATH_ARM ? "Arm's SMMU"
						 : "RISC-V's IOMMU";

	if (k->event != TRACE)
		decode_find(d, &in_other, k->line,
			    "%s%s hangs in an invalidation of %s, not VT-d (%s): %s.", who(k),
			    k->cpu, whose, lockup_title(k->event), path);
}

/* A trace through functions that flush, without qi_submit_sync itself. */
static void find_flush(struct decode *d, const struct lockup *k, const char *path)
{
	if (k->event == TRACE) {
		decode_find(d, &trace_only, k->line,
			    "A call trace runs through the functions that invalidate: %s.", path);
		return;
	}
	decode_find(d, &in_flush, k->line, "%s%s hangs in an invalidation (%s): %s.", who(k),
		    k->cpu, lockup_title(k->event), path);
	if (k->path & PATH_DEV_TLB && k->path & PATH_HOTPLUG && !k->mixed)
		decode_find(d, &removed, k->line,
			    "A device-TLB invalidation was sent to a device that PCIe hotplug is "
			    "removing. A device that is gone never answers.");
	find_silence(d, k);
}

/* A hang that, as far as can be seen, has nothing to do with the queue. */
static void find_elsewhere(struct decode *d, const struct lockup *k)
{
	char first[64];

	if (k->event == TRACE || k->event == KCSAN || k->reporter)
		return;
	if (!*k->frames) {
		decode_find(d, &no_trace, k->line,
			    "CPUs or tasks hang (%s), and no call trace says where; nothing yet "
			    "points to VT-d.",
			    lockup_title(k->event));
		return;
	}
	lockup_copy(first, sizeof(first), k->frames, strcspn(k->frames, " "));
	decode_find(d, &elsewhere, k->line,
		    "A CPU or task hangs (%s) in %s, and not in an invalidation, as far as its "
		    "trace shows.",
		    lockup_title(k->event), first);
}

void lockup_findings(struct decode *d, const struct lockup *k)
{
	char path[200];

	if (k->waits || k->path & PATH_FLUSH)
		lockup_way(k, path, sizeof(path));
	if (k->event == HARDWARE)
		decode_find(d, &handshake, k->line,
			    "Linux has given up waiting for the unit to follow a command in GCMD "
			    "(GSTS did not "
			    "change). This is not the queue.");
	else if (k->event == KCSAN && (k->waits || k->mentioned))
		decode_find(d, &kcsan, k->line,
			    "KCSAN saw the unit's write of a status word while qi_submit_sync "
			    "polled it: that is "
			    "how the queue works, no fault.");
	else if (k->event == TRACE && k->locking && (k->waits || k->path & PATH_FLUSH))
		decode_find(d, &lockdep, k->line,
			    "Lockdep warns of how locks are taken on the way to the queue, and "
			    "nothing hangs: %s.",
			    path);
	else if (k->waits)
		find_waiter(d, k, path);
	else if (k->path & PATH_FLUSH && k->path & PATH_OTHER)
		find_other(d, k, path);
	else if (k->path & PATH_FLUSH)
		find_flush(d, k, path);
	else if (k->mentioned)
		decode_find(d, &question, k->line,
			    "qi_submit_sync stands in a call trace with '?' only: an address left "
			    "on the stack. "
			    "That CPU was not in it.");
	else
		find_elsewhere(d, k);
}
