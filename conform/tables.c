/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* tables.c - play rounds on the device and on the model, compare both, and minimise rounds. */
#include "tables.h"

#include <inttypes.h>
#include <qinval/desc.h>
#include <qinval/regs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STATUS 0x80000
#define F (1ULL << 63)

/* The message of the fault event, which remapping cannot produce. */
#define FAULT_ADDR 0xfee01000U
#define FAULT_DATA 0x4e

#define MESSAGES 8

enum { DEVICE, MODEL, SIDES };

struct pair {
	const struct conform_device *side[SIDES];
	unsigned tail, waits;
	bool wide; /* 256-bit descriptors */
	uint64_t cap;
	struct tables_result *result;
};

/* ---- Text ---- */

void tables_op_text(const struct tables_op *op, char text[TABLES_TEXT])
{
	switch (op->kind) {
	case TABLES_STORE:
		snprintf(text, TABLES_TEXT, "memory + 0x%05" PRIx64 " := 0x%016" PRIx64 "%s",
			 op->addr, op->value, op->desc[0][0] ? ", and invalidated" : "");
		break;
	case TABLES_REQUEST:
		snprintf(text, TABLES_TEXT, "device 00:%02x.%u %s 0x%" PRIx64, op->sid >> 3,
			 op->sid & 7, op->write ? "writes to" : "reads from", op->addr);
		break;
	case TABLES_INTERRUPT:
		snprintf(text, TABLES_TEXT,
			 "device 00:%02x.%u sends an interrupt to 0x%" PRIx64 ", data 0x%" PRIx64,
			 op->sid >> 3, op->sid & 7, op->addr, op->value);
		break;
	case TABLES_CLEAR:
		snprintf(text, TABLES_TEXT, "fault records and FSTS cleared");
		break;
	}
}

/* ---- Both sides ---- */

static uint64_t get(const struct conform_device *dev, unsigned reg, unsigned size)
{
	return dev->read(dev->ctx, reg, size);
}

static void set(const struct conform_device *dev, unsigned reg, uint64_t value, unsigned size)
{
	dev->write(dev->ctx, reg, value, size);
}

static void store(const struct conform_device *dev, uint64_t offset, const void *from, size_t len)
{
	dev->store(dev->ctx, dev->memory + offset, from, len);
}

static void command(const struct conform_device *dev, uint32_t bits)
{
	uint32_t on = (uint32_t)get(dev, DMAR_GSTS_REG, 4) & ~VTD_GCMD_ONESHOT;

	set(dev, DMAR_GCMD_REG, on | bits, 4);
	dev->settle(dev->ctx);
}

static bool start_side(const struct pair *p, const struct conform_device *dev, bool scalable)
{
	static const char zeros[TABLES_END];
	uint64_t ecap = get(dev, DMAR_ECAP_REG, 8);

	if (!dev->reset(dev->ctx))
		return false;
	store(dev, 0, zeros, sizeof(zeros));
	set(dev, DMAR_IQT_REG, 0, 8);
	set(dev, DMAR_IQA_REG, dev->memory | (p->wide ? VTD_IQA_DW : 0), 8);
	set(dev, DMAR_RTADDR_REG,
	    (dev->memory + TABLES_ROOT) | (uint64_t)(scalable ? VTD_TTM_SCALABLE : 0) << 10, 8);
	set(dev, DMAR_FEADDR_REG, FAULT_ADDR, 4);
	set(dev, DMAR_FEDATA_REG, FAULT_DATA, 4);
	set(dev, DMAR_FECTL_REG, 0, 4);
	command(dev, VTD_GCMD_QIE);
	command(dev, VTD_GCMD_SRTP);
	if (ecap & VTD_ECAP_IR) {
		set(dev, DMAR_IRTA_REG, (dev->memory + TABLES_IRT) | TABLES_IRTA_SIZE, 8);
		command(dev, VTD_GCMD_SIRTP);
		command(dev, VTD_GCMD_IRE);
	}
	command(dev, VTD_GCMD_TE);
	return true;
}

static bool start(struct pair *p, bool scalable)
{
	p->tail = p->waits = 0;
	p->wide = scalable;
	return start_side(p, p->side[DEVICE], scalable) && start_side(p, p->side[MODEL], scalable);
}

static void put(struct pair *p, const uint64_t qw[2])
{
	unsigned bytes = p->wide ? 32 : 16;
	const uint64_t slot[4] = { qw[0], qw[1] };

	for (unsigned i = 0; i < SIDES; i++)
		store(p->side[i], p->tail * bytes, slot, bytes);
	p->tail = (p->tail + 1) % (0x1000 / bytes);
}

