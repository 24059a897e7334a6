/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * machine.h - the controlled machine: CPUs, memory, units. It lists what can happen next, and makes
 * it happen.
 *
 * An actor always stands before an access whose order relative to others' accesses matters, its
 * `op`. A move lets it make this access and run on to the next one that matters. Others cannot
 * observe what it does in between. Memory is sequentially consistent, or follows x86's total store
 * order: then stores to shared memory and to registers wait in the CPU's store buffer, until a move
 * lets the oldest one take effect.
 */
#ifndef LAB_MACHINE_H
#define LAB_MACHINE_H

#include <string.h>

#include "footprint.h"
#include "lab.h"
#include "memory.h"
#include "op.h"
#include "needs.h"

/* ---- What belongs to the state ---- */

enum actor_state {
	ACTOR_READY,
	ACTOR_ASLEEP,
	ACTOR_AWAKE, /* it was asleep: its OP_SLEEP is over */
	ACTOR_IDLE,  /* a handler without an interrupt */
	ACTOR_DONE,
};

/* It lies at the end of the actor's stack. */
struct actor {
	uint64_t sp;
	struct op op;
	uint8_t state;
	uint8_t irq_off;   /* depth of nested "interrupts off" on its CPU */
	uint8_t handler;   /* the handler (+ 1) that has interrupted it and not returned; 0: none */
	uint8_t timed_out; /* it is awake because its time limit passed */
	uint16_t plain;	   /* the subset of `locks` that left interrupts alone */
	uint16_t unused;
	uint32_t locks; /* lab locks that it holds, one bit each */
	int32_t result;
};

#define LAB_BUFFER 8 /* stores that a CPU can have outstanding */

struct store {
	/* `old`: the value that it replaced, while its CPU runs; otherwise 0. */
	uint64_t addr, value, old;
	uint8_t kind; /* OP_STORE, OP_REG_WRITE, OP_UNLOCK */
	uint8_t size;
	uint8_t unused[6];
};

/* In chunks of its own, so that a state can be examined without it: see content_key(). */
struct buffer {
	uint32_t n, unused;
	struct store store[LAB_BUFFER];
} __attribute__((aligned(LAB_CHUNK)));

struct control {
	uint8_t ticks_left, ticks; /* jumps of the clock */
	/* For each handler: pending messages, or how often it may still run. */
	uint8_t interrupts[LAB_ACTORS];
	struct buffer buffer[LAB_ACTORS]; /* of each CPU */
};

static inline struct control *machine_control(void)
{
	return (struct control *)LAB_BASE;
}

static inline struct actor *machine_actor(unsigned i)
{
	return (struct actor *)(LAB_STACKS + (i + 1) * LAB_STACK_SIZE) - 1;
}

/* ---- What does not belong to the state ---- */

struct actor_info {
	const char *name;
	int (*run)(void *arg);
	void *arg;
	bool handler;
	bool timed; /* handler: runs at any point, `times` times */
	uint8_t times;
	uint32_t data; /* handler: the data of its message */
	unsigned cpu;  /* the actor on whose CPU it runs; its own number: a CPU of its own */
	/* Nesting on that CPU: it interrupts those with a lower level; 0: its CPU is its own. */
	unsigned level;
	bool interrupted; /* a handler may interrupt it */
	uint64_t low;	  /* the lowest stack pointer seen */
};

enum move_kind {
	MOVE_NONE,
	MOVE_RUN,	/* an actor makes its access */
	MOVE_FLUSH,	/* a CPU's oldest store takes effect */
	MOVE_INTERRUPT, /* a handler starts */
	MOVE_UNIT,	/* the hardware does a piece of work */
	MOVE_TICK,	/* the clock jumps */
};

#define MOVE_CHOICES 6

struct move {
	uint8_t kind, actor;
	uint8_t unit;	  /* MOVE_UNIT: which */
	uint8_t nchoices; /* number of choices, asked for by OP_CHOOSE or by the unit */
	uint8_t choice[MOVE_CHOICES], of[MOVE_CHOICES];
};

enum outcome {
	MOVE_DONE,
	MOVE_NOTHING,	/* the hardware has nothing to do */
	MOVE_VIOLATION, /* machine.violation says which */
	MOVE_PROMOTED,	/* a granule proved to be shared: the exploration so far is void */
};

