/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* What an error of the queue means, and what it does not mean. */
#include "dmesg_qi.h"

#include <inttypes.h>
#include <string.h>

#define LINUX_DONE 2 /* the status data of Linux's waits */
#define LINUX_SLOTS 256

void qi_slots(struct block *b)
{
	struct row *head = NULL, *prior = NULL;

	for (unsigned i = 0; i < b->rows; i++) {
		if (b->row[i].role && !strcmp(b->row[i].role, "HEAD"))
			head = &b->row[i];
		else
			prior = &b->row[i];
	}
	if (!prior || !row_whole(prior) || qi_desc_type(&prior->desc) != QI_IWD_TYPE ||
	    prior->desc.qw0 >> 32 != LINUX_DONE)
		return;
	prior->slot = (long)(prior->desc.qw1 & 0x3ff) >> 2;
	prior->inferred = true;
	if (!head)
		return;
	head->slot = (prior->slot + 1) % LINUX_SLOTS;
	head->inferred = true;
}

static const struct finding unit_gone = {
	.id = "unit-not-answering",
	.weight = CAUSE,
	.certainty = CERTAIN,
	.next = "Find out why the unit's registers are out of reach: compare its base address "
		"(boot log, "
		"\"reg_base_addr\") with the windows of bridges in `lspci -vv` and with "
		"/proc/iomem; look "
		"for a device or bridge that was configured just before (VMD, hotplug, power "
		"management).",
};

void qi_error_findings(struct decode *d, const struct qi_error *e)
{
	if ((e->seen[QI_IQE] && e->value[QI_IQE] == 0xf) || e->value[QI_ITE] == 0xffff ||
	    e->value[QI_ICE] == 0xffff)
		decode_find(d, &unit_gone, e->block->line,
			    "The unit's registers read as all ones: it does not answer. This is no "
			    "error "
			    "of the queue, and the descriptors that were printed mean nothing.");
}
