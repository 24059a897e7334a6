/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* engine.h - the drivers that are measured, behind one interface. */
#ifndef BENCH_ENGINE_H
#define BENCH_ENGINE_H

#include <qinval/qi.h>

struct bench_engine {
	const char *name;
	const char *summary;
	size_t size; /* of its queue, which is all zeros at the start of a cache line */

	/* Turn it on; may complete @cfg, whose memory is all zeros too. NULL, or why not. */
	const char *(*start)(void *q, struct qi_config *cfg);

	/* 0 or -QI_ERR_*. At most slots - 2 descriptors. */
	int (*submit)(void *q, const struct qi_desc *desc, unsigned count, unsigned options);
};

extern const struct bench_engine bench_engines[]; /* ends with one without name */

/* The engine to whose speed the others are compared. */
#define BENCH_BASELINE "linux-2024"

/* NULL: no such. */
const struct bench_engine *bench_engine_find(const char *name);

#endif
