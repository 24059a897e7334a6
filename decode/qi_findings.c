/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* What an error of the queue means, and what it does not mean. */
#include "dmesg_qi.h"
#include "judge.h"

#include <describe/describe.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define LINUX_DONE 2 /* the status data of Linux's waits */
#define LINUX_SLOTS 256
/* PCI Express lets a device think for a minute and more before it has timed out. */
#define REMOVAL_SECONDS 180.0
#define REMOVAL_LINES 400
#define RESET_SECONDS 10.0
#define RESET_LINES 60

#define ATS_STEPS                                                                                \
	"`lspci -vvv` lists the devices with \"ATSCtl: Enable+\". If one is known to be bad or " \
	"gone, keep "                                                                            \
	"ATS off for it (pci=noats for all, or a quirk) and see whether the errors stop."

static struct row *with_role(struct block *b, const char *role)
{
	for (unsigned i = 0; i < b->rows; i++)
		if (b->row[i].role && !strcmp(b->row[i].role, role))
			return &b->row[i];
	return NULL;
}

/* NULL: not there, or of which error is not known. */
static struct row *row_of(const struct qi_error *e, const char *role)
{
	return e->mixed ? NULL : with_role(e->block, role);
}

static bool is_linux_wait(const struct row *r)
{
	return r && row_whole(r) && !r->open && qi_desc_type(&r->desc) == QI_IWD_TYPE &&
	       r->desc.qw0 & QI_IWD_SW && r->desc.qw0 >> 32 == LINUX_DONE;
}

static bool is_blank(const struct row *r)
{
	return r && row_whole(r) && !r->desc.qw0 && !r->desc.qw1;
}

void qi_slots(struct block *b)
{
	struct row *head = with_role(b, "HEAD"), *prior = with_role(b, "PRIOR");

	/*
	 * Two waits in a row: if they do not agree on the next slot, the rule does not hold here.
	 */
	if (is_linux_wait(prior) && is_linux_wait(head) &&
	    ((head->desc.qw1 - prior->desc.qw1) & 0x3ff) >> 2 != 1)
		return;
	if (is_linux_wait(prior)) {
		prior->slot = (long)(prior->desc.qw1 & 0x3ff) >> 2;
		prior->inferred = true;
	} else if (is_linux_wait(head)) {
		head->slot = (long)(head->desc.qw1 & 0x3ff) >> 2;
		head->inferred = true;
	}
	if (head && prior && prior->slot >= 0) {
		head->slot = (prior->slot + 1) % LINUX_SLOTS;
		head->inferred = true;
	} else if (head && prior && head->slot >= 0) {
		prior->slot = (head->slot + LINUX_SLOTS - 1) % LINUX_SLOTS;
		prior->inferred = true;
	}
}

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

/* Do all values that were printed consist of ones? Then it was the read that failed. */
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

/* ---- IQE ---- */

static const struct finding queue_error = {
	.id = "queue-error",
	.weight = ERROR,
	.certainty = CERTAIN,
	.next = "Look at the descriptor at HEAD, and at who submitted it (the driver of the domain "
		"or "
		"device that it names). CAP and ECAP of the unit, from the boot log or by --cap "
		"and --ecap, "
		"tell whether the unit offers what it asks for.",
};

static const struct finding queue_setup = {
	.id = "queue-setup",
	.weight = ERROR,
	.certainty = CERTAIN,
	.next = "Compare IQT, IQA and RTADDR (debugfs iommu_regset) with what the unit can do: "
		"this is how "
		"the driver, or a hypervisor's unit, sets up the queue, not what is in it.",
};

static const struct finding not_cleared = {
	.id = "error-not-cleared",
	.weight = HINT,
	.certainty = INFERRED,
	.from = "the missing line \"(IQE) cleared\"; it has level info, and is not in captures of "
		"a console "
		"whose loglevel is below 7",
	.next = "Get the whole log (`dmesg`, or the journal). If the line is missing there too, "
		"and CPUs hang "
		"in qi_submit_sync: this is bug-history 32, the submission has to be split or "
		"fixed.",
};

static bool in_any_unit(const struct row *r)
{
	struct qi_desc desc = r->desc;
	struct qi_rules rules;
	uint64_t cap, ecap;

	qi_desc_align(&desc);
	judge_any_caps(&cap, &ecap);
	qi_rules_init(&rules, cap, ecap, 128);
	return qi_desc_valid(&rules, &desc);
}

