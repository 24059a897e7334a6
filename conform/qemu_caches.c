/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "qemu_caches.h"

/* Functions 0, 1, 2 and 4 of device 2, which are in domain 1, and device 3, in domain 2. */
static const unsigned probe_number[QEMU_PROBES] = { 0, 1, 2, 4, 8 };

#define DOMAIN_1 0 /* the probe that looks at the pages of domain 1 */
#define DOMAIN_2 4

#define FRESH 0x20000000ULL /* pages from here on are unused */

void qemu_caches_init(struct qemu_caches *c, struct qtest_host *host)
{
	*c = (struct qemu_caches){ .host = host };
}

void qemu_caches_reset(struct qemu_caches *c)
{
	c->looking = false;
}

static bool make_page(struct qemu_caches *c, struct qemu_page *p)
{
	struct qi_mem before = qtest_memory(c->host, QTEST_PAGE);
	struct qi_mem after = qtest_memory(c->host, QTEST_PAGE);

	*p = (struct qemu_page){ .before = before.virt,
				 .after = after.virt,
				 .before_phys = before.phys,
				 .after_phys = after.phys };
	return before.virt && after.virt;
}

/* The tables are made once for each QEMU, as they use its memory. */
static bool make_tables(struct qemu_caches *c)
{
	if (c->tables.host)
		return true;
	if (!qtest_tables_init(&c->tables, c->host, false))
		return false;
	for (unsigned d = 0; d < QEMU_DOMAINS; d++) {
		c->space[d] = qtest_space(&c->tables);
		for (unsigned i = 0; i < QEMU_PAGES; i++)
			if (!make_page(c, &c->page[d][i]))
				return false;
	}
	c->other_space = qtest_space(&c->tables);
	return c->space[0] && c->space[1] && c->other_space && make_page(c, &c->fresh);
}

static unsigned domain_of_probe(unsigned i)
{
	return i == DOMAIN_2;
}

static bool attach(struct qemu_caches *c, unsigned i, uint64_t space)
{
	return qtest_attach(&c->tables, c->probe[i].sid, domain_of_probe(i) + 1, space);
}

static bool look(struct qemu_caches *c)
{
	if (c->looking)
		return true;
	if (!make_tables(c))
		return false;
	for (unsigned i = 0; i < QEMU_PROBES; i++) {
		qtest_probe_init(&c->probe[i], c->host, probe_number[i]);
		if (!attach(c, i, c->space[domain_of_probe(i)]))
			return false;
	}
	c->pages[0] = c->pages[1] = 0;
	c->next_fresh = FRESH;
	qtest_tables_enable(&c->tables);
	c->looking = true;
	return true;
}

static uint64_t pte(uint64_t frame)
{
	return frame | QTEST_PTE_R | QTEST_PTE_W;
}

/* True if the request arrived at the page's first frame. */
static bool arrives_before(struct qemu_caches *c, unsigned probe, struct qemu_page *p)
{
	qtest_frame_init(p->before);
	qtest_frame_init(p->after);
	qtest_probe_reach(&c->probe[probe], p->iova);
	qtest_settle(c->host);
	return qtest_frame_take(p->before);
}

static struct qemu_page *find_page(struct qemu_caches *c, unsigned domain, uint64_t iova)
{
	for (unsigned i = 0; i < c->pages[domain]; i++)
		if (c->page[domain][i].iova == iova)
			return &c->page[domain][i];
	return NULL;
}

static bool touch_page(struct qemu_caches *c, unsigned domain, uint64_t iova)
{
	struct qemu_page *p;

	if (c->pages[domain] == QEMU_PAGES)
		return false;
	p = &c->page[domain][c->pages[domain]++];
	p->iova = iova;
	p->entry = qtest_entry(&c->tables, c->space[domain], iova, 1);
	if (!p->entry)
		return false;
	*p->entry = pte(p->before_phys);
	return arrives_before(c, domain ? DOMAIN_2 : DOMAIN_1, p);
}

/* Let the tables lead elsewhere: then only a cached translation leads to the first frame. */
static bool page_cached(struct qemu_caches *c, unsigned domain, uint64_t iova)
{
	struct qemu_page *p = find_page(c, domain, iova);
	bool cached;

	*p->entry = pte(p->after_phys);
	cached = arrives_before(c, domain ? DOMAIN_2 : DOMAIN_1, p);
	*p->entry = pte(p->before_phys);
	return cached;
}

/*
 * Map a page of which no translation can be cached: it leads to one frame, and in the other space
 * to another frame.
 */
static bool map_fresh(struct qemu_caches *c, unsigned domain)
{
	uint64_t *here, *there;

	c->fresh.iova = c->next_fresh;
	c->next_fresh += QTEST_PAGE;
	here = qtest_entry(&c->tables, c->space[domain], c->fresh.iova, 1);
	there = qtest_entry(&c->tables, c->other_space, c->fresh.iova, 1);
	if (!here || !there)
		return false;
	*here = pte(c->fresh.before_phys);
	*there = pte(c->fresh.after_phys);
	return true;
}

static bool touch_context(struct qemu_caches *c, unsigned probe)
{
	return map_fresh(c, domain_of_probe(probe)) && arrives_before(c, probe, &c->fresh);
}

static bool context_cached(struct qemu_caches *c, unsigned probe)
{
	bool cached;

	map_fresh(c, domain_of_probe(probe));
	attach(c, probe, c->other_space);
	cached = arrives_before(c, probe, &c->fresh);
	attach(c, probe, c->space[domain_of_probe(probe)]);
	return cached;
}

/* QEMU_PROBES: there is no such device, or it is in another domain. */
static unsigned find_probe(const struct qemu_caches *c, const struct conform_entry *e)
{
	unsigned i;

	for (i = 0; i < QEMU_PROBES; i++)
		if (c->probe[i].sid == e->sid && e->did == domain_of_probe(i) + 1)
			break;
	return i;
}

static bool is_plain_page(const struct conform_entry *e)
{
	return e->kind == CONFORM_IOTLB && e->pasid == CONFORM_NO_PASID && e->did >= 1 &&
	       e->did <= QEMU_DOMAINS;
}

/*
 * QEMU's unit caches no interrupt entries and no separate PASID entries, and these cards have no
 * TLB.
 */
bool qemu_caches_touch(struct qemu_caches *c, const struct conform_entry *e)
{
	if (!look(c))
		return false;
	if (is_plain_page(e))
		return touch_page(c, e->did - 1U, e->addr);
	if (e->kind == CONFORM_CONTEXT && find_probe(c, e) < QEMU_PROBES)
		return touch_context(c, find_probe(c, e));
	return false;
}

bool qemu_caches_cached(struct qemu_caches *c, const struct conform_entry *e)
{
	if (e->kind == CONFORM_CONTEXT)
		return context_cached(c, find_probe(c, e));
	return page_cached(c, e->did - 1U, e->addr);
}
