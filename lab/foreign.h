/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * foreign.h - calls of the code under test to functions that the lab can neither observe nor undo:
 * those of the C library, and those of lab.h and vtd.h that only setup() may call.
 */
#ifndef LAB_FOREIGN_H
#define LAB_FOREIGN_H

#include <link.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * From now on an actor that calls such a function ends with a violation, and setup() calls the real
 * function. Returns NULL, or why this cannot be done.
 */
const char *foreign_guard(const struct link_map *object);

/* True for functions of lab.h: their call from an actor is a mistake of another kind. */
bool foreign_is_ours(const char *name);

/* Advice what to do in place of calling it: "take memory from lab_alloc() in setup()". */
const char *foreign_advice(const char *name);

/* Replacements of C library functions for actors: see hooks.c. */
void foreign_assert(const char *what, const char *file, unsigned line, const char *function);
int foreign_memcmp(const void *one, const void *other, size_t n);

#endif
