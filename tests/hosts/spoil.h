/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* spoil.h - replaces descriptors of the core by bad ones just before the doorbell is rung. */
#ifndef SPOIL_H
#define SPOIL_H

#include "qemu.h"

struct spoiler {
	struct rig *r; /* NULL: not started yet */
	struct qi_desc bad;
	bool waits; /* replace waits of the core, and not descriptors of its callers */
	/* Atomic: the number of such descriptors up to the bad one; 0: none will be replaced. */
	uint32_t after;
	uint32_t slot; /* atomic: of the last bad one */
};

/* qtest_config.doorbell; its ctx is the spoiler. */
void spoil(void *ctx, uint64_t from, uint64_t to);

/* Replace the @after-th descriptor from now on by @bad. Not before the last one was replaced. */
void spoil_arm(struct spoiler *s, const struct qi_desc *bad, bool waits, uint32_t after);
bool spoil_is_armed(const struct spoiler *s);

#endif
