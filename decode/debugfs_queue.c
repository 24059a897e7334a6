/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Debugfs: iommu/intel/invalidation_queue, also as changed by mail and web pages. */
#include "compare.h"
#include "decode.h"
#include "ring.h"
#include "scan.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define MOST_ROWS 32768
#define MOST_WORDS 5 /* in a row: four quadwords and the status */

/*
 * Rows are read word by word, as in the kernel's own documentation they are wrapped: a short
 * decimal number is a slot, and the words of 16 digits after it are its columns.
 */
struct queue_dump {
	struct block *block;
	unsigned words; /* per row, with the status; 0: not known yet */
	bool in_rows;	/* Index or a row has been read */
	uint64_t row[MOST_WORDS];
	unsigned had; /* words so far of the present row */
	long slot;    /* its slot, -1: none */
	uint64_t slot_line;
	bool blank; /* the last line was empty */
};

struct queue_log {
	struct queue_dump dump; /* must be first: the state is cast to this */
	struct ring_before before[RING_UNITS];
};

/* ---- rows ---- */

static void end_row(struct queue_dump *q)
{
	const unsigned words = q->words ? q->words : q->had;
	struct row *r;

	if (q->slot < 0)
		return;
	r = block_row(q->block, q->slot_line, NULL);
	r->slot = q->slot;
	for (unsigned i = 0; i < q->had && i + 1 < words; i++)
		row_word(r, i, q->row[i]);
	r->words = words > 3 ? 4 : 2;
	if (q->had == words && q->had >= 3)
		r->status = (long)(uint32_t)q->row[q->had - 1];
	else
		r->note = text_print("the row is cut off");
	if (!q->words && q->had >= 3)
		q->words = q->had;
	q->slot = -1;
	q->had = 0;
}

static void finish(struct decode *d, struct queue_dump *q)
{
	if (!q->block)
		return;
	end_row(q);
	q->block->wide = q->words == MOST_WORDS;
	if (q->block->wide)
		block_number(q->block, "descriptor bits", 256,
			     "ECAP.SMTS: Linux uses them then, in "
			     "scalable mode or not");
	else if (q->words)
		block_number(q->block, "descriptor bits", 128, NULL);
	ring_findings(d, q->block, ((struct queue_log *)q)->before);
	compare_ring(d, q->block);
	decode_block(d, q->block);
	memset(q, 0, sizeof(*q));
}

/* ---- the head ---- */

static void start(struct decode *d, struct queue_dump *q, const struct line *l)
{
	finish(d, q);
	q->block = block_new("invalidation_queue", l->number, "debugfs invalidation_queue");
	q->block->as_ring = true;
	q->slot = -1;
}

static long slot_field(const struct line *l, const char *words)
{
	const char *s;
	uint64_t value;

	if (!scan_find(l, l->text, words, &s))
		return -1;
	scan_blanks(&s);
	return scan_dec(l, &s, &value) == SCAN_OK && value < MOST_ROWS ? (long)value : -1;
}

/* " Base: 0x1672c9000      Head: 80        Tail: 80" */
static void place_line(struct queue_dump *q, const struct line *l)
{
	const char *s;
	uint64_t base;

	if (scan_find(l, l->text, "Base:", &s)) {
		scan_blanks(&s);
		if (scan_hex(l, &s, &base) == SCAN_OK)
			block_hex(q->block, "Base", base, NULL);
		else
			block_cut(q->block, "Base");
	}
	q->block->head = slot_field(l, "Head:");
	q->block->tail = slot_field(l, "Tail:");
	if (q->block->head >= 0)
		block_number(q->block, "Head", (uint64_t)q->block->head, "slot");
	else
		block_cut(q->block, "Head");
	if (q->block->tail >= 0)
		block_number(q->block, "Tail", (uint64_t)q->block->tail, "slot");
	else
		block_cut(q->block, "Tail");
}

/* ---- the words of a line ---- */

enum word { WORD_SLOT, WORD_QUAD, WORD_GAP, WORD_COLUMN, WORD_OTHER };

static enum word classify(const char *s, size_t n, uint64_t *value)
{
	const char *t = s;
	char *end;

