/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* report.h - prints an exploration's result, as text or as JSON. */
#ifndef EXPLORE_REPORT_H
#define EXPLORE_REPORT_H

#include <lab/engine.h>
#include <lab/explore.h>
#include <lab/load.h>
#include <lab/mpi/rank.h>
#include <lab/story.h>
#include <stdio.h>

/* The subject of an exploration; filled in after the scenario's setup(). */
struct explored {
	const struct loaded *object;
	const struct lab_scenario *scenario;
	struct lab_params asked;
	unsigned slots, width; /* of the first unit's ring; slots 0: there is none */
	bool own_ring;	       /* the scenario uses another ring than was asked for */
};

void explore_look(struct explored *e);

/* "engine ticketed, 4 slots, 128 bits, sc" */
void explore_facts(const struct explored *e, char *text, size_t room);

/* The verdict as a sentence. */
void explore_sentence(const struct explore_result *r, char *text, size_t room);

/* @token and @story belong to the counterexample; NULL: there is none. */
void explore_report(const struct explored *e, const struct rank_result *found, const char *token);
void explore_report_json(const struct explored *e, const struct rank_result *found,
			 const char *token, const struct story *story);
void explore_replay_json(const struct explored *e, const char *token, const struct story *story);

/* Print the object's scenarios, and its engines if there is a choice. */
void explore_list(FILE *to, const struct loaded *object);
void explore_list_json(const struct loaded *object);

#endif
