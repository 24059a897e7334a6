/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * stress.h - many threads submit to one queue while its unit misbehaves. Every outcome is compared
 * with a record that is independent of the core.
 *
 * Each descriptor carries an id of 16 bits in a field of its type, if there is one, so that the
 * unit's observer knows its submitter. A thread reuses its ids in turn. The other bits are random,
 * so that a late execution is not taken for that of the id's next descriptor.
 *
 * stress.c         arguments, set-up, the watchdog, the report
 * stress_work.c    the submitting threads
 * stress_desc.c    random descriptors
 * stress_judge.c   what the unit has executed, and whether an outcome agrees with it
 * stress_chaos.c   the thread that injects faults and resets the queue
 * stress_explain.c which failures the faults explain
 * stress_plant.c   planted defects, which the judge has to find
 */
#ifndef STRESS_H
#define STRESS_H

#include <hosts/threads.h>
#include <pthread.h>
#include <qinval/qi.h>
#include <qinval/regs.h>
#include <tool/replay/oracle.h>

#define MAX_THREADS 32
#define IDS_PER_THREAD (0x10000 / MAX_THREADS)
#define MAX_SLOTS 256 /* so that a thread's ids suffice for all of its tickets */
#define MAX_COUNT 20
#define MAX_DESCS (MAX_SLOTS + MAX_COUNT)
#define HELD 5 /* outstanding tickets of a thread */
#define TOUCHES 2

/* ---- violations ---- */

enum violation {
	LOST,		  /* no outcome in time, or a time-out or death without explanation */
	STALE,		  /* success, but a translation that it covers is still cached */
	FALSE_COMPLETION, /* success, but the unit has not executed all of it */
	MISBLAMED,	  /* the wrong descriptor or device, or one that is not at fault */
	UNEXPECTED,	  /* any other result without explanation */
	VIOLATIONS
};

enum plant {
	PLANT_NONE,
	PLANT_LOST,
	PLANT_HANG,
	PLANT_STALE,
	PLANT_FALSE_COMPLETION,
	PLANT_MISBLAMED,
	PLANTS
};

/* ---- faults: the unit's, and those that the chaos thread adds ---- */

enum chaos_kind {
	CHAOS_REMOVED = VTD_FAULT_KINDS, /* device fault.sid is not present */
	CHAOS_RESET,			 /* of a living queue */
	CHAOS_DISABLE,
	CHAOS_SUSPEND,
	CHAOS_KINDS
};

struct injected {
	unsigned kind;
	struct vtd_fault fault;
	uint64_t opened_ns, closed_ns; /* atomic; closed_ns 0: not yet */
};

#define LOG 0x10000 /* a power of two; far more than can happen during a submission */

/* ---- one submission ---- */

struct submission {
	struct qi_desc *desc; /* `count` of them; room for MAX_DESCS */
	unsigned count, options;
	unsigned first; /* the id of the first descriptor; the others' follow */
	bool shared_id; /* all descriptors have the same id */
	int invalid;	/* the descriptor that the core has to refuse, or -1 */
	bool coarse;	/* the call gives no struct qi_error */
	struct qi_ticket t;
	struct oracle_touch touch[TOUCHES];

	/* As of the beginning: */
	uint64_t mark;	    /* of the log */
	uint64_t life_mark; /* of the log, when the queue was last turned on */
	uint32_t life;
	uint64_t since; /* the number of executions */
	uint64_t epoch; /* incremented with each fault that the core notes */
	uint64_t start_ns;
};

struct figures {			   /* atomic */
	uint64_t submissions, descriptors; /* calls, and descriptors that were to be executed */
	uint64_t succeeded, failed, abandoned;
};

struct stress;

struct worker {
	struct stress *s;
	pthread_t thread;
	unsigned number;
	uint64_t random;
	unsigned next_id;
	struct submission now;		/* of the blocking calls */
	struct submission ticket[HELD]; /* must not move while they are outstanding */
	struct submission *held[HELD];	/* outstanding ones come first */
	unsigned nheld;
	struct figures figures;

	/* Atomic, for the watchdog. */
	uint64_t call_deadline; /* when the present call must have returned; 0: no call */
	uint32_t finished;
};

/* ---- the whole run ---- */

