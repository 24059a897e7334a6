/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "engine.h"

#include <string.h>

#include <lab/rivals/amd.h>
#include <lab/rivals/linux.h>
#include <lab/rivals/smmuv3.h>

static const char *start_core(void *q, struct qi_config *cfg)
{
	const char *why;

	if (qi_init_why(q, cfg, &why))
		return why;
	return qi_enable(q) ? "qi_enable() fails" : NULL;
}

static int submit_to_core(void *q, const struct qi_desc *desc, unsigned count, unsigned options)
{
	return qi_submit_sync(q, desc, count, options);
}

static const char *start_linux(void *q, struct qi_config *cfg)
{
	linux_start(q, cfg, LINUX_2024);
	return NULL;
}

static int submit_to_linux(void *q, const struct qi_desc *desc, unsigned count, unsigned options)
{
	return linux_submit_sync(q, desc, count, options);
}

static const char *start_smmuv3(void *q, struct qi_config *cfg)
{
	smmuv3_start(q, cfg);
	return NULL;
}

static int submit_to_smmuv3(void *q, const struct qi_desc *desc, unsigned count, unsigned options)
{
	return smmuv3_submit_sync(q, desc, count, options);
}

static const char *start_amd(void *q, struct qi_config *cfg)
{
	amd_start(q, cfg);
	return NULL;
}

static int submit_to_amd(void *q, const struct qi_desc *desc, unsigned count, unsigned options)
{
	return amd_submit_sync(q, desc, count, options);
}

const struct bench_engine bench_engines[] = {
	{ "ticketed", "qinval's own", sizeof(struct qi), start_core, submit_to_core },
	{ "smmuv3", "insertion by compare-and-swap, one rings for all", sizeof(struct smmuv3_queue),
	  start_smmuv3, submit_to_smmuv3 },
	{ "amd", "one lock, one word that counts completions", sizeof(struct amd_queue), start_amd,
	  submit_to_amd },
	{ BENCH_BASELINE, "one lock, the fault register read in each turn with it held",
	  sizeof(struct linux_queue), start_linux, submit_to_linux },
	{ 0 },
};

const struct bench_engine *bench_engine_find(const char *name)
{
	const struct bench_engine *e = bench_engines;

	while (e->name && strcmp(e->name, name))
		e++;
	return e->name ? e : NULL;
}
