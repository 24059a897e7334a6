/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * timed.h - a driver's code in virtual time, on any number of CPUs.
 *
 * The same observed code as in an exploration, but each access costs its CPU time, by where the
 * cache line is, and it is always the CPU with the earliest clock that goes on. The unit works by a
 * clock of its own. Everything follows from the configuration and its seed.
 */
#ifndef TIMED_H
#define TIMED_H

#include <lab/load.h>

/* ---- What things cost ---- */

enum timed_param {
	/* the CPU and its own cache */
	TIMED_HIT,
	TIMED_ATOMIC,
	TIMED_PAUSE,
	TIMED_CLOCK,
	/* a hypervisor that has other work for the processor */
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
	const char *unit; /* "ns", "%", or "" for a number of something: a whole one, from 1 on */
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

/* "name=value". NULL, or what is wrong with it. */
const char *timed_set(struct timed_costs *c, const char *assignment);

/* Submissions a second that the unit can do if each has @count descriptors and a wait. */
double timed_limit(const struct timed_costs *c, unsigned count);

/* ---- A run ---- */

#define TIMED_CPUS 1024

struct timed_config {
	struct timed_costs costs;
	const char *engine;
	unsigned cpus, slots, width;
	unsigned count;	      /* descriptors of a submission: up to TIMED_MOST */
	double think;	      /* ns between two submissions of a CPU, on average */
	uint64_t submissions; /* of each CPU, on average */
	uint64_t seed;
	bool every_turn; /* make all turns of wait loops: for tests, which compare */
};

/*
 * All times in nanoseconds. What is measured begins when a tenth of the submissions is over, and
 * ends when as many are over as were asked for.
 */
#define TIMED_HOT 8

/* What CPUs wait for: a cache line, or a lock from taking it to dropping it. */
struct timed_hot {
	char name[64];	  /* of its word that moves it most: "q.tail" */
	double use;	  /* 0 .. 1: that it is under way to somebody, or held */
	double transfers; /* a submission; of a lock: times taken */
	double stall;	  /* ns a submission that CPUs wait for it */
};

struct timed_result {
	char problem[256];    /* what must not happen and did: then the rest counts for little */
	uint64_t submissions; /* in all, each checked */
	uint64_t measured;    /* of these */
	double time;	      /* that these took */
	double throughput;    /* submissions a second */
	double utilisation;   /* of the unit's busiest part, 0 .. 1 */
	double mean, p50, p90, p99, p999, max; /* latency */
	double doorbells, register_reads;      /* a submission */
	double lines;	 /* of the driver's memory, moved to a CPU: a submission */
	double fairness; /* fewest submissions of a CPU by most of a CPU, measured */
	struct timed_hot hot[TIMED_HOT]; /* the most used ones first; no name: no more */
	uint64_t steps;			 /* accesses that were simulated ... */
	uint64_t skipped_turns;		 /* ... and turns of wait loops that were not */
	double seconds;			 /* of real time */
};

/* Once in a process. NULL, or why it could not start. */
const char *timed_run(const struct loaded *object, const struct timed_config *cfg,
		      struct timed_result *r);

#endif
