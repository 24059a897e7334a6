/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * hooks.c - where code under test enters the lab: the functions that compilers call for each access
 * with -fsanitize=thread, the memory functions of the C library, and what lab.h offers actors.
 *
 * Each is one call of lab_trap(), mostly in tail position, so that it leaves next to nothing on the
 * actor's stack.
 */
#include <assert.h>
#include <string.h>

#include <qinval/host.h>

#include "foreign.h"
#include "lab.h"
#include "machine.h"
#include "op.h"
#include "timed/load.h"

/* Called by compilers, declared nowhere. */
#pragma GCC diagnostic ignored "-Wmissing-prototypes"

/* Where, in the code under test, the function is called that this is in. */
#define HERE __builtin_return_address(0)

struct op lab_op;
uint8_t lab_mode;
uint64_t lab_own_sp;
struct lab_quick lab_quick;

/* ---- plain accesses ---- */

#define PLAIN(name, kind, size)                                             \
	void __tsan_##name(void *addr)                                      \
	{                                                                   \
		lab_trap(OP_WHAT(kind, size), (uintptr_t)addr, 0, 0, HERE); \
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
		lab_trap(OP_WHAT_RANGE(OP_READ, n), (uintptr_t)addr, 0, 0, HERE);
}

void __tsan_write_range(void *addr, size_t n)
{
	if (n)
		lab_trap(OP_WHAT_RANGE(OP_WRITE, n), (uintptr_t)addr, 0, 0, HERE);
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
						HERE);                                          \
	}

/*
 * Compilers do not tell of the access to what a word is compared with. It is nobody else's business
 * if it is a variable of the function that compares.
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
					  : (uint##bits##_t)get_expected(from, bits / 8, HERE);    \
                                                                                                   \
		(void)ok;                                                                          \
		(void)fail;                                                                        \
		was = (uint##bits##_t)lab_trap(OP_WHAT(OP_CAS, bits / 8), (uintptr_t)addr, is, to, \
					       HERE);                                              \
		if (was == is)                                                                     \
			return 1;                                                                  \
		if (is_own(from))                                                                  \
			*from = was;                                                               \
		else                                                                               \
			put_expected(from, bits / 8, was, HERE);                                   \
		return 0;                                                                          \
	}

#define ATOMIC(bits)                                                                               \
	uint##bits##_t __tsan_atomic##bits##_load(const void *addr, int order)                     \
	{                                                                                          \
		(void)order;                                                                       \
		return (uint##bits##_t)lab_trap(OP_WHAT(OP_LOAD, bits / 8), (uintptr_t)addr, 0, 0, \
						HERE);                                             \
	}                                                                                          \
	void __tsan_atomic##bits##_store(void *addr, uint##bits##_t v, int order)                  \
	{                                                                                          \
		lab_trap(OP_WHAT(OP_STORE, bits / 8), (uintptr_t)addr, v,                          \
			 order == __ATOMIC_SEQ_CST, HERE);                                         \
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
						to, HERE);                                         \
	}

ATOMIC(8)
ATOMIC(16)
ATOMIC(32)
ATOMIC(64)

/* Weaker fences emit no instruction on x86 and keep nothing from being reordered there. */
void __tsan_atomic_thread_fence(int order)
{
	if (order == __ATOMIC_SEQ_CST)
		lab_trap(OP_WHAT(OP_FENCE, 0), 0, 0, 0, HERE);
}

void __tsan_atomic_signal_fence(int order)
{
	(void)order;
}

/* ---- memory functions: word by word where the words are aligned alike ---- */

struct wide {
	uint64_t word[4];
} __attribute__((packed, may_alias));

struct narrow {
	uint64_t word;
} __attribute__((packed, may_alias));

/* Outside of actors the whole program comes here: most copies are small. */
static void plain_copy(void *to, const void *from, size_t n)
{
	for (; n >= sizeof(struct wide); n -= sizeof(struct wide)) {
		*(struct wide *)to = *(const struct wide *)from;
		to = (struct wide *)to + 1;
		from = (const struct wide *)from + 1;
	}
	for (; n >= sizeof(struct narrow); n -= sizeof(struct narrow)) {
		*(struct narrow *)to = *(const struct narrow *)from;
		to = (struct narrow *)to + 1;
		from = (const struct narrow *)from + 1;
	}
	for (; n; n--, to = (char *)to + 1, from = (const char *)from + 1)
		*(char *)to = *(const char *)from;
}