/* What to say of HEAD when a descriptor is to blame. */
static const char *head_words(const struct qi_error *e)
{
	const struct row *head = row_of(e, "HEAD");

	if (e->mixed)
		return "It is one of those at HEAD; which one is not known.";
	if (!head || !row_whole(head))
		return "It is the one at HEAD, which is not in this input, or not whole.";
	if (is_blank(head))
		return "It is the one at HEAD, which is all zero: the unit has fetched a slot that "
		       "nobody "
		       "has written, so the tail is ahead of the descriptors, or the unit does not "
		       "see what "
		       "the CPU has written (ECAP.C = 0 without a flush, wrong IQA).";
	if (in_any_unit(head))
		return "It is the one at HEAD, and in itself it is a valid one: the unit may lack "
		       "what it "
		       "asks for, or have read something else than the kernel printed.";
	return "It is the one at HEAD.";
}

/* On a console below that level nobody could have seen it. */
#define LEVEL_INFO 7

static void find_not_cleared(struct decode *d, const struct qi_error *e)
{
	const int level = decode_facts(d)->loglevel;
	char console[80] = "";

	if (level >= 0 && level < LEVEL_INFO)
		snprintf(console, sizeof(console),
			 " (The command line has loglevel=%d: a console would not show it.)",
			 level);
	decode_find(d, &not_cleared, e->block->line,
		    "Linux has not said that it cleared IQE. It clears it only if the descriptor "
		    "was the "
		    "first of its submission; otherwise the queue stays stopped, and everybody who "
		    "submits spins for ever.%s",
		    console);
}

static void find_iqe(struct decode *d, const struct qi_error *e)
{
	const struct row *head = row_of(e, "HEAD");
	const uint64_t reason = e->value[QI_IQE];

	if (e->old)
		decode_find(d, &queue_error, e->block->line,
			    "The unit has refused a descriptor (IQE). Linux before 5.13 prints no "
			    "reason, "
			    "and this line only if it was the first of its submission. %s",
			    head_words(e));
	else if (e->cut[QI_IQE])
		decode_find(d, &queue_error, e->block->line,
			    "The unit has refused a descriptor (IQE); the reason is cut off. %s",
			    head_words(e));
	else if (reason == 1 || reason == 6)
		decode_find(d, &queue_setup, e->block->line,
			    "The unit has refused the queue's tail (IQE, reason %" PRIu64
			    "): neither HEAD nor PRIOR is to blame, but what was written to IQT.",
			    reason);
	else if (reason == 5 || reason == 7)
		decode_find(d, &queue_setup, e->block->line,
			    "The unit has refused to work (IQE, reason %" PRIu64
			    "): IQA.DW, the width of the descriptors, or the translation table "
			    "mode in RTADDR "
			    "is wrong. Neither HEAD nor PRIOR is to blame.",
			    reason);
	else if (reason == 2)
		decode_find(d, &queue_setup, e->block->line,
			    "The unit could not read the descriptor at IQH from memory (IQE, "
			    "reason 2): its "
			    "words are not to blame, but the ring's address in IQA, or the memory "
			    "there.");
	else
		decode_find(d, &queue_error, e->block->line,
			    "The unit has refused a descriptor (IQE, reason %" PRIx64 "%s). %s",
			    reason,
			    reason == 3	  ? ", invalid type"
			    : reason == 4 ? ", reserved field set"
			    : reason	  ? ", which is not defined"
					  : ": the unit does not say why",
			    head_words(e));
	if (!e->cleared[QI_IQE] && head && row_of(e, "PRIOR") && !e->old)
		find_not_cleared(d, e);
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

/* Does an event explain what came soon after it? */
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

/* From the first kernel whose submissions have any number of descriptors to the repaired one. */
static bool walks_by_two(unsigned kernel)
{
	return !kernel || (kernel >= 5008 && kernel < 7000);
}

/* Which of HEAD and PRIOR tells anything of who timed out. */
static void find_suspects(struct decode *d, const struct qi_error *e)
{
	const struct row *head = row_of(e, "HEAD"), *prior = row_of(e, "PRIOR");
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

/* Whichever device it was, the waits are aborted. */
static void find_abort_walk(struct decode *d, const struct qi_error *e)
{
	const struct row *prior = row_of(e, "PRIOR");

	if (is_linux_wait(prior) && prior->slot >= 0 && !(prior->slot & 1) &&
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
	const struct row *prior = row_of(e, "PRIOR");
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
				    ? "Its source id is cut off."
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
	struct row *head = row_of(e, "HEAD");

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
		find_iqe(d, e);
	else if (is_blank(head) && !head->note && (e->seen[QI_ITE] || e->seen[QI_ICE]))
		head->note = text_print(
			"all zero: never written since boot, as the ring has not wrapped yet; "
			"no error");
	if (e->seen[QI_ITE])
		find_ite(d, e);
	if (e->seen[QI_ICE])
		find_ice(d, e);
	qi_error_history(d, e);
}
