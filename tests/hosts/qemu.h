/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* qemu.h - shared by the tests on QEMU's unit. */
#ifndef QEMU_H
#define QEMU_H

#include <hosts/qtest.h>
#include <sys/types.h>

/* The exit status that meson counts as skipped. */
#define SKIPPED 77

/* True if there is a QEMU; if not, a message says so. */
bool qemu_is_here(void);

/* The child of @parent, which is QEMU; 0: it has none. */
pid_t qemu_child_of(pid_t parent);

/* True if it has not ended. */
bool qemu_lives(pid_t pid);

/* A queue on QEMU's unit, turned on. If that fails the test fails. */
struct rig {
	struct qtest_host *host;
	struct qi q;
	struct qi_config qc;
	struct qi_stats stats;
};

struct rig *rig_start(const struct qtest_config *cfg);

/* Turn the queue off and end QEMU, which must have worked all the time. */
void rig_stop(struct rig *r);

#endif
