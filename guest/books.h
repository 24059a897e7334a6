/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * books.h - the bookkeeping of a Linux guest's invalidation queues: `struct q_inval`, found through
 * the kernel's symbols, and read with the offsets from its BTF.
 */
#ifndef GUEST_BOOKS_H
#define GUEST_BOOKS_H

#include "qmp.h"
#include "input/symbols.h"

#include <stdint.h>

#define BOOKS_SLOTS 256 /* Linux's QI_LENGTH */

enum books_status { BOOKS_FREE, BOOKS_IN_USE, BOOKS_DONE, BOOKS_ABORT };

struct books {
	int free_head, free_tail, free_cnt;
	uint32_t status[BOOKS_SLOTS];
	uint64_t qw0[BOOKS_SLOTS];
	unsigned count[4]; /* number of slots by status */
	unsigned other;
	unsigned in_use_waits, done_waits; /* slots that hold a wait */
};

/*
 * Read those of the unit whose registers are at `base`. Stop the guest before. False: *why says why
 * they cannot be read.
 */
bool books_read(struct books *b, struct qmp *q, const struct symbols *symbols, uint64_t base,
		const void *btf, size_t btf_bytes, char *why, size_t size);

#endif
