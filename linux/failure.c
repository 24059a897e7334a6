// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#define pr_fmt(fmt) "DMAR: " fmt
#include <linux/kernel.h>
#include <linux/panic.h>
#include <linux/printk.h>
#include <linux/ratelimit.h>
#include <linux/string.h>
#include "devices.h"
#include "failure.h"
#include "log.h"
#include "unit.h"

#define GRANULARITY(d) ((d)->qw0 >> 4 & 3)
#define FUNCTION_MASK(d) ((d)->qw0 >> 48 & 3)

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
	pr_err_ratelimited("qinval: %s: device %04x:%02x:%02x.%x does not answer invalidations of "
			   "its TLB (ITE)\n",
			   u->name, u->segment, sid >> 8, sid >> 3 & 0x1f, sid & 7);
	if (on_failure == PANIC)
		panic("qinval: a device TLB cannot be invalidated");
	if (on_failure == WARN)
		return;
	if (devices_stop(u->segment, sid))
		atomic_long_inc(&u->counts.stopped);
}

/* The devices that can use what this descriptor was to invalidate. */
static unsigned int stop_concerned(struct unit *u, const struct qi_desc *d)
{
	u16 upper = d->qw0 >> 32, lower = d->qw0 >> 16;

	switch (qi_desc_type(d)) {
	case QI_IOTLB_TYPE:
		if (GRANULARITY(d) == QI_IOTLB_GLOBAL)
			break;
		fallthrough;
	case QI_EIOTLB_TYPE:
		return devices_stop_domain(u->device, u->segment, u->rtaddr, lower);
	case QI_CC_TYPE:
		/* The table's entry is another already, so of a domain it cannot be told. */
		if (GRANULARITY(d) != QI_CC_DEVICE || FUNCTION_MASK(d))
			break;
		fallthrough;
	case QI_DIOTLB_TYPE:
		return devices_stop(u->segment, upper);
	case QI_DEIOTLB_TYPE:
	case QI_PGRP_RESP_TYPE:
		return devices_stop(u->segment, lower);
	}
	return devices_stop_all(u->device);
}

void failure_of_unit(struct unit *u, const struct qi_desc *d, const char *why)
{
	pr_err_ratelimited("qinval: %s does not execute this: %s: %s\n", u->name,
			   qi_desc_type(d) ? log_type(d) : "Invalidation Wait", why);
	if (on_failure == PANIC)
		panic("qinval: a remapping unit cannot invalidate");
	if (on_failure == WARN)
		return;
	atomic_long_add(stop_concerned(u, d), &u->counts.stopped);
}
