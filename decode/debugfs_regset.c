/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* debugfs: iommu_regset, the registers of each unit. */
#include "compare.h"
#include "registers.h"
#include "scan.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define VALUE_DIGITS 16 /* a number with fewer digits is truncated */
#define OTHER_LINES 6	/* lines that are no registers, after which the unit's are over */
#define NAME_SIZE 24

struct dump {
	char name[NAME_SIZE];
	uint64_t base;
	struct registers r;
};

struct regset {
	struct block *block; /* or NULL */
	uint64_t heading;    /* of the heading; 0: none */
	bool base_cut;	     /* the base address in the heading is truncated */
	struct dump now;
	unsigned others; /* other lines since the last register */
	/* The last dump of each unit, for a limited number of units. */
	struct dump before[DECODE_UNITS];
	unsigned units;
};

static void learn(struct decode *d, const struct dump *now, uint64_t line)
{
	const struct registers *r = &now->r;
	struct decode_unit *u;

	if (!r->has[REGISTER_CAP] || !r->has[REGISTER_ECAP] ||
	    register_ones("CAP", r->value[REGISTER_CAP]) ||
	    register_ones("ECAP", r->value[REGISTER_ECAP]))
		return;
	u = decode_unit(d, now->name, strlen(now->name));
	if (!u)
		return;
	u->cap = r->value[REGISTER_CAP];
	u->ecap = r->value[REGISTER_ECAP];
	u->has_caps = true;
	u->line = line;
	if (now->base)
		u->base = now->base;
}

static struct dump *earlier(struct regset *s)
{
	for (unsigned i = 0; i < s->units; i++)
		if (!strcmp(s->before[i].name, s->now.name) && s->before[i].base == s->now.base)
			return &s->before[i];
	return NULL;
}

/* The three registers that describe the queue. */
static void add_queue(struct block *b, const struct registers *r)
{
	struct registers_ring ring;

	if (!registers_ring(r, &ring))
		return;
	if (ring.head < ring.bytes && ring.tail < ring.bytes) {
		b->head = (long)(ring.head / ring.each);
		b->tail = (long)(ring.tail / ring.each);
	}
	block_text(b, "queue",
		   "%" PRIu64 " slots of %u bits, head at slot %" PRIu64 ", tail at slot %" PRIu64
		   "%s",
		   ring.bytes / ring.each, ring.each * 8, ring.head / ring.each,
		   ring.tail / ring.each, ring.head == ring.tail ? ": all fetched" : "");
}

static void finish(struct decode *d, struct regset *s)
{
	const char *name = *s->now.name ? s->now.name : "the unit";
	struct dump *before = earlier(s);

	if (s->block) {
		add_queue(s->block, &s->now.r);
		registers_check(d, name, &s->now.r, before ? &before->r : NULL);
		learn(d, &s->now, s->block->line);
		compare_registers(d, s->now.name, &s->now.r);
		decode_block(d, s->block);
		if (!before && s->units < DECODE_UNITS)
			before = &s->before[s->units++];
		if (before)
			*before = s->now;
	}
	memset(&s->now, 0, sizeof(s->now));
	s->block = NULL;
	s->heading = 0;
	s->others = 0;
}

/* "IOMMU: dmar0 Register Base Address: fed90000"; dmar_perf_latency has the same heading. */
static bool heading(struct decode *d, struct regset *s, const struct line *l)
{
	const char *at = scan_find(l, l->text, "Register Base Address", NULL), *behind = at, *name;
	size_t n;

	if (!at)
		return false;
	finish(d, s);
	decode_take(d);
	name = scan_find(l, l->text, "IOMMU: ", &name) ? name : at;
	n = scan_word(name, "");
	if (name < at && n < NAME_SIZE)
		memcpy(s->now.name, name, n);
	scan_words(&behind, "Register Base Address");
	behind += *behind == ':';
	scan_blanks(&behind);
	s->base_cut = scan_hex(l, &behind, &s->now.base) != SCAN_OK;
	if (s->base_cut)
		s->now.base = 0;
	s->heading = l->number;
	return true;
}

static void begin(struct regset *s, const struct line *l)
{
	if (s->block)
		return;
	s->block = block_new("registers", s->heading ? s->heading : l->number,
			     "registers (iommu_regset)");
	if (*s->now.name)
		block_unit(s->block, s->now.name, strlen(s->now.name));
	if (s->heading && s->base_cut)
		block_cut(s->block, "Register Base Address");
	else if (s->heading)
		block_hex(s->block, "Register Base Address", s->now.base, NULL);
}

static void keep(struct registers *r, const char *name, uint64_t value, uint64_t line)
{
	r->read++;
	r->ones += register_ones(name, value);
	for (unsigned i = 0; i < REGISTERS; i++) {
		if (strcmp(register_names[i], name))
			continue;
		r->has[i] = true;
		r->value[i] = value;
		r->line[i] = line;
	}
}

/* "IQH             \t0x80\t\t0x0000000000000660" */
static bool row(struct decode *d, struct regset *s, const struct line *l)
{
	const char *t = l->text + strspn(l->text, " \t"), *name = t, *value;
	char text[REGISTER_TEXT], own[NAME_SIZE];
	uint64_t offset, number;
	size_t n = scan_word(t, "");

	if (!isupper((unsigned char)*t) || n < 2 || n >= NAME_SIZE)
		return false;
	memcpy(own, name, n);
	own[n] = '\0';
	t += n;
	scan_blanks(&t);
	if (strncmp(t, "0x", 2) || scan_hex(l, &t, &offset) != SCAN_OK)
		return false;
	if (!s->block && !s->heading && !register_at(own, offset))
		return false;
	begin(s, l);
	decode_take(d);
	s->others = 0;
	s->block->last = l->number;
	scan_blanks(&t);
	value = t;
	if (strncmp(t, "0x", 2) || scan_hex(l, &t, &number) != SCAN_OK ||
	    t - value < 2 + VALUE_DIGITS) {
		block_cut(s->block, own);
		return true;
	}
	keep(&s->now.r, own, number, l->number);
	if (register_text(text, own, number))
		block_hex(s->block, own, number, "%s", text);
	/* MTRRs, which are mostly zero, are left out */
	else if (number || register_at(own, offset))
		block_hex(s->block, own, number, NULL);
	return true;
}

static const struct finding unmapped = {
	.id = "registers-unreachable",
	.weight = ERROR,
	.certainty = CERTAIN,
	.next = "The kernel could not map the registers at the address that firmware gives: see "
		"the DMAR "
		"table (/sys/firmware/acpi/tables/DMAR) and the boot log.",
};

static bool line(struct decode *d, void *state, const struct line *l)
{
	struct regset *s = state;

	if (heading(d, s, l))
		return true;
	if (scan_find(l, l->text, "IOMMU: Invalid base address", NULL)) {
		decode_take(d);
		decode_find(d, &unmapped, l->number, "A unit's base address is invalid.");
	}
	if (row(d, s, l))
		return true;
	/* An empty line after the registers ends a unit; truncated documents have more of them. */
	if (s->block && (!l->own || ++s->others > OTHER_LINES))
		finish(d, s);
	else if (s->heading && ++s->others > OTHER_LINES)
		finish(d, s);
	return s->block || s->heading;
}

static void end(struct decode *d, void *state)
{
	finish(d, state);
}

static const char *const words[] = { "Register", "Invalid", NULL };

const struct recogniser regset_recogniser = {
	"debugfs-regset", words, sizeof(struct regset), line, end, false
};
