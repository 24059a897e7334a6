/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * profile.c - where CPUs contend: cache lines of the driver's memory, and locks. Stacks and
 * variables are left out, as a driver's CPUs do not contend for those.
 */
#include <stdio.h>
#include <stdlib.h>

#include <lab/setup.h>

#include "sim.h"

#define LINES (LAB_HEAP_SIZE / LINE)
#define WORDS (LINE / 8)

struct use {
	uint64_t time, stalled;
	uint32_t word[WORDS]; /* transfers, by the word that was accessed */
};

static struct use *lines;
static uint64_t moved;

static struct {
	uintptr_t addr;
	uint64_t time, stalled, times;
} locks[SIM_LOCKS];

bool profile_init(void)
{
	lines = calloc(LINES, sizeof(*lines));
	return lines;
}

/* NULL: it is left out. */
static struct use *use_of(uintptr_t addr)
{
	if (!sim_measures() || addr - LAB_BASE >= LAB_HEAP_SIZE)
		return NULL;
	return &lines[(addr - LAB_BASE) / LINE];
}

void profile_transfer(uintptr_t addr, uint64_t time)
{
	struct use *u = use_of(addr);

	if (!u)
		return;
	u->time += time;
	u->word[addr % LINE / 8]++;
	moved++;
}

void profile_stall(uintptr_t addr, uint64_t time)
{
	struct use *u = use_of(addr);

	if (u)
		u->stalled += time;
}

void profile_lock(const struct lab_lock *lock, uint64_t held, uint64_t stalled)
{
	if (!sim_measures())
		return;
	locks[lock->index].addr = (uintptr_t)lock;
	locks[lock->index].time += held;
	locks[lock->index].stalled += stalled;
	locks[lock->index].times += held > 0;
}

/* ---- the result ---- */

static double share_of_time(uint64_t time)
{
	double share = (double)time / (double)(sim.ends - sim.begins);

	return share > 1 ? 1 : share;
}

/* Keep it if it is one of the most used. */
static void offer(struct timed_hot *hot, const struct timed_hot *new)
{
	unsigned i = TIMED_HOT;

	for (; i && (!*hot[i - 1].name || hot[i - 1].use < new->use); i--) {
		if (i < TIMED_HOT)
			hot[i] = hot[i - 1];
	}
	if (i < TIMED_HOT)
		hot[i] = *new;
}

static void offer_line(struct timed_hot *hot, unsigned i, double n)
{
	const struct use *u = &lines[i];
	struct timed_hot new = { .use = share_of_time(u->time),
				 .stall = (double)u->stalled / PS_PER_NS / n };
	unsigned w, most = 0;

	for (w = 0; w < WORDS; w++) {
		new.transfers += u->word[w] / n;
		if (u->word[w] > u->word[most])
			most = w;
	}
	if (new.use <= hot[TIMED_HOT - 1].use)
		return;
	setup_describe(LAB_BASE + (uintptr_t)i * LINE + most * 8, new.name, sizeof(new.name));
	offer(hot, &new);
}

static void offer_lock(struct timed_hot *hot, unsigned i, double n)
{
	struct timed_hot new = { .use = share_of_time(locks[i].time),
				 .transfers = (double)locks[i].times / n,
				 .stall = (double)locks[i].stalled / PS_PER_NS / n };
	const struct named *name = setup_name_of(locks[i].addr);

	snprintf(new.name, sizeof(new.name), "%s, held", name ? name->name : "a lock");
	offer(hot, &new);
}

void profile_result(struct timed_result *r)
{
	unsigned i;

	r->lines = (double)moved / (double)r->measured;
	for (i = 0; i < LINES; i++) {
		if (lines[i].time)
			offer_line(r->hot, i, (double)r->measured);
	}
	for (i = 0; i < SIM_LOCKS; i++) {
		if (locks[i].times)
			offer_lock(r->hot, i, (double)r->measured);
	}
}
