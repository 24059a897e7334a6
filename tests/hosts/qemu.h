/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* qemu.h - what the tests on QEMU's unit share. */
#ifndef QEMU_H
#define QEMU_H

#include <hosts/qtest.h>
#include <sys/types.h>

/* What a test program returns that meson is to count as skipped. */
#define SKIPPED 77

/* Is there a QEMU? If not it is said aloud. */
bool qemu_is_here(void);

/* A child of @parent, which QEMU is; 0: it has none. */
pid_t qemu_child_of(pid_t parent);

/* Has it not ended? */
bool qemu_lives(pid_t pid);

/* A queue on QEMU's unit, on. It must all succeed, or the test fails. */
struct rig {
	struct qtest_host *host;
	struct qi q;
	struct qi_config qc;
	struct qi_stats stats;
};

struct rig *rig_start(const struct qtest_config *cfg);

/* Off and ended, and QEMU has been well all the time. */
void rig_stop(struct rig *r);

#endif
