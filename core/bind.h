/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * bind.h - how the core reaches the host's functions that it cannot do without: through struct
 * qi_host, or as -DQI_HOST_HEADER='"my_host.h"' binds them at compile time (host.h says how).
 */
#ifndef QI_BIND_H
#define QI_BIND_H

#ifdef QI_HOST_HEADER
#include QI_HOST_HEADER
#define QI_HOST_BOUND 1
#define QI_HOST(q, function) qi_host_##function
#define QI_HOST_HAS(q, function) 1
#else
#define QI_HOST_BOUND 0
#define QI_HOST(q, function) (q)->host->function
#define QI_HOST_HAS(q, function) ((q)->host->function)
#endif

static inline void qi_write32(struct qi *q, unsigned reg, uint32_t value)
{
	QI_HOST(q, write32)(q->ctx, reg, value);
}

static inline void qi_write64(struct qi *q, unsigned reg, uint64_t value)
{
	QI_HOST(q, write64)(q->ctx, reg, value);
}

static inline unsigned long qi_lock(struct qi *q)
{
	return QI_HOST(q, lock)(q->ctx);
}

static inline void qi_unlock(struct qi *q, unsigned long flags)
{
	QI_HOST(q, unlock)(q->ctx, flags);
}

static inline unsigned long qi_irq_save(struct qi *q)
{
	return QI_HOST_HAS(q, irq_save) ? QI_HOST(q, irq_save)(q->ctx) : 0;
}

static inline void qi_irq_restore(struct qi *q, unsigned long flags)
{
	if (QI_HOST_HAS(q, irq_restore))
		QI_HOST(q, irq_restore)(q->ctx, flags);
}

static inline void qi_relax(struct qi *q)
{
	QI_HOST(q, relax)(q->ctx);
}

static inline uint64_t qi_now(struct qi *q)
{
	return QI_HOST(q, now)(q->ctx);
}

#endif
