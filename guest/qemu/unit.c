/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * unit.c - the unit on QEMU's bus. Accesses by software hold QEMU's big lock, and so does all other
 * code here. A thread of its own steps the unit, and releases the lock in between: the guest's
 * processors, which do not need the lock, run at the same time.
 */
#include "plugin.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <qinval/regs.h>

#define STEPS 8 /* at most, before the lock is released */
#define IDLE_NS 20000000
#define WAITED_US 50

static const MemTxAttrs no_attributes;

bool guest_read(uint64_t addr, void *buf, size_t len)
{
	return !qemu.address_space_rw(qemu.address_space_memory, addr, no_attributes, buf, len,
				      false);
}

/*
 * Write the word in one store. For 4 bytes address_space_rw() calls the C library's memmove(),
 * which may store them twice. A processor that had seen the first store could write there before
 * the second one: then a wait that its submitter had freed became DONE again, and the ring leaked
 * away.
 */
bool guest_write32(uint64_t addr, uint32_t value)
{
	uint32_t result = 0;

	qemu.address_space_stl_le(qemu.address_space_memory, addr, value, no_attributes, &result);
	return !result;
}

/* splitmix64 */
unsigned unit_choose(struct unit *u, unsigned n)
{
	uint64_t z = u->random += 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return (unsigned)((z ^ z >> 31) >> 33) % n;
}

/* ---- the unit's operations ---- */

static bool dma_read(void *ctx, uint64_t addr, void *buf, size_t len)
{
	struct unit *u = ctx;
	uint64_t ring = u->vtd.iqa & VTD_IQA_ADDR_MASK;
	uint64_t bytes = 0x1000ULL << (u->vtd.iqa & VTD_IQA_QS_MASK);
	uint64_t qw[4];
	unsigned slot;

	if (!guest_read(addr, buf, len))
		return false;
	if (addr - ring >= bytes || len < 16)
		return true;
	slot = (unsigned)((addr - ring) / len);
	memcpy(qw, buf, len);
	observe_fetch(u, slot, qw);
	strike_request(u, slot, qw);
	memcpy(buf, qw, len);
	return true;
}

static bool dma_write32(void *ctx, uint64_t addr, uint32_t value)
{
	(void)ctx;
	return guest_write32(addr, value);
}

static void msi(void *ctx, uint64_t addr, uint32_t data)
{
	struct unit *u = ctx;

	if (u->lose_interrupt) {
		u->lose_interrupt = false;
		guest_add(&u->share->lost_interrupts);
		return;
	}
	guest_add(&u->share->interrupts);
	guest_write32(addr, data);
}

static unsigned choose(void *ctx, unsigned n)
{
	return unit_choose(ctx, n);
}

static void executed(void *ctx, const struct vtd_event *ev)
{
	observe_executed(ctx, ev);
}

static struct vtd_translation *translation(void *ctx)
{
	return &((struct unit *)ctx)->translation;
}

static bool peek(void *ctx, uint64_t addr, void *buf, size_t len)
{
	(void)ctx;
	return guest_read(addr, buf, len);
}

static const struct vtd_ops ops = {
	.dma_read = dma_read,
	.dma_write32 = dma_write32,
	.msi = msi,
	.choose = choose,
	.executed = executed,
	.translation = translation,
};

/* ---- Steps ---- */

static enum vtd_did step(struct unit *u)
{
	uint32_t before = u->vtd.fsts, raised;
	enum vtd_did did;

	strike_before_fetch(u);
	did = vtd_step(&u->vtd);
	raised = u->vtd.fsts & ~before;
	if (raised & VTD_FSTS_IQE)
		guest_add(&u->share->refused);
	if (raised & VTD_FSTS_ITE)
		guest_add(&u->share->timed_out);
	observe_registers(u, did == VTD_IDLE);
	return did;
}

static void wait_for_work(struct unit *u)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_nsec += IDLE_NS;
	if (until.tv_nsec >= 1000000000) {
		until.tv_nsec -= 1000000000;
		until.tv_sec++;
	}
	sem_timedwait(&u->work, &until);
}

/*
 * After software has cleared an error the unit pauses once: the emulated processor is slower than a
 * real one, and gets a chance to go on first.
 */
static enum vtd_did steps(struct unit *u)
{
	unsigned n = 1 + unit_choose(u, STEPS);
	enum vtd_did did;