static void submit(struct pair *p, const struct tables_op *op)
{
	struct qi_desc d = qi_desc_wait(QI_IWD_SW, p->side[DEVICE]->memory + STATUS, ++p->waits);
	const uint64_t wait[2] = { d.qw0, d.qw1 };

	for (unsigned i = 0; i < TABLES_DESCS && op->desc[i][0]; i++)
		put(p, op->desc[i]);
	if (!op->desc[0][0])
		return;
	put(p, wait);
	for (unsigned i = 0; i < SIDES; i++) {
		set(p->side[i], DMAR_IQT_REG, p->tail * (p->wide ? 32 : 16), 8);
		p->side[i]->settle(p->side[i]->ctx);
	}
}

static unsigned records(const struct pair *p)
{
	return VTD_CAP_NFR(p->cap) + 1;
}

static unsigned record(const struct pair *p, unsigned i)
{
	return (VTD_CAP_FRO(p->cap) + i) * 16;
}

static void clear(struct pair *p)
{
	for (unsigned i = 0; i < SIDES; i++) {
		for (unsigned n = 0; n < records(p); n++)
			set(p->side[i], record(p, n) + 12, F >> 32, 4);
		set(p->side[i], DMAR_FSTS_REG, VTD_FSTS_PFO, 4);
	}
}

/* ---- Comparison ---- */

static bool differs(struct pair *p, const char *what, uint64_t device, uint64_t model)
{
	if (device == model)
		return false;
	snprintf(p->result->difference, sizeof(p->result->difference),
		 "%s 0x%" PRIx64 ", in the model 0x%" PRIx64, what, device, model);
	return true;
}

static bool faults_differ(struct pair *p)
{
	uint64_t fsts[SIDES], word[SIDES];

	for (unsigned i = 0; i < SIDES; i++)
		fsts[i] = get(p->side[i], DMAR_FSTS_REG, 4);
	if (differs(p, "FSTS reads", fsts[DEVICE], fsts[MODEL]))
		return true;
	if (!(fsts[MODEL] & VTD_FSTS_PPF))
		return false;
	for (unsigned n = 0; n < 2 * records(p); n++) {
		for (unsigned i = 0; i < SIDES; i++)
			word[i] = get(p->side[i], record(p, 0) + n * 8, 8);
		if (differs(p, n & 1 ? "a fault record's upper half reads" : "its lower half reads",
			    word[DEVICE], word[MODEL]))
			return true;
	}
	return false;
}

/* The level has no meaning for an edge-triggered interrupt. */
static uint32_t meaning(uint32_t data)
{
	return data & 1 << 15 ? data : data & ~(1U << 14);
}

static bool messages_differ(struct pair *p)
{
	struct conform_message m[SIDES][MESSAGES] = { 0 };
	unsigned n[SIDES];

	if (!p->side[DEVICE]->messages)
		return false;
	for (unsigned i = 0; i < SIDES; i++)
		n[i] = p->side[i]->messages(p->side[i]->ctx, m[i], MESSAGES);
	p->result->messages += n[MODEL];
	for (unsigned i = 0; i < n[MODEL] && i < n[DEVICE] && i < MESSAGES; i++) {
		if (differs(p, "a message goes to", m[DEVICE][i].addr, m[MODEL][i].addr) ||
		    differs(p, "a message has data", meaning(m[DEVICE][i].data),
			    meaning(m[MODEL][i].data)))
			return true;
	}
	return differs(p, "messages:", n[DEVICE], n[MODEL]);
}

static const char *arrival_text(enum conform_arrival a)
{
	static const char *const text[] = { "there is no such device", "it arrives nowhere",
					    "it arrives" };

	return text[a];
}

static bool request_differs(struct pair *p, const struct tables_op *op)
{
	const struct conform_request q = { op->addr, op->sid, op->write };
	enum conform_arrival a[SIDES];
	uint64_t to[SIDES] = { 0 };

	a[MODEL] = p->side[MODEL]->dma(p->side[MODEL]->ctx, &q, &to[MODEL]);
	if (conform_sim_strayed(p->side[MODEL])) {
		p->result->skipped++;
		conform_sim_undo(p->side[MODEL]);
		return false;
	}
	p->result->requests++;
	a[DEVICE] = p->side[DEVICE]->dma(p->side[DEVICE]->ctx, &q, &to[DEVICE]);
	p->result->arrived += a[MODEL] == CONFORM_ARRIVES;
	p->result->faults += !!(get(p->side[MODEL], DMAR_FSTS_REG, 4) & VTD_FSTS_PPF);
	if (a[DEVICE] != a[MODEL]) {
		snprintf(p->result->difference, sizeof(p->result->difference),
			 "%s, in the model %s; FSTS reads 0x%" PRIx64 ", in the model 0x%" PRIx64,
			 arrival_text(a[DEVICE]), arrival_text(a[MODEL]),
			 get(p->side[DEVICE], DMAR_FSTS_REG, 4),
			 get(p->side[MODEL], DMAR_FSTS_REG, 4));
		return true;
	}
	return a[MODEL] == CONFORM_ARRIVES && differs(p, "it arrives at", to[DEVICE], to[MODEL]);
}