static void plain_set(void *to, uint64_t word, size_t n)
{
	const struct wide wide = { { word, word, word, word } };

	for (; n >= sizeof(wide); n -= sizeof(wide), to = (struct wide *)to + 1)
		*(struct wide *)to = wide;
	for (; n >= sizeof(word); n -= sizeof(word), to = (struct narrow *)to + 1)
		((struct narrow *)to)->word = word;
	for (; n; n--, to = (char *)to + 1)
		*(uint8_t *)to = (uint8_t)word;
}

static void copy_back(void *to, const void *from, size_t n)
{
	char *d = (char *)to + n - 1;
	const char *s = (const char *)from + n - 1;

	__asm__ volatile("std; rep movsb; cld" : "+D"(d), "+S"(s), "+c"(n) : : "memory");
}

static size_t word_at(uintptr_t to, uintptr_t from, size_t n)
{
	size_t size = 8;

	while (size > n || (to | from) & (size - 1))
		size /= 2;
	return size;
}

static void move_word(uintptr_t to, uintptr_t from, size_t size, const void *here)
{
	uint64_t value = lab_trap(OP_WHAT(OP_LOAD, size), from, 0, 0, here);

	lab_trap(OP_WHAT(OP_STORE, size), to, value, 0, here);
}

static void actor_copy(uintptr_t to, uintptr_t from, size_t n, const void *here)
{
	size_t size;

	for (; n; n -= size, to += size, from += size) {
		size = word_at(to, from, n);
		move_word(to, from, size, here);
	}
}

static void actor_copy_back(uintptr_t to, uintptr_t from, size_t n, const void *here)
{
	size_t size;

	for (; n; n -= size) {
		size = word_at(to + n, from + n, n);
		move_word(to + n - size, from + n - size, size, here);
	}
}

void *memcpy(void *restrict to, const void *restrict from, size_t n)
{
	if (lab_mode)
		actor_copy((uintptr_t)to, (uintptr_t)from, n, HERE);
	else
		plain_copy(to, from, n);
	return to;
}

void *memmove(void *to, const void *from, size_t n)
{
	bool overlap = (uintptr_t)to - (uintptr_t)from < n;

	if (lab_mode && overlap)
		actor_copy_back((uintptr_t)to, (uintptr_t)from, n, HERE);
	else if (lab_mode)
		actor_copy((uintptr_t)to, (uintptr_t)from, n, HERE);
	else if (overlap && n)
		copy_back(to, from, n);
	else
		plain_copy(to, from, n);
	return to;
}

void *memset(void *to, int c, size_t n)
{
	uint64_t word = 0x0101010101010101ULL * (uint8_t)c;
	uintptr_t at = (uintptr_t)to;
	size_t size;

	if (!lab_mode) {
		plain_set(to, word, n);
		return to;
	}
	for (; n; n -= size, at += size) {
		size = word_at(at, 0, n);
		lab_trap(OP_WHAT(OP_STORE, size), at, word, 0, HERE);
	}
	return to;
}

void *__tsan_memcpy(void *restrict to, const void *restrict from, size_t n)
{
	return memcpy(to, from, n);
}

void *__tsan_memmove(void *to, const void *from, size_t n)
{
	return memmove(to, from, n);
}

void *__tsan_memset(void *to, int c, size_t n)
{
	return memset(to, c, n);
}

/* ---- what others offer: see foreign.c ---- */

void lab_foreign(const char *name)
{
	lab_trap(OP_WHAT(OP_FOREIGN, 0), (uintptr_t)name, 0, 0, HERE);
}

void foreign_assert(const char *what, const char *file, unsigned line, const char *function)
{
	if (lab_mode)
		lab_trap(OP_WHAT(OP_FAIL, 0), (uintptr_t)what, 1, 0, HERE);
	__assert_fail(what, file, line, function);
}

