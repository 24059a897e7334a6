/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* translate.c - one DMA request: where it goes, or why it is blocked. */
#include "walk.h"

/* ---- Permissions ---- */

unsigned vtd_reason_missing(const struct vtd_walk *w, bool write)
{
	if (vtd_scalable_reasons(w))
		return write ? 0x85 : 0x86;
	return write ? 0x5 : 0x6;
}

/* In the second stage, VTD_SS_READ and VTD_SS_WRITE have the values of VTD_READ and VTD_WRITE. */
static inline unsigned permits(const struct vtd_walk *w, unsigned rights)
{
	unsigned access = rights & (VTD_SS_READ | VTD_SS_WRITE);

	if (!(rights & VTD_FS_USER) && !w->privileged)
		return 0;
	if (!(rights & VTD_FS_WRITE) && (!w->privileged || w->fs_wpe))
		access &= ~VTD_WRITE;
	if (rights & VTD_FS_EXECUTE)
		access |= (access & VTD_READ) << 2;
	return access;
}

/* The reason that the unit reports if several rights are missing: the first stage comes first. */
static unsigned reason_refused(const struct vtd_walk *w, unsigned access, unsigned rights)
{
	if (!(rights & VTD_FS_USER) && !w->privileged)
		return 0x81;
	if (access & VTD_EXECUTE && !(rights & VTD_FS_EXECUTE))
		return 0x82;
	if (access & VTD_WRITE && !(rights & VTD_FS_WRITE) && (!w->privileged || w->fs_wpe))
		return 0x85; /* also if the unit reports second-stage faults with legacy reasons */
	return access ? vtd_reason_missing(w, access & VTD_WRITE && !(rights & VTD_SS_WRITE)) : 0;
}

static inline unsigned check_rights(const struct vtd_walk *w, unsigned access, unsigned rights,
				    unsigned granted)
{
	return access && !(access & ~granted) ? 0 : reason_refused(w, access, rights);
}

unsigned vtd_check_rights(const struct vtd_walk *w, unsigned access, unsigned rights)
{
	return check_rights(w, access, rights, permits(w, rights));
}

/*
 * The rights that the requester may use without asking again. While D is not set, each write has to
 * ask.
 */
static inline uint8_t lasting(const struct vtd_walk *w, unsigned rights, unsigned granted)
{
	if (!(rights & VTD_SS_DIRTY) || !(rights & VTD_FS_DIRTY))
		granted &= ~VTD_WRITE;
	if (w->q->pasid == VTD_NO_PASID)
		granted &= ~VTD_EXECUTE;
	return (uint8_t)granted;
}

uint8_t vtd_permitted(const struct vtd_walk *w, unsigned rights)
{
	return lasting(w, rights, permits(w, rights));
}

/* ---- The destination ---- */

/*
 * The rights that a cached leaf needs to answer this request. A translation request accepts what
 * there is.
 */
static unsigned needed(const struct vtd_walk *w)
{
	unsigned need = 0;

	if (w->q->access & VTD_WRITE)
		need |= VTD_SS_DIRTY | VTD_FS_DIRTY;
	if (w->q->at == VTD_TRANSLATION)
		return need;
	if (w->q->access & VTD_WRITE)
		need |= VTD_SS_WRITE;
	if (w->q->access & VTD_READ)
		need |= VTD_SS_READ;
	return need;
}

static unsigned pass(struct vtd_walk *w, struct vtd_leaf *leaf)
{
	unsigned bits = VTD_CAP_MGAW(w->t->cfg.unit->cfg.cap) + 1, shift = bits < 63 ? bits : 63;

	*leaf = (struct vtd_leaf){ .shift = (uint8_t)shift, .rights = VTD_SS_ALL | VTD_FS_ALL };
	leaf->addr = w->q->addr >> shift << shift;
	if (!leaf->addr || bits > 63 || w->t->quirks & VTD_Q_PASS_ALL)
		return 0;
	return vtd_scalable_reasons(w) ? 0x83 : 0x4;
}

static inline unsigned resolve(struct vtd_walk *w, struct vtd_leaf *leaf)
{
	unsigned bad;

	switch (w->stage) {
	case VTD_SECOND:
		bad = vtd_second(w, w->q->addr, needed(w), 1, leaf);
		leaf->rights |= VTD_FS_ALL;
		return bad;
	case VTD_PASS:
		return pass(w, leaf);
	default:
		return vtd_first(w, w->q->addr, needed(w), 1, leaf);
	}
}

