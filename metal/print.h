/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* print.h - formats text and prints it on the consoles. */
#ifndef METAL_PRINT_H
#define METAL_PRINT_H

#include <stdarg.h>
#include <stddef.h>

/*
 * Supports %s, %c, %u, %d, %x and %%, with l or ll, a width, and - or 0 before it. Writes at most
 * @size bytes including the final NUL; returns the length of what was written.
 */
size_t format_args(char *buf, size_t size, const char *fmt, va_list args)
	__attribute__((format(printf, 3, 0)));
size_t format(char *buf, size_t size, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Print on every console. */
void print(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void print_args(const char *fmt, va_list args) __attribute__((format(printf, 1, 0)));

#endif
