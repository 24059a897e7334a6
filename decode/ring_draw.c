/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Prints a ring as text. */
#include "ring.h"

#include <describe/describe.h>
#include <inttypes.h>
#include <string.h>

#define ACROSS 64

/* A letter for each state: lower case for requests, upper case for waits. */
static char letter(const struct row *r)
{
	static const char request[] = ".uda", wait[] = ".UDA";

	if (!r)
		return ' ';
	if (r->status < 0 || r->status > SLOT_ABORT)
		return '?';
	return ring_is_wait(r) ? wait[r->status] : request[r->status];
}

static char pointer(const struct ring *r, unsigned slot)
{
	if (slot == r->head && slot == r->tail)
		return 'X';
	return slot == r->head ? 'H' : slot == r->tail ? 'T' : ' ';
}

/* Four rows of slots, with the pointers below if there are any. */
static void map(FILE *to, const struct ring *r)
{
	fputs("  .  free   u U  in use   d D  done   a A  abort   (capitals: waits)   "
	      "H head  T tail  X both\n",
	      to);
	for (unsigned start = 0; start < RING_SLOTS; start += ACROSS) {
		bool any = false, pointed = false;

		for (unsigned i = start; i < start + ACROSS; i++) {
			any |= r->slot[i] != NULL;
			pointed |= pointer(r, i) != ' ';
		}
		if (!any && !pointed)
			continue;
		fprintf(to, "  %3u  ", start);
		for (unsigned i = start; i < start + ACROSS; i++)
			fputc(letter(r->slot[i]), to);
		fprintf(to, "  %3u\n", start + ACROSS - 1);
		if (!pointed)
			continue;
		fputs("       ", to);
		for (unsigned i = start; i < start + ACROSS; i++)
			fputc(pointer(r, i), to);
		fputc('\n', to);
	}
}

/* True if both are equal except for the slot and, in waits, the status address. */
static bool alike(const struct row *a, const struct row *b)
{
	if (a->known != b->known || a->status != b->status || a->desc.qw0 != b->desc.qw0)
		return false;
	if (a->desc.qw2 != b->desc.qw2 || a->desc.qw3 != b->desc.qw3)
		return false;
	return a->desc.qw1 == b->desc.qw1 || (ring_is_wait(a) && ring_is_wait(b));
}

/* The number of times that the @period rows from @i on occur in a row, at least 1. */
static unsigned repeated(const struct block *b, unsigned i, unsigned period)
{
	unsigned n = 0;

	while (i + (n + 1) * period <= b->rows) {
		for (unsigned k = 0; k < period; k++) {
			const struct row *row = &b->row[i + n * period + k];

			if (row->slot != b->row[i].slot + (long)(n * period + k) ||
			    !alike(&b->row[i + k], row))
				return n ? n : 1;
		}
		n++;
	}
	return n ? n : 1;
}

static void slot_line(FILE *to, const struct row *r)
{
	static const char *const states[] = { "free", "in use", "done", "abort" };
	char text[240];

	fprintf(to, "  %4ld  %-6s ", r->slot,
		r->status < 0 || r->status > SLOT_ABORT ? "?" : states[r->status]);
	if (row_whole(r)) {
		qi_desc_text(&r->desc, text, sizeof(text));
		fprintf(to, "%016" PRIx64 " %016" PRIx64 "  %s", r->desc.qw0, r->desc.qw1, text);
	}
	if (r->note)
		fprintf(to, "  -- %s", r->note);
	fputc('\n', to);
}

static void slots(FILE *to, const struct block *b)
{
	unsigned i = 0;

	while (i < b->rows) {
		const unsigned one = repeated(b, i, 1);
		const unsigned two = ring_is_wait(&b->row[i]) ? 1 : repeated(b, i, 2);
		const unsigned period = one > 2 || two < 2 ? 1 : 2, n = period == 1 ? one : two;

		for (unsigned k = 0; k < period && i + k < b->rows; k++)
			slot_line(to, &b->row[i + k]);
		if (n > 1)
			fprintf(to, "        and so on up to slot %ld\n",
				b->row[i + n * period - 1].slot);
		i += n * period;
	}
}

void ring_draw(FILE *to, const struct block *b)
{
	struct ring r;

	if (ring_read(&r, b))
		map(to, &r);
	slots(to, b);
}
