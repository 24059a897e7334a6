/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "rig.h"

#include "bound.h"

#include <stdlib.h>
#include <string.h>

#include <lab/age.h>

uint64_t rig_random(struct rig *r)
{
	r->seed ^= r->seed << 13;
	r->seed ^= r->seed >> 7;
	r->seed ^= r->seed << 17;
	return r->seed;
}

/* ---- the host ---- */

static uint32_t rig_read32(void *ctx, unsigned reg)
{
	struct rig *r = ctx;

	assert_false(r->locked);
	r->reads++;
	return (uint32_t)vtd_read(&r->u, reg, 4);
}

static uint64_t rig_read64(void *ctx, unsigned reg)
{
	struct rig *r = ctx;

	assert_false(r->locked);
	r->reads++;
	return vtd_read(&r->u, reg, 8);
}

static void rig_write32(void *ctx, unsigned reg, uint32_t value)
{
	struct rig *r = ctx;

	vtd_write(&r->u, reg, value, 4);
}

static void rig_write64(void *ctx, unsigned reg, uint64_t value)
{
	struct rig *r = ctx;

	if (reg == DMAR_IQT_REG)
		r->doorbells++;
	vtd_write(&r->u, reg, value, 8);
}

static unsigned long rig_lock(void *ctx)
{
	struct rig *r = ctx;

	assert_false(r->locked);
	r->locked = 1;
	return 42;
}

static void rig_unlock(void *ctx, unsigned long flags)
{
	struct rig *r = ctx;

	assert_true(r->locked);
	assert_int_equal(flags, 42);
	r->locked = 0;
}

static unsigned long rig_irq_save(void *ctx)
{
	struct rig *r = ctx;

	r->irqs_off++;
	return 17;
}

static void rig_irq_restore(void *ctx, unsigned long flags)
{
	struct rig *r = ctx;

	assert_int_equal(flags, 17);
	assert_true(r->irqs_off > 0);
	r->irqs_off--;
}

static void rig_interrupt(struct rig *r)
{
	if (r->interrupts && r->fault_pending) {
		r->fault_pending = false;
		qi_fault_interrupt(&r->q);
	}
	if (r->interrupts && r->completion_pending) {
		r->completion_pending = false;
		qi_completion_interrupt(&r->q);
	}
}

static void rig_relax(void *ctx)
{
	struct rig *r = ctx;

	assert_false(r->locked);
	assert_int_equal(r->irqs_off, 0);
	r->now += r->tick;
	rig_steps(r, r->steps);
	if (r->on_relax)
		r->on_relax(r);
}

static uint64_t rig_now(void *ctx)
{
	return ((struct rig *)ctx)->now;
}

void rig_flush(void *ctx, const void *addr, size_t bytes)
{
	struct rig *r = ctx;

	if ((uintptr_t)addr - (uintptr_t)r->status > r->cfg.status.size - bytes)
		assert_in_range((uintptr_t)addr, (uintptr_t)r->ring,
				(uintptr_t)r->ring + r->cfg.ring.size - bytes);
	r->flushes++;
}

static bool rig_present(void *ctx, uint16_t sid)
{
	struct rig *r = ctx;

	return !r->absent || r->absent != sid;
}

static void rig_report(void *ctx, const struct qi_error *e)
{
	struct rig *r = ctx;

	assert_false(r->locked);
	r->report = *e;
	r->reports++;
}

/* ---- the unit's surroundings ---- */

static bool rig_dma_read(void *ctx, uint64_t addr, void *buf, size_t len)
{
	struct rig *r = ctx;

	if (addr < RIG_RING || addr + len > RIG_RING + r->cfg.ring.size)
		return false;
	memcpy(buf, (char *)r->ring + (addr - RIG_RING), len);
	return true;
}

static bool rig_dma_write32(void *ctx, uint64_t addr, uint32_t value)
{
	struct rig *r = ctx;

	assert_in_range(addr, RIG_STATUS, RIG_STATUS + r->cfg.status.size - 4);
	assert_int_equal(addr % 4, 0);
	r->status[(addr - RIG_STATUS) / 4] = value;
	return true;
}

static void rig_msi(void *ctx, uint64_t addr, uint32_t data)
{
	struct rig *r = ctx;

	(void)addr;
	r->messages++;
	r->fault_pending |= data == r->fault_data;
	r->completion_pending |= data == r->completion_data;
}

static unsigned rig_choose(void *ctx, unsigned n)
{
	struct rig *r = ctx;

	return r->seed ? (unsigned)(rig_random(r) % n) : 0;
}

static void rig_executed(void *ctx, const struct vtd_event *ev)
{
	struct rig *r = ctx;
	unsigned type = ev->qw[0] & 0xf;

	assert_in_range(type, 1, QI_TYPES - 1);
	r->executed[type]++;
}

/* ---- life ---- */

static void *rig_alloc(size_t align, size_t size)
{
	void *p = aligned_alloc(align, (size + align - 1) & ~(align - 1));

	assert_non_null(p);
	age_fill(p, size, size);
	return p;
}

/* Any test can be run in a ring that has been round as often as the caller says. */
static uint64_t rig_laps(void)
{
	const char *laps = getenv("QI_TEST_LAPS");

	return laps ? strtoull(laps, NULL, 0) : 0;
}

struct rig *rig_new(unsigned slots, unsigned width)
{
	struct rig *r = rig_alloc(64, sizeof(*r));
	struct qi *q = &r->q;
	size_t ring = (QI_RING_BYTES(slots, width) + 4095) & ~(size_t)4095;

