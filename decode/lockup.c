/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Lockups, stalls and panics of Linux whose call trace runs through the invalidation queue. */
#include "code_bytes.h"
#include "decode.h"
#include "ring.h"
#include "scan.h"

#include <ctype.h>
#include <inttypes.h>
#include <qinval/regs.h>
#include <stdlib.h>
#include <string.h>

#define MOST_LINES 160 /* of a report from its first line on */
#define MOST_FRAMES 24 /* that are shown */
#define FOREIGN 4      /* lines between those of a trace, as other CPUs print them */
#define WAITER "qi_submit_sync"

enum event { NOTHING, HARD, SOFT, STALL, HUNG, KCSAN, HARDWARE, TRACE };

static const struct {
	enum event event;
	const char *words, *title;
} events[] = {
	{ HARD, "hard LOCKUP", "hard lockup" },
	{ HARD, "Hard LOCKUP", "hard lockup" },
	{ SOFT, "soft lockup", "soft lockup" },
	{ STALL, "detected stall", "RCU stall" },
	{ STALL, "self-detected stall", "RCU stall" },
	{ STALL, "detected expedited stalls", "RCU stall" },
	{ HUNG, "blocked for more than", "hung task" },
	{ KCSAN, "BUG: KCSAN: data-race in", "KCSAN report" },
	{ HARDWARE, "DMAR hardware is malfunctioning", "panic" },
	{ TRACE, "Call Trace:", "call trace" },
	{ TRACE, "Call trace:", "call trace" },
	{ TRACE, "RIP:", "call trace" },
	{ TRACE, WAITER, "call trace" },
};

/* What the way to the queue says, by a function's name or the beginning of it. */
enum path {
	PATH_DEV_TLB = 1,
	PATH_IOTLB = 2,
	PATH_IEC = 4,
	PATH_CONTEXT = 8,
	PATH_PASID = 16,
	PATH_HOTPLUG = 32,
	PATH_GUEST = 64,
	PATH_PAGE_REQUESTS = 128,
	PATH_RELEASE = 256,
	PATH_SCALABLE = 512,
};

static const struct {
	const char *prefix;
	unsigned path;
} ways[] = {
	{ "qi_flush_dev_iotlb", PATH_DEV_TLB },
	{ "__context_flush_dev_iotlb", PATH_DEV_TLB },
	{ "iommu_flush_dev_iotlb", PATH_DEV_TLB },
	{ "__iommu_flush_dev_iotlb", PATH_DEV_TLB },
	{ "devtlb_invalidation_with_pasid", PATH_DEV_TLB | PATH_SCALABLE },
	{ "cache_tag_flush_devtlb", PATH_DEV_TLB },
	{ "qi_flush_iotlb", PATH_IOTLB },
	{ "qi_flush_piotlb", PATH_IOTLB | PATH_SCALABLE },
	{ "iommu_flush_iotlb", PATH_IOTLB },
	{ "cache_tag_flush", PATH_IOTLB },
	{ "qi_flush_iec", PATH_IEC },
	{ "qi_global_iec", PATH_IEC },
	{ "modify_irte", PATH_IEC },
	{ "free_irte", PATH_IEC },
	{ "intel_ir_", PATH_IEC },
	{ "qi_flush_context", PATH_CONTEXT },
	{ "qi_flush_pasid_cache", PATH_PASID | PATH_SCALABLE },
	{ "pasid_cache_invalidation", PATH_PASID | PATH_SCALABLE },
	{ "intel_pasid_tear_down_entry", PATH_PASID | PATH_SCALABLE },
	{ "domain_context_clear", PATH_RELEASE },
	{ "__dmar_remove_one_dev_info", PATH_RELEASE },
	{ "device_block_translation", PATH_RELEASE },
	{ "intel_iommu_release_device", PATH_RELEASE },
	{ "iommu_release_device", PATH_RELEASE },
	{ "pciehp_", PATH_HOTPLUG },
	{ "acpiphp_", PATH_HOTPLUG },
	{ "hotplug_event", PATH_HOTPLUG },
	{ "pnv_php", PATH_HOTPLUG },
	{ "kvm_", PATH_GUEST },
	{ "vfio_", PATH_GUEST },
	{ "iommufd_", PATH_GUEST },
	{ "intel_drain_pasid_prq", PATH_PAGE_REQUESTS },
	{ "intel_svm_drain_prq", PATH_PAGE_REQUESTS },
	{ "intel_iommu_drain_pasid_prq", PATH_PAGE_REQUESTS },
	{ "prq_event_thread", PATH_PAGE_REQUESTS },
};

