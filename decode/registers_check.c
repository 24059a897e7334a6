/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Problems of the registers of one unit. */
#include "dmesg_qi.h"
#include "registers.h"

#include <inttypes.h>
#include <qinval/regs.h>
#include <string.h>

static const struct finding gone = {
	.id = "unit-not-answering",
	.weight = CAUSE,
	.certainty = CERTAIN,
	.next = "Find out why the unit's registers are out of reach: compare its base address "
		"(boot "
		"log, \"reg_base_addr\") with the windows of bridges in `lspci -vv` and with "
		"/proc/iomem; look for a device or bridge that was configured just before.",
};

static const struct finding iqe = {
	.id = "queue-error",
	.weight = ERROR,
	.certainty = CERTAIN,
	.next = "debugfs does not show IQERCD, which says why: read 64 bits at the unit's base + "
		"0xb0 "
		"(devmem). The descriptor is the one at IQH: see it in invalidation_queue.",
};

static const struct finding refused = {
	.id = "queue-error",
	.weight = ERROR,
	.certainty = CERTAIN,
	.next = "Look at the descriptor at IQH: `invalidation_queue` in debugfs shows the slot, or "
		"memory at IQA + IQH.",
};

static const struct finding ite = {
	.id = "device-timeout",
	.weight = ERROR,
	.certainty = CERTAIN,
	.next = "A device did not answer the invalidation of its TLB. Read 64 bits at the unit's "
		"base + "
		"0xb0 (IQERCD): bits 47:32 are its source id, 0 if the unit does not say. Which "
		"devices "
		"have ATS on? `lspci -vv`: ATSCtl Enable+.",
};

static const struct finding of_device = {
	.id = "device-timeout",
	.weight = ERROR,
	.certainty = CERTAIN,
	.next = "Look at this device: is it still there (`lspci`), in reset, or broken? Keep ATS "
		"off for it (pci=noats for all, or a quirk) and see whether it stops.",
};

static const struct finding recorded = {
	.id = "suspect-device",
	.weight = SUSPECT,
	.certainty = LIKELY,
	.from = "IQERCD alone: it is certain while FSTS has the error's bit (ITE 0x40, ICE 0x20), "
		"and "
		"may stay behind",
	.next = "Look at this device first: is it still there (`lspci`), in reset, or broken? Keep "
		"ATS off for it (pci=noats for all, or a quirk) and see whether the errors stop.",
};

static const struct finding of_none = {
	.id = "device-timeout",
	.weight = ERROR,
	.certainty = CERTAIN,
	.next = "The unit does not say which device it is. `lspci -vv` lists those with \"ATSCtl: "
		"Enable+\"; keep ATS off (pci=noats for all, or a quirk) and see whether it stops.",
};

static const struct finding ice = {
	.id = "completion-error",
	.weight = ERROR,
	.certainty = CERTAIN,
	.next = "A device answered an invalidation that it was not asked for, or wrongly. Read 64 "
		"bits "
		"at the unit's base + 0xb0 (IQERCD): bits 63:48 are its source id. Was it reset?",
};

static const struct finding wrong_answer = {
	.id = "completion-error",
	.weight = ERROR,
	.certainty = CERTAIN,
	.next = "Look at this device: was it reset, or its ATS switched off, while an invalidation "
		"was under way? Is its firmware current?",
};

static const struct finding faults = {
	.id = "dma-faults-pending",
	.weight = SUSPECT,
	.certainty = CERTAIN,
	.next = "Faults of DMA or interrupts, not of the queue: see the log for \"fault addr\" and "
		"\"fault index\".",
};

static const struct finding off = {
	.id = "queue-off",
	.weight = SUSPECT,
	.certainty = CERTAIN,
	.next = "See the log of the boot for why: \"Queued invalidation\", \"disabled\". With a "
		"version "
		"from 6 on nothing can be invalidated without the queue.",
};

