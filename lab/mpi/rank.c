/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "rank.h"

#include <lab/content.h>
#include <lab/crash.h>
#include <lab/expand.h>
#include <lab/learn.h>
#include <lab/memo.h>
#include <lab/path.h>
#include <lab/setup.h>
#include <lab/space.h>
#include <lab/table.h>
#include <lab/worst.h>
#include <mpi.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "arrivals.h"
#include "dictionary.h"
#include "doom.h"
#include "incoming.h"
#include "learnt.h"
#include "levels.h"
#include "way.h"

#define LEARN 500	 /* states after which a restart is allowed */
#define FIRST_LOOK 50000 /* states before the first search for doomed ones */
#define KEYS (1U << 16)	 /* keys that scouts may add */
#define OFTEN 32	 /* states between two polls */
#define DEEP 2000	 /* as in explore.c */

static const struct rank_limits *limits;
static double began, shown;
static unsigned restarts;

/* This rank's counts since the last restart. */
static uint64_t transitions, violations;
static bool full, promoted, enough;
static const char *const bounds[] = { "memory", "time", "states", "interrupt" };
enum bound { MEMORY, TIME, STATES, INTERRUPT, BOUNDS };
static bool hit[BOUNDS];
static uintptr_t unseen_at;
static unsigned unseen_by;

static struct worst worst; /* of this rank's violations in this level */
static state_id expanding;

/* Sums over all ranks. */
enum sum {
	SUM_STATES,
	SUM_TRANSITIONS,
	SUM_VIOLATIONS,
	SUM_LEVEL, /* states of the next level */
	SUM_FRONTIER,
	SUM_BYTES,
	SUM_ON_DISK,
	SUM_SCOUTS,
	SUM_SCOUTED,
	SUM_REDUCED,
	SUM_IN_VAIN,
	/* The number of ranks for which this is true. */
	SUM_FULL,
	SUM_LOST,
	SUM_MISSED,
	SUM_PROMOTED,
	SUM_WRONG,
	SUM_UNSEEN,
	SUM_NEWS,
	SUM_FAR,
	SUM_HIT,
	SUMS = SUM_HIT + BOUNDS
};
static uint64_t sum[SUMS];

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static uint64_t bytes(void)
{
	return store_bytes() + (reduction.off ? 0 : memo_bytes()) + dictionary_bytes() +
	       (limits->all.disk ? 0 : incoming_bytes());
}

static uint64_t on_disk(void)
{
	return store_bytes_on_disk() + (limits->all.disk ? incoming_bytes() : 0);
}

/* ---- progress of all ranks ---- */

#define COUNTS 5
static uint64_t (*counts)[COUNTS];

static void sum_counts(struct rank_told *t)
{
	unsigned i;

	*t = (struct rank_told){ .depth = levels.n - 1, .restarts = restarts };
	for (i = 0; i < peers.n; i++) {
		t->states += counts[i][0];
		t->transitions += counts[i][1];
		t->frontier += counts[i][2];
		t->bytes += counts[i][3];
		t->on_disk += counts[i][4];
	}
}

static void take_count(const struct batch *b)
{
	memcpy(counts[b->from], b->item, sizeof(*counts));
}

static void tell_count(void)
{
	uint64_t mine[COUNTS] = { store_states(), transitions, store_states() - expanding, bytes(),
				  on_disk() };
	struct rank_told told;
	uint32_t words[2 * COUNTS];

	memcpy(words, mine, sizeof(mine));
	if (peers.rank) {
		peers_put(0, PEERS_COUNT, words, 2 * COUNTS);
		peers_flush(0, PEERS_COUNT);
		return;
	}
	memcpy(counts[0], mine, sizeof(mine));
	sum_counts(&told);
	limits->progress(&told);
	if (limits->all.max_states && told.states >= limits->all.max_states)
		hit[STATES] = true;
}

/* ---- limits ---- */

static void take_stop(const struct batch *b)
{
	(void)b;
	enough = true;
}

static void stop_all(void)
{
	const uint32_t nothing = 0;
	unsigned i;

	if (enough)
		return;
	enough = true;
	for (i = 0; i < peers.n; i++) {
		if (i == peers.rank)
			continue;
		peers_put(i, PEERS_STOP, &nothing, 1);
		peers_flush(i, PEERS_STOP);
	}
}

static void look_at_limits(void)
{
	const struct explore_limits *l = &limits->all;
	double now = seconds();
	unsigned i;

	if (now >= shown + 1) {
		shown = now;
		tell_count();
		hit[MEMORY] |= bytes() >= l->max_bytes;
	}
	hit[TIME] |= l->seconds > 0 && now >= began + l->seconds;
	hit[INTERRUPT] |= explore_is_interrupted(l);
	for (i = 0; i < BOUNDS; i++) {
		if (hit[i])
			stop_all();
	}
	if (full || arrivals.lost)
		stop_all();
}

