/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * path.c - from the finding of an exploration to the run that shows it.
 *
 * For a violation: the way to the state in which the bad move starts. For doomed states: the
 * shortest way to one of them, then among doomed states to a set of states that no move leaves, and
 * there one turn of each actor that is stuck.
 */
#include "path.h"

#include <stdlib.h>
#include <string.h>

#define SPIN_MOVES 64 /* moves of an actor's turn that are shown */

struct path {
	state_id *state;
	unsigned n;
};

/* ---- the final set: the first component that Tarjan's algorithm completes has no way out ---- */

struct visit {
	state_id s;
	uint32_t edge; /* of store_next_edge() */
};

struct tarjan {
	uint32_t *index, *low; /* by state; 0: not visited */
	struct visit *call;
	state_id *stack;
	unsigned ncall, nstack;
	uint32_t next;
};

static bool tarjan_room(struct tarjan *t, size_t n)
{
	t->index = calloc(n, sizeof(*t->index));
	t->low = calloc(n, sizeof(*t->low));
	t->call = calloc(n, sizeof(*t->call));
	t->stack = calloc(n, sizeof(*t->stack));
	return t->index && t->low && t->call && t->stack;
}

static void tarjan_free(struct tarjan *t)
{
	free(t->index);
	free(t->low);
	free(t->call);
	free(t->stack);
}

static void visit(struct tarjan *t, state_id s)
{
	t->index[s] = t->low[s] = ++t->next;
	t->call[t->ncall++] = (struct visit){ .s = s };
	t->stack[t->nstack++] = s;
}

/* Mark in `member` the states of a set that no move leaves. */
static bool final_set(state_id from, uint8_t *member)
{
	size_t n = store_count() + 1UL;
	struct tarjan t = { .next = 0 };
	bool ok = tarjan_room(&t, n);
	state_id to;

	if (ok)
		visit(&t, from);
	while (ok) {
		struct visit *v = &t.call[t.ncall - 1];
		state_id s = v->s, parent;

		if (store_next_edge(s, &v->edge, &to)) {
			if (!t.index[to])
				visit(&t, to);
			else if (t.index[to] < t.low[s])
				t.low[s] = t.index[to];
			continue;
		}
		if (t.low[s] == t.index[s])
			break;
		parent = t.call[--t.ncall - 1].s;
		if (t.low[s] < t.low[parent])
			t.low[parent] = t.low[s];
	}
	while (ok && t.nstack) {
		to = t.stack[--t.nstack];
		member[to] = 1;
		if (t.ncall && to == t.call[t.ncall - 1].s)
			break;
	}
	tarjan_free(&t);
	return ok;
}

/* ---- shortest ways ---- */

static bool add_state(struct path *p, state_id s)
{
	if (p->n % 256 == 0) {
		state_id *more = realloc(p->state, (p->n + 256) * sizeof(*more));

		if (!more)
			return false;
		p->state = more;
	}
	p->state[p->n++] = s;
	return true;
}

static void turn_round(state_id *s, unsigned n)
{
	unsigned i;

	for (i = 0; i < n / 2; i++) {
		state_id t = s[i];

		s[i] = s[n - 1 - i];
		s[n - 1 - i] = t;
	}
}

static bool way_from_start(state_id last, struct path *p)
{
	for (; last; last = store_parent(last)) {
		if (!add_state(p, last))
			return false;
	}
	turn_round(p->state, p->n);
	return true;
}

/* The shortest way from `from` (not included) to a member. */
static bool way_to_member(state_id from, const uint8_t *member, struct path *p)
{
	size_t n = store_count() + 1UL;
	state_id *before = calloc(n, sizeof(*before)), *queue = calloc(n, sizeof(*queue)), to;
	unsigned head = 0, tail = 0, first = p->n;
	bool ok = before && queue;

	if (ok) {
		queue[tail++] = from;
		before[from] = from;
	}
	while (ok && !member[queue[head]]) {
		state_id s = queue[head++];
		uint32_t at = 0;

		while (store_next_edge(s, &at, &to)) {
			if (before[to])
				continue;
			before[to] = s;
			queue[tail++] = to;
		}
	}
	for (to = ok ? queue[head] : from; ok && to != from; to = before[to])
		ok = add_state(p, to);
	turn_round(p->state + first, p->n - first);
	free(before);
	free(queue);
	return ok;
}