struct lockup {
	bool open;
	enum event event;
	uint64_t line, last;
	unsigned lines, foreign;
	bool timed;
	double time;
	char what[120]; /* the first line, for people */
	char cpu[12], task[64], kernel[64], frames[800];
	unsigned shown;	       /* frames in there */
	bool waits, mentioned; /* qi_submit_sync: as a caller or RIP; with '?' only */
	bool asked;	       /* was the last frame one with '?'? */
	unsigned path;
	struct code code;
	bool has_address;
	uint64_t address; /* KCSAN: of the word that both use */
};

/* ---- symbols ---- */

static bool is_symbol(const char *s, size_t n)
{
	bool letters = false, underscore = false;

	for (size_t i = 0; i < n; i++) {
		if (!isalnum((unsigned char)s[i]) && s[i] != '_' && s[i] != '.')
			return false;
		letters |= !!islower((unsigned char)s[i]);
		underscore |= s[i] == '_';
	}
	return n >= 3 && letters && !isdigit((unsigned char)s[0]) && underscore;
}

static void add_frame(struct lockup *k, const char *s, size_t n)
{
	const bool waiter = n >= strlen(WAITER) && !strncmp(s, WAITER, strlen(WAITER)) &&
			    (n == strlen(WAITER) || s[strlen(WAITER)] == '.');

	if (k->asked) {
		k->mentioned |= waiter;
		return;
	}
	/* What a panic or a watchdog calls before is not the way to the queue. */
	k->waits |= waiter;
	for (unsigned i = 0; i < sizeof(ways) / sizeof(*ways); i++)
		if (strlen(ways[i].prefix) <= n &&
		    !strncmp(s, ways[i].prefix, strlen(ways[i].prefix)))
			k->path |= ways[i].path;
	if (k->shown < MOST_FRAMES && strlen(k->frames) + n + 5 < sizeof(k->frames)) {
		if (k->shown++)
			strcat(k->frames, " <- ");
		strncat(k->frames, s, n);
	}
}

/* The frames of a line: a symbol with its offset each, or the symbol alone, "[<address>]" or not. */
static unsigned frames(struct lockup *k, const char *s, const char *end)
{
	unsigned n = 0;

	k->asked = false;
	while (s < end) {
		size_t word = strcspn(s, " \t\n"), name;

		if (!word) {
			s++;
			continue;
		}
		name = strcspn(s, "+ \t\n(");
		if (*s == '?') {
			k->asked = true;
		} else if (is_symbol(s, name) ||
			   (s[name] == '+' && name >= 2 && s[name + 1] == '0')) {
			add_frame(k, s, name);
			k->asked = false;
			n++;
		}
		s += word;
	}
	return n;
}

/* ---- lines of a report ---- */

static void copy(char *to, size_t room, const char *s, size_t n)
{
	if (n >= room)
		n = room - 1;
	memcpy(to, s, n);
	to[n] = '\0';
}

static void cpu_line(struct lockup *k, const struct line *l)
{
	const char *s, *e;

	if (!*k->cpu &&
	    (scan_find(l, l->text, "CPU: ", &s) || scan_find(l, l->text, "on cpu ", &s) ||
	     scan_find(l, l->text, "CPU#", &s) || scan_find(l, l->text, "on CPU ", &s)))
		copy(k->cpu, sizeof(k->cpu), s, strspn(s, "0123456789"));
	if (!*k->task && scan_find(l, l->text, "Comm: ", &s)) {
		copy(k->task, sizeof(k->task), s, strcspn(s, " \n"));
		if ((scan_find(l, s, "Not tainted ", &e) || scan_find(l, s, "Tainted: ", &e)) &&
		    !*k->kernel) {
			/* The version is the word with two dots; what taints has none. */
			for (; *e && *e != '\n'; e += strcspn(e, " \n"), e += *e == ' ')
				if (isdigit((unsigned char)e[0]) && strchr("0123456789.", e[1])) {
					copy(k->kernel, sizeof(k->kernel), e, strcspn(e, " \n"));
					break;
				}
		}
	}
}

static bool rip_line(struct lockup *k, const struct line *l)
{
	const char *s;

	if (!scan_find(l, l->text, "RIP:", &s))
		return false;
	s += strspn(s, " ");
	s += strspn(s, "0123456789abcdef"); /* the code segment, "0010:" */
	s += *s == ':';
	frames(k, s, l->text + l->own);
	return true;
}

