/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* op.h - the operation before which an actor stands, and how the actor passes it to the lab. */
#ifndef LAB_OP_H
#define LAB_OP_H

#include <stdbool.h>
#include <stdint.h>

enum op_kind {
	OP_NONE,
	/* memory, `size` bytes at `addr` */
	/* Plain: the actor makes the access itself, when it continues; b: see op_copies(). */
	OP_READ,
	OP_WRITE,
	OP_LOAD,     /* atomic: the lab makes the access */
	OP_STORE,    /* value a; b: a locked instruction */
	OP_EXCHANGE, /* operand a; returns the former value */
	OP_ADD,
	OP_SUB,
	OP_AND,
	OP_OR,
	OP_XOR,
	OP_NAND,
	OP_CAS, /* compare-and-swap: from a to b */
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
	OP_SLEEP, /* while *addr (4 bytes) is a, for b ns; returns whether the time has passed */
	OP_WAKE,  /* the actors that sleep on addr */
	/* the scenario's */
	OP_JOIN,
	OP_CHOOSE, /* one of a */
	OP_ARM,	   /* struct vtd_fault at addr, in unit a */
	OP_LOOK,   /* into the unit's caches */
	/* The load of a simulation. */
	OP_BEGIN, /* a submission begins */
	/* The submission is over, with result a; returns the next one's number, or TIMED_END. */
	OP_OVER,
	/* The end of an actor. */
	OP_FAIL,    /* text at addr; a: from assert() */
	OP_FOREIGN, /* a call that actors must not make: the function's name is at addr */
	OP_DONE,    /* result a */
	OP_CRASH,   /* signal a at address addr; b: at a privileged instruction */
	OP_KINDS
};

struct op {
	uint8_t kind, size;
	uint16_t unused;
	uint32_t length; /* of OP_READ and OP_WRITE of more than 255 bytes, else 0 */
	uint64_t addr, a, b;
	uint64_t pc; /* return address in the code under test, after the access */
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

/* The actor itself sees memory, and others can observe when it does. */
static inline bool op_looks_at_memory(const struct op *op)
{
	return op_is_memory(op) || op->kind == OP_SLEEP;
}

/*
 * gcc reports an assignment between structures as a write, then a read, and makes both afterwards.
 * So what the read returns may go to the address of the reported write: `b` is this address then.
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

/* The return address in the code under test: where it called this function. */
#define OP_HERE __builtin_return_address(0)

/*
 * Called by code under test. Outside of actors it goes to lab_direct(), in virtual time to
 * timed_trap().
 */
uint64_t lab_trap(uint64_t what, uint64_t addr, uint64_t a, uint64_t b, const void *pc);
uint64_t lab_direct(uint64_t what, uint64_t addr, uint64_t a, uint64_t b, const void *pc);
uint64_t timed_trap(uint64_t what, uint64_t addr, uint64_t a, uint64_t b, const void *pc);

/*
 * A plain access to a word of the heap or of the actor's own stack, which no other actor uses, need
 * not stop the actor: lab_trap() sees this from the word's granule (see memory.h) and returns. It
 * has the effects that a stop would have below the stack and on the marks of changed memory.
 */
struct lab_quick {
	/* `left`: how often this may still happen before the actor has to stop. */
	uint32_t left, unused;
	uint64_t low; /* the lowest stack pointer that a stop would have had */
	const uint32_t *granule;
	uint64_t *dirty;
	uint64_t stack_end; /* the end of the actor's stack */
	struct {
		uint32_t mask, is; /* a granule with these bits needs no stop */
	} use[OP_WRITE + 1];	   /* [OP_NONE]: a second alternative for reads */
	uint64_t heap;		   /* bytes of the heap for which this holds: all or none */
};

extern struct lab_quick lab_quick;

/*
 * A turn of a wait loop. In virtual time, timed_relax() finds the CPU's registers at the end of its
 * stack.
 */
void lab_relax(void);
void timed_relax(uint64_t sp);

/* Resume the actor with this stack; `value` is the result of its op. Its next op is in lab_op. */
uint64_t lab_resume(uint64_t sp, uint64_t value);

/*
 * Each of this many functions has a stub, which calls foreign_function[i] outside of actors, and
 * lab_foreign(foreign_name[i]) in an actor.
 */
#define FOREIGN_STUBS 64
#define FOREIGN_STUB_SIZE 32
extern const char foreign_stubs[];
void lab_foreign(const char *name);

/* Switch to another fibre; this one's stack pointer is stored in *from. */
void lab_switch(uint64_t *from, uint64_t to);

/* What lab_trap() does with an access of the code under test. */
enum lab_mode {
	LAB_DIRECT,   /* no actor runs: make the access at once */
	LAB_EXPLORED, /* stop the actor before the access */
	LAB_TIMED,    /* let the access take virtual time, see timed/timed.h */
};

extern struct op lab_op;
extern uint8_t lab_mode; /* enum lab_mode */
extern uint64_t lab_own_sp;
extern const char lab_leave[];

#endif
