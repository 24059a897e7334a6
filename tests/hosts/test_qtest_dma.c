/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Translation end to end: devices use pages through QEMU's unit while the tables change. Where
 * their accesses arrive shows what the unit has cached, before and after the core's qi_flush_*().
 */
#include "qemu.h"

#include "../patience.h"

#include <hosts/qtest_dma.h>
#include <qinval/regs.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Fewer random rounds with a sanitizer, as they test QEMU, and the sanitizer tests our code. */
#define ROUNDS(n) (PATIENCE_SANITIZED ? (n) / 10 : (n))

#define DEVICES 4
#define PAGES 12
#define MAPPED (QTEST_PTE_R | QTEST_PTE_W)

/*
 * Devices 0 and 1 share domain 5 and its tables; the others have one domain each, with the same
 * addresses.
 */
static const uint16_t did_of[DEVICES] = { 5, 5, 6, 0xfffe };
static const unsigned space_of[DEVICES] = { 0, 0, 1, 2 };
#define SPACES 3

/* Neighbouring pages, and some at the ends of larger and larger blocks. */
static const uint64_t page_at[PAGES] = { 0x40000000, 0x40001000, 0x40002000, 0x40003000,
					 0x40007000, 0x4000f000, 0x40010000, 0x401ff000,
					 0x40200000, 0x7ffff000, 0x80000000, 0x7ffffff000 };

/* The two frames to which a page may lead in each space. */
struct leads {
	struct qi_mem frame[2];
	uint64_t *entry;
};

struct world {
	struct rig *r;
	struct qtest_tables tables;
	struct qtest_probe probe[DEVICES];
	uint64_t space[SPACES];
	struct leads page[SPACES][PAGES];
	uint64_t random;
};

static unsigned pick(struct world *w, unsigned n)
{
	w->random = w->random * 6364136223846793005ULL + 1442695040888963407ULL;
	return (w->random >> 33) % n;
}

static void lead_to(struct leads *l, unsigned frame)
{
	__atomic_store_n(l->entry, l->frame[frame].phys | MAPPED, __ATOMIC_RELEASE);
}

static void make_space(struct world *w, unsigned s)
{
	w->space[s] = qtest_space(&w->tables);
	assert_true(w->space[s]);
	for (unsigned p = 0; p < PAGES; p++) {
		struct leads *l = &w->page[s][p];

		for (unsigned f = 0; f < 2; f++) {
			l->frame[f] = qtest_memory(w->r->host, QTEST_PAGE);
			assert_non_null(l->frame[f].virt);
			qtest_frame_init(l->frame[f].virt);
		}
		l->entry = qtest_entry(&w->tables, w->space[s], page_at[p], 1);
		assert_non_null(l->entry);
		lead_to(l, 0);
	}
}

static struct world *start(bool scalable)
{
	const char **probes = qtest_probe_arguments(DEVICES);
	const struct qtest_config cfg = { .slots = 256,
					  .width = scalable ? 256 : 128,
					  .arguments = probes };
	struct world *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	w->r = rig_start(&cfg);
	free(probes);
	w->random = 1;
	assert_true(qtest_tables_init(&w->tables, w->r->host, scalable));
	for (unsigned s = 0; s < SPACES; s++)
		make_space(w, s);
	for (unsigned d = 0; d < DEVICES; d++) {
		qtest_probe_init(&w->probe[d], w->r->host, d);
		assert_true(qtest_attach(&w->tables, w->probe[d].sid, did_of[d],
					 w->space[space_of[d]]));
	}
	qtest_tables_enable(&w->tables);
	assert_int_equal(qi_flush_context(&w->r->q, 0, 0, 0, QI_CC_GLOBAL), 0);
	assert_int_equal(qi_flush_iotlb(&w->r->q, 0, 0, 0, false, QI_IOTLB_GLOBAL), 0);
	return w;
}

static void stop(struct world *w)
{
	rig_stop(w->r);
	free(w);
}

/* All devices access all pages of the device's space. reached[][]: the frame; -1: neither. */
typedef int reached[DEVICES][PAGES];

static int frame_taken(struct leads *l)
{
	bool first = qtest_frame_take(l->frame[0].virt),
	     second = qtest_frame_take(l->frame[1].virt);

	assert_false(first && second);
	return first ? 0 : second ? 1 : -1;
}

static void forget_all(struct world *w)
{
	for (unsigned s = 0; s < SPACES; s++)
		for (unsigned p = 0; p < PAGES; p++)
			frame_taken(&w->page[s][p]);
}

