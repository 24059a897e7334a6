/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * tap.h - prints results in the Test Anything Protocol. Only the first CPU may call these, except
 * for tap_bail_out().
 */
#ifndef METAL_TAP_H
#define METAL_TAP_H

#include <stdbool.h>

void tap_result(bool ok, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void tap_skip(const char *reason, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Print a line for people. */
void tap_note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Print the last line, and stop the machine. */
_Noreturn void tap_end(void);

/* Say that nothing can be tested here, and why, and stop the machine. */
_Noreturn void tap_refuse(const char *reason);

_Noreturn void tap_bail_out(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
