/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * story_run.c - selects the events of a run that help to understand it.
 *
 * Told are: changes of named memory, of rings, and of others' stacks; exchanges that fail; what an
 * actor reads for the first time; registers; locks; interrupts; and what the hardware does. Left
 * out are an actor's own variables, and turns of a loop that finds everything unchanged.
 */
#include "story.h"

#include <describe/describe.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <qinval/regs.h>

#include "setup.h"
#include "story_ring.h"
#include "story_say.h"
#include "story_tell.h"

struct telling telling;

/* ---- events ---- */

void *tell_grown(void *list, unsigned n, size_t size)
{
	list = realloc(list, (n + 1) * size);
	if (!list)
		abort();
	return list;
}

void tell(unsigned lane, uint64_t pc, const char *format, ...)
{
	struct symbol_place place = symbol_place(pc);
	char text[STORY_TEXT * 3], where[STORY_TEXT];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	say_place(&place, where);
	telling.story->event = tell_grown(telling.story->event, telling.story->nevents,
					  sizeof(*telling.story->event));
	telling.story->event[telling.story->nevents++] =
		(struct story_event){ .lane = (uint8_t)lane,
				      .chapter = telling.step->chapter,
				      .step = telling.nsteps,
				      .what = strdup(text),
				      .where = strdup(where),
				      .place = place };
}

static unsigned lane_of(const struct observation *o)
{
	return o->actor == LAB_THE_UNIT ? machine.nactors + o->unit : o->actor;
}

/* ---- operations other than memory accesses ---- */

static void tell_register_write(const struct observation *o)
{
	char name[STORY_TEXT], value[STORY_TEXT];

	say_register(o->addr, name);
	say_register_value(o->addr, o->op ? o->op->a : o->value, value);
	tell(o->actor, o->op ? o->op->pc : 0, "%s := %s%s", name, value,
	     o->buffered ? " (buffered)" : "");
}

static void tell_end(const struct observation *o)
{
	switch (o->op->kind) {
	case OP_DONE:
		tell(o->actor, 0, "returns %lld", (long long)o->op->a);
		break;
	case OP_FAIL:
		tell(o->actor, o->op->pc, "%s%s", o->op->a ? "assertion failed: " : "",
		     machine_text(o->op->addr));
		break;
	case OP_FOREIGN:
		tell(o->actor, o->op->pc, "calls %s()", (const char *)o->op->addr);
		break;
	case OP_CRASH:
		tell(o->actor, o->op->pc, "%s", strsignal((int)o->op->a));
		break;
	default:
		break;
	}
}

static const char *sleeps(const struct observation *o)
{
	if (machine_actor(o->actor)->state == ACTOR_ASLEEP)
		return "sleeps on";
	return o->value ? "has slept long enough on" : "does not sleep on";
}

static void tell_other(const struct observation *o)
{
	char name[STORY_TEXT];

	switch (o->op->kind) {
	case OP_LOCK:
		story_address(o->op->addr, name);
		tell(o->actor, o->op->pc, "takes %s", name);
		break;
	case OP_UNLOCK:
		story_address(o->op->addr, name);
		tell(o->actor, o->op->pc, "gives %s back%s", name,
		     o->buffered ? " (buffered)" : "");
		break;
	case OP_IRQ_SAVE:
	case OP_IRQ_RESTORE:
		if (machine.info[machine.info[o->actor].cpu].interrupted)
			tell(o->actor, o->op->pc, "interrupts %s",
			     o->op->kind == OP_IRQ_SAVE ? "off" : "on");
		break;
	case OP_SLEEP:
		story_address(o->op->addr, name);
		tell(o->actor, o->op->pc, "%s %s", sleeps(o), name);
		break;
	case OP_WAKE:
		story_address(o->op->addr, name);
		tell(o->actor, o->op->pc, "wakes those who sleep on %s", name);
		break;
	case OP_CHOOSE:
		tell(o->actor, o->op->pc, "chooses %llu", (unsigned long long)o->value);
		break;
	case OP_ARM:
		tell(o->actor, o->op->pc, "changes the device's behaviour");
		break;
	default:
		tell_end(o);
		break;
	}
}

static void tell_executed(const struct observation *o)
{
	struct qi_desc d = { o->event->qw[0], o->event->qw[1], o->event->qw[2], o->event->qw[3] };
	char text[STORY_TEXT];

	qi_desc_text(&d, text, sizeof(text));
	if (qi_desc_type(&d) == QI_IWD_TYPE)
		tell(lane_of(o), 0, "completes WD%u", o->event->slot);
	else
		tell(lane_of(o), 0, "executes ID%u: %s", o->event->slot, text);
}

