/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * beside.c - the registers of translation: fault records, page requests and their interrupt, and
 * invalidation by register.
 */
#include "walk.h"

#define CCMD 0x28
#define PQH 0xc0
#define PQT 0xc8
#define PQA 0xd0
#define PRS 0xdc
#define PECTL 0xe0
#define PEADDR 0xe8

#define HIGH (0xffffffffULL << 32)
#define GO (1ULL << 63) /* CCMD.ICC, IOTLB.IVT */

#define PQ_OFFSET 0x7ffe0ULL
#define PQA_BITS (VTD_ADDR | 7)

static unsigned iva(const struct vtd_translation *t)
{
	return VTD_ECAP_IRO(t->cfg.unit->cfg.ecap) * 16;
}

/* Find the offset into the fault records. False: the register is not one of theirs. */
static bool in_records(const struct vtd_translation *t, unsigned reg, unsigned *offset)
{
	uint64_t cap = t->cfg.unit->cfg.cap;
	unsigned first = VTD_CAP_FRO(cap) * 16;

	*offset = reg - first;
	return reg >= first && *offset < 16 * (VTD_CAP_NFR(cap) + 1);
}

static bool has_page_requests(const struct vtd_translation *t)
{
	return vtd_has_ecap(t, VTD_ECAP_PRS);
}

static uint64_t pair(uint32_t low, uint32_t high)
{
	return low | (uint64_t)high << 32;
}

static uint64_t read_page_request(const struct vtd_translation *t, unsigned reg)
{
	switch (reg) {
	case PQH:
		return t->pqh;
	case PQT:
		return t->pqt;
	case PQA:
		return t->pqa;
	case PRS - 4:
		return pair(0, t->prs);
	case PECTL:
		return pair(t->pectl, t->pedata);
	case PEADDR:
		return pair(t->peaddr, t->peuaddr);
	default:
		return 0;
	}
}

uint64_t vtd_translation_read(const struct vtd_translation *t, unsigned reg)
{
	unsigned offset;

	if (reg == CCMD)
		return t->ccmd;
	if (reg == iva(t) + 8)
		return t->iotlb;
	if (in_records(t, reg, &offset))
		return vtd_read_record(t, offset);
	return has_page_requests(t) ? read_page_request(t, reg) : 0; /* IVA is write-only */
}

/* ---- Invalidation by register: the same as by descriptor, but at once ---- */

static void invalidate(struct vtd_translation *t, uint64_t qw0, uint64_t qw1)
{
	const uint64_t qw[4] = { qw0, qw1, 0, 0 };

	vtd_stale_covered(t, qw, t->submitted++);
	vtd_invalidate(t->cfg.unit, qw);
	vtd_stale_wait(t, t->submitted);
}

/* A unit may invalidate more than it is asked to, and reports what it did. 0: nothing. */
static unsigned granularity_done(const struct vtd_translation *t, unsigned asked, bool precise)
{
	if (t->cfg.unit->gsts & VTD_GSTS_QIES || !asked)
		return 0;
	if (asked == 3 && !precise)
		asked = 2;
	return asked > 1 ? asked - vtd_choose(t, asked) : asked;
}

static void write_ccmd(struct vtd_translation *t, uint64_t value, uint64_t lanes)
{
	uint64_t done;

	t->ccmd = (t->ccmd & ~lanes) | (value & lanes);
	if (!(t->ccmd & lanes & GO))
		return;
	done = granularity_done(t, t->ccmd >> 61 & 3, true);
	if (done)
		invalidate(t,
			   VTD_T_CONTEXT | done << 4 | (t->ccmd & 0xffff) << 16 |
				   (t->ccmd >> 16 & 0xffff) << 32 | (t->ccmd >> 32 & 3) << 48,
			   0);
	t->ccmd = (t->ccmd & ~(GO | 3ULL << 59)) | done << 59;
}

/* Without page-selective invalidation the unit invalidates the domain. */
static void write_iotlb(struct vtd_translation *t, uint64_t value, uint64_t lanes)
{
	uint64_t cap = t->cfg.unit->cfg.cap, done;

	t->iotlb = (t->iotlb & ~lanes) | (value & lanes);
	if (!(t->iotlb & lanes & GO))
		return;
	done = granularity_done(t, t->iotlb >> 60 & 3,
				cap & VTD_CAP_PSI && (t->iva & 0x3f) <= VTD_CAP_MAMV(cap));
	if (done)
		invalidate(t, VTD_T_IOTLB | done << 4 | (t->iotlb >> 32 & 0xffff) << 16, t->iva);
	t->iotlb = (t->iotlb & ~(GO | 3ULL << 57)) | done << 57;
}

/* ---- Page requests ---- */

static void put_pair(uint32_t *low, uint32_t *high, uint64_t value, uint64_t lanes)
{
	uint64_t both = (pair(*low, *high) & ~lanes) | (value & lanes);

	*low = (uint32_t)both;
	*high = (uint32_t)(both >> 32);
}

static void write_page_request(struct vtd_translation *t, unsigned reg, uint64_t value,
			       uint64_t lanes)
{
	switch (reg) {
	case PQH:
		t->pqh = (t->pqh & ~lanes) | (value & lanes & PQ_OFFSET);
		break;
	case PQT:
		t->pqt = (t->pqt & ~lanes) | (value & lanes & PQ_OFFSET);
		break;
	case PQA:
		t->pqa = (t->pqa & ~lanes) | (value & lanes & PQA_BITS);
		break;
	case PRS - 4:
		vtd_page_request_clear(t, (uint32_t)((value & lanes) >> 32));
		break;
	case PECTL:
		if (lanes & HIGH)
			t->pedata = (uint32_t)(value >> 32);
		if (lanes & ~HIGH)
			vtd_page_request_control(t, (uint32_t)value);
		break;
	case PEADDR:
		put_pair(&t->peaddr, &t->peuaddr, value, lanes & ~3ULL);
		break;
	default:
		break;
	}
}

void vtd_translation_write(struct vtd_translation *t, unsigned reg, uint64_t value, uint64_t lanes)
{
	unsigned offset;

	if (reg == CCMD)
		write_ccmd(t, value, lanes);
	else if (reg == iva(t))
		t->iva = (t->iva & ~lanes) | (value & lanes & ~0xf80ULL);
	else if (reg == iva(t) + 8)
		write_iotlb(t, value, lanes);
	else if (in_records(t, reg, &offset))
		vtd_write_record(t, offset, value, lanes);
	else if (has_page_requests(t))
		write_page_request(t, reg, value, lanes);
}

/* A unit with these capabilities invalidates its caches when it gets new tables. */
void vtd_tables_set(struct vtd_translation *t, bool root, bool interrupts)
{
	static const uint8_t of_root[] = { VTD_LINE_CONTEXT, VTD_LINE_PASID, VTD_LINE_LEAF,
					   VTD_LINE_TABLE };
	unsigned i;

	t->generation++;
	if (root && vtd_has_cap(t, VTD_CAP_ESRTPS)) {
		for (i = 0; i < sizeof(of_root); i++)
			vtd_forget(t, of_root[i]);
	}
	if (interrupts && vtd_has_cap(t, VTD_CAP_ESIRTPS))
		vtd_forget(t, VTD_LINE_INTERRUPT);
}
