/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * device_qemu.c - QEMU's intel-iommu. Each thread has a probe and an address space of its own in
 * each domain that the trace invalidates. So no other thread uses a page whose mapping changes
 * around an invalidation.
 */
#include "device.h"

#include <describe/describe.h>
#include <hosts/qtest_dma.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <qinval/regs.h>

/*
 * A check takes some 60 us, six times as long as a submission. So a thread checks all of its first
 * submissions, and then one in so many.
 */
#define LOOK_AT_FIRST 200
#define LOOK_AT_ONE_IN 64

/* Pages for invalidations of a whole domain or of all domains. */
#define ANY_PAGE 0x40000000ULL
#define ANY_PAGES 16

/* Writes to these addresses are interrupts. */
#define INTERRUPTS 0xfee00000ULL
#define INTERRUPT_BYTES 0x100000ULL

struct probe {
	struct qtest_probe p;
	uint64_t space;
	struct qi_mem frame[2];
};

struct qemu {
	struct device_config cfg;
	struct qtest_host *host;
	struct qtest_tables tables;
	unsigned dids;
	uint16_t did[QTEST_PROBES];
	struct probe *probe; /* `dids` for each thread */
	uint64_t *seen;	     /* submissions, by thread */
};

/* Set by capabilities(). */
static uint64_t unit_cap, unit_ecap;
static char version[32];

static void qemu_describe(char *buf, size_t size, const struct device_config *cfg)
{
	(void)cfg;
	snprintf(buf, size, "QEMU%s's intel-iommu, CAP 0x%" PRIx64 ", ECAP 0x%" PRIx64, version,
		 unit_cap, unit_ecap);
}

/* qtest does not report QEMU's version. If it cannot be found the report has none. */
static void find_version(void)
{
	FILE *f = popen(QTEST_PROGRAM " --version 2>/dev/null", "r");
	char text[sizeof(version) - 1];

	if (!f)
		return;
	if (fscanf(f, "QEMU emulator version %30s", text) == 1)
		snprintf(version, sizeof(version), " %s", text);
	pclose(f);
}

static bool qemu_capabilities(const struct device_config *cfg, uint64_t *cap, uint64_t *ecap,
			      char *error, size_t size)
{
	const struct qtest_config no_queue = { .slots = 0 };
	struct qtest_host *h = qtest_start(&no_queue, error, size);

	(void)cfg;
	if (!h)
		return false;
	find_version();
	*cap = unit_cap = qtest_read64(h, DMAR_CAP_REG);
	*ecap = unit_ecap = qtest_read64(h, DMAR_ECAP_REG);
	qtest_stop(h);
	return true;
}

/* ---- starting ---- */

static bool is_selective(const struct qi_desc *d)
{
	return qi_desc_type(d) == QI_IOTLB_TYPE && (d->qw0 >> 4 & 3) != QI_IOTLB_GLOBAL;
}

static unsigned find_did(const struct qemu *u, uint16_t did)
{
	unsigned i = 0;

	while (i < u->dids && u->did[i] != did)
		i++;
	return i;
}

/*
 * As many domains as there can be probes for. If the trace has none, use one for its global
 * invalidations.
 */
static void find_dids(struct qemu *u)
{
	const struct trace *t = u->cfg.trace;
	unsigned most = QTEST_PROBES / u->cfg.threads;

	for (size_t i = 0; i < t->count && u->dids < most; i++) {
		const struct qi_desc *d = &t->event[i].desc;
		uint16_t did = d->qw0 >> 16;

		if (t->event[i].unit == u->cfg.unit && is_selective(d) &&
		    find_did(u, did) == u->dids)
			u->did[u->dids++] = did;
	}
	if (!u->dids && most)
		u->did[u->dids++] = 1;
}

static bool start_probe(struct qemu *u, unsigned number)
{
	struct probe *p = &u->probe[number];

	qtest_probe_init(&p->p, u->host, number);
	p->space = qtest_space(&u->tables);
	for (unsigned i = 0; i < 2; i++) {
		p->frame[i] = qtest_memory(u->host, QTEST_PAGE);
		if (!p->frame[i].virt)
			return false;
		qtest_frame_init(p->frame[i].virt);
	}
	return p->space && qtest_attach(&u->tables, p->p.sid, u->did[number % u->dids], p->space);
}

static void qemu_stop(void *dev)
{
	struct qemu *u = dev;

	if (u->host)
		qtest_stop(u->host);
	free(u->probe);
	free(u->seen);
	free(u);
}

/* For tests that plant defects: called with the descriptors that QEMU is about to fetch. */
static void doorbell(void *ctx, uint64_t from, uint64_t to)
{
	struct qemu *u = ctx;
	unsigned bytes = u->cfg.width / 8;
	struct qi_config qc;
	uint64_t qw[4], *at;

	if (!u->host)
		return;
	qtest_configure(u->host, &qc);
	for (; from != to; from = (from + bytes) & (qc.ring.size - 1)) {
		at = (uint64_t *)((char *)qc.ring.virt + from);
		qtest_get_desc(at, qw, bytes / 8);
		u->cfg.fetched(u->cfg.ctx, NULL, qc.ring.phys + from, qw);
		qtest_put_desc(at, qw, bytes / 8);
	}
}