static const struct finding idle_off = {
	.id = "queue-off-unused",
	.weight = NOTE,
	.certainty = CERTAIN,
	.next = "Nothing, if this unit is not to be used (intel_iommu=off, or not enabled yet).",
};

static const struct finding impossible = {
	.id = "register-contradiction",
	.weight = ERROR,
	.certainty = CERTAIN,
	.next = "No driver sets the register to this value: the dump is damaged, or the software "
		"that wrote it does not know this unit (a hypervisor?).",
};

static const struct finding busy = {
	.id = "queue-busy",
	.weight = NOTE,
	.certainty = CERTAIN,
	.next = "A queue at work looks like this for microseconds. Read the file again: if the "
		"head is "
		"still there, the queue is stuck, and invalidation_queue shows at which "
		"descriptor.",
};

static const struct finding stuck = {
	.id = "queue-stuck",
	.weight = CAUSE,
	.certainty = LIKELY,
	.from = "two dumps of the same unit: a head that moves on is hardly ever seen twice at one "
		"place",
	.next = "See what is at the head in invalidation_queue, and FSTS in this dump.",
};

static const struct finding masked = {
	.id = "fault-interrupt-masked",
	.weight = HINT,
	.certainty = CERTAIN,
	.next = "Errors of this unit are not logged until software polls FSTS: their absence in "
		"the log proves nothing.",
};

static const struct finding requests = {
	.id = "page-requests-lost",
	.weight = ERROR,
	.certainty = CERTAIN,
	.next = "The page request queue was full: see the log for \"PRQ overflow\". Devices retry, "
		"slowly.",
};

static bool has(const struct registers *r, enum register_name n)
{
	return r->has[n];
}

/* set(): known, with all of @bits set. clear(): known, with none of them set. */
static bool set(const struct registers *r, enum register_name n, uint64_t bits)
{
	return r->has[n] && (r->value[n] & bits) == bits;
}

static bool clear(const struct registers *r, enum register_name n, uint64_t bits)
{
	return r->has[n] && !(r->value[n] & bits);
}

/* True if IQERCD, if it was read, says more about the errors in FSTS. */
static bool knows_more(const struct registers *r)
{
	return r->has[REGISTER_IQERCD] && r->value[REGISTER_IQERCD] != UINT64_MAX;
}

static void check_refusal(struct decode *d, const char *name, const struct registers *r)
{
	const unsigned reason = (unsigned)(r->value[REGISTER_IQERCD] & 0xf);

	if (!set(r, REGISTER_FSTS, VTD_FSTS_IQE))
		return;
	if (knows_more(r) && reason)
		decode_find(d, &refused, r->line[REGISTER_IQERCD],
			    "%s: FSTS.IQE is set: the unit has refused the descriptor at IQH, and "
			    "fetches no more; IQERCD says why: reason %u, %s.",
			    name, reason, qi_iqei_text(reason));
	else
		decode_find(d, &iqe, r->line[REGISTER_FSTS],
			    "%s: FSTS.IQE is set: the unit has refused a descriptor, "
			    "and fetches no more.",
			    name);
}

static void check_timeout(struct decode *d, const char *name, const struct registers *r)
{
	const unsigned sid = (unsigned)(r->value[REGISTER_IQERCD] >> 32 & 0xffff);
	char text[SID_TEXT];

	if (!set(r, REGISTER_FSTS, VTD_FSTS_ITE))
		return;
	if (knows_more(r) && sid)
		decode_find_of(d, &of_device, r->line[REGISTER_IQERCD], sid,
			       "%s: FSTS.ITE is set, and IQERCD names the device that did not "
			       "answer: %s. What was fetched and not complete has been aborted.",
			       name, sid_text(text, sid));
	else
		decode_find(d, knows_more(r) ? &of_none : &ite, r->line[REGISTER_FSTS],
			    "%s: FSTS.ITE is set: a device has not answered, and what "
			    "was fetched and not complete has been aborted.",
			    name);
}

