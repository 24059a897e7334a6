/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * line.c - cache lines: which CPUs have them, and how long it takes to get one.
 *
 * One CPU has a line alone, or several CPUs have copies, or only the shared cache or memory has it.
 * While it is on its way to a CPU that wants it alone, other CPUs wait in turn. Reads of the unit
 * change nothing; its writes go to the shared cache.
 */
#include <stdlib.h>
#include <sys/mman.h>

#include "sim.h"

#define HEAP_LINES (LAB_HEAP_SIZE / LINE)

static struct line *heap_lines, *stack_lines, *variable_lines[LAB_RANGES];
static struct lab_range variables[LAB_RANGES];
static unsigned nvariables, words;

static struct line *new_lines(size_t bytes)
{
	size_t size = (bytes / LINE + 1) * sizeof(struct line);
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

bool line_init(const struct loaded *object)
{
	heap_lines = new_lines(LAB_HEAP_SIZE);
	stack_lines = new_lines(sim.stacks);
	words = (sim.cfg->cpus + 63) / 64;
	for (nvariables = 0; nvariables < object->nvariables; nvariables++) {
		variables[nvariables] = object->variables[nvariables];
		variable_lines[nvariables] = new_lines(variables[nvariables].size);
		if (!variable_lines[nvariables])
			return false;
	}
	return heap_lines && stack_lines;
}

/* A CPU's own stack is in its cache. */
static struct line *stack_line(uintptr_t offset)
{
	struct line *l = &stack_lines[offset / LINE];

	if (!l->cached)
		l->owner = (uint16_t)(offset / SIM_STACK_SIZE + 1);
	l->cached = l->stack = true;
	return l;
}

struct line *line_of(uintptr_t addr)
{
	unsigned i;

