/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "told.h"

#include <inttypes.h>
#include <lab/memory.h>
#include <stdlib.h>
#include <string.h>

#define RESULT_LINES 5

uintptr_t told_base;

/* ---- arguments ---- */

bool told_arguments(int argc, char **argv, struct told_arguments *a)
{
	if (argc != TOLD_ARGUMENTS + 1)
		return false;
	*a = (struct told_arguments){
		.object = argv[1],
		.scenario = argv[2],
		.engine = argv[3],
		.slots = (unsigned)strtoul(argv[4], NULL, 10),
		.laps = strtoull(argv[5], NULL, 10),
		.width = (unsigned)strtoul(argv[6], NULL, 10),
		.tso = !strcmp(argv[7], "tso"),
		.max_states = strtoull(argv[8], NULL, 10),
		.max_bytes = strtoull(argv[9], NULL, 10),
		.seconds = strtod(argv[10], NULL),
		.disk = argv[11],
		.no_reduction = !strcmp(argv[12], "all"),
	};
	return true;
}

static const char *number(uint64_t n)
{
	static char text[6][24];
	static unsigned next;
	char *t = text[next++ % 6];

	snprintf(t, sizeof(*text), "%" PRIu64, n);
	return t;
}

void told_words(const struct told_arguments *a, const char *word[TOLD_ARGUMENTS])
{
	const char *const words[TOLD_ARGUMENTS] = {
		a->object,
		a->scenario,
		a->engine,
		number(a->slots),
		number(a->laps),
		number(a->width),
		a->tso ? "tso" : "sc",
		number(a->max_states),
		number(a->max_bytes),
		number((uint64_t)a->seconds),
		a->disk,
		a->no_reduction ? "all" : "reduced",
	};

	memcpy(word, words, sizeof(words));
}

/* ---- lines ---- */

void told_progress(const struct rank_told *t, FILE *to)
{
	fprintf(to, "at %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %u %u\n",
		t->states, t->transitions, t->frontier, t->bytes, t->on_disk, t->depth,
		t->restarts);
	fflush(to);
}

static bool hear_progress(struct rank_told *t, const char *line)
{
	struct rank_told is;

	if (sscanf(line, "at %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %u %u",
		   &is.states, &is.transitions, &is.frontier, &is.bytes, &is.on_disk, &is.depth,
		   &is.restarts) != 7)
		return false;
	*t = is;
	return true;
}

/* Addresses in the object are written relative to it, as it is elsewhere in another process. */
static void put_address(uint64_t addr, FILE *to)
{
	bool fixed = !addr || addr - LAB_BASE < LAB_END - LAB_BASE;

	fprintf(to, " %d %" PRIu64, fixed, fixed ? addr : addr - told_base);
}

/* Print what is known about words that have been used. */
static void put_learnt(FILE *to)
{
	size_t i;

	fputs("\nlearnt ", to);
	for (i = 0; i < lab_memory.ngranules; i++) {
		if (memory_used(lab_memory.granule[i]))
			fprintf(to, "%zx:%" PRIx32 " ", i, lab_memory.granule[i]);
	}
}

void told_result(const struct rank_result *r, FILE *to)
{
	const struct explore_result *a = &r->all;

	fprintf(to, "result %u %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64, a->verdict, a->states,
		a->transitions, a->doomed, a->violations);
	fprintf(to,
		" %" PRIu64 " %" PRIu64 " %" PRIu64 " %u %u %" PRIu64 " %" PRIu64 " %" PRIu64
		" %" PRIu64,
		a->bytes, a->on_disk, a->frontier, a->depth, a->restarts, a->scouts, a->scout_moves,
		a->reduced, a->in_vain);
	fprintf(to, " %.6f %.6f %d %d %" PRIu64 " %" PRIu64 " %" PRIu64 " %u %u", a->seconds,
		a->last_seconds, a->far, a->stuck, r->messages, r->bytes, r->waits, r->ranks,
		a->unseen_by);
	fprintf(to, " %.6f", r->busy);
	put_address(a->unseen, to);
	put_address(*lab_memory.wide, to);
	put_learnt(to);
	fprintf(to, "\nbound %s\nwhat %s\nsteps ", a->bound ? a->bound : "", a->what);
	script_print(&r->run, to);
	fputc('\n', to);
	fflush(to);
}

