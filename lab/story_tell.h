/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* story_tell.h - the story that is being told. */
#ifndef LAB_STORY_TELL_H
#define LAB_STORY_TELL_H

#include "story.h"

struct telling {
	struct story *story;
	const struct script_step *step; /* the step that is being made */
	unsigned nsteps;
};

extern struct telling telling;

/* Add an event. @pc: its place in the code; 0: none. */
void tell(unsigned lane, uint64_t pc, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Return the list with room for one more element. */
void *tell_grown(void *list, unsigned n, size_t size);

/* ---- story_memory.c ---- */

void tell_memory_begins(void);
void tell_memory_ends(void);

/* Tell the plain stores that have been made since the last event. */
void tell_plain(void);

void tell_memory(const struct observation *o);
void tell_read(const struct observation *o, uint64_t value);
void tell_write(unsigned lane, uint64_t addr, uint64_t before, uint64_t value, uint64_t pc,
		const char *how);

#endif
