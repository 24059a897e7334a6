/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* queue.c - turning the queue on and off, head and tail, sizes, wrapping. */
#include "trial.h"

#include <string.h>

#define SECTION_HEAD "11.4.9 Invalidation Queue Head Register"
#define SECTION_TAIL "11.4.9 Invalidation Queue Tail Register"
#define SECTION_ADDRESS "11.4.9 Invalidation Queue Address Register"
#define SECTION_COMMAND "11.4 Global Command Register"

/* ---- On ---- */

static void check_on(struct trial *t, unsigned arg)
{
	(void)arg;
	if (trial_queue_on(t, 0))
		trial_expect(t, trial_read(t, DMAR_IQH_REG) == 0, "IQH is not 0");
}

static void check_nothing_while_off(struct trial *t, unsigned arg)
{
	(void)arg;
	t->slots = 256;
	trial_write(t, DMAR_IQA_REG, trial_iqa(t, trial_ring(t), 0));
	trial_set_status(t, 0, 0);
	trial_put(t, trial_wait(t, QI_IWD_SW, 0, 5));
	trial_submit(t);
	trial_expect(t, trial_status(t, 0) == 0, "a descriptor is executed");
	trial_expect(t, trial_read(t, DMAR_IQH_REG) == 0, "IQH moves");
}

static void check_tail_first(struct trial *t, unsigned arg)
{
	check_nothing_while_off(t, arg);
	trial_command(t, VTD_GCMD_QIE, true);
	trial_expect(t, trial_status(t, 0) == 5, "the descriptor is not executed");
	trial_expect(t, trial_head(t) == 1 && !trial_read(t, DMAR_FSTS_REG),
		     "the queue goes on behind the tail");
}

/* The tail is one slot, in bytes of the width in IQA, even if IQA is written later. */
static void check_tail_before_address(struct trial *t, unsigned arg)
{
	(void)arg;
	t->slots = 256;
	trial_set_status(t, 0, 0);
	trial_put(t, trial_wait(t, QI_IWD_SW, 0, 5));
	trial_write(t, DMAR_IQT_REG, 1ULL << trial_shift(t));
	trial_write(t, DMAR_IQA_REG, trial_iqa(t, trial_ring(t), 0));
	trial_command(t, VTD_GCMD_QIE, true);
	trial_expect(t, trial_status(t, 0) == 5, "the descriptor is not executed");
	trial_expect(t, trial_head(t) == 1 && !trial_read(t, DMAR_FSTS_REG),
		     "the queue goes on behind the tail");
}

static void check_second_command(struct trial *t, unsigned arg)
{
	(void)arg;
	if (!trial_queue_on(t, 0))
		return;
	trial_put(t, trial_invalidation());
	trial_submit(t);
	trial_command(t, VTD_GCMD_QIE, true);
	trial_expect(t, trial_head(t) == 1, "IQH moves");
	trial_put(t, trial_wait(t, QI_IWD_SW, 0, 5));
	trial_submit(t);
	trial_expect(t, trial_status(t, 0) == 5, "the queue does not go on");
}

/* ---- Head and tail ---- */

static void check_head(struct trial *t, unsigned arg)
{
	(void)arg;
	if (!trial_queue_on(t, 0))
		return;
	for (unsigned i = 1; i <= 3; i++) {
		for (unsigned k = 0; k < i; k++)
			trial_put(t, trial_invalidation());
		trial_submit(t);
		if (trial_read(t, DMAR_IQH_REG) != (uint64_t)t->tail << trial_shift(t))
			trial_deviates(t, "IQH is 0x%llx behind %u descriptors",
				       (unsigned long long)trial_read(t, DMAR_IQH_REG), t->tail);
	}
}

static void check_empty(struct trial *t, unsigned arg)
{
	(void)arg;
	if (!trial_queue_on(t, 0))
		return;
	trial_put(t, trial_invalidation());
	trial_put_at(t, 1, trial_wait(t, QI_IWD_SW, 0, 5));
	trial_submit(t);
	trial_submit(t);
	trial_expect(t, trial_status(t, 0) == 0, "a descriptor at the tail is executed");
	trial_expect(t, trial_head(t) == 1, "IQH moves");
}

