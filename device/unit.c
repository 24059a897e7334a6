/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* unit.c - the unit and its registers. */
#include "walk.h"

#define VERSION 0x10 /* 1.0 */

#define GCMD_LEVELS (VTD_GCMD_TE | VTD_GCMD_IRE | VTD_GCMD_CFI)
#define GCMD_STICKY (VTD_GCMD_SRTP | VTD_GCMD_SFL | VTD_GCMD_SIRTP)

#define RTADDR_MASK (~0x3ffULL)
#define IQA_MASK (VTD_IQA_ADDR_MASK | VTD_IQA_DW | VTD_IQA_QS_MASK)
#define IRTA_MASK (~0x7f0ULL)

#define LOW 0xffffffffULL
#define HIGH (LOW << 32)

static bool config_is_sound(const struct vtd_config *cfg)
{
	if (!cfg->ops || !cfg->ops->dma_read || !cfg->ops->dma_write32 || !cfg->ops->msi)
		return false;
	if ((unsigned)cfg->profile >= VTD_PROFILES || cfg->window > VTD_WINDOW)
		return false;
	if (cfg->slots != 0 && cfg->slots != 4 && cfg->slots != 8 && cfg->slots != 16)
		return false;
	return cfg->cache || !cfg->cache_room;
}

bool vtd_init(struct vtd_unit *u, const struct vtd_config *cfg)
{
	unsigned char *byte = (unsigned char *)u;
	size_t i;

	if (!config_is_sound(cfg))
		return false;
	/* Including padding, as states are compared byte by byte. */
	for (i = 0; i < sizeof(*u); i++)
		byte[i] = 0;
	u->cfg = *cfg;
	if (!cfg->cap && !cfg->ecap)
		vtd_profile_caps(cfg->profile, &u->cfg.cap, &u->cfg.ecap);
	if (!cfg->window)
		u->cfg.window = VTD_WINDOW;
	u->fectl = u->iectl = VTD_IECTL_IM;
	return true;
}

/* ---- Reading: each multiple of 8 holds two 32-bit registers or one of 64 bits ---- */

static uint64_t pair(uint32_t low, uint32_t high)
{
	return low | (uint64_t)high << 32;
}

static uint64_t read_iqa(const struct vtd_unit *u)
{
	if (!vtd_quirk(u, VTD_Q_IQA_ON))
		return u->iqa;
	return (u->iqa_on & VTD_IQA_ADDR_MASK) |
	       (u->iqa & (VTD_IQA_QS_MASK | (vtd_quirk(u, VTD_Q_QUIET) ? 0 : VTD_IQA_DW)));
}

static uint64_t read_word(const struct vtd_unit *u, unsigned reg)
{
	const struct vtd_translation *t = vtd_translation_of(u);

	switch (reg) {
	case DMAR_VER_REG:
		return VERSION;
	case DMAR_CAP_REG:
		return u->cfg.cap;
	case DMAR_ECAP_REG:
		return u->cfg.ecap;
	case DMAR_GCMD_REG:
		return pair(0, u->gsts);
	case DMAR_RTADDR_REG:
		return u->rtaddr;
	case DMAR_FSTS_REG - 4:
		return pair(0, u->fsts);
	case DMAR_FECTL_REG:
		return pair(u->fectl, u->fedata);
	case DMAR_FEADDR_REG:
		return pair(u->feaddr, u->feuaddr);
	case DMAR_IQH_REG:
		return u->iqh;
	case DMAR_IQT_REG:
		return u->iqt;
	case DMAR_IQA_REG:
		return read_iqa(u);
	case DMAR_ICS_REG - 4:
		return pair(0, u->ics);
	case DMAR_IECTL_REG:
		return pair(u->iectl, u->iedata);
	case DMAR_IEADDR_REG:
		return pair(u->ieaddr, u->ieuaddr);
	case DMAR_IQERCD_REG:
		return u->iqercd;
	case DMAR_IRTA_REG:
		return u->irta;
	default:
		return t ? vtd_translation_read(t, reg) : 0;
	}
}

static bool accessible(unsigned reg, unsigned size)
{
	return (size == 4 || size == 8) && !(reg % size);
}

