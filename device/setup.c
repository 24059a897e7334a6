/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* setup.c - initialisation of the translation, and how the unit finds it. */
#include "walk.h"

struct vtd_translation *vtd_translation_of(const struct vtd_unit *u)
{
	return u->cfg.ops->translation ? u->cfg.ops->translation(u->cfg.ctx) : NULL;
}

static bool config_is_sound(const struct vtd_translation_config *cfg)
{
	if (!cfg->unit || !cfg->line || cfg->lines < 4 || cfg->lines & (cfg->lines - 1))
		return false;
	if (cfg->haw && (cfg->haw < 32 || cfg->haw > 52))
		return false;
	return cfg->dma_write || !(cfg->unit->cfg.ecap & VTD_ECAP_PRS);
}

static unsigned host_bits(const struct vtd_translation_config *cfg)
{
	unsigned mgaw = VTD_CAP_MGAW(cfg->unit->cfg.cap) + 1;

	if (cfg->haw)
		return cfg->haw;
	return mgaw < 52 ? mgaw : 52;
}

/* Which bits of an entry are reserved depends on CAP and ECAP alone, which do not change. */
static void find_reserved(struct vtd_translation *t)
{
	unsigned level, leaf;

	for (level = 1; level <= VTD_LEVELS; level++) {
		for (leaf = 0; leaf < 2; leaf++) {
			t->second_reserved[level][leaf] = vtd_second_reserved(t, level, leaf);
			t->first_reserved[level][leaf] = vtd_first_reserved(t, level, leaf);
		}
	}
}

bool vtd_translation_init(struct vtd_translation *t, const struct vtd_translation_config *cfg)
{
	unsigned char *byte = (unsigned char *)t;
	size_t i;

	if (!config_is_sound(cfg))
		return false;
	/* Including padding, as states are compared byte by byte. */
	for (i = 0; i < sizeof(*t); i++)
		byte[i] = 0;
	t->cfg = *cfg;
	t->haw_reserved = ~0ULL << host_bits(cfg);
	t->haw_address = VTD_ADDR & ~(t->haw_reserved | 0xfffULL << 52);
	t->mgaw = VTD_CAP_MGAW(cfg->unit->cfg.cap) + 1;
	t->quirks = vtd_profile_defs[cfg->unit->cfg.profile].quirks;
	find_reserved(t);
	t->pectl = VTD_IECTL_IM;
	t->generation = 1;
	for (i = 0; i < cfg->lines; i++)
		cfg->line[i] = (struct vtd_line){ 0 };
	return true;
}

unsigned vtd_set_bits(struct vtd_walk *w, uint64_t addr, uint64_t entry, uint64_t bits)
{
	const struct vtd_translation *t = w->t;
	uint64_t found = entry;

	if (!t->cfg.dma_swap || !t->cfg.dma_swap(t->cfg.unit->cfg.ctx, addr, &found, entry | bits))
		return 2;
	return found != entry;
}
