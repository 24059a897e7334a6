/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "tap.h"

#include "print.h"
#include "qemu.h"

#define REMEMBERED 8

static unsigned results, failures;
static unsigned failed[REMEMBERED];

void tap_result(bool ok, const char *fmt, ...)
{
	va_list args;

	if (!ok && failures++ < REMEMBERED)
		failed[failures - 1] = results + 1;
	print("%sok %u - ", ok ? "" : "not ", ++results);
	va_start(args, fmt);
	print_args(fmt, args);
	va_end(args);
	print("\n");
}

void tap_skip(const char *reason, const char *fmt, ...)
{
	va_list args;

	print("ok %u - ", ++results);
	va_start(args, fmt);
	print_args(fmt, args);
	va_end(args);
	print(" # SKIP %s\n", reason);
}

void tap_note(const char *fmt, ...)
{
	va_list args;

	print("# ");
	va_start(args, fmt);
	print_args(fmt, args);
	va_end(args);
	print("\n");
}

static _Noreturn void stop(enum qemu_exit code)
{
	qemu_exit(code);
	print("# The machine has stopped. Nothing was stored; it may be switched off or reset.\n");
	qemu_halt();
}

void tap_end(void)
{
	unsigned i;

	print("1..%u\n", results);
	/* The failures are repeated, because a screen shows only the last lines. */
	for (i = 0; i < failures && i < REMEMBERED; i++)
		print("# %u failed\n", failed[i]);
	if (failures)
		print("# %u of %u failed\n", failures, results);
	else
		print("# all passed\n");
	stop(failures ? QEMU_EXIT_FAILED : QEMU_EXIT_PASSED);
}

void tap_refuse(const char *reason)
{
	print("1..0 # SKIP %s\n", reason);
	stop(QEMU_EXIT_REFUSED);
}

void tap_bail_out(const char *fmt, ...)
{
	va_list args;

	print("Bail out! ");
	va_start(args, fmt);
	print_args(fmt, args);
	va_end(args);
	print("\n");
	stop(QEMU_EXIT_FAILED);
}
