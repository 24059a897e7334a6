/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* spoil.h - bad descriptors in place of the core's, put there just before the doorbell is rung. */
#ifndef SPOIL_H
#define SPOIL_H

#include "qemu.h"

struct spoiler {
	struct rig *r; /* NULL: not started yet */
	struct qi_desc bad;
	bool waits;	/* it is the core's own waits that are spoiled, and not descriptors */
	uint32_t after; /* atomic: this many such ones, the last one bad; 0: none will be */
	uint32_t slot;	/* atomic: of the last bad one */
};

/* qtest_config.doorbell; its ctx is the spoiler. */
void spoil(void *ctx, uint64_t from, uint64_t to);

/* The @after-th descriptor from now on is @bad. Not before the last one has been reached. */
void spoil_arm(struct spoiler *s, const struct qi_desc *bad, bool waits, uint32_t after);
bool spoil_is_armed(const struct spoiler *s);

#endif
