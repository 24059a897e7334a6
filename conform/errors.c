/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* errors.c - IQE: its causes, what stops, what goes on, and the contents of IQERCD. */
#include "trial.h"

#define SECTION_STATUS "11.4 Fault Status Register"
#define SECTION_RECORD "11.4.9 Invalidation Queue Error Record Register"
#define SECTION_TAIL "11.4.9 Invalidation Queue Tail Register"

static const struct qi_desc bad_type = { 0, 0, 0, 0 };

static bool has_iqe(struct trial *t)
{
	return trial_read(t, DMAR_FSTS_REG) & VTD_FSTS_IQE;
}

/*
 * Submit an invalidation, a wait (word 0), a bad descriptor in slot 2, and another wait (word 1).
 */
static bool stop_at_slot_2(struct trial *t)
{
	if (!trial_queue_on(t, 0))
		return false;
	trial_put(t, trial_invalidation());
	trial_put(t, trial_wait(t, QI_IWD_SW, 0, 5));
	trial_put(t, bad_type);
	trial_put(t, trial_wait(t, QI_IWD_SW, 1, 6));
	trial_submit(t);
	return trial_expect(t, has_iqe(t), "FSTS.IQE stays clear");
}

static void check_stop(struct trial *t, unsigned arg)
{
	(void)arg;
	if (!stop_at_slot_2(t))
		return;
	trial_expect(t, trial_head(t) == 2, "IQH is not at the descriptor");
	trial_expect(t, trial_status(t, 0) == 5, "what is before it does not complete");
	trial_expect(t, trial_status(t, 1) == 0, "what is behind it is executed");
}

static void check_doorbell(struct trial *t, unsigned arg)
{
	(void)arg;
	if (!stop_at_slot_2(t))
		return;
	trial_put_at(t, 2, trial_invalidation());
	trial_put(t, trial_wait(t, QI_IWD_SW, 2, 7));
	trial_submit(t);
	trial_expect(t, trial_status(t, 1) == 0 && trial_status(t, 2) == 0,
		     "descriptors are executed");
	trial_expect(t, trial_head(t) == 2, "IQH moves");
	trial_expect(t, trial_read(t, DMAR_IQT_REG) == 5ULL << trial_shift(t),
		     "the tail is not kept");
}

static void check_kept(struct trial *t, unsigned arg)
{
	(void)arg;
	if (!stop_at_slot_2(t))
		return;
	trial_write(t, DMAR_FSTS_REG, 0);
	trial_expect(t, has_iqe(t), "a write of 0 clears it");
	trial_write(t, DMAR_FSTS_REG, VTD_FSTS_ICE | VTD_FSTS_ITE);
	t->dev->settle(t->dev->ctx);
	trial_expect(t, has_iqe(t), "a write of other bits clears it");
	trial_expect(t, trial_head(t) == 2, "IQH moves");
}

static void check_resume(struct trial *t, unsigned ring)
{
	if (!stop_at_slot_2(t))
		return;
	trial_put_at(t, 2, trial_invalidation());
	trial_write(t, DMAR_FSTS_REG, VTD_FSTS_IQE);
	if (ring)
		trial_submit(t);
	t->dev->settle(t->dev->ctx);
	trial_expect(t, !has_iqe(t), "FSTS.IQE stays set");
	trial_expect(t, trial_status(t, 1) == 6, "nothing is fetched");
	trial_expect(t, trial_head(t) == 4, "IQH is not at the tail");
}

static void check_again(struct trial *t, unsigned arg)
{
	(void)arg;
	if (!stop_at_slot_2(t))
		return;
	trial_write(t, DMAR_FSTS_REG, VTD_FSTS_IQE);
	trial_submit(t);
	trial_expect(t, has_iqe(t), "FSTS.IQE is not set again");
	trial_expect(t, trial_head(t) == 2, "IQH moves");
	trial_expect(t, trial_status(t, 1) == 0, "what is behind it is executed");
}

static void check_off(struct trial *t, unsigned arg)
{
	(void)arg;
	if (!stop_at_slot_2(t))
		return;
	trial_command(t, VTD_GCMD_QIE, false);
	trial_expect(t, !(trial_read(t, DMAR_GSTS_REG) & VTD_GSTS_QIES),
		     "GSTS.QIES stays set when GCMD.QIE is cleared");
	trial_write(t, DMAR_FSTS_REG, VTD_FSTS_IQE);
	if (!trial_queue_on(t, 0))
		return;
	trial_put(t, trial_wait(t, QI_IWD_SW, 0, 8));
	trial_submit(t);
	trial_expect(t, trial_status(t, 0) == 8, "the queue does not work after that");
}

/* ---- The queue's own errors ---- */

