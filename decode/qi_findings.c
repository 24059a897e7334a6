/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Explanations of the queue's errors. */
#include "dmesg_qi.h"

#include <describe/describe.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* PCI Express lets a device delay its answer for more than a minute. */
#define REMOVAL_SECONDS 180.0
#define REMOVAL_LINES 400
#define RESET_SECONDS 10.0
#define RESET_LINES 60

#define ATS_STEPS                                                                                \
	"`lspci -vvv` lists the devices with \"ATSCtl: Enable+\". If one is known to be bad or " \
	"gone, keep "                                                                            \
	"ATS off for it (pci=noats for all, or a quirk) and see whether the errors stop."

/* ---- all ones ---- */

static const struct finding unit_gone = {
	.id = "unit-not-answering",
	.weight = CAUSE,
	.certainty = CERTAIN,
	.next = "Find out why the unit's registers are out of reach: compare its base address "
		"(reg_base_addr in the boot log) with /proc/iomem and with the windows of bridges "
		"in `lspci "
		"-vv`; look at what was configured just before (VMD, hotplug, power management).",
};

/* True if all printed values are all ones: then reading the registers failed. */
static bool all_ones(const struct qi_error *e, unsigned *values)
{
	const uint64_t ones[QI_ERRORS] = { 0xf, 0xffff, 0xffff };

	*values = 0;
	for (unsigned i = 0; i < QI_ERRORS; i++) {
		if (!e->seen[i] || e->cut[i])
			continue;
		if (e->value[i] != ones[i])
			return false;
		++*values;
	}
	return *values;
}

static bool find_all_ones(struct decode *d, const struct qi_error *e)
{
	struct finding f = unit_gone;
	unsigned values;

	if (!all_ones(e, &values))
		return false;
	e->block->unread = true;
	for (unsigned i = 0; i < e->block->rows; i++)
		if (!e->block->row[i].note)
			e->block->row[i].note = text_print("not the queue's: the unit's registers "
							   "could not be read");
	if (values < QI_ERRORS) {
		f.certainty = LIKELY;
		f.from = "the value, which no working unit reports; the other error bits, that "
			 "would be set "
			 "too, are not in this input";
	}
	decode_find(d, &f, e->block->line,
		    "FSTS and IQERCD were read as all ones: the unit does not answer at all. This "
		    "is no "
		    "error of the queue: the reason code and the source ids mean nothing, and the "
		    "HEAD and "
		    "PRIOR that were printed are not the queue's, since IQH was all ones too.");
	return true;
}

/* ---- ITE and ICE ---- */

static const struct finding device_timeout = {
	.id = "device-timeout",
	.weight = ERROR,
	.certainty = CERTAIN,
	.next = "Look at the device: is it still there (`lspci`, pciehp messages), in reset, or "
		"broken? " ATS_STEPS,
};

static const struct finding timeout_unnamed = {
	.id = "device-timeout",
	.weight = ERROR,
	.certainty = CERTAIN,
	.next = "Find the device by other means: " ATS_STEPS
		" What happened just before the first error?",
};

static const struct finding timeout_prior = {
	.id = "suspect-device",
	.weight = SUSPECT,
	.certainty = LIKELY,
	.from = "PRIOR, the last descriptor that was fetched, is a device-TLB invalidation; "
		"earlier ones may "
		"have been pending as well",
	.next = "Look at this device first: " ATS_STEPS,
};

static const struct finding timeout_head = {
	.id = "head-is-not-the-suspect",
	.weight = HINT,
	.certainty = INFERRED,
	.from = "the way in which IQH moves: it points behind the last descriptor that was fetched",
	.next = "Do not conclude from HEAD alone; that this device uses ATS makes it one of the "
		"candidates.",
};

static const struct finding lines_missing = {
	.id = "lines-missing",
	.weight = NOTE,
	.certainty = CERTAIN,
	.next = "Get the lines QI HEAD and QI PRIOR from the whole log (`dmesg`, `journalctl -k`): "
		"they follow "
		"at once.",
};

static const struct finding abort_walk = {
	.id = "abort-walk",
	.weight = SUSPECT,
	.certainty = INFERRED,
	.from = "the slot rule: Linux keeps 256 status words in 1 KiB that is aligned, so bits 9:2 "
		"of the "
		"status address are the slot; that is wrong with debug allocators",
	.next = "Does a CPU hang in qi_submit_sync (lockup or stall messages)? Fixed by "
		"fe89277c9ceb (7.0 and "
		"stable); before, the loop that aborts waits looks at odd slots only.",
};

