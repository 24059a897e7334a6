/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * story.c - of all that happens in a run, what matters to somebody who wants to understand it.
 *
 * Told are: changes of named memory and of others' stacks, what an actor reads that it has not read
 * there before, registers, locks, interrupts, and what the hardware does. Not told are an actor's
 * own variables, and the turns of a loop that finds everything as it was.
 */
#include "story.h"

#include <describe/describe.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <qinval/desc.h>
#include <qinval/regs.h>

#include "setup.h"
#include "symbol.h"

static struct story *story;
static const struct script_step *step;
static unsigned nsteps;

/* ---- what is known of each word: the last value each reader saw, and the last writer ---- */

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
	words = realloc(words, (nwords + 1) * sizeof(*words));
	if (!words)
		abort();
	words[nwords] = (struct word){ .addr = addr, .reg = reg };
	return &words[nwords++];
}

/* ---- names ---- */

static const char *register_name(unsigned reg)
{
	switch (reg) {
	case DMAR_GCMD_REG:
		return "GCMD";
	case DMAR_GSTS_REG:
		return "GSTS";
	case DMAR_FSTS_REG:
		return "FSTS";
	case DMAR_FECTL_REG:
		return "FECTL";
	case DMAR_IQH_REG:
		return "IQH";
	case DMAR_IQT_REG:
		return "IQT";
	case DMAR_IQA_REG:
		return "IQA";
	case DMAR_ICS_REG:
		return "ICS";
	case DMAR_IQERCD_REG:
		return "IQERCD";
	default:
		return NULL;
	}
}

static void say_register(unsigned reg, char *text)
{
	const char *name = register_name(reg);

	if (name)
		snprintf(text, STORY_TEXT, "%s", name);
	else
		snprintf(text, STORY_TEXT, "register %#x", reg);
}

static void say_register_value(unsigned reg, uint64_t value, char *text)
{
	int n;

	if (reg != DMAR_FSTS_REG || !(value & VTD_FSTS_QI)) {
		snprintf(text, STORY_TEXT, "%#llx", (unsigned long long)value);
		return;
	}
	n = snprintf(text, STORY_TEXT, "%s%s%s", value & VTD_FSTS_IQE ? " IQE" : "",
		     value & VTD_FSTS_ITE ? " ITE" : "", value & VTD_FSTS_ICE ? " ICE" : "");
	memmove(text, text + 1, (size_t)n);
}

bool story_address(uint64_t addr, char *text)
{
	int owner = memory_stack_of(addr);

	if (owner < 0)
		return setup_describe(addr, text, STORY_TEXT);
	snprintf(text, STORY_TEXT, "%s's stack", machine.info[owner].name);
	return true;
}

static void say_value(uint64_t addr, uint64_t value, char *text)
{
	const struct named *n = setup_name_of(addr);
	const char *name = NULL;

	if (n && n->show && (addr - n->addr) % n->element == 0)
		name = n->show(value);
	if (name)
		snprintf(text, STORY_TEXT, "%s", name);
	else
		snprintf(text, STORY_TEXT, value < 1000 ? "%llu" : "%#llx",
			 (unsigned long long)value);
}

static void say_place(uint64_t pc, char *text)
{
	struct symbol_place p = symbol_place(pc);

	text[0] = 0;
	if (p.file)
		snprintf(text, STORY_TEXT, "%s:%d %s", p.file, p.line,
			 p.function ? p.function : "");
}

/* ---- events ---- */

