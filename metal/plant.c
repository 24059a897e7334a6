/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * plant.c - plants descriptors that only the hardware refuses.
 *
 * The core submits nothing that its unit would refuse. So the fault is made where a stray store
 * would make it: in the ring, just before the doorbell is written. Every unit stops at this
 * descriptor without executing it.
 */
#include <qinval/regs.h>

#include "unit.h"

#define RESERVED_TYPE 15

struct qi_desc plant_desc(void)
{
	return qi_desc_iotlb(QI_IOTLB_DOMAIN, PLANT_DOMAIN, 0, 0, false, 0);
}

void plant_start(struct unit *u)
{
	unsigned long flags = metal_host.lock(u);

	u->planted_to = unit_read64(u, DMAR_IQT_REG);
	u->plant = true;
	metal_host.unlock(u, flags);
}

void plant_stop(struct unit *u)
{
	unsigned long flags = metal_host.lock(u);

	u->plant = false;
	metal_host.unlock(u, flags);
}

/* Called by one CPU at a time, because the core lets only one write the doorbell. */
void plant_before_doorbell(struct unit *u, uint64_t tail)
{
	const struct qi_config *c = &u->q.cfg;
	uint64_t bytes = QI_RING_BYTES(c->slots, c->width), marked = plant_desc().qw0, *qw0;

	for (; u->planted_to != tail; u->planted_to = (u->planted_to + c->width / 8) % bytes) {
		qw0 = (uint64_t *)(void *)((char *)c->ring.virt + u->planted_to);
		if (*qw0 != marked)
			continue;
		*qw0 = RESERVED_TYPE;
		metal_host.flush(u, qw0, sizeof(*qw0));
	}
}