static bool interrupt_differs(struct pair *p, const struct tables_op *op)
{
	p->side[MODEL]->interrupt(p->side[MODEL]->ctx, op->sid, op->addr, (uint32_t)op->value);
	if (conform_sim_strayed(p->side[MODEL])) {
		p->result->skipped++;
		conform_sim_undo(p->side[MODEL]);
		return false;
	}
	if (!p->side[DEVICE]->interrupt(p->side[DEVICE]->ctx, op->sid, op->addr,
					(uint32_t)op->value)) {
		conform_sim_undo(p->side[MODEL]);
		return false;
	}
	p->result->interrupts++;
	return false;
}

/* Do one operation on both. True: there is a difference. */
static bool play(struct pair *p, const struct tables_op *op)
{
	switch (op->kind) {
	case TABLES_STORE:
		for (unsigned i = 0; i < SIDES; i++)
			store(p->side[i], op->addr, &op->value, sizeof(op->value));
		submit(p, op);
		return false;
	case TABLES_CLEAR:
		clear(p);
		return false;
	case TABLES_REQUEST:
		return request_differs(p, op) || faults_differ(p) || messages_differ(p);
	default:
		return (p->side[DEVICE]->interrupt && interrupt_differs(p, op)) ||
		       faults_differ(p) || messages_differ(p);
	}
}

/* True: there is a difference, and the operations after it are removed. */
static bool play_round(struct pair *p, struct tables_round *r, bool *lost)
{
	*lost = !start(p, r->scalable);
	for (unsigned i = 0; !*lost && i < r->ops; i++) {
		if (play(p, &r->op[i])) {
			r->ops = i + 1;
			return true;
		}
	}
	return false;
}

/* Remove each section, from long to short, without which there is still a difference. */
static void minimise(struct pair *p, struct tables_round *r)
{
	struct tables_round *less = malloc(sizeof(*less));
	bool lost = false;

	if (!less)
		return;
	for (unsigned n = r->ops / 2; n && !lost; n /= 2) {
		for (unsigned i = 0; i + n < r->ops && !lost;) {
			*less = *r;
			less->ops -= n;
			memmove(&less->op[i], &less->op[i + n],
				(less->ops - i) * sizeof(less->op[0]));
			if (play_round(p, less, &lost))
				*r = *less;
			else
				i += n;
		}
	}
	play_round(p, r, &lost);
	free(less);
}

/* ---- The run ---- */

static bool run(struct pair *p, struct tables_maker *m, uint64_t requests,
		bool (*go_on)(uint64_t done, uint64_t all))
{
	struct tables_result *r = p->result, *figures = malloc(sizeof(*figures));
	bool lost = !figures;

	while (!lost && !r->differs && !r->stopped && r->requests + r->interrupts < requests) {
		tables_make(m, &r->round);
		r->rounds++;
		r->differs = play_round(p, &r->round, &lost);
		r->stopped = go_on && r->requests + r->interrupts < requests &&
			     !go_on(r->requests + r->interrupts, requests);
	}
	if (r->differs) {
		*figures = *r;
		minimise(p, &r->round);
		figures->round = r->round;
		memcpy(figures->difference, r->difference, sizeof(r->difference));
		*r = *figures;
	}
	free(figures);
	return !lost;
}

bool tables_run(const struct conform_device *dev, enum vtd_profile profile, uint64_t seed,
		uint64_t requests, bool (*go_on)(uint64_t done, uint64_t all),
		struct tables_result *r)
{
	struct conform_sim_config cfg = {
		.profile = profile, .memory = dev->memory, .plain = true, .forgets = true
	};
	struct tables_maker m = { .random = seed, .memory = dev->memory, .nowhere = dev->nowhere };
	struct pair p = { .side = { dev }, .result = r };
	bool ok;

	memset(r, 0, sizeof(*r));
	if (!dev->dma || !dev->reset(dev->ctx))
		return false;
	cfg.cap = p.cap = m.cap = get(dev, DMAR_CAP_REG, 8);
	cfg.ecap = m.ecap = get(dev, DMAR_ECAP_REG, 8);
	p.side[MODEL] = conform_sim_start(&cfg);
	if (!p.side[MODEL])
		return false;
	ok = run(&p, &m, requests, go_on);
	conform_sim_stop(p.side[MODEL]);
	return ok;
}
