/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* trial.c - the tools of the cases: the queue, single descriptors, and the outcome. */
#include "trial.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* The largest ring has 512 KiB. */
#define STATUS_OFFSET 0x80000
#define STATUS_BYTES 0x1000
#define OTHER_RING_OFFSET 0x90000

/* Used by trial_try()'s own wait. The cases use the words after it. */
#define TRY_WORD 0
#define TRY_DATA 0x7a11ed00

/* ---- The outcome ---- */

void trial_deviates(struct trial *t, const char *format, ...)
{
	va_list args;

	if (t->result->outcome == CONFORM_DEVIATES)
		return;
	t->result->outcome = CONFORM_DEVIATES;
	va_start(args, format);
	vsnprintf(t->result->detail, sizeof(t->result->detail), format, args);
	va_end(args);
}

void trial_not_applicable(struct trial *t, const char *why)
{
	t->result->outcome = CONFORM_NOT_APPLICABLE;
	snprintf(t->result->detail, sizeof(t->result->detail), "%s", why);
}

void trial_remark(struct trial *t, const char *format, ...)
{
	va_list args;

	if (t->result->outcome != CONFORM_PASS)
		return;
	va_start(args, format);
	vsnprintf(t->result->detail, sizeof(t->result->detail), format, args);
	va_end(args);
}

bool trial_expect(struct trial *t, bool holds, const char *words)
{
	if (!holds)
		trial_deviates(t, "%s", words);
	return holds;
}

bool trial_needs(struct trial *t, bool there, const char *what)
{
	if (!there)
		trial_not_applicable(t, what);
	return there;
}

bool trial_alive(struct trial *t)
{
	return trial_expect(t, trial_read(t, DMAR_VER_REG) != 0xffffffff,
			    "the unit stops answering");
}

/* ---- Registers ---- */

static unsigned natural_size(unsigned reg)
{
	switch (reg) {
	case DMAR_CAP_REG:
	case DMAR_ECAP_REG:
	case DMAR_RTADDR_REG:
	case DMAR_IQH_REG:
	case DMAR_IQT_REG:
	case DMAR_IQA_REG:
	case DMAR_IQERCD_REG:
		return 8;
	default:
		return 4;
	}
}

uint64_t trial_read(struct trial *t, unsigned reg)
{
	return t->dev->read(t->dev->ctx, reg, natural_size(reg));
}

void trial_write(struct trial *t, unsigned reg, uint64_t value)
{
	t->dev->write(t->dev->ctx, reg, value, natural_size(reg));
}

void trial_command(struct trial *t, uint32_t bits, bool on)
{
	uint32_t now = (uint32_t)trial_read(t, DMAR_GSTS_REG) & ~VTD_GCMD_ONESHOT;

	trial_write(t, DMAR_GCMD_REG, on ? now | bits : now & ~bits);
	t->dev->settle(t->dev->ctx);
}

/* ---- The queue ---- */

uint64_t trial_ring(const struct trial *t)
{
	return t->dev->memory;
}

uint64_t trial_status_addr(const struct trial *t, unsigned word)
{
	return t->dev->memory + STATUS_OFFSET + 4 * word;
}

uint64_t trial_other_ring(const struct trial *t)
{
	return t->dev->memory + OTHER_RING_OFFSET;
}

unsigned trial_shift(const struct trial *t)
{
	return t->width == 256 ? 5 : 4;
}

uint64_t trial_iqa(const struct trial *t, uint64_t ring, unsigned qs)
{
	return ring | qs | (t->width == 256 ? VTD_IQA_DW : 0);
}

bool trial_queue_on(struct trial *t, unsigned qs)
{
	static const char zeros[STATUS_BYTES];

	t->slots = (0x1000U << qs) >> trial_shift(t);
	t->tail = 0;
	t->dev->store(t->dev->ctx, trial_status_addr(t, 0), zeros, sizeof(zeros));
	trial_write(t, DMAR_IQT_REG, 0);
	trial_write(t, DMAR_IQA_REG, trial_iqa(t, trial_ring(t), qs));
	trial_command(t, VTD_GCMD_QIE, true);
	return trial_expect(t, trial_read(t, DMAR_GSTS_REG) & VTD_GSTS_QIES,
			    "GSTS.QIES stays clear when GCMD.QIE is set");
}

void trial_put_at(struct trial *t, unsigned slot, struct qi_desc d)
{
	t->dev->store(t->dev->ctx, trial_ring(t) + ((uint64_t)slot << trial_shift(t)), &d,
		      1U << trial_shift(t));
}

void trial_put(struct trial *t, struct qi_desc d)
{
	trial_put_at(t, t->tail, d);
	t->tail = (t->tail + 1) % t->slots;
}

void trial_submit(struct trial *t)
{
	trial_write(t, DMAR_IQT_REG, (uint64_t)t->tail << trial_shift(t));
	t->dev->settle(t->dev->ctx);
}