	if (u->resumes) {
		u->resumes = false;
		return VTD_WAITED;
	}
	do
		did = step(u);
	while (did != VTD_IDLE && did != VTD_WAITED && --n);
	return did;
}

static void *run(void *arg)
{
	struct unit *u = arg;
	enum vtd_did did;
	unsigned rest;

	qemu.rcu_register_thread();
	for (;;) {
		qemu.lock(__FILE__, __LINE__);
		did = steps(u);
		rest = u->opt->pace && !unit_choose(u, 4) ? unit_choose(u, u->opt->pace) : 0;
		qemu.unlock();
		if (did == VTD_IDLE)
			wait_for_work(u);
		else if (did == VTD_WAITED)
			usleep(WAITED_US);
		else if (rest)
			usleep(rest);
	}
	return NULL;
}

/* ---- Registers ---- */

static uint64_t register_read(void *opaque, hwaddr addr, unsigned size)
{
	struct unit *u = opaque;
	uint64_t value;

	return counters_read(u, addr, size, &value) ? value
						    : vtd_read(&u->vtd, (unsigned)addr, size);
}

static void tell_cleared(struct unit *u, uint32_t bits)
{
	struct guest_event *e = observe_event(u, GUEST_CLEARED);

	if (!e)
		return;
	e->code = bits;
	observe_event_done(u);
}

/*
 * Most work is done inside the register write that asks for it, as in QEMU's own unit, because
 * waking a thread takes long on a busy machine. Work that is left to the thread overlaps with the
 * guest: a part of the doorbells, and all that follows an error.
 */
static bool is_left(struct unit *u)
{
	return u->resumes || (u->opt->overlap && !unit_choose(u, u->opt->overlap));
}

static void serve(struct unit *u)
{
	enum vtd_did did;

	do
		did = step(u);
	while (did != VTD_IDLE && did != VTD_WAITED);
	if (did == VTD_WAITED)
		sem_post(&u->work);
}

static void register_write(void *opaque, hwaddr addr, uint64_t value, unsigned size)
{
	struct unit *u = opaque;
	uint64_t tail = u->vtd.iqt;
	uint32_t fsts = u->vtd.fsts;

	if (counters_write(u, addr, value, size))
		return;
	vtd_write(&u->vtd, (unsigned)addr, value, size);
	if (addr == DMAR_IQT_REG)
		observe_doorbell(u, tail, u->vtd.iqt);
	if (fsts & ~u->vtd.fsts) {
		tell_cleared(u, fsts & ~u->vtd.fsts);
		u->resumes = u->opt->pace;
	}
	observe_registers(u, false);
	if (is_left(u))
		sem_post(&u->work);
	else
		serve(u);
}

static const MemoryRegionOps register_ops = {
	.read = register_read,
	.write = register_write,
	.endianness = DEVICE_LITTLE_ENDIAN,
	.valid = { .min = 4, .max = 8 },
	.impl = { .min = 4, .max = 8 },
};

bool unit_start(struct unit *u, unsigned number, const struct options *opt,
		struct guest_share *share)
{
	const struct vtd_config cfg = {
		.profile = VTD_SPEC,
		.cap = opt->cap,
		.ecap = opt->ecap,
		.ops = &ops,
		.ctx = u,
	};
	const struct vtd_translation_config beside = {
		.unit = &u->vtd,
		.line = u->line,
		.lines = LINES,
		.judge = true,
		.judged = judge_use,
		.peek = peek,
	};
	pthread_t thread;

	u->opt = opt;
	u->share = share;
	u->number = number;
	u->random = opt->seed + number;
	if (!vtd_init(&u->vtd, &cfg) || !vtd_translation_init(&u->translation, &beside) ||
	    sem_init(&u->work, 0, 0))
		return false;
	share->units = number + 1;
	share->regs[number].base = opt->scopes.unit[number].base;
	qemu.memory_region_init_io((MemoryRegion *)u->region, NULL, &register_ops, u, "qinval-vtd",
				   REGISTER_BYTES);
	qemu.memory_region_add_subregion_overlap(qemu.get_system_memory(), share->regs[number].base,
						 (MemoryRegion *)u->region, 10);
	return !pthread_create(&thread, NULL, run, u);
}