static void use_all(struct world *w, const unsigned *space, reached r)
{
	/* One device after the other, as devices share frames. */
	for (unsigned d = 0; d < DEVICES; d++) {
		forget_all(w);
		for (unsigned p = 0; p < PAGES; p++)
			qtest_probe_reach(&w->probe[d], page_at[p]);
		qtest_settle(w->r->host);
		for (unsigned p = 0; p < PAGES; p++)
			r[d][p] = frame_taken(&w->page[space[d]][p]);
	}
}

static void expect_all(struct world *w, int frame, const char *when)
{
	reached r;

	use_all(w, space_of, r);
	for (unsigned d = 0; d < DEVICES; d++)
		for (unsigned p = 0; p < PAGES; p++)
			if (r[d][p] != frame)
				fail_msg("%s: device %u at 0x%llx: frame %d, not %d", when, d,
					 (unsigned long long)page_at[p], r[d][p], frame);
}

/* ---- what an invalidation of the IOTLB covers ---- */

struct flush {
	unsigned granu; /* QI_IOTLB_*; RANGE: qi_flush_iotlb_range() */
	uint16_t did;
	uint64_t addr, npages;
	unsigned am;
	bool ih;
};

#define RANGE 4

static int do_flush(struct world *w, const struct flush *f)
{
	if (f->granu == RANGE)
		return qi_flush_iotlb_range(&w->r->q, f->did, f->addr, f->npages, f->ih);
	return qi_flush_iotlb(&w->r->q, f->did, f->addr, f->am, f->ih, f->granu);
}

static bool covers(const struct flush *f, unsigned device, unsigned page)
{
	switch (f->granu) {
	case QI_IOTLB_GLOBAL:
		return true;
	case QI_IOTLB_DOMAIN:
		return f->did == did_of[device];
	case QI_IOTLB_PAGE:
		return f->did == did_of[device] &&
		       page_at[page] >> (12 + f->am) == f->addr >> (12 + f->am);
	default:
		return f->did == did_of[device] && page_at[page] >= f->addr &&
		       page_at[page] < f->addr + f->npages * QTEST_PAGE;
	}
}

/*
 * QEMU 7.2 keeps only eight bits of the mask for AM, and compares only the same eight bits of the
 * page number: so it removes too many pages, which is permitted.
 */
static bool takes(const struct qi_desc *desc, unsigned device, unsigned page)
{
	uint8_t mask = ~0ULL << (desc->qw1 & 0x3f);

	/* Ranges that no mask covers are flushed by domain. */
	if ((desc->qw0 >> 4 & 3) == QI_IOTLB_DOMAIN)
		mask = 0;
	return (uint16_t)(desc->qw0 >> 16) == did_of[device] &&
	       !((page_at[page] ^ desc->qw1) >> 12 & mask);
}

/* True if the flush does not cover the page, but may remove it. */
static bool may_take(struct world *w, const struct flush *f, unsigned device, unsigned page)
{
	struct qi_desc desc[QI_RANGE_MAX];
	unsigned n = 0;

	if (f->granu == RANGE)
		n = qi_iotlb_range(&w->r->q, f->did, f->addr, f->npages, f->ih, desc, 8);
	if (f->granu == QI_IOTLB_PAGE)
		desc[n++] = qi_desc_iotlb(QI_IOTLB_PAGE, f->did, f->addr, f->am, f->ih, 0);
	for (unsigned i = 0; i < n; i++)
		if (takes(&desc[i], device, page))
			return true;
	return false;
}

/* Covered pages are fresh, and all others unchanged, except for those above. */
static void expect_flushed(struct world *w, const struct flush *f, int from)
{
	reached r;

	use_all(w, space_of, r);
	for (unsigned d = 0; d < DEVICES; d++) {
		for (unsigned p = 0; p < PAGES; p++) {
			int want = covers(f, d, p) ? !from : from;

			if (r[d][p] != want && !(r[d][p] == !from && may_take(w, f, d, p)))
				fail_msg("granularity %u DID %u at 0x%llx AM %u pages %llu: device "
					 "%u at 0x%llx reaches frame %d, not %d",
					 f->granu, f->did, (unsigned long long)f->addr, f->am,
					 (unsigned long long)f->npages, d,
					 (unsigned long long)page_at[p], r[d][p], want);
		}
	}
}

/*
 * All pages lead to frame @from and are cached; then all are changed; then the flush; and then the
 * cache is examined.
 */
