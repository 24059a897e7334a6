// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#define pr_fmt(fmt) "DMAR: " fmt
#include <linux/kernel.h>
#include <linux/panic.h>
#include <linux/printk.h>
#include <linux/ratelimit.h>
#include <linux/string.h>
#include "devices.h"
#include "failure.h"
#include "unit.h"

static const char *const names[] = { "stop", "warn", "panic" };
static enum { STOP, WARN, PANIC } on_failure;

int failure_choose(const char *text)
{
	int i = match_string(names, ARRAY_SIZE(names), text);

	if (i < 0)
		return i;
	on_failure = i;
	return 0;
}

void failure_of_device(struct unit *u, u16 sid)
{
	pr_err_ratelimited(
		"qinval: %s: device %04x:%02x:%02x.%x does not answer invalidations of its TLB\n",
		u->name, u->segment, sid >> 8, sid >> 3 & 0x1f, sid & 7);
	if (on_failure == PANIC)
		panic("qinval: a device TLB cannot be invalidated");
	if (on_failure == WARN)
		return;
	if (devices_stop(u->segment, sid))
		atomic_long_inc(&u->counts.stopped);
}

void failure_of_unit(struct unit *u, const char *why)
{
	pr_err_ratelimited("qinval: %s cannot invalidate: %s\n", u->name, why);
	if (on_failure == PANIC)
		panic("qinval: a remapping unit cannot invalidate");
	if (on_failure == WARN)
		return;
	atomic_long_add(devices_stop_all(u->device), &u->counts.stopped);
}
