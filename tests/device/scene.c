/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "scene.h"

#include <string.h>

/* ---- What the unit needs ---- */

static bool is_there(const struct scene *s, uint64_t addr, size_t len)
{
	return addr + len <= SCENE_BYTES && addr + len > addr &&
	       !(s->hole && addr >> 12 == s->hole >> 12);
}

static bool dma_read(void *ctx, uint64_t addr, void *buf, size_t len)
{
	struct scene *s = ctx;

	s->reads++;
	if (!is_there(s, addr, len))
		return false;
	memcpy(buf, (char *)s->mem + addr, len);
	if (s->spoil && addr >> 12 == SCENE_RING >> 12)
		s->spoil(s, buf);
	return true;
}

static bool peek(void *ctx, uint64_t addr, void *buf, size_t len)
{
	struct scene *s = ctx;

	if (!is_there(s, addr, len))
		return false;
	memcpy(buf, (char *)s->mem + addr, len);
	return true;
}

static bool dma_write32(void *ctx, uint64_t addr, uint32_t value)
{
	struct scene *s = ctx;

	if (!is_there(s, addr, 4))
		return false;
	memcpy((char *)s->mem + addr, &value, 4);
	return true;
}

static bool dma_write(void *ctx, uint64_t addr, const void *buf, size_t len)
{
	struct scene *s = ctx;

	assert_int_equal(len, 32);
	if (!is_there(s, addr, len))
		return false;
	memcpy((char *)s->mem + addr, buf, len);
	return true;
}

static bool dma_swap(void *ctx, uint64_t addr, uint64_t *expected, uint64_t value)
{
	struct scene *s = ctx;
	uint64_t *word = scene_at(s, addr);

	if (s->frozen || !is_there(s, addr, 8))
		return false;
	if (s->changes) {
		s->changes--;
		*word ^= s->change;
	}
	if (*word == *expected)
		*word = value;
	else
		*expected = *word;
	return true;
}

static void msi(void *ctx, uint64_t addr, uint32_t data)
{
	struct scene *s = ctx;

	assert_true(s->nmsi < SCENE_LOG);
	s->msi[s->nmsi].addr = addr;
	s->msi[s->nmsi++].data = data;
}

static unsigned choose(void *ctx, unsigned n)
{
	struct scene *s = ctx;
	unsigned i = s->nasked++;

	assert_true(n >= 2);
	assert_true(i < SCENE_CHOICES);
	assert_true(s->script[i] < n);
	s->asked[i] = n;
	return s->script[i];
}

static void respond(void *ctx, const struct vtd_page_response *r)
{
	struct scene *s = ctx;

	assert_true(s->nresponse < SCENE_LOG);
	s->response[s->nresponse++] = *r;
}

static void judged(void *ctx, const struct vtd_judgement *j)
{
	struct scene *s = ctx;

	s->judged[j->use]++;
	s->judged_kind = j->line->of.kind;
}

static struct vtd_translation *translation(void *ctx)
{
	struct scene *s = ctx;

	return &s->t;
}

/* ---- The scene ---- */

void scene_config(struct scene *s)
{
	memset(s, 0, sizeof(*s));
	s->ops = (struct vtd_ops){
		.dma_read = dma_read,
		.dma_write32 = dma_write32,
		.msi = msi,
		.choose = choose,
		.translation = translation,
	};
	s->cfg = (struct vtd_config){
		.cap = SCENE_CAP, .ecap = SCENE_ECAP, .ops = &s->ops, .ctx = s
	};
	s->tcfg = (struct vtd_translation_config){
		.unit = &s->u,
		.line = s->line,
		.lines = SCENE_LINES,
		.haw = 46,
		.dma_swap = dma_swap,
		.dma_write = dma_write,
		.respond = respond,
		.judge = true,
		.judged = judged,
		.peek = peek,
	};
	s->next = SCENE_FREE;
}

void scene_start(struct scene *s, uint64_t mode)
{
	assert_true(vtd_init(&s->u, &s->cfg));
	assert_true(vtd_translation_init(&s->t, &s->tcfg));
	scene_write(s, DMAR_IQA_REG, SCENE_RING | (mode ? VTD_IQA_DW : 0));
	scene_write(s, DMAR_RTADDR_REG, SCENE_ROOT | mode);
	scene_write(s, DMAR_IRTA_REG, SCENE_IRT | 7); /* a page: 256 entries */
	scene_command(s, VTD_GCMD_SRTP, true);
	scene_command(s, VTD_GCMD_SIRTP, true);
	scene_command(s, VTD_GCMD_QIE, true);
	scene_command(s, VTD_GCMD_TE, true);
	scene_write(s, DMAR_FECTL_REG, 0);
}

void scene_capabilities(struct scene *s, uint64_t cap, uint64_t ecap)
{
	s->u.cfg.cap = cap;
	s->u.cfg.ecap = ecap;
	assert_true(vtd_translation_init(&s->t, &s->tcfg));
}

uint64_t *scene_at(struct scene *s, uint64_t addr)
{
	assert_true(addr < SCENE_BYTES);
	return &s->mem[addr / 8];
}

uint64_t scene_page(struct scene *s)
{
	uint64_t page = s->next;

	s->next += 0x1000;
	assert_true(s->next <= SCENE_BYTES);
	return page;
}

/* The table to which an entry leads; if it leads nowhere, a new one is made. */
static uint64_t below(struct scene *s, uint64_t *entry, uint64_t flags)
{
	if (!*entry)
		*entry = scene_page(s) | flags;
	return *entry & ~0xfffULL;
}