static void one_flush(struct world *w, const struct flush *f, int from)
{
	expect_all(w, from, "at first");
	for (unsigned s = 0; s < SPACES; s++)
		for (unsigned p = 0; p < PAGES; p++)
			lead_to(&w->page[s][p], !from);
	expect_all(w, from, "changed and not invalidated");
	assert_int_equal(do_flush(w, f), 0);
	expect_flushed(w, f, from);
	assert_int_equal(qi_flush_iotlb(&w->r->q, 0, 0, 0, false, QI_IOTLB_GLOBAL), 0);
	expect_all(w, !from, "after all has been invalidated");
}

static struct flush random_flush(struct world *w)
{
	struct flush f = {
		.granu = 1 + pick(w, RANGE),
		.did = pick(w, 5) ? did_of[pick(w, DEVICES)] : 7,
		.am = pick(w, 19),
		.ih = pick(w, 2),
		.addr = page_at[pick(w, PAGES)],
	};

	if (f.granu == QI_IOTLB_PAGE)
		f.addr &= ~0ULL << (12 + f.am);
	if (f.granu == RANGE)
		f.npages = 1 + pick(w, pick(w, 2) ? 20 : 2000);
	return f;
}

static void every_granularity(bool scalable, unsigned random)
{
	struct world *w = start(scalable);
	int frame = 0;

	for (unsigned am = 0; am <= 18; am++, frame = !frame) {
		struct flush f = { .granu = QI_IOTLB_PAGE, .did = 5, .am = am, .ih = am % 2 };

		f.addr = page_at[am % PAGES] & ~0ULL << (12 + am);
		one_flush(w, &f, frame);
	}
	for (unsigned i = 0; i < random; i++, frame = !frame) {
		struct flush f = random_flush(w);

		one_flush(w, &f, frame);
	}
	stop(w);
}

static void legacy_mode(void **state)
{
	(void)state;
	every_granularity(false, ROUNDS(1000));
}

static void scalable_mode(void **state)
{
	(void)state;
	every_granularity(true, ROUNDS(1000));
}

/* ---- a large page is one entry, which an invalidation of any of its pages removes ---- */

#define LARGE (QTEST_PAGE << 9)

static void large_pages(void **state)
{
	struct world *w = start(false);
	struct qi_mem m = qtest_memory(w->r->host, 3 * LARGE);
	uint64_t first = (m.phys + LARGE - 1) / LARGE * LARGE, iova = 0x1234 * LARGE, *entry;
	struct leads in[2]; /* the first page in it, and the last */

	(void)state;
	assert_non_null(m.virt);
	for (unsigned i = 0; i < 4; i++) {
		struct qi_mem *f = &in[i / 2].frame[i % 2];

		f->phys = first + i % 2 * LARGE + i / 2 * (LARGE - QTEST_PAGE);
		f->virt = qtest_reach(w->r->host, f->phys, QTEST_PAGE);
		qtest_frame_init(f->virt);
	}
	entry = qtest_entry(&w->tables, w->space[1], iova, 2);
	assert_non_null(entry);
	for (unsigned i = 0; i < 600; i++) {
		int old = i % 2;

		for (unsigned step = 0; step < 3; step++) {
			if (step == 2) /* some page in it */
				assert_int_equal(qi_flush_iotlb(&w->r->q, did_of[2],
								iova + pick(w, 512) * QTEST_PAGE, 0,
								false, QI_IOTLB_PAGE),
						 0);
			else
				__atomic_store_n(entry,
						 (first + (step ? !old : old) * LARGE) | MAPPED |
							 QTEST_PTE_LARGE,
						 __ATOMIC_RELEASE);
			qtest_probe_reach(&w->probe[2], iova);
			qtest_probe_reach(&w->probe[2], iova + LARGE - QTEST_PAGE);
			qtest_settle(w->r->host);
			for (unsigned k = 0; k < 2; k++)
				assert_int_equal(frame_taken(&in[k]), step == 2 ? !old : old);
		}
	}
	stop(w);
}

/* ---- the context cache ---- */

static bool context_covers(unsigned granu, uint16_t did, uint16_t sid, unsigned fm,
			   const struct world *w, unsigned d)
{
	static const uint16_t masked[] = { 0, 4, 6, 7 };

	return granu == QI_CC_GLOBAL || (granu == QI_CC_DOMAIN && did == did_of[d]) ||
	       (granu == QI_CC_DEVICE && did == did_of[d] &&
		(sid | masked[fm]) == (w->probe[d].sid | masked[fm]));
}

