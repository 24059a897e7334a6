/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "linux.h"

/* Neither result: go on waiting. */
#define GO_ON 0
#define AGAIN 1

static uint32_t *status_of(const struct linux_queue *q, unsigned slot)
{
	return (uint32_t *)q->ring.status.virt + slot;
}

/* The hardware writes these words, too. */
static enum qi_state state(const struct linux_queue *q, unsigned slot)
{
	return (enum qi_state)__atomic_load_n(status_of(q, slot), __ATOMIC_ACQUIRE);
}

static void set_state(const struct linux_queue *q, unsigned slot, enum qi_state s)
{
	__atomic_store_n(status_of(q, slot), (uint32_t)s, __ATOMIC_RELAXED);
}

static unsigned after(const struct linux_queue *q, unsigned slot, unsigned n)
{
	return (slot + n) % q->ring.slots;
}

static unsigned before(const struct linux_queue *q, unsigned slot, unsigned n)
{
	return (slot + q->ring.slots - n) % q->ring.slots;
}

static struct qi_desc wait_for(const struct linux_queue *q, unsigned slot, unsigned options)
{
	return rival_wait(QI_IWD_SW | options, q->ring.status.phys + slot * sizeof(uint32_t),
			  QI_DONE);
}

/* Defect 32: only the first descriptor of the caller's own submission is compared. */
static int check_refusal(struct linux_queue *q, unsigned first, unsigned wait)
{
	struct qi_desc harmless = wait_for(q, wait, 0);

	if (rival_slot_in(&q->ring, DMAR_IQH_REG) != first)
		return GO_ON;
	rival_put(&q->ring, first, &harmless);
	q->ring.host->write32(q->ring.ctx, DMAR_FSTS_REG, VTD_FSTS_IQE);
	return -QI_ERR_IQE;
}

/*
 * Defect 2: waits were expected in every other slot, and a walk that misses the tail never ends.
 * Defect 43: a descriptor that the unit had not fetched yet stays IN_USE. It will be executed, so a
 * wait reports success although descriptors before it were dropped.
 */
static void abort_waits(struct linux_queue *q)
{
	unsigned head = before(q, rival_slot_in(&q->ring, DMAR_IQH_REG), 1);
	unsigned tail = before(q, rival_slot_in(&q->ring, DMAR_IQT_REG), 1);
	unsigned step = q->year < LINUX_2026 ? 2 : 1;

	if (step == 2)
		head |= 1;
	q->ring.host->write32(q->ring.ctx, DMAR_FSTS_REG, VTD_FSTS_ITE);
	do {
		if (state(q, head) == QI_IN_USE)
			set_state(q, head, QI_ABORT);
		head = before(q, head, step);
	} while (head != tail);
}

/* Defect 34: the first caller that gets here takes the error, whichever device it was about. */
static int check_timeout(struct linux_queue *q, unsigned wait)
{
	uint64_t record = q->ring.host->read64(q->ring.ctx, DMAR_IQERCD_REG);
	uint16_t sid = (uint16_t)VTD_IQERCD_ITESID(record);

	abort_waits(q);
	if (sid && q->ring.host->device_present && !q->ring.host->device_present(q->ring.ctx, sid))
		return -QI_ERR_DEVICE;
	return state(q, wait) == QI_ABORT ? AGAIN : GO_ON;
}

static int check_fault(struct linux_queue *q, unsigned first, unsigned wait)
{
	uint32_t faults;
	int err = GO_ON;

	if (state(q, wait) == QI_ABORT)
		return AGAIN;
	faults = q->ring.host->read32(q->ring.ctx, DMAR_FSTS_REG);
	if (faults & VTD_FSTS_IQE)
		err = check_refusal(q, first, wait);
	if (err == GO_ON && faults & VTD_FSTS_ITE)
		err = check_timeout(q, wait);
	if (err == GO_ON && faults & VTD_FSTS_ICE)
		q->ring.host->write32(q->ring.ctx, DMAR_FSTS_REG, VTD_FSTS_ICE);
	return err;
}

static bool may_be_freed(const struct linux_queue *q, unsigned slot)
{
	enum qi_state s = state(q, slot);

	return q->year == LINUX_2023 ? s == QI_DONE || s == QI_ABORT : s == QI_FREE;
}

static void reclaim(struct linux_queue *q)
{
	while (q->free_tail != q->free_head && may_be_freed(q, q->free_tail)) {
		set_state(q, q->free_tail, QI_FREE);
		q->free_tail = after(q, q->free_tail, 1);
		q->free_count++;
	}
}

/*
 * Defect 33: slots are released also after an early return, while the hardware has still to write
 * the wait's status.
 */
static void release(struct linux_queue *q, unsigned first, unsigned count)
{
	unsigned i, n = q->year == LINUX_2023 ? count : count + 1;

	for (i = 0; i < n; i++)
		set_state(q, after(q, first, i), q->year == LINUX_2023 ? QI_DONE : QI_FREE);
	reclaim(q);
}

/* The caller holds the lock. Returns the first slot. */
static unsigned insert(struct linux_queue *q, const struct qi_desc *desc, unsigned count,
		       unsigned options)
{
	unsigned first = q->free_head, wait = after(q, first, count), i;
	struct qi_desc wd = wait_for(q, wait, options);

	for (i = 0; i < count; i++) {
		rival_put(&q->ring, after(q, first, i), &desc[i]);
		set_state(q, after(q, first, i), QI_IN_USE);
	}
	rival_put(&q->ring, wait, &wd);
	set_state(q, wait, QI_IN_USE);
	q->free_head = after(q, wait, 1);
	q->free_count -= count + 1;
	rival_doorbell(&q->ring, q->free_head);
	return first;
}

static unsigned long rest(struct linux_queue *q, unsigned long flags)
{
	q->ring.host->unlock(q->ring.ctx, flags);
	q->ring.host->relax(q->ring.ctx);
	return q->ring.host->lock(q->ring.ctx);
}

static int try_once(struct linux_queue *q, const struct qi_desc *desc, unsigned count,
		    unsigned options)
{
	unsigned long flags = q->ring.host->lock(q->ring.ctx);
	unsigned first, wait;
	int err = GO_ON;

	while (q->free_count < count + 2)
		flags = rest(q, flags);
	first = insert(q, desc, count, options);
	wait = after(q, first, count);
	while (state(q, wait) != QI_DONE) {
		err = check_fault(q, first, wait);
		if (err != GO_ON)
			break;
		flags = rest(q, flags);
	}
	release(q, first, count);
	q->ring.host->unlock(q->ring.ctx, flags);
	return err;
}

int linux_submit_sync(struct linux_queue *q, const struct qi_desc *desc, unsigned count,
		      unsigned options)
{
	int err;

	do {
		err = try_once(q, desc, count, options);
	} while (err == AGAIN);
	return err;
}

void linux_start(struct linux_queue *q, const struct qi_config *cfg, enum linux_year year)
{
	*q = (struct linux_queue){ .year = year, .free_count = cfg->slots };
	rival_ring_start(&q->ring, cfg);
}
