/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "amd.h"

static void insert(struct amd_queue *q, const struct qi_desc *d)
{
	rival_put(&q->ring, q->tail, d);
	q->tail = (q->tail + 1) % q->ring.slots;
}

/* One slot stays free, as a full ring would look like an empty one. */
static void make_room(struct amd_queue *q, unsigned slots)
{
	while ((q->head - q->tail - 1) % q->ring.slots < slots)
		q->head = rival_slot_in(&q->ring, DMAR_IQH_REG);
}

/* Numbers wrap; submissions under way are less than 2^31 apart. */
static bool reached(const struct amd_queue *q, uint32_t number)
{
	uint32_t word = __atomic_load_n((uint32_t *)q->ring.status.virt, __ATOMIC_ACQUIRE);

	return (int32_t)(word - number) >= 0;
}

int amd_submit_sync(struct amd_queue *q, const struct qi_desc *desc, unsigned count,
		    unsigned options)
{
	const struct qi_host *host = q->ring.host;
	unsigned long flags = host->lock(q->ring.ctx);
	struct qi_desc wait;
	uint32_t number;
	unsigned i;

	make_room(q, count + 1);
	number = ++q->number;
	for (i = 0; i < count; i++)
		insert(q, &desc[i]);
	wait = rival_wait(QI_IWD_SW | QI_IWD_FN | options, q->ring.status.phys, number);
	insert(q, &wait);
	rival_doorbell(&q->ring, q->tail);
	host->unlock(q->ring.ctx, flags);

	while (!reached(q, number))
		host->relax(q->ring.ctx);
	return 0;
}

void amd_start(struct amd_queue *q, const struct qi_config *cfg)
{
	*q = (struct amd_queue){ 0 };
	rival_ring_start(&q->ring, cfg);
}
