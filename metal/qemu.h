/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * qemu.h - ends a machine that QEMU runs, with an exit status for the test.
 */
#ifndef METAL_QEMU_H
#define METAL_QEMU_H

#include <stdbool.h>

/* QEMU's exit status is 2n + 1. */
enum qemu_exit { QEMU_EXIT_PASSED = 16, QEMU_EXIT_FAILED = 17, QEMU_EXIT_REFUSED = 18 };

bool qemu(void);

/* Returns if this is not QEMU, or one without isa-debug-exit. */
void qemu_exit(enum qemu_exit code);

_Noreturn void qemu_halt(void);

#endif
