/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "unit.h"

#include "submit.h"

#include <stdio.h>

#define ERROR_SIZE 600

/* The number of faults that will be armed in this unit. */
static size_t sites_of(const struct drive *d, unsigned unit)
{
	size_t n = 0;

	for (size_t i = 0; i < d->t->count; i++)
		n += d->cfg->site[i] && d->t->event[i].unit == unit;
	return n * d->cfg->repeat;
}

bool unit_start(struct drive *d, struct unit *u, unsigned number, char *error, size_t size)
{
	const struct drive_config *cfg = d->cfg;
	const struct device_config device = {
		.profile = cfg->profile,
		.slots = cfg->slots,
		.width = cfg->width,
		.seed = cfg->seed + number,
		.q = &u->q,
		.trace = d->t,
		.unit = number,
		.threads = cfg->threads,
		.fetched = cfg->timeline ? submit_taken : cfg->fetched,
		.ctx = cfg->timeline ? u : cfg->ctx,
	};
	struct qi_config qc = {
		.stats = &u->stats,
		.timeout_ns = cfg->timeout_ns,
		.ats_timeout_ns = cfg->timeout_ns,
		.poll_budget = cfg->poll_budget,
	};
	char why_not[ERROR_SIZE];
	const char *why;
	int err;

	u->d = d;
	u->number = number;
	pthread_mutex_init(&u->life, NULL);
	u->device = cfg->device->start(&device, why_not, sizeof(why_not));
	if (!u->device) {
		snprintf(error, size, "cannot start unit %s: %s", d->t->unit[number], why_not);
		return false;
	}
	u->started = true;
	if (cfg->site) {
		u->injecting =
			injector_init(&u->injector, u->device, cfg->profile, sites_of(d, number));
		if (!u->injecting) {
			snprintf(error, size, "out of memory");
			return false;
		}
	}
	cfg->device->configure(u->device, &qc);
	if (qi_init_why(&u->q, &qc, &why)) {
		snprintf(error, size, "no queue of %u slots of %u bits: %s", cfg->slots, cfg->width,
			 why);
		return false;
	}
	err = qi_enable(&u->q);
	if (err) {
		snprintf(error, size, "the queue of unit %s does not start: %s", d->t->unit[number],
			 qi_strerror(err));
		return false;
	}
	u->enabled = true;
	if (cfg->device->prepare && !cfg->device->prepare(u->device, error, size))
		return false;
	u->before = cfg->device->counts(u->device);
	return true;
}

void unit_stop(struct drive *d, struct unit *u, struct drive_result *r)
{
	struct device_counts c = d->cfg->device->counts(u->device);
	struct qi_error e = { 0 };

	r->doorbells += c.doorbells - u->before.doorbells;
	r->mmio_reads += c.reads - u->before.reads;
	r->executed += c.executed - u->before.executed;
	r->interrupts += c.interrupts - u->before.interrupts;
	r->retries += __atomic_load_n(&u->stats.retries, __ATOMIC_RELAXED);
	r->iqe += __atomic_load_n(&u->stats.iqe, __ATOMIC_RELAXED);
	r->ite += __atomic_load_n(&u->stats.ite, __ATOMIC_RELAXED);
	r->ice += __atomic_load_n(&u->stats.ice, __ATOMIC_RELAXED);
	if (r->stuck)
		return;
	e.code = u->enabled ? qi_disable(&u->q) : 0;
	/* A queue that has failed before need not shut down without errors. */
	if (e.code && !r->lost) {
		r->errors++;
		submit_problem(&d->worker[0], PROBLEM_ERROR, 0, &e);
	}
	d->cfg->device->stop(u->device);
	if (u->injecting)
		injector_free(&u->injector);
}
