/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * hooks.c - the entry of code under test into the lab: the functions that compilers call for each
 * access with -fsanitize=thread. The memory functions of the C library are in hooks_copy.c, and the
 * functions of lab.h for actors in hooks_lab.c.
 *
 * Each is one call of lab_trap(), usually in tail position, so that it leaves almost nothing on the
 * actor's stack.
 */
#include <assert.h>

#include "foreign.h"
#include "memory.h"
#include "op.h"

/* Compilers call these; no header declares them. */
#pragma GCC diagnostic ignored "-Wmissing-prototypes"

struct op lab_op;
uint8_t lab_mode;
uint64_t lab_own_sp;
struct lab_quick lab_quick;

/* ---- plain accesses ---- */

#define PLAIN(name, kind, size)                                                \
	void __tsan_##name(void *addr)                                         \
	{                                                                      \
		lab_trap(OP_WHAT(kind, size), (uintptr_t)addr, 0, 0, OP_HERE); \
	}

#define PLAIN_SIZES(prefix, kind) \
	PLAIN(prefix##1, kind, 1) \
	PLAIN(prefix##2, kind, 2) \
	PLAIN(prefix##4, kind, 4) \
	PLAIN(prefix##8, kind, 8) \
	PLAIN(prefix##16, kind, 16)

PLAIN_SIZES(read, OP_READ)
PLAIN_SIZES(write, OP_WRITE)
PLAIN_SIZES(unaligned_read, OP_READ)
PLAIN_SIZES(unaligned_write, OP_WRITE)
PLAIN_SIZES(volatile_read, OP_READ)
PLAIN_SIZES(volatile_write, OP_WRITE)
PLAIN_SIZES(unaligned_volatile_read, OP_READ)
PLAIN_SIZES(unaligned_volatile_write, OP_WRITE)

void __tsan_read_range(void *addr, size_t n)
{
	if (n)
		lab_trap(OP_WHAT_RANGE(OP_READ, n), (uintptr_t)addr, 0, 0, OP_HERE);
}

void __tsan_write_range(void *addr, size_t n)
{
	if (n)
		lab_trap(OP_WHAT_RANGE(OP_WRITE, n), (uintptr_t)addr, 0, 0, OP_HERE);
}

void __tsan_init(void)
{
}

void __tsan_func_entry(void *pc)
{
	(void)pc;
}

void __tsan_func_exit(void)
{
}

/* ---- atomic accesses ---- */

#define RMW(bits, name, kind)                                                                   \
	uint##bits##_t __tsan_atomic##bits##_##name(void *addr, uint##bits##_t v, int order)    \
	{                                                                                       \
		(void)order;                                                                    \
		return (uint##bits##_t)lab_trap(OP_WHAT(kind, bits / 8), (uintptr_t)addr, v, 0, \
						OP_HERE);                                       \
	}

/*
 * Compilers do not report the access to the expected value of a compare-and-swap. If it is a local
 * variable of the function, no other actor can observe it.
 */
static inline bool is_own(const void *p)
{
	return !lab_mode || ((uintptr_t)p ^ (uintptr_t)__builtin_frame_address(0)) < LAB_STACK_SIZE;
}

static uint64_t get_expected(const void *p, size_t size, const void *here)
{
	return lab_trap(OP_WHAT(OP_LOAD, size), (uintptr_t)p, 0, 0, here);
}

static void put_expected(void *p, size_t size, uint64_t value, const void *here)
{
	lab_trap(OP_WHAT(OP_STORE, size), (uintptr_t)p, value, 0, here);
}

#define CAS_BOOL(bits, name)                                                                       \
	int __tsan_atomic##bits##_compare_exchange_##name(void *addr, uint##bits##_t *from,        \
							  uint##bits##_t to, int ok, int fail)     \
	{                                                                                          \
		uint##bits##_t was,                                                                \
			is = is_own(from) ? *from                                                  \
					  : (uint##bits##_t)get_expected(from, bits / 8, OP_HERE); \
                                                                                                   \
		(void)ok;                                                                          \
		(void)fail;                                                                        \
		was = (uint##bits##_t)lab_trap(OP_WHAT(OP_CAS, bits / 8), (uintptr_t)addr, is, to, \
					       OP_HERE);                                           \
		if (was == is)                                                                     \
			return 1;                                                                  \
		if (is_own(from))                                                                  \
			*from = was;                                                               \
		else                                                                               \
			put_expected(from, bits / 8, was, OP_HERE);                                \
		return 0;                                                                          \
	}

#define ATOMIC(bits)                                                                               \
	uint##bits##_t __tsan_atomic##bits##_load(const void *addr, int order)                     \
	{                                                                                          \
		(void)order;                                                                       \
		return (uint##bits##_t)lab_trap(OP_WHAT(OP_LOAD, bits / 8), (uintptr_t)addr, 0, 0, \
						OP_HERE);                                          \
	}                                                                                          \
	void __tsan_atomic##bits##_store(void *addr, uint##bits##_t v, int order)                  \
	{                                                                                          \
		lab_trap(OP_WHAT(OP_STORE, bits / 8), (uintptr_t)addr, v,                          \
			 order == __ATOMIC_SEQ_CST, OP_HERE);                                      \
	}                                                                                          \
	RMW(bits, exchange, OP_EXCHANGE)                                                           \
	RMW(bits, fetch_add, OP_ADD)                                                               \
	RMW(bits, fetch_sub, OP_SUB)                                                               \
	RMW(bits, fetch_and, OP_AND)                                                               \
	RMW(bits, fetch_or, OP_OR)                                                                 \
	RMW(bits, fetch_xor, OP_XOR)                                                               \
	RMW(bits, fetch_nand, OP_NAND)                                                             \
	CAS_BOOL(bits, strong)                                                                     \
	CAS_BOOL(bits, weak)                                                                       \
	uint##bits##_t __tsan_atomic##bits##_compare_exchange_val(                                 \
		void *addr, uint##bits##_t from, uint##bits##_t to, int ok, int fail)              \
	{                                                                                          \
		(void)ok;                                                                          \
		(void)fail;                                                                        \
		return (uint##bits##_t)lab_trap(OP_WHAT(OP_CAS, bits / 8), (uintptr_t)addr, from,  \
						to, OP_HERE);                                      \
	}

ATOMIC(8)
ATOMIC(16)
ATOMIC(32)
ATOMIC(64)

/* On x86 weaker fences emit no instruction and allow no reordering less. */
void __tsan_atomic_thread_fence(int order)
{
	if (order == __ATOMIC_SEQ_CST)
		lab_trap(OP_WHAT(OP_FENCE, 0), 0, 0, 0, OP_HERE);
}

void __tsan_atomic_signal_fence(int order)
{
	(void)order;
}

/* ---- replaced functions of the C library: see foreign.c ---- */

void lab_foreign(const char *name)
{
	lab_trap(OP_WHAT(OP_FOREIGN, 0), (uintptr_t)name, 0, 0, OP_HERE);
}

void foreign_assert(const char *what, const char *file, unsigned line, const char *function)
{
	if (lab_mode)
		lab_trap(OP_WHAT(OP_FAIL, 0), (uintptr_t)what, 1, 0, OP_HERE);
	__assert_fail(what, file, line, function);
}