static void tell_unit(const struct observation *o)
{
	char text[STORY_TEXT];

	if (o->event) {
		tell_executed(o);
	} else if (!strcmp(o->text, "fetches")) {
		lab_ring_name(o->unit, (unsigned)o->value, text);
		tell(lane_of(o), 0, "fetches %s%s", text,
		     lab_ring_fetched(o->unit, (unsigned)o->value, true));
	} else if (!strcmp(o->text, "refuses")) {
		lab_ring_name(o->unit, (unsigned)o->value, text);
		tell(lane_of(o), 0, "refuses %s: IQE%s", text,
		     lab_ring_fetched(o->unit, (unsigned)o->value, false));
	} else if (!strcmp(o->text, "raises a fault")) {
		say_faults(machine.unit[o->unit]->fsts & (VTD_FSTS_ITE | VTD_FSTS_ICE), text);
		tell(lane_of(o), 0, "raises a fault: %s", text);
	} else {
		tell(lane_of(o), 0, "%s", o->text);
	}
}

static void tell_interrupt(const struct observation *o)
{
	unsigned on = machine.info[o->actor].cpu;

	/* The search ends before this handler, if it is there already. */
	while (on != o->actor && machine_actor(on)->handler &&
	       machine_actor(on)->handler != o->actor + 1)
		on = machine_actor(on)->handler - 1U;
	if (on == o->actor || on == machine.info[o->actor].cpu)
		tell(o->actor, 0, "interrupt on %s's CPU", story_lane(on));
	else
		tell(o->actor, 0, "interrupts %s on %s's CPU", story_lane(on),
		     story_lane(machine.info[o->actor].cpu));
}

static void observe(const struct observation *o)
{
	tell_plain();
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
		if (o->reg) {
			tell_register_write(o);
			break;
		}
		lab_ring_written(o->addr, o->size);
		tell_write(o->actor, o->addr, o->before, o->value, 0, " (takes effect)");
		break;
	case SEEN_INTERRUPT:
		tell_interrupt(o);
		break;
	case SEEN_UNIT:
		tell_unit(o);
		break;
	case SEEN_UNIT_WRITE:
		tell_write(lane_of(o), o->addr, o->before, o->value, 0, "");
		break;
	case SEEN_TICK:
		tell(machine.nactors, 0, "%s",
		     o->value ? "the clock jumps past every deadline"
			      : "the time of all who sleep for a time is up");
		break;
	}
}

/* ---- steps ---- */

static void draw_rings(void)
{
	unsigned i;

	for (i = 0; i < machine.nunits; i++) {
		telling.story->ring = tell_grown(telling.story->ring, telling.story->nrings,
						 sizeof(*telling.story->ring));
		if (!lab_ring_draw(i, &telling.story->ring[telling.story->nrings++]))
			abort();
	}
}

static void announce(const struct script_step *s)
{
	tell_plain();
	draw_rings();
	telling.step = s;
	telling.nsteps++;
}

bool story_word_matters(const struct story *s, const struct story_word *w)
{
	unsigned i;

	if (w->writer || w->awaited || w->reg)
		return true;
	for (i = 0; i < s->nwords; i++) {
		const struct story_word *other = &s->word[i];

		if (other->actor == w->actor && (other->writer || other->awaited))
			return false;
	}
	return true;
}

void story_word_writer(const struct story_word *w, char *text, size_t room)
{
	if (w->writer)
		snprintf(text, room, "last written by %s", w->writer);
	else if (w->awaited)
		snprintf(text, room, "as setup() left it: %s is to write it", w->awaited);
	else
		snprintf(text, room, "as setup() left it: no actor writes it");
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
		free(s->word[i].awaited);
	}
	for (i = 0; i < LAB_ACTORS; i++)
		free(s->waits[i]);
	for (i = 0; i < s->nrings; i++)
		free(s->ring[i].qw);
	free(s->event);
	free(s->word);
	free(s->ring);
}

/* An operation that could not be tried has not been told yet. */
static void tell_refused(const struct script_step *last, const char *what)
{
	const struct actor *a = machine_actor(last->move.actor % LAB_ACTORS);
	size_t name = strlen(story_lane(last->move.actor % LAB_ACTORS));

	telling.step = last;
	if (last->move.actor == LAB_THE_UNIT)
		tell(machine.nactors + last->move.unit, 0, "%s", what);
	if (last->move.actor == LAB_THE_UNIT || op_ends(&a->op))
		return;
	/* The lane names the actor. */
	tell(last->move.actor, a->op.pc, "%s",
	     !strncmp(what, story_lane(last->move.actor), name) ? what + name + 1 : what);
}

void story_tell(const struct script_run *run, struct story *out)
{
	*out = (struct story){ 0 };
	telling = (struct telling){ out, run->step, 0 };
	tell_memory_begins();
	lab_ring_forget();
	machine.observe = observe;
	out->outcome = script_make(run, announce, &out->steps);
	tell_plain();
	draw_rings();
	machine.observe = NULL;
	if (out->outcome == MOVE_VIOLATION && out->steps)
		tell_refused(&run->step[out->steps - 1], machine.violation);
	if (out->outcome == MOVE_DONE)
		story_find_waits(out);
	tell_memory_ends();
	memcpy(out->what, machine.violation, sizeof(out->what));
}
