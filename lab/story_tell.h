/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* story_tell.h - a story while it is told. */
#ifndef LAB_STORY_TELL_H
#define LAB_STORY_TELL_H

#include "story.h"

struct telling {
	struct story *story;
	const struct script_step *step; /* that is made */
	unsigned nsteps;
};

extern struct telling telling;

/* An event; @pc: of the code, 0 if it is none's. */
void tell(unsigned lane, uint64_t pc, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* A list with room for one element more. */
void *tell_grown(void *list, unsigned n, size_t size);

/* ---- story_memory.c ---- */

void tell_memory_begins(void);
void tell_memory_ends(void);

/* A plain store is told when it has been made: by the next event, or by this. */
void tell_plain(void);

void tell_memory(const struct observation *o);
void tell_read(const struct observation *o, uint64_t value);
void tell_write(unsigned lane, uint64_t addr, uint64_t before, uint64_t value, uint64_t pc,
		const char *how);

#endif