/* All devices move to the next space; then looks what of their old ones is still cached. */
static void one_context_flush(struct world *w, unsigned turn)
{
	unsigned from[DEVICES], to[DEVICES], granu = 1 + pick(w, 3), fm = pick(w, 4);
	unsigned target = pick(w, DEVICES);
	uint16_t did = did_of[target], sid = w->probe[target].sid;
	reached r;

	for (unsigned d = 0; d < DEVICES; d++) {
		from[d] = (space_of[d] + turn) % SPACES;
		to[d] = (from[d] + 1) % SPACES;
	}
	use_all(w, from, r);
	for (unsigned d = 0; d < DEVICES; d++) {
		assert_int_not_equal(r[d][0], -1);
		assert_true(qtest_attach(&w->tables, w->probe[d].sid, did_of[d], w->space[to[d]]));
	}
	assert_int_equal(qi_flush_iotlb(&w->r->q, 0, 0, 0, false, QI_IOTLB_GLOBAL), 0);
	use_all(w, from, r);
	for (unsigned d = 0; d < DEVICES; d++)
		if (r[d][0] < 0)
			fail_msg("device %u does not use its cached context", d);

	assert_int_equal(qi_flush_context(&w->r->q, did, sid, fm, granu), 0);
	assert_int_equal(qi_flush_iotlb(&w->r->q, 0, 0, 0, false, QI_IOTLB_GLOBAL), 0);
	use_all(w, to, r);
	/*
	 * QEMU treats a domain-selective invalidation as global, and ignores the DID in a
	 * device-selective one.
	 */
	for (unsigned d = 0; d < DEVICES; d++) {
		bool must = context_covers(granu, did, sid, fm, w, d);
		bool may = granu != QI_CC_DEVICE || context_covers(granu, did_of[d], sid, fm, w, d);

		if ((must && r[d][0] < 0) || (!may && r[d][0] >= 0))
			fail_msg("context granularity %u, device %u, mask %u: device %u is %s",
				 granu, target, fm, d, must ? "stale" : "lost");
	}
	assert_int_equal(qi_flush_context(&w->r->q, 0, 0, 0, QI_CC_GLOBAL), 0);
	assert_int_equal(qi_flush_iotlb(&w->r->q, 0, 0, 0, false, QI_IOTLB_GLOBAL), 0);
}

static void move_about(bool scalable)
{
	struct world *w = start(scalable);

	for (unsigned turn = 0; turn < 300; turn++)
		one_context_flush(w, turn);
	stop(w);
}

static void contexts(void **state)
{
	(void)state;
	move_about(false);
}

static void scalable_contexts(void **state)
{
	(void)state;
	move_about(true);
}

/* ---- unmapped ---- */

#define FAULT_WRITE 5
#define FAULT_READ 6

/* The recorded fault, which is cleared. */
static void expect_fault(struct world *w, uint16_t sid, uint64_t iova)
{
	struct qtest_host *h = w->r->host;
	unsigned reg = VTD_CAP_FRO(qtest_read64(h, DMAR_CAP_REG)) * 16;
	uint64_t low = qtest_read64(h, reg), high = qtest_read64(h, reg + 8);

	assert_true(qtest_read32(h, DMAR_FSTS_REG) & VTD_FSTS_PPF);
	assert_true(high >> 63);
	assert_int_equal(high & 0xffff, sid);
	assert_in_range(high >> 32 & 0xff, FAULT_WRITE, FAULT_READ);
	assert_int_equal(low & ~(QTEST_PAGE - 1), iova);
	qtest_write32(h, reg + 12, 1U << 31);
	qtest_write32(h, DMAR_FSTS_REG, VTD_FSTS_PFO);
	assert_false(qtest_read32(h, DMAR_FSTS_REG) & (VTD_FSTS_PPF | VTD_FSTS_PFO));
}

/* Accessible until it is invalidated, in whatever way; then a fault; then it is mapped again. */
static void unmap(bool scalable)
{
	struct world *w = start(scalable);

	for (unsigned i = 0; i < ROUNDS(1500); i++) {
		unsigned d = pick(w, DEVICES), p = pick(w, PAGES);
		struct leads *l = &w->page[space_of[d]][p];
		struct flush f = {
			.granu = 1 + i % RANGE, .did = did_of[d], .addr = page_at[p], .npages = 1
		};

		qtest_probe_reach(&w->probe[d], page_at[p]);
		qtest_settle(w->r->host);
		assert_int_equal(frame_taken(l), 0);
		__atomic_store_n(l->entry, 0, __ATOMIC_RELEASE);
		qtest_probe_reach(&w->probe[d], page_at[p]);
		qtest_settle(w->r->host);
		assert_int_equal(frame_taken(l), 0);
		assert_int_equal(qtest_read32(w->r->host, DMAR_FSTS_REG), 0);
		assert_int_equal(do_flush(w, &f), 0);
		qtest_probe_reach(&w->probe[d], page_at[p]);
		qtest_settle(w->r->host);
		assert_int_equal(frame_taken(l), -1);
		expect_fault(w, w->probe[d].sid, page_at[p]);
		lead_to(l, 0);
	}
	stop(w);
}

