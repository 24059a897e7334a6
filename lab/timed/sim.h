/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* sim.h - what the files of the simulation share. All times are picoseconds. */
#ifndef TIMED_SIM_H
#define TIMED_SIM_H

#include <lab/memory.h>
#include <lab/op.h>

#include "load.h"
#include "timed.h"

#define NEVER UINT64_MAX
#define PS_PER_NS 1000
#define SIM_LOCKS 16 /* as many as the lab has */

/* ---- CPUs ---- */

#define SIM_STACKS 0x210000000000ULL
#define SIM_STACK_SIZE 0x10000ULL

enum cpu_state {
	CPU_RUNS,   /* it is on the processor, or in the heap */
	CPU_SPINS,  /* in a wait loop that nothing changes: see spin.c */
	CPU_QUEUES, /* for a lock */
	CPU_ENDED,
};

#define TURN_READS 12
#define TURN_STACK 4096

/* Words that a turn of a wait loop has read, of those that others may write. */
struct reads {
	uint64_t words; /* which: a sum, in whichever order */
	uint64_t code;	/* and by which instructions */
	unsigned n;
	struct {
		uintptr_t addr;
		uint64_t value, after; /* after: since the turn's begin */
		uint32_t size;
	} read[TURN_READS];
};

/* What a CPU has done since its last lab_relax(). */
struct turn {
	uint64_t at;	  /* when that was over */
	uint64_t stalled; /* for lines that it did not have */
	uint64_t sp;
	size_t size;			 /* of what is on the stack, 0: not known */
	unsigned char stack[TURN_STACK]; /* as it was then */
	bool active;			 /* it did more than read */
	uint64_t before;		 /* reads.words of the turn before, if that was idle */
	struct reads reads;
};

/* A sleeper's bytes of a line. */
struct watch {
	struct line *line;
	uint64_t bytes;
	uint64_t after; /* so long after a turn's begin it looks there */
	struct watch *next, **link;
	unsigned cpu;
};

/* What it does in each turn of a loop that nothing changes. */
struct spin {
	uint64_t since, period;
	uint32_t *counter; /* on its stack; NULL: the loop has none */
	uint32_t step;
	uint64_t turns; /* until the counter may matter; NEVER */
	bool known;	/* the next member is of this wait */
	struct reads usual;
	struct watch watch[TURN_READS];
	unsigned nwatches;
};

struct cpu {
	uint64_t sp;
	uint64_t clock;
	uint64_t drained; /* when its stores up to now have taken effect */
	uint64_t posted;  /* when its last register write gets to the unit */
	uint64_t stolen;  /* when it will be stopped next */
	enum cpu_state state;
	unsigned place; /* in the heap, from 1 on; 0: not there */
	unsigned next;	/* who queues for a lock behind it, + 1 */
	bool submits;
	uint64_t began;
	uint64_t number;    /* of its submission */
	uintptr_t constant; /* on its stack, while it submits */
	uint64_t executed;  /* a bit for each of its descriptors that the unit has executed */
	uint64_t measured;
	struct turn turn;
	struct spin spin;
};

/* ---- Cache lines ---- */

#define LINE 64

struct line {
	uint64_t busy;	  /* it is on its way until then */
	uint64_t since;	  /* if stale: when that began */
	uint64_t *copies; /* a bit each for CPUs that have one; NULL: there never were several */
	struct watch *watches;
	uint64_t watched;	  /* bytes; may be more than the watches' */
	uint16_t owner;		  /* the CPU, + 1, that has the only one; 0: nobody */
	uint16_t nwatches, again; /* again: so many have read it again */
	bool stack;		  /* of a CPU's stack */
	bool cached;		  /* by somebody, or in the shared cache */
	bool stale;  /* written beside what sleepers watch: they read it again in their next turn */
	bool spread; /* and some have done so */
} __attribute__((aligned(64)));

/* ---- All of it ---- */

struct sim {
	const struct timed_config *cfg;
	uint64_t cost[TIMED_PARAMS]; /* or numbers */
	struct cpu *cpu;
	struct cpu *running; /* NULL: the lab itself */
	uint64_t main_sp;
	uint64_t stacks; /* bytes of all */
	unsigned ended;
	char *problem; /* of the result */

	uint64_t over;			    /* submissions */
	uint64_t from, to;		    /* of these are measured */
	uint64_t begins, ends;		    /* when */
	uint64_t doorbells, register_reads; /* measured */
	uint64_t unit_next;		    /* when the unit does something by itself, or NEVER */
	uint64_t random;
	uint64_t steps, skipped_turns;
};

extern struct sim sim;

