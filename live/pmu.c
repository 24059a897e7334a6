/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "pmu.h"

#include "source.h"
#include "tracing.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define DEVICES "/sys/bus/event_source/devices"
#define CPUS 64 /* on which a PMU is read; a unit's has one in the kernel */
#define LOOKUP "_lookup"

struct values {
	uint64_t count, enabled, running;
};

struct counter {
	char unit[LIVE_UNIT], event[PMU_EVENT];
	int fd[CPUS];
	unsigned fds;
	struct values before;
};

struct pmu {
	struct counter counter[PMU_COUNTS];
	unsigned counters;
	int error; /* errno of the last counter that could not be opened */
};

/* ---- a PMU in sysfs ---- */

static char *read_file(const char *directory, const char *folder, const char *name)
{
	char path[PATH_MAX];

	if (snprintf(path, sizeof(path), "%s/%s%s", directory, folder, name) >= PATH_MAX)
		return NULL;
	return read_whole(path, NULL);
}

/* Put the bits of @value, the lowest first, into the places that a list like "0-7,32-35" names. */
static void spread(uint64_t *config, const char *places, uint64_t value)
{
	unsigned first, last;
	int n;

	while (sscanf(places, "%u%n", &first, &n) == 1) {
		places += n;
		last = first;
		if (sscanf(places, "-%u%n", &last, &n) == 1)
			places += n;
		for (; first <= last && first < 64; first++, value >>= 1)
			*config = (*config & ~(1ULL << first)) | (value & 1) << first;
		places += *places == ',';
	}
}

static bool place(const char *pmu, const char *term, uint64_t value, uint64_t config[3])
{
	char *format = read_file(pmu, "format/", term);
	unsigned n = 0;
	bool good;

	good = format && !strncmp(format, "config", 6);
	if (good && (format[6] == '1' || format[6] == '2'))
		n = format[6] - '0';
	good = good && format[6 + !!n] == ':';
	if (good)
		spread(&config[n], format + 7 + !!n, value);
	free(format);
	return good;
}

bool pmu_config(const char *pmu, const char *event, uint64_t config[3])
{
	char text[256], *term, *value, *rest = text;

	memset(config, 0, 3 * sizeof(*config));
	snprintf(text, sizeof(text), "%.*s", (int)strcspn(event, "\n"), event);
	while ((term = strsep(&rest, ","))) {
		value = strchr(term, '=');
		if (value)
			*value++ = '\0';
		if (!place(pmu, term, value ? strtoull(value, NULL, 0) : 1, config))
			return false;
	}
	return true;
}

/* Parse a list of CPUs like "0,4-5". */
static unsigned cpus_of(const char *pmu, unsigned cpu[CPUS])
{
	char *text = read_file(pmu, "", "cpumask"), *s = text;
	unsigned first, last, n = 0;
	int length;

	while (s && sscanf(s, "%u%n", &first, &length) == 1) {
		s += length;
		last = first;
		if (sscanf(s, "-%u%n", &last, &length) == 1)
			s += length;
		for (; first <= last && n < CPUS; first++)
			cpu[n++] = first;
		s += *s == ',';
	}
	free(text);
	return n;
}

/* ---- opening ---- */

static int open_event(unsigned type, const uint64_t config[3], unsigned cpu, int group)
{
	struct perf_event_attr attr = {
		.type = type,
		.size = sizeof(attr),
		.config = config[0],
		.config1 = config[1],
		.config2 = config[2],
		.read_format = PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING,
	};

	return syscall(SYS_perf_event_open, &attr, -1, cpu, group, PERF_FLAG_FD_CLOEXEC);
}

/*
 * If @event counts the hits of a cache, as "iotlb_hit" does, the counter of that cache's lookups.
 */
static struct counter *lookups_of(struct pmu *p, const char *unit, const char *event)
{
	const char *hit = strstr(event, "_hit");
	size_t n = hit ? hit - event : 0;

	for (unsigned i = 0; hit && i < p->counters; i++)
		if (!strcmp(p->counter[i].unit, unit) && !strncmp(p->counter[i].event, event, n) &&
		    !strcmp(p->counter[i].event + n, LOOKUP))
			return &p->counter[i];
	return NULL;
}

