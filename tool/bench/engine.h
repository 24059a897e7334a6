/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* engine.h - the common interface of the drivers that are measured. */
#ifndef BENCH_ENGINE_H
#define BENCH_ENGINE_H

#include <qinval/qi.h>

struct bench_engine {
	const char *name;
	const char *summary;
	size_t size; /* of its queue structure, which is zeroed and aligned to a cache line */

	/*
	 * Turn the queue on; may complete @cfg, whose memory is zeroed, too. Returns NULL, or why
	 * it failed.
	 */
	const char *(*start)(void *q, struct qi_config *cfg);

	/* Returns 0 or -QI_ERR_*. At most slots - 2 descriptors. */
	int (*submit)(void *q, const struct qi_desc *desc, unsigned count, unsigned options);
};

extern const struct bench_engine bench_engines[]; /* ends with an entry without name */

/* The engine with which the others are compared. */
#define BENCH_BASELINE "linux-2024"

/* NULL: there is none of this name. */
const struct bench_engine *bench_engine_find(const char *name);

#endif