static void check_completion(struct decode *d, const char *name, const struct registers *r)
{
	const unsigned sid = (unsigned)(r->value[REGISTER_IQERCD] >> 48);
	char text[SID_TEXT];

	if (!set(r, REGISTER_FSTS, VTD_FSTS_ICE))
		return;
	if (knows_more(r) && sid)
		decode_find_of(d, &wrong_answer, r->line[REGISTER_IQERCD], sid,
			       "%s: FSTS.ICE is set, and IQERCD names the device that has sent a "
			       "wrong or unexpected completion: %s.",
			       name, sid_text(text, sid));
	else
		decode_find(d, &ice, r->line[REGISTER_FSTS],
			    "%s: FSTS.ICE is set: a device has sent a wrong or "
			    "unexpected completion.",
			    name);
}

/* It was read alone, on request, so its fields may belong to an old error. */
static void check_error_record(struct decode *d, const char *name, const struct registers *r)
{
	const uint64_t value = r->value[REGISTER_IQERCD];
	const unsigned silent = (unsigned)(value >> 32 & 0xffff), wrong = (unsigned)(value >> 48);
	char text[SID_TEXT];

	if (has(r, REGISTER_FSTS) || !knows_more(r))
		return;
	if (silent)
		decode_find_of(d, &recorded, r->line[REGISTER_IQERCD], silent,
			       "%s: IQERCD names a device that did not answer an invalidation of "
			       "its TLB: %s.",
			       name, sid_text(text, silent));
	if (wrong)
		decode_find_of(d, &recorded, r->line[REGISTER_IQERCD], wrong,
			       "%s: IQERCD names a device that has sent a wrong or unexpected "
			       "completion: %s.",
			       name, sid_text(text, wrong));
}

static void check_errors(struct decode *d, const char *name, const struct registers *r)
{
	const uint64_t line = r->line[REGISTER_FSTS];

	check_refusal(d, name, r);
	check_timeout(d, name, r);
	check_completion(d, name, r);
	check_error_record(d, name, r);
	if (has(r, REGISTER_FSTS) && r->value[REGISTER_FSTS] & (VTD_FSTS_PFO | VTD_FSTS_PPF))
		decode_find(d, &faults, line, "%s: there are fault records of DMA or interrupts%s.",
			    name,
			    set(r, REGISTER_FSTS, VTD_FSTS_PFO) ? ", and some were lost" : "");
	if (set(r, REGISTER_FSTS, VTD_FSTS_PRO) || set(r, REGISTER_PRS, 2))
		decode_find(d, &requests, line, "%s: page requests were lost (PRO).", name);
	if (set(r, REGISTER_FECTL, VTD_IECTL_IM))
		decode_find(d, &masked, r->line[REGISTER_FECTL],
			    "%s: the fault interrupt is masked (FECTL.IM).", name);
}

/* ---- the queue ---- */

bool registers_ring(const struct registers *r, struct registers_ring *ring)
{
	const uint64_t iqa = r->value[REGISTER_IQA];

	if (!has(r, REGISTER_IQA) || !has(r, REGISTER_IQH) || !has(r, REGISTER_IQT) ||
	    register_ones("IQA", iqa))
		return false;
	ring->each = iqa & VTD_IQA_DW ? 32 : 16;
	ring->bytes = 4096ULL << (iqa & VTD_IQA_QS_MASK);
	ring->head = r->value[REGISTER_IQH];
	ring->tail = r->value[REGISTER_IQT];
	return true;
}

static void check_pointer(struct decode *d, const char *name, const char *which, uint64_t value,
			  const struct registers_ring *ring, uint64_t line)
{
	if (value >= ring->bytes)
		decode_find(d, &impossible, line,
			    "%s: %s is 0x%" PRIx64 ", but the ring has 0x%" PRIx64 " bytes.", name,
			    which, value, ring->bytes);
	else if (value % ring->each)
		decode_find(d, &impossible, line,
			    "%s: %s is 0x%" PRIx64
			    ", which is no multiple of a descriptor's %u bytes.",
			    name, which, value, ring->each);
}

