/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* fuzz_play.c - do one operation on the device and on the model, and compare both. */
#include "fuzz_internal.h"

#include <qinval/desc.h>
#include <qinval/regs.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RING_BYTES 0x8000 /* the part of the ring that a stream can fill */
#define STATUS_BYTES 0x1000

#define MESSAGES 16

static const struct {
	const char *name;
	unsigned reg, size;
} looked_at[] = {
	{ "GSTS", DMAR_GSTS_REG, 4 },	  { "FSTS", DMAR_FSTS_REG, 4 },
	{ "FECTL", DMAR_FECTL_REG, 4 },	  { "IQH", DMAR_IQH_REG, 8 },
	{ "IQT", DMAR_IQT_REG, 8 },	  { "IQA", DMAR_IQA_REG, 8 },
	{ "ICS", DMAR_ICS_REG, 4 },	  { "IECTL", DMAR_IECTL_REG, 4 },
	{ "IQERCD", DMAR_IQERCD_REG, 8 },
};

#define LOOKED_AT (sizeof(looked_at) / sizeof(looked_at[0]))

static uint64_t read_register(const struct conform_device *dev, unsigned reg, unsigned size)
{
	return dev->read(dev->ctx, reg, size);
}

static bool has_ended(const struct conform_device *dev)
{
	return read_register(dev, DMAR_VER_REG, 4) == 0xffffffff;
}

/* ---- Comparing: false if there is a difference ---- */

static bool compare_registers(struct fuzz_pair *p)
{
	for (unsigned i = 0; i < LOOKED_AT; i++) {
		uint64_t value[2];

		for (unsigned k = 0; k < 2; k++)
			value[k] = read_register(p->side[k], looked_at[i].reg, looked_at[i].size);
		if (value[DEVICE] == value[MODEL])
			continue;
		snprintf(p->difference, sizeof(p->difference),
			 "%s reads 0x%" PRIx64 ", in the model 0x%" PRIx64, looked_at[i].name,
			 value[DEVICE], value[MODEL]);
		return false;
	}
	return true;
}

static bool compare_memory(struct fuzz_pair *p, const char *what, uint64_t offset, size_t len)
{
	uint32_t word[2][RING_BYTES / 4];

	for (unsigned k = 0; k < 2; k++)
		p->side[k]->load(p->side[k]->ctx, p->side[k]->memory + offset, word[k], len);
	for (unsigned i = 0; i < len / 4; i++) {
		if (word[DEVICE][i] == word[MODEL][i])
			continue;
		snprintf(p->difference, sizeof(p->difference),
			 "%s + 0x%x holds 0x%" PRIx32 ", in the model 0x%" PRIx32, what, 4 * i,
			 word[DEVICE][i], word[MODEL][i]);
		return false;
	}
	return true;
}

/* A unit may complete what is before a refused descriptor after it has reported that one. */
static int by_address(const void *a, const void *b)
{
	const struct conform_message *left = a, *right = b;

	return (left->addr > right->addr) - (left->addr < right->addr);
}

static bool compare_messages(struct fuzz_pair *p)
{
	struct conform_message m[2][MESSAGES] = { 0 };
	unsigned n[2];

	if (!p->side[DEVICE]->messages)
		return true;
	for (unsigned k = 0; k < 2; k++) {
		n[k] = p->side[k]->messages(p->side[k]->ctx, m[k], MESSAGES);
		qsort(m[k], n[k] < MESSAGES ? n[k] : MESSAGES, sizeof(*m[k]), by_address);
	}
	p->messages += n[MODEL];
	for (unsigned i = 0; n[DEVICE] == n[MODEL] && i < n[MODEL] && i < MESSAGES; i++) {
		if (m[DEVICE][i].addr == m[MODEL][i].addr && m[DEVICE][i].data == m[MODEL][i].data)
			continue;
		snprintf(p->difference, sizeof(p->difference),
			 "message to 0x%" PRIx64 " with 0x%" PRIx32 ", in the model to 0x%" PRIx64
			 " with 0x%" PRIx32,
			 m[DEVICE][i].addr, m[DEVICE][i].data, m[MODEL][i].addr, m[MODEL][i].data);
		return false;
	}
	if (n[DEVICE] != n[MODEL])
		snprintf(p->difference, sizeof(p->difference), "%u messages, in the model %u",
			 n[DEVICE], n[MODEL]);
	return n[DEVICE] == n[MODEL];
}

static bool look(struct fuzz_pair *p)
{
	p->looks++;
	return compare_registers(p) && compare_messages(p) &&
	       compare_memory(p, "status", FUZZ_STATUS_OFFSET, STATUS_BYTES) &&
	       compare_memory(p, "ring", 0, RING_BYTES);
}

/* Note what the model has done, and its state. */
static void note(struct fuzz_pair *p)
{
	const struct conform_device *model = p->side[MODEL];
	uint64_t head = read_register(model, DMAR_IQH_REG, 8) >> p->shift;
	uint32_t fsts = (uint32_t)read_register(model, DMAR_FSTS_REG, 4);

	bool on = read_register(model, DMAR_GSTS_REG, 4) & VTD_GSTS_QIES;

	if (on && p->on)
		p->executed += (head - p->head) & (p->slots - 1);
	p->refused += fsts & VTD_FSTS_IQE && !(p->fsts & VTD_FSTS_IQE);
	p->head = head;
	p->fsts = fsts;
	p->on = on;
}

