/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* trial_tables.c - tables in the device's memory, and the outcome of devices' requests. */
#include "trial_tables.h"

uint64_t trial_at(const struct trial *t, uint64_t offset)
{
	return t->dev->memory + offset;
}

void trial_store(struct trial *t, uint64_t offset, uint64_t value)
{
	t->dev->store(t->dev->ctx, trial_at(t, offset), &value, sizeof(value));
}

uint64_t trial_load(struct trial *t, uint64_t offset)
{
	uint64_t value;

	t->dev->load(t->dev->ctx, trial_at(t, offset), &value, sizeof(value));
	return value;
}

uint64_t trial_frame(const struct trial *t, unsigned i)
{
	return trial_at(t, CONFORM_FRAMES + i * 0x1000);
}

unsigned trial_shift_of(unsigned level)
{
	return 12 + 9 * (level - 1);
}

/* The smallest number of levels that the unit supports. */
unsigned trial_levels(const struct trial *t)
{
	unsigned aw = 1;

	while (aw < 3 && !(VTD_CAP_SAGAW(t->cap) >> aw & 1))
		aw++;
	return aw + 2;
}

uint64_t trial_entry(unsigned tables, unsigned top, unsigned level)
{
	return tables + (top - level) * 0x1000 + (IOVA >> trial_shift_of(level) & 0x1ff) * 8;
}

/* Map IOVA to a frame; no other page is mapped. */
void trial_map(struct trial *t, unsigned tables, unsigned top, unsigned i)
{
	for (unsigned level = top; level > 1; level--)
		trial_store(t, trial_entry(tables, top, level),
			    trial_at(t, tables + (top - level + 1) * 0x1000) | R | W);
	trial_store(t, trial_entry(tables, top, 1), trial_frame(t, i) | R | W);
}

void trial_attach(struct trial *t, uint16_t sid, uint16_t did, unsigned tables, unsigned top)
{
	trial_store(t, CONTEXTS + sid * 16, trial_at(t, tables) | PRESENT);
	trial_store(t, CONTEXTS + sid * 16 + 8, (uint64_t)did << 8 | (top - 2));
}

void trial_set_root(struct trial *t, uint64_t root)
{
	trial_write(t, DMAR_RTADDR_REG, root);
	trial_command(t, VTD_GCMD_SRTP, true);
}

bool trial_has_devices(struct trial *t)
{
	return trial_needs(t, t->dev->dma, "no devices whose requests could be seen");
}

/* Legacy mode: set up tables, and turn queue and translation on. */
bool trial_start(struct trial *t)
{
	static const char zeros[END - ROOT];

	if (!trial_has_devices(t))
		return false;
	t->dev->store(t->dev->ctx, trial_at(t, ROOT), zeros, sizeof(zeros));
	trial_store(t, ROOT, trial_at(t, CONTEXTS) | PRESENT);
	trial_map(t, TABLES, trial_levels(t), 0);
	trial_attach(t, READER, DID, TABLES, trial_levels(t));
	trial_attach(t, WRITER, DID, TABLES, trial_levels(t));
	if (!trial_queue_on(t, 0))
		return false;
	trial_set_root(t, trial_at(t, ROOT));
	trial_command(t, VTD_GCMD_TE, true);
	return true;
}

void trial_attach_scalable(struct trial *t, uint16_t sid)
{
	trial_store(t, CONTEXTS + sid * 32, trial_at(t, DIRECTORY) | PRESENT);
}

/* Scalable mode: reader and writer use PASID 0, whose entry the caller fills in. */
static bool start_pasid(struct trial *t, uint64_t ecap, const char *what)
{
	if (!trial_needs(t, has_ecap(t, VTD_ECAP_SMTS | ecap), what) || !trial_has_devices(t))
		return false;
	t->width = 256;
	if (!trial_start(t))
		return false;
	for (unsigned sid = 0; sid < 0x40; sid++) {
		trial_store(t, CONTEXTS + sid * 16, 0);
		trial_store(t, CONTEXTS + sid * 16 + 8, 0);
	}
	trial_attach_scalable(t, READER);
	trial_attach_scalable(t, WRITER);
	trial_store(t, DIRECTORY, trial_at(t, PASIDS) | PRESENT);
	trial_set_root(t, trial_at(t, ROOT) | VTD_TTM_SCALABLE << 10);
	return true;
}

void trial_pasid_entry(struct trial *t, uint32_t pasid, unsigned pgtt, unsigned first,
		       unsigned second)
{
	uint64_t entry = PASIDS + pasid * 64;

	trial_store(t, entry,
		    (second ? trial_at(t, second) : 0) | (uint64_t)(trial_levels(t) - 2) << 2 |
			    (uint64_t)pgtt << 6 | PRESENT);
	trial_store(t, entry + 8, DID);
	trial_store(t, entry + 16, first ? trial_at(t, first) : 0);
}

bool trial_start_scalable(struct trial *t)
{
	if (!start_pasid(t, ECAP_SSTS, "no second stage in scalable mode: ECAP.SMTS, ECAP.SSTS"))
		return false;
	trial_pasid_entry(t, 0, 2, 0, TABLES);
	return true;
}

void trial_map_first(struct trial *t, unsigned tables, unsigned top, unsigned i)
{
	trial_map(t, tables, top, i);
	for (unsigned level = top; level; level--) {
		uint64_t offset = trial_entry(tables, top, level);

		trial_store(t, offset, trial_load(t, offset) | USER);
	}
}

bool trial_start_first(struct trial *t)
{
	if (!start_pasid(t, ECAP_FSTS, "no first stage: ECAP.SMTS, ECAP.FSTS"))
		return false;
	trial_map_first(t, TABLES, 4, 0);
	trial_pasid_entry(t, 0, 1, TABLES, 0);
	return true;
}

/* ---- Requests ---- */

enum conform_arrival trial_request(struct trial *t, uint64_t addr, bool write, uint64_t *to)
{
	const struct conform_request q = { addr, write ? WRITER : READER, write };

	*to = 0;
	return t->dev->dma(t->dev->ctx, &q, to);
}

void trial_arrives(struct trial *t, uint64_t addr, bool write, uint64_t expected)
{
	uint64_t to;

	if (trial_request(t, addr, write, &to) != CONFORM_ARRIVES)
		trial_deviates(t, "the request does not arrive");
	else if (to != expected)
		trial_deviates(t, "the request arrives elsewhere");
}

unsigned trial_record(const struct trial *t, unsigned i)
{
	return (VTD_CAP_FRO(t->cap) + i) * 16;
}

uint64_t trial_record_upper(struct trial *t, unsigned i)
{
	return t->dev->read(t->dev->ctx, trial_record(t, i) + 8, 8);
}

void trial_clear_record(struct trial *t, unsigned i)
{
	t->dev->write(t->dev->ctx, trial_record(t, i) + 12, F >> 32, 4);
}

void trial_faults(struct trial *t, uint64_t addr, bool write, unsigned reason)
{
	unsigned found;
	uint64_t to;

	if (trial_request(t, addr, write, &to) == CONFORM_ARRIVES) {
		trial_deviates(t, "the request arrives");
		return;
	}
	if (!(trial_record_upper(t, 0) & F)) {
		trial_deviates(t, "no fault is recorded");
		return;
	}
	found = trial_record_upper(t, 0) >> 32 & 0xff;
	if (found != reason)
		trial_deviates(t, "the fault's reason is 0x%x", found);
}
