/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * config.c - the configuration: everything that can be wrong before the first register access.
 */
#include <stddef.h>

#include "queue.h"

#define QI_TIMEOUT_NS 2000000000ULL
#define QI_ATS_TIMEOUT_NS 100000000000ULL
#define QI_RETRIES 3
#define QI_POLL_TURNS 16
#define QI_RANGE_DESCS 8
#define QI_BACKLOG 48 /* slots */

/* So that no sum or product of times overflows. */
#define QI_MAX_TIMEOUT_NS 1000000000000000ULL /* eleven days */
#define QI_MAX_RETRIES 1000

_Static_assert(sizeof(struct qi_desc) == 32, "a descriptor is four quadwords");
_Static_assert(sizeof(struct qi_slot) == 16, "slots do not straddle cache lines");

_Static_assert(offsetof(struct qi, way) < 64, "what each submission reads is in one cache line");

static const char *const qi_errors[QI_ERR_COUNT] = {
	[0] = "success",
	[QI_ERR_INVALID] = "invalid argument or configuration",
	[QI_ERR_DESC] = "descriptor refused before submission",
	[QI_ERR_IQE] = "descriptor refused by the hardware",
	[QI_ERR_DEVICE] = "device did not answer its invalidation",
	[QI_ERR_OFF] = "queue is off",
	[QI_ERR_DEAD] = "queue is dead",
	[QI_ERR_TIMEOUT] = "timed out",
	[QI_ERR_GONE] = "unit does not answer",
	[QI_ERR_BUSY] = "submissions are not collected",
};

const char *qi_strerror(int err)
{
	unsigned e = 0U - (unsigned)err;

	return e < QI_ERR_COUNT ? qi_errors[e] : "unknown error";
}

static const char *qi_wrong_host(const struct qi_host *h)
{
	if (!h)
		return "no host";
	if (!h->sleep != !h->wake)
		return "host: sleep and wake go together";
	if (QI_HOST_BOUND)
		return NULL;
	if (!h->read32 || !h->read64 || !h->write32 || !h->write64)
		return "host: no register access";
	if (!h->lock || !h->unlock)
		return "host: no lock";
	if (!h->relax || !h->now)
		return "host: no relax or no now";
	if (!h->irq_save != !h->irq_restore)
		return "host: irq_save and irq_restore go together";
	return NULL;
}

static const char *qi_wrong_mem(const struct qi_mem *m, size_t size, uint64_t align,
				const char *missing, const char *small, const char *unaligned)
{
	if (!m->virt)
		return missing;
	if (m->size < size || m->phys + (size - 1) < m->phys)
		return small;
	return ((uintptr_t)m->virt | m->phys) & (align - 1) ? unaligned : NULL;
}

/* All eight of IQA.QS, and what only a software model can be told. */
static const char *qi_wrong_size(const struct qi_config *c)
{
	unsigned least = c->width == 256 ? 128 : 256;

	if (c->width != 128 && c->width != 256)
		return "width: neither 128 nor 256";
	if (c->slots == 4 || c->slots == 8 || c->slots == 16)
		return c->host->small_rings ? NULL : "slots: only a software unit takes this few";
	if (c->slots & (c->slots - 1) || c->slots < least || c->slots > least << 7)
		return "slots: not a size that IQA.QS can express for this width";
	return NULL;
}

