/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * explore.c - all states, breadth first.
 *
 * The states of one depth are expanded in rounds, by this process and others that were forked from
 * it, so that memory lies at the same addresses in each. They share the store. What a state leads
 * to is found by loading it and making each of its moves.
 */
#include "explore.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "crash.h"
#include "edges.h"
#include "expand.h"
#include "learn.h"
#include "memo.h"
#include "script.h"
#include "setup.h"

#define ROUND 32768	  /* states expanded between two looks at the limits */
#define WORTH_HELP 4096	  /* a round of fewer is quicker done alone */
#define BATCH EDGES_BLOCK /* states that a process takes at once */
#define SUCCESSORS 24	  /* more of them per state, on average over a round, nobody has */
#define LEARN 500	  /* states that are looked at in any case before a new start */
#define DEEP 2000	  /* moves from the first state that no scenario needs that ends soon */
#define FAR 20000	  /* moves of a scout: no scenario of ours needs a twentieth of that */
#define FIRST_LOOK 50000  /* states after which doomed ones are looked for the first time */
#define KEYS (1U << 16)	  /* that scouts may keep before the round has to end */

/* Shared by the processes. */
struct common {
	pthread_barrier_t barrier;
	pthread_mutex_t lock;
	state_id first, next, end; /* of the round; next: a whole batch begins there */
	uint64_t reserve;	   /* new states that all processes may find in a batch each */
	bool over, full;
	state_id void_at; /* a word proved to be shared when there were so many states; 0: none */
	uint64_t transitions, violations;
	uintptr_t unseen;
	unsigned unseen_by;
	bool wrong, failed; /* of struct reduction */
	bool enough;	    /* time is up, or somebody has interrupted */
	double deadline;    /* 0: none */
	bool far;	    /* a scout has gone FAR */
	uint64_t scouted;   /* moves */
	uint64_t reduced, in_vain;
	struct {
		state_id state;
		unsigned n;
		struct move tail[EXPLORE_TAIL];
		char what[256];
	} worst; /* the violation that comes first */
};

static struct common *common;
static uint64_t transitions; /* of this process, not yet added to the sum */
static const struct script_run
	*way_there; /* to the first state; NULL: there is nothing to be done */

/* ---- one state ---- */

/* The move that `way` ends with breaks a check. It begins with this state. */
static state_id expanding;

static void violated(const struct trail *way)
{
	struct move tail[EXPLORE_TAIL];
	unsigned n = reduction_way(way, tail, EXPLORE_TAIL);
	state_id s = expanding;

	pthread_mutex_lock(&common->lock);
	common->violations++;
	if (!common->worst.state || s < common->worst.state ||
	    (s == common->worst.state && n < common->worst.n)) {
		common->worst.state = s;
		common->worst.n = n;
		memcpy(common->worst.tail, tail, sizeof(tail));
		memcpy(common->worst.what, machine.violation, sizeof(machine.violation));
	}
	pthread_mutex_unlock(&common->lock);
}

/* Successors that have been looked up, of a state that may have more in the queue. */
static struct {
	state_id of; /* STATE_NONE: of none yet */
	state_id to[EDGES_MOST];
	unsigned n;
} successors;

static bool expanded(void)
{
	state_id s = successors.of;

	if (!s)
		return true;
	if (!store_set_edges(s, successors.to, successors.n))
		return false;
	*store_mark(s) |= STATE_EXPANDED;
	successors.of = STATE_NONE;
	return true;
}

/* Take the oldest from the queue. */
static bool add_successor(void)
{
	state_id s, to = store_next(&s);

	transitions++;
	if (successors.of != s) {
		if (!expanded())
			return false;
		successors.of = s;
		successors.n = 0;
	}
	if (!to || successors.n == EDGES_MOST) {
		common->full = true;
		return false;
	}
	if (to != s)
		successors.to[successors.n++] = to;
	return true;
}

static bool add_all_successors(void)
{
	while (store_queued()) {
		if (!add_successor())
			return false;
	}
	return expanded();
}

static bool queue_successor(state_id s)
{
	if (store_queued() == STORE_QUEUE && !add_successor())
		return false;
	if (!store_queue(s)) {
		common->full = true;
		return false;
	}
	return true;
}