	*value = 0;
	if (n == 16 && scan_digits(&t, value) == 16)
		return WORD_QUAD;
	if (n <= 5 && isdigit((unsigned char)*s)) {
		*value = strtoul(s, &end, 10);
		return end == s + n ? WORD_SLOT : WORD_OTHER;
	}
	if (n >= 2 && strspn(s, "[.]") >= n)
		return WORD_GAP;
	if ((n == 5 && !strncmp(s, "Index", 5)) || (n == 6 && !strncmp(s, "status", 6)))
		return WORD_COLUMN;
	return n == 3 && s[0] == 'q' && s[1] == 'w' && s[2] >= '0' && s[2] <= '3' ? WORD_COLUMN
										  : WORD_OTHER;
}

static void quad(struct queue_dump *q, uint64_t value)
{
	const unsigned most = q->words ? q->words : MOST_WORDS;

	if (q->slot >= 0 && q->had < most)
		q->row[q->had++] = value;
}

/*
 * True if a short number at @s is no slot but the rest of a truncated word: in the middle of a row,
 * if the input ends within the digits, or alone before the first row.
 */
static bool is_rest(const struct queue_dump *q, const struct line *l, const char *s, size_t n)
{
	const char *first = l->text + strspn(l->text, " \t");

	if (s + n == l->text + l->own && (!l->ended || (s == first && !q->in_rows)))
		return true;
	return s > first && q->slot >= 0 && q->had < (q->words ? q->words : 3);
}

/* False: the line does not belong to a dump, or belongs to the next one. */
static bool row_line(struct queue_dump *q, const struct line *l)
{
	const char *s = l->text, *own = l->text + l->own;
	size_t n;

	for (s += strspn(s, " \t"); s < own; s += n, s += strspn(s, " \t")) {
		uint64_t value;
		bool rest;

		n = strcspn(s, " \t\n");
		switch (classify(s, n, &value)) {
		case WORD_SLOT:
			rest = is_rest(q, l, s, n);
			end_row(q);
			if (rest)
				break;
			if (value >= MOST_ROWS || q->block->rows >= MOST_ROWS)
				return false;
			q->slot = (long)value;
			q->slot_line = l->number;
			break;
		case WORD_QUAD:
			quad(q, value);
			break;
		case WORD_GAP:
			end_row(q);
			break;
		case WORD_COLUMN:
			if (s[0] == 'q' && s[2] >= '2')
				q->words = MOST_WORDS;
			else if (s[0] == 's' && !q->words)
				q->words = 3;
			break;
		case WORD_OTHER:
			return false;
		}
	}
	q->block->last = l->last;
	return true;
}

/* A row of a dump whose head is missing: only a slot and 3 or 5 words of 16 digits. */
static bool lone_row(const struct line *l)
{
	const char *s = l->text, *own = l->text + l->own;
	unsigned slots = 0, quads = 0;
	size_t n;

	for (s += strspn(s, " \t"); s < own; s += n, s += strspn(s, " \t")) {
		uint64_t value;
		enum word w;

		n = strcspn(s, " \t\n");
		w = classify(s, n, &value);
		if (w == WORD_SLOT && !quads)
			slots++;
		else if (w == WORD_QUAD)
			quads++;
		else
			return false;
	}
	return slots == 1 && (quads == 3 || quads == MOST_WORDS);
}

static bool line(struct decode *d, void *state, const struct line *l)
{
	struct queue_dump *q = state;
	const char *name, *behind;

	if (scan_find(l, l->text, "Invalidation queue on IOMMU:", &name) && !strchr(name, '%')) {
		start(d, q, l);
		scan_blanks(&name);
		block_unit(q->block, name, scan_word(name, " \t"));
		decode_take(d);
		return true;
	}
	if (!q->block &&
	    (scan_find(l, l->text, "Index qw0", &behind) || (!decode_taken(d) && lone_row(l))))
		start(d, q, l);
	if (!q->block)
		return false;
	if (!q->in_rows && scan_find(l, l->text, "Head:", &behind)) {
		place_line(q, l);
	} else if (l->own == 0) {
		/* An empty line between units; mail may have added more of them. */
		if (q->in_rows && q->blank)
			finish(d, q);
		q->blank = true;
		return q->block;
	} else if (!row_line(q, l)) {
		finish(d, q);
		return false;
	} else {
		q->in_rows = true;
	}
	q->blank = false;
	decode_take(d);
	return true;
}

static void end(struct decode *d, void *state)
{
	finish(d, state);
}

static const char *const words[] = { "Invalidation", "Index", NULL };

const struct recogniser debugfs_queue_recogniser = {
	"invalidation_queue", words, sizeof(struct queue_log), line, end, false
};