/* All slots are fetched in order: waits in some of them write a word each. */
static void check_wrap(struct trial *t, unsigned qs)
{
	if (!trial_queue_on(t, qs))
		return;
	while (t->tail < t->slots - 2)
		trial_put(t, trial_invalidation());
	trial_submit(t);
	for (unsigned i = 0; i < 4; i++) /* last but one, last, first, second */
		trial_put(t, trial_wait(t, QI_IWD_SW, i, 5 + i));
	trial_submit(t);
	for (unsigned i = 0; i < 4; i++)
		trial_expect(t, trial_status(t, i) == 5 + i,
			     "not all descriptors around the end are executed");
	trial_expect(t, trial_head(t) == 2, "IQH does not wrap at the ring's size");
}

static void check_full(struct trial *t, unsigned arg)
{
	(void)arg;
	if (!trial_queue_on(t, 0))
		return;
	for (unsigned lap = 1; lap <= 2; lap++) {
		while (t->tail != t->slots - 1 - lap)
			trial_put(t, trial_invalidation());
		trial_put(t, trial_wait(t, QI_IWD_SW, 0, lap));
		trial_submit(t);
		trial_expect(t, trial_status(t, 0) == lap, "a full ring is not executed");
	}
}

/* ---- Off ---- */

/* The last descriptor before QIE is cleared. In DRAINED it is a wait. */
enum { NOTHING, INVALIDATION, WAIT };

static bool turn_off(struct trial *t, unsigned last)
{
	if (!trial_queue_on(t, 0))
		return false;
	if (last == INVALIDATION)
		trial_put(t, trial_invalidation());
	if (last == WAIT)
		trial_put(t, trial_wait(t, QI_IWD_SW, 0, 5));
	trial_submit(t);
	trial_command(t, VTD_GCMD_QIE, false);
	return trial_expect(t, !(trial_read(t, DMAR_GSTS_REG) & VTD_GSTS_QIES),
			    "GSTS.QIES stays set when GCMD.QIE is cleared");
}

static void check_off(struct trial *t, unsigned last)
{
	if (turn_off(t, last))
		trial_expect(t, trial_read(t, DMAR_IQH_REG) == 0, "IQH is not reset to 0");
}

static void check_on_again(struct trial *t, unsigned arg)
{
	struct qi_desc d;

	(void)arg;
	if (!turn_off(t, WAIT))
		return;
	trial_write(t, DMAR_IQT_REG, 0);
	trial_write(t, DMAR_IQA_REG, trial_iqa(t, trial_other_ring(t), 0));
	trial_command(t, VTD_GCMD_QIE, true);
	d = trial_wait(t, QI_IWD_SW, 1, 6);
	t->dev->store(t->dev->ctx, trial_other_ring(t), &d, 1U << trial_shift(t));
	t->tail = 1;
	trial_submit(t);
	trial_expect(t, trial_status(t, 1) == 6, "it does not work from the start of the new ring");
}

static void check_other_commands(struct trial *t, unsigned arg)
{
	(void)arg;
	if (!trial_queue_on(t, 0))
		return;
	trial_put(t, trial_invalidation());
	trial_submit(t);
	trial_command(t, VTD_GCMD_SRTP, true);
	trial_expect(t, trial_read(t, DMAR_GSTS_REG) & VTD_GSTS_RTPS, "GSTS.RTPS stays clear");
	trial_expect(t, trial_read(t, DMAR_GSTS_REG) & VTD_GSTS_QIES, "GSTS.QIES goes off");
	trial_expect(t, trial_head(t) == 1, "IQH moves");
}

/* ---- Width and translation table mode ---- */

static void set_table_mode(struct trial *t, unsigned mode)
{
	trial_write(t, DMAR_RTADDR_REG, trial_other_ring(t) | mode << 10);
	trial_command(t, VTD_GCMD_SRTP, true);
}

static void check_narrow_scalable(struct trial *t, unsigned arg)
{
	(void)arg;
	if (!trial_needs(t, has_ecap(t, VTD_ECAP_SMTS), "no scalable mode without ECAP.SMTS"))
		return;
	set_table_mode(t, VTD_TTM_SCALABLE);
	trial_refuses(t, trial_invalidation());
}

static void check_wide_scalable(struct trial *t, unsigned arg)
{
	(void)arg;
	set_table_mode(t, VTD_TTM_SCALABLE);
	trial_accepts(t, trial_invalidation());
}