int foreign_memcmp(const void *one, const void *other, size_t n)
{
	uintptr_t p = (uintptr_t)one, q = (uintptr_t)other;
	uint64_t a, b;
	size_t size;

	for (; n; n -= size, p += size, q += size) {
		size = word_at(p, q, n);
		a = lab_trap(OP_WHAT(OP_LOAD, size), p, 0, 0, HERE);
		b = lab_trap(OP_WHAT(OP_LOAD, size), q, 0, 0, HERE);
		if (a != b) /* in memory's order */
			return __builtin_bswap64(a) < __builtin_bswap64(b) ? -1 : 1;
	}
	return 0;
}

/* ---- lab.h ---- */

void lab_lock(struct lab_lock *lock)
{
	lab_trap(OP_WHAT(OP_LOCK, 0), (uintptr_t)lock, 0, 0, HERE);
}

void lab_unlock(struct lab_lock *lock)
{
	lab_trap(OP_WHAT(OP_UNLOCK, 0), (uintptr_t)lock, 0, 0, HERE);
}

void lab_spin_lock(struct lab_lock *lock)
{
	lab_trap(OP_WHAT(OP_LOCK, 0), (uintptr_t)lock, 1, 0, HERE);
}

void lab_spin_unlock(struct lab_lock *lock)
{
	lab_trap(OP_WHAT(OP_UNLOCK, 0), (uintptr_t)lock, 1, 0, HERE);
}

/* Where nobody runs, set-up does, on the first CPU. */
unsigned lab_cpu(void)
{
	return lab_mode == LAB_EXPLORED ? machine.info[machine.running].cpu : 0;
}

void lab_irq_save(void)
{
	lab_trap(OP_WHAT(OP_IRQ_SAVE, 0), 0, 0, 0, HERE);
}

void lab_irq_restore(void)
{
	lab_trap(OP_WHAT(OP_IRQ_RESTORE, 0), 0, 0, 0, HERE);
}

uint32_t lab_read32(unsigned reg)
{
	return (uint32_t)lab_trap(OP_WHAT(OP_REG_READ, 4), reg, 0, 0, HERE);
}

uint64_t lab_read64(unsigned reg)
{
	return lab_trap(OP_WHAT(OP_REG_READ, 8), reg, 0, 0, HERE);
}

void lab_write32(unsigned reg, uint32_t value)
{
	lab_trap(OP_WHAT(OP_REG_WRITE, 4), reg, value, 0, HERE);
}

void lab_write64(unsigned reg, uint64_t value)
{
	lab_trap(OP_WHAT(OP_REG_WRITE, 8), reg, value, 0, HERE);
}

uint64_t lab_now(void)
{
	return lab_trap(OP_WHAT(OP_NOW, 0), 0, 0, 0, HERE);
}

void lab_sleep(const uint32_t *word, uint32_t value)
{
	lab_trap(OP_WHAT(OP_SLEEP, 4), (uintptr_t)word, value, LAB_FOREVER, HERE);
}

bool lab_sleep_for(const uint32_t *word, uint32_t value, uint64_t ns)
{
	return !lab_trap(OP_WHAT(OP_SLEEP, 4), (uintptr_t)word, value, ns, HERE);
}

void lab_wake(const uint32_t *word)
{
	lab_trap(OP_WHAT(OP_WAKE, 4), (uintptr_t)word, 0, 0, HERE);
}

void lab_join(void)
{
	lab_trap(OP_WHAT(OP_JOIN, 0), 0, 0, 0, HERE);
}

unsigned lab_choose(unsigned n)
{
	return (unsigned)lab_trap(OP_WHAT(OP_CHOOSE, 0), 0, n, 0, HERE);
}

void lab_fail(const char *what)
{
	lab_trap(OP_WHAT(OP_FAIL, 0), (uintptr_t)what, 0, 0, HERE);
}

/* Entries that are there go, and none come: that it is not there is true from now on. */
static bool is_cached(const struct vtd_unit *u, const struct vtd_entry *e, const void *here)
{
	if (!hardware_cached(u, e))
		return false;
	lab_trap(OP_WHAT(OP_LOOK, 0), 0, 0, 0, here);
	return hardware_cached(u, e);
}

bool lab_cached(const struct vtd_entry *e)
{
	return is_cached(NULL, e, HERE);
}

bool lab_unit_cached(const struct vtd_unit *u, const struct vtd_entry *e)
{
	return is_cached(u, e, HERE);
}

