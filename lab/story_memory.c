/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* story_memory.c - the events of reads, writes and exchanges. */
#include <stdlib.h>
#include <string.h>

#include "setup.h"
#include "story_ring.h"
#include "story_say.h"
#include "story_tell.h"

/* ---- for each word: the last value that each reader saw, and the last writer ---- */

struct word {
	uint64_t addr;
	bool reg;
	bool seen[LAB_ACTORS];
	uint64_t value[LAB_ACTORS];
	char *writer;
	unsigned by; /* the last writer */
};

static struct word *words;
static unsigned nwords;

static struct word *word_at(uint64_t addr, bool reg)
{
	unsigned i;

	for (i = 0; i < nwords; i++) {
		if (words[i].addr == addr && words[i].reg == reg)
			return &words[i];
	}
	words = tell_grown(words, nwords, sizeof(*words));
	words[nwords] = (struct word){ .addr = addr, .reg = reg };
	return &words[nwords++];
}

/* ---- writes ---- */

/* The event about a slot, if it is the latest event. */
static struct {
	unsigned lane, nevents, chapter;
	struct ring_place place;
	const char *how;
} slot_told;

static bool is_told(unsigned lane, const struct ring_place *p, const char *how)
{
	return slot_told.nevents == telling.story->nevents && slot_told.lane == lane &&
	       slot_told.place.unit == p->unit && slot_told.place.slot == p->slot &&
	       slot_told.chapter == telling.step->chapter && !strcmp(slot_told.how, how);
}

/*
 * The writes of a descriptor's words make one event, named after its first word, if no other event
 * comes between them.
 */
static void tell_slot(unsigned lane, const struct ring_place *p, uint64_t value, uint64_t pc,
		      const char *change, const char *how)
{
	char text[STORY_TEXT], name[STORY_TEXT];
	bool first = !p->word && lab_ring_say(p, value, text);

	if (is_told(lane, p, how) && !first)
		return;
	if (is_told(lane, p, how)) {
		free(telling.story->event[--telling.story->nevents].what);
		free(telling.story->event[telling.story->nevents].where);
	}
	lab_ring_name(p->unit, p->slot, name);
	if (first)
		tell(lane, pc, "%s%s", text, how);
	else
		tell(lane, pc, "%s.qw%u %s%s", name, p->word, change, how);
	slot_told.lane = lane;
	slot_told.nevents = telling.story->nevents;
	slot_told.chapter = telling.step->chapter;
	slot_told.place = *p;
	slot_told.how = how;
}

static void note_writer(unsigned lane, uint64_t addr, uint64_t pc, const char *change)
{
	struct symbol_place place = symbol_place(pc);
	struct word *w = word_at(addr, false);
	char text[4 * STORY_TEXT]; /* place, change (two values), and the words in between */
	char where[STORY_TEXT];

	say_place(&place, where);
	snprintf(text, sizeof(text), "%s%s%s: %s", story_lane(lane), where[0] ? " at " : "", where,
		 change);
	free(w->writer);
	w->writer = strdup(text);
	w->by = lane;
}

void tell_write(unsigned lane, uint64_t addr, uint64_t before, uint64_t value, uint64_t pc,
		const char *how)
{
	char name[STORY_TEXT], from[STORY_TEXT], to[STORY_TEXT], change[2 * STORY_TEXT + 8];
	struct ring_place place;
	bool named = story_address(addr, name);

	if (before == value || memory_stack_of(addr) == (int)lane)
		return;
	say_value(addr, before, from);
	say_value(addr, value, to);
	snprintf(change, sizeof(change), "%s -> %s", from, to);
	note_writer(lane, addr, pc, change);
	if (lab_ring_find(addr, &place))
		tell_slot(lane, &place, value, pc, change, how);
	else if (named || lane >= machine.nactors)
		tell(lane, pc, "%s %s%s", name, change, how);
}

/* Plain stores that are about to be made, so that their values are not known yet. */
#define PLAIN 2048 /* words of one operation */

static struct {
	unsigned n, actor, size;
	uint64_t addr, before[PLAIN], pc;
	bool buffered;
} plain;

static unsigned piece(unsigned size, unsigned i)
{
	return size - 8 * i < 8 ? size - 8 * i : 8;
}

static void expect_plain(const struct observation *o, uint64_t addr)
{
	unsigned i;

	plain.n = (o->size + 7) / 8 < PLAIN ? (o->size + 7) / 8 : PLAIN;
	plain.actor = o->actor;
	plain.size = o->size;
	plain.addr = addr;
	plain.pc = o->op->pc;
	plain.buffered = o->buffered;
	for (i = 0; i < plain.n; i++)
		plain.before[i] = machine_load(addr + 8ULL * i, piece(o->size, i));
}

static uint64_t value_now(unsigned actor, uint64_t addr, unsigned size)
{
	const struct buffer *b = machine_buffer(actor);
	unsigned i;

	for (i = b->n; i--;) {
		const struct store *s = &b->store[i];

		if (s->kind == OP_STORE && s->addr == addr && s->size == size)
			return s->value;
	}
	return machine_load(addr, size);
}

void tell_plain(void)
{
	unsigned i, n = plain.n;

	plain.n = 0;
	for (i = 0; i < n; i++) {
		uint64_t addr = plain.addr + 8ULL * i;

		tell_write(plain.actor, addr, plain.before[i],
			   value_now(plain.actor, addr, piece(plain.size, i)), plain.pc,
			   plain.buffered ? " (buffered)" : "");
	}
}

