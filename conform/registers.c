/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* registers.c - register values after reset, and which bits can be written. */
#include "trial.h"

#define SECTION_REGISTERS "11.4 Register Descriptions"
#define SECTION_QUEUE_REGISTERS "11.4.9 Queued Invalidation Registers"

/* ---- After reset ---- */

static void check_reset(struct trial *t, unsigned reg)
{
	uint64_t expected = reg == DMAR_FECTL_REG || reg == DMAR_IECTL_REG ? VTD_IECTL_IM : 0;
	uint64_t value = trial_read(t, reg);

	if (value != expected)
		trial_deviates(t, "it reads 0x%llx", (unsigned long long)value);
}

/* ---- Read-only ---- */

static void check_read_only(struct trial *t, unsigned reg)
{
	uint64_t before = trial_read(t, reg), after;

	trial_write(t, reg, ~before);
	t->dev->settle(t->dev->ctx);
	after = trial_read(t, reg);
	if (after != before)
		trial_deviates(t, "it reads 0x%llx after a write", (unsigned long long)after);
}

/* ---- Writable ---- */

static void check_bits(struct trial *t, unsigned reg, uint64_t writable, uint64_t looked_at)
{
	char text[CONFORM_DETAIL / 2] = "";
	uint64_t ones, zeros;

	trial_write(t, reg, ~0ULL);
	ones = trial_read(t, reg) & looked_at;
	trial_write(t, reg, 0);
	zeros = trial_read(t, reg) & looked_at;
	if (ones != writable) {
		trial_bits_text(text, text + sizeof(text), "bits", ones ^ writable);
		trial_deviates(t, "after a write of all ones wrong in%s", text);
	} else if (zeros) {
		trial_bits_text(text, text + sizeof(text), "bits", zeros);
		trial_deviates(t, "after a write of zeros wrong in%s", text);
	}
}

static void check_tail(struct trial *t, unsigned arg)
{
	(void)arg;
	check_bits(t, DMAR_IQT_REG, VTD_IQ_OFFSET_MASK, ~0ULL);
}

/* How many bits above bit 15 a message's data has depends on the platform. */
static void check_data(struct trial *t, unsigned reg)
{
	check_bits(t, reg, 0xffff, 0xffff);
}

static void check_addr(struct trial *t, unsigned reg)
{
	check_bits(t, reg, 0xfffffffc, ~0ULL);
}

static void check_upper_addr(struct trial *t, unsigned reg)
{
	if (trial_needs(t, has_ecap(t, VTD_ECAP_EIM), "optional without ECAP.EIM"))
		check_bits(t, reg, 0xffffffff, ~0ULL);
}

static void check_control(struct trial *t, unsigned reg)
{
	check_bits(t, reg, VTD_IECTL_IM, ~0ULL);
}

/* ---- IQA ---- */

static void check_iqa(struct trial *t, unsigned arg)
{
	(void)arg;
	for (unsigned qs = 0; qs < 8; qs++) {
		uint64_t value = trial_ring(t) | qs, read;

		trial_write(t, DMAR_IQA_REG, value);
		read = trial_read(t, DMAR_IQA_REG);
		if ((read ^ value) & VTD_IQA_QS_MASK)
			trial_deviates(t, "QS %u reads as %u", qs, (unsigned)(read & 7));
		if ((read ^ value) & VTD_IQA_ADDR_MASK)
			trial_deviates(t, "the address does not read back");
	}
}

static void check_iqa_width(struct trial *t, unsigned arg)
{
	(void)arg;
	if (!trial_needs(t, has_ecap(t, VTD_ECAP_SMTS), "reserved without ECAP.SMTS"))
		return;
	trial_write(t, DMAR_IQA_REG, trial_ring(t) | VTD_IQA_DW);
	trial_expect(t, trial_read(t, DMAR_IQA_REG) & VTD_IQA_DW, "DW reads 0 when it is set");
	trial_write(t, DMAR_IQA_REG, trial_ring(t));
	trial_expect(t, !(trial_read(t, DMAR_IQA_REG) & VTD_IQA_DW), "DW reads 1 when it is clear");
}

static void check_iqa_on(struct trial *t, unsigned arg)
{
	(void)arg;
	if (trial_queue_on(t, 3) &&
	    (trial_read(t, DMAR_IQA_REG) ^ trial_ring(t)) & VTD_IQA_ADDR_MASK)
		trial_deviates(t, "another address reads back");
	trial_expect(t, (trial_read(t, DMAR_IQA_REG) & VTD_IQA_QS_MASK) == 3,
		     "another QS reads back");
}

/* ---- 64-bit registers by halves ---- */

static uint64_t read_halves(struct trial *t, unsigned reg)
{
	return t->dev->read(t->dev->ctx, reg, 4) | t->dev->read(t->dev->ctx, reg + 4, 4) << 32;
}

static void write_halves(struct trial *t, unsigned reg, uint64_t value)
{
	t->dev->write(t->dev->ctx, reg, value & 0xffffffff, 4);
	t->dev->write(t->dev->ctx, reg + 4, value >> 32, 4);
}

static void check_read_halves(struct trial *t, unsigned reg)
{
	if (reg == DMAR_IQA_REG && !trial_queue_on(t, 1))
		return;
	trial_expect(t, read_halves(t, reg) == trial_read(t, reg), "the halves read otherwise");
}

