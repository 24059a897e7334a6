/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* qemu.h - traces of QEMU's intel-iommu: events vtd_inv_*. */
#ifndef DECODE_QEMU_H
#define DECODE_QEMU_H

#include "decode.h"

struct qemu_trace {
	struct block *block; /* descriptors that were executed, a limited number */
	uint64_t line;	     /* of the latest one */
	uint64_t tails;	     /* writes of IQT */
	long head;	     /* slot + 1, 0: unknown */
};

void qemu_trace_line(struct decode *d, struct qemu_trace *t, const struct line *l);
void qemu_trace_end(struct decode *d, struct qemu_trace *t);

/* "hi=0, lo=45", "hi: 0x0 lo: 0x45", "high 0x0 low 0x45": the first is qw1, the second qw0. */
void qemu_words(struct row *r, const struct line *l, const char *s);

#endif
