/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * trace.h - submissions still appear in the kernel's own event intel_iommu:qi_submit: one event for
 * each descriptor, as the kernel's function has it.
 */
#ifndef QINVAL_LINUX_TRACE_H
#define QINVAL_LINUX_TRACE_H

#include <linux/compiler.h>
#include <linux/rcupdate.h>
#include <linux/tracepoint-defs.h>

struct intel_iommu;
struct qi_desc;

/* The kernel's tracepoint; if it cannot be found, one without probes. */
extern struct tracepoint *trace_point;

/*
 * @parameters_known: the event's probes take the parameters that are passed here. If not, a message
 * says what follows.
 */
void trace_open(bool parameters_known);

void trace_each(struct intel_iommu *iommu, const struct qi_desc *desc, unsigned int count);

static inline void trace_submit(struct intel_iommu *iommu, const struct qi_desc *desc,
				unsigned int count)
{
	if (unlikely(rcu_access_pointer(trace_point->funcs)))
		trace_each(iommu, desc, count);
}

#endif
