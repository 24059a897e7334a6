/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "dma.h"

uint64_t dma_at(const struct trial *t, uint64_t offset)
{
	return t->dev->memory + offset;
}

void dma_store(struct trial *t, uint64_t offset, uint64_t value)
{
	t->dev->store(t->dev->ctx, dma_at(t, offset), &value, sizeof(value));
}

uint64_t dma_load(struct trial *t, uint64_t offset)
{
	uint64_t value;

	t->dev->load(t->dev->ctx, dma_at(t, offset), &value, sizeof(value));
	return value;
}

uint64_t dma_frame(const struct trial *t, unsigned i)
{
	return dma_at(t, CONFORM_FRAMES + i * 0x1000);
}

unsigned dma_shift(unsigned level)
{
	return 12 + 9 * (level - 1);
}

/* The fewest levels that there are. */
unsigned dma_levels(const struct trial *t)
{
	unsigned aw = 1;

	while (aw < 3 && !(VTD_CAP_SAGAW(t->cap) >> aw & 1))
		aw++;
	return aw + 2;
}

uint64_t dma_entry(unsigned tables, unsigned top, unsigned level)
{
	return tables + (top - level) * 0x1000 + (IOVA >> dma_shift(level) & 0x1ff) * 8;
}

/* IOVA leads to a frame, and to no other page. */
void dma_map(struct trial *t, unsigned tables, unsigned top, unsigned i)
{
	for (unsigned level = top; level > 1; level--)
		dma_store(t, dma_entry(tables, top, level),
			  dma_at(t, tables + (top - level + 1) * 0x1000) | R | W);
	dma_store(t, dma_entry(tables, top, 1), dma_frame(t, i) | R | W);
}

void dma_attach(struct trial *t, uint16_t sid, uint16_t did, unsigned tables, unsigned top)
{
	dma_store(t, CONTEXTS + sid * 16, dma_at(t, tables) | PRESENT);
	dma_store(t, CONTEXTS + sid * 16 + 8, (uint64_t)did << 8 | (top - 2));
}

void dma_set_root(struct trial *t, uint64_t root)
{
	trial_write(t, DMAR_RTADDR_REG, root);
	trial_command(t, VTD_GCMD_SRTP, true);
}

static bool has_devices(struct trial *t)
{
	return trial_needs(t, t->dev->dma, "no devices whose requests could be seen");
}

/* Legacy mode. Queue and translation are on. */
bool dma_start(struct trial *t)
{
	static const char zeros[END - ROOT];

	if (!has_devices(t))
		return false;
	t->dev->store(t->dev->ctx, dma_at(t, ROOT), zeros, sizeof(zeros));
	dma_store(t, ROOT, dma_at(t, CONTEXTS) | PRESENT);
	dma_map(t, TABLES, dma_levels(t), 0);
	dma_attach(t, READER, DID, TABLES, dma_levels(t));
	dma_attach(t, WRITER, DID, TABLES, dma_levels(t));
	if (!trial_queue_on(t, 0))
		return false;
	dma_set_root(t, dma_at(t, ROOT));
	trial_command(t, VTD_GCMD_TE, true);
	return true;
}

static void attach_scalable(struct trial *t, uint16_t sid)
{
	dma_store(t, CONTEXTS + sid * 32, dma_at(t, DIRECTORY) | PRESENT);
}

/* Scalable mode: PASID 0, the second stage. */
bool dma_start_scalable(struct trial *t)
{
	if (!trial_needs(t, has_ecap(t, VTD_ECAP_SMTS | 1ULL << 46),
			 "no second stage in scalable mode: ECAP.SMTS, ECAP.SSTS") ||
	    !has_devices(t))
		return false;
	t->width = 256;
	if (!dma_start(t))
		return false;
	for (unsigned sid = 0; sid < 0x40; sid++) {
		dma_store(t, CONTEXTS + sid * 16, 0);
		dma_store(t, CONTEXTS + sid * 16 + 8, 0);
	}
	attach_scalable(t, READER);
	attach_scalable(t, WRITER);
	dma_store(t, DIRECTORY, dma_at(t, PASIDS) | PRESENT);
	dma_store(t, PASIDS + 8, DID);
	dma_store(t, PASIDS,
		  dma_at(t, TABLES) | (uint64_t)(dma_levels(t) - 2) << 2 | 2 << 6 | PRESENT);
	dma_set_root(t, dma_at(t, ROOT) | VTD_TTM_SCALABLE << 10);
	return true;
}

enum conform_arrival dma_request(struct trial *t, uint64_t addr, bool write, uint64_t *to)
{
	const struct conform_request q = { addr, write ? WRITER : READER, write };

	*to = 0;
	return t->dev->dma(t->dev->ctx, &q, to);
}

void dma_arrives(struct trial *t, uint64_t addr, bool write, uint64_t expected)
{
	uint64_t to;

	if (dma_request(t, addr, write, &to) != CONFORM_ARRIVES)
		trial_deviates(t, "the request does not arrive");
	else if (to != expected)
		trial_deviates(t, "the request arrives elsewhere");
}

unsigned dma_record(const struct trial *t, unsigned i)
{
	return (VTD_CAP_FRO(t->cap) + i) * 16;
}

uint64_t dma_record_upper(struct trial *t, unsigned i)
{
	return t->dev->read(t->dev->ctx, dma_record(t, i) + 8, 8);
}

void dma_clear_record(struct trial *t, unsigned i)
{
	t->dev->write(t->dev->ctx, dma_record(t, i) + 12, F >> 32, 4);
}

void dma_faults(struct trial *t, uint64_t addr, bool write, unsigned reason)
{
	unsigned found;
	uint64_t to;

	if (dma_request(t, addr, write, &to) == CONFORM_ARRIVES) {
		trial_deviates(t, "the request arrives");
		return;
	}
	if (!(dma_record_upper(t, 0) & F)) {
		trial_deviates(t, "no fault is recorded");
		return;
	}
	found = dma_record_upper(t, 0) >> 32 & 0xff;
	if (found != reason)
		trial_deviates(t, "the fault's reason is 0x%x", found);
}
