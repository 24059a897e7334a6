/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "spoil.h"

void spoil(void *ctx, uint64_t from, uint64_t to)
{
	struct spoiler *s = ctx;
	const struct qi_mem *ring;
	unsigned bytes;

	if (!spoil_is_armed(s))
		return;
	ring = &s->r->qc.ring;
	bytes = s->r->qc.width / 8;
	for (uint64_t at = from; at != to; at = (at + bytes) % ring->size) {
		uint64_t *d = (uint64_t *)((char *)ring->virt + at);
		bool wait = (__atomic_load_n(d, __ATOMIC_RELAXED) & 0xf) == QI_IWD_TYPE;

		if (wait != s->waits)
			continue;
		if (__atomic_load_n(&s->after, __ATOMIC_RELAXED) == 1) {
			qtest_put_desc(d, (const uint64_t *)&s->bad, bytes / 8);
			__atomic_store_n(&s->slot, at / bytes, __ATOMIC_RELAXED);
			__atomic_store_n(&s->after, 0, __ATOMIC_RELEASE);
			return;
		}
		__atomic_fetch_sub(&s->after, 1, __ATOMIC_RELAXED);
	}
}

void spoil_arm(struct spoiler *s, const struct qi_desc *bad, bool waits, uint32_t after)
{
	s->bad = *bad;
	s->waits = waits;
	__atomic_store_n(&s->after, after, __ATOMIC_RELEASE);
}

bool spoil_is_armed(const struct spoiler *s)
{
	return __atomic_load_n(&s->after, __ATOMIC_ACQUIRE);
}
