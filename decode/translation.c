/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Debugfs: the translation tables, which are beside invalidation_queue. They are recognised so that
 * their rows are not mistaken for other formats; they tell nothing of the queue.
 */
#include "decode.h"
#include "scan.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct tables {
	struct block *block;
	uint64_t rows;
	bool blank;
};

static const struct {
	const char *words, *file;
} heads[] = {
	{ "Remapped Interrupt supported on IOMMU:", "ir_translation_struct, remapped interrupts" },
	{ "Posted Interrupt supported on IOMMU:", "ir_translation_struct, posted interrupts" },
	{ "Interrupt Remapping is not enabled on IOMMU:", "ir_translation_struct" },
	{ "IOMMU dmar", "dmar_translation_struct" },
	{ "@0x", "domain_translation_struct" },
};

static void finish(struct decode *d, struct tables *t)
{
	if (!t->block)
		return;
	block_number(t->block, "rows", t->rows,
		     "not decoded: the invalidation queue is not in them");
	decode_block(d, t->block);
	memset(t, 0, sizeof(*t));
}

static bool head_line(struct decode *d, struct tables *t, const struct line *l)
{
	for (unsigned i = 0; i < sizeof(heads) / sizeof(*heads); i++) {
		const char *s, *at = scan_find(l, l->text, heads[i].words, &s);

		if (!at || (i == 3 && !scan_find(l, s, "Root Table Address:", NULL)) ||
		    (i == 4 && (strncmp(l->text + l->body, "Device ", 7))))
			continue;
		finish(d, t);
		decode_take(d);
		t->block =
			block_new("translation-tables", l->number, "debugfs tables of translation");
		t->block->last = l->last;
		if (i == 3)
			s -= strlen("dmar");
		scan_blanks(&s);
		if (i < 4)
			block_unit(t->block, s, scan_word(s, ":"));
		block_text(t->block, "file", "%s", heads[i].file);
		return true;
	}
	return false;
}

/* Rows start with digits; headings consist of known words. */
static bool row_line(struct tables *t, const struct line *l)
{
	static const char *const others[] = {
		"IR table address", "Entry", "B.D.F", "IOVA", "Bus", "****", "[...]"
	};
	const char *s = l->text + strspn(l->text, " \t");

	unsigned segment, sid;

	if ((*s >= '0' && *s <= '9') || scan_bdf(&s, &segment, &sid)) {
		t->rows++;
		return true;
	}
	for (unsigned i = 0; i < sizeof(others) / sizeof(*others); i++)
		if (!strncmp(s, others[i], strlen(others[i])))
			return true;
	return false;
}

static bool line(struct decode *d, void *state, const struct line *l)
{
	struct tables *t = state;

	if (head_line(d, t, l))
		return true;
	if (!t->block)
		return false;
	if (!l->own) {
		if (t->blank)
			finish(d, t);
		t->blank = t->block;
		return t->block;
	}
	t->blank = false;
	if (!row_line(t, l)) {
		finish(d, t);
		return false;
	}
	t->block->last = l->last;
	decode_take(d);
	return true;
}

static void end(struct decode *d, void *state)
{
	finish(d, state);
}

static const char *const words[] = { "Interrupt", "Root Table", "@0x0", "@0x1", "@0x2",
				     "@0x3",	  "@0x4",	"@0x5", "@0x6", "@0x7",
				     "@0x8",	  "@0x9",	"@0xa", "@0xb", "@0xc",
				     "@0xd",	  "@0xe",	"@0xf", NULL };

const struct recogniser translation_recogniser = { "translation", words, sizeof(struct tables),
						   line,	  end,	 false };
