/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * linux.c - a queue in the style of a Linux driver, put into the lab. `-DFIXED` is the one without
 * the bug that README.md tells of.
 *
 * One lock; a status word for each slot, which says whose turn it is; a thread that waits looks at
 * the fault register in each turn.
 */
#include <lab/lab.h>

/* ---- shim: what the kernel would be ---- */

typedef uint64_t u64;
typedef uint32_t u32;
typedef uint16_t u16;

#define EAGAIN 11
#define READ_ONCE(x) __atomic_load_n(&(x), __ATOMIC_RELAXED)
#define WRITE_ONCE(x, v) __atomic_store_n(&(x), (v), __ATOMIC_RELAXED)
#define cpu_relax() ((void)0)
#define raw_spin_lock_irqsave(l) lab_lock(l)
#define raw_spin_unlock_irqrestore(l) lab_unlock(l)
#define dmar_readl(reg) lab_read32(reg)
#define dmar_readq(reg) lab_read64(reg)
#define dmar_writel(reg, v) lab_write32(reg, v)
#define dmar_writeq(reg, v) lab_write64(reg, v)
#define virt_to_phys(p) ((uintptr_t)(p))

/* ---- the driver ---- */

#define DMAR_GCMD_REG 0x18
#define DMAR_FSTS_REG 0x34
#define DMAR_IQH_REG 0x80
#define DMAR_IQT_REG 0x88
#define DMAR_IQA_REG 0x90
#define DMA_GCMD_QIE (1U << 26)
#define DMA_FSTS_ITE (1U << 6)

#define QI_DIOTLB_TYPE 0x3
#define QI_IWD_TYPE 0x5
#define QI_IWD_STATUS_WRITE (1ULL << 5)
#define QI_LENGTH 8
#define DMAR_IQ_SHIFT 4

enum { QI_FREE, QI_IN_USE, QI_DONE, QI_ABORT };

struct qi_desc {
	u64 qw0, qw1;
};

static struct q_inval {
	struct lab_lock *q_lock;
	struct qi_desc *desc;
	u32 *desc_status;
	u32 *scratch; /* FIXED: where waits write whose owner no longer waits */
	int free_head, free_tail, free_cnt;
} qi;

static int slot(int n)
{
	return (n + QI_LENGTH) % QI_LENGTH;
}

static struct qi_desc wait_desc(u32 *status)
{
	return (struct qi_desc){ QI_IWD_TYPE | QI_IWD_STATUS_WRITE | (u64)QI_DONE << 32,
				 virt_to_phys(status) };
}

#ifdef FIXED
/*
 * The unit has stopped, and what it had fetched is lost. So is a submission of which it has fetched
 * only a part: its wait would still be executed, and tell of a success. Let it write elsewhere.
 */
static void abort_cut_submission(int head)
{
	int wait = head;

	if (head == qi.free_head || READ_ONCE(qi.desc_status[slot(head - 1)]) != QI_IN_USE ||
	    (qi.desc[slot(head - 1)].qw0 & 0xf) == QI_IWD_TYPE)
		return; /* it has fetched whole ones */
	while ((qi.desc[wait].qw0 & 0xf) != QI_IWD_TYPE)
		wait = slot(wait + 1);
	qi.desc[wait] = wait_desc(qi.scratch);
	WRITE_ONCE(qi.desc_status[wait], QI_ABORT);
}
#endif

/* Under the lock. */
static int qi_check_fault(int wait_index)
{
	int head, tail, i;

	if (READ_ONCE(qi.desc_status[wait_index]) == QI_ABORT)
		return -EAGAIN;
	if (!(dmar_readl(DMAR_FSTS_REG) & DMA_FSTS_ITE))
		return 0;
	head = (int)(dmar_readq(DMAR_IQH_REG) >> DMAR_IQ_SHIFT);
	tail = slot((int)(dmar_readq(DMAR_IQT_REG) >> DMAR_IQ_SHIFT) - 1);
#ifdef FIXED
	abort_cut_submission(head);
#endif
	/* Waits that had been fetched will never complete. */
	i = slot(head - 1);
	do {
		if (READ_ONCE(qi.desc_status[i]) == QI_IN_USE)
			WRITE_ONCE(qi.desc_status[i], QI_ABORT);
		i = slot(i - 1);
	} while (i != tail);
	dmar_writel(DMAR_FSTS_REG, DMA_FSTS_ITE);
	return READ_ONCE(qi.desc_status[wait_index]) == QI_ABORT ? -EAGAIN : 0;
}