	if (addr - SIM_STACKS < sim.stacks)
		return stack_line(addr - SIM_STACKS);
	if (addr - LAB_BASE < LAB_HEAP_SIZE)
		return &heap_lines[(addr - LAB_BASE) / LINE];
	for (i = 0; i < nvariables; i++) {
		if (addr - variables[i].base < variables[i].size)
			return &variable_lines[i][(addr - variables[i].base) / LINE];
	}
	return NULL;
}

struct cpu *line_stack_of(uintptr_t addr)
{
	if (addr - SIM_STACKS < sim.stacks)
		return &sim.cpu[(addr - SIM_STACKS) / SIM_STACK_SIZE];
	return NULL;
}

/* ---- the owner and the copies ---- */

static bool has_copy(const struct line *l, unsigned cpu)
{
	return l->copies && l->copies[cpu / 64] >> cpu % 64 & 1;
}

static void give_copy(struct line *l, unsigned cpu)
{
	if (!l->copies)
		l->copies = calloc(words, sizeof(*l->copies));
	if (!l->copies)
		abort();
	l->copies[cpu / 64] |= 1ULL << cpu % 64;
}

static void share(struct line *l, unsigned cpu)
{
	if (l->owner)
		give_copy(l, l->owner - 1U);
	l->owner = 0;
	give_copy(l, cpu);
}

static void take_copies(struct line *l, uint64_t when)
{
	unsigned i;

	for (i = 0; l->copies && i < words; i++)
		l->copies[i] = 0;
	l->spread = false;
	l->stale = l->nwatches;
	l->since = when;
	l->again = 0;
}

/* True if another CPU has a copy. *elsewhere: one in another package has. */
static bool others_have(const struct line *l, unsigned cpu, bool *elsewhere)
{
	unsigned package = (unsigned)sim.cost[TIMED_PACKAGE], i;
	bool any = l->spread;

	*elsewhere = l->spread && sim.cfg->cpus > package;
	for (i = 0; l->copies && i < words; i++) {
		uint64_t word = l->copies[i];

		if (i == cpu / 64)
			word &= ~(1ULL << cpu % 64);
		any |= word != 0;
		if (any && sim.cfg->cpus <= package)
			return true;
		for (; word && !*elsewhere; word &= word - 1)
			*elsewhere = (i * 64 + (unsigned)__builtin_ctzll(word)) / package !=
				     cpu / package;
	}
	return any;
}

/* Transfer times vary, as the ways through the fabric differ, and nothing stays in step. */
static uint64_t transfer(enum timed_param param)
{
	double cost = (double)sim.cost[param];

	if (!sim.cost[TIMED_JITTER])
		return sim.cost[param];
	return (uint64_t)(cost +
			  cost * (2 * sim_random() - 1) * (double)sim.cost[TIMED_JITTER] / 100);
}

static uint64_t distance(unsigned a, unsigned b)
{
	uint64_t package = sim.cost[TIMED_PACKAGE];

	return transfer(a / package == b / package ? TIMED_REMOTE : TIMED_FAR);
}

bool line_is_private(const struct line *l, const struct cpu *c)
{
	return l->stack && l->owner == sim_number(c) + 1U;
}

/* ---- getting a line ---- */

/*
 * If a word beside the awaited one is written, each spinning CPU reads the line again at some
 * moment of its next turn. Let those read it that have done so by now.
 */
static void spread(struct line *l, uint64_t now)
{
	uint64_t turn, again, left = l->nwatches - l->again;

	if (!l->stale || now <= l->since)
		return;
	turn = sim.cpu[l->watches->cpu].spin.period;
	again = now - l->since < turn ? l->nwatches * (now - l->since) / turn : left;
	if (again > left)
		again = left;
	if (!again)
		return;
	if (l->owner)
		give_copy(l, l->owner - 1U);
	l->busy = sim_later(l->busy, l->since) + (l->owner ? sim.cost[TIMED_REMOTE] : 0) +
		  again * sim.cost[TIMED_SERVE];
	l->owner = 0;
	l->spread = true;
	l->since = now;
	l->again += (uint16_t)again;
	l->stale = l->again < l->nwatches;
}

static uint64_t get_alone(struct line *l, struct cpu *c, uint64_t start)
{
	unsigned me = sim_number(c);
	bool elsewhere;
	uint64_t cost;

	if (l->owner)
		cost = distance(l->owner - 1U, me);
	else if (others_have(l, me, &elsewhere))
		cost = transfer(elsewhere ? TIMED_FAR : TIMED_REMOTE);
	else
		cost = transfer(l->cached ? TIMED_SHARED : TIMED_MEMORY);
	take_copies(l, start);
	l->owner = (uint16_t)(me + 1);
	l->busy = start + cost;
	return l->busy;
}

static uint64_t get_copy(struct line *l, struct cpu *c, uint64_t start)
{
	unsigned me = sim_number(c);
	bool elsewhere;
	uint64_t cost;

	if (l->owner) {
		cost = distance(l->owner - 1U, me);
		share(l, me);
		l->busy = start + cost;
		return l->busy;
	}
	cost = transfer(l->cached ? TIMED_SHARED : TIMED_MEMORY);
	if (others_have(l, me, &elsewhere))
		give_copy(l, me);
	else
		l->owner = (uint16_t)(me + 1);
	l->busy = start + sim.cost[TIMED_SERVE];
	return start + cost;
}

uint64_t line_get(struct line *l, struct cpu *c, uintptr_t addr, uint64_t now, bool alone)
{
	unsigned me = sim_number(c);
	uint64_t start, there;

	if (l->stale)
		spread(l, now);
	if (l->owner == me + 1 || (!alone && has_copy(l, me)))
		return now;
	start = sim_later(now, l->busy);
	there = alone ? get_alone(l, c, start) : get_copy(l, c, start);
	l->cached = true;
	profile_transfer(addr, l->busy - start);
	return there;
}

void line_keep(struct line *l, uint64_t when)
{
	l->busy = sim_later(l->busy, when);
}

/* ---- writing to a line ---- */

static uint64_t bytes_of(uintptr_t addr, unsigned size)
{
	uint64_t some = size < LINE ? (1ULL << size) - 1 : UINT64_MAX;

	return some << addr % LINE;
}

static void wake(struct line *l, uint64_t bytes, uint64_t when)
{
	struct watch *w, *next;
	uint64_t rest = 0;

	for (w = l->watches; w; w = next) {
		next = w->next;
		if (w->bytes & bytes)
			spin_wake(&sim.cpu[w->cpu], when > w->after ? when - w->after : 0);
		else
			rest |= w->bytes;
	}
	l->watched = rest;
}

void line_written(struct line *l, uintptr_t addr, unsigned size, uint64_t when)
{
	uint64_t bytes = bytes_of(addr, size);
	struct cpu *c = line_stack_of(addr);

	if (l->watched & bytes)
		wake(l, bytes, when);
	/* A spinning CPU may wait for anything on its stack. */
	if (c && c != sim.running && c->state == CPU_SPINS)
		spin_wake(c, when);
}

void line_written_by_unit(struct line *l, uintptr_t addr, unsigned size, uint64_t when)
{
	take_copies(l, when);
	l->owner = 0;
	l->cached = true;
	l->busy = sim_later(l->busy, when);
	line_written(l, addr, size, when);
}

/* ---- CPUs that watch a line ---- */

void line_watch(struct watch *w)
{
	struct line *l = w->line;

	w->next = l->watches;
	w->link = &l->watches;
	if (w->next)
		w->next->link = &w->next;
	l->watches = w;
	l->watched |= w->bytes;
	l->nwatches++;
}

void line_unwatch(struct watch *w, uint64_t now)
{
	struct line *l = w->line;

	spread(l, now);
	*w->link = w->next;
	if (w->next)
		w->next->link = w->link;
	l->nwatches--;
	/* Its turn has come since then, and it has read the line again. */
	if (!l->stale && l->owner != w->cpu + 1U)
		share(l, w->cpu);
	if (l->again > l->nwatches)
		l->again = l->nwatches;
	if (!l->nwatches)
		l->stale = false;
}
