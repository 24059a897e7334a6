/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* complain.h - messages on stderr if there is no verdict, or one that may be wrong. */
#ifndef EXPLORE_COMPLAIN_H
#define EXPLORE_COMPLAIN_H

#include <lab/explore.h>

/* These return the exit code. */
int explore_unusable(const char *name, const char *why);
int explore_unseen(const char *scenario, const struct explore_result *r);
int explore_no_disk(const char *directory);	/* errno has the reason */
int explore_no_variables(const char *scenario); /* errno has the reason */

/* Returns @code, unless stdout could not be written. */
int explore_flushed(int code);

void explore_warn_of_assembly(const char *name, const uint8_t *at);

#endif