/* ---- from states to moves ---- */

/* The moves that lead from one state to the next, made again as in the exploration. */
static bool moves_between(state_id from, state_id to, struct trail *way)
{
	const struct trail start = { 0 };
	struct footprint touched;
	struct chosen chosen;
	struct move *m;
	bool found = false;

	store_load(from);
	reduction_choose(0, LAB_THE_UNIT, &start, NULL, &chosen);
	reduction.stop_at = store_root(to);
	for (m = chosen.move; m < chosen.move + chosen.n && !found; m++) {
		do {
			store_load(from);
			*way = (struct trail){ .n = 0 };
			reduction_make(0, &chosen, m, way, &touched);
			found = store_is_loaded(to);
		} while (!found && m->kind == MOVE_UNIT && machine_next_choice(m));
	}
	reduction.stop_at = 0;
	return found;
}

static bool add_moves(struct script_run *run, const struct path *p, unsigned doomed)
{
	struct trail way;
	unsigned i, k;

	for (i = 0; i + 1 < p->n; i++) {
		if (!moves_between(p->state[i], p->state[i + 1], &way))
			return false;
		for (k = 0; k < way.n; k++) {
			if (!script_add(run, &way.move[k],
					i + 1 > doomed ? CHAPTER_DOOMED : CHAPTER_STORY))
				return false;
		}
	}
	return true;
}

/* Add a turn of each actor that can still move, until it is back where it was. */
static bool add_spins(struct script_run *run, state_id s)
{
	unsigned i, n;

	for (i = 0; i < machine.nactors; i++) {
		struct move m = { .kind = MOVE_RUN, .actor = (uint8_t)i };

		store_load(s);
		for (n = 0; n < SPIN_MOVES && machine_can_run(i); n++) {
			if (machine_make(&m) != MOVE_DONE)
				break;
			if (!script_add(run, &m, CHAPTER_SPIN))
				return false;
			if (store_state() == s)
				break;
		}
	}
	return true;
}

/* Note the operations of each step; the first `ready` steps have them already. */
static bool note_operations(struct script_run *run, unsigned ready)
{
	const struct script_run before = { .step = run->step, .n = ready };
	unsigned i;

	script_make(&before, NULL, &i);
	for (; i < run->n; i++)
		script_note(&run->step[i]);
	return true;
}

static bool follow(const struct explore_result *r, struct script_run *run, struct path *p)
{
	uint8_t *member = NULL;
	unsigned doomed, ready = run->n, i;
	bool ok = (ready || script_add_start(run)) && way_from_start(r->last, p);

	doomed = p->n - 1;
	if (ok && r->stuck) {
		member = calloc(store_count() + 1UL, 1);
		ok = member && final_set(r->last, member) && way_to_member(r->last, member, p);
	}
	free(member);
	ok = ok && add_moves(run, p, r->stuck ? doomed : p->n);
	if (ok && r->stuck)
		ok = add_spins(run, p->state[p->n - 1]);
	for (i = 0; ok && !r->stuck && i < r->ntail; i++)
		ok = script_add(run, &r->tail[i], CHAPTER_STORY);
	return ok && note_operations(run, ready);
}

static void know_already(const struct trail *way)
{
	(void)way;
}

static void look_back(void)
{
	reduction.failed = reduction.helped = false;
	reduction.violated = know_already;
	reduction.enough = NULL;
}

bool path_between(state_id from, state_id to, struct trail *way)
{
	look_back();
	return moves_between(from, to, way);
}

bool path_of_moves(const struct move *move, unsigned n, struct script_run *out)
{
	unsigned i;

	if (!script_add_start(out))
		return false;
	for (i = 0; i < n; i++) {
		if (!script_add(out, &move[i], CHAPTER_STORY))
			return false;
	}
	return note_operations(out, 0);
}

bool path_find(const struct explore_result *r, struct script_run *out)
{
	struct path p = { 0 };
	bool ok;

	look_back();
	ok = r->last ? follow(r, out, &p) : script_add_start(out) && note_operations(out, 0);
	free(p.state);
	return ok;
}
