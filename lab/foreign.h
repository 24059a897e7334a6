/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * foreign.h - functions that code under test calls and the lab neither observes nor undoes: those
 * of the C library, and of lab.h and vtd.h what only setup() may call.
 */
#ifndef LAB_FOREIGN_H
#define LAB_FOREIGN_H

#include <link.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * From now on an actor that calls one of them ends, as a violation; setup() gets what it called.
 * NULL, or why this cannot be done.
 */
const char *foreign_guard(const struct link_map *object);

/* Is it a function of lab.h? Then calling it is a mistake of another kind. */
bool foreign_is_ours(const char *name);

/* What to do in place of calling it: "take memory from lab_alloc() in setup()". */
const char *foreign_advice(const char *name);

/* What actors get in place of functions of the C library. See hooks.c. */
void foreign_assert(const char *what, const char *file, unsigned line, const char *function);
int foreign_memcmp(const void *one, const void *other, size_t n);

#endif
