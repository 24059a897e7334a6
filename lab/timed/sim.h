/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* sim.h - declarations shared by the files of the simulation. All times are in picoseconds. */
#ifndef TIMED_SIM_H
#define TIMED_SIM_H

#include <lab/memory.h>
#include <lab/op.h>

#include "load.h"
#include "timed.h"

#define NEVER UINT64_MAX
#define PS_PER_NS 1000
#define SIM_LOCKS 16 /* as in the lab */

/* ---- CPUs ---- */

#define SIM_STACKS 0x210000000000ULL
#define SIM_STACK_SIZE 0x10000ULL

enum cpu_state {
	CPU_RUNS,   /* it runs, or is in the heap */
	CPU_SPINS,  /* it is in a wait loop that nothing changes: see spin.c */
	CPU_QUEUES, /* it waits for a lock */
	CPU_ENDED,
};

#define TURN_READS 12
#define TURN_STACK 4096

/* The words that a turn of a wait loop has read, of those that others may write. */
struct reads {
	uint64_t words; /* a sum over these words, independent of their order */
	uint64_t code;	/* a sum over the instructions that read them */
	unsigned n;
	struct {
		uintptr_t addr;
		uint64_t value, after; /* after: time since the turn began */
		uint32_t size;
	} read[TURN_READS];
};

/* A CPU's actions since its last lab_relax(). */
struct turn {
	uint64_t at;	  /* when the turn began */
	uint64_t stalled; /* time spent on waiting for lines */
	uint64_t sp;
	size_t size;			 /* bytes on the stack; 0: too many to compare */
	unsigned char stack[TURN_STACK]; /* the stack's contents at the beginning */
	bool active;			 /* it did more than read */
	uint64_t before;		 /* reads.words of the previous turn if that was idle */
	struct reads reads;
};

/* The bytes of a line that a sleeping CPU watches. */
struct watch {
	struct line *line;
	uint64_t bytes;
	uint64_t after; /* time from the beginning of a turn to its read of them */
	struct watch *next, **link;
	unsigned cpu;
};

/* A loop of a CPU whose turns are all alike. */
struct spin {
	uint64_t since, period;
	uint32_t *counter; /* the loop's counter on the stack; NULL: it has none */
	uint32_t step;
	uint64_t turns; /* turns until the counter may matter; NEVER */
	bool known;	/* `usual` belongs to this wait */
	struct reads usual;
	struct watch watch[TURN_READS];
	unsigned nwatches;
};

struct cpu {
	uint64_t sp;
	uint64_t clock;
	uint64_t drained; /* when all its stores so far have taken effect */
	uint64_t posted;  /* when its last register write arrives at the unit */
	uint64_t stolen;  /* when the hypervisor stops it next */
	enum cpu_state state;
	unsigned place; /* in the heap, from 1 on; 0: not in it */
	unsigned next;	/* the next CPU (+ 1) in the queue for a lock */
	bool submits;
	uint64_t began;
	uint64_t number;    /* of its present submission */
	uintptr_t constant; /* the part of its stack from here on is constant while it submits */
	/* A bit for each of the submission's descriptors that the unit has executed. */
	uint64_t executed;
	uint64_t measured;
	struct turn turn;
	struct spin spin;
};

/* ---- Cache lines ---- */

#define LINE 64

struct line {
	uint64_t busy;	  /* it is under way until then */
	uint64_t since;	  /* if stale: since when */
	uint64_t *copies; /* a bit for each CPU with a copy; NULL: it never had several copies */
	struct watch *watches;
	uint64_t watched;	  /* a bit per byte; may include bytes that are no longer watched */
	uint16_t owner;		  /* the CPU (+ 1) that alone has it; 0: none */
	uint16_t nwatches, again; /* again: the number of watchers that have read it again */
	bool stack;		  /* it belongs to a CPU's stack */
	bool cached;		  /* a CPU or the shared cache has it */
	/*
	 * Bytes beside watched ones were written: each watcher reads the line again in its next
	 * turn.
	 */
	bool stale;
	bool spread; /* some watchers have read it again */
} __attribute__((aligned(64)));

/* ---- The whole simulation ---- */

struct sim {
	const struct timed_config *cfg;
	uint64_t cost[TIMED_PARAMS]; /* times, or numbers */
	struct cpu *cpu;
	struct cpu *running; /* NULL: the lab itself */
	uint64_t main_sp;
	uint64_t stacks; /* bytes of all stacks */
	unsigned ended;
	char *problem; /* in the result */

