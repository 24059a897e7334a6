/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* units.h - all remapping units that the kernel drives. */
#ifndef QINVAL_LINUX_UNITS_H
#define QINVAL_LINUX_UNITS_H

#include "unit.h"

#define UNITS_MOST 64

extern struct unit *units[UNITS_MOST];
extern unsigned int nunits;

/* 0, or a negative errno: it has said which unit is not as it has to be. */
int units_find(const struct layout *l, const struct unit_options *o);
void units_free(void);

/* The unit whose queue is ours, or NULL. */
static inline struct unit *units_of(const struct intel_iommu *iommu)
{
	unsigned int i;

	for (i = 0; i < nunits; i++)
		if (units[i]->iommu == iommu)
			return units[i]->taken ? units[i] : NULL;
	return NULL;
}

/* Text for people, a line a unit. */
int units_show(char *buf, size_t size);

#endif