/* Called by scouts: poll, as other ranks may wait until their messages are received. */
static bool is_enough(void)
{
	static unsigned turns;

	if (++turns % OFTEN == 0) {
		peers_poll();
		look_at_limits();
	}
	return enough;
}

/* ---- expansion of a state ---- */

static bool found(state_id from)
{
	uint64_t root = content_root();

	transitions++;
	if (!root) {
		full = true;
		return false;
	}
	full |= !arrivals_send(from, root);
	return !full && !arrivals.lost;
}

static void violated(const struct trail *way)
{
	violations++;
	worst_note(&worst, expanding, way);
}

static void note_promotion(void)
{
	promoted = true;
}

static void unseen(uintptr_t at, unsigned by)
{
	unseen_at = at;
	unseen_by = by;
}

static const struct expander expander = { found, violated, note_promotion, unseen };

static bool expand_one(state_id s)
{
	expanding = s;
	if (!arrivals_make_room() ||
	    (memo_crowded(KEYS) && !memo_grow(memo_keys() / 8 + 4 * KEYS))) {
		full = true;
		return false;
	}
	if (!expand(s, &expander))
		return false;
	*store_mark(s) |= STATE_EXPANDED;
	return true;
}

/* ---- a level ---- */

static void expand_level(void)
{
	state_id s = levels.n > 1 ? levels.first[levels.n - 2] : 1,
		 end = levels.first[levels.n - 1];

	for (; s < end && !enough && !full && !arrivals.lost && !unseen_at; s++) {
		if (s % OFTEN == 0) {
			peers_poll();
			look_at_limits();
		}
		if (store_exists(s) && !expand_one(s))
			break;
	}
	if (s < end)
		stop_all();
	expanding = s - 1;
}

static void sum_up(void)
{
	const struct explore_limits *l = &limits->all;
	unsigned i;

	store_end_round();
	sum[SUM_STATES] = store_states();
	sum[SUM_TRANSITIONS] = transitions;
	sum[SUM_VIOLATIONS] = violations;
	sum[SUM_LEVEL] = store_count() + 1 - levels.first[levels.n - 1];
	sum[SUM_FRONTIER] = store_count() - expanding;
	sum[SUM_BYTES] = bytes();
	sum[SUM_ON_DISK] = on_disk();
	sum[SUM_SCOUTS] = reduction.off ? 0 : memo_keys();
	sum[SUM_SCOUTED] = reduction.moves;
	sum[SUM_REDUCED] = reduction.reduced;
	sum[SUM_IN_VAIN] = reduction.in_vain;
	sum[SUM_FULL] = full || peers.failed;
	sum[SUM_LOST] = arrivals.lost;
	sum[SUM_MISSED] = peers.missed;
	sum[SUM_PROMOTED] = promoted;
	sum[SUM_WRONG] = reduction.wrong;
	sum[SUM_UNSEEN] = unseen_at != 0;
	sum[SUM_NEWS] = learnt_something();
	sum[SUM_FAR] = reduction.deepest >= DEEP * 10;
	for (i = 0; i < BOUNDS; i++)
		sum[SUM_HIT + i] = hit[i];
	peers_sum(sum, SUMS);
	if (l->max_states && sum[SUM_STATES] >= l->max_states)
		sum[SUM_HIT + STATES] = 1;
}

static const char *bound(void)
{
	unsigned i;

	if (sum[SUM_MISSED])
		return "lost messages";
	if (sum[SUM_WRONG] && !sum[SUM_PROMOTED])
		return "reduction";
	if (sum[SUM_FULL] || sum[SUM_LOST])
		return limits->all.disk ? "disk space" : "memory";
	for (i = 0; i < BOUNDS; i++) {
		if (sum[SUM_HIT + i])
			return bounds[i];
	}
	return NULL;
}

/* ---- the first state ---- */

static enum outcome first_state(void)
{
	enum outcome outcome;

	do {
		setup_again();
		outcome = machine_start();
	} while (outcome == MOVE_PROMOTED);
	return outcome;
}

static bool forget(void)
{
	transitions = violations = 0;
	full = promoted = enough = false;
	memset(hit, 0, sizeof(hit));
	worst.state = STATE_NONE;
	expanding = 0;
	levels.n = 0;
	arrivals_reset();
	reduction.moves = reduction.reduced = reduction.in_vain = 0;
	peers.failed = false;
	return store_reset() && incoming_reset() && dictionary_reset() && reduction_reset() &&
	       arrivals_make_room() && memo_grow(4 * KEYS);
}