static void reclaim_free_desc(void)
{
	while (qi.free_tail != qi.free_head && READ_ONCE(qi.desc_status[qi.free_tail]) == QI_FREE) {
		qi.free_tail = slot(qi.free_tail + 1);
		qi.free_cnt++;
	}
}

static int qi_submit_once(const struct qi_desc *desc, int count)
{
	int index, wait_index, rc = 0, i;

	raw_spin_lock_irqsave(qi.q_lock);
	while (qi.free_cnt < count + 2) {
		raw_spin_unlock_irqrestore(qi.q_lock);
		cpu_relax();
		raw_spin_lock_irqsave(qi.q_lock);
	}
	index = qi.free_head;
	wait_index = slot(index + count);
	for (i = 0; i < count; i++) {
		qi.desc[slot(index + i)] = desc[i];
		WRITE_ONCE(qi.desc_status[slot(index + i)], QI_IN_USE);
	}
	qi.desc[wait_index] = wait_desc(&qi.desc_status[wait_index]);
	WRITE_ONCE(qi.desc_status[wait_index], QI_IN_USE);
	qi.free_head = slot(wait_index + 1);
	qi.free_cnt -= count + 1;
	dmar_writeq(DMAR_IQT_REG, (u64)qi.free_head << DMAR_IQ_SHIFT);

	while (READ_ONCE(qi.desc_status[wait_index]) != QI_DONE) {
		rc = qi_check_fault(wait_index);
		if (rc)
			break;
		raw_spin_unlock_irqrestore(qi.q_lock);
		cpu_relax();
		raw_spin_lock_irqsave(qi.q_lock);
	}
	for (i = 0; i <= count; i++)
		WRITE_ONCE(qi.desc_status[slot(index + i)], QI_FREE);
	reclaim_free_desc();
	raw_spin_unlock_irqrestore(qi.q_lock);
	return rc;
}

static int qi_submit_sync(const struct qi_desc *desc, int count)
{
	int rc;

	do {
		rc = qi_submit_once(desc, count);
	} while (rc == -EAGAIN);
	return rc;
}

static int qi_flush_dev_iotlb(u16 sid)
{
	const struct qi_desc desc = { QI_DIOTLB_TYPE | (u64)sid << 32, 0x1000 };

	return qi_submit_sync(&desc, 1);
}

static void dmar_enable_qi(void)
{
	qi.q_lock = lab_lock_new("q_lock");
	qi.desc = lab_alloc_dma(QI_LENGTH * sizeof(*qi.desc));
	qi.desc_status = lab_alloc((QI_LENGTH + 1) * sizeof(*qi.desc_status));
	qi.scratch = &qi.desc_status[QI_LENGTH];
	qi.free_cnt = QI_LENGTH;
	dmar_writeq(DMAR_IQT_REG, 0);
	dmar_writeq(DMAR_IQA_REG, virt_to_phys(qi.desc));
	dmar_writel(DMAR_GCMD_REG, DMA_GCMD_QIE);
}

/* ---- the scenario: a device misses one invalidation, and answers the next ---- */

#define SID 0x10

static const struct vtd_entry cached = {
	.kind = VTD_DEVTLB, .sid = SID, .pasid = VTD_NO_PASID, .addr = 0x1000
};

static int unmap(void *arg)
{
	int rc = qi_flush_dev_iotlb(SID);

	(void)arg;
	lab_check(rc == 0);
	lab_check(!lab_cached(&cached));
	return rc;
}

static const char *show_status(uint64_t value)
{
	static const char *const names[] = { "FREE", "IN_USE", "DONE", "ABORT" };

	return value < 4 ? names[value] : NULL;
}

static const char *setup(const struct lab_params *p)
{
	const struct vtd_config unit = { .cache_room = 1, .window = 4, .slots = QI_LENGTH };
	const struct vtd_fault silent = { .kind = VTD_FAULT_SILENT, .sid = SID, .count = 1 };
	struct vtd_unit *u = lab_unit(&unit);

	(void)p;
	dmar_enable_qi();
	lab_name(qi.desc, "desc", sizeof(*qi.desc), QI_LENGTH, NULL);
	lab_name(qi.desc_status, "desc_status", sizeof(u32), QI_LENGTH, show_status);
	vtd_touch(u, &cached);
	vtd_fault_arm(u, &silent);
	lab_actor("unmap", unmap, NULL);
	return NULL;
}

const struct lab_scenario lab_scenarios[] = {
	{ .name = "time-out", .summary = "a device misses an invalidation", .setup = setup },
	{ 0 },
};