void lab_arm(const struct vtd_fault *f)
{
	lab_trap(OP_WHAT(OP_ARM, 0), (uintptr_t)f, 0, 0, HERE);
}

void lab_unit_arm(const struct vtd_unit *u, const struct vtd_fault *f)
{
	lab_trap(OP_WHAT(OP_ARM, 0), (uintptr_t)f, hardware_index(u), 0, HERE);
}

/* ---- timed/load.h ---- */

uint64_t lab_over(int result)
{
	return lab_trap(OP_WHAT(OP_OVER, 0), 0, (uint64_t)(int64_t)result, 0, HERE);
}

void lab_begin(const void *desc)
{
	lab_trap(OP_WHAT(OP_BEGIN, 0), (uintptr_t)desc, 0, 0, HERE);
}

/* ---- struct qi_host ---- */

static uint32_t host_read32(void *ctx, unsigned reg)
{
	(void)ctx;
	return (uint32_t)lab_trap(OP_WHAT(OP_REG_READ, 4), reg, 0, 0, HERE);
}

static uint64_t host_read64(void *ctx, unsigned reg)
{
	(void)ctx;
	return lab_trap(OP_WHAT(OP_REG_READ, 8), reg, 0, 0, HERE);
}

static void host_write32(void *ctx, unsigned reg, uint32_t value)
{
	(void)ctx;
	lab_trap(OP_WHAT(OP_REG_WRITE, 4), reg, value, 0, HERE);
}

static void host_write64(void *ctx, unsigned reg, uint64_t value)
{
	(void)ctx;
	lab_trap(OP_WHAT(OP_REG_WRITE, 8), reg, value, 0, HERE);
}

static unsigned long host_lock(void *ctx)
{
	return lab_trap(OP_WHAT(OP_LOCK, 0), (uintptr_t)ctx, 0, 0, HERE);
}

static void host_unlock(void *ctx, unsigned long flags)
{
	(void)flags;
	lab_trap(OP_WHAT(OP_UNLOCK, 0), (uintptr_t)ctx, 0, 0, HERE);
}

/* Every turn of a wait loop reads something, and stops there. */
static void host_relax(void *ctx)
{
	(void)ctx;
}

static void host_relax_in_time(void *ctx)
{
	(void)ctx;
	lab_relax();
}

static uint64_t host_now(void *ctx)
{
	(void)ctx;
	return lab_trap(OP_WHAT(OP_NOW, 0), 0, 0, 0, HERE);
}

static void host_sleep(void *ctx, const uint32_t *word, uint32_t value, uint64_t ns)
{
	(void)ctx;
	lab_trap(OP_WHAT(OP_SLEEP, 4), (uintptr_t)word, value, ns, HERE);
}

static void host_wake(void *ctx, const uint32_t *word)
{
	(void)ctx;
	lab_trap(OP_WHAT(OP_WAKE, 4), (uintptr_t)word, 0, 0, HERE);
}

static unsigned long host_irq_save(void *ctx)
{
	(void)ctx;
	return lab_trap(OP_WHAT(OP_IRQ_SAVE, 0), 0, 0, 0, HERE);
}

static void host_irq_restore(void *ctx, unsigned long flags)
{
	(void)ctx;
	(void)flags;
	lab_trap(OP_WHAT(OP_IRQ_RESTORE, 0), 0, 0, 0, HERE);
}

const struct qi_host lab_host = {
	.read32 = host_read32,
	.read64 = host_read64,
	.write32 = host_write32,
	.write64 = host_write64,
	.lock = host_lock,
	.unlock = host_unlock,
	.relax = host_relax,
	.now = host_now,
	.sleep = host_sleep,
	.wake = host_wake,
	.irq_save = host_irq_save,
	.irq_restore = host_irq_restore,
	.small_rings = true,
};

/* Without what a simulation has no use for: interrupts. */
const struct qi_host lab_timed_host = {
	.read32 = host_read32,
	.read64 = host_read64,
	.write32 = host_write32,
	.write64 = host_write64,
	.lock = host_lock,
	.unlock = host_unlock,
	.relax = host_relax_in_time,
	.now = host_now,
	.small_rings = true,
};