static const char *qi_wrong(const struct qi_config *c)
{
	const char *why = qi_wrong_host(c->host);

	if (!why)
		why = qi_wrong_size(c);
	if (!why)
		why = qi_wrong_mem(&c->ring, QI_RING_BYTES(c->slots, c->width), 4096,
				   "ring: no memory", "ring: memory too small",
				   "ring: not aligned to 4 KiB");
	if (!why)
		why = qi_wrong_mem(&c->status, QI_STATUS_BYTES(c->slots), 4, "status: no memory",
				   "status: memory too small", "status: not aligned to 4 bytes");
	if (!why && !c->slot)
		why = "slot: no memory";
	if (!why && c->range_descs > QI_RANGE_MAX)
		why = "range_descs: more than QI_RANGE_MAX";
	if (!why && (c->timeout_ns > QI_MAX_TIMEOUT_NS || c->ats_timeout_ns > QI_MAX_TIMEOUT_NS))
		why = "timeout_ns, ats_timeout_ns: more than 10^15";
	if (!why && c->retries > QI_MAX_RETRIES && c->retries != QI_NO_RETRY)
		why = "retries: more than 1000";
	return why;
}

/* As long as a wait may take in a full ring, nothing being wrong: so many turns a slot. */
static unsigned qi_default_budget(unsigned slots)
{
	return slots > 256 ? slots * QI_POLL_TURNS : 256 * QI_POLL_TURNS;
}

static void qi_defaults(struct qi_config *c)
{
	if (!c->timeout_ns)
		c->timeout_ns = QI_TIMEOUT_NS;
	if (!c->ats_timeout_ns)
		c->ats_timeout_ns = QI_ATS_TIMEOUT_NS;
	if (!c->retries)
		c->retries = QI_RETRIES;
	else if (c->retries == QI_NO_RETRY)
		c->retries = 0;
	if (!c->poll_budget)
		c->poll_budget = qi_default_budget(c->slots);
	if (!c->range_descs)
		c->range_descs = QI_RANGE_DESCS;
}

/*
 * Lap 1, so that position 0 can mean "none". A submission that crosses a border takes slots back:
 * of a quarter of the ring, or in a small ring its end.
 */
static void qi_prepare(struct qi *q)
{
	const struct qi_config *c = &q->cfg;
	uint64_t start = c->slots;

	q->host = c->host;
	q->ctx = c->ctx;
	q->ring = c->ring.virt;
	q->order = (uint8_t)__builtin_ctz(c->slots);
	q->shift = c->width == 256 ? 5 : 4;
	q->status = c->status.virt;
	q->status_phys = c->status.phys;
	q->spread = c->status.size >= QI_STATUS_BYTES_SPREAD(c->slots) ? 6 : 2;
	q->slot = c->slot;
	q->mask = (uint16_t)(c->slots - 1);
	q->backlog = c->slots / 4 < QI_BACKLOG ? c->slots / 4 : QI_BACKLOG;
	q->grain = ~((uint64_t)(c->slots >= 32 ? c->slots / 4 : c->slots) - 1);
	q->head = q->base = q->fetched = q->careful = q->aborted = q->rung = q->mark = start;
	q->closed = start + 1;
	q->space = QI_SPACE_CLOSED;
	q->removed = true;
	q->line_end = &q->line;
	q->counts = !!c->stats;
	q->way = q->counts || c->host->trace ? QI_WAY_ODD
		 : q->shift == 5	     ? QI_WAY_WIDE
					     : QI_WAY_PLAIN;
}

int qi_init_why(struct qi *q, const struct qi_config *cfg, const char **why)
{
	const char *wrong = cfg ? qi_wrong(cfg) : "no configuration";
	uint32_t i;

	if (why)
		*why = wrong;
	if (wrong)
		return -QI_ERR_INVALID;

	*q = (struct qi){ .epoch = QI_MODE_OFF };
	q->cfg = *cfg;
	qi_defaults(&q->cfg);
	/* Status words are not looked at before they have been written; these words are. */
	for (i = 0; i < cfg->slots; i++)
		cfg->slot[i] = (struct qi_slot){ 0, 0 };
	qi_prepare(q);
	q->known = cfg->cap || cfg->ecap;
	qi_rules_init(&q->rules, cfg->cap, cfg->ecap, cfg->width);
	return 0;
}

int qi_init(struct qi *q, const struct qi_config *cfg)
{
	return qi_init_why(q, cfg, NULL);
}