/* Write an invalid tail, then correct it. */
static void check_bad_tail(struct trial *t, uint64_t tail)
{
	trial_put(t, trial_wait(t, QI_IWD_SW, 0, 5));
	trial_write(t, DMAR_IQT_REG, tail);
	t->dev->settle(t->dev->ctx);
	if (!trial_alive(t) || !trial_expect(t, has_iqe(t), "FSTS.IQE stays clear"))
		return;
	trial_write(t, DMAR_IQT_REG, 1ULL << trial_shift(t));
	trial_write(t, DMAR_FSTS_REG, VTD_FSTS_IQE);
	trial_submit(t);
	trial_expect(t, !has_iqe(t) && trial_status(t, 0) == 5,
		     "the queue does not work with a tail put right");
}

static void check_tail_at_end(struct trial *t, unsigned qs)
{
	if (trial_queue_on(t, qs))
		check_bad_tail(t, 0x1000ULL << qs);
}

static void check_tail_far(struct trial *t, unsigned arg)
{
	(void)arg;
	if (trial_queue_on(t, 0))
		check_bad_tail(t, VTD_IQ_OFFSET_MASK & ~0x1fULL);
}

static void check_tail_alignment(struct trial *t, unsigned arg)
{
	(void)arg;
	if (trial_queue_on(t, 0))
		check_bad_tail(t, 0x30);
}

static bool fetch_nowhere(struct trial *t)
{
	if (!trial_needs(t, t->dev->nowhere, "no address without memory is known"))
		return false;
	trial_write(t, DMAR_IQA_REG, trial_iqa(t, t->dev->nowhere, 0));
	trial_command(t, VTD_GCMD_QIE, true);
	trial_write(t, DMAR_IQT_REG, 1ULL << trial_shift(t));
	t->dev->settle(t->dev->ctx);
	return trial_alive(t) && trial_expect(t, has_iqe(t), "FSTS.IQE stays clear");
}

static void check_fetch(struct trial *t, unsigned arg)
{
	(void)arg;
	if (fetch_nowhere(t))
		trial_expect(t, trial_head(t) == 0, "IQH moves");
}

/* ---- IQERCD.IQEI ---- */

static void expect_code(struct trial *t, unsigned code)
{
	unsigned got = VTD_IQERCD_IQEI(trial_read(t, DMAR_IQERCD_REG));

	if (!trial_expect(t, has_iqe(t), "FSTS.IQE stays clear"))
		return;
	if (got != code)
		trial_deviates(t, got ? "IQEI is %u" : "IQEI is 0, which says nothing", got);
	trial_write(t, DMAR_FSTS_REG, VTD_FSTS_IQE);
}

static void check_code(struct trial *t, struct qi_desc d, unsigned code)
{
	if (!trial_queue_on(t, 0))
		return;
	trial_put(t, d);
	trial_submit(t);
	expect_code(t, code);
}

static void check_code_type(struct trial *t, unsigned arg)
{
	(void)arg;
	check_code(t, bad_type, VTD_IQEI_TYPE);
}

static void check_code_upper_type(struct trial *t, unsigned arg)
{
	(void)arg;
	if (!trial_queue_on(t, 0))
		return;
	for (unsigned bit = 9; bit < 12; bit++) {
		struct qi_desc d = trial_invalidation();

		d.qw0 |= 1ULL << bit;
		trial_put_at(t, 0, d);
		trial_write(t, DMAR_IQT_REG, 1ULL << trial_shift(t));
		t->dev->settle(t->dev->ctx);
		expect_code(t, VTD_IQEI_TYPE);
	}
}

static void check_code_reserved(struct trial *t, unsigned arg)
{
	struct qi_desc d = trial_invalidation();

	(void)arg;
	d.qw0 |= 1ULL << 63;
	check_code(t, d, VTD_IQEI_RESERVED);
}

static void check_code_tail(struct trial *t, unsigned arg)
{
	(void)arg;
	if (!trial_queue_on(t, 0))
		return;
	t->tail = t->slots;
	trial_submit(t);
	expect_code(t, VTD_IQEI_TAIL);
}

static void check_code_alignment(struct trial *t, unsigned arg)
{
	(void)arg;
	if (!trial_queue_on(t, 0))
		return;
	trial_write(t, DMAR_IQT_REG, 0x30);
	t->dev->settle(t->dev->ctx);
	expect_code(t, VTD_IQEI_TAIL_ALIGN);
}

static void check_code_fetch(struct trial *t, unsigned arg)
{
	(void)arg;
	if (fetch_nowhere(t))
		expect_code(t, VTD_IQEI_FETCH);
}

static void check_code_width(struct trial *t, unsigned arg)
{
	(void)arg;
	if (!trial_needs(t, has_ecap(t, VTD_ECAP_SMTS), "no scalable mode without ECAP.SMTS"))
		return;
	trial_write(t, DMAR_RTADDR_REG, trial_other_ring(t) | VTD_TTM_SCALABLE << 10);
	trial_command(t, VTD_GCMD_SRTP, true);
	check_code(t, trial_invalidation(), VTD_IQEI_WIDTH);
}