static void unseen(uintptr_t at, unsigned by)
{
	common->unseen = at;
	common->unseen_by = by;
}

static void promoted(void)
{
	if (!common->void_at)
		common->void_at = store_count() > LEARN ? store_count() : LEARN;
}

static const struct expander expander = { queue_successor, violated, promoted, unseen };

/* False: there is no more room, or no sense in going on. */
static bool expand_next(state_id s)
{
	bool go_on;

	expanding = s;
	go_on = expand(s, &expander);
	common->wrong |= reduction.wrong;
	common->failed |= reduction.failed;
	return go_on;
}

/* ---- a round ---- */

static bool is_crowded(void)
{
	return store_crowded(common->reserve) || memo_crowded(KEYS);
}

/* For so many new states in a round, and what scouts find out meanwhile. */
static bool grow(uint64_t states)
{
	return store_grow(states) && memo_grow(memo_keys() / 8 + 4 * KEYS);
}

static void expand_batches(void)
{
	state_id s, end;

	while (!common->full && !common->unseen && !common->wrong && !common->failed &&
	       !common->enough && !is_crowded()) {
		s = __atomic_fetch_add(&common->next, BATCH, __ATOMIC_RELAXED);
		if (s >= common->end)
			break;
		end = s + BATCH < common->end ? s + BATCH : common->end;
		for (s = s < common->first ? common->first : s; s < end; s++) {
			if (store_exists(s) && !expand_next(s))
				return;
		}
	}
	add_all_successors();
}

static void work(void)
{
	store_catch_up();
	successors.of = STATE_NONE;
	reduction.failed = reduction.wrong = false;
	expand_batches();
	if (!store_end_round())
		common->full = true;
}

static void add_transitions(void)
{
	__atomic_fetch_add(&common->transitions, transitions, __ATOMIC_RELAXED);
	__atomic_fetch_add(&common->scouted, reduction.moves, __ATOMIC_RELAXED);
	__atomic_fetch_add(&common->reduced, reduction.reduced, __ATOMIC_RELAXED);
	__atomic_fetch_add(&common->in_vain, reduction.in_vain, __ATOMIC_RELAXED);
	transitions = reduction.moves = reduction.reduced = reduction.in_vain = 0;
}

static void help(void)
{
	reduction.helped = true;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGCHLD, SIG_DFL);
	signal(SIGINT, SIG_IGN); /* a terminal sends it to all; the first process decides */
	crash_expect();
	for (;;) {
		pthread_barrier_wait(&common->barrier);
		if (common->over)
			_exit(0);
		work();
		add_transitions();
		pthread_barrier_wait(&common->barrier);
	}
}

/* Returns how far it got: the store may have become crowded. */
static state_id do_round(state_id from, state_id end, unsigned workers)
{
	bool helped = workers > 1 && end - from >= WORTH_HELP;

	common->first = from;
	common->next = from / BATCH * BATCH;
	common->end = end;
	reduction.helped = helped;
	if (helped)
		pthread_barrier_wait(&common->barrier);
	work();
	add_transitions();
	if (helped)
		pthread_barrier_wait(&common->barrier);
	return common->next < from ? from : common->next < end ? common->next : end;
}

/* ---- the exploration ---- */

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

struct progress {
	double start, shown;
	unsigned restarts;
	bool on_screen;
};

static void show_progress(struct progress *p, state_id done, unsigned depth)
{
	double now = seconds();
	char again[32] = "";

	if (now < p->shown + 1)
		return;
	p->shown = now;
	p->on_screen = true;
	if (p->restarts)
		snprintf(again, sizeof(again), "start %u: ", p->restarts + 1);
	fprintf(stderr, "\rexplore: %s%u states, %.0f/s, frontier %u, depth %u, %llu MiB\033[K",
		again, store_count(), store_count() / (now - p->start), store_count() - done, depth,
		(unsigned long long)store_bytes() >> 20);
}

static void note_depth(const struct progress *p, unsigned depth)
{
	if (depth == DEEP)
		fprintf(stderr,
			"%sqinval explore: states are now %u moves from the first: does "
			"somebody count the turns of a loop? Each is a state of its own\n",
			p->on_screen ? "\r\033[K" : "", depth);
}

static uint64_t bytes(void)
{
	return store_bytes() + (reduction.off ? 0 : memo_bytes());
}

