/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * machine.h - the controlled machine: CPUs, memory, a unit. What can happen next, and making it
 * happen.
 *
 * An actor always stands just before an access whose order with those of others matters, its `op`.
 * A move lets it make this access, and go on to the next such. What it does in between nobody else
 * can tell. Memory is sequentially consistent, or x86's total store order: then stores to shared
 * memory and registers wait in a buffer of the CPU's until a move lets the oldest take effect.
 */
#ifndef LAB_MACHINE_H
#define LAB_MACHINE_H

#include <string.h>

#include "footprint.h"
#include "lab.h"
#include "memory.h"
#include "op.h"

/* ---- What is part of the state ---- */

enum actor_state {
	ACTOR_READY,
	ACTOR_ASLEEP,
	ACTOR_AWAKE, /* was asleep: its OP_SLEEP is over */
	ACTOR_IDLE,  /* a handler without an interrupt */
	ACTOR_DONE,
};

/* At the end of its stack. */
struct actor {
	uint64_t sp;
	struct op op;
	uint8_t state;
	uint8_t irq_off;   /* how often interrupts were turned off on its CPU */
	uint8_t handler;   /* the actor, + 1, that has interrupted it and not returned; 0: none */
	uint8_t timed_out; /* awake because its time was up */
	uint16_t plain;	   /* of `locks`, those that left interrupts alone */
	uint16_t unused;
	uint32_t locks; /* lab locks that it holds, a bit each */
	int32_t result;
};

#define LAB_BUFFER 8 /* stores that a CPU can have outstanding */

struct store {
	uint64_t addr, value, old; /* old: what it hides while its CPU runs, else 0 */
	uint8_t kind;		   /* OP_STORE, OP_REG_WRITE, OP_UNLOCK */
	uint8_t size;
	uint8_t unused[6];
};

/* In chunks of its own, so that a state can be looked at without it: see content_key(). */
struct buffer {
	uint32_t n, unused;
	struct store store[LAB_BUFFER];
} __attribute__((aligned(LAB_CHUNK)));

struct control {
	uint8_t ticks_left, ticks;	  /* of the clock */
	uint8_t interrupts[LAB_ACTORS];	  /* pending messages, or times left, of each handler */
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

/* ---- What is not ---- */

struct actor_info {
	const char *name;
	int (*run)(void *arg);
	void *arg;
	bool handler;
	bool timed; /* handler: at any time, `times` times */
	uint8_t times;
	uint32_t data;	  /* handler: of its message */
	unsigned cpu;	  /* the actor whose CPU it runs on; its own number: a CPU of its own */
	unsigned level;	  /* it interrupts those of a lower one there; 0: its CPU is its own */
	bool interrupted; /* there is such a handler */
	uint64_t low;	  /* lowest sp seen */
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
	uint8_t nchoices; /* those that have been asked for, by OP_CHOOSE or by the unit */
	uint8_t choice[MOVE_CHOICES], of[MOVE_CHOICES];
};

enum outcome {
	MOVE_DONE,
	MOVE_NOTHING,	/* the hardware has nothing to do */
	MOVE_VIOLATION, /* machine.violation says which */
	MOVE_PROMOTED,	/* a granule proved to be shared: what was explored is void */
};

/* What an observer sees of a run: each operation, also those that are worth no stop. */
struct observation {
	enum { SEEN_OP, SEEN_FLUSH, SEEN_INTERRUPT, SEEN_UNIT, SEEN_UNIT_WRITE, SEEN_TICK } kind;
	unsigned actor;	     /* LAB_THE_UNIT: the hardware */
	unsigned unit;	     /* then: which */
	const struct op *op; /* SEEN_OP: with what came of it in `value` */
	uint64_t addr;	     /* of memory, or a register's offset */
	unsigned size;
	bool reg, write, buffered; /* buffered: into the CPU's store buffer */
	uint64_t before, value;
	const char *text;	       /* SEEN_UNIT: what the hardware did */
	const struct vtd_event *event; /* SEEN_UNIT: a descriptor that was executed, or NULL */
};

/* A replay knows nothing of what is shared: it is told how far an actor goes. */
#define SCRIPT_BUFFERED 32

struct script {
	unsigned ops;			    /* that the actor performs in this move */
	uint16_t buffered[SCRIPT_BUFFERED]; /* those, from 0, that went into the store buffer */
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

	unsigned running; /* the actor that is on the processor; LAB_THE_UNIT: none */
	bool promoted;	  /* by the last move */
	char violation[256];

	struct footprint *record; /* what moves touch is added there; NULL: nobody wants to know */

	const char *(*look)(void *memory, bool anew); /* of lab_watch(), or NULL */
	void *look_memory;
	size_t look_bytes;