/* With IQA and IQT written in halves the queue works, and has the right size. */
static void check_queue_by_halves(struct trial *t, unsigned arg)
{
	(void)arg;
	t->slots = 0x2000 >> trial_shift(t);
	write_halves(t, DMAR_IQT_REG, 0);
	write_halves(t, DMAR_IQA_REG, trial_iqa(t, trial_ring(t), 1));
	trial_command(t, VTD_GCMD_QIE, true);
	for (unsigned i = 0; i <= t->slots / 2; i++) /* past the first page */
		trial_put(t, trial_invalidation());
	trial_put(t, trial_wait(t, QI_IWD_SW, 0, 5));
	trial_set_status(t, 0, 0);
	write_halves(t, DMAR_IQT_REG, (uint64_t)t->tail << trial_shift(t));
	t->dev->settle(t->dev->ctx);
	trial_expect(t, trial_status(t, 0) == 5, "the queue does not work then");
}

#define RESET(reg, name)                                                                     \
	{                                                                                    \
		"registers.reset-" name, "after reset the register reads its default value", \
			SECTION_REGISTERS, check_reset, reg, 0                               \
	}
#define READ_ONLY(reg, name)                                                              \
	{                                                                                 \
		"registers.read-only-" name, "writes do not change a read-only register", \
			SECTION_REGISTERS, check_read_only, reg, 0                        \
	}

const struct conform_case conform_registers[] = {
	RESET(DMAR_GSTS_REG, "gsts"),
	RESET(DMAR_FSTS_REG, "fsts"),
	RESET(DMAR_FECTL_REG, "fectl"),
	RESET(DMAR_FEDATA_REG, "fedata"),
	RESET(DMAR_FEADDR_REG, "feaddr"),
	RESET(DMAR_FEUADDR_REG, "feuaddr"),
	RESET(DMAR_IQH_REG, "iqh"),
	RESET(DMAR_IQT_REG, "iqt"),
	RESET(DMAR_IQA_REG, "iqa"),
	RESET(DMAR_ICS_REG, "ics"),
	RESET(DMAR_IECTL_REG, "iectl"),
	RESET(DMAR_IEDATA_REG, "iedata"),
	RESET(DMAR_IEADDR_REG, "ieaddr"),
	RESET(DMAR_IEUADDR_REG, "ieuaddr"),
	RESET(DMAR_IQERCD_REG, "iqercd"),
	READ_ONLY(DMAR_VER_REG, "ver"),
	READ_ONLY(DMAR_CAP_REG, "cap"),
	READ_ONLY(DMAR_ECAP_REG, "ecap"),
	READ_ONLY(DMAR_GSTS_REG, "gsts"),
	READ_ONLY(DMAR_IQH_REG, "iqh"),
	READ_ONLY(DMAR_IQERCD_REG, "iqercd"),
	{ "registers.iqt-bits", "IQT[18:4] can be written, the other bits are 0",
	  SECTION_QUEUE_REGISTERS, check_tail, 0, 0 },
	{ "registers.iectl-bits", "IECTL.IM can be written, the other bits cannot",
	  SECTION_QUEUE_REGISTERS, check_control, DMAR_IECTL_REG, 0 },
	{ "registers.iedata-bits", "IEDATA[15:0] can be written", SECTION_QUEUE_REGISTERS,
	  check_data, DMAR_IEDATA_REG, 0 },
	{ "registers.ieaddr-bits", "IEADDR[31:2] can be written, the other bits are 0",
	  SECTION_QUEUE_REGISTERS, check_addr, DMAR_IEADDR_REG, 0 },
	{ "registers.ieuaddr-bits", "IEUADDR can be written", SECTION_QUEUE_REGISTERS,
	  check_upper_addr, DMAR_IEUADDR_REG, 0 },
	{ "registers.fectl-bits", "FECTL.IM can be written, the other bits cannot",
	  SECTION_REGISTERS, check_control, DMAR_FECTL_REG, 0 },
	{ "registers.fedata-bits", "FEDATA[15:0] can be written", SECTION_REGISTERS, check_data,
	  DMAR_FEDATA_REG, 0 },
	{ "registers.feaddr-bits", "FEADDR[31:2] can be written, the other bits are 0",
	  SECTION_REGISTERS, check_addr, DMAR_FEADDR_REG, 0 },
	{ "registers.feuaddr-bits", "FEUADDR can be written", SECTION_REGISTERS, check_upper_addr,
	  DMAR_FEUADDR_REG, 0 },
	{ "registers.iqa", "while the queue is off IQA reads back the address and QS",
	  SECTION_QUEUE_REGISTERS, check_iqa, 0, 0 },
	{ "registers.iqa-dw", "while the queue is off IQA.DW reads back", SECTION_QUEUE_REGISTERS,
	  check_iqa_width, 0, 0 },
	{ "registers.iqa-on", "while the queue is on IQA reads back the address and QS",
	  SECTION_QUEUE_REGISTERS, check_iqa_on, 0, BOTH_WIDTHS },
	{ "registers.halves-cap", "a 64-bit register can be read by halves", SECTION_REGISTERS,
	  check_read_halves, DMAR_CAP_REG, 0 },
	{ "registers.halves-ecap", "a 64-bit register can be read by halves", SECTION_REGISTERS,
	  check_read_halves, DMAR_ECAP_REG, 0 },
	{ "registers.halves-iqa", "a 64-bit register can be read by halves", SECTION_REGISTERS,
	  check_read_halves, DMAR_IQA_REG, 0 },
	{ "registers.halves-written", "IQA and IQT can be written by halves", SECTION_REGISTERS,
	  check_queue_by_halves, 0, BOTH_WIDTHS },
	{ 0 }
};
