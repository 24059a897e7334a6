/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * folder.h - a run's temporary folder. It is locked as long as its run lives; what a run that was
 * killed has left is found by the next one, as its lock is free.
 */
#ifndef GUEST_FOLDER_H
#define GUEST_FOLDER_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

struct folder {
	char path[PATH_MAX - 20]; /* empty: there is none */
	int lock;
};

/* Below $TMPDIR or /tmp; folders whose lock is free are removed first. */
bool folder_make(struct folder *f, char *error, size_t size);

void folder_remove(struct folder *f);

#endif
