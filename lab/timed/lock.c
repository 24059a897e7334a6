/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * lock.c - the host's lock, which is fair, as in kernels.
 *
 * A CPU that wants the lock swaps itself into the lock's line. If the lock is taken it queues, and
 * spins on a line of its own, which costs the others nothing; only the first CPU in the queue waits
 * for the lock's line to change.
 */
#include "sim.h"

/* The waiting CPUs, indexed by the lab's number of the lock. */
static struct {
	struct cpu *first, *last;
	uint64_t since; /* when it was taken */
} queue[SIM_LOCKS];

void lock_take(struct cpu *c, struct lab_lock *lock)
{
	struct line *l = line_of((uintptr_t)lock);
	uint64_t start = sim_later(c->clock, c->drained);

	spin_acts(c);
	schedule_order(c);
	c->clock = line_get(l, c, (uintptr_t)lock, start, true) + sim.cost[TIMED_ATOMIC];
	if (!lock->holder) {
		lock->holder = sim_number(c) + 1;
	} else {
		c->next = 0;
		if (queue[lock->index].first)
			queue[lock->index].last->next = sim_number(c) + 1;
		else
			queue[lock->index].first = c;
		queue[lock->index].last = c;
		c->state = CPU_QUEUES;
		schedule_stop(c);
	}
	queue[lock->index].since = c->clock;
	profile_lock(lock, 0, c->clock - start);
}

/* The CPU sees that the lock is free, and takes it by a store that delays no other CPU. */
static void hand_over(struct cpu *c, struct lab_lock *lock, uint64_t when)
{
	struct line *l = line_of((uintptr_t)lock);

	when = sim_later(when, c->clock);
	c->clock = line_get(l, c, (uintptr_t)lock, when, false) + sim.cost[TIMED_HIT];
	c->drained = sim_later(c->drained, line_get(l, c, (uintptr_t)lock, c->clock, true));
	c->state = CPU_RUNS;
	schedule_ready(c);
}

void lock_drop(struct cpu *c, struct lab_lock *lock)
{
	struct line *l = line_of((uintptr_t)lock);
	struct cpu *next;

	spin_acts(c);
	schedule_order(c);
	if (lock->holder != sim_number(c) + 1)
		sim_fail("CPU %u drops a lock that it does not hold", sim_number(c));
	c->drained = sim_later(c->drained, line_get(l, c, (uintptr_t)lock, c->clock, true));
	c->clock += sim.cost[TIMED_HIT];
	c->drained = sim_later(c->drained, c->clock);
	line_keep(l, c->drained);
	profile_lock(lock, c->drained - queue[lock->index].since, 0);
	lock->holder = 0;
	next = queue[lock->index].first; /* only now, as others have run meanwhile */
	if (!next)
		return;
	lock->holder = sim_number(next) + 1;
	queue[lock->index].first = next->next ? &sim.cpu[next->next - 1] : NULL;
	hand_over(next, lock, c->drained);
}