uint64_t rank_first_hash(void)
{
	uint64_t root;

	if (!forget() || first_state() != MOVE_DONE)
		return 1;
	root = content_root();
	return root ? dictionary_hash(root) : 0;
}

/* Returns true if a rank has a first state to expand. */
static bool begin(void)
{
	enum outcome outcome = first_state();
	uint64_t root = 0;

	full = !forget();
	if (outcome == MOVE_VIOLATION)
		violated(&(const struct trail){ .n = 0 });
	else
		root = content_root();
	full |= !root && outcome == MOVE_DONE;
	if (root && dictionary_owner(root) == peers.rank)
		full |= !store_number(root);
	memset(sum, 0, sizeof(sum));
	sum[SUM_FULL] = full;
	sum[SUM_VIOLATIONS] = violations;
	peers_sum(sum, SUMS);
	/* Each rank has found the same violation. */
	sum[SUM_VIOLATIONS] /= peers.n;
	return !sum[SUM_FULL] && !sum[SUM_VIOLATIONS];
}

/* The doomed states, if they were searched. */
struct doom {
	uint64_t n;
	unsigned rank, level; /* of the first one */
	state_id first;
};

static void look_for_doom(struct doom *d)
{
	struct {
		int level, rank;
	} mine = { .rank = (int)peers.rank }, first;
	uint64_t all[] = { doom_of_all(levels.n, &d->first), peers.failed, peers.missed };

	mine.level = d->first ? (int)levels_of(d->first) : INT32_MAX;
	peers_sum(all, 3);
	sum[SUM_FULL] |= all[1];
	sum[SUM_MISSED] |= all[2];
	/* A state that was not told that it is safe is not doomed. */
	d->n = all[1] || all[2] ? 0 : all[0];
	MPI_Allreduce(&mine, &first, 1, MPI_2INT, MPI_MINLOC, MPI_COMM_WORLD);
	d->level = (unsigned)first.level;
	d->rank = (unsigned)first.rank;
	MPI_Bcast(&d->first, 1, MPI_UINT32_T, first.rank, MPI_COMM_WORLD);
}

/*
 * Some more levels are explored after a word proved to be shared, to learn of others: see
 * explore.c.
 */
static bool is_learnt_enough(uint64_t void_at)
{
	return void_at &&
	       (!sum[SUM_LEVEL] || sum[SUM_VIOLATIONS] || sum[SUM_STATES] / 2 >= void_at);
}

/*
 * Explore until all is explored, a limit is reached or a restart is necessary. True: restart, as
 * words proved to be shared.
 */
static bool explore_levels(struct doom *doom)
{
	uint64_t look = FIRST_LOOK, void_at = 0, expanded;

	do {
		store_end_round();
		/* Without a level of its own, no edge can be kept. */
		if (!levels_begin() || !incoming_begin_level(store_count()))
			arrivals.lost = true;
		expand_level();
		peers_finish(0);
		arrivals_look_up();
		sum_up();
		if (sum[SUM_NEWS] && learnt_together())
			sum[SUM_PROMOTED]++;
		if (sum[SUM_PROMOTED] && !void_at)
			void_at = sum[SUM_STATES] > LEARN ? sum[SUM_STATES] : LEARN;
		if (bound() || sum[SUM_UNSEEN] || is_learnt_enough(void_at))
			return void_at;
		expanded = sum[SUM_STATES] - sum[SUM_LEVEL];
		if (void_at || sum[SUM_VIOLATIONS] || expanded < look)
			continue;
		look_for_doom(doom);
		look = expanded * 2;
	} while (sum[SUM_LEVEL] && !sum[SUM_VIOLATIONS] && !doom->n);
	return void_at;
}

/* ---- the result ---- */

/* The rank whose violation needs the fewest moves. */
static unsigned rank_of_worst(void)
{
	struct {
		int moves, rank;
	} mine = { worst.state ? (int)worst.n : INT32_MAX, (int)peers.rank }, first;

	MPI_Allreduce(&mine, &first, 1, MPI_2INT, MPI_MINLOC, MPI_COMM_WORLD);
	MPI_Bcast(&worst, (int)sizeof(worst), MPI_BYTE, first.rank, MPI_COMM_WORLD);
	return (unsigned)first.rank;
}

static bool add_tail(struct move **move, unsigned *n)
{
	struct move *more = realloc(*move, (*n + worst.n + 1UL) * sizeof(*more));

	if (!more)
		return false;
	*move = more;
	memcpy(more + *n, worst.tail, worst.n * sizeof(*more));
	*n += worst.n;
	return true;
}