/* RTADDR's mode bits have no meaning then. */
static void check_mode_without(struct trial *t, unsigned mode)
{
	if (!trial_needs(t, !has_ecap(t, VTD_ECAP_SMTS), "only without ECAP.SMTS"))
		return;
	set_table_mode(t, mode);
	trial_accepts(t, trial_invalidation());
}

static void check_wide_without(struct trial *t, unsigned arg)
{
	(void)arg;
	if (!trial_needs(t, !has_ecap(t, VTD_ECAP_SMTS), "only without ECAP.SMTS"))
		return;
	t->width = 256;
	trial_refuses(t, trial_invalidation());
}

#define WRAP(qs)                                                                            \
	{                                                                                   \
		"queue.wrap-qs" #qs, "the ring has 4 KiB times 2^QS, and wraps at its end", \
			SECTION_ADDRESS, check_wrap, qs, BOTH_WIDTHS                        \
	}

const struct conform_case conform_queue[] = {
	{ "queue.on", "GCMD.QIE turns the queue on, GSTS.QIES says so, IQH is 0", SECTION_COMMAND,
	  check_on, 0, BOTH_WIDTHS },
	{ "queue.on-twice", "GCMD.QIE written again while the queue is on changes nothing",
	  SECTION_COMMAND, check_second_command, 0, BOTH_WIDTHS },
	{ "queue.off-fetches-nothing", "nothing is fetched while the queue is off", SECTION_QUEUE,
	  check_nothing_while_off, 0, BOTH_WIDTHS },
	{ "queue.tail-first", "a tail written before the queue is on counts when it is",
	  SECTION_QUEUE, check_tail_first, 0, BOTH_WIDTHS },
	{ "queue.tail-before-address", "a tail may be written before the address and the width",
	  SECTION_QUEUE, check_tail_before_address, 0, BOTH_WIDTHS },
	{ "queue.head", "IQH is the byte offset of the descriptor to be fetched next", SECTION_HEAD,
	  check_head, 0, BOTH_WIDTHS },
	{ "queue.empty", "the queue is empty when IQH equals IQT", SECTION_QUEUE, check_empty, 0,
	  BOTH_WIDTHS },
	{ "queue.full", "all slots but one can be filled", SECTION_QUEUE, check_full, 0,
	  BOTH_WIDTHS },
	WRAP(0),
	WRAP(1),
	WRAP(2),
	WRAP(3),
	WRAP(4),
	WRAP(5),
	WRAP(6),
	WRAP(7),
	{ "queue.off-unused", "GCMD.QIE 0 turns a queue off that was never used, IQH is 0",
	  SECTION_COMMAND, check_off, NOTHING, BOTH_WIDTHS },
	{ "queue.off-after-invalidation",
	  "GCMD.QIE 0 turns the queue off behind an invalidation, IQH is 0", SECTION_COMMAND,
	  check_off, INVALIDATION, BOTH_WIDTHS },
	{ "queue.off-after-wait", "GCMD.QIE 0 turns the queue off behind a wait, IQH is 0",
	  SECTION_COMMAND, check_off, WAIT, BOTH_WIDTHS },
	{ "queue.on-again", "a queue turned off and on starts at the new ring's first slot",
	  SECTION_COMMAND, check_on_again, 0, BOTH_WIDTHS },
	{ "queue.other-commands", "GCMD.SRTP leaves the queue alone", SECTION_COMMAND,
	  check_other_commands, 0, BOTH_WIDTHS },
	{ "queue.width-scalable", "with a table in scalable mode descriptors have 256 bits: IQE",
	  SECTION_QUEUE, check_narrow_scalable, 0, 0 },
	{ "queue.width-scalable-wide", "with a table in scalable mode descriptors of 256 bits work",
	  SECTION_QUEUE, check_wide_scalable, 0, WIDE_ONLY },
	{ "queue.mode-without-smts",
	  "without scalable mode RTADDR does not say how wide descriptors are", SECTION_QUEUE,
	  check_mode_without, VTD_TTM_SCALABLE, 0 },
	{ "queue.width-without-smts", "without scalable mode descriptors of 256 bits raise IQE",
	  SECTION_TAIL, check_wide_without, 0, 0 },
	{ 0 }
};
