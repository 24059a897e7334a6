/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "rig.h"

#include <string.h>

static bool dma_read(void *ctx, uint64_t addr, void *buf, size_t len)
{
	struct rig *r = ctx;

	if (addr < RIG_MEM || addr + len > RIG_MEM + RIG_BYTES)
		return false;
	memcpy(buf, (char *)r->mem + (addr - RIG_MEM), len);
	return true;
}

static void log_letter(struct rig *r, char c)
{
	assert_true(r->nlog + 1 < RIG_LOG);
	r->log[r->nlog++] = c;
	r->log[r->nlog] = 0;
}

static bool dma_write32(void *ctx, uint64_t addr, uint32_t value)
{
	struct rig *r = ctx;

	log_letter(r, 'w');
	assert_int_equal(addr % 4, 0);
	if (addr < RIG_MEM || addr + 4 > RIG_MEM + RIG_BYTES)
		return false;
	memcpy((char *)r->mem + (addr - RIG_MEM), &value, 4);
	return true;
}

static void msi(void *ctx, uint64_t addr, uint32_t data)
{
	struct rig *r = ctx;

	log_letter(r, 'm');
	r->msi_addr = addr;
	r->msi_data = data;
}

static unsigned choose(void *ctx, unsigned n)
{
	struct rig *r = ctx;
	unsigned i = r->nasked++;

	assert_true(n >= 2);
	assert_true(i < RIG_LOG);
	assert_true(r->script[i] < n);
	r->asked[i] = n;
	return r->script[i];
}

static void executed(void *ctx, const struct vtd_event *ev)
{
	struct rig *r = ctx;

	log_letter(r, 'x');
	r->event[r->nevent++] = *ev;
}

void rig_config(struct rig *r, enum vtd_profile profile)
{
	memset(r, 0, sizeof(*r));
	r->ops = (struct vtd_ops){ dma_read, dma_write32, msi, choose, executed, NULL };
	r->cfg.profile = profile;
	vtd_profile_caps(profile, &r->cfg.cap, &r->cfg.ecap);
	r->cfg.ops = &r->ops;
	r->cfg.ctx = r;
	r->cfg.cache = r->cache;
	r->cfg.cache_room = RIG_ROOM;
}

void rig_init(struct rig *r)
{
	r->tail = 0;
	assert_true(vtd_init(&r->u, &r->cfg));
}

void rig_start_as(struct rig *r, enum vtd_profile profile, unsigned width)
{
	rig_config(r, profile);
	rig_init(r);
	rig_write(r, DMAR_IQA_REG, RIG_MEM | (width == 256 ? VTD_IQA_DW | 1 : 0));
	rig_command(r, VTD_GCMD_QIE, true);
	assert_true(rig_read(r, DMAR_GSTS_REG) & VTD_GSTS_QIES);
}

void rig_start(struct rig *r, unsigned width)
{
	rig_start_as(r, VTD_SPEC, width);
}

static unsigned natural_size(unsigned reg)
{
	switch (reg) {
	case DMAR_CAP_REG:
	case DMAR_ECAP_REG:
	case DMAR_RTADDR_REG:
	case DMAR_IQH_REG:
	case DMAR_IQT_REG:
	case DMAR_IQA_REG:
	case DMAR_IQERCD_REG:
	case DMAR_IRTA_REG:
		return 8;
	default:
		return 4;
	}
}

uint64_t rig_read(struct rig *r, unsigned reg)
{
	return vtd_read(&r->u, reg, natural_size(reg));
}

void rig_write(struct rig *r, unsigned reg, uint64_t value)
{
	vtd_write(&r->u, reg, value, natural_size(reg));
}

void rig_command(struct rig *r, uint32_t bits, bool on)
{
	uint32_t now = (uint32_t)rig_read(r, DMAR_GSTS_REG) & ~VTD_GCMD_ONESHOT;

	rig_write(r, DMAR_GCMD_REG, on ? now | bits : now & ~bits);
}

static unsigned slot_qwords(const struct rig *r)
{
	return r->u.iqa & VTD_IQA_DW ? 4 : 2;
}

static unsigned slots(const struct rig *r)
{
	unsigned qs = (unsigned)(r->u.iqa & VTD_IQA_QS_MASK);

	if (r->cfg.slots)
		return r->cfg.slots;
	return (512U << qs) / slot_qwords(r);
}

void rig_put(struct rig *r, struct qi_desc d)
{
	memcpy(&r->mem[r->tail * slot_qwords(r)], &d, slot_qwords(r) * 8);
	r->tail = (r->tail + 1) % slots(r);
}

void rig_put_wait(struct rig *r, uint64_t flags, unsigned word, uint32_t data)
{
	rig_put(r, qi_desc_wait(flags, RIG_STATUS + word * 4, data));
}

void rig_defuse(struct rig *r, unsigned slot)
{
	memset(&r->mem[slot * slot_qwords(r)], 0, slot_qwords(r) * 8);
	r->mem[slot * slot_qwords(r)] = QI_IWD_TYPE;
}

void rig_doorbell(struct rig *r)
{
	rig_write(r, DMAR_IQT_REG, (uint64_t)r->tail * slot_qwords(r) * 8);
}

void rig_run(struct rig *r)
{
	unsigned i = 0;

	while (vtd_step(&r->u) != VTD_IDLE)
		assert_true(++i < 100000);
}

void rig_submit(struct rig *r)
{
	rig_doorbell(r);
	rig_run(r);
}

void rig_arm(struct rig *r, struct vtd_fault f)
{
	assert_true(vtd_fault_arm(&r->u, &f));
}

int rig_try(struct rig *r, struct qi_desc d)
{
	int code = -1;

	rig_put(r, d);
	rig_submit(r);
	if (rig_read(r, DMAR_FSTS_REG) & VTD_FSTS_IQE) {
		code = (int)VTD_IQERCD_IQEI(rig_read(r, DMAR_IQERCD_REG));
		r->tail = (r->tail + slots(r) - 1) % slots(r);
		rig_doorbell(r);
		rig_write(r, DMAR_FSTS_REG, VTD_FSTS_IQE);
	}
	rig_forget_log(r);
	return code;
}

uint32_t rig_status(const struct rig *r, unsigned word)
{
	uint32_t value;

	memcpy(&value, (const char *)r->mem + (RIG_STATUS - RIG_MEM) + word * 4, 4);
	return value;
}

void rig_forget_log(struct rig *r)
{
	r->nlog = r->nevent = 0;
	r->log[0] = 0;
}

unsigned rig_explore(struct rig *r, unsigned width, void (*scene)(struct rig *r))
{
	unsigned ways = 0, script[RIG_LOG] = { 0 }, n;

	do {
		rig_start(r, width);
		memcpy(r->script, script, sizeof(script));
		scene(r);
		ways++;
		/* The next script: the last choice with a further alternative takes it. */
		for (n = r->nasked; n && script[n - 1] + 1 == r->asked[n - 1]; n--)
			script[n - 1] = 0;
		if (n)
			script[n - 1]++;
	} while (n);
	return ways;
}

struct vtd_entry rig_page(enum vtd_cache kind, uint16_t did_or_sid, uint32_t pasid, uint64_t addr)
{
	struct vtd_entry e = { .kind = (uint8_t)kind, .pasid = pasid, .addr = addr };

	if (kind == VTD_DEVTLB)
		e.sid = did_or_sid;
	else
		e.did = did_or_sid;
	return e;
}
