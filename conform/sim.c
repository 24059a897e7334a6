/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "sim.h"

#include <stdlib.h>
#include <string.h>

#define MEMORY 0x100000ULL
#define NOWHERE 0x40000000ULL
#define ENTRIES 64
#define MESSAGES 64

struct sim {
	struct conform_device dev;
	struct conform_sim_config cfg;
	struct vtd_unit unit;
	struct vtd_entry cache[ENTRIES];
	uint64_t random;
	struct conform_message message[MESSAGES];
	unsigned nmessage;
	unsigned char memory[CONFORM_MEMORY];
};

/* ---- What the unit needs ---- */

static unsigned char *reach(struct sim *s, uint64_t addr, size_t len)
{
	uint64_t offset = addr - s->dev.memory;

	return offset <= sizeof(s->memory) - len ? s->memory + offset : NULL;
}

static bool dma_read(void *ctx, uint64_t addr, void *buf, size_t len)
{
	const unsigned char *from = reach(ctx, addr, len);

	if (from)
		memcpy(buf, from, len);
	return from;
}

static bool dma_write32(void *ctx, uint64_t addr, uint32_t value)
{
	unsigned char *to = reach(ctx, addr, sizeof(value));

	if (to)
		memcpy(to, &value, sizeof(value));
	return to;
}

static void msi(void *ctx, uint64_t addr, uint32_t data)
{
	struct sim *s = ctx;

	if (s->nmessage < MESSAGES)
		s->message[s->nmessage] = (struct conform_message){ addr, data };
	s->nmessage++;
}

/* SplitMix64 */
static unsigned choose(void *ctx, unsigned n)
{
	struct sim *s = ctx;
	uint64_t x = s->random += 0x9e3779b97f4a7c15;

	if (s->cfg.plain)
		return 0;
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
	x = (x ^ x >> 27) * 0x94d049bb133111eb;
	return (unsigned)((x ^ x >> 31) % n);
}

static const struct vtd_ops ops = {
	.dma_read = dma_read,
	.dma_write32 = dma_write32,
	.msi = msi,
	.choose = choose,
};

/* ---- What the suite needs ---- */

static bool sim_reset(void *ctx)
{
	struct sim *s = ctx;
	const struct vtd_config cfg = {
		.profile = s->cfg.profile,
		.cap = s->cfg.cap,
		.ecap = s->cfg.ecap,
		.ops = &ops,
		.ctx = s,
		.cache = s->cache,
		.cache_room = ENTRIES,
	};

	s->nmessage = 0;
	return vtd_init(&s->unit, &cfg);
}

static uint64_t sim_read(void *ctx, unsigned reg, unsigned size)
{
	struct sim *s = ctx;

	return vtd_read(&s->unit, reg, size);
}

static void sim_write(void *ctx, unsigned reg, uint64_t value, unsigned size)
{
	struct sim *s = ctx;

	vtd_write(&s->unit, reg, value, size);
}

static void sim_store(void *ctx, uint64_t addr, const void *from, size_t len)
{
	memcpy(reach(ctx, addr, len), from, len);
}

static void sim_load(void *ctx, uint64_t addr, void *to, size_t len)
{
	memcpy(to, reach(ctx, addr, len), len);
}

static void sim_settle(void *ctx)
{
	struct sim *s = ctx;

	while (vtd_step(&s->unit) != VTD_IDLE)
		;
}

static unsigned sim_messages(void *ctx, struct conform_message *to, unsigned room)
{
	struct sim *s = ctx;
	unsigned n = s->nmessage;

	if (room > n)
		room = n;
	if (room > MESSAGES)
		room = MESSAGES;
	memcpy(to, s->message, room * sizeof(*to));
	s->nmessage = 0;
	return n;
}

static struct vtd_entry entry(const struct conform_entry *e)
{
	static const enum vtd_cache kind[CONFORM_CACHES] = {
		[CONFORM_CONTEXT] = VTD_CONTEXT, [CONFORM_PASID] = VTD_PASID,
		[CONFORM_IOTLB] = VTD_IOTLB,	 [CONFORM_IEC] = VTD_IEC,
		[CONFORM_DEVTLB] = VTD_DEVTLB,
	};

	return (struct vtd_entry){ .kind = (uint8_t)kind[e->kind],
				   .did = e->did,
				   .sid = e->sid,
				   .pasid = e->pasid,
				   .addr = e->addr };
}

static bool sim_touch(void *ctx, const struct conform_entry *e)
{
	struct vtd_entry v = entry(e);
	struct sim *s = ctx;

	return vtd_touch(&s->unit, &v);
}

static bool sim_cached(void *ctx, const struct conform_entry *e)
{
	struct vtd_entry v = entry(e);
	struct sim *s = ctx;

	return vtd_cached(&s->unit, &v);
}

static bool sim_answer(void *ctx, uint16_t sid, enum conform_answer how)
{
	struct vtd_fault f = { .sid = sid };
	struct sim *s = ctx;

	if (s->cfg.profile == VTD_QEMU_7_2) /* its devices are always done at once */
		return false;
	if (how == CONFORM_ANSWERS) {
		vtd_fault_clear(&s->unit, VTD_FAULT_SILENT);
		vtd_fault_clear(&s->unit, VTD_FAULT_WRONG);
		return true;
	}
	f.kind = how == CONFORM_SILENT ? VTD_FAULT_SILENT : VTD_FAULT_WRONG;
	return vtd_fault_arm(&s->unit, &f);
}

const struct conform_device *conform_sim_start(const struct conform_sim_config *cfg)
{
	struct sim *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->cfg = *cfg;
	s->random = cfg->seed;
	s->dev = (struct conform_device){
		.name = "sim",
		.ctx = s,
		.reset = sim_reset,
		.read = sim_read,
		.write = sim_write,
		.memory = cfg->memory ? cfg->memory : MEMORY,
		.nowhere = NOWHERE,
		.store = sim_store,
		.load = sim_load,
		.settle = sim_settle,
		.messages = sim_messages,
		.touch = sim_touch,
		.cached = sim_cached,
		.answer = sim_answer,
	};
	if (!sim_reset(s)) {
		free(s);
		return NULL;
	}
	return &s->dev;
}

void conform_sim_stop(const struct conform_device *dev)
{
	free(dev->ctx);
}
