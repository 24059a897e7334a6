/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Registers that were read and written down by hand: "FSTS = 0x50, IQH = 0x460"; and Xen's debug
 * key V, which prints all of a unit below "print_iommu_regs", without 0x.
 */
#include "registers_by_hand.h"
#include "scan.h"
#include "xen.h"

#include <ctype.h>
#include <string.h>

#define APART 8 /* the most lines between registers of one unit */

/* "FSTS", "FSTS_REG", "DMAR_FSTS_REG", "IQER": store the register's name in @to. */
static const char *register_name(const char *s, char to[16])
{
	const char *start = !strncmp(s, "DMAR_", 5) ? s + 5 : s;
	const size_t n = strspn(start, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");

	if (n < 3 || n > 8)
		return NULL;
	memcpy(to, start, n);
	to[n] = '\0';
	if (!strcmp(to, "IQER"))
		strcpy(to, "IQERCD");
	for (unsigned i = 0;; i++) {
		if (i == REGISTERS)
			return NULL;
		if (!strcmp(register_names[i], to))
			break;
	}
	start += n;
	return strncmp(start, "_REG", 4) ? start : start + 4;
}

/* Pairs in a line of nothing else: "FSTS = 0x50, IQERCD: 0x4". Returns their number. */
static unsigned pairs(struct decode *d, struct by_hand *h, const struct line *l, bool keep_them)
{
	const char *s = h->xen ? xen_body(l) : l->text + l->body, *own = l->text + l->own;
	unsigned n = 0;

	while (s < own) {
		char name[16];
		uint64_t value;
		bool prefixed;

		s += strspn(s, " \t,;");
		if (s >= own || (n && *s == '"')) /* in a journal's JSON the text ends here */
			break;
		s = register_name(s, name);
		if (!s)
			return 0;
		s += strspn(s, " \t");
		if (*s != '=' && *s != ':')
			return 0;
		s += 1 + strspn(s + 1, " \t");
		prefixed = h->xen || !strncmp(s, "0x", 2);
		if (!prefixed && strspn(s, "0123456789abcdef") < 8)
			return 0;
		if (scan_hex(l, &s, &value) != SCAN_OK)
			return 0;
		s += *s == 'h';
		if (keep_them)
			by_hand_keep(d, h, l->number, name, value);
		n++;
	}
	return n;
}

static bool line(struct decode *d, void *state, const struct line *l)
{
	struct by_hand *h = state;

	if ((h->block || h->xen) && l->number > h->line + APART)
		by_hand_finish(d, h);
	if (scan_find(l, l->text, "-- print_iommu_regs --", NULL)) {
		by_hand_finish(d, h);
		h->xen = true;
		h->line = l->number;
	}
	if (!decode_taken(d) && (h->xen || !l->record) && pairs(d, h, l, false))
		pairs(d, h, l, true);
	return h->block || h->xen;
}

static void end(struct decode *d, void *state)
{
	by_hand_finish(d, state);
}

static const char *const words[] = { "FSTS", "IQER", "IQH ", "IQT ",	    "IQA ",
				     "IQH:", "IQH=", "GSTS", "print_iommu", NULL };

const struct recogniser registers_text_recogniser = {
	"registers-by-hand", words, sizeof(struct by_hand), line, end, false
};