void told_end(FILE *to)
{
	fputs("end\n", to);
	fflush(to);
}

static uint64_t address(int fixed, uint64_t addr)
{
	return fixed ? addr : addr + told_base;
}

static bool hear_result(struct told *t, const char *line)
{
	struct explore_result *a = &t->result.all;
	uint64_t unseen, wide;
	unsigned verdict;
	int far, stuck, fixed, wide_fixed, n = 0;

	if (sscanf(line, "result %u %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 "%n", &verdict,
		   &a->states, &a->transitions, &a->doomed, &a->violations, &n) != 5)
		return false;
	line += n;
	if (sscanf(line,
		   "%" SCNu64 " %" SCNu64 " %" SCNu64 " %u %u %" SCNu64 " %" SCNu64 " %" SCNu64
		   " %" SCNu64 "%n",
		   &a->bytes, &a->on_disk, &a->frontier, &a->depth, &a->restarts, &a->scouts,
		   &a->scout_moves, &a->reduced, &a->in_vain, &n) != 9)
		return false;
	line += n;
	if (sscanf(line,
		   "%lf %lf %d %d %" SCNu64 " %" SCNu64 " %" SCNu64 " %u %u %lf %d %" SCNu64
		   " %d %" SCNu64,
		   &a->seconds, &a->last_seconds, &far, &stuck, &t->result.messages,
		   &t->result.bytes, &t->result.waits, &t->result.ranks, &a->unseen_by,
		   &t->result.busy, &fixed, &unseen, &wide_fixed, &wide) != 14)
		return false;
	a->verdict = (enum verdict)verdict;
	a->far = far;
	a->stuck = stuck;
	a->unseen = address(fixed, unseen);
	*lab_memory.wide = address(wide_fixed, wide);
	return true;
}

static void hear_learnt(const char *text)
{
	uint32_t *granule = lab_memory.granule;
	unsigned long at;
	char *end;

	for (; *text; text = *end ? end + 1 : end) {
		at = strtoul(text, &end, 16);
		if (*end != ':' || at >= lab_memory.ngranules)
			return;
		granule[at] = memory_both(granule[at], (uint32_t)strtoul(end + 1, &end, 16));
	}
}

/* The rest of a line that begins with this word; NULL: it does not. */
static const char *behind(const char *line, const char *word)
{
	size_t n = strlen(word);

	return !strncmp(line, word, n) && line[n] == ' ' ? line + n + 1 : NULL;
}

void told_hear(struct told *t, const char *line)
{
	const char *rest;

	if (hear_progress(&t->at, line)) {
		t->begun = true;
	} else if (hear_result(t, line)) {
		t->lines++;
	} else if ((rest = behind(line, "bound"))) {
		t->bound = strdup(rest);
		t->result.all.bound = *rest ? t->bound : NULL;
		t->lines++;
	} else if ((rest = behind(line, "learnt"))) {
		hear_learnt(rest);
		t->lines++;
	} else if ((rest = behind(line, "what"))) {
		snprintf(t->result.all.what, sizeof(t->result.all.what), "%s", rest);
		t->lines++;
	} else if ((rest = behind(line, "steps"))) {
		t->steps = strdup(rest);
		t->lines++;
	} else if (!strcmp(line, "end")) {
		t->end = true;
	}
}

bool told_is_complete(const struct told *t)
{
	return t->lines == RESULT_LINES && t->bound && t->steps;
}

void told_free(struct told *t)
{
	free(t->bound);
	free(t->steps);
}