/* ---- reads ---- */

/* In a final loop, note each word that it reads, once. */
static void note_spin(unsigned actor, const char *what, uint64_t pc, const struct word *w)
{
	struct symbol_place place = symbol_place(pc);
	char where[STORY_TEXT], wait[STORY_TEXT];
	struct story_word *s;
	unsigned i;

	for (i = 0; i < telling.story->nwords; i++) {
		if (telling.story->word[i].actor == actor &&
		    !strcmp(telling.story->word[i].what, what))
			return;
	}
	say_place(&place, where);
	telling.story->word = tell_grown(telling.story->word, telling.story->nwords, sizeof(*s));
	s = &telling.story->word[telling.story->nwords++];
	*s = (struct story_word){ .actor = (uint8_t)actor,
				  .what = strdup(what),
				  .where = strdup(where),
				  .writer = w->writer ? strdup(w->writer) : NULL,
				  .reg = w->reg };
	if (!w->reg && !w->writer && lab_ring_names(w->addr, wait))
		s->awaited = strdup(wait);
}

/* False if the word has never changed, the reader wrote it itself, or a lock protects it anyway. */
static bool is_news(const struct observation *o, struct word *w, uint64_t value)
{
	const struct named *n = setup_name_of(o->addr);

	if (w->seen[o->actor] && w->value[o->actor] == value)
		return false;
	if (!o->reg && (!w->writer || w->by == o->actor ||
			(machine_actor(o->actor)->locks && !(n && n->show))))
		return false;
	w->seen[o->actor] = true;
	w->value[o->actor] = value;
	return true;
}

void tell_read(const struct observation *o, uint64_t value)
{
	struct word *w = word_at(o->addr, o->reg);
	char name[STORY_TEXT], text[STORY_TEXT], what[2 * STORY_TEXT + 8];
	bool named = true;

	if (o->reg) {
		say_register(o->addr, name);
		say_register_value(o->addr, value, text);
	} else {
		named = story_address(o->addr, name) && memory_stack_of(o->addr) != (int)o->actor;
		say_value(o->addr, value, text);
	}
	if (!named)
		return;
	snprintf(what, sizeof(what), "%s = %s", name, text);
	if (telling.step->chapter == CHAPTER_SPIN) {
		note_spin(o->actor, what, o->op->pc, w);
		if (o->reg || w->writer)
			tell(o->actor, o->op->pc, "reads %s", what);
		return;
	}
	if (!is_news(o, w, value))
		return;
	tell(o->actor, o->op->pc, "reads %s", what);
}

/* ---- exchanges ---- */

/* True if the lane's last event is the same, as in the turns of a loop. */
static bool is_repeated(unsigned lane, const char *what)
{
	unsigned i = telling.story->nevents;

	while (i-- && telling.story->event[i].lane != lane)
		;
	return i < telling.story->nevents && !strcmp(telling.story->event[i].what, what);
}

/* An exchange that changes nothing found an unwanted value. */
static void tell_failed(const struct observation *o)
{
	char name[STORY_TEXT], is[STORY_TEXT], wanted[STORY_TEXT], what[3 * STORY_TEXT + 40];
	uint64_t mask = o->size == 8 ? ~0ULL : (1ULL << o->size * 8) - 1;

	if (!story_address(o->addr, name) || memory_stack_of(o->addr) == (int)o->actor)
		return;
	say_value(o->addr, o->before, is);
	say_value(o->addr, o->op->a & mask, wanted);
	if (o->op->kind == OP_CAS && o->before != (o->op->a & mask))
		snprintf(what, sizeof(what), "exchange fails: %s = %s, not %s", name, is, wanted);
	else
		snprintf(what, sizeof(what), "exchange changes nothing: %s = %s", name, is);
	if (!is_repeated(o->actor, what))
		tell(o->actor, o->op->pc, "%s", what);
}

static void tell_exchange(const struct observation *o, uint64_t after)
{
	/* An attempt to take a spinlock reads it, too. */
	if (telling.step->chapter == CHAPTER_SPIN)
		tell_read(o, o->before);
	else if (o->before == after)
		tell_failed(o);
}

void tell_memory(const struct observation *o)
{
	const struct op *op = o->op;
	uint64_t after;

	if (!o->buffered && op_writes(op))
		lab_ring_written(o->addr, o->size);
	if (!o->buffered && op_copies(op))
		lab_ring_written(op->b, o->size);
	if (op->kind == OP_READ || op->kind == OP_LOAD) {
		if (o->size <= 8)
			tell_read(o, op->kind == OP_LOAD ? o->value : o->before);
		if (op_copies(op))
			expect_plain(o, op->b);
	} else if (op->kind == OP_WRITE) {
		expect_plain(o, o->addr);
	} else {
		/* The lab has made the operation. */
		after = value_now(o->actor, o->addr, o->size);
		if (op_is_rmw(op))
			tell_exchange(o, after);
		tell_write(o->actor, o->addr, o->before, after, op->pc,
			   o->buffered ? " (buffered)" : "");
	}
}

/* ---- begin and end of a story ---- */

void tell_memory_begins(void)
{
	slot_told.lane = ~0U;
	plain.n = 0;
}

void tell_memory_ends(void)
{
	while (nwords)
		free(words[--nwords].writer);
	free(words);
	words = NULL;
}