unsigned vtd_resolve(struct vtd_walk *w, struct vtd_leaf *leaf)
{
	return resolve(w, leaf);
}

static uint64_t within(const struct vtd_leaf *leaf, uint64_t addr)
{
	return leaf->addr | (addr & ((1ULL << leaf->shift) - 1));
}

/* ---- Faults ---- */

/*
 * A missing page or right. A translation request is then answered, with fewer rights, and is no
 * error.
 */
static bool is_recoverable(unsigned reason)
{
	switch (reason) {
	case 0x4:
	case 0x5:
	case 0x6:
	case 0x71:
	case 0x75:
	case 0x76:
	case 0x77:
	case 0x79:
	case 0x81:
	case 0x82:
	case 0x84:
	case 0x85:
	case 0x86:
		return true;
	default:
		return false;
	}
}

static uint8_t type_of(const struct vtd_request *q)
{
	switch (q->access & (VTD_READ | VTD_WRITE)) {
	case VTD_READ | VTD_WRITE:
		return q->at == VTD_UNTRANSLATED ? VTD_AS_ATOMIC : VTD_AS_READ;
	case VTD_WRITE:
		return VTD_AS_WRITE;
	default:
		return VTD_AS_READ;
	}
}

static void add_quirk(const struct vtd_walk *w, struct vtd_record *r)
{
	if (!w->stage || !(w->t->quirks & VTD_Q_RECORD_PASID))
		return;
	if (w->scalable)
		r->pasid = w->pasid & 0xffff;
	else
		r->filler = 0xffff;
}

static bool refuse(struct vtd_walk *w, unsigned reason, struct vtd_result *r)
{
	const struct vtd_request *q = w->q;
	struct vtd_record record = {
		.info = q->addr & VTD_ADDR,
		.pasid = q->pasid,
		.sid = q->sid,
		.type = type_of(q),
		.at = q->at,
		.reason = (uint8_t)reason,
		.privileged = q->privileged,
		.execute = q->access & VTD_EXECUTE,
	};

	add_quirk(w, &record);
	w->t->faults++;
	r->reason = (uint8_t)reason;
	r->recorded = !w->fpd;
	if (r->recorded)
		vtd_record(w->t, &record);
	return false;
}

/* ---- The request ---- */

#define INTERRUPTS 0xfeeULL

static bool everything(struct vtd_result *r, uint64_t addr)
{
	*r = (struct vtd_result){
		.addr = addr,
		.shift = 12,
		.access = VTD_READ | VTD_WRITE | VTD_EXECUTE,
		.pasid = VTD_NO_PASID,
	};
	return true;
}

/* True if the page contains addresses of the interrupt range. */
static bool covers_interrupts(const struct vtd_leaf *leaf)
{
	uint64_t last = leaf->addr | ((1ULL << leaf->shift) - 1);

	return leaf->addr >> 20 <= INTERRUPTS && last >> 20 >= INTERRUPTS;
}

/* A page must not lead to the interrupt address range. */
static inline bool leads_to_interrupts(const struct vtd_walk *w, const struct vtd_leaf *leaf,
				       uint64_t to)
{
	return w->stage != VTD_PASS &&
	       (to >> 20 == INTERRUPTS ||
		(w->t->quirks & VTD_Q_INTERRUPT_PAGES && covers_interrupts(leaf)));
}

static unsigned reason_interrupts(const struct vtd_walk *w)
{
	bool mode = w->t->quirks & VTD_Q_INTERRUPT_PAGES ? vtd_has_ecap(w->t, VTD_ECAP_SMTS)
							 : w->scalable;

	return mode ? 0x87 : 0xe;
}

/* Fill in the ids by which invalidations match the request, and whether it hit a cache. */
static void describe(const struct vtd_walk *w, struct vtd_result *r)
{
	*r = (struct vtd_result){
		.use = w->use,
		.did = w->did,
		.pasid = w->stage & 1 ? w->pasid : VTD_NO_PASID,
		.nested = w->stage == VTD_NESTED,
		.cached = w->hit,
	};
}