/* ---- Operations ---- */

static void put_at(struct fuzz_pair *p, const struct conform_device *dev, unsigned slot,
		   const uint64_t qw[4])
{
	dev->store(dev->ctx, dev->memory + ((uint64_t)slot << p->shift), qw, 1U << p->shift);
}

static void ring(struct fuzz_pair *p, const struct conform_device *dev)
{
	dev->write(dev->ctx, DMAR_IQT_REG, (uint64_t)p->tail << p->shift, 8);
}

/* The repair's status word is the page's last one, which streams do not use. */
static void repair(struct fuzz_pair *p, const struct conform_device *dev)
{
	struct qi_desc d = qi_desc_wait(QI_IWD_SW, dev->memory + FUZZ_STATUS_OFFSET + 0xffc, 1);
	const uint64_t qw[4] = { d.qw0, d.qw1 };

	put_at(p, dev, (unsigned)p->head, qw);
	dev->write(dev->ctx, DMAR_FSTS_REG, VTD_FSTS_IQE, 4);
	ring(p, dev);
}

static void perform(struct fuzz_pair *p, const struct conform_device *dev, const struct fuzz_op *op)
{
	switch (op->kind) {
	case FUZZ_PUT:
		put_at(p, dev, p->tail, op->qw);
		return;
	case FUZZ_RING:
		ring(p, dev);
		break;
	case FUZZ_REPAIR:
		repair(p, dev);
		break;
	case FUZZ_WRITE:
		dev->write(dev->ctx, op->reg, op->value, op->size);
		break;
	}
	dev->settle(dev->ctx);
}

/* Update the slots for the operation. */
static void move_on(struct fuzz_pair *p, const struct fuzz_op *op)
{
	if (op->kind == FUZZ_PUT)
		p->tail = (p->tail + 1) & (p->slots - 1);
	if (op->kind != FUZZ_WRITE || op->reg != DMAR_IQA_REG)
		return;
	p->shift = op->value & VTD_IQA_DW ? 5 : 4;
	p->slots = (0x1000U << (op->value & VTD_IQA_QS_MASK)) >> p->shift;
	p->tail = 0;
	p->head = 0;
}

enum fuzz_end fuzz_play(struct fuzz_pair *p, const struct fuzz_op *op, bool confirm)
{
	bool fatal;

	/* Software must not write IQA while the queue is on. */
	if (op->kind == FUZZ_WRITE && op->reg == DMAR_IQA_REG && p->on)
		return FUZZ_AGREE;
	perform(p, p->side[MODEL], op);
	fatal = has_ended(p->side[MODEL]);
	if (fatal && !confirm)
		return FUZZ_FATAL;
	perform(p, p->side[DEVICE], op);
	move_on(p, op);
	if (op->kind == FUZZ_PUT)
		return FUZZ_AGREE;
	if (fatal != has_ended(p->side[DEVICE])) {
		snprintf(p->difference, sizeof(p->difference), "the device %s",
			 fatal ? "still answers, the model has ended" : "stops answering");
		return FUZZ_DIFFER;
	}
	if (fatal)
		return FUZZ_FATAL;
	if (!look(p))
		return FUZZ_DIFFER;
	note(p);
	return FUZZ_AGREE;
}

/* ---- Both units ---- */

/* Make a model with the device's capabilities and at its addresses. */
bool fuzz_pair_start(struct fuzz_pair *p, const struct conform_device *dev,
		     enum vtd_profile profile)
{
	struct conform_sim_config cfg = { .profile = profile,
					  .memory = dev->memory,
					  .plain = true };

	*p = (struct fuzz_pair){ .side[DEVICE] = dev };
	if (!dev->reset(dev->ctx))
		return false;
	cfg.cap = read_register(dev, DMAR_CAP_REG, 8);
	cfg.ecap = read_register(dev, DMAR_ECAP_REG, 8);
	p->side[MODEL] = conform_sim_start(&cfg);
	return p->side[MODEL];
}

void fuzz_pair_stop(struct fuzz_pair *p)
{
	conform_sim_stop(p->side[MODEL]);
}

bool fuzz_reset(struct fuzz_pair *p)
{
	static const char zeros[RING_BYTES];

	p->tail = p->head = 0;
	p->shift = 4;
	p->slots = 256;
	p->on = false;
	p->fsts = 0;
	p->difference[0] = '\0';
	for (unsigned k = 0; k < 2; k++) {
		const struct conform_device *dev = p->side[k];

		if (!dev->reset(dev->ctx))
			return false;
		dev->store(dev->ctx, dev->memory, zeros, RING_BYTES);
		dev->store(dev->ctx, dev->memory + FUZZ_STATUS_OFFSET, zeros, STATUS_BYTES);
	}
	return true;
}