/* What stands in a report and is no frame. */
static bool report_line(struct lockup *k, const struct line *l)
{
	static const char *const starts[] = {
		"Code:",    "Hardware name", "RSP:",	    "RAX:",
		"RDX:",	    "RBP:",	     "R10:",	    "R13:",
		"FS:",	    "CS:",	     "CR2:",	    "DR0:",
		"DR3:",	    "PKRU:",	     "Call Trace",  "Call trace",
		"<TASK>",   "</TASK>",	     "<IRQ>",	    "</IRQ>",
		"<NMI>",    "</NMI>",	     "<EOI>",	    "Modules linked",
		"CPU:",	    "NMI backtrace", "Stack:",	    "task:",
		"rcu:",	    "Workqueue:",    "Sending NMI", "race at",
		"read to",  "write to",	     "Reported by", "irq event",
		"Tainted:", "PID:"
	};
	const char *body = l->text + l->body, *s;
	bool known = false;

	if (scan_find(l, l->text, "Code: ", &s))
		code_read(&k->code, s);
	code_registers(&k->code, l->text + l->body);
	if (!k->has_address && scan_find(l, l->text, "read to ", &s) && !strncmp(s, "0x", 2))
		k->has_address = scan_hex(l, &s, &k->address) == SCAN_OK;
	cpu_line(k, l);
	for (unsigned i = 0; i < sizeof(starts) / sizeof(*starts); i++)
		known |= !strncmp(body, starts[i], strlen(starts[i]));
	return known || (k->event == KCSAN && l->own == 0);
}

/* ---- what it comes to ---- */

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

static void path_text(const struct lockup *k, char *to, size_t room)
{
	const unsigned p = k->path;

	snprintf(to, room, "%s%s%s%s%s%s%s",
		 p & PATH_DEV_TLB	  ? "device-TLB invalidation"
		 : p & PATH_IEC		  ? "interrupt entry cache invalidation"
		 : p & PATH_CONTEXT	  ? "context-cache invalidation"
		 : p & PATH_PASID	  ? "PASID teardown"
		 : p & PATH_PAGE_REQUESTS ? "drain of page requests"
		 : p & PATH_IOTLB	  ? "IOTLB invalidation"
					  : "invalidation",
		 p & PATH_PASID && p & PATH_DEV_TLB ? " in a PASID teardown" : "",
		 p & PATH_RELEASE ? ", when a device is released" : "",
		 p & PATH_HOTPLUG ? ", by PCIe hotplug" : "",
		 p & PATH_GUEST ? ", for a virtual machine (VFIO or KVM)" : "",
		 p & PATH_SCALABLE ? ", scalable mode" : "",
		 p & PATH_DEV_TLB && p & PATH_RELEASE && !(p & PATH_SCALABLE) ? ", legacy mode"
									      : "");
}

static const char *title_of(enum event event)
{
	for (unsigned i = 0; i < sizeof(events) / sizeof(*events); i++)
		if (events[i].event == event)
			return events[i].title;
	return "call trace";
}

static void find_waiter(struct decode *d, const struct lockup *k, const char *path)
{
	const struct decode_facts *f = decode_facts(d);
	uint32_t fsts;

	if (k->event != TRACE) {
		decode_facts(d)->waiter_line = k->line;
		ring_idle_but_waited(d);
	}
	if (k->event == TRACE)
		decode_find(d, &trace_only, k->line,
			    "A call trace runs through qi_submit_sync, where a CPU waits for the "
			    "unit: %s.",
			    path);
	else
		decode_find(d, &stuck, k->line,
			    "A CPU%s%s waits in qi_submit_sync for the unit to complete (%s): %s.",
			    *k->cpu ? " " : "", k->cpu, title_of(k->event), path);
	if (k->path & PATH_DEV_TLB && k->path & PATH_HOTPLUG)
		decode_find(d, &removed, k->line,
			    "A device-TLB invalidation was sent to a device that PCIe hotplug is "
			    "removing%s%s%s. "
			    "A device that is gone never answers.",
			    f->gone_line ? " (" : "", f->gone_line ? f->gone_what : "",
			    f->gone_line ? ")" : "");
	if (code_fault_status(&k->code, &fsts))
		decode_find(d, &no_error_yet, k->line,
			    fsts & VTD_FSTS_QI ? "When the watchdog looked, FSTS was 0x%" PRIx32
						 ": the unit had raised an error."
					       : "When the watchdog looked, FSTS was 0x%" PRIx32
						 ": the unit had raised no error of the queue yet.",
			    fsts);
}

static void add_facts(const struct lockup *k, struct block *b)
{
	unsigned slot;
	uint32_t fsts;

	if (*k->what)
		block_text(b, "report", "%s", k->what);
	if (*k->cpu)
		block_text(b, "CPU", "%s", k->cpu);
	if (*k->task)
		block_text(b, "task", "%s", k->task);
	if (*k->kernel)
		block_text(b, "kernel", "%s", k->kernel);
	if (*k->frames)
		block_text(b, "calls", "%s", k->frames);
	if (k->has_address && k->event == KCSAN)
		block_number(b, "slot", (k->address & 0x3ff) >> 2,
			     "inferred from the address 0x%" PRIx64
			     " of the status word, by Linux's layout",
			     k->address);
	else if (code_slot(&k->code, &slot))
		block_number(b, "slot", slot,
			     "inferred from the code bytes: it is compared with QI_ABORT");
	if (code_fault_status(&k->code, &fsts))
		block_hex(b, "FSTS", fsts, "inferred from the code bytes");
}