static void check_code_mode(struct trial *t, unsigned arg)
{
	(void)arg;
	if (!trial_needs(t, has_ecap(t, VTD_ECAP_SMTS), "no such types without ECAP.SMTS"))
		return;
	trial_write(t, DMAR_RTADDR_REG, trial_other_ring(t) | VTD_TTM_RESERVED << 10);
	trial_command(t, VTD_GCMD_SRTP, true);
	check_code(t, qi_desc_pasid_cache(QI_PC_GLOBAL, 0, 0), VTD_IQEI_TTM);
}

static void check_code_cleared(struct trial *t, unsigned arg)
{
	(void)arg;
	if (!trial_queue_on(t, 0))
		return;
	trial_put(t, bad_type);
	trial_submit(t);
	if (!trial_needs(t, VTD_IQERCD_IQEI(trial_read(t, DMAR_IQERCD_REG)),
			 "IQEI is 0, which says nothing"))
		return;
	trial_put_at(t, 0, trial_invalidation());
	trial_write(t, DMAR_FSTS_REG, VTD_FSTS_IQE);
	trial_submit(t);
	trial_expect(t, VTD_IQERCD_IQEI(trial_read(t, DMAR_IQERCD_REG)) == 0, "IQEI stays");
}

#define TAIL(qs)                                                                          \
	{                                                                                 \
		"error.tail-qs" #qs, "a tail at the ring's end raises IQE", SECTION_TAIL, \
			check_tail_at_end, qs, BOTH_WIDTHS                                \
	}

const struct conform_case conform_errors[] = {
	{ "error.stop", "IQE stops the queue at the descriptor; what is before it completes",
	  SECTION_ERRORS, check_stop, 0, BOTH_WIDTHS },
	{ "error.doorbell", "while IQE is set a new tail is kept, and nothing is fetched",
	  SECTION_ERRORS, check_doorbell, 0, BOTH_WIDTHS },
	{ "error.w1c", "only a write of 1 to IQE clears it", SECTION_STATUS, check_kept, 0,
	  BOTH_WIDTHS },
	{ "error.resume", "when IQE is cleared the queue goes on by itself", SECTION_ERRORS,
	  check_resume, false, BOTH_WIDTHS },
	{ "error.resume-tail", "when IQE is cleared and IQT is written the queue goes on",
	  SECTION_ERRORS, check_resume, true, BOTH_WIDTHS },
	{ "error.again", "the descriptor at IQH is fetched again: another IQE", SECTION_ERRORS,
	  check_again, 0, BOTH_WIDTHS },
	{ "error.off", "a queue that IQE has stopped can be turned off, and on again",
	  SECTION_ERRORS, check_off, 0, BOTH_WIDTHS },
	TAIL(0),
	TAIL(1),
	TAIL(2),
	TAIL(3),
	TAIL(4),
	TAIL(5),
	TAIL(6),
	{ "error.tail-far", "a tail far beyond the ring's end raises IQE", SECTION_TAIL,
	  check_tail_far, 0, BOTH_WIDTHS },
	{ "error.tail-alignment", "IQT bit 4 raises IQE with descriptors of 256 bits", SECTION_TAIL,
	  check_tail_alignment, 0, WIDE_ONLY },
	{ "error.fetch", "a descriptor that cannot be read raises IQE", SECTION_ERRORS, check_fetch,
	  0, BOTH_WIDTHS },
	{ "iqercd.tail", "IQEI 1: the tail is beyond the ring", SECTION_RECORD, check_code_tail, 0,
	  BOTH_WIDTHS },
	{ "iqercd.fetch", "IQEI 2: the descriptor could not be read", SECTION_RECORD,
	  check_code_fetch, 0, BOTH_WIDTHS },
	{ "iqercd.type", "IQEI 3: there is no such type", SECTION_RECORD, check_code_type, 0,
	  BOTH_WIDTHS },
	{ "iqercd.type-upper", "IQEI 3: one of the type's upper bits, qw0[11:9], is set",
	  SECTION_RECORD, check_code_upper_type, 0, BOTH_WIDTHS },
	{ "iqercd.reserved", "IQEI 4: a reserved field is not 0", SECTION_RECORD,
	  check_code_reserved, 0, BOTH_WIDTHS },
	{ "iqercd.width", "IQEI 5: descriptors of 128 bits with a table in scalable mode",
	  SECTION_RECORD, check_code_width, 0, 0 },
	{ "iqercd.tail-alignment", "IQEI 6: IQT bit 4 with descriptors of 256 bits", SECTION_RECORD,
	  check_code_alignment, 0, WIDE_ONLY },
	{ "iqercd.mode", "IQEI 7: a PASID's descriptor with a reserved translation table mode",
	  SECTION_RECORD, check_code_mode, 0, WIDE_ONLY },
	{ "iqercd.cleared", "IQEI is 0 again when IQE is cleared", SECTION_RECORD,
	  check_code_cleared, 0, BOTH_WIDTHS },
	{ 0 }
};
