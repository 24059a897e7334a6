/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* ring.h - what all algorithms for comparison need: a ring, status words, access to the unit. */
#ifndef RIVAL_RING_H
#define RIVAL_RING_H

#include <qinval/qi.h>
#include <qinval/regs.h>

struct rival_ring {
	const struct qi_host *host;
	void *ctx;
	unsigned slots, shift; /* shift: log2 of a slot's size in bytes */
	struct qi_mem mem;     /* as in struct qi_config */
	struct qi_mem status;
};

/* A wait descriptor without checks, as drivers write it. */
static inline struct qi_desc rival_wait(uint64_t flags, uint64_t status, uint32_t data)
{
	return (struct qi_desc){ QI_IWD_TYPE | flags | (uint64_t)data << 32, status, 0, 0 };
}

static inline void rival_put(const struct rival_ring *r, unsigned slot, const struct qi_desc *d)
{
	uint64_t *at = (uint64_t *)r->mem.virt + ((size_t)slot << r->shift) / 8;

	at[0] = d->qw0;
	at[1] = d->qw1;
	if (r->shift == 5) {
		at[2] = d->qw2;
		at[3] = d->qw3;
	}
}

/* The slot to which IQH or IQT points. */
static inline unsigned rival_slot_in(const struct rival_ring *r, unsigned reg)
{
	uint64_t value = r->host->read64(r->ctx, reg);

	return (unsigned)((value & VTD_IQ_OFFSET_MASK) >> r->shift) % r->slots;
}

static inline void rival_doorbell(const struct rival_ring *r, unsigned slot)
{
	r->host->write64(r->ctx, DMAR_IQT_REG, (uint64_t)slot << r->shift);
}

/*
 * Initialise as @cfg says, whose memory must be zeroed, and turn the queue on as qi_enable() does.
 */
static inline void rival_ring_start(struct rival_ring *r, const struct qi_config *cfg)
{
	unsigned least = cfg->width == 256 ? 128 : 256;
	uint64_t iqa = cfg->ring.phys | (cfg->width == 256 ? VTD_IQA_DW : 0);

	*r = (struct rival_ring){ .host = cfg->host,
				  .ctx = cfg->ctx,
				  .slots = cfg->slots,
				  .shift = cfg->width == 256 ? 5 : 4,
				  .mem = cfg->ring,
				  .status = cfg->status };
	if (cfg->slots > least)
		iqa |= (uint64_t)__builtin_ctz(cfg->slots / least);
	rival_doorbell(r, 0);
	r->host->write64(r->ctx, DMAR_IQA_REG, iqa);
	r->host->write32(r->ctx, DMAR_GCMD_REG, VTD_GCMD_QIE);
}

#endif
