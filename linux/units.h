/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* units.h - all remapping units that the kernel drives. */
#ifndef QINVAL_LINUX_UNITS_H
#define QINVAL_LINUX_UNITS_H

#include "unit.h"

#define UNITS_MOST 64

extern struct unit *units[UNITS_MOST];
extern unsigned int nunits;

/*
 * Returns 0, or a negative errno after a message that names the unit that is not as expected. The
 * caller frees the units in either case.
 */
int units_find(const struct layout *l, const struct unit_options *o);
void units_free(void);

/* The unit, if the core has its queue; otherwise NULL. */
static inline struct unit *units_of(const struct intel_iommu *iommu)
{
	unsigned int i;

	for (i = 0; i < nunits; i++)
		if (units[i]->iommu == iommu)
			return READ_ONCE(units[i]->taken) ? units[i] : NULL;
	return NULL;
}

/* A line of text for each unit. */
int units_show(char *buf, size_t size);

#endif
