/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "console.h"

void console_write(const char *text, size_t n)
{
	serial_write(text, n);
	screen_write(text, n);
}
