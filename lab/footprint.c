/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "footprint.h"

#include <qinval/regs.h>
#include <string.h>
#include <sys/mman.h>

#include "machine.h"

#define WORD 4	  /* bytes */
#define PROBES 64 /* bits that are looked at before a word has to share one */

/*
 * Which word has which bit: a word's bit is its place in this table of open addressing. Shared by
 * all processes. An entry is written once, by compare-and-swap, and never removed; so a word that
 * has found its neighbourhood full will always find it so, and has the same bit again.
 */
static uint64_t *word_of;

bool footprint_open(void)
{
	void *p = mmap(NULL, FOOTPRINT_THINGS * sizeof(*word_of), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	word_of = p == MAP_FAILED ? NULL : p;
	return word_of;
}

static unsigned thing_at(uint64_t word)
{
	const unsigned n = FOOTPRINT_THINGS - FOOTPRINT_WORDS;
	unsigned first = (unsigned)((word * 0x9e3779b97f4a7c15ULL) >> 32) % n, i;

	for (i = 0; i < PROBES; i++) {
		uint64_t *at = &word_of[FOOTPRINT_WORDS + (first + i) % n], is;

		is = __atomic_load_n(at, __ATOMIC_RELAXED);
		if (!is && __atomic_compare_exchange_n(at, &is, word, false, __ATOMIC_RELAXED,
						       __ATOMIC_RELAXED))
			is = word;
		if (is == word)
			return FOOTPRINT_WORDS + (first + i) % n;
	}
	return FOOTPRINT_WORDS + first;
}

void footprint_memory(struct footprint *f, uintptr_t addr, size_t size, bool write)
{
	uint64_t word;

	for (word = addr / WORD; word <= (addr + size - 1) / WORD; word++) {
		if (write)
			footprint_write(f, thing_at(word));
		else
			footprint_read(f, thing_at(word));
	}
}

static void whole_unit(struct footprint *f)
{
	unsigned thing;

	for (thing = FOOTPRINT_IQH; thing <= FOOTPRINT_CACHE; thing++)
		footprint_write(f, thing);
	footprint_write(f, FOOTPRINT_MESSAGES);
}

static unsigned thing_of_register(unsigned reg)
{
	switch (reg & ~7U) {
	case DMAR_IQH_REG:
		return FOOTPRINT_IQH;
	case DMAR_IQT_REG:
		return FOOTPRINT_IQT;
	case DMAR_FSTS_REG & ~7U:
		return FOOTPRINT_FSTS;
	case DMAR_GSTS_REG & ~7U:
		return FOOTPRINT_GSTS;
	default:
		return FOOTPRINT_UNIT;
	}
}

/*
 * A write of IQT is only noted. Any other one may change all of the unit, and not every profile
 * waits with its work until somebody calls vtd_step().
 */
void footprint_register(struct footprint *f, uint64_t addr, bool write)
{
	unsigned thing = thing_of_register(hardware_offset(addr));

	if (!write)
		footprint_read(f, thing);
	else if (hardware_unit(addr)->cfg.profile != VTD_SPEC)
		footprint_anything(f);
	else if (thing == FOOTPRINT_IQT)
		footprint_write(f, thing);
	else
		whole_unit(f);
}

static void memory_op(struct footprint *f, const struct op *op)
{
	footprint_memory(f, op->addr, op_bytes(op), op_writes(op));
	if (op_copies(op))
		footprint_memory(f, op->b, op_bytes(op), true);
}

void footprint_op(struct footprint *f, const struct op *op)
{
	switch (op->kind) {
	case OP_LOCK:
	case OP_UNLOCK:
		footprint_memory(f, op->addr, sizeof(uint32_t), true);
		break;
	case OP_REG_READ:
	case OP_REG_WRITE:
		footprint_register(f, op->addr, op->kind == OP_REG_WRITE);
		break;
	case OP_LOOK:
		footprint_read(f, FOOTPRINT_CACHE);
		break;
	case OP_ARM:
		whole_unit(f);
		footprint_memory(f, op->addr, sizeof(struct vtd_fault), false);
		break;
	case OP_SLEEP:
		footprint_read(f, FOOTPRINT_SLEEP);
		footprint_memory(f, op->addr, op->size, false);
		break;
	case OP_WAKE:
		footprint_write(f, FOOTPRINT_SLEEP);
		break;
	case OP_NOW:
		footprint_read(f, FOOTPRINT_CLOCK);
		break;
	case OP_JOIN:
		footprint_read(f, FOOTPRINT_JOIN);
		break;
	default:
		if (op_is_memory(op))
			memory_op(f, op);
		break;
	}
}

void footprint_anything(struct footprint *f)
{
	memset(f, 0xff, sizeof(*f));
}

bool footprint_add(struct footprint *to, const struct footprint *more)
{
	uint64_t news = 0;
	unsigned i;

	for (i = 0; i < FOOTPRINT_THINGS / 64; i++) {
		news |= (more->read[i] & ~to->read[i]) | (more->write[i] & ~to->write[i]);
		to->read[i] |= more->read[i];
		to->write[i] |= more->write[i];
	}
	return news;
}

bool footprint_conflict(const struct footprint *a, const struct footprint *b)
{
	uint64_t both = 0;
	unsigned i;

	for (i = 0; i < FOOTPRINT_THINGS / 64; i++)
		both |= (a->write[i] & (b->read[i] | b->write[i])) | (a->read[i] & b->write[i]);
	return both;
}
