/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "sim.h"

#include <device/translation.h>
#include <stdlib.h>
#include <string.h>

#define MEMORY 0x100000ULL
#define NOWHERE 0x40000000ULL

/* As on PCs. */
#define REGISTERS 0xc0000000ULL
#define REGISTER_BYTES 0x40000000ULL

#define ENTRIES 64
#define MESSAGES 64
#define LINES 256

struct sim {
	struct conform_device dev;
	struct conform_sim_config cfg;
	struct vtd_unit unit;
	struct vtd_entry cache[ENTRIES];
	struct vtd_translation translation;
	struct vtd_line line[LINES];
	struct vtd_unit unit_before; /* the last request, to be undone */
	struct vtd_translation translation_before;
	bool strayed;
	uint64_t random;
	struct conform_message message[MESSAGES];
	unsigned nmessage;
	struct conform_page_response response[MESSAGES];
	unsigned nresponse;
	unsigned char memory[CONFORM_MEMORY];
};

/* ---- The unit's operations ---- */

static unsigned char *reach(struct sim *s, uint64_t addr, size_t len)
{
	uint64_t offset = addr - s->dev.memory;

	return offset <= sizeof(s->memory) - len ? s->memory + offset : NULL;
}

static bool is_frame(const struct sim *s, uint64_t addr)
{
	return addr - (s->dev.memory + CONFORM_FRAMES) < CONFORM_NFRAMES * 0x1000;
}

static bool dma_read(void *ctx, uint64_t addr, void *buf, size_t len)
{
	const unsigned char *from = reach(ctx, addr, len);
	struct sim *s = ctx;

	if (from)
		memcpy(buf, from, len);
	/*
	 * Neither frames, which devices have written, nor registers have known contents: they
	 * cannot be compared.
	 */
	if (is_frame(s, addr) || (!from && (addr < NOWHERE || addr - REGISTERS < REGISTER_BYTES)))
		s->strayed = true;
	return from;
}

static bool dma_write(void *ctx, uint64_t addr, const void *buf, size_t len)
{
	unsigned char *to = reach(ctx, addr, len);

	if (to)
		memcpy(to, buf, len);
	return to;
}

static bool dma_swap(void *ctx, uint64_t addr, uint64_t *expected, uint64_t value)
{
	uint64_t now;

	if (!dma_read(ctx, addr, &now, sizeof(now)))
		return false;
	if (now == *expected)
		return dma_write(ctx, addr, &value, sizeof(value));
	*expected = now;
	return true;
}

static bool dma_write32(void *ctx, uint64_t addr, uint32_t value)
{
	return dma_write(ctx, addr, &value, sizeof(value));
}

static void msi(void *ctx, uint64_t addr, uint32_t data)
{
	struct sim *s = ctx;

	if (s->nmessage < MESSAGES)
		s->message[s->nmessage] = (struct conform_message){ addr, data };
	s->nmessage++;
}

static void respond(void *ctx, const struct vtd_page_response *r)
{
	struct sim *s = ctx;

	if (s->nresponse < MESSAGES)
		s->response[s->nresponse] =
			(struct conform_page_response){ r->sid, r->group, r->code };
	s->nresponse++;
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

static struct vtd_translation *translation(void *ctx)
{
	struct sim *s = ctx;

	return &s->translation;
}

static const struct vtd_ops ops = {
	.dma_read = dma_read,
	.dma_write32 = dma_write32,
	.msi = msi,
	.choose = choose,
	.translation = translation,
};

/* ---- The suite's functions ---- */

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

	const struct vtd_translation_config beside = {
		.unit = &s->unit,
		.line = s->line,
		.lines = LINES,
		.dma_swap = dma_swap,
		.dma_write = dma_write,
		.respond = respond,
	};

	s->nmessage = s->nresponse = 0;
	s->strayed = false;
	return vtd_init(&s->unit, &cfg) && vtd_translation_init(&s->translation, &beside);
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
	if (room) /* without room `to` may be NULL */
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

	if (vtd_profile_is_qemu(s->cfg.profile)) /* its devices always answer at once */
		return false;
	if (how == CONFORM_ANSWERS) {
		vtd_fault_clear(&s->unit, VTD_FAULT_SILENT);
		vtd_fault_clear(&s->unit, VTD_FAULT_WRONG);
		return true;
	}
	f.kind = how == CONFORM_SILENT ? VTD_FAULT_SILENT : VTD_FAULT_WRONG;
	return vtd_fault_arm(&s->unit, &f);
}