static void add_event(struct pmu *p, const char *pmu, const char *unit, const char *event)
{
	char *type = read_file(pmu, "", "type"), *text = read_file(pmu, "events/", event);
	struct counter *c = &p->counter[p->counters], *leader;
	unsigned cpu[CPUS], cpus = cpus_of(pmu, cpu);
	uint64_t config[3];
	int fd;

	if (!type || !text || p->counters == PMU_COUNTS || strlen(event) >= PMU_EVENT ||
	    !pmu_config(pmu, text, config)) {
		free(type);
		free(text);
		return;
	}
	*c = (struct counter){ 0 };
	strcpy(c->unit, unit);
	strcpy(c->event, event);
	/* A share of hits means something only if both are counted at the same time. */
	leader = lookups_of(p, unit, event);
	for (unsigned i = 0; i < cpus; i++) {
		fd = open_event(strtoul(type, NULL, 10), config, cpu[i],
				leader && i < leader->fds ? leader->fd[i] : -1);
		if (fd < 0 && leader)
			fd = open_event(strtoul(type, NULL, 10), config, cpu[i], -1);
		if (fd >= 0)
			c->fd[c->fds++] = fd;
		else
			p->error = errno;
	}
	p->counters += c->fds != 0;
	free(type);
	free(text);
}

static int is_name(const struct dirent *e)
{
	return e->d_name[0] != '.';
}

/* "dmar12" */
static int is_unit(const struct dirent *e)
{
	size_t n = strlen(e->d_name);

	return !strncmp(e->d_name, "dmar", 4) && isdigit((unsigned char)e->d_name[4]) &&
	       n < LIVE_UNIT;
}

/* Lookups come first, because the counters of hits are put into groups with them. */
static int lookups_first(const struct dirent **a, const struct dirent **b)
{
	bool x = strstr((*a)->d_name, LOOKUP), y = strstr((*b)->d_name, LOOKUP);

	return x != y ? y - x : strcmp((*a)->d_name, (*b)->d_name);
}

static int by_event(const void *a, const void *b)
{
	const struct counter *x = a, *y = b;

	return strcmp(x->event, y->event);
}

static void add_unit(struct pmu *p, const char *directory, const char *unit)
{
	char path[PATH_MAX], events[PATH_MAX + 8];
	unsigned first = p->counters;
	struct dirent **name;
	int n;

	if (snprintf(path, sizeof(path), "%s/%s", directory, unit) >= PATH_MAX)
		return;
	snprintf(events, sizeof(events), "%s/events", path);
	n = scandir(events, &name, is_name, lookups_first);
	for (int i = 0; i < n; i++) {
		add_event(p, path, unit, name[i]->d_name);
		free(name[i]);
	}
	if (n >= 0)
		free(name);
	qsort(&p->counter[first], p->counters - first, sizeof(p->counter[0]), by_event);
}

/* Each event takes a file descriptor. A process may raise its own limit up to the hard limit. */
static void allow_more_files(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

struct pmu *pmu_open(const char *directory, char *error)
{
	struct dirent **name = NULL;
	struct pmu *p;
	int n;

	*error = '\0';
	directory = directory ? directory : DEVICES;
	n = scandir(directory, &name, is_unit, versionsort);
	p = n > 0 ? calloc(1, sizeof(*p)) : NULL;
	if (p)
		allow_more_files();
	for (int i = 0; i < n; i++) {
		if (p)
			add_unit(p, directory, name[i]->d_name);
		free(name[i]);
	}
	free(name);
	if (p && p->error)
		snprintf(error, SOURCE_ERROR, "the units' own counters cannot be had%s: %s",
			 p->counters ? " completely" : "", strerror(p->error));
	if (p && !p->counters) {
		free(p);
		return NULL;
	}
	pmu_read(p, NULL);
	return p;
}

void pmu_close(struct pmu *p)
{
	for (unsigned i = 0; p && i < p->counters; i++)
		for (unsigned j = 0; j < p->counter[i].fds; j++)
			close(p->counter[i].fd[j]);
	free(p);
}

/* ---- reading ---- */

static struct values values_of(const struct counter *c)
{
	struct values sum = { 0 }, v;

	for (unsigned i = 0; i < c->fds; i++) {
		if (read(c->fd[i], &v, sizeof(v)) != sizeof(v))
			continue;
		sum.count += v.count;
		sum.enabled += v.enabled;
		sum.running += v.running;
	}
	return sum;
}

/* If the count was not scaled, it is returned unchanged, because it is exact. */
static uint64_t scaled(const struct values *d)
{
	if (d->running == d->enabled || !d->running)
		return d->count;
	return (double)d->count * d->enabled / d->running + 0.5;
}

unsigned pmu_read(struct pmu *p, struct pmu_count *to)
{
	unsigned n = p ? p->counters : 0;

	for (unsigned i = 0; i < n; i++) {
		struct counter *c = &p->counter[i];
		struct values now = values_of(c),
			      d = { now.count - c->before.count, now.enabled - c->before.enabled,
				    now.running - c->before.running };

		c->before = now;
		if (!to)
			continue;
		memcpy(to[i].unit, c->unit, sizeof(c->unit));
		memcpy(to[i].event, c->event, sizeof(c->event));
		to[i].share = d.enabled ? (double)d.running / d.enabled : 0;
		to[i].count = scaled(&d);
	}
	return n;
}