static const struct finding completion_error = {
	.id = "completion-error",
	.weight = ERROR,
	.certainty = CERTAIN,
	.next = "Look at the device: a reset with ATS left on, wrong firmware, or a bridge that "
		"changes its "
		"source id. " ATS_STEPS,
};

static const struct finding removal = {
	.id = "surprise-removal",
	.weight = CAUSE,
	.certainty = LIKELY,
	.from = "the order of the messages",
	.next = "Was it pulled, or did the link fail? Linux 6.9 and later do not send device-TLB "
		"invalidations "
		"to a device that is known to be gone (4fc82cd907ac); before, and if it goes "
		"later, this "
		"time-out is what happens.",
};

/* True if an event explains what came soon after it. */
static bool soon_after_event(const struct decode_event *e, const struct block *b, double seconds,
			     uint64_t lines)
{
	if (!e->line)
		return false;
	if (b->timed && e->timed)
		return qi_within(e->time, b->time, seconds);
	return b->line - e->line <= lines;
}

static void find_removal(struct decode *d, const struct qi_error *e)
{
	if (!soon_after_event(&e->gone, e->block, REMOVAL_SECONDS, REMOVAL_LINES))
		return;
	for (unsigned i = 0; i < 2; i++)
		decode_find(d, &removal, i ? e->block->line : e->gone.line,
			    "A device went away before the time-out (%s). A device that is gone "
			    "never answers an "
			    "invalidation of its device TLB.",
			    e->gone.what);
}

static const struct finding was_reset = {
	.id = "device-was-reset",
	.weight = CAUSE,
	.certainty = INFERRED,
	.from = "the order of the messages: the device is a candidate because something was done "
		"to it just before",
	.next = "See whether the errors come with each reset of this device. " ATS_STEPS,
};

static void find_reset(struct decode *d, const struct qi_error *e)
{
	if (!soon_after_event(&e->reset, e->block, RESET_SECONDS, RESET_LINES))
		return;
	for (unsigned i = 0; i < 2; i++)
		decode_find(d, &was_reset, i ? e->block->line : e->reset.line,
			    "A device was reset shortly before the error (%s).", e->reset.what);
}

static bool is_dev_tlb(const struct row *r)
{
	return r && r->known & 1 && /* the device is in qw0 */
	       (qi_desc_type(&r->desc) == QI_DIOTLB_TYPE ||
		qi_desc_type(&r->desc) == QI_DEIOTLB_TYPE);
}

static unsigned row_sid(const struct row *r)
{
	return (unsigned)(qi_desc_type(&r->desc) == QI_DIOTLB_TYPE ? r->desc.qw0 >> 32
								   : r->desc.qw0 >> 16) &
	       0xffff;
}

static const char *row_device(const struct row *r, char to[SID_TEXT])
{
	return sid_text(to, row_sid(r));
}

/* From the first kernel with several descriptors per submission up to the fixed one. */
static bool walks_by_two(unsigned kernel)
{
	return !kernel || (kernel >= 5008 && kernel < 7000);
}

/* Find the devices in HEAD or PRIOR that may have timed out. */
static void find_suspects(struct decode *d, const struct qi_error *e)
{
	const struct row *head = qi_row(e, "HEAD"), *prior = qi_row(e, "PRIOR");
	char sid[SID_TEXT];

	if (!head && !prior && !e->mixed && !e->again)
		decode_find(d, &lines_missing, e->block->line,
			    "The lines with HEAD and PRIOR are not in this input. Linux, since "
			    "5.13, always "
			    "prints them behind the error; their absence says nothing about the "
			    "queue.");
	if (is_dev_tlb(prior))
		decode_find_of(d, &timeout_prior, prior->line, row_sid(prior),
			       "The invalidation that timed out may be PRIOR: a device-TLB "
			       "invalidation for %s.",
			       row_device(prior, sid));
	if (is_dev_tlb(head))
		decode_find_of(d, &timeout_head, head->line, row_sid(head),
			       "HEAD, a device-TLB invalidation for %s, is not the one that timed "
			       "out: it is the "
			       "next one to be fetched, or left in its slot from an earlier lap of "
			       "the ring.",
			       row_device(head, sid));
}