static uint64_t waiting(const struct registers_ring *ring)
{
	return (ring->tail + ring->bytes - ring->head) % ring->bytes / ring->each;
}

static void check_ring(struct decode *d, const char *name, const struct registers *r,
		       const struct registers *before)
{
	const uint64_t line = r->line[REGISTER_IQH];
	struct registers_ring ring, old;

	if (!registers_ring(r, &ring))
		return;
	check_pointer(d, name, "IQH", ring.head, &ring, line);
	check_pointer(d, name, "IQT", ring.tail, &ring, r->line[REGISTER_IQT]);
	if (ring.head == ring.tail || ring.head >= ring.bytes || ring.tail >= ring.bytes)
		return;
	if (before && registers_ring(before, &old) && old.head == ring.head && old.head != old.tail)
		decode_find(d, &stuck, line,
			    "%s: the head is at slot %" PRIu64 " in both dumps, with %" PRIu64
			    " descriptors before the tail.",
			    name, ring.head / ring.each, waiting(&ring));
	else
		decode_find(d, &busy, line,
			    "%s: %" PRIu64 " descriptors from slot %" PRIu64
			    " on were not fetched yet.",
			    name, waiting(&ring), ring.head / ring.each);
}

static void check_mode(struct decode *d, const char *name, const struct registers *r)
{
	const bool scalable = set(r, REGISTER_ECAP, VTD_ECAP_SMTS);

	if (has(r, REGISTER_ECAP) && !scalable && set(r, REGISTER_IQA, VTD_IQA_DW))
		decode_find(
			d, &impossible, r->line[REGISTER_IQA],
			"%s: IQA.DW asks for 256-bit descriptors, which a unit without ECAP.SMTS "
			"does not have.",
			name);
	if (has(r, REGISTER_ECAP) && !scalable && has(r, REGISTER_RTADDR) &&
	    VTD_RTADDR_TTM(r->value[REGISTER_RTADDR]) == VTD_TTM_SCALABLE)
		decode_find(d, &impossible, r->line[REGISTER_RTADDR],
			    "%s: RTADDR asks for scalable mode, which the unit does not have.",
			    name);
	if (clear(r, REGISTER_ECAP, VTD_ECAP_QI) && set(r, REGISTER_GSTS, VTD_GSTS_QIES))
		decode_find(d, &impossible, r->line[REGISTER_GSTS],
			    "%s: the queue is on, but ECAP says that there is none.", name);
	if (!clear(r, REGISTER_GSTS, VTD_GSTS_QIES) || clear(r, REGISTER_ECAP, VTD_ECAP_QI))
		return;
	if (r->value[REGISTER_GSTS] & (VTD_GSTS_TES | VTD_GSTS_IRES))
		decode_find(
			d, &off, r->line[REGISTER_GSTS],
			"%s: DMA or interrupts are remapped, but the invalidation queue is off.",
			name);
	else
		decode_find(d, &idle_off, r->line[REGISTER_GSTS],
			    "%s: neither remapping nor the invalidation queue is on.", name);
}

void registers_check(struct decode *d, const char *name, const struct registers *r,
		     const struct registers *before)
{
	if (set(r, REGISTER_CAP, UINT64_MAX) || set(r, REGISTER_GSTS, UINT32_MAX) ||
	    set(r, REGISTER_FSTS, UINT32_MAX)) {
		decode_find(
			d, &gone, r->line[REGISTER_FSTS],
			"%s: %u of %u registers read as all ones: the unit does not answer, and "
			"none of its values means anything.",
			name, r->ones, r->read);
		return;
	}
	check_errors(d, name, r);
	check_mode(d, name, r);
	check_ring(d, name, r, before);
}