uint64_t trial_head(struct trial *t)
{
	return trial_read(t, DMAR_IQH_REG) >> trial_shift(t);
}

uint32_t trial_status(struct trial *t, unsigned word)
{
	uint32_t value;

	t->dev->load(t->dev->ctx, trial_status_addr(t, word), &value, sizeof(value));
	return value;
}

void trial_set_status(struct trial *t, unsigned word, uint32_t value)
{
	t->dev->store(t->dev->ctx, trial_status_addr(t, word), &value, sizeof(value));
}

struct qi_desc trial_wait(const struct trial *t, uint64_t flags, unsigned word, uint32_t data)
{
	return qi_desc_wait(flags, trial_status_addr(t, word), data);
}

struct qi_desc trial_invalidation(void)
{
	return qi_desc_iotlb(QI_IOTLB_GLOBAL, 0, 0, 0, false, 0);
}

/* ---- One descriptor ---- */

static void start_again(struct trial *t)
{
	t->dev->reset(t->dev->ctx);
	trial_queue_on(t, 0);
}

/* As drivers do: put a wait in place of the refused descriptor, clear IQE, write IQT again. */
static bool recover(struct trial *t, unsigned slot)
{
	trial_put_at(t, slot, trial_wait(t, QI_IWD_SW, TRY_WORD, TRY_DATA + 1));
	trial_write(t, DMAR_FSTS_REG, VTD_FSTS_IQE);
	trial_submit(t);
	return trial_status(t, TRY_WORD) == TRY_DATA && trial_head(t) == t->tail;
}

static enum trial_verdict verdict(struct trial *t, unsigned slot)
{
	uint64_t fsts = trial_read(t, DMAR_FSTS_REG);

	if (fsts == 0xffffffff)
		return DEAD;
	if (fsts & VTD_FSTS_IQE)
		return trial_head(t) == slot && trial_status(t, TRY_WORD) != TRY_DATA ? REFUSED
										      : STUCK;
	return trial_head(t) == t->tail && trial_status(t, TRY_WORD) == TRY_DATA ? ACCEPTED : STUCK;
}

enum trial_verdict trial_try(struct trial *t, struct qi_desc d)
{
	unsigned slot = t->tail;
	enum trial_verdict v;

	trial_set_status(t, TRY_WORD, 0);
	trial_put(t, d);
	trial_put(t, trial_wait(t, QI_IWD_SW, TRY_WORD, TRY_DATA));
	trial_submit(t);
	v = verdict(t, slot);
	if (v == DEAD || v == STUCK)
		start_again(t);
	else if (v == REFUSED && !recover(t, slot))
		start_again(t);
	return v;
}

const char *trial_verdict_text(enum trial_verdict v)
{
	static const char *const text[] = {
		[ACCEPTED] = "is executed",
		[REFUSED] = "is refused with IQE",
		[STUCK] = "neither is executed nor stops the queue in its place",
		[DEAD] = "ends the unit, which stops answering",
	};

	return text[v];
}

static void expect_verdict(struct trial *t, struct qi_desc d, enum trial_verdict wanted)
{
	enum trial_verdict v;

	if (!trial_queue_on(t, 0))
		return;
	v = trial_try(t, d);
	if (v != wanted)
		trial_deviates(t, "%s", trial_verdict_text(v));
}

void trial_accepts(struct trial *t, struct qi_desc d)
{
	expect_verdict(t, d, ACCEPTED);
}

void trial_refuses(struct trial *t, struct qi_desc d)
{
	expect_verdict(t, d, REFUSED);
}

char *trial_bits_text(char *to, const char *end, const char *name, uint64_t bits)
{
	unsigned low, high;

	for (low = 0; low < 64; low = high + 1) {
		high = low;
		if (!(bits >> low & 1))
			continue;
		while (high < 63 && bits >> (high + 1) & 1)
			high++;
		if (high > low)
			to += snprintf(to, (size_t)(end - to), " %s[%u:%u]", name, high, low);
		else
			to += snprintf(to, (size_t)(end - to), " %s[%u]", name, low);
		if (to >= end - 1)
			return (char *)end - 1;
	}
	return to;
}

bool trial_has_type(const struct trial *t, unsigned type)
{
	static const uint64_t needed[QI_TYPES] = {
		[QI_DIOTLB_TYPE] = VTD_ECAP_DT,
		[QI_IEC_TYPE] = VTD_ECAP_IR,
		[QI_EIOTLB_TYPE] = VTD_ECAP_SMTS,
		[QI_PC_TYPE] = VTD_ECAP_SMTS,
		[QI_DEIOTLB_TYPE] = VTD_ECAP_SMTS | VTD_ECAP_DT | VTD_ECAP_PASID,
		[QI_PGRP_RESP_TYPE] = VTD_ECAP_PRS,
	};

	return type > 0 && type < QI_TYPES && has_ecap(t, needed[type]);
}
