/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* names.h - names of the kernel's functions. */
#ifndef LIVE_NAMES_H
#define LIVE_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NAMES_NAME 96

struct names;

/* Read a file such as /proc/kallsyms. Returns NULL if it shows no addresses to this process. */
struct names *names_load(const char *path);
struct names *names_new(void);
void names_free(struct names *n);

/* An address in place of a function whose name alone is known. 0: out of memory. */
uint64_t names_stand_in(struct names *n, const char *name);

/* The name of the function that has @address; a number if it is not known, or @n is NULL. */
void names_of(const struct names *n, uint64_t address, char name[NAMES_NAME]);

/*
 * A stack, whose innermost address comes first, as one line in the form that flame graphs are drawn
 * from: the outermost function first, separated by semicolons. qi_submit_sync() and the functions
 * that it called are left out. @most: functions, the innermost ones. Returns the length, which is
 * less than @size.
 */
size_t names_fold(const struct names *n, const uint64_t *frame, unsigned frames, unsigned most,
		  char *buf, size_t size);

#endif
