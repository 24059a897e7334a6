/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* qemu.h - ends the machine with an exit status for the test, if QEMU runs it. */
#ifndef METAL_QEMU_H
#define METAL_QEMU_H

#include <stdbool.h>

/* QEMU's exit status is 2n + 1. */
enum qemu_exit { QEMU_EXIT_PASSED = 16, QEMU_EXIT_FAILED = 17, QEMU_EXIT_REFUSED = 18 };

bool qemu(void);

/* Returns if the machine is not QEMU, or has no isa-debug-exit. */
void qemu_exit(enum qemu_exit code);

_Noreturn void qemu_halt(void);

#endif