static void unmapped_pages(void **state)
{
	(void)state;
	unmap(false);
}

static void scalable_unmapped_pages(void **state)
{
	(void)state;
	unmap(true);
}

/* ---- edu, a device that moves data ---- */

#define EDU_SID (2 << 3)
#define EDU_BAR 0xf0000000ULL
#define EDU_BUFFER 0x40000
#define EDU_SOURCE 0x80
#define EDU_TARGET 0x88
#define EDU_COUNT 0x90
#define EDU_COMMAND 0x98
#define EDU_START 1
#define EDU_TO_MEMORY 2

static void edu_dma(struct qtest_host *h, uint64_t from, uint64_t to, unsigned command)
{
	qtest_store(h, EDU_BAR + EDU_SOURCE, from, 8);
	qtest_store(h, EDU_BAR + EDU_TARGET, to, 8);
	qtest_store(h, EDU_BAR + EDU_COUNT, 64, 8);
	qtest_store(h, EDU_BAR + EDU_COMMAND, command | EDU_START, 8);
	while (qtest_load(h, EDU_BAR + EDU_COMMAND, 8) & EDU_START)
		assert_null(qtest_failure(h));
}

/* Copy from the page into edu's buffer, and from there to another page. */
static uint64_t edu_copies(struct qtest_host *h, uint64_t from, uint64_t to, uint64_t *arrived)
{
	*arrived = 0;
	edu_dma(h, from, EDU_BUFFER, 0);
	edu_dma(h, EDU_BUFFER, to, EDU_TO_MEMORY);
	return *arrived;
}

static void copy_and_change(bool scalable)
{
	/* So that the guest's clock, which edu uses, advances while nothing happens. */
	static const char *const arguments[] = { "-device", "edu,addr=2,dma_mask=0xffffffff",
						 "-icount", "shift=0,sleep=off", NULL };
	const struct qtest_config cfg = { .slots = 256,
					  .width = scalable ? 256 : 128,
					  .arguments = arguments };
	struct rig *r = rig_start(&cfg);
	struct qtest_tables t;
	struct qi_mem data[2], target = qtest_memory(r->host, QTEST_PAGE);
	uint64_t space, *entry, *out;

	assert_true(qtest_tables_init(&t, r->host, scalable));
	space = qtest_space(&t);
	assert_true(qtest_attach(&t, EDU_SID, 9, space));
	qtest_pci_enable(r->host, EDU_SID, EDU_BAR);
	for (unsigned i = 0; i < 2; i++)
		data[i] = qtest_memory(r->host, QTEST_PAGE);
	entry = qtest_entry(&t, space, 0x10000, 1);
	out = qtest_entry(&t, space, 0x20000, 1);
	assert_true(entry && out);
	*out = target.phys | MAPPED;
	*entry = data[0].phys | MAPPED;
	qtest_tables_enable(&t);
	for (uint64_t i = 1; i <= 300; i++) {
		uint64_t *old = data[!(i % 2)].virt, *new = data[i % 2].virt;

		*old = i << 8;
		*new = i << 8 | 1;
		assert_int_equal(edu_copies(r->host, 0x10000, 0x20000, target.virt), *old);
		__atomic_store_n(entry, data[i % 2].phys | MAPPED, __ATOMIC_RELEASE);
		assert_int_equal(edu_copies(r->host, 0x10000, 0x20000, target.virt), *old);
		assert_int_equal(qi_flush_iotlb_range(&r->q, 9, 0x10000, 1 + i % 5, i % 2), 0);
		assert_int_equal(edu_copies(r->host, 0x10000, 0x20000, target.virt), *new);
	}
	rig_stop(r);
}

static void data_are_those_of_the_old_page_until_invalidated(void **state)
{
	(void)state;
	copy_and_change(false);
}

static void so_they_are_in_scalable_mode(void **state)
{
	(void)state;
	copy_and_change(true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(legacy_mode),
		cmocka_unit_test(scalable_mode),
		cmocka_unit_test(large_pages),
		cmocka_unit_test(contexts),
		cmocka_unit_test(scalable_contexts),
		cmocka_unit_test(unmapped_pages),
		cmocka_unit_test(scalable_unmapped_pages),
		cmocka_unit_test(data_are_those_of_the_old_page_until_invalidated),
		cmocka_unit_test(so_they_are_in_scalable_mode),
	};

	if (!qemu_is_here())
		return SKIPPED;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
