/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* op.h - what an actor is about to do, and how it says so to the lab. */
#ifndef LAB_OP_H
#define LAB_OP_H

#include <stdbool.h>
#include <stdint.h>

enum op_kind {
	OP_NONE,
	/* memory, `size` bytes at `addr` */
	OP_READ, /* plain: the actor itself makes the access, when it goes on; b: see op_copies() */
	OP_WRITE,
	OP_LOAD,     /* atomic: the lab makes the access */
	OP_STORE,    /* value a; b: a locked instruction */
	OP_EXCHANGE, /* operand a; returns what was there */
	OP_ADD,
	OP_SUB,
	OP_AND,
	OP_OR,
	OP_XOR,
	OP_NAND,
	OP_CAS, /* from a to b */
	OP_FENCE,
	/* registers: `size` bytes at offset addr, see LAB_UNIT_REGS(); value a */
	OP_REG_READ,
	OP_REG_WRITE,
	/* locks and interrupts */
	OP_LOCK, /* struct lab_lock at addr; a: interrupts are left alone */
	OP_UNLOCK,
	OP_IRQ_SAVE,
	OP_IRQ_RESTORE,
	/* time */
	OP_NOW,
	OP_SLEEP, /* while *addr (4 bytes) is a, for b ns; returns whether they have passed */
	OP_WAKE,  /* those who sleep on addr */
	/* the scenario's */
	OP_JOIN,
	OP_CHOOSE, /* one of a */
	OP_ARM,	   /* struct vtd_fault at addr, in unit a */
	OP_LOOK,   /* into the unit's caches */
	/* a simulation's load */
	OP_BEGIN, /* a submission begins */
	OP_OVER,  /* it is over, with result a; returns the next one's number, or TIMED_END */
	/* ends */
	OP_FAIL,    /* text at addr; a: it is of an assert() */
	OP_FOREIGN, /* calls what no actor may call: its name at addr */
	OP_DONE,    /* result a */
	OP_CRASH,   /* signal a at address addr; b: at a privileged instruction */
	OP_KINDS
};

struct op {
	uint8_t kind, size;
	uint16_t unused;
	uint32_t length; /* of OP_READ and OP_WRITE of more than 255 bytes, else 0 */
	uint64_t addr, a, b;
	uint64_t pc; /* in the code under test, behind the access */
};

static inline uint32_t op_bytes(const struct op *op)
{
	return op->length ? op->length : op->size;
}

static inline bool op_is_rmw(const struct op *op)
{
	return op->kind >= OP_EXCHANGE && op->kind <= OP_CAS;
}

static inline bool op_is_memory(const struct op *op)
{
	return op->kind >= OP_READ && op->kind <= OP_CAS;
}

/* One of them sees it, and others can tell when. */
static inline bool op_looks_at_memory(const struct op *op)
{
	return op_is_memory(op) || op->kind == OP_SLEEP;
}

/*
 * gcc tells of an assignment from one structure to another like this: that it writes, that it
 * reads, and then it does both. So what the read gets may go to where the write was told of: `b`
 * then.
 */
static inline bool op_may_copy(const struct op *told, const struct op *op)
{
	return told->kind == OP_WRITE && (told->length || told->size > 8) && op->kind == OP_READ &&
	       op_bytes(op) == op_bytes(told);
}

static inline uint64_t op_copies(const struct op *op)
{
	return op->kind == OP_READ ? op->b : 0;
}

static inline bool op_writes(const struct op *op)
{
	return op->kind == OP_WRITE || op->kind == OP_STORE || op_is_rmw(op);
}

static inline bool op_ends(const struct op *op)
{
	return op->kind >= OP_FAIL;
}

/* ---- fibre.S ---- */

#define OP_WHAT(kind, size) ((uint64_t)(kind) | (uint64_t)(size) << 8)
#define OP_WHAT_RANGE(kind, length) ((uint64_t)(kind) | (uint64_t)(length) << 32)

/* Where, in the code under test, the function is called that this is in. */
#define OP_HERE __builtin_return_address(0)

/* Called by code under test. Outside of actors lab_direct() does it, in time timed_trap(). */
uint64_t lab_trap(uint64_t what, uint64_t addr, uint64_t a, uint64_t b, const void *pc);
uint64_t lab_direct(uint64_t what, uint64_t addr, uint64_t a, uint64_t b, const void *pc);
uint64_t timed_trap(uint64_t what, uint64_t addr, uint64_t a, uint64_t b, const void *pc);

/*
 * A plain access to a word of the heap, or of the actor's own stack, that is nobody else's business
 * is no reason to leave the actor: lab_trap() finds that out from the word's granule, see memory.h,
 * and returns. It leaves behind what a stop would: below the stack, and in what is marked as
 * changed.
 */
struct lab_quick {
	uint32_t left, unused; /* so many times; then the lab wants to know */
	uint64_t low;	       /* lowest sp that a stop would have had */
	const uint32_t *granule;
	uint64_t *dirty;
	uint64_t stack_end; /* of the actor's stack */
	struct {
		uint32_t mask, is; /* of a granule that needs no stop */
	} use[OP_WRITE + 1];	   /* [OP_NONE]: another one to read */
};

extern struct lab_quick lab_quick;

/*
 * A turn of a wait loop. In time, timed_relax() finds the CPU's registers at the end of its stack.
 */
void lab_relax(void);
void timed_relax(uint64_t sp);

/* Let the actor with this stack go on, with the outcome of its op; its next op is in lab_op. */
uint64_t lab_resume(uint64_t sp, uint64_t value);

/*
 * Of this many functions each has a stub that calls it, foreign_function[i], outside of actors, and
 * lab_foreign(foreign_name[i]) in an actor.
 */
#define FOREIGN_STUBS 64
#define FOREIGN_STUB_SIZE 32
extern const char foreign_stubs[];
void lab_foreign(const char *name);

/* From one fibre to another: keeps this one's sp in *from. */
void lab_switch(uint64_t *from, uint64_t to);

/* What an access of the code under test does: see lab_trap(). */
enum lab_mode {
	LAB_DIRECT,   /* no actor runs: it is made at once */
	LAB_EXPLORED, /* the actor stops before it */
	LAB_TIMED,    /* it takes its time, see timed/timed.h */
};

extern struct op lab_op;
extern uint8_t lab_mode; /* enum lab_mode */
extern uint64_t lab_own_sp;
extern const char lab_leave[];

#endif
