/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include <core/queue.h>

#include "stress.h"

#include <string.h>
#include <time.h>

/* The time before a defect is planted, so that there is something to damage. */
#define QUIET_MS 20

static const struct {
	const char *name;
	enum violation expects;
} plants[PLANTS] = {
	[PLANT_LOST] = { "lost", LOST },
	[PLANT_HANG] = { "hang", LOST },
	[PLANT_STALE] = { "stale", STALE },
	[PLANT_FALSE_COMPLETION] = { "false-completion", FALSE_COMPLETION },
	[PLANT_MISBLAMED] = { "misblamed", MISBLAMED },
};

enum plant plant_find(const char *name)
{
	for (int p = PLANT_NONE + 1; p < PLANTS; p++)
		if (!strcmp(name, plants[p].name))
			return p;
	return PLANT_NONE;
}

enum violation plant_expects(enum plant p)
{
	return plants[p].expects;
}

static void sleep_ms(unsigned ms)
{
	struct timespec ts = { 0, ms * 1000000L };

	nanosleep(&ts, NULL);
}

/*
 * ---- stale: a unit that removes another page than it was told to, and reports the right one ----
 */

static void swap_page(uint64_t *qw)
{
	bool page_of_iotlb = (qw[0] & 0x3f) == (QI_IOTLB_TYPE | QI_IOTLB_PAGE << 4);

	if (page_of_iotlb && (id_of(qw) & 0xf) == 5)
		qw[1] ^= 1ULL << 47;
}

void plant_fetched(void *ctx, struct threads_host *h, uint64_t addr, uint64_t *qw)
{
	(void)ctx;
	(void)h;
	(void)addr;
	swap_page(qw);
}

void plant_executed(void *ctx, const struct vtd_event *ev)
{
	struct vtd_event told = *ev;

	swap_page(told.qw);
	judge_executed(ctx, &told);
}

/* ---- false completion: a word that is polled reports success too early ---- */

static void complete_early(struct stress *s)
{
	for (unsigned i = 0; i < s->cfg.slots; i++) {
		uint64_t word = load(&s->qc.slot[i].published), wait = word >> QI_SLOT_SHIFT;
		uint64_t first = wait - ((wait - i) & s->q.mask);
		uint32_t *status = qi_status(&s->q, first), tag = qi_tag(&s->q, first);

		if (word & QI_SLOT_PUBLISHED && word & QI_SLOT_POLLED && load(status) == tag - 1)
			store(status, tag);
	}
}

/* The unit is stopped meanwhile; otherwise it would depend on chance. */
static void plant_completions(struct stress *s)
{
	struct vtd_fault stall = { .kind = VTD_FAULT_STALL };

	threads_fault_arm(s->host, &stall);
	sleep_ms(QUIET_MS);
	complete_early(s);
	sleep_ms(QUIET_MS);
	threads_fault_clear(s->host, VTD_FAULT_STALL);
}

/* ---- lost: a status write that does not land ---- */

static void plant_loss(struct stress *s)
{
	struct vtd_fault f = { .kind = VTD_FAULT_LOSE_WRITE, .count = 1 };

	threads_fault_arm(s->host, &f);
}

void *plant_thread(void *arg)
{
	struct stress *s = arg;

	while (!stopping(s)) {
		sleep_ms(QUIET_MS);
		if (s->cfg.plant == PLANT_LOST || s->cfg.plant == PLANT_HANG)
			plant_loss(s);
		else if (s->cfg.plant == PLANT_FALSE_COMPLETION)
			plant_completions(s);
		else if (s->cfg.plant == PLANT_MISBLAMED)
			store(&s->wish, 1);
	}
	return NULL;
}