static const struct explore_limits *limits;

/* One process of all says so. */
static void note_far_scout(void)
{
	if (reduction.deepest < FAR || __atomic_exchange_n(&common->far, true, __ATOMIC_RELAXED))
		return;
	fprintf(stderr,
		"%sqinval explore: one actor has made %u moves while others stood still: does it "
		"count the turns of a loop? Each is a state of its own\n",
		limits->progress ? "\r\033[K" : "", reduction.deepest);
}

/* A scout may have much to do between two rounds. */
static bool is_enough(void)
{
	note_far_scout();
	if (explore_is_interrupted(limits) ||
	    (common->deadline > 0 && seconds() >= common->deadline))
		common->enough = true;
	return common->enough;
}

static const char *limit_hit(const struct explore_limits *l, double start)
{
	if (bytes() >= l->max_bytes)
		return "memory";
	if (common->full)
		return l->disk ? "disk space" : "memory";
	if (l->max_states && store_count() >= l->max_states)
		return "states";
	if (l->seconds > 0 && seconds() >= start + l->seconds)
		return "time";
	if (explore_is_interrupted(l))
		return "interrupt";
	return NULL;
}

/*
 * What has been explored is void. Before the new start, some more of it shows what else is shared:
 * so all new starts together cost no more than the last one.
 */
static bool learnt_enough(void)
{
	return common->void_at && store_count() / 2 >= common->void_at;
}

/* Breadth first from state 1, until it is done, or cannot go on. */
static void run(const struct explore_limits *l, double start, struct explore_result *r)
{
	struct progress progress = { seconds(), seconds(), r->restarts, false };
	state_id from = 1, level_end = 2, end, look = FIRST_LOOK;

	for (r->depth = 0; from < level_end && !learnt_enough(); r->depth++) {
		note_depth(&progress, r->depth);
		if (!store_begin_level())
			common->full = true;
		for (; from < level_end && !learnt_enough() && !common->unseen; from = end) {
			end = level_end - from > ROUND ? from + ROUND : level_end;
			r->bound = limit_hit(l, start);
			if (!r->bound && !grow(common->reserve + end - from))
				common->full = true;
			if (r->bound || common->full)
				break;
			end = do_round(from, end, l->workers);
			if (l->progress)
				show_progress(&progress, end, r->depth);
		}
		if (r->bound || common->full || common->violations || common->unseen ||
		    common->wrong)
			break;
		if (from >= look && !common->void_at && doom_mark(&r->last))
			break;
		if (from >= look)
			look = from * 2;
		level_end = store_count() + 1;
	}
	if (!r->bound && common->full)
		r->bound = l->disk ? "disk space" : "memory";
	if (common->wrong)
		r->bound = "reduction";
	r->frontier = store_count() + 1 - from;
	r->last_seconds = seconds() - progress.start;
	r->seconds = seconds() - start;
	if (progress.on_screen)
		fprintf(stderr, "\r\033[K");
}