	void (*observe)(const struct observation *o); /* NULL: nobody does */
	unsigned ops;		     /* that the running actor has performed in this move */
	unsigned ops_total;	     /* for a watchdog */
	const struct script *script; /* in a replay, else NULL */
};

extern struct machine machine;

/*
 * Begin, after setup_again(): no actor has done anything yet. machine_start() also lets each go to
 * its first stop, in turn; until there nobody can tell who was first.
 */
void machine_prepare(void);
enum outcome machine_start(void);

/*
 * All that can happen in the present state; at most MACHINE_MOVES. A move of the unit is one
 * entry: after it has been made, machine_next_choice() says whether it could have gone differently.
 */
#define LAB_CHOICES 16 /* of one lab_choose() */
#define MACHINE_MOVES (LAB_ACTORS * (LAB_CHOICES + 2) + LAB_UNITS + 1)
unsigned machine_moves(struct move *moves);
enum outcome machine_make(struct move *m);
bool machine_next_choice(struct move *m);

/* What no scenario does on purpose between two accesses that matter. */
#define MANY_OPS 20000

/* Something may have changed: for lab_watch(). The actor that is running; LAB_THE_UNIT: nobody. */
void machine_look(unsigned actor, bool anew);

/* Parts of it. */
bool machine_can_tick(void);
bool machine_can_run(unsigned actor);
bool machine_can_interrupt(unsigned actor);

/* The actor that runs on this CPU, or would: the innermost handler. */
unsigned machine_top(unsigned cpu);

/* Would a message start this handler now? */
bool machine_takes_messages(unsigned handler);

/* Have all main actors returned, and do no handlers run? */
bool machine_finished(void);

/* ---- actor.c ---- */

static inline uintptr_t actor_stack(unsigned i)
{
	return LAB_STACKS + i * LAB_STACK_SIZE + LAB_PAGE;
}

/* Before all that it does: the first time, and of a handler each time. */
void actor_prepare(unsigned i);

/* From the access that it stands before to the next one that matters, as its CPU sees memory. */
enum outcome actor_run(unsigned i, const struct move *m);

/* ---- perform.c ---- */

/* The actor's part of the state is no longer that of the state loaded last. */
static inline void machine_changed(unsigned actor)
{
	lab_memory.dirty_stacks |= 1U << actor;
}

/* Can the CPU's store buffer take it, or is it empty if it has to be? */
bool machine_buffer_allows(unsigned i, const struct op *op);

/* On a stack, where nothing is any more, or the lab's own? */
bool machine_is_gone(uintptr_t addr);

/* For operations on memory: notes the use, and a promotion in machine.promoted. */
enum memory_use machine_use_memory(unsigned i, const struct op *op);

/* Does it matter when, between others' accesses, this one is made? */
bool machine_matters(unsigned i, const struct op *op, enum memory_use use);

/* Make the access that the actor stands before; *value is what it gets. */
enum outcome machine_perform(unsigned i, enum memory_use use, const struct move *m,
			     uint64_t *value);

void machine_observe_op(unsigned i, const struct op *op, bool later, uint64_t before,
			uint64_t value);
void machine_wake(uint64_t addr); /* those who sleep there */
void machine_time_out(void);	  /* those whose sleep has an end */

uint64_t machine_now(void);

/* Of a known size, so that memcpy() is not called: most are such. */
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

uint64_t machine_read_modify_write(const struct op *op); /* returns what was there */

/* ---- buffer.c: x86's store buffer ---- */

static inline struct buffer *machine_buffer(unsigned actor)
{
	return &machine_control()->buffer[machine.info[actor].cpu];
}

bool buffer_has_room(const struct buffer *b, size_t bytes);
void buffer_push(struct buffer *b, const struct store *s);

/* A plain store that the actor is about to make itself: what it stores is looked up afterwards. */
void buffer_expect(struct buffer *b, uintptr_t addr, size_t size);
void buffer_settle(struct buffer *b);

/* Has it made it? If not, it will be expected anew. */
bool buffer_made(struct buffer *b);

/*
 * Let memory look as this CPU sees it; and as everybody else does, again. @stack: of the actor that
 * has run meanwhile, LAB_STACK_SIZE bytes.
 */
void buffer_show(struct buffer *b);
void buffer_hide(struct buffer *b, uintptr_t stack);

/* While a CPU runs: let memory, but stacks, look as it is without these stores; and with them. */
void buffer_put_aside(const struct buffer *b);
void buffer_put_back(const struct buffer *b);

/* The oldest store takes effect; what that touches. */
enum outcome buffer_flush(unsigned cpu);
void buffer_touches(const struct buffer *b, struct footprint *f);

/* ---- hardware.c ---- */

/* Registers by address: the unit's LAB_UNIT_REGS() and an offset. */
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
unsigned hardware_index(const struct vtd_unit *u); /* LAB_UNITS: it is none of ours */
enum outcome hardware_step(struct move *m);
void hardware_settle(void); /* all there is to do, in the plainest way */

/* ---- violation.c: faults of the code under test ---- */

enum outcome machine_violate(const char *format, ...) __attribute__((format(printf, 1, 2)));

const char *machine_text(uint64_t addr);     /* of lab_fail() */
enum outcome violation_overflow(unsigned i); /* of its stack */
enum outcome violation_crash(unsigned i, const struct op *op);
enum outcome violation_address(unsigned i, const struct op *op);
enum outcome violation_foreign(unsigned i, const char *function);

/*
 * Of what the lab itself could not do, or would do wrongly; MOVE_DONE: there is nothing wrong with
 * it.
 */
enum outcome violation_op(unsigned i, const struct op *op);

#endif
