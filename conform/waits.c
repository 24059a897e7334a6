/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* waits.c - the wait descriptor: its flags, and its status write. */
#include "trial.h"

#define SECTION_WAIT "6.5.2 Invalidation Wait Descriptor"

#define WORD 4
#define DATA 5
#define UNTOUCHED 0x11111111

/* ---- Flags ---- */

static enum trial_verdict submit_wait(struct trial *t, uint64_t flags)
{
	uint64_t fsts;

	trial_set_status(t, WORD, UNTOUCHED);
	trial_put(t, trial_wait(t, flags, WORD, DATA));
	trial_submit(t);
	fsts = trial_read(t, DMAR_FSTS_REG);
	if (fsts == 0xffffffff)
		return DEAD;
	if (fsts & VTD_FSTS_IQE)
		return REFUSED;
	return trial_head(t) == t->tail ? ACCEPTED : STUCK;
}

static void check_flags(struct trial *t, unsigned flags)
{
	uint32_t expected = flags & QI_IWD_SW ? DATA : UNTOUCHED;
	bool completed = flags & QI_IWD_IF;
	enum trial_verdict v;

	if (flags & QI_IWD_PD && !trial_needs(t, has_ecap(t, VTD_ECAP_PDS), "ECAP.PDS"))
		return;
	if (!trial_queue_on(t, 0))
		return;
	v = submit_wait(t, flags);
	if (!trial_expect(t, v == ACCEPTED, trial_verdict_text(v)))
		return;
	trial_expect(t, trial_status(t, WORD) == expected,
		     flags & QI_IWD_SW ? "the status is not written" : "a status is written");
	trial_expect(t, !(trial_read(t, DMAR_ICS_REG) & VTD_ICS_IWC) == !completed,
		     completed ? "ICS.IWC stays clear" : "ICS.IWC is set");
}

static void check_without_pds(struct trial *t, unsigned arg)
{
	(void)arg;
	if (!trial_needs(t, !has_ecap(t, VTD_ECAP_PDS), "only without ECAP.PDS") ||
	    !trial_queue_on(t, 0))
		return;
	for (uint64_t flags = 0; flags < 8; flags++) {
		enum trial_verdict v =
			trial_try(t, trial_wait(t, QI_IWD_PD | flags << 4, WORD, DATA));

		trial_expect(t, v == REFUSED, trial_verdict_text(v));
	}
}

/* ---- The status write ---- */

static bool write_status(struct trial *t, unsigned word, uint32_t data)
{
	trial_put(t, trial_wait(t, QI_IWD_SW, word, data));
	trial_submit(t);
	return trial_status(t, word) == data;
}

static void check_data(struct trial *t, unsigned arg)
{
	(void)arg;
	if (!trial_queue_on(t, 0))
		return;
	trial_expect(t, write_status(t, WORD, 0xffffffff), "0xffffffff is not written");
	trial_expect(t, write_status(t, WORD, 0), "0 is not written");
	for (unsigned bit = 0; bit < 32; bit++)
		trial_expect(t, write_status(t, WORD, 1U << bit),
			     "not all values of one bit are written");
}

static void check_addresses(struct trial *t, unsigned arg)
{
	(void)arg;
	if (!trial_queue_on(t, 0))
		return;
	for (unsigned word = 0; word < 1024; word++) {
		if (!write_status(t, word, word + 1)) {
			trial_deviates(t, "nothing is written at 0x%x of a page", word * 4);
			return;
		}
	}
	for (unsigned word = 0; word < 1024; word++)
		trial_expect(t, trial_status(t, word) == word + 1, "more than the word is written");
}

static void check_batch(struct trial *t, unsigned arg)
{
	(void)arg;
	if (!trial_queue_on(t, 0))
		return;
	for (unsigned i = 0; i < 100; i++)
		trial_put(t, trial_wait(t, i % 3 ? QI_IWD_SW : QI_IWD_SW | QI_IWD_FN, i, i + 1));
	trial_submit(t);
	for (unsigned i = 0; i < 100; i++)
		trial_expect(t, trial_status(t, i) == i + 1, "not all of them are written");
}