static bool prepare_common(unsigned workers)
{
	pthread_barrierattr_t barrier;
	pthread_mutexattr_t mutex;

	common = mmap(NULL, sizeof(*common), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	if (common == MAP_FAILED)
		return false;
	pthread_barrierattr_init(&barrier);
	pthread_barrierattr_setpshared(&barrier, PTHREAD_PROCESS_SHARED);
	pthread_mutexattr_init(&mutex);
	pthread_mutexattr_setpshared(&mutex, PTHREAD_PROCESS_SHARED);
	return !pthread_barrier_init(&common->barrier, &barrier, workers) &&
	       !pthread_mutex_init(&common->lock, &mutex);
}

static enum outcome go_to_first_state(void)
{
	enum outcome outcome;
	unsigned steps;

	if (way_there) {
		outcome = script_make(way_there, NULL, &steps);
		lab_memory.learning = false;
		return outcome;
	}
	/* It is left on by the script of a counterexample found before. */
	lab_memory.learning = false;
	setup_again();
	return machine_start();
}

/* The first state. A violation here needs no schedule at all. */
static enum outcome first_state(void)
{
	enum outcome outcome;

	do {
		outcome = go_to_first_state();
	} while (outcome == MOVE_PROMOTED);
	memset(&common->worst, 0, sizeof(common->worst));
	common->transitions = common->violations = 0;
	common->full = common->wrong = common->failed = false;
	common->scouted = common->reduced = common->in_vain = 0;
	common->void_at = 0;
	if (!store_reset() || !reduction_reset() || !grow(common->reserve))
		common->full = true;
	expanding = 1;
	if (outcome == MOVE_VIOLATION)
		violated(&(const struct trail){ .n = 0 });
	else if (!store_begin_level() || !store_state())
		common->full = true;
	return outcome;
}

static void judge(struct explore_result *r)
{
	r->states = store_states();
	r->transitions = common->transitions;
	r->violations = common->violations;
	r->bytes = bytes();
	r->on_disk = store_bytes_on_disk();
	r->scouts = memo_keys();
	r->scout_moves = common->scouted;
	r->reduced = common->reduced;
	r->in_vain = common->in_vain;
	r->unseen = common->unseen;
	r->unseen_by = common->unseen_by;
	r->far = r->depth >= DEEP || common->far;
	r->verdict = r->bound ? INCONCLUSIVE : HOLDS;
	if (common->void_at) {
		/* A limit was hit before the new start. */
		r->violations = 0;
		return;
	}
	r->doomed = doom_mark(&r->last);
	r->stuck = r->doomed && !r->violations;
	if (r->violations) {
		r->last = common->worst.state;
		r->tail = common->worst.tail;
		r->ntail = common->worst.n;
		memcpy(r->what, common->worst.what, sizeof(r->what));
	}
	if (r->violations || r->doomed)
		r->verdict = VIOLATED;
}

/* Without it the others would wait for ever. They die with this process. */
static void helper_died(int signal)
{
	static const char what[] = "\nqinval explore: one of its processes has died\n";

	(void)signal;
	if (common->over)
		return;
	if (write(STDERR_FILENO, what, sizeof(what) - 1) < 0)
		_exit(1);
	_exit(1);
}

static bool hire(unsigned workers, pid_t *helpers)
{
	unsigned i;

	signal(SIGCHLD, helper_died);

	for (i = 1; i < workers; i++) {
		helpers[i] = fork();
		if (!helpers[i])
			help();
		if (helpers[i] < 0)
			return false;
	}
	return true;
}

static void dismiss(unsigned workers, const pid_t *helpers)
{
	unsigned i;

	if (workers < 2)
		return;
	common->over = true;
	pthread_barrier_wait(&common->barrier);
	for (i = 1; i < workers; i++)
		waitpid(helpers[i], NULL, 0);
}

static bool open_all(unsigned workers)
{
	if (!prepare_common(workers) || !store_open() || !reduction_open())
		return false;
	common->reserve = workers * BATCH * EDGES_MOST;
	crash_expect();
	return true;
}

static void run_until_valid(const struct explore_limits *l, struct explore_result *r)
{
	double start = seconds();

	limits = l;
	/* path_find() may have been here, which knows of a violation and looks for no other. */
	reduction.violated = violated;
	reduction.enough = is_enough;
	common->enough = false;
	common->deadline = l->seconds > 0 ? start + l->seconds : 0;
	*r = (struct explore_result){ 0 };
	while (first_state() == MOVE_DONE) {
		*r = (struct explore_result){ .restarts = r->restarts };
		run(l, start, r);
		if (!common->void_at || r->bound || common->unseen)
			break;
		r->restarts++;
	}
}

bool explore(const struct explore_limits *l, struct explore_result *r)
{
	pid_t helpers[64];
	unsigned workers = l->workers < 64 ? l->workers : 64;

	if (!open_all(workers))
		return false;
	setup_again();
	learn_shared_words();
	reduction.off = l->no_reduction || lab_memory.every;
	limits = l;
	fflush(NULL);
	if (!hire(workers, helpers))
		return false;
	run_until_valid(l, r);
	dismiss(workers, helpers);
	judge(r);
	return true;
}

bool explore_from(const struct script_run *w, const struct explore_limits *l,
		  struct explore_result *r)
{
	if (!common && !open_all(1))
		return false;
	common->unseen = 0;
	reduction.off = l->no_reduction || lab_memory.every;
	reduction.helped = false;
	way_there = w;
	run_until_valid(l, r);
	judge(r);
	return true;
}
