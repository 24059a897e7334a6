// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#define pr_fmt(fmt) "DMAR: " fmt
#include <linux/kernel.h>
#include <linux/printk.h>
#include <linux/ratelimit.h>
#include <qinval/qi.h>
#include "log.h"

/* One limit for all messages, as the kernel's own: ten in five seconds. */
static DEFINE_RATELIMIT_STATE(limit, 5 * HZ, 10);

const char *log_type(const struct qi_desc *d)
{
	static const char *const names[] = {
		[QI_CC_TYPE] = "Context-cache Invalidation",
		[QI_IOTLB_TYPE] = "IOTLB Invalidation",
		[QI_DIOTLB_TYPE] = "Device-TLB Invalidation",
		[QI_IEC_TYPE] = "Interrupt Entry Cache Invalidation",
		[QI_IWD_TYPE] = "Invalidation Wait",
		[QI_EIOTLB_TYPE] = "PASID-based IOTLB Invalidation",
		[QI_PC_TYPE] = "PASID-cache Invalidation",
		[QI_DEIOTLB_TYPE] = "PASID-based Device-TLB Invalidation",
		[QI_PGRP_RESP_TYPE] = "Page Group Response",
	};
	unsigned int type = d->qw0 & 0xf;

	return type < ARRAY_SIZE(names) && names[type] ? names[type] : "UNKNOWN";
}

static void print_desc(const char *where, const struct qi_desc *d)
{
	pr_err("QI %s: %s qw0 = 0x%llx, qw1 = 0x%llx\n", where, log_type(d), d->qw0, d->qw1);
}

void log_report(const char *unit, const struct qi_error *e)
{
	/* The submitter logs these with more details: log_refused(), log_silent(). */
	if (e->code == -QI_ERR_IQE || e->code == -QI_ERR_DEVICE)
		return;
	if (!__ratelimit(&limit))
		return;
	if (!e->code) {
		pr_err("VT-d detected Invalidation Completion Error: SID %x\n", e->sid);
		pr_info("Invalidation Completion Error (ICE) cleared\n");
		return;
	}
	pr_err("qinval: %s: %s\n", unit, qi_strerror(e->code));
}

void log_refused(const char *unit, const struct qi_error *e, const struct qi_desc *d,
		 const struct qi_desc *prior)
{
	if (!__ratelimit(&limit))
		return;
	pr_err("VT-d detected Invalidation Queue Error: Reason %x\n", e->iqei);
	print_desc("HEAD", d);
	if (prior)
		print_desc("PRIOR", prior);
	pr_info("Invalidation Queue Error (IQE) cleared\n");
	pr_err("qinval: %s refused descriptor %u of a submission (IQE)\n", unit, e->index);
}

void log_invalid(const char *unit, const struct qi_error *e, const struct qi_desc *d)
{
	if (!__ratelimit(&limit))
		return;
	pr_err("qinval: %s: the specification does not allow this descriptor: %s: %s\n", unit,
	       e->field ? e->field : "", e->reason ? e->reason : "");
	print_desc("HEAD", d);
}

void log_silent(const struct qi_error *e, const struct qi_desc *d)
{
	if (!__ratelimit(&limit))
		return;
	pr_err("VT-d detected Invalidation Time-out Error: SID %x\n", e->sid);
	print_desc("HEAD", d);
	pr_info("Invalidation Time-out Error (ITE) cleared\n");
}
