/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* layout.h - the offsets of members in private structures of the kernel, from its BTF. */
#ifndef QINVAL_LINUX_LAYOUT_H
#define QINVAL_LINUX_LAYOUT_H

#include <linux/types.h>

struct layout {
	/* of struct intel_iommu */
	int reg, reg_phys, cap, ecap, name, node, qi, iommu, register_lock;
	/* of struct q_inval */
	int desc, free_cnt;
	/* Probes of the event qi_submit take the unit and four quadwords. */
	bool event_known;
};

/* Returns 0, or a negative errno after a message that says what is different. */
int layout_read(struct layout *l, const char *path);

#endif