	memset(r, 0, sizeof(*r));
	age_fill(q, sizeof(*q), slots);
	r->ring = rig_alloc(4096, ring);
	r->status = rig_alloc(64, QI_STATUS_BYTES(slots));
	r->slot = rig_alloc(64, slots * sizeof(*r->slot));
	r->laps = rig_laps();
	r->steps = 1;
	r->tick = 1000;
	r->now = 1;
	r->fault_data = 0xfa;
	r->completion_data = 0xc0;

	r->host = (struct qi_host){ .read32 = rig_read32,
				    .read64 = rig_read64,
				    .write32 = rig_write32,
				    .write64 = rig_write64,
				    .lock = rig_lock,
				    .unlock = rig_unlock,
				    .irq_save = rig_irq_save,
				    .irq_restore = rig_irq_restore,
				    .relax = rig_relax,
				    .now = rig_now,
				    .device_present = rig_present,
				    .report = rig_report,
				    .small_rings = true };
	r->ops = (struct vtd_ops){ .dma_read = rig_dma_read,
				   .dma_write32 = rig_dma_write32,
				   .msi = rig_msi,
				   .choose = rig_choose,
				   .executed = rig_executed };
	r->cfg = (struct qi_config){
		.host = &r->host,
		.ctx = r,
		.slots = slots,
		.width = width,
		.ring = { r->ring, RIG_RING, ring },
		.status = { r->status, RIG_STATUS, QI_STATUS_BYTES(slots) },
		.slot = r->slot,
		.stats = &r->stats,
		.cap = RIG_CAP,
		.ecap = RIG_ECAP,
		.timeout_ns = 10 * 1000 * 1000,
		.ats_timeout_ns = 100 * 1000 * 1000,
		.poll_budget = 16,
		.interrupt = { .data = 0xc0 },
	};
	r->unit = (struct vtd_config){ .profile = VTD_SPEC,
				       .cap = RIG_CAP,
				       .ecap = RIG_ECAP,
				       .ops = &r->ops,
				       .ctx = r,
				       .cache = r->cache,
				       .cache_room = RIG_CACHE,
				       .slots = slots <= 16 ? slots : 0 };
	return r;
}

void rig_init(struct rig *r)
{
	const char *why = NULL;

	assert_true(vtd_init(&r->u, &r->unit));
	assert_int_equal(qi_init_why(&r->q, &r->cfg, &why), 0);
	assert_null(why);
	age_queue(&r->q, r->laps, r->laps);
	vtd_write(&r->u, DMAR_FEDATA_REG, r->fault_data, 4);
	vtd_write(&r->u, DMAR_FECTL_REG, 0, 4);
}

void rig_start(struct rig *r)
{
	rig_init(r);
	assert_int_equal(qi_enable(&r->q), 0);
	r->reads = r->doorbells = 0;
}

void rig_free(struct rig *r)
{
	free(r->ring);
	free(r->status);
	free(r->slot);
	free(r);
}

void rig_steps(struct rig *r, unsigned n)
{
	while (n--) {
		vtd_step(&r->u);
		rig_interrupt(r);
	}
}

void rig_run(struct rig *r)
{
	while (vtd_step(&r->u) != VTD_IDLE)
		rig_interrupt(r);
	rig_interrupt(r);
}

/* ---- descriptors and faults ---- */

struct qi_desc rig_desc(unsigned n)
{
	return qi_desc_iotlb(QI_IOTLB_PAGE, 1, (uint64_t)n << QI_PAGE_SHIFT, 0, false, 0);
}

void rig_refuse(struct rig *r, unsigned n, uint8_t iqei)
{
	struct vtd_fault f = { .kind = VTD_FAULT_REFUSE,
			       .iqei = iqei,
			       .type = QI_IOTLB_TYPE,
			       .qw1 = rig_desc(n).qw1,
			       .qw1_mask = ~0ULL,
			       .count = 1 };

	assert_true(vtd_fault_arm(&r->u, &f));
}

struct qi_desc rig_ats(unsigned n)
{
	return qi_desc_dev_tlb(RIG_SID(n), 0, 0, 0x1000, 0);
}

void rig_arm(struct rig *r, enum vtd_fault_kind kind, uint16_t sid, bool no_sid)
{
	struct vtd_fault f = { .kind = kind, .sid = sid, .no_sid = no_sid };

	assert_true(vtd_fault_arm(&r->u, &f));
}

const struct qi_host *rig_host_of(void *ctx)
{
	const struct rig *r = ctx;

	return &r->host;
}

void rig_assert_clean(struct rig *r)
{
	struct qi_slot_view *view = calloc(r->cfg.slots, sizeof(*view));
	struct qi_snapshot s = { .slot = view, .slots = r->cfg.slots };
	unsigned i;

	/* A plain drain makes the core look at everything before it. */
	assert_int_equal(qi_submit_sync(&r->q, NULL, 0, 0), 0);
	assert_int_equal(qi_submit_sync(&r->q, NULL, 0, 0), 0);
	qi_snapshot(&r->q, &s);
	assert_int_equal(s.queued, 0);
	for (i = 0; i < r->cfg.slots; i++)
		assert_int_equal(view[i].state, QI_FREE);
	/* Only the last drain's slot may still be unreclaimed. */
	assert_in_range(s.used, 0, 1);
	assert_int_equal(r->locked, 0);
	free(view);
}

const struct qi_stats *rig_stats(struct rig *r)
{
	unsigned reads = r->reads;

	r->snapshot.slot = NULL;
	qi_snapshot(&r->q, &r->snapshot);
	r->reads = reads;
	return &r->snapshot.stats;
}
