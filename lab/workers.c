/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "workers.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/param.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crash.h"
#include "edges.h"
#include "expand.h"
#include "memo.h"

#define MOST 64		  /* processes */
#define BATCH EDGES_BLOCK /* states that a process takes at once */
#define LEARN 500	  /* states after which a restart is allowed */
#define KEYS (1U << 16)	  /* keys that scouts may add before the round has to end */

static struct shared {
	pthread_barrier_t barrier;
	pthread_mutex_t lock;
	state_id first, next, end; /* of the round; next: the next whole batch begins here */
	uint64_t reserve;	   /* new states that all processes may find in one batch each */
	bool over;
	struct common common;
} * shared;

struct common *common;
state_id workers_worth_help = 4096;

static unsigned processes = 1; /* including this one */
static pid_t helpers[MOST];
static bool (*enough)(void);
static uint64_t transitions; /* of this process, not yet added to the sum */

/* ---- one state ---- */

static state_id expanding;

void workers_violated(state_id s, const struct trail *way)
{
	pthread_mutex_lock(&shared->lock);
	common->violations++;
	worst_note(&common->worst, s, way);
	pthread_mutex_unlock(&shared->lock);
}

static void violated(const struct trail *way)
{
	workers_violated(expanding, way);
}

/* Successors of a state that have been looked up; more of them may be in the queue. */
static struct {
	state_id of; /* STATE_NONE: no state yet */
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

/* Take the oldest successor from the queue. */
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

/* False: no more room, or no use in going on. */
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
	return store_crowded(shared->reserve) || memo_crowded(KEYS);
}

static void expand_batches(void)
{
	state_id s, end;

	while (!common->full && !common->unseen && !common->wrong && !common->failed &&
	       !common->enough && !is_crowded()) {
		s = __atomic_fetch_add(&shared->next, BATCH, __ATOMIC_RELAXED);
		if (s >= shared->end)
			break;
		end = s + BATCH < shared->end ? s + BATCH : shared->end;
		for (s = s < shared->first ? shared->first : s; s < end; s++) {
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
	/* path_find() may have changed it. */
	reduction.violated = violated;
	reduction.enough = enough;
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
	signal(SIGINT, SIG_IGN); /* a terminal sends SIGINT to all; the first process decides */
	crash_expect();
	for (;;) {
		pthread_barrier_wait(&shared->barrier);
		if (shared->over)
			_exit(0);
		work();
		add_transitions();
		pthread_barrier_wait(&shared->barrier);
	}
}

bool workers_make_room(uint64_t states)
{
	uint64_t room = shared->reserve + states;

	/* Also make room for what scouts find meanwhile. */
	return store_grow(room) && memo_grow(memo_keys() / 8 + 4 * KEYS);
}

state_id workers_round(state_id from, state_id end)
{
	bool helped = processes > 1 && end - from >= workers_worth_help;

	shared->first = from;
	shared->next = from / BATCH * BATCH;
	shared->end = end;
	reduction.helped = helped;
	if (helped)
		pthread_barrier_wait(&shared->barrier);
	work();
	add_transitions();
	if (helped)
		pthread_barrier_wait(&shared->barrier);
	return shared->next < from ? from : shared->next < end ? shared->next : end;
}

/* ---- the processes ---- */

bool workers_open(unsigned n, bool (*ask)(void))
{
	pthread_barrierattr_t barrier;
	pthread_mutexattr_t mutex;

	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	if (shared == MAP_FAILED)
		return false;
	common = &shared->common;
	processes = MIN(n, MOST);
	enough = ask;
	shared->reserve = processes * BATCH * EDGES_MOST;
	pthread_barrierattr_init(&barrier);
	pthread_barrierattr_setpshared(&barrier, PTHREAD_PROCESS_SHARED);
	pthread_mutexattr_init(&mutex);
	pthread_mutexattr_setpshared(&mutex, PTHREAD_PROCESS_SHARED);
	return !pthread_barrier_init(&shared->barrier, &barrier, processes) &&
	       !pthread_mutex_init(&shared->lock, &mutex);
}

bool workers_reset(void)
{
	bool far = common->far;

	memset(common, 0, sizeof(*common));
	common->far = far; /* reported once */
	return store_reset() && reduction_reset() && workers_make_room(0);
}

/* A helper has died: the others would wait for ever. They die with this process. */
static void helper_died(int signal)
{
	static const char what[] = "\nqinval explore: one of its processes has died\n";

	(void)signal;
	if (shared->over)
		return;
	if (write(STDERR_FILENO, what, sizeof(what) - 1) < 0)
		_exit(1);
	_exit(1);
}

bool workers_hire(void)
{
	unsigned i;

	signal(SIGCHLD, helper_died);
	for (i = 1; i < processes; i++) {
		helpers[i] = fork();
		if (!helpers[i])
			help();
		if (helpers[i] < 0)
			return false;
	}
	return true;
}

void workers_dismiss(void)
{
	if (processes < 2)
		return;
	shared->over = true;
	pthread_barrier_wait(&shared->barrier);
	while (processes > 1)
		waitpid(helpers[--processes], NULL, 0);
}
