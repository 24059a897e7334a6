/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * page_request.c - a device's page request on its way to the page request queue, and the responses.
 */
#include "walk.h"

#define PPR 1U
#define PRO 2U

#define SUCCESS 0
#define INVALID 1
#define FAILURE 15

#define TYPE 1ULL

/* ---- Its interrupt ---- */

static void send(struct vtd_translation *t)
{
	const struct vtd_unit *u = t->cfg.unit;

	if (t->pectl & VTD_IECTL_IM) {
		t->pectl |= VTD_IECTL_IP;
		return;
	}
	t->pectl &= ~VTD_IECTL_IP;
	u->cfg.ops->msi(u->cfg.ctx, (uint64_t)t->peuaddr << 32 | t->peaddr, t->pedata);
}

void vtd_page_request_control(struct vtd_translation *t, uint32_t value)
{
	t->pectl = (t->pectl & VTD_IECTL_IP) | (value & VTD_IECTL_IM);
	if (t->pectl == VTD_IECTL_IP)
		send(t);
}

void vtd_page_request_clear(struct vtd_translation *t, uint32_t prs)
{
	t->prs &= ~(prs & (PPR | PRO));
	if (!(t->prs & PPR))
		t->pectl &= ~VTD_IECTL_IP;
}

/* ---- Responses ---- */

static void respond(const struct vtd_translation *t, const struct vtd_page_response *r)
{
	if (t->cfg.respond)
		t->cfg.respond(t->cfg.unit->cfg.ctx, r);
}

/* After the last request of a group the unit responds in place of software. */
static void respond_itself(const struct vtd_translation *t, const struct vtd_page_request *p,
			   uint8_t code)
{
	const struct vtd_page_response r = {
		.pasid = p->pasid,
		.sid = p->sid,
		.group = p->group,
		.code = code,
		.automatic = true,
	};

	if (p->last)
		respond(t, &r);
}

void vtd_page_response_sent(struct vtd_translation *t, const uint64_t qw[4])
{
	const struct vtd_page_response r = {
		.pasid = qw[0] & 1 << 4 ? (uint32_t)(qw[0] >> 32 & 0xfffff) : VTD_NO_PASID,
		.sid = (uint16_t)(qw[0] >> 16),
		.group = qw[1] >> 3 & 0x1ff,
		.code = qw[0] >> 12 & 0xf,
	};

	respond(t, &r);
}

/* ---- Requests ---- */

/* The reason for which this device may not send page requests, or 0. */
static unsigned check(struct vtd_translation *t, const struct vtd_page_request *p, bool *fpd)
{
	const struct vtd_request q = {
		.addr = p->addr,
		.pasid = p->pasid,
		.sid = p->sid,
		.access = p->access,
		.privileged = p->privileged,
	};
	struct vtd_walk w = { .t = t, .q = &q };
	unsigned bad;

	if (VTD_RTADDR_TTM(t->cfg.unit->root) != VTD_TTM_SCALABLE)
		return 0x32;
	bad = vtd_find_context(&w);
	*fpd = w.fpd;
	if (!bad && !(w.context[0] & 1 << 4))
		bad = 0x47;
	return bad;
}

static void refuse(struct vtd_translation *t, const struct vtd_page_request *p, unsigned reason,
		   bool fpd)
{
	const struct vtd_record record = {
		.info = p->addr & VTD_ADDR,
		.pasid = p->pasid,
		.sid = p->sid,
		.type = VTD_AS_PAGE_REQUEST,
		.reason = (uint8_t)reason,
		.privileged = p->privileged,
	};

	t->faults++;
	if (!fpd)
		vtd_record(t, &record);
	respond_itself(t, p, reason == 0x47 ? INVALID : FAILURE);
}

bool vtd_page_request(struct vtd_translation *t, const struct vtd_page_request *p)
{
	if (t->nrequest == VTD_PAGE_ROOM)
		return false;
	t->request[t->nrequest++] = *p;
	return true;
}

static void descriptor(const struct vtd_page_request *p, uint64_t d[4])
{
	d[0] = TYPE | (uint64_t)p->sid << 16 | (uint64_t)p->privileged << 53;
	if (p->pasid != VTD_NO_PASID)
		d[0] |= 1ULL << 8 | (uint64_t)(p->pasid & 0xfffff) << 32;
	if (p->has_private_data)
		d[0] |= 1ULL << 9;
	if (p->access & VTD_EXECUTE)
		d[0] |= 1ULL << 52;
	d[1] = (p->addr & VTD_ADDR) | (p->group & 0x1ffULL) << 3 | (uint64_t)p->last << 2;
	d[1] |= p->access & (VTD_READ | VTD_WRITE);
	d[2] = p->has_private_data ? p->private_data[0] : 0;
	d[3] = p->has_private_data ? p->private_data[1] : 0;
}

static void overflow(struct vtd_translation *t, const struct vtd_page_request *p)
{
	t->prs |= PRO;
	vtd_raise_fault(t->cfg.unit, VTD_FSTS_PRO);
	/* The device translates again, gets a fault, and asks again. */
	respond_itself(t, p, SUCCESS);
}

/* Put the request into the queue. An overflow, old or new, drops it until software clears PRO. */
static void enqueue(struct vtd_translation *t, const struct vtd_page_request *p)
{
	uint64_t bytes = 0x1000ULL << (t->pqa & 7), next = (t->pqt + 32) & (bytes - 1), d[4];
	const struct vtd_unit *u = t->cfg.unit;
	bool pending = t->prs & PPR;

	descriptor(p, d);
	if (t->prs & PRO) {
		respond_itself(t, p, SUCCESS);
		return;
	}
	if (next == t->pqh ||
	    !t->cfg.dma_write(u->cfg.ctx, (t->pqa & VTD_ADDR) + (t->pqt & (bytes - 1)), d, 32)) {
		overflow(t, p);
		return;
	}
	t->pqt = next;
	t->prs |= PPR;
	if (!pending)
		send(t);
}

void vtd_page_request_post(struct vtd_translation *t)
{
	struct vtd_page_request p = t->request[0];
	bool fpd = false;
	unsigned i, bad;

	t->nrequest--;
	for (i = 0; i < t->nrequest; i++)
		t->request[i] = t->request[i + 1];
	t->request[i] = (struct vtd_page_request){ 0 };
	bad = check(t, &p, &fpd);
	if (bad)
		refuse(t, &p, bad, fpd);
	else
		enqueue(t, &p);
}