/* Observers of a run get one of these for each operation, also if it is not a stop. */
struct observation {
	enum { SEEN_OP, SEEN_FLUSH, SEEN_INTERRUPT, SEEN_UNIT, SEEN_UNIT_WRITE, SEEN_TICK } kind;
	unsigned actor;	     /* LAB_THE_UNIT: the hardware */
	unsigned unit;	     /* which unit, if so */
	const struct op *op; /* SEEN_OP: its result is in `value` */
	uint64_t addr;	     /* a memory address, or a register's offset */
	unsigned size;
	bool reg, write, buffered; /* buffered: it went into the CPU's store buffer */
	uint64_t before, value;
	const char *text;	       /* SEEN_UNIT: what the hardware did */
	const struct vtd_event *event; /* SEEN_UNIT: the descriptor that was executed, or NULL */
};

/* A replay does not know which words are shared, so a script says how far an actor runs. */
#define SCRIPT_BUFFERED 32

struct script {
	unsigned ops; /* operations that the actor performs in this move */
	/* The operations, counted from 0, that went into the store buffer. */
	uint16_t buffered[SCRIPT_BUFFERED];
	unsigned nbuffered;
};

#define LAB_LOCKS 16

struct machine {
	/* from the scenario and the command line */
	bool tso;
	unsigned nactors;
	struct actor_info info[LAB_ACTORS];
	struct vtd_unit *unit[LAB_UNITS];
	unsigned nunits;
	unsigned nlocks;
	const struct lab_lock *lock[LAB_LOCKS];
	unsigned ticks;

	unsigned running; /* the actor that is running; LAB_THE_UNIT: none */
	bool promoted;	  /* the last move found a shared word */
	char violation[256];

	struct footprint *record; /* footprint of the moves made; NULL: not recorded */
	/* All words that they accessed, also private ones, except on the CPU's stacks; or NULL. */
	struct needs *needs;

	const char *(*look)(void *memory, bool anew); /* of lab_watch(), or NULL */
	void *look_memory;
	size_t look_bytes;

	void (*observe)(const struct observation *o); /* NULL: no observer */
	unsigned ops;		     /* operations of the running actor in this move */
	unsigned ops_total;	     /* for a watchdog */
	const struct script *script; /* in a replay, else NULL */
};

extern struct machine machine;

/*
 * Begin a run, after setup_again(). machine_prepare(): no actor has run yet. machine_start() also
 * lets each actor run to its first stop, in turn, as their order up to there cannot be observed.
 */
void machine_prepare(void);
enum outcome machine_start(void);

/*
 * All moves that are possible in the present state; at most MACHINE_MOVES. A move of the unit is
 * one entry: machine_next_choice() says after it whether the unit could have chosen differently.
 */
#define LAB_CHOICES 16 /* of one lab_choose() */
#define MACHINE_MOVES (LAB_ACTORS * (LAB_CHOICES + 2) + LAB_UNITS + 1)
unsigned machine_moves(struct move *moves);
enum outcome machine_make(struct move *m);
bool machine_next_choice(struct move *m);

/* No scenario makes so many operations between two accesses that matter, unless it loops. */
#define MANY_OPS 20000

/*
 * Call lab_watch()'s function, as something may have changed. `actor` is the one that is running;
 * LAB_THE_UNIT: none.
 */
void machine_look(unsigned actor, bool anew);

/* The kinds of moves that are possible. */
bool machine_can_tick(void);
bool machine_can_run(unsigned actor);
bool machine_can_interrupt(unsigned actor);

/* The actor that runs on this CPU or would run next: the innermost handler. */
unsigned machine_top(unsigned cpu);

/* True if a message would start this handler now. */
bool machine_takes_messages(unsigned handler);

/* True if all main actors have returned and no handler runs. */
bool machine_finished(void);

/* ---- actor.c ---- */

static inline uintptr_t actor_stack(unsigned i)
{
	return LAB_STACKS + i * LAB_STACK_SIZE + LAB_PAGE;
}

/*
 * Prepare the actor's stack: at the beginning of a run, and of a handler for each time that it
 * runs.
 */
void actor_prepare(unsigned i);

/*
 * Run from the access before which the actor stopped to the next one that matters, with memory as
 * its CPU sees it.
 */
enum outcome actor_run(unsigned i, const struct move *m);

/* ---- perform.c ---- */

/* The actor's part of the state differs from the state that was loaded last. */
static inline void machine_changed(unsigned actor)
{
	lab_memory.dirty_stacks |= 1U << actor;
}

/*
 * True if the store buffer has room for this operation, or is empty if the operation requires that.
 */
bool machine_buffer_allows(unsigned i, const struct op *op);

/* True if the address is on a stack below its frames, or in memory of the lab. */
bool machine_is_gone(uintptr_t addr);

/*
 * For operations on memory: note the use of the words, and in machine.promoted a word that becomes
 * shared.
 */
