/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Windows's bug check for DMA that the IOMMU has blocked: 0xE6 with 0x26, in three forms. */
#include "decode.h"
#include "fault_reasons.h"
#include "scan.h"

#include <string.h>

#define BUG_CHECK 0xe6
#define BY_IOMMU 0x26
#define ARGUMENTS 4
#define WITHIN 12 /* lines from the name to the arguments */

struct windows {
	uint64_t line; /* of its name, 0: none */
	uint64_t argument[ARGUMENTS];
	unsigned n;
};

static const struct finding blocked = {
	.id = "dma-fault",
	.weight = DAMAGE,
	.certainty = CERTAIN,
	.next = "Open the dump in WinDbg: `!devobj` and `!devstack` of the second argument name "
		"the device. Update its driver, then the firmware (BIOS).",
};

static void report(struct decode *d, struct windows *w, const struct line *l)
{
	const struct fault_reason *r = fault_reason_of(w->argument[3]);
	struct block *b;

	if (w->argument[0] == BY_IOMMU) {
		decode_take(d);
		b = block_new("windows", w->line, "Windows: the IOMMU has blocked DMA");
		b->last = l->last;
		block_hex(b, "device object", w->argument[1], NULL);
		block_hex(b, "address", w->argument[2], NULL);
		block_hex(b, "fault type", w->argument[3], r ? "with VT-d: %s" : NULL,
			  r ? r->meaning : "");
		decode_find(d, &blocked, w->line,
			    "Windows was stopped because the IOMMU has blocked DMA of a device "
			    "(bug check 0xE6, 0x26).");
		decode_block(d, b);
	}
	memset(w, 0, sizeof(*w));
}

/* "(0x0000000000000026, 0x..., 0x..., 0x...)", "{26, ..., ..., 6}" */
static void in_a_list(struct decode *d, struct windows *w, const struct line *l, const char *s)
{
	scan_blanks(&s);
	s += *s == ',';
	scan_blanks(&s);
	if (*s != '(' && *s != '{')
		return;
	w->line = l->number;
	for (w->n = 0, s++; w->n < ARGUMENTS; w->n++) {
		s += strspn(s, ", \n");
		if (scan_hex(l, &s, &w->argument[w->n]) != SCAN_OK)
			return;
	}
	report(d, w, l);
}

/* "Arg3: 000000000c7f4000, Faulting information (usually faulting physical address)." */
static void argument(struct decode *d, struct windows *w, const struct line *l)
{
	const char *s = l->text + l->body;

	if (strncmp(s, "Arg", 3) || s[3] != (char)('1' + w->n))
		return;
	s += 4;
	if (!scan_words(&s, ": ") || scan_hex(l, &s, &w->argument[w->n]) != SCAN_OK)
		w->line = 0;
	else if (++w->n == ARGUMENTS)
		report(d, w, l);
}

static bool line(struct decode *d, void *state, const struct line *l)
{
	struct windows *w = state;
	const char *s;
	uint64_t code;

	if (w->line && l->number > w->line + WITHIN)
		w->line = 0;
	if (scan_find(l, l->text, "DMA_VIOLATION", NULL)) {
		w->line = l->number;
		w->n = 0;
	} else if (scan_find_typed(l, l->text, "0x000000e6 ", &s)) {
		in_a_list(d, w, l, s); /* the event log's, in any language */
	} else if (scan_find_typed(l, l->text, "bugcheck ", &s) &&
		   scan_hex(l, &s, &code) == SCAN_OK && code == BUG_CHECK) {
		in_a_list(d, w, l, s);
	} else if (w->line) {
		argument(d, w, l);
	}
	return w->line;
}

static const char *const words[] = { "DMA_VIOL",   "bugcheck",	 "BugCheck", "Bugcheck",
				     "0x000000e6", "0x000000E6", NULL };

const struct recogniser windows_recogniser = { "windows", words, sizeof(struct windows),
					       line,	  NULL,	 false };
