/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "counterexample.h"

#include <errno.h>
#include <inttypes.h>
#include <lab/path.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#include "complain.h"
#include "install/own.h"

static unsigned columns(void)
{
	struct winsize size;

	if (!ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) && size.ws_col)
		return size.ws_col;
	return 130;
}

static int write_page(const struct explore_arguments *a, const struct story *story,
		      const struct story_facts *facts)
{
	FILE *page = fopen(a->html, "w");

	if (page)
		story_print_html(story, facts, page);
	return !page || fclose(page) ? explore_unusable(a->html, strerror(errno)) : 0;
}

int counterexample_show(const struct explore_arguments *a, const struct explored *e,
			const struct script_run *run, const struct explore_result *r,
			const char *token, struct story *story)
{
	struct story_facts facts = { .title = a->name, .token = token, .root = own_source() };
	char text[256], verdict[sizeof(r->what)] = "", states[100] = "";

	story_tell(run, story);
	if (story->outcome == MOVE_NOTHING)
		return explore_unusable("--replay", "the token is of another build, or damaged");
	if (!a->json)
		story_print_text(story, columns(), stdout);
	if (!a->html)
		return 0;
	explore_facts(e, text, sizeof(text));
	if (r) {
		explore_sentence(r, verdict, sizeof(verdict));
		snprintf(states, sizeof(states),
			 r->walks ? "schedule %" PRIu64 " of random ones" : "%" PRIu64 " states",
			 r->walks ? r->walks : r->states);
	}
	facts.facts = text;
	facts.verdict = verdict;
	facts.states = states;
	return write_page(a, story, &facts);
}

/* Ranks find only the first state from which no schedule ends: continue the run to its end. */
static void go_on_to_the_end(const struct explore_limits *l, struct script_run *run)
{
	const struct explore_limits alone = { .max_bytes = l->max_bytes,
					      .workers = 1,
					      .no_reduction = l->no_reduction,
					      .progress = l->progress,
					      .interrupt = l->interrupt };
	const struct script_run way = *run;
	struct explore_result found;

	if (explore_from(&way, &alone, &found) && found.verdict == VIOLATED)
		path_find(&found, run);
}

void counterexample_shorten(const struct explore_arguments *a, struct explore_result *r,
			    struct script_run *run)
{
	struct explore_limits near = a->limits;

	/* Ranks number states in another order than one process. */
	near.no_reduction &= !a->mpi.ranks;
	if (!path_shorten(&near, r, run) && a->mpi.ranks && r->stuck)
		go_on_to_the_end(&a->limits, run);
}