/* ---- Devices ---- */

static void begin_request(struct sim *s)
{
	if (!s->cfg.forgets)
		return;
	vtd_forget(&s->translation, VTD_LINE_FREE);
	s->unit_before = s->unit;
	s->translation_before = s->translation;
}

/* Writes leave zeros, as those of QEMU's devices do. */
static enum conform_arrival sim_dma(void *ctx, const struct conform_request *q, uint64_t *to)
{
	static const unsigned char zeros[64];
	const struct vtd_request request = {
		.addr = q->addr,
		.pasid = VTD_NO_PASID,
		.sid = q->sid,
		.access = q->write ? VTD_WRITE : VTD_READ,
	};
	struct vtd_result result;
	struct sim *s = ctx;

	begin_request(s);
	if (!vtd_translate(&s->translation, &request, &result))
		return CONFORM_NOWHERE;
	*to = result.addr;
	if (!is_frame(s, *to)) {
		s->strayed |= *to < NOWHERE;
		return CONFORM_NOWHERE;
	}
	if (q->write)
		dma_write(s, *to, zeros, sizeof(zeros));
	return CONFORM_ARRIVES;
}

static bool sim_interrupt(void *ctx, uint16_t sid, uint64_t addr, uint32_t data)
{
	const struct vtd_message message = { addr, data, sid };
	struct vtd_interrupt interrupt;
	struct sim *s = ctx;

	begin_request(s);
	if (vtd_remap(&s->translation, &message, &interrupt) &&
	    (!interrupt.posted || interrupt.notify))
		msi(s, interrupt.addr, interrupt.data);
	return true;
}

static enum conform_arrival sim_transact(void *ctx, const struct conform_transaction *x,
					 struct conform_completion *c)
{
	const struct vtd_request request = {
		.addr = x->addr,
		.pasid = x->pasid,
		.sid = x->sid,
		.at = x->at,
		.access = (uint8_t)(x->read * VTD_READ | x->write * VTD_WRITE |
				    x->execute * VTD_EXECUTE),
		.privileged = x->privileged,
	};
	struct vtd_result r;
	struct sim *s = ctx;
	bool passes;

	passes = x->tlb ? vtd_device_translate(&s->translation, &request, &r)
			: vtd_translate(&s->translation, &request, &r);
	if (!passes)
		return CONFORM_NOWHERE;
	*c = (struct conform_completion){ .addr = r.addr,
					  .read = r.access & VTD_READ,
					  .write = r.access & VTD_WRITE,
					  .execute = r.access & VTD_EXECUTE,
					  .shift = r.shift };
	return x->at == CONFORM_TRANSLATION || is_frame(s, r.addr) ? CONFORM_ARRIVES
								   : CONFORM_NOWHERE;
}

static bool sim_page_request(void *ctx, const struct conform_page_request *p)
{
	const struct vtd_page_request request = {
		.addr = p->addr,
		.pasid = p->pasid,
		.sid = p->sid,
		.group = p->group,
		.access = (uint8_t)(p->read * VTD_READ | p->write * VTD_WRITE),
		.last = p->last,
	};
	struct sim *s = ctx;

	return vtd_page_request(&s->translation, &request);
}

static unsigned sim_responses(void *ctx, struct conform_page_response *to, unsigned room)
{
	struct sim *s = ctx;
	unsigned n = s->nresponse;

	memcpy(to, s->response, (room < n ? room : n) * sizeof(*to));
	s->nresponse = 0;
	return n;
}

void conform_sim_undo(const struct conform_device *dev)
{
	struct sim *s = dev->ctx;

	s->unit = s->unit_before;
	s->translation = s->translation_before;
	vtd_forget(&s->translation, VTD_LINE_FREE);
	s->nmessage = 0;
}

bool conform_sim_strayed(const struct conform_device *dev)
{
	struct sim *s = dev->ctx;
	bool strayed = s->strayed;

	s->strayed = false;
	return strayed;
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
		.dma = sim_dma,
		.interrupt = sim_interrupt,
	};
	if (!vtd_profile_is_qemu(cfg->profile)) { /* its devices can do none of this */
		s->dev.transact = sim_transact;
		s->dev.page_request = sim_page_request;
		s->dev.responses = sim_responses;
	}
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