static void finish(struct decode *d, struct lockup *k)
{
	struct block *b;
	char path[200];

	if (!k->open)
		return;
	if (k->waits || k->mentioned || k->event == HARDWARE) {
		path_text(k, path, sizeof(path));
		b = block_new(k->event == KCSAN ? "kcsan" : "call-trace", k->line,
			      title_of(k->event));
		b->last = k->last;
		b->timed = k->timed;
		b->time = k->time;
		add_facts(k, b);
		if (k->waits && k->event != HARDWARE)
			block_text(b, "way", "%s", path);
		decode_block(d, b);
		decode_facts(d)->system = SYSTEM_LINUX;
	}
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
	else if (k->waits)
		find_waiter(d, k, path);
	else if (k->mentioned)
		decode_find(d, &question, k->line,
			    "qi_submit_sync stands in a call trace with '?' only: an address left "
			    "on the stack. "
			    "That CPU was not in it.");
	memset(k, 0, sizeof(*k));
}

/* ---- where one starts and ends ---- */

static enum event event_of(const struct line *l)
{
	for (unsigned i = 0; i < sizeof(events) / sizeof(*events); i++)
		if (scan_find(l, l->text, events[i].words, NULL))
			return events[i].event;
	return NOTHING;
}

static void open(struct lockup *k, enum event event, const struct line *l)
{
	size_t n = l->own - l->body;

	memset(k, 0, sizeof(*k));
	k->code.at = -1;
	k->open = true;
	k->event = event;
	k->line = l->number;
	k->timed = l->timed;
	k->time = l->time;
	if (event != TRACE)
		copy(k->what, sizeof(k->what), l->text + l->body, n);
}

/* Does this line begin another report than the one that is open? */
static bool another(const struct lockup *k, enum event event)
{
	if (event == NOTHING || event == TRACE)
		return event == TRACE && k->open && k->waits && k->event != TRACE && k->shown > 2;
	return !k->open || k->event != event || k->shown;
}

/* Text in sentences names qi_submit_sync too; a frame stands by itself or has an offset. */
static bool looks_like_frame(const struct line *l)
{
	const char *s, *behind;

	for (s = l->text; (s = scan_find(l, s, WAITER, &behind)); s = behind) {
		const bool alone =
			s == l->text + l->body ||
			(s > l->text && strchr(" \t?\n", s[-1]) && behind >= l->text + l->own);

		if ((s[strlen(WAITER)] == '+' && behind[1] == '0') || alone)
			return true;
	}
	return false;
}

static bool line(struct decode *d, void *state, const struct line *l)
{
	struct lockup *k = state;
	const enum event event = event_of(l);
	const char *s;
	bool known;

	if (event == TRACE && !k->open && scan_find(l, l->text, WAITER, NULL) &&
	    !scan_find(l, l->text, "RIP:", NULL) && !scan_find(l, l->text, "all Trace", NULL) &&
	    !looks_like_frame(l))
		return false;
	if (another(k, event))
		finish(d, k);
	if (event != NOTHING && !k->open)
		open(k, event, l);
	if (!k->open)
		return false;
	if (k->lines++ > MOST_LINES) {
		finish(d, k);
		return false;
	}
	known = report_line(k, l);
	known |= rip_line(k, l);
	if (known || event == KCSAN) {
		k->foreign = 0;
		if (scan_find(l, l->text, "Trace:", &s))
			frames(k, s, l->text + l->own);
	} else if (frames(k, l->text + l->body, l->text + l->own)) {
		k->foreign = 0;
	} else if (event == NOTHING && ++k->foreign > FOREIGN) {
		finish(d, k);
		return false;
	}
	if (!k->foreign) {
		k->last = l->last;
		if (k->waits)
			decode_take(d);
	}
	return true;
}

static void end(struct decode *d, void *state)
{
	finish(d, state);
}

static const char *const words[] = {
	"LOCKUP",	    "soft lockup",    "detected stall", "detected expedited",
	"blocked for more", "KCSAN",	      "malfunctioning", "Call Trace",
	"Call trace",	    "qi_submit_sync", "RIP:",		NULL
};

const struct recogniser lockup_recogniser = { "lockup", words, sizeof(struct lockup), line, end };
