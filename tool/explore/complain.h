/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* complain.h - what is said on stderr when there can be no verdict, or a wrong one. */
#ifndef EXPLORE_COMPLAIN_H
#define EXPLORE_COMPLAIN_H

#include <lab/explore.h>

/* These return the exit code. */
int explore_unusable(const char *name, const char *why);
int explore_unseen(const char *scenario, const struct explore_result *r);
int explore_no_disk(const char *directory);	/* of errno */
int explore_no_variables(const char *scenario); /* of errno */

/* The code, unless what has been printed cannot be. */
int explore_flushed(int code);

void explore_warn_of_assembly(const char *name, const uint8_t *at);

#endif