enum memory_use machine_use_memory(unsigned i, const struct op *op);

/* True if the order of this access relative to others' accesses matters. */
bool machine_matters(unsigned i, const struct op *op, enum memory_use use);

/* Make the access before which the actor stopped; *value is what it returns. */
enum outcome machine_perform(unsigned i, enum memory_use use, const struct move *m,
			     uint64_t *value);

void machine_observe_op(unsigned i, const struct op *op, bool later, uint64_t before,
			uint64_t value);
void machine_wake(uint64_t addr); /* the actors that sleep on this address */
void machine_time_out(void);	  /* the actors that sleep with a time limit */

uint64_t machine_now(void);

/* Constant sizes avoid a call of memcpy(); most accesses are of these sizes. */
static inline uint64_t machine_load(uintptr_t addr, unsigned size)
{
	const void *p = (const void *)addr;
	uint64_t value = 0;
	uint32_t word;

	switch (size) {
	case 4:
		memcpy(&word, p, 4);
		return word;
	case 8:
		memcpy(&value, p, 8);
		return value;
	default:
		memcpy(&value, p, size);
		return value;
	}
}

static inline void machine_store(uintptr_t addr, unsigned size, uint64_t value)
{
	void *p = (void *)addr;

	switch (size) {
	case 4:
		memcpy(p, &value, 4);
		break;
	case 8:
		memcpy(p, &value, 8);
		break;
	default:
		memcpy(p, &value, size);
		break;
	}
	memory_dirty(addr, size);
}

uint64_t machine_read_modify_write(const struct op *op); /* returns the former value */

/* ---- buffer.c: x86's store buffer ---- */

static inline struct buffer *machine_buffer(unsigned actor)
{
	return &machine_control()->buffer[machine.info[actor].cpu];
}

bool buffer_has_room(const struct buffer *b, size_t bytes);
void buffer_push(struct buffer *b, const struct store *s);

/* The actor is about to make a plain store itself: buffer_settle() reads the stored value later. */
void buffer_expect(struct buffer *b, uintptr_t addr, size_t size);
void buffer_settle(struct buffer *b);

/* True if the store was made. If not, it is removed, and is expected again later. */
bool buffer_made(struct buffer *b);

/*
 * buffer_show(): make memory look as this CPU sees it. buffer_hide(): as all others see it. @stack:
 * the LAB_STACK_SIZE bytes of the actor that has run meanwhile.
 */
void buffer_show(struct buffer *b);
void buffer_hide(struct buffer *b, uintptr_t stack);

/* While a CPU runs: make memory, except stacks, look as without these stores; and undo that. */
void buffer_put_aside(const struct buffer *b);
void buffer_put_back(const struct buffer *b);

/* buffer_flush(): the oldest store takes effect. buffer_touches(): what that touches. */
enum outcome buffer_flush(unsigned cpu);
void buffer_touches(const struct buffer *b, struct footprint *f);

/* ---- hardware.c ---- */

/* Registers are addressed by the unit's LAB_UNIT_REGS() and an offset. */
bool hardware_has(uint64_t addr);
static inline struct vtd_unit *hardware_unit(uint64_t addr)
{
	return machine.unit[addr >> LAB_UNIT_SHIFT];
}

static inline unsigned hardware_offset(uint64_t addr)
{
	return (unsigned)(addr & ((1U << LAB_UNIT_SHIFT) - 1));
}

uint64_t hardware_read(uint64_t addr, unsigned size);
void hardware_write(uint64_t addr, uint64_t value, unsigned size);
bool hardware_cached(const struct vtd_unit *u, const struct vtd_entry *e);
void hardware_arm(unsigned unit, const struct vtd_fault *f);
unsigned hardware_index(const struct vtd_unit *u); /* LAB_UNITS: not one of the lab's units */
enum outcome hardware_step(struct move *m);
void hardware_settle(void); /* do all pending work, with the plainest choices */

/* ---- violation.c: errors of the code under test ---- */

enum outcome machine_violate(const char *format, ...) __attribute__((format(printf, 1, 2)));

const char *machine_text(uint64_t addr);     /* of lab_fail() */
enum outcome violation_overflow(unsigned i); /* of its stack */
enum outcome violation_crash(unsigned i, const struct op *op);
enum outcome violation_address(unsigned i, const struct op *op);
enum outcome violation_foreign(unsigned i, const char *function);

/* An operation that the lab cannot do, or would do wrongly. MOVE_DONE: it is all right. */
enum outcome violation_op(unsigned i, const struct op *op);

#endif
