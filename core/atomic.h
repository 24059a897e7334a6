/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * atomic.h - the few atomic accesses that the core makes. Each use says which one it pairs with;
 * the table is in docs/design/core.md, "Memory order".
 *
 * Compiler built-ins, not <stdatomic.h>: the words are plain integers in public structures that C++
 * must be able to read, and the unit writes one of them.
 */
#ifndef QI_ATOMIC_H
#define QI_ATOMIC_H

#include <stdbool.h>
#include <stdint.h>

#define qi_load_relaxed(p) __atomic_load_n((p), __ATOMIC_RELAXED)
#define qi_load_acquire(p) __atomic_load_n((p), __ATOMIC_ACQUIRE)
#define qi_load_seq_cst(p) __atomic_load_n((p), __ATOMIC_SEQ_CST)
#define qi_store_relaxed(p, v) __atomic_store_n((p), (v), __ATOMIC_RELAXED)
#define qi_store_release(p, v) __atomic_store_n((p), (v), __ATOMIC_RELEASE)
#define qi_store_seq_cst(p, v) __atomic_store_n((p), (v), __ATOMIC_SEQ_CST)
#define qi_exchange_seq_cst(p, v) __atomic_exchange_n((p), (v), __ATOMIC_SEQ_CST)
#define qi_add_seq_cst(p, n) __atomic_fetch_add((p), (n), __ATOMIC_SEQ_CST) /* what it was */
#define qi_add_relaxed(p, n) ((void)__atomic_fetch_add((p), (n), __ATOMIC_RELAXED))
#define qi_or_relaxed(p, n) ((void)__atomic_fetch_or((p), (n), __ATOMIC_RELAXED))
#define qi_and_relaxed(p, n) ((void)__atomic_fetch_and((p), (n), __ATOMIC_RELAXED))
#define qi_add_release(p, n) ((void)__atomic_fetch_add((p), (n), __ATOMIC_RELEASE))

/* Says whether *p was *from; otherwise that is what it is now. */
#define qi_swap_seq_cst(p, from, to) \
	__atomic_compare_exchange_n((p), (from), (to), false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)

#endif