/* A descriptor that is under way, by id. Atomic: the unit's thread reads it. */
struct record {
	uint64_t qw0, qw1;
	uint32_t any_qw1;  /* several descriptors share the id and qw0 */
	uint32_t executed; /* how often */
	uint64_t order;	   /* of the last time */
};

struct stress_config {
	unsigned threads, slots, width, budget, retries;
	uint64_t seed, submissions, seconds, timeout_ms, laps;
	unsigned peace; /* the most submissions between faults */
	bool calm;	/* no faults */
	enum plant plant;
};

#define DEVICES 8

struct stress {
	struct stress_config cfg;
	struct threads_host *host;
	struct qi q;
	struct qi_config qc;
	struct qi_stats stats;
	struct worker worker[MAX_THREADS];
	uint64_t started;  /* atomic: submissions */
	uint32_t stop;	   /* atomic */
	uint64_t bound_ns; /* the longest that a call may take, ... */
	uint64_t part_ns;  /* ... plus this for each part of the submission */

	/* Atomic; written by the unit's thread. */
	struct record record[MAX_THREADS * IDS_PER_THREAD];
	uint64_t order;			/* of the newest execution */
	uint64_t wait_order[MAX_SLOTS]; /* of the newest wait in each slot, ... */
	/* ... and which wait it was: the data, and its status word */
	uint64_t wait_names[MAX_SLOTS];
	uint64_t last_wait;

	uint32_t removed[DEVICES]; /* atomic */
	/* Atomic: a thread is to let a descriptor of its own be refused. */
	uint32_t wish;

	/* Faults in order. Entries below `opened` are complete; those below `closed` are over. */
	pthread_mutex_t log_lock; /* held by the thread that writes it */
	uint64_t opened, closed;  /* atomic */
	struct injected log[LOG];
	uint64_t injected[CHAOS_KINDS]; /* atomic */
	uint64_t resets, busy;		/* atomic */

	pthread_mutex_t life_lock;
	uint32_t life;	    /* atomic: even while the queue is on, or is believed to be */
	uint64_t life_mark; /* atomic: of the log, when it was last turned on */

	uint32_t violation; /* atomic: the first violation + 1 */
};

#define load(p) __atomic_load_n((p), __ATOMIC_ACQUIRE)
#define store(p, v) __atomic_store_n((p), (v), __ATOMIC_RELEASE)
#define add(p, n) __atomic_fetch_add((p), (n), __ATOMIC_RELAXED)

static inline unsigned roll(uint64_t *random, unsigned n)
{
	return random_next(random) % n;
}

static inline bool stopping(struct stress *s)
{
	return load(&s->stop);
}

uint64_t now_ns(void);

/* Note a violation and end the run, as its consequences would only confuse. */
void violated(struct stress *s, enum violation v, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* stress_desc.c */
bool is_dev_tlb(const struct qi_desc *d);
uint16_t dev_tlb_sid(const struct qi_desc *d);
uint16_t device_sid(unsigned device);
unsigned id_of(const uint64_t qw[2]);
struct qi_desc random_desc(uint64_t *random, unsigned id);

/* stress_work.c */
void *worker_thread(void *arg);

/* stress_judge.c */
void judge_executed(void *ctx, const struct vtd_event *ev);
void judge_begin(struct worker *w, struct submission *sub);
void judge_end(struct worker *w, struct submission *sub, int result);

/* stress_chaos.c */
void *chaos_thread(void *arg);
void chaos_refuse(struct stress *s, const struct qi_desc *d, uint64_t *random);
bool chaos_present(void *ctx, uint16_t sid);
void life_revive(struct stress *s, uint32_t life, bool dead);

/* stress_explain.c */
struct injected *log_at(struct stress *s, uint64_t i);
bool explained(struct stress *s, const struct submission *sub, const struct qi_error *e);
bool death_explained(struct stress *s, uint64_t life_mark, int code);

/* stress_plant.c */
enum plant plant_find(const char *name);
enum violation plant_expects(enum plant p);
void *plant_thread(void *arg);
void plant_fetched(void *ctx, struct threads_host *h, uint64_t addr, uint64_t *qw);
void plant_executed(void *ctx, const struct vtd_event *ev);

#endif
