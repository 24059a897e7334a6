/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * kernel.h - what calls.c, failure.c and log.c use of the kernel, for a program with one thread,
 * instead of the kernel's headers: see the script `calls`.
 */
#ifndef TESTS_LINUX_KERNEL_H
#define TESTS_LINUX_KERNEL_H

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;

#define __iomem
#define noinline __attribute__((noinline))
#define fallthrough __attribute__((fallthrough))
#define likely(x) (x)
#define unlikely(x) (x)
#define READ_ONCE(x) (x)
#define WRITE_ONCE(x, value) ((x) = (value))
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define rcu_access_pointer(p) (p)

/* ---- counters ---- */

typedef struct {
	long n;
} atomic_long_t;

#define atomic_long_inc(a) ((void)(a)->n++)
#define atomic_long_add(by, a) ((void)((a)->n += (by)))
#define atomic_long_fetch_inc(a) ((a)->n++)
#define atomic_long_read(a) ((a)->n)
#define atomic_long_try_cmpxchg(a, was, now) \
	((a)->n == *(was) ? ((a)->n = (now), true) : (*(was) = (a)->n, false))

/* ---- locks, without contention ---- */

typedef struct {
	bool held;
} raw_spinlock_t;

static inline void raw_spin_lock(raw_spinlock_t *lock)
{
	assert(!lock->held);
	lock->held = true;
}

static inline void raw_spin_unlock(raw_spinlock_t *lock)
{
	assert(lock->held);
	lock->held = false;
}

#define raw_spin_lock_irqsave(lock, flags) ((flags) = 0, raw_spin_lock(lock))
#define raw_spin_trylock_irqsave(lock, flags) ((flags) = 0, raw_spin_lock(lock), true)
#define raw_spin_unlock_irqrestore(lock, flags) ((void)(flags), raw_spin_unlock(lock))
void kernel_irqs(bool off);

#define local_irq_save(flags) ((flags) = 0, kernel_irqs(true))
#define local_irq_restore(flags) ((void)(flags), kernel_irqs(false))
#define preempt_disable() ((void)0)
#define preempt_enable() ((void)0)

/* ---- other CPUs ---- */

void synchronize_rcu(void);
int stop_machine(int (*fn)(void *), void *data, const void *cpus);

/* ---- the machine: the core is bound to the rig instead ---- */

static inline uint64_t no_register(const volatile void *at)
{
	(void)at;
	return 0;
}

#define readl(at) ((uint32_t)no_register(at))
#define readq(at) no_register(at)
#define writel(value, at) ((void)(value), (void)no_register(at))
#define writeq(value, at) ((void)(value), (void)no_register(at))

uint64_t ktime_get_mono_fast_ns(void);

/* ---- memory, which a test may have made ---- */

#define PAGE_SHIFT 12
#define PAGE_MASK (~((1ULL << PAGE_SHIFT) - 1))

bool pfn_valid(unsigned long pfn);
const void *phys_to_virt(u64 at);
long copy_from_kernel_nofault(void *to, const void *from, size_t bytes);

/* ---- keys and events ---- */

#define DEFINE_STATIC_KEY_FALSE(name) bool name
#define static_branch_unlikely(key) (*(key))
#define static_branch_enable(key) (*(key) = true)
#define static_branch_disable(key) (*(key) = false)

struct tracepoint {
	void *funcs;
};

/* ---- messages ---- */

void kernel_log(const char *format, ...);
_Noreturn void panic(const char *why);

#define pr_err(format, ...) kernel_log(pr_fmt(format), ##__VA_ARGS__)
#define pr_info pr_err
#define pr_err_ratelimited pr_err
#define HZ 100
#define DEFINE_RATELIMIT_STATE(name, interval, burst) int name
#define __ratelimit(state) ((void)(state), true)

static inline int match_string(const char *const *names, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(names[i], name))
			return (int)i;
	return -EINVAL;
}

#endif