	uint64_t over;			    /* submissions that are over */
	uint64_t from, to;		    /* the numbers of these between which it is measured */
	uint64_t begins, ends;		    /* the times when measuring begins and ends */
	uint64_t doorbells, register_reads; /* measured */
	uint64_t unit_next;		    /* the time of the unit's next action, or NEVER */
	uint64_t random;
	uint64_t steps, skipped_turns;
};

extern struct sim sim;

/* A random number above 0, up to 1; splitmix64. */
static inline double sim_random(void)
{
	uint64_t x = sim.random += 0x9e3779b97f4a7c15ULL;

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ULL;
	x = (x ^ x >> 27) * 0x94d049bb133111ebULL;
	x ^= x >> 31;
	return (double)((x >> 11) + 1) * 0x1p-53;
}

/* The time until the processor is taken away from a CPU. */
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

/* End the run with a problem. Does not return if a CPU is running. */
void sim_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* ---- schedule.c ---- */

/* Let all CPUs with an earlier clock than the running one, and the unit, go on first. */
void schedule_order(struct cpu *c);

/* Stop the running CPU until schedule_ready() is called for it. */
void schedule_stop(struct cpu *c);
void schedule_ready(struct cpu *c); /* at c->clock; may be called again with an earlier time */
void schedule_start(void);	    /* returns when all CPUs have ended, or none can go on */

/* ---- line.c ---- */

bool line_init(const struct loaded *object);

/* NULL: a constant, which all CPUs have. */
struct line *line_of(uintptr_t addr);

/* True if the line belongs to this CPU's stack and no other CPU has a copy. */
bool line_is_private(const struct line *l, const struct cpu *c);

/* The time at which the CPU has the line, if it asks at @now. @alone: in order to write. */
uint64_t line_get(struct line *l, struct cpu *c, uintptr_t addr, uint64_t now, bool alone);

/* Memory gets a new value at once: delay other CPUs' access to the line until @when. */
void line_keep(struct line *l, uint64_t when);

/* The line was written; others can observe it at @when. */
void line_written(struct line *l, uintptr_t addr, unsigned size, uint64_t when);

/* The unit has written the line: no CPU has a copy any more. */
void line_written_by_unit(struct line *l, uintptr_t addr, unsigned size, uint64_t when);

void line_watch(struct watch *w);
void line_unwatch(struct watch *w, uint64_t now);

/* The CPU on whose stack this address lies; NULL: none. */
struct cpu *line_stack_of(uintptr_t addr);

/* ---- access.c ---- */

/*
 * The value that an atomic access reads. Plain accesses are made by the CPU itself, after this
 * call.
 */
uint64_t access_memory(struct cpu *c, const struct op *op);
void access_fence(struct cpu *c);
uint64_t access_register(struct cpu *c, const struct op *op);

/* ---- lock.c ---- */

void lock_take(struct cpu *c, struct lab_lock *lock);
void lock_drop(struct cpu *c, struct lab_lock *lock);

/* ---- spin.c ---- */

/* The CPU reads, at c->clock, memory that others may write. */
void spin_read(struct cpu *c, uintptr_t addr, unsigned size, uint64_t pc);

/* The CPU does more than wait. */
static inline void spin_acts(struct cpu *c)
{
	c->turn.active = true;
}

/* A turn of a wait loop ends. */
void spin_turn(struct cpu *c, uint64_t sp);

/* The spinning CPU goes on with its first turn after @when, and enters the heap. */
void spin_end(struct cpu *c, uint64_t when);
void spin_wake(struct cpu *c, uint64_t when);

/* ---- unit.c ---- */

void unit_init(struct vtd_unit *u);
void unit_step(void); /* do what is due at sim.unit_next */
void unit_write(unsigned reg, uint64_t value, unsigned size, uint64_t when);
uint64_t unit_read(unsigned reg, unsigned size);
double unit_utilisation(void);

/* ---- profile.c ---- */

bool profile_init(void);
void profile_transfer(uintptr_t addr, uint64_t time); /* the line is under way for this time */
void profile_stall(uintptr_t addr, uint64_t time);    /* a CPU waits for it for this time */
void profile_lock(const struct lab_lock *lock, uint64_t held, uint64_t stalled);
void profile_result(struct timed_result *r);

/* ---- measure.c ---- */

void measure_init(void);
void measure_begin(struct cpu *c, const struct op *op);
uint64_t measure_over(struct cpu *c, int result); /* as lab_over() */
void measure_executed(const uint64_t *qw);
void measure_result(struct timed_result *r);

#endif
