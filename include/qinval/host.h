/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * host.h - what the embedder supplies.
 *
 * Every function gets the `ctx` pointer of struct qi_config. The core calls them from whatever
 * context called the core: qi_submit() and everything built on it may run with interrupts off, so
 * none of these may sleep, except where it says so. Accesses have exactly the width in the name.
 *
 * GCMD has other users (translation, interrupt remapping). The embedder serialises them against
 * qi_enable(), qi_disable(), qi_suspend(), qi_resume() and qi_reset(), which read GSTS and write
 * GCMD, and these calls against each other.
 *
 * The functions that every submission calls can be bound when the core is compiled, with
 * -DQI_HOST_HEADER='"my_host.h"': that header defines qi_host_read32(), _read64(), _write32(),
 * _write64(), _lock(), _unlock(), _irq_save(), _irq_restore(), _relax() and _now(), as functions or
 * macros with the parameters below. Their members of struct qi_host are not used then, and may be
 * NULL; all others are.
 */
#ifndef QINVAL_HOST_H
#define QINVAL_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct qi_error;
struct qi_trace;

struct qi_host {
	/*
	 * Registers, by the offsets of regs.h. Cannot fail; a unit that does not answer reads as
	 * all ones. A write takes effect after every earlier store of the calling CPU, to whatever
	 * memory, is visible to the unit and to other CPUs (on x86 an uncached store is enough;
	 * elsewhere put the barrier in here), and writes of one CPU reach the unit in program
	 * order; so do those of two CPUs if the second has seen a store that the first made after
	 * its write. A read is made after every earlier access of the calling CPU and before every
	 * later one.
	 */
	uint32_t (*read32)(void *ctx, unsigned reg);
	uint64_t (*read64)(void *ctx, unsigned reg);
	void (*write32)(void *ctx, unsigned reg, uint32_t value);
	void (*write64)(void *ctx, unsigned reg, uint64_t value);

	/*
	 * One mutual-exclusion lock per queue, with acquire and release order. lock() saves the
	 * interrupt state, turns interrupts off on this CPU and returns what unlock() needs. The
	 * core holds it for some instructions per slot and queued ticket at most, and calls of
	 * now(), flush() and trace(), never while it reads or writes a register or waits, and never
	 * takes it twice. A fair lock gives fair service.
	 */
	unsigned long (*lock)(void *ctx);
	void (*unlock)(void *ctx, unsigned long flags);

	/*
	 * One turn of a wait loop, called without the lock: a pause instruction, or a yield
	 * where the one waited for may need this CPU. May sleep if the caller of the core may.
	 */
	void (*relax)(void *ctx);

	/*
	 * Monotonic time in nanoseconds. Two CPUs' clocks may differ by 1 ms at most. May be
	 * called with the lock held.
	 */
	uint64_t (*now)(void *ctx);

	/* ---- optional: NULL where there is no need ---- */

	/* Write `bytes` at `addr` (ring memory) back to where the unit reads; for ECAP.C = 0. */
	void (*flush)(void *ctx, const void *addr, size_t bytes);

	/*
	 * True if the device with this source id is still there. False fails its device-TLB
	 * invalidations at once instead of after time-outs. The answer may be outdated.
	 */
	bool (*device_present)(void *ctx, uint16_t sid);

	/*
	 * Sleep until woken, `ns` have passed, or for no reason; return at once if *word is no
	 * longer `value` (the compare and the falling asleep are one step against wake(), as a
	 * futex does it). Used only by waits for a submission with QI_OPT_INTERRUPT.
	 */
	void (*sleep)(void *ctx, const uint32_t *word, uint32_t value, uint64_t ns);
	void (*wake)(void *ctx, const uint32_t *word);

	/*
	 * Keep interrupts, and whatever else may take this CPU away, from the caller: while it
	 * looks at the fault register and repairs what it finds,
	 * from reserving slots until they are written, and while it rings the doorbell. These calls
	 * nest. lock() and unlock() come in between, so unlock() must leave interrupts off if
	 * lock() found them off. Needed where interrupt handlers submit, or else such a handler may
	 * have to wait for the thread that it has interrupted, until its submission times out.
	 */
	unsigned long (*irq_save)(void *ctx);
	void (*irq_restore)(void *ctx, unsigned long flags);

	/*
	 * Something worth a log line happened: the unit has reported an error (IQE, ITE, ICE), a
	 * flush helper was refused, or the queue is dead. Any context, interrupts on or off,
	 * lock not held; must not call the core. `e` dies on return.
	 */
	void (*report)(void *ctx, const struct qi_error *e);

	/*
	 * For tracing: a submission, a doorbell, an outcome or a fault. Any context, interrupts
	 * on or off, the lock may be held; must not call the core. `event` dies on return. Where it
	 * is NULL a submission pays nothing for it.
	 */
	void (*trace)(void *ctx, const struct qi_trace *event);

	/*
	 * The unit is a software model that has been told the same number of slots: allows rings
	 * of 4, 8 and 16 slots, which IQA.QS cannot express. Never true for real hardware, which
	 * would run past the end of such a ring.
	 */
	bool small_rings;
};

#ifdef __cplusplus
}
#endif

#endif