uint64_t *scene_context(struct scene *s, uint16_t sid)
{
	uint64_t *root = scene_at(s, SCENE_ROOT + (sid >> 8) * 16U);

	return scene_at(s, below(s, root, 1) + (sid & 0xff) * 16U);
}

void scene_attach(struct scene *s, uint16_t sid, uint16_t did, uint64_t table, unsigned aw)
{
	uint64_t *context = scene_context(s, sid);

	context[1] = (uint64_t)did << 8 | aw;
	context[0] = table | 1;
}

uint64_t *scene_scalable_context(struct scene *s, uint16_t sid)
{
	uint64_t *root = scene_at(s, SCENE_ROOT + (sid >> 8) * 16U) + (sid >> 7 & 1);

	return scene_at(s, below(s, root, 1) + (sid & 0x7f) * 32U);
}

uint64_t *scene_pasid(struct scene *s, uint16_t sid, uint32_t pasid)
{
	uint64_t *context = scene_scalable_context(s, sid);
	uint64_t directory = below(s, context, 1);
	uint64_t table = below(s, scene_at(s, directory + (pasid >> 6) * 8), 1);

	return scene_at(s, table + (pasid & 0x3f) * 64);
}

static uint64_t *find(struct scene *s, uint64_t table, unsigned levels, uint64_t addr,
		      unsigned level, uint64_t flags)
{
	uint64_t *entry;

	for (;; levels--) {
		entry = scene_at(s, table + (addr >> (12 + 9 * (levels - 1)) & 0x1ff) * 8);
		if (levels == level)
			return entry;
		table = below(s, entry, flags);
	}
}

uint64_t *scene_entry(struct scene *s, uint64_t table, unsigned levels, uint64_t addr,
		      unsigned level)
{
	return find(s, table, levels, addr, level, PTE_RW);
}

uint64_t *scene_first_entry(struct scene *s, uint64_t table, unsigned levels, uint64_t addr,
			    unsigned level)
{
	return find(s, table, levels, addr, level, 7);
}

static unsigned natural_size(unsigned reg)
{
	switch (reg) {
	case DMAR_GCMD_REG:
	case DMAR_GSTS_REG:
	case DMAR_FSTS_REG:
	case DMAR_FECTL_REG:
	case DMAR_FEDATA_REG:
	case DMAR_FEADDR_REG:
	case DMAR_ICS_REG:
	case 0xdc:
	case 0xe0:
	case 0xe4:
	case 0xe8:
		return 4;
	default:
		return 8;
	}
}

uint64_t scene_read(struct scene *s, unsigned reg)
{
	return vtd_read(&s->u, reg, natural_size(reg));
}

void scene_write(struct scene *s, unsigned reg, uint64_t value)
{
	vtd_write(&s->u, reg, value, natural_size(reg));
}

void scene_command(struct scene *s, uint32_t bits, bool on)
{
	uint32_t now = (uint32_t)scene_read(s, DMAR_GSTS_REG) & ~VTD_GCMD_ONESHOT;

	scene_write(s, DMAR_GCMD_REG, on ? now | bits : now & ~bits);
}

struct vtd_result scene_request(struct scene *s, struct vtd_request q)
{
	struct vtd_result r;
	bool passes = vtd_translate(&s->t, &q, &r);

	assert_true(passes || !r.access);
	return r;
}

struct vtd_result scene_dma(struct scene *s, uint64_t addr, unsigned access)
{
	return scene_request(s, (struct vtd_request){ .addr = addr,
						      .pasid = VTD_NO_PASID,
						      .sid = SID,
						      .access = (uint8_t)access });
}

static unsigned qwords(const struct scene *s)
{
	return s->u.iqa & VTD_IQA_DW ? 4 : 2;
}

void scene_put(struct scene *s, struct qi_desc d)
{
	memcpy(scene_at(s, SCENE_RING + s->tail * qwords(s) * 8), &d, qwords(s) * 8);
	s->tail = (s->tail + 1) % (512 / qwords(s));
}

struct qi_desc scene_wait(struct scene *s, uint64_t flags)
{
	return qi_desc_wait(flags | QI_IWD_SW, SCENE_STATUS, ++s->waits);
}

bool scene_waited(struct scene *s)
{
	return *scene_at(s, SCENE_STATUS) == s->waits;
}

void scene_ring(struct scene *s)
{
	scene_write(s, DMAR_IQT_REG, s->tail * qwords(s) * 8);
}

void scene_run(struct scene *s)
{
	unsigned i = 0;

	while (vtd_step(&s->u) != VTD_IDLE)
		assert_true(++i < 100000);
}

void scene_submit(struct scene *s, struct qi_desc d)
{
	scene_put(s, d);
	scene_put(s, scene_wait(s, 0));
	scene_ring(s);
	scene_run(s);
	assert_true(scene_waited(s));
}

unsigned scene_explore(struct scene *s, void (*play)(struct scene *s))
{
	unsigned ways = 0, script[SCENE_CHOICES] = { 0 }, n;

	do {
		scene_config(s);
		memcpy(s->script, script, sizeof(script));
		play(s);
		ways++;
		/* The next script: the last choice with a further alternative takes it. */
		for (n = s->nasked; n && script[n - 1] + 1 == s->asked[n - 1]; n--)
			script[n - 1] = 0;
		if (n)
			script[n - 1]++;
	} while (n);
	return ways;
}
