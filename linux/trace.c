// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#define pr_fmt(fmt) "qinval: " fmt
#include <linux/printk.h>
#include <linux/rcupdate.h>
#include <linux/tracepoint.h>
#include <qinval/desc.h>
#include "hook.h"
#include "trace.h"

typedef void probe_fn(void *data, struct intel_iommu *iommu, u64 qw0, u64 qw1, u64 qw2, u64 qw3);

static struct tracepoint none;
struct tracepoint *trace_point = &none;

void trace_open(bool parameters_known)
{
	unsigned long found = parameters_known ? hook_symbol("__tracepoint_qi_submit") : 0;

	if (found)
		trace_point = (struct tracepoint *)found;
	else
		pr_warn("the kernel's event intel_iommu:qi_submit is not in its kallsyms, or has "
			"other parameters: submissions will not appear there\n");
}

/* Preemption is off, and unregistering a probe waits for such sections. */
void trace_each(struct intel_iommu *iommu, const struct qi_desc *desc, unsigned int count)
{
	const struct tracepoint_func *first, *f;
	unsigned int i;

	first = rcu_dereference_raw(trace_point->funcs);
	for (i = 0; first && i < count; i++)
		for (f = first; f->func; f++)
			((probe_fn *)f->func)(f->data, iommu, desc[i].qw0, desc[i].qw1, desc[i].qw2,
					      desc[i].qw3);
}