static bool start_host(struct qemu *u, char *error, size_t size)
{
	unsigned probes = u->cfg.threads * u->dids;
	const char **arguments = qtest_probe_arguments(probes);
	const struct qtest_config host = {
		.slots = u->cfg.slots,
		.width = u->cfg.width,
		.arguments = arguments,
		.doorbell = u->cfg.fetched ? doorbell : NULL,
		.ctx = u,
	};

	u->probe = calloc(probes + 1, sizeof(*u->probe));
	u->seen = calloc(u->cfg.threads, sizeof(*u->seen));
	if (!arguments || !u->probe || !u->seen) {
		snprintf(error, size, "out of memory");
		free(arguments);
		return false;
	}
	u->host = qtest_start(&host, error, size);
	free(arguments);
	if (!u->host)
		return false;
	/* 128-bit descriptors are used with legacy mode, 256-bit ones with scalable mode. */
	if (!qtest_tables_init(&u->tables, u->host, u->cfg.width == 256)) {
		snprintf(error, size, "no room in the guest's memory");
		return false;
	}
	for (unsigned i = 0; i < probes; i++) {
		if (!start_probe(u, i)) {
			snprintf(error, size, "no room in the guest's memory");
			return false;
		}
	}
	return true;
}

static void *qemu_start(const struct device_config *cfg, char *error, size_t size)
{
	struct qemu *u = calloc(1, sizeof(*u));

	if (!u) {
		snprintf(error, size, "out of memory");
		return NULL;
	}
	u->cfg = *cfg;
	find_dids(u);
	if (start_host(u, error, size))
		return u;
	qemu_stop(u);
	return NULL;
}

static void qemu_configure(void *dev, struct qi_config *qc)
{
	struct qemu *u = dev;

	qtest_configure(u->host, qc);
}

static bool qemu_prepare(void *dev, char *error, size_t size)
{
	struct qemu *u = dev;

	qtest_tables_enable(&u->tables);
	if (!qtest_failure(u->host))
		return true;
	snprintf(error, size, "%s", qtest_failure(u->host));
	return false;
}

/* ---- checking ---- */

/* Choose a page that @d covers and that a device can use. */
static bool choose_page(const struct qi_desc *d, uint64_t *random, uint64_t *iova)
{
	uint64_t first, last;

	*iova = ANY_PAGE + random_next(random) % ANY_PAGES * QTEST_PAGE;
	if (qi_desc_range(d, &first, &last))
		*iova = first + (random_next(random) & (last - first) & ~(QTEST_PAGE - 1));
	return !(*iova >> QTEST_ADDRESS_BITS) && *iova - INTERRUPTS >= INTERRUPT_BYTES;
}

/*
 * Let a probe use a page, then change the page's mapping without invalidating it. The page starts
 * with the mapping that the last check left, which may be cached.
 */
static bool use_page(struct qemu *u, unsigned worker, const struct qi_desc *d, uint64_t *random,
		     struct look *l)
{
	unsigned did = is_selective(d) ? find_did(u, d->qw0 >> 16) : 0;
	struct probe *p = &u->probe[worker * u->dids + did];
	uint64_t *entry;

	if (qi_desc_type(d) != QI_IOTLB_TYPE || did == u->dids || !choose_page(d, random, &l->iova))
		return false;
	entry = qtest_entry(&u->tables, p->space, l->iova, 1);
	if (!entry)
		return false;
	l->probe = p - u->probe;
	l->old = *entry == (p->frame[1].phys | QTEST_PTE_R | QTEST_PTE_W);
	l->new = !l->old;
	__atomic_store_n(entry, p->frame[l->old].phys | QTEST_PTE_R | QTEST_PTE_W,
			 __ATOMIC_RELEASE);
	qtest_probe_reach(&p->p, l->iova);
	qtest_settle(u->host);
	__atomic_store_n(entry, p->frame[l->new].phys | QTEST_PTE_R | QTEST_PTE_W,
			 __ATOMIC_RELEASE);
	return qtest_frame_take(p->frame[l->old].virt);
}

static void qemu_before(void *dev, unsigned worker, const struct qi_desc *d, uint64_t *random,
			struct look *l)
{
	struct qemu *u = dev;
	uint64_t n = u->seen[worker]++;

	l->executed = n < LOOK_AT_FIRST || n % LOOK_AT_ONE_IN == 0;
	l->translations = l->executed && use_page(u, worker, d, random, l);
}

static uint64_t qemu_since(void *dev)
{
	struct qemu *u = dev;

	return qtest_rung(u->host);
}

static unsigned qemu_after(void *dev, struct look *l, unsigned slot, const struct qi_desc *d)
{
	struct qemu *u = dev;
	struct probe *p = &u->probe[l->probe];
	unsigned found = 0;
	uint64_t fetched;

	(void)d;
	if (!l->executed)
		return 0;
	if (l->translations)
		qtest_probe_reach(&p->p, l->iova);
	fetched = qtest_fetched(u->host);
	/*
	 * Doorbells must have passed over the slot since then; the first time counts, as later ones
	 * only make the check more lenient.
	 */
	if (fetched <= l->since + ((slot - l->since) & (u->cfg.slots - 1)) &&
	    !qtest_failure(u->host))
		found |= LOOK_FALSE_COMPLETION;
	if (l->translations && qtest_frame_take(p->frame[l->old].virt))
		found |= LOOK_STALE;
	else if (l->translations)
		l->translations = qtest_frame_take(p->frame[l->new].virt);
	return found;
}

static struct device_counts qemu_counts(void *dev)
{
	struct qemu *u = dev;
	struct qtest_counts c = qtest_counts(u->host);

	return (struct device_counts){ c.reads, c.doorbells, qtest_fetched(u->host), 0 };
}

static const char *qemu_failure(void *dev)
{
	struct qemu *u = dev;

	return qtest_failure(u->host);
}

const struct device_ops device_qemu = {
	.name = "qemu",
	.describe = qemu_describe,
	.capabilities = qemu_capabilities,
	.start = qemu_start,
	.configure = qemu_configure,
	.prepare = qemu_prepare,
	.before = qemu_before,
	.since = qemu_since,
	.after = qemu_after,
	.counts = qemu_counts,
	.failure = qemu_failure,
	.stop = qemu_stop,
};