static bool tell_run(struct rank_result *r, const struct doom *doom)
{
	struct move *move = NULL;
	unsigned n = 0, rank;
	bool ok;

	if (r->all.violations) {
		rank = rank_of_worst();
		memcpy(r->all.what, worst.what, sizeof(r->all.what));
		ok = !levels.n || way_to(rank, worst.state, levels_last(), &move, &n);
		ok = ok && add_tail(&move, &n);
	} else {
		ok = way_to(doom->rank, doom->first, doom->level, &move, &n);
	}
	if (ok && !peers.rank)
		ok = path_of_moves(move, n, &r->run);
	free(move);
	return ok;
}

static void judge(struct rank_result *r, struct doom *doom, bool is_void)
{
	struct explore_result *all = &r->all;

	is_void |= sum[SUM_UNSEEN] != 0;
	if (!is_void && !doom->n && levels.n && !sum[SUM_LOST] && !sum[SUM_MISSED])
		look_for_doom(doom);
	all->bound = bound();
	all->states = sum[SUM_STATES];
	all->transitions = sum[SUM_TRANSITIONS];
	all->bytes = sum[SUM_BYTES];
	all->on_disk = sum[SUM_ON_DISK];
	all->frontier = sum[SUM_FRONTIER];
	all->scouts = sum[SUM_SCOUTS];
	all->scout_moves = sum[SUM_SCOUTED];
	all->reduced = sum[SUM_REDUCED];
	all->in_vain = sum[SUM_IN_VAIN];
	all->verdict = all->bound ? INCONCLUSIVE : HOLDS;
	/* explore() counts the levels before the last one, too. */
	all->depth = levels_last() +
		     (levels.n && !sum[SUM_LEVEL] && !all->bound && !sum[SUM_VIOLATIONS]);
	all->far = all->depth >= DEEP || sum[SUM_FAR];
	if (is_void || sum[SUM_MISSED])
		return;
	all->violations = sum[SUM_VIOLATIONS];
	all->doomed = doom->n;
	all->stuck = doom->n && !all->violations;
	if (all->violations || all->doomed)
		all->verdict = VIOLATED;
}

/* Report the change that the first of the ranks concerned has seen. */
static void tell_unseen(struct explore_result *r)
{
	struct {
		int none, rank;
	} mine = { !unseen_at, (int)peers.rank }, first;
	uint64_t what[2] = { unseen_at, unseen_by };

	if (!sum[SUM_UNSEEN])
		return;
	MPI_Allreduce(&mine, &first, 1, MPI_2INT, MPI_MINLOC, MPI_COMM_WORLD);
	MPI_Bcast(what, 2, MPI_UINT64_T, first.rank, MPI_COMM_WORLD);
	r->unseen = what[0];
	r->unseen_by = (unsigned)what[1];
}

static void add_up(struct rank_result *r)
{
	uint64_t sent[2] = { peers.messages, peers.bytes };

	r->busy = peers_cpu_seconds() - peers.waited;
	MPI_Allreduce(MPI_IN_PLACE, &r->busy, 1, MPI_DOUBLE, MPI_MAX, MPI_COMM_WORLD);
	peers_sum(sent, 2);
	MPI_Allreduce(MPI_IN_PLACE, lab_memory.wide, 1, MPI_UINT64_T, MPI_MAX, MPI_COMM_WORLD);
	r->messages = sent[0];
	r->bytes = sent[1];
	r->waits = peers.waits;
	r->ranks = peers.n;
}

bool rank_open(void)
{
	peers.take[PEERS_STATES] = arrivals_take;
	peers.take[PEERS_SAFE] = doom_take;
	peers.take[PEERS_STOP] = take_stop;
	peers.take[PEERS_COUNT] = take_count;
	counts = calloc(peers.n, sizeof(*counts));
	reduction.violated = violated;
	reduction.enough = is_enough;
	crash_expect();
	return counts && store_open() && reduction_open() && dictionary_open(peers.n) &&
	       incoming_open(peers.n) && learnt_open();
}

bool rank_explore(const struct rank_limits *l, struct rank_result *r)
{
	struct doom doom = { 0 };
	bool is_void;
	double start;

	limits = l;
	began = shown = seconds();
	reduction.off = l->all.no_reduction;
	setup_again();
	learn_shared_words();
	do {
		*r = (struct rank_result){ 0 };
		r->all.restarts = restarts;
		start = seconds();
		is_void = begin() && explore_levels(&doom);
		r->all.bound = bound();
		restarts++;
	} while (is_void && !r->all.bound && !sum[SUM_UNSEEN]);
	r->all.seconds = seconds() - began;
	r->all.last_seconds = seconds() - start;
	judge(r, &doom, is_void);
	tell_unseen(&r->all);
	if (r->all.verdict == VIOLATED && !tell_run(r, &doom))
		return false;
	add_up(r);
	return true;
}
