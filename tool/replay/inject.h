/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * inject.h - faults during a replay: where they strike, and which failures they explain.
 *
 * A fault is armed for the submission of one event and cleared when that has its outcome, one fault
 * at a time in each unit. Submissions of other threads meanwhile may be hit as well, so a thread
 * that fails asks which faults were armed at any moment of its own submission.
 */
#ifndef INJECT_H
#define INJECT_H

#include "live/trace.h"

#include <hosts/threads.h>
#include <pthread.h>

#define FAULT_ITEMS 32

struct fault_item {
	enum vtd_fault_kind kind;
	uint16_t sid; /* VTD_ANY_SID: whichever device the event is for */
};

struct fault_list {
	struct fault_item item[FAULT_ITEMS];
	unsigned count;
};

/*
 * "silent,late:02:00.0,stall": faults that a unit of @profile can have. False: *error says what is
 * wrong.
 */
bool fault_list_parse(struct fault_list *list, const char *text, enum vtd_profile profile,
		      char *error, size_t size);

/* "silent:02:00.0": as in the list. */
#define FAULT_TEXT 24
void fault_item_text(const struct fault_item *item, char text[FAULT_TEXT]);

/*
 * Choose events to strike: site[event] is 0 or an item's number plus 1. A fault that costs time,
 * because the queue has to die first, comes twice; others every few hundred events that it can
 * strike, but a hundred times at most. False if a fault has no such event; *error says so.
 */
bool inject_plan(const struct trace *t, const struct fault_list *list, uint64_t seed, uint8_t *site,
		 char *error, size_t size);

struct injection {
	struct vtd_fault fault;
	struct qi_desc desc; /* of the event that it was armed for */
};

struct injector {
	struct threads_host *host;
	bool reports_iqei;	 /* the unit says why it refuses a descriptor */
	pthread_mutex_t lock;	 /* held while a fault is armed */
	uint32_t opened, closed; /* atomic: faults armed, of them cleared */
	struct injection *log;	 /* complete below `opened` */
};

/* @room: the number of inject_begin() calls to come. */
bool injector_init(struct injector *in, struct threads_host *h, enum vtd_profile profile,
		   size_t room);
void injector_free(struct injector *in);

/* Arm a fault for @d, after any other one is over; clear it. */
void inject_begin(struct injector *in, const struct fault_item *item, const struct qi_desc *d,
		  uint64_t *random);
void inject_end(struct injector *in);

/* The queue is to be revived: clear the fault that would keep it dead though it is turned off. */
void inject_revive(struct injector *in);

/* Ask before a submission ... */
uint32_t inject_mark(const struct injector *in);

/* ... whether its failure @e is explained by a fault that was armed since. @d: NULL for a drain. */
bool inject_explains(const struct injector *in, uint32_t mark, const struct qi_desc *d,
		     const struct qi_error *e);

#endif
