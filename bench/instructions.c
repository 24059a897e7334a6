/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * usage: instructions [ENGINE COUNT CALLS [256] [am] [stats]]
 *
 * Submits COUNT descriptors CALLS times, from one thread, to a unit that has completed everything
 * when the write of the doorbell returns. Options are 256-bit descriptors, an address mask above 0,
 * and statistics. tests/scripts/instructions runs it under callgrind. It counts the instructions in
 * the functions called *_submit_sync, and counts those called host_* as the host's part. Without
 * arguments the program prints the names of the engines.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bench/host.h>
#include <qinval/regs.h>
#include <tool/bench/engine.h>

#define SLOTS 256
#define MOST 64

static _Alignas(4096) uint64_t ring[SLOTS * 4];
static unsigned words = 2; /* of a slot */
static _Alignas(64) uint32_t status[QI_STATUS_BYTES_SPREAD(SLOTS) / 4];
static struct qi_slot slots[SLOTS];
static struct qi_stats stats;
static uint32_t gsts;
static uint64_t head;

uint32_t host_read32(void *ctx, unsigned reg)
{
	(void)ctx;
	return reg == DMAR_GSTS_REG ? gsts : 0;
}

uint64_t host_read64(void *ctx, unsigned reg)
{
	(void)ctx;
	return reg == DMAR_IQH_REG ? head * words * 8 : 0;
}

void host_write32(void *ctx, unsigned reg, uint32_t value)
{
	(void)ctx;
	if (reg == DMAR_GCMD_REG)
		gsts = value;
}

/* The unit: writes the status of all waits up to the new tail. */
void host_write64(void *ctx, unsigned reg, uint64_t value)
{
	(void)ctx;
	if (reg != DMAR_IQT_REG)
		return;
	for (; head != value / (words * 8); head = (head + 1) % SLOTS) {
		const uint64_t *d = &ring[head * words];

		if ((d[0] & 0xf) == QI_IWD_TYPE)
			*(uint32_t *)(uintptr_t)d[1] = (uint32_t)(d[0] >> 32);
	}
}

unsigned long host_lock(void *ctx)
{
	(void)ctx;
	return 0;
}

void host_unlock(void *ctx, unsigned long flags)
{
	(void)ctx;
	(void)flags;
}

void host_relax(void *ctx)
{
	(void)ctx;
}

uint64_t host_now(void *ctx)
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
	.irq_save = host_lock,
	.irq_restore = host_unlock,
};

static int name_engines(void)
{
	for (const struct bench_engine *e = bench_engines; e->name; e++)
		puts(e->name);
	return 0;
}

struct variant {
	bool wide, am, stats;
};

/* Returns false if there is no such option. */
static bool set(struct variant *v, const char *word)
{
	if (!strcmp(word, "256"))
		v->wide = true;
	else if (!strcmp(word, "am"))
		v->am = true;
	else if (!strcmp(word, "stats"))
		v->stats = true;
	else
		return false;
	return true;
}

static int submit(const struct bench_engine *e, unsigned count, unsigned calls,
		  const struct variant *v)
{
	static struct qi_desc desc[MOST];
	struct qi_config cfg = {
		.host = &host,
		.slots = SLOTS,
		.width = v->wide ? 256 : 128,
		.ring = { ring, (uintptr_t)ring, sizeof(ring) },
		.status = { status, (uintptr_t)status, sizeof(status) },
		.slot = slots,
		.stats = v->stats ? &stats : NULL,
		.cap = VTD_CAP_PSI | 18ULL << VTD_CAP_MAMV_SHIFT,
		.ecap = VTD_ECAP_C | VTD_ECAP_QI | (v->wide ? VTD_ECAP_SMTS : 0),
	};
	size_t size = (e->size + 63) / 64 * 64;
	void *q = aligned_alloc(64, size);
	const char *why = "out of memory";
	unsigned i;

	words = v->wide ? 4 : 2;
	for (i = 0; i < count; i++)
		desc[i] = qi_desc_iotlb(QI_IOTLB_PAGE, 1, (uint64_t)i << (QI_PAGE_SHIFT + 9),
					v->am ? 9 : 0, true, 0);
	if (q)
		why = e->start(memset(q, 0, size), &cfg);
	for (i = 0; !why && i < calls; i++)
		if (e->submit(q, desc, count, 0))
			why = "a submission fails";
	if (why)
		fprintf(stderr, "%s: %s\n", e->name, why);
	free(q);
	return why ? 1 : 0;
}

int main(int argc, char **argv)
{
	const struct bench_engine *e = argc >= 4 ? bench_engine_find(argv[1]) : NULL;
	unsigned count = argc >= 4 ? (unsigned)atoi(argv[2]) : 0;
	struct variant v = { false, false, false };
	bool known = e && count <= MOST;
	int i;

	if (argc == 1)
		return name_engines();
	for (i = 4; i < argc; i++)
		known &= set(&v, argv[i]);
	if (known)
		return submit(e, count, (unsigned)atoi(argv[3]), &v);
	fprintf(stderr, "usage: %s [ENGINE COUNT CALLS [256] [am] [stats]], COUNT at most %d\n",
		argv[0], MOST);
	return 1;
}