static void tell(unsigned lane, const char *where, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void tell(unsigned lane, const char *where, const char *format, ...)
{
	struct story_event *e;
	char text[STORY_TEXT * 3];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	story->event = realloc(story->event, (story->nevents + 1) * sizeof(*e));
	if (!story->event)
		abort();
	e = &story->event[story->nevents++];
	*e = (struct story_event){ .lane = (uint8_t)lane,
				   .chapter = step->chapter,
				   .step = nsteps,
				   .what = strdup(text),
				   .where = strdup(where) };
}

/* A plain store whose value is not known before it has been made. */
static struct {
	bool pending;
	unsigned actor;
	uint64_t addr, before, pc;
	unsigned size;
	bool buffered;
} plain;

static uint64_t value_now(unsigned actor, uint64_t addr, unsigned size)
{
	const struct buffer *b = machine_buffer(actor);
	uint64_t value = 0;
	unsigned i;

	for (i = b->n; i--;) {
		const struct store *s = &b->store[i];

		if (s->kind == OP_STORE && s->addr == addr && s->size == size)
			return s->value;
	}
	memcpy(&value, (void *)addr, size);
	return value;
}

/* The first word of a descriptor in the ring says what it is. */
static bool say_descriptor(uint64_t addr, uint64_t qw0, char *text)
{
	static const char *const types[] = {
		NULL,	"context",     "IOTLB", "device TLB",	    "IEC",
		"wait", "PASID IOTLB", "PASID", "PASID device TLB", "page response",
	};
	const struct named *n = setup_name_of(addr);
	unsigned type = qw0 & 0xf;

	if (!n || strcmp(n->name, "ring") || (addr - n->addr) % n->element || !type || type > 9)
		return false;
	snprintf(text, STORY_TEXT, "%s%zu: %s", type == QI_IWD_TYPE ? "WD" : "ID",
		 (size_t)((addr - n->addr) / n->element), types[type]);
	return true;
}

static void note_writer(unsigned actor, uint64_t addr, const char *where, const char *change)
{
	struct word *w = word_at(addr, false);
	char text[4 * STORY_TEXT]; /* where, change (two values), and the words between */

	snprintf(text, sizeof(text), "%s%s%s: %s", story_lane(actor), where[0] ? " at " : "", where,
		 change);
	free(w->writer);
	w->writer = strdup(text);
	w->by = actor;
}

static void tell_write(unsigned actor, uint64_t addr, uint64_t before, uint64_t value, uint64_t pc,
		       const char *how)
{
	char name[STORY_TEXT], from[STORY_TEXT], to[STORY_TEXT], change[2 * STORY_TEXT + 8],
		where[STORY_TEXT], desc[STORY_TEXT];
	bool named = story_address(addr, name);

	if (before == value || memory_stack_of(addr) == (int)actor)
		return;
	say_value(addr, before, from);
	say_value(addr, value, to);
	say_place(pc, where);
	snprintf(change, sizeof(change), "%s -> %s", from, to);
	note_writer(actor == LAB_THE_UNIT ? machine.nactors : actor, addr, where, change);
	if (say_descriptor(addr, value, desc))
		tell(actor == LAB_THE_UNIT ? machine.nactors : actor, where, "%s%s", desc, how);
	else if (named && strncmp(name, "ring", 4))
		tell(actor == LAB_THE_UNIT ? machine.nactors : actor, where, "%s %s%s", name,
		     change, how);
}

static void settle_plain(void)
{
	if (!plain.pending)
		return;
	plain.pending = false;
	tell_write(plain.actor, plain.addr, plain.before,
		   value_now(plain.actor, plain.addr, plain.size), plain.pc,
		   plain.buffered ? " (buffered)" : "");
}

/* In a spin every word is of interest once; before, what it has not seen. */
static void note_spin(unsigned actor, const char *what, const char *where, const struct word *w)
{
	struct story_word *s;
	unsigned i;

	for (i = 0; i < story->nwords; i++) {
		if (story->word[i].actor == actor && !strcmp(story->word[i].what, what))
			return;
	}
	story->word = realloc(story->word, (story->nwords + 1) * sizeof(*s));
	if (!story->word)
		abort();
	s = &story->word[story->nwords++];
	*s = (struct story_word){ .actor = (uint8_t)actor,
				  .what = strdup(what),
				  .where = strdup(where),
				  .writer = w->writer ? strdup(w->writer) : NULL,
				  .reg = w->reg };
}

/* Not what has never changed, what the reader wrote itself, or what the lock protects anyway. */
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

static void tell_read(const struct observation *o, uint64_t value)
{
	struct word *w = word_at(o->addr, o->reg);
	char name[STORY_TEXT], text[STORY_TEXT], where[STORY_TEXT], what[2 * STORY_TEXT + 8];
	bool named = true;

	if (o->reg) {
		say_register((unsigned)o->addr, name);
		say_register_value((unsigned)o->addr, value, text);
	} else {
		named = story_address(o->addr, name) && memory_stack_of(o->addr) != (int)o->actor;
		say_value(o->addr, value, text);
	}
	if (!named)
		return;
	say_place(o->op->pc, where);
	snprintf(what, sizeof(what), "%s = %s", name, text);
	if (step->chapter == CHAPTER_SPIN) {
		note_spin(o->actor, what, where, w);
		if (o->reg || w->writer)
			tell(o->actor, where, "reads %s", what);
		return;
	}
	if (!is_news(o, w, value))
		return;
	tell(o->actor, where, "reads %s", what);
}

static void tell_register_write(const struct observation *o)
{
	char name[STORY_TEXT], value[STORY_TEXT], where[STORY_TEXT];

	say_register((unsigned)o->addr, name);
	say_register_value((unsigned)o->addr, o->op ? o->op->a : o->value, value);
	say_place(o->op ? o->op->pc : 0, where);
	tell(o->actor, where, "%s := %s%s", name, value, o->buffered ? " (buffered)" : "");
}

static void tell_memory(const struct observation *o)
{
	const struct op *op = o->op;

	if (op->kind == OP_READ || op->kind == OP_LOAD) {
		if (o->size <= 8)
			tell_read(o, op->kind == OP_LOAD ? o->value : o->before);
	} else if (op->kind == OP_WRITE) {
		if (o->size > 8)
			return;
		plain.pending = true;
		plain.actor = o->actor;
		plain.addr = o->addr;
		plain.before = o->before;
		plain.pc = op->pc;
		plain.size = o->size;
		plain.buffered = o->buffered;
	} else {
		/* Trying to take a spinlock is a look at it, too. */
		if (op_is_rmw(op) && step->chapter == CHAPTER_SPIN)
			tell_read(o, o->before);
		/* Made by the lab, and seen after it. */
		tell_write(o->actor, o->addr, o->before, value_now(o->actor, o->addr, o->size),
			   op->pc, o->buffered ? " (buffered)" : "");
	}
}

static void tell_end(const struct observation *o, const char *where)
{
	switch (o->op->kind) {
	case OP_DONE:
		tell(o->actor, "", "returns %lld", (long long)o->op->a);
		break;
	case OP_FAIL:
		tell(o->actor, where, "%s%s", o->op->a ? "assertion failed: " : "",
		     machine_text(o->op->addr));
		break;
	case OP_FOREIGN:
		tell(o->actor, where, "calls %s()", (const char *)o->op->addr);
		break;
	case OP_CRASH:
		tell(o->actor, where, "%s", strsignal((int)o->op->a));
		break;
	default:
		break;
	}
}

static void tell_other(const struct observation *o)
{
	char where[STORY_TEXT], name[STORY_TEXT];

	say_place(o->op->pc, where);
	switch (o->op->kind) {
	case OP_LOCK:
		story_address(o->op->addr, name);
		tell(o->actor, where, "takes %s", name);
		break;
	case OP_UNLOCK:
		story_address(o->op->addr, name);
		tell(o->actor, where, "gives %s back%s", name, o->buffered ? " (buffered)" : "");
		break;
	case OP_IRQ_SAVE:
	case OP_IRQ_RESTORE:
		if (machine.info[machine.info[o->actor].cpu].interrupted)
			tell(o->actor, where, "interrupts %s",
			     o->op->kind == OP_IRQ_SAVE ? "off" : "on");
		break;
	case OP_SLEEP:
		story_address(o->op->addr, name);
		tell(o->actor, where, "%s %s",
		     machine_actor(o->actor)->state == ACTOR_ASLEEP ? "sleeps on"
								    : "does not sleep on",
		     name);
		break;
	case OP_WAKE:
		story_address(o->op->addr, name);
		tell(o->actor, where, "wakes those who sleep on %s", name);
		break;
	case OP_CHOOSE:
		tell(o->actor, where, "chooses %llu", (unsigned long long)o->value);
		break;
	case OP_ARM:
		tell(o->actor, where, "changes the device's behaviour");
		break;
	default:
		tell_end(o, where);
		break;
	}
}

static void tell_unit(const struct observation *o)
{
	char text[STORY_TEXT];

	if (o->event) {
		struct qi_desc d = { o->event->qw[0], o->event->qw[1], o->event->qw[2],
				     o->event->qw[3] };

		qi_desc_text(&d, text, sizeof(text));
		if (qi_desc_type(&d) == QI_IWD_TYPE)
			tell(machine.nactors, "", "completes WD%u", o->event->slot);
		else
			tell(machine.nactors, "", "executes ID%u: %s", o->event->slot, text);
	} else if (!strcmp(o->text, "fetches")) {
		tell(machine.nactors, "", "fetches ring[%llu]", (unsigned long long)o->value);
	} else if (!strcmp(o->text, "refuses")) {
		tell(machine.nactors, "", "refuses a descriptor: IQE");
	} else {
		tell(machine.nactors, "", "%s", o->text);
	}
}

static void observe(const struct observation *o)
{
	settle_plain();
	switch (o->kind) {
	case SEEN_OP:
		if (o->reg && o->op->kind == OP_REG_READ)
			tell_read(o, o->value);
		else if (o->reg)
			tell_register_write(o);
		else if (op_is_memory(o->op))
			tell_memory(o);
		else
			tell_other(o);
		break;
	case SEEN_FLUSH:
		if (o->reg)
			tell_register_write(o);
		else
			tell_write(o->actor, o->addr, o->before, o->value, 0, " (takes effect)");
		break;
	case SEEN_INTERRUPT:
		tell(o->actor, "", "interrupt on %s's CPU",
		     machine.info[machine.info[o->actor].cpu].name);
		break;
	case SEEN_UNIT:
		tell_unit(o);
		break;
	case SEEN_UNIT_WRITE:
		tell_write(LAB_THE_UNIT, o->addr, o->before, o->value, 0, "");
		break;
	case SEEN_TICK:
		tell(machine.nactors, "", "the clock jumps past every deadline");
		break;
	}
}

static void announce(const struct script_step *s)
{
	settle_plain();
	step = s;
	nsteps++;
}

bool story_word_matters(const struct story *s, const struct story_word *w)
{
	unsigned i;

	if (w->writer || w->reg)
		return true;
	for (i = 0; i < s->nwords; i++) {
		if (s->word[i].actor == w->actor && s->word[i].writer)
			return false;
	}
	return true;
}

const char *story_lane(unsigned lane)
{
	return lane < machine.nactors ? machine.info[lane].name : "hardware";
}

static void forget_words(void)
{
	while (nwords)
		free(words[--nwords].writer);
	free(words);
	words = NULL;
}

void story_free(struct story *s)
{
	unsigned i;

	for (i = 0; i < s->nevents; i++) {
		free(s->event[i].what);
		free(s->event[i].where);
	}
	for (i = 0; i < s->nwords; i++) {
		free(s->word[i].what);
		free(s->word[i].where);
		free(s->word[i].writer);
	}
	for (i = 0; i < LAB_ACTORS; i++)
		free(s->waits[i]);
	free(s->event);
	free(s->word);
}

/* An operation that could not even be tried has not been told yet. */
static void tell_refused(const struct script_step *last, const char *what)
{
	const struct actor *a = machine_actor(last->move.actor % LAB_ACTORS);
	size_t name = strlen(story_lane(last->move.actor));
	char where[STORY_TEXT];

	step = last;
	if (last->move.actor == LAB_THE_UNIT)
		tell(machine.nactors, "", "%s", what);
	if (last->move.actor == LAB_THE_UNIT || op_ends(&a->op))
		return;
	say_place(a->op.pc, where);
	/* The lane says who. */
	tell(last->move.actor, where, "%s",
	     !strncmp(what, story_lane(last->move.actor), name) ? what + name + 1 : what);
}

void story_tell(const struct script_run *run, struct story *out)
{
	*out = (struct story){ 0 };
	story = out;
	step = run->step;
	machine.observe = observe;
	out->outcome = script_make(run, announce, &out->steps);
	settle_plain();
	machine.observe = NULL;
	if (out->outcome == MOVE_VIOLATION && out->steps)
		tell_refused(&run->step[out->steps - 1], machine.violation);
	if (out->outcome == MOVE_DONE)
		story_find_waits(out);
	forget_words();
	memcpy(out->what, machine.violation, sizeof(out->what));
}