/* The abort of waits does not depend on the device. */
static void find_abort_walk(struct decode *d, const struct qi_error *e)
{
	const struct row *prior = qi_row(e, "PRIOR");

	if (qi_linux_wait(prior) && prior->slot >= 0 && !(prior->slot & 1) &&
	    walks_by_two(decode_facts(d)->kernel))
		decode_find(d, &abort_walk, prior->line,
			    "The wait at PRIOR lies in the even slot %ld. After a time-out Linux "
			    "walks back over "
			    "every second slot, the odd ones, and aborts the waits that it finds "
			    "there: this one is "
			    "missed, so its owner is not told to submit again, or the walk never "
			    "ends and the CPU "
			    "locks up.",
			    prior->slot);
}

static const char *prior_words(const struct row *prior)
{
	if (!prior || !row_whole(prior))
		return "";
	if (qi_desc_type(&prior->desc) == QI_IWD_TYPE)
		return " PRIOR is only the wait for it: the invalidation itself is in a slot "
		       "before that, which "
		       "Linux does not print.";
	return "";
}

static void find_ite(struct decode *d, const struct qi_error *e)
{
	const struct row *prior = qi_row(e, "PRIOR");
	const uint64_t value = e->value[QI_ITE];
	char sid[SID_TEXT];

	if (value && !e->cut[QI_ITE])
		decode_find_of(
			d, &device_timeout, e->block->line, (unsigned)value,
			"The device %s did not answer a device-TLB (ATS) invalidation in time "
			"(ITE).",
			sid_text(sid, (unsigned)value));
	else
		decode_find(d, &timeout_unnamed, e->block->line,
			    "A device did not answer a device-TLB (ATS) invalidation in time "
			    "(ITE). %s%s",
			    e->cut[QI_ITE]
				    ? "Its source id is not in this input."
				    : "SID 0 does not mean 00:00.0: the unit does not report which "
				      "device it was.",
			    prior_words(prior));
	find_removal(d, e);
	find_reset(d, e);
	if (!value || e->cut[QI_ITE])
		find_suspects(d, e);
	find_abort_walk(d, e);
}

static void find_ice(struct decode *d, const struct qi_error *e)
{
	const uint64_t value = e->value[QI_ICE];
	char sid[SID_TEXT];

	find_reset(d, e);
	if (value && !e->cut[QI_ICE])
		decode_find_of(d, &completion_error, e->block->line, (unsigned)value,
			       "The device %s has sent an invalid or unexpected completion of an "
			       "invalidation "
			       "(ICE). The queue goes on; what was to be invalidated may not be.",
			       sid_text(sid, (unsigned)value));
	else
		decode_find(d, &completion_error, e->block->line,
			    "A device has sent an invalid or unexpected completion of an "
			    "invalidation (ICE)%s. "
			    "The queue goes on, so neither HEAD nor PRIOR has to do with it.",
			    e->cut[QI_ICE]
				    ? ", its source id is not in this input"
				    : "; SID 0: the unit does not report which device it was");
}

static const struct finding which_error = {
	.id = "queue-error",
	.weight = ERROR,
	.certainty = CERTAIN,
	.next = "Get the lines \"VT-d detected ...\" from just before: whether HEAD or PRIOR or "
		"neither is to "
		"blame depends on them.",
};

static const struct finding lines_mixed = {
	.id = "lines-mixed",
	.weight = NOTE,
	.certainty = CERTAIN,
	.next = "Boot a kernel with CONFIG_PRINTK_CALLER, whose lines say which CPU or task prints "
		"them; until then take HEAD and PRIOR for those of any of these errors.",
};

void qi_error_findings(struct decode *d, const struct qi_error *e)
{
	struct row *head = qi_row(e, "HEAD");

	if (find_all_ones(d, e))
		return;
	if (e->mixed)
		decode_find(d, &lines_mixed, e->block->line,
			    "Several errors were printed at once, and their lines are mixed: which "
			    "HEAD and PRIOR belong to which error is not known.");
	if (!e->seen[QI_IQE] && !e->seen[QI_ITE] && !e->seen[QI_ICE])
		decode_find(d, &which_error, e->block->line,
			    "The unit has reported an error of the invalidation queue; the line "
			    "that says which is "
			    "not in this input.");
	if (e->seen[QI_IQE])
		qi_find_refused(d, e);
	else if (qi_row_blank(head) && !head->note && (e->seen[QI_ITE] || e->seen[QI_ICE]))
		head->note = text_print(
			"all zero: never written since boot, as the ring has not wrapped yet; "
			"no error");
	if (e->seen[QI_ITE])
		find_ite(d, e);
	if (e->seen[QI_ICE])
		find_ice(d, e);
	qi_error_history(d, e);
}
