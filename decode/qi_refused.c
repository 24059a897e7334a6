/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* A descriptor that the unit has refused (IQE): which one, why, and what is not the cause. */
#include "dmesg_qi.h"
#include "judge.h"

#include <inttypes.h>
#include <stdio.h>

static const struct finding queue_error = {
	.id = "queue-error",
	.weight = ERROR,
	.certainty = CERTAIN,
	.next = "Look at the descriptor at HEAD, and at the driver that submitted it (that of the "
		"domain or device that it names). CAP and ECAP of the unit, from the boot log or "
		"by --cap "
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

/* The text about HEAD if a descriptor is the cause. */
static const char *head_words(const struct qi_error *e)
{
	const struct row *head = qi_row(e, "HEAD");

	if (e->mixed)
		return "It is one of those at HEAD; which one is not known.";
	if (!head || !row_whole(head))
		return "It is the one at HEAD, which is not in this input, or not whole.";
	if (qi_row_blank(head))
		return "It is the one at HEAD, which is all zero: the unit has fetched a slot that "
		       "was not written, so the tail is ahead of the descriptors, or the unit does "
		       "not "
		       "see what "
		       "the CPU has written (ECAP.C = 0 without a flush, wrong IQA).";
	if (in_any_unit(head))
		return "It is the one at HEAD, and in itself it is a valid one: the unit may lack "
		       "what it "
		       "asks for, or have read something else than the kernel printed.";
	return "It is the one at HEAD.";
}

/* A console with a lower level does not show it. */
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
		    "first of its submission; otherwise the queue stays stopped, and every CPU "
		    "that submits spins for ever.%s",
		    console);
}

void qi_find_refused(struct decode *d, const struct qi_error *e)
{
	const struct row *head = qi_row(e, "HEAD");
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
	if (!e->cleared[QI_IQE] && head && qi_row(e, "PRIOR") && !e->old)
		find_not_cleared(d, e);
}
