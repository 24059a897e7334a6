/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* fuzz_minimise.c - removes what is not necessary from a stream. */
#include "fuzz_internal.h"

#include <qinval/desc.h>
#include <qinval/regs.h>
#include <stdlib.h>
#include <string.h>

enum fuzz_end fuzz_replay(struct fuzz_pair *p, struct fuzz_stream *s, bool confirm)
{
	enum fuzz_end end = FUZZ_AGREE;

	if (!fuzz_reset(p))
		return FUZZ_AGREE;
	for (unsigned i = 0; i < s->ops && end == FUZZ_AGREE; i++) {
		end = fuzz_play(p, &s->op[i], confirm);
		if (end != FUZZ_AGREE)
			s->ops = i + 1;
	}
	return end;
}

/* A candidate replaces the best stream if it is shorter or simpler and ends in the same way. */
struct search {
	struct fuzz_pair *pair;
	struct fuzz_stream *best, *trial;
	enum fuzz_end end;
	bool confirm;
};

static bool still_ends(struct search *s)
{
	if (fuzz_replay(s->pair, s->trial, s->confirm) != s->end)
		return false;
	*s->best = *s->trial;
	return true;
}

static void cut(struct search *s, unsigned at, unsigned n)
{
	struct fuzz_op *op = s->trial->op;

	*s->trial = *s->best;
	memmove(op + at, op + at + n, (s->trial->ops - at - n) * sizeof(*op));
	s->trial->ops -= n;
}

/*
 * Without the refused descriptor there is nothing to repair, so only ringing is left of the repair.
 */
static bool drop_with_repair(struct search *s, unsigned at)
{
	cut(s, at, 1);
	for (unsigned i = at; i < s->trial->ops; i++) {
		if (s->trial->op[i].kind != FUZZ_REPAIR)
			continue;
		s->trial->op[i] = (struct fuzz_op){ .kind = FUZZ_RING };
		return still_ends(s);
	}
	return false;
}

static bool drop(struct search *s, unsigned at, unsigned n)
{
	cut(s, at, n);
	return still_ends(s) || (n == 1 && drop_with_repair(s, at));
}

/*
 * Remove as many operations at once as possible, then fewer, until none can be removed. The numbers
 * are powers of two, as removing a whole ring's length keeps all other descriptors in their slots.
 */
static void drop_operations(struct search *s)
{
	for (unsigned n = FUZZ_OPS / 2; n; n /= 2) {
		bool again;

		do {
			again = false;
			for (unsigned at = s->best->ops; at-- > 0;)
				if (at + n <= s->best->ops)
					again |= drop(s, at, n);
		} while (again && n == 1);
	}
}

/* Words of an operation's descriptor; VALUE is the value that it writes. */
enum { VALUE = 4 };

static bool clear_bits(struct search *s, unsigned i, unsigned word, uint64_t bits)
{
	struct fuzz_op *op = &s->trial->op[i];
	uint64_t *in_trial = word == VALUE ? &op->value : &op->qw[word];

	*s->trial = *s->best;
	if (!(*in_trial & bits))
		return false;
	*in_trial &= ~bits;
	return still_ends(s);
}

/* Clear all bits of a word at once, otherwise each separately. */
static void simplify_word(struct search *s, unsigned i, unsigned word, uint64_t bits)
{
	if (clear_bits(s, i, word, bits))
		return;
	for (unsigned bit = 0; bit < 64; bit++)
		if (bits >> bit & 1)
			clear_bits(s, i, word, 1ULL << bit);
}

/* Replace a repair or another tail by plain ringing. */
static void simplify_operation(struct search *s, unsigned i)
{
	*s->trial = *s->best;
	s->trial->op[i] = (struct fuzz_op){ .kind = FUZZ_RING };
	still_ends(s);
}

/* The address of the ring and those of waits are kept, as others would belong to other words. */
static void simplify(struct search *s)
{
	for (unsigned i = 0; i < s->best->ops; i++) {
		const struct fuzz_op *op = &s->best->op[i];

		if (op->kind == FUZZ_REPAIR || op->kind == FUZZ_WRITE)
			simplify_operation(s, i);
		if (op->kind == FUZZ_WRITE)
			simplify_word(s, i, VALUE, op->reg == DMAR_IQA_REG ? 0xfff : ~0ULL);
		for (unsigned word = 0; word < 4; word++)
			if (op->kind == FUZZ_PUT && (word != 1 || (op->qw[0] & 0xf) != QI_IWD_TYPE))
				simplify_word(s, i, word, ~0ULL);
	}
}

void fuzz_minimise(struct fuzz_pair *p, struct fuzz_stream *stream, enum fuzz_end end, bool confirm)
{
	struct search s = { p, stream, malloc(sizeof(*stream)), end, confirm };

	if (s.trial && stream->ops) {
		drop_operations(&s);
		simplify(&s);
		drop_operations(&s);
	}
	free(s.trial);
	fuzz_replay(p, stream, confirm);
}