uint64_t vtd_read(struct vtd_unit *u, unsigned reg, unsigned size)
{
	uint64_t word;

	if (!accessible(reg, size))
		return 0;
	word = u->gone ? ~0ULL : read_word(u, reg & ~7U);
	if (size == 8)
		return word;
	return reg & 4 ? word >> 32 : word & LOW;
}

/* ---- Writing: `lanes` are the bits of the word that are written ---- */

static void put(uint64_t *reg, uint64_t value, uint64_t lanes)
{
	*reg = (*reg & ~lanes) | (value & lanes);
}

static void put_pair(uint32_t *low, uint32_t *high, uint64_t value, uint64_t lanes)
{
	uint64_t both = pair(*low, *high);

	put(&both, value, lanes);
	*low = (uint32_t)both;
	*high = (uint32_t)(both >> 32);
}

static void write_gcmd(struct vtd_unit *u, uint32_t value)
{
	struct vtd_translation *t = vtd_translation_of(u);

	u->gsts = (u->gsts & ~GCMD_LEVELS) | (value & (GCMD_LEVELS | GCMD_STICKY));
	if (value & VTD_GCMD_SRTP)
		u->root = u->rtaddr;
	if (value & VTD_GCMD_SIRTP)
		u->irt = u->irta;
	if (t)
		vtd_tables_set(t, value & VTD_GCMD_SRTP, value & VTD_GCMD_SIRTP);
	if (value & VTD_GCMD_QIE)
		vtd_queue_on(u);
	else
		vtd_queue_off(u);
}

static void write_iqt(struct vtd_unit *u, uint64_t value, uint64_t lanes)
{
	put(&u->iqt, value, lanes & VTD_IQ_OFFSET_MASK);
	if (lanes & LOW && vtd_tail_written(u) && vtd_quirk(u, VTD_Q_SYNCHRONOUS))
		vtd_run(u);
}

static void write_iqa(struct vtd_unit *u, uint64_t value, uint64_t lanes)
{
	if (!(u->gsts & VTD_GSTS_QIES))
		put(&u->iqa, value, lanes & IQA_MASK);
}

static void write_word(struct vtd_unit *u, unsigned reg, uint64_t value, uint64_t lanes)
{
	struct vtd_translation *t = vtd_translation_of(u);

	switch (reg) {
	case DMAR_GCMD_REG:
		if (lanes & LOW)
			write_gcmd(u, (uint32_t)value);
		break;
	case DMAR_RTADDR_REG:
		put(&u->rtaddr, value, lanes & RTADDR_MASK);
		break;
	case DMAR_FSTS_REG - 4:
		vtd_clear_faults(u, (uint32_t)((value & lanes) >> 32));
		break;
	case DMAR_FECTL_REG:
		if (lanes & HIGH)
			u->fedata = (uint32_t)(value >> 32);
		if (lanes & LOW)
			vtd_write_fectl(u, (uint32_t)value);
		break;
	case DMAR_FEADDR_REG:
		put_pair(&u->feaddr, &u->feuaddr, value, lanes & ~3ULL);
		break;
	case DMAR_IQT_REG:
		write_iqt(u, value, lanes);
		break;
	case DMAR_IQA_REG:
		write_iqa(u, value, lanes);
		break;
	case DMAR_ICS_REG - 4:
		vtd_clear_completion(u, (uint32_t)((value & lanes) >> 32));
		break;
	case DMAR_IECTL_REG:
		if (lanes & HIGH)
			u->iedata = (uint32_t)(value >> 32);
		if (lanes & LOW)
			vtd_write_iectl(u, (uint32_t)value);
		break;
	case DMAR_IEADDR_REG:
		put_pair(&u->ieaddr, &u->ieuaddr, value, lanes & ~3ULL);
		break;
	case DMAR_IRTA_REG:
		put(&u->irta, value, lanes & IRTA_MASK);
		break;
	default:
		if (t)
			vtd_translation_write(t, reg, value, lanes);
		break;
	}
}

void vtd_write(struct vtd_unit *u, unsigned reg, uint64_t value, unsigned size)
{
	if (!accessible(reg, size) || u->gone)
		return;
	if (size == 8)
		write_word(u, reg, value, ~0ULL);
	else if (reg & 4)
		write_word(u, reg & ~7U, value << 32, HIGH);
	else
		write_word(u, reg, value, LOW);
}
