/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * timed.h - runs a driver's code in virtual time, on any number of CPUs.
 *
 * It is the same instrumented code as in an exploration. Each access costs its CPU time, which
 * depends on where the cache line is, and the CPU with the earliest clock always goes on. The unit
 * has a clock of its own. Configuration and seed determine everything.
 */
#ifndef TIMED_H
#define TIMED_H

#include <lab/load.h>

/* ---- Costs ---- */

enum timed_param {
	/* A CPU and its own cache. */
	TIMED_HIT,
	TIMED_ATOMIC,
	TIMED_PAUSE,
	TIMED_CLOCK,
	/* A hypervisor that gives the processor to others. */
	TIMED_STEAL,
	TIMED_STEAL_EVERY,
	/* lines that are elsewhere */
	TIMED_SHARED,
	TIMED_REMOTE,
	TIMED_FAR,
	TIMED_PACKAGE,
	TIMED_MEMORY,
	TIMED_SERVE,
	TIMED_JITTER,
	/* registers */
	TIMED_READ,
	TIMED_WRITE,
	TIMED_EXIT,
	TIMED_DOORBELL,
	/* the unit */
	TIMED_LATENCY,
	TIMED_FETCH,
	TIMED_PREFETCH,
	TIMED_EXECUTE,
	TIMED_PARALLEL,
	TIMED_WAIT,
	TIMED_STATUS,
	TIMED_PARAMS
};

enum timed_preset { TIMED_SERVER, TIMED_VIRTUAL, TIMED_SLOW_DEVICE, TIMED_PRESETS };

struct timed_param_info {
	const char *name;
	const char *unit; /* "ns", "%", or "" for a whole number from 1 on */
	double value[TIMED_PRESETS];
	const char *meaning;
};

struct timed_preset_info {
	const char *name, *summary;
};

extern const struct timed_param_info timed_params[TIMED_PARAMS];
extern const struct timed_preset_info timed_presets[TIMED_PRESETS];

struct timed_costs {
	double value[TIMED_PARAMS];
};

/* False: no such preset. */
bool timed_preset(struct timed_costs *c, const char *name);

/* "name=value". Returns NULL, or what is wrong with it. */
const char *timed_set(struct timed_costs *c, const char *assignment);

/* The unit's limit in submissions a second, if each has @count descriptors and a wait. */
double timed_limit(const struct timed_costs *c, unsigned count);

/* ---- A run ---- */

#define TIMED_CPUS 1024

struct timed_config {
	struct timed_costs costs;
	const char *engine;
	unsigned cpus, slots, width;
	unsigned count;	      /* descriptors per submission: up to TIMED_MOST */
	double think;	      /* average ns between two submissions of a CPU */
	uint64_t submissions; /* average per CPU */
	uint64_t seed;
	bool every_turn; /* simulate all turns of wait loops, for tests that compare */
};

/*
 * All times are in nanoseconds. Measuring begins when a tenth of the submissions is over, and ends
 * when the requested number is.
 */
#define TIMED_HOT 8

/* Something that CPUs wait for: a cache line, or a lock (from taking it to releasing it). */
struct timed_hot {
	char name[64];	  /* of the word in it that causes most transfers: "q.tail" */
	double use;	  /* 0 .. 1: the part of the time that it is under way, or held */
	double transfers; /* per submission; of a lock: how often it is taken */
	double stall;	  /* ns per submission that CPUs wait for it */
};

struct timed_result {
	char problem[256];    /* an error of the driver; the figures below then mean little */
	uint64_t submissions; /* all of them, each checked */
	uint64_t measured;    /* those that were measured */
	double time;	      /* the time that these took */
	double throughput;    /* submissions a second */
	double utilisation;   /* of the unit's busiest part, 0 .. 1 */
	double mean, p50, p90, p99, p999, max; /* latency */
	double doorbells, register_reads;      /* per submission */
	double lines; /* lines of the driver's memory moved to a CPU, per submission */
	/* The fewest submissions of a CPU divided by the most of a CPU, measured. */
	double fairness;
	/* The most used ones first; those without name are unused. */
	struct timed_hot hot[TIMED_HOT];
	uint64_t steps;		/* simulated accesses ... */
	uint64_t skipped_turns; /* ... and turns of wait loops that were not simulated */
	double seconds;		/* real time */
};

/* Call it once in a process. Returns NULL, or why it could not start. */
const char *timed_run(const struct loaded *object, const struct timed_config *cfg,
		      struct timed_result *r);

#endif
