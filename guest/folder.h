/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * folder.h - a run's temporary folder. It is locked as long as the run lives. If a run is killed,
 * the next run finds its folder by the free lock, and removes it.
 */
#ifndef GUEST_FOLDER_H
#define GUEST_FOLDER_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

struct folder {
	char path[PATH_MAX - 20]; /* empty: no folder */
	int lock;
};

/* Make it below $TMPDIR or /tmp. Folders whose lock is free are removed first. */
bool folder_make(struct folder *f, char *error, size_t size);

void folder_remove(struct folder *f);

#endif