/* A wait after a fence completes after the fence, so the later value must remain. */
static void check_fence(struct trial *t, unsigned arg)
{
	(void)arg;
	if (!trial_queue_on(t, 0))
		return;
	for (unsigned i = 0; i < 100; i++) {
		if (i % 4 == 0)
			trial_put(t, trial_invalidation());
		trial_put(t, trial_wait(t, QI_IWD_SW | QI_IWD_FN, WORD, i));
	}
	trial_submit(t);
	trial_expect(t, trial_status(t, WORD) == 99, "the last one's is not the last write");
}

/*
 * IQE stands for errors of the queue, its descriptors and their fetch; a failed status write is
 * none.
 */
static void check_nowhere(struct trial *t, unsigned arg)
{
	enum trial_verdict v;

	(void)arg;
	if (!trial_needs(t, t->dev->nowhere, "no address without memory is known") ||
	    !trial_queue_on(t, 0))
		return;
	v = trial_try(t, qi_desc_wait(QI_IWD_SW, t->dev->nowhere, DATA));
	trial_expect(t, v == ACCEPTED, trial_verdict_text(v));
}

#define FLAGS(name, flags, does)                                                        \
	{                                                                               \
		"wait.flags-" name, does, SECTION_WAIT, check_flags, flags, BOTH_WIDTHS \
	}

#define IF QI_IWD_IF
#define SW QI_IWD_SW
#define FN QI_IWD_FN
#define PD QI_IWD_PD

const struct conform_case conform_waits[] = {
	FLAGS("none", 0, "a wait without SW and IF completes without a status or a message"),
	FLAGS("if", IF, "IF alone sets ICS.IWC, and writes no status"),
	FLAGS("sw", SW, "SW alone writes the status, and leaves ICS.IWC"),
	FLAGS("if-sw", IF | SW, "SW and IF write the status and set ICS.IWC"),
	FLAGS("fn", FN, "a fence may come without SW and IF"),
	FLAGS("if-fn", IF | FN, "IF alone sets ICS.IWC, and writes no status"),
	FLAGS("sw-fn", SW | FN, "SW alone writes the status, and leaves ICS.IWC"),
	FLAGS("if-sw-fn", IF | SW | FN, "SW and IF write the status and set ICS.IWC"),
	FLAGS("pd", PD, "page requests can be drained without SW and IF"),
	FLAGS("if-pd", IF | PD, "IF alone sets ICS.IWC, and writes no status"),
	FLAGS("sw-pd", SW | PD, "SW alone writes the status, and leaves ICS.IWC"),
	FLAGS("if-sw-pd", IF | SW | PD, "SW and IF write the status and set ICS.IWC"),
	FLAGS("fn-pd", FN | PD, "a fence may come without SW and IF"),
	FLAGS("if-fn-pd", IF | FN | PD, "IF alone sets ICS.IWC, and writes no status"),
	FLAGS("sw-fn-pd", SW | FN | PD, "SW alone writes the status, and leaves ICS.IWC"),
	FLAGS("if-sw-fn-pd", IF | SW | FN | PD, "SW and IF write the status and set ICS.IWC"),
	{ "wait.without-pds", "PD is reserved without ECAP.PDS: IQE", SECTION_WAIT,
	  check_without_pds, 0, BOTH_WIDTHS },
	{ "wait.data", "the status data is written as it is", SECTION_WAIT, check_data, 0,
	  BOTH_WIDTHS },
	{ "wait.address", "the status is one word, at any multiple of four", SECTION_WAIT,
	  check_addresses, 0, BOTH_WIDTHS },
	{ "wait.batch", "each of many waits writes its own status", SECTION_WAIT, check_batch, 0,
	  BOTH_WIDTHS },
	{ "wait.fence", "what is behind a wait with FN starts when that has completed",
	  SECTION_WAIT, check_fence, 0, BOTH_WIDTHS },
	{ "wait.nowhere", "a status write that memory does not take is no error of the queue",
	  "11.4 Fault Status Register", check_nowhere, 0, BOTH_WIDTHS },
	{ 0 }
};
