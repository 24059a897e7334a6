/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * inject.h - faults during a replay: where they strike, and which failures they explain.
 *
 * A fault is armed for the submission of one event, and disarmed when that has its outcome; in each
 * unit one fault at a time. It may also hit concurrent submissions of other threads. So a thread
 * whose submission fails asks which faults were armed at any time during that submission.
 */
#ifndef INJECT_H
#define INJECT_H

#include "live/trace.h"

#include <hosts/threads.h>
#include <pthread.h>

#define FAULT_ITEMS 32

struct fault_item {
	enum vtd_fault_kind kind;
	uint16_t sid; /* VTD_ANY_SID: the device of the event */
};

struct fault_list {
	struct fault_item item[FAULT_ITEMS];
	unsigned count;
};

/*
 * Parse "silent,late:02:00.0,stall": faults that a unit of @profile can have. False: *error says
 * what is wrong.
 */
bool fault_list_parse(struct fault_list *list, const char *text, enum vtd_profile profile,
		      char *error, size_t size);

/* "silent:02:00.0", as in the list. */
#define FAULT_TEXT 24
void fault_item_text(const struct fault_item *item, char text[FAULT_TEXT]);

/*
 * Choose the events to strike: site[event] is 0, or an item's number + 1. A fault that costs time
 * because the queue has to die strikes twice; others strike every few hundred events to which they
 * apply, but at most a hundred times. False: a fault applies to no event; *error says so.
 */
bool inject_plan(const struct trace *t, const struct fault_list *list, uint64_t seed, uint8_t *site,
		 char *error, size_t size);

struct injection {
	struct vtd_fault fault;
	struct qi_desc desc; /* of the event for which it was armed */
};

struct injector {
	struct threads_host *host;
	bool reports_iqei;	 /* the unit reports why it refuses a descriptor */
	pthread_mutex_t lock;	 /* held while a fault is armed */
	uint32_t opened, closed; /* atomic: faults armed, and those of them that were disarmed */
	struct injection *log;	 /* complete below `opened` */
};

/* @room: the number of later inject_begin() calls. */
bool injector_init(struct injector *in, struct threads_host *h, enum vtd_profile profile,
		   size_t room);
void injector_free(struct injector *in);

/* inject_begin(): arm a fault for @d, when no other one is armed. inject_end(): disarm it. */
void inject_begin(struct injector *in, const struct fault_item *item, const struct qi_desc *d,
		  uint64_t *random);
void inject_end(struct injector *in);

/* The queue is about to be reset: disarm a fault that would keep it dead. */
void inject_revive(struct injector *in);

/* Call this before a submission ... */
uint32_t inject_mark(const struct injector *in);

/*
 * ... and this after its failure @e: true if a fault that was armed since then explains it. @d:
 * NULL for a drain.
 */
bool inject_explains(const struct injector *in, uint32_t mark, const struct qi_desc *d,
		     const struct qi_error *e);

#endif
