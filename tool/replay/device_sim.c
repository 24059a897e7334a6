/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* device_sim.c - the software unit, in a thread of its own. */
#include "device.h"

#include <stdio.h>
#include <string.h>

const struct device_ops *device_find(const char *name)
{
	static const struct device_ops *const all[] = { &device_sim, &device_qemu };

	for (unsigned i = 0; i < sizeof(all) / sizeof(*all); i++)
		if (!strcmp(name, all[i]->name))
			return all[i];
	return NULL;
}

static void sim_describe(char *buf, size_t size, const struct device_config *cfg)
{
	snprintf(buf, size, "software unit \"%s\"", vtd_profile_name(cfg->profile));
}

static bool sim_capabilities(const struct device_config *cfg, uint64_t *cap, uint64_t *ecap,
			     char *error, size_t size)
{
	(void)error;
	(void)size;
	vtd_profile_caps(cfg->profile, cap, ecap);
	return true;
}

static void *sim_start(const struct device_config *cfg, char *error, size_t size)
{
	struct threads_config host = {
		.profile = cfg->profile,
		.slots = cfg->slots,
		.width = cfg->width,
		.seed = cfg->seed,
		.q = cfg->q,
		.fetched = cfg->fetched,
		.ctx = cfg->ctx,
	};
	struct threads_host *h = threads_start(&host);

	if (!h)
		snprintf(error, size, "out of memory or threads");
	return h;
}

static void sim_configure(void *dev, struct qi_config *qc)
{
	threads_configure(dev, qc);
}

static void sim_before(void *dev, unsigned worker, const struct qi_desc *d, uint64_t *random,
		       struct look *l)
{
	(void)worker;
	l->touch = oracle_touch(dev, d, random);
	l->executed = true;
	l->translations = l->touch.touched;
}

static uint64_t sim_since(void *dev)
{
	return threads_counts(dev).executed;
}

static unsigned sim_after(void *dev, struct look *l, unsigned slot, const struct qi_desc *d)
{
	return (threads_executed(dev, slot, d, l->since) ? 0 : LOOK_FALSE_COMPLETION) |
	       (oracle_stale(dev, &l->touch) ? LOOK_STALE : 0);
}

static struct device_counts sim_counts(void *dev)
{
	struct threads_counts c = threads_counts(dev);

	return (struct device_counts){ c.reads, c.doorbells, c.executed, c.interrupts };
}

static void sim_stop(void *dev)
{
	threads_stop(dev);
}

const struct device_ops device_sim = {
	.name = "sim",
	.describe = sim_describe,
	.capabilities = sim_capabilities,
	.start = sim_start,
	.configure = sim_configure,
	.before = sim_before,
	.since = sim_since,
	.after = sim_after,
	.counts = sim_counts,
	.stop = sim_stop,
};
