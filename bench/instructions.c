/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * usage: instructions COUNT CALLS
 *
 * Calls qi_submit_sync() CALLS times with COUNT descriptors, from one thread and on a unit that has
 * completed everything when the doorbell's write returns. tests/scripts/instructions runs it under
 * callgrind and takes the functions called host_* for the host's part.
 */
#include <stdio.h>
#include <stdlib.h>

#include <qinval/qi.h>
#include <qinval/regs.h>

#define SLOTS 256
#define MOST 64

static _Alignas(4096) uint64_t ring[SLOTS][2];
static uint32_t status[SLOTS];
static struct qi_slot slots[SLOTS];
static uint32_t gsts;
static uint64_t head;

static uint32_t host_read32(void *ctx, unsigned reg)
{
	(void)ctx;
	return reg == DMAR_GSTS_REG ? gsts : 0;
}

static uint64_t host_read64(void *ctx, unsigned reg)
{
	(void)ctx;
	return reg == DMAR_IQH_REG ? head * 16 : 0;
}

static void host_write32(void *ctx, unsigned reg, uint32_t value)
{
	(void)ctx;
	if (reg == DMAR_GCMD_REG)
		gsts = value;
}

/* The unit: does the status writes of all waits up to the new tail. */
static void host_write64(void *ctx, unsigned reg, uint64_t value)
{
	(void)ctx;
	if (reg != DMAR_IQT_REG)
		return;
	for (; head != value / 16; head = (head + 1) % SLOTS)
		if ((ring[head][0] & 0xf) == QI_IWD_TYPE)
			*(uint32_t *)(uintptr_t)ring[head][1] = (uint32_t)(ring[head][0] >> 32);
}

static unsigned long host_lock(void *ctx)
{
	(void)ctx;
	return 0;
}

static void host_unlock(void *ctx, unsigned long flags)
{
	(void)ctx;
	(void)flags;
}

static void host_relax(void *ctx)
{
	(void)ctx;
}

static uint64_t host_now(void *ctx)
{
	(void)ctx;
	return 0;
}

static const struct qi_host host = {
	.read32 = host_read32,
	.read64 = host_read64,
	.write32 = host_write32,
	.write64 = host_write64,
	.lock = host_lock,
	.unlock = host_unlock,
	.relax = host_relax,
	.now = host_now,
};

int main(int argc, char **argv)
{
	static struct qi q;
	static struct qi_desc desc[MOST];
	struct qi_config cfg = {
		.host = &host,
		.slots = SLOTS,
		.width = 128,
		.ring = { ring, (uintptr_t)ring, sizeof(ring) },
		.status = { status, (uintptr_t)status, sizeof(status) },
		.slot = slots,
		.cap = VTD_CAP_PSI | 18ULL << VTD_CAP_MAMV_SHIFT,
		.ecap = VTD_ECAP_C | VTD_ECAP_QI,
	};
	unsigned count = argc == 3 ? (unsigned)atoi(argv[1]) : MOST + 1;
	unsigned calls = argc == 3 ? (unsigned)atoi(argv[2]) : 0;
	unsigned i;
	int err;

	if (count > MOST) {
		fprintf(stderr, "usage: %s COUNT CALLS, COUNT at most %d\n", argv[0], MOST);
		return 1;
	}
	for (i = 0; i < count; i++)
		desc[i] = qi_desc_iotlb(QI_IOTLB_PAGE, 1, (uint64_t)i << QI_PAGE_SHIFT, 0, true, 0);
	err = qi_init(&q, &cfg);
	if (!err)
		err = qi_enable(&q);
	for (i = 0; !err && i < calls; i++)
		err = qi_submit_sync(&q, desc, count, 0);
	if (err)
		fprintf(stderr, "%s\n", qi_strerror(err));
	return err ? 1 : 0;
}