/* Above 0, up to 1; splitmix64. */
static inline double sim_random(void)
{
	uint64_t x = sim.random += 0x9e3779b97f4a7c15ULL;

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ULL;
	x = (x ^ x >> 27) * 0x94d049bb133111ebULL;
	x ^= x >> 31;
	return (double)((x >> 11) + 1) * 0x1p-53;
}

/* How long a CPU runs until its processor is taken away. */
uint64_t sim_until_steal(void);

static inline bool sim_measures(void)
{
	return sim.over >= sim.from && sim.over < sim.to;
}

static inline unsigned sim_number(const struct cpu *c)
{
	return (unsigned)(c - sim.cpu);
}

static inline uint64_t sim_later(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static inline uint64_t sim_load(uintptr_t addr, unsigned size)
{
	switch (size) {
	case 1:
		return *(const uint8_t *)addr;
	case 2:
		return *(const uint16_t *)addr;
	case 4:
		return *(const uint32_t *)addr;
	default:
		return *(const uint64_t *)addr;
	}
}

/* The run ends here. Does not return if a CPU runs. */
void sim_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* ---- schedule.c ---- */

/* Let everybody whose clock is behind the running CPU's go on first, and the unit. */
void schedule_order(struct cpu *c);

/* The running CPU stops until schedule_ready() is told of it. */
void schedule_stop(struct cpu *c);
void schedule_ready(struct cpu *c); /* at c->clock; may be told again, of an earlier time */
void schedule_start(void);	    /* returns when all CPUs have ended, or none can go on */

/* ---- line.c ---- */

bool line_init(const struct loaded *object);

/* NULL: constants, which all have. */
struct line *line_of(uintptr_t addr);

/* Is it of a CPU's stack, and has nobody else a copy? */
bool line_is_private(const struct line *l, const struct cpu *c);

/* When the CPU has the line of @addr, from @now on; @alone: to write there. */
uint64_t line_get(struct line *l, struct cpu *c, uintptr_t addr, uint64_t now, bool alone);

/* Memory is to have a new value at once: nobody else may get the line before it would have. */
void line_keep(struct line *l, uint64_t when);

/* It has been written, as others can see at @when. */
void line_written(struct line *l, uintptr_t addr, unsigned size, uint64_t when);

/* By the unit: no CPU has it any more. */
void line_written_by_unit(struct line *l, uintptr_t addr, unsigned size, uint64_t when);

void line_watch(struct watch *w);
void line_unwatch(struct watch *w, uint64_t now);

/* The CPU whose stack this address is on, NULL: of none. */
struct cpu *line_stack_of(uintptr_t addr);

/* ---- access.c ---- */

/* What is read, if it is an atomic access; plain ones the CPU makes itself, behind this call. */
uint64_t access_memory(struct cpu *c, const struct op *op);
void access_fence(struct cpu *c);
uint64_t access_register(struct cpu *c, const struct op *op);

/* ---- lock.c ---- */

void lock_take(struct cpu *c, struct lab_lock *lock);
void lock_drop(struct cpu *c, struct lab_lock *lock);

/* ---- spin.c ---- */

/* It reads, at c->clock, what others may write. */
void spin_read(struct cpu *c, uintptr_t addr, unsigned size, uint64_t pc);

/* It does not just wait. */
static inline void spin_acts(struct cpu *c)
{
	c->turn.active = true;
}

/* A turn of a wait loop is over. */
void spin_turn(struct cpu *c, uint64_t sp);

/* A spinning one goes on in its first turn after @when; and is put among those that can. */
void spin_end(struct cpu *c, uint64_t when);
void spin_wake(struct cpu *c, uint64_t when);

/* ---- unit.c ---- */

void unit_init(struct vtd_unit *u);
void unit_step(void); /* what is to happen at sim.unit_next */
void unit_write(unsigned reg, uint64_t value, unsigned size, uint64_t when);
uint64_t unit_read(unsigned reg, unsigned size);
double unit_utilisation(void);

/* ---- profile.c ---- */

bool profile_init(void);
void profile_transfer(uintptr_t addr, uint64_t time); /* the line is under way so long */
void profile_stall(uintptr_t addr, uint64_t time);    /* a CPU waits so long for it */
void profile_lock(const struct lab_lock *lock, uint64_t held, uint64_t stalled);
void profile_result(struct timed_result *r);

/* ---- measure.c ---- */

void measure_init(void);
void measure_begin(struct cpu *c, const struct op *op);
uint64_t measure_over(struct cpu *c, int result); /* as lab_over() */
void measure_executed(const uint64_t *qw);
void measure_result(struct timed_result *r);

#endif