static bool block(struct vtd_walk *w, unsigned bad, struct vtd_result *r)
{
	describe(w, r);
	if (w->q->at != VTD_TRANSLATION || !is_recoverable(bad))
		return refuse(w, bad, r);
	r->shift = 12;
	return true;
}

static bool answer(struct vtd_walk *w, const struct vtd_leaf *leaf, unsigned bad,
		   struct vtd_result *r)
{
	const struct vtd_request *q = w->q;
	unsigned granted;

	if (bad)
		return block(w, bad, r);
	granted = permits(w, leaf->rights);
	if (q->at == VTD_UNTRANSLATED)
		bad = check_rights(w, q->access, leaf->rights, granted);
	if (!bad && leads_to_interrupts(w, leaf, within(leaf, q->addr)))
		bad = reason_interrupts(w);
	if (bad)
		return block(w, bad, r);
	describe(w, r);
	r->addr = within(leaf, q->addr);
	r->shift = leaf->shift;
	r->access = lasting(w, leaf->rights, granted);
	if (q->at == VTD_TRANSLATION && !(q->access & VTD_WRITE))
		r->access &= ~VTD_WRITE;
	if (w->hit)
		w->t->hits++;
	else
		w->t->walks++;
	return true;
}

/* Translate through the tables, unless the request is `bad` already. */
static bool translate(struct vtd_translation *t, const struct vtd_request *q, unsigned bad,
		      struct vtd_result *r)
{
	struct vtd_walk w = { .t = t, .q = q };
	struct vtd_leaf leaf = { 0 };

	if (!bad)
		bad = vtd_find_context(&w);
	if (!bad && q->at == VTD_TRANSLATED) {
		everything(r, q->addr);
		r->did = w.did;
		r->use = w.use;
		return true;
	}
	if (!bad)
		bad = resolve(&w, &leaf);
	return answer(&w, &leaf, bad, r);
}

static bool ask(struct vtd_translation *t, const struct vtd_request *q, struct vtd_result *r)
{
	const struct vtd_unit *u = t->cfg.unit;
	bool interrupt = q->addr >> 20 == INTERRUPTS;
	unsigned mode = vtd_table_mode(u);

	if (!(u->gsts & VTD_GSTS_TES) || (interrupt && q->pasid == VTD_NO_PASID)) {
		everything(r, q->addr);
		r->interrupt = interrupt;
		if (interrupt)
			r->access = VTD_WRITE;
		return true;
	}
	if (mode == VTD_TTM_ABORT) {
		*r = (struct vtd_result){ .pasid = VTD_NO_PASID };
		return false;
	}
	return translate(t, q, interrupt && mode == VTD_TTM_SCALABLE ? 0x87 : 0, r);
}

/* ---- Recently answered requests ---- */

#define OFFSET 0xfffULL

static struct vtd_recent *place_of(struct vtd_translation *t, const struct vtd_request *q)
{
	uint64_t x = q->addr >> 12 ^ q->addr >> 21 ^ q->sid ^ q->pasid;

	return &t->recent[x % VTD_RECENT];
}

static bool is_known(const struct vtd_translation *t, const struct vtd_recent *e,
		     const struct vtd_request *q)
{
	const struct vtd_request *was = &e->request;

	return e->generation == t->generation && !((was->addr ^ q->addr) & ~OFFSET) &&
	       was->sid == q->sid && was->pasid == q->pasid && was->access == q->access &&
	       was->privileged == q->privileged;
}

static void keep(struct vtd_translation *t, struct vtd_recent *e, const struct vtd_request *q,
		 const struct vtd_result *r)
{
	e->generation = t->generation;
	e->request = *q;
	e->result = *r;
	e->result.addr &= ~OFFSET;
	e->result.cached = true;
}

bool vtd_translate(struct vtd_translation *t, const struct vtd_request *q, struct vtd_result *r)
{
	struct vtd_recent *e = place_of(t, q);
	/* While uses are judged, each one has to reach the line that it uses. */
	bool may_recall = q->at == VTD_UNTRANSLATED && !t->cfg.judge;

	t->translations++;
	if (may_recall && is_known(t, e, q)) {
		*r = e->result;
		r->addr |= q->addr & OFFSET;
		t->hits++;
		return true;
	}
	if (!ask(t, q, r))
		return false;
	/* If did is 0 no table was consulted, so no line backs the answer. */
	if (may_recall && r->did)
		keep(t, e, q, r);
	return true;
}
