/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Every case can fail: for each case of the suite there is a unit with a gross defect with which it
 * deviates. (tests/conform/mutants shows which case finds which small defect.)
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <conform/conform.h>
#include <conform/sim.h>
#include <qinval/desc.h>
#include <qinval/regs.h>

#define CASES 1000

/* ---- A device that alters the traffic between suite and unit ---- */

struct plant {
	const char *name;
	/* Each may be NULL: nothing is altered. */
	uint64_t (*read)(unsigned reg, unsigned size, uint64_t value);
	bool (*write)(unsigned reg, uint64_t value); /* false: the write is lost */
	void (*store)(struct qi_desc *d);	     /* a descriptor of either width */
	unsigned (*messages)(unsigned n);
	enum conform_arrival (*dma)(enum conform_arrival a, uint64_t *to);
	bool no_interrupts;
};

static const struct plant *plant;
static const struct conform_device *real;
static bool written[0x600]; /* registers written since the reset */
static uint64_t tail;	    /* the last value written to IQT */

static bool plant_reset(void *ctx)
{
	memset(written, 0, sizeof(written));
	tail = 0;
	return real->reset(ctx);
}

static uint64_t plant_read(void *ctx, unsigned reg, unsigned size)
{
	uint64_t value = real->read(ctx, reg, size);

	return plant->read ? plant->read(reg, size, value) : value;
}

static void plant_write(void *ctx, unsigned reg, uint64_t value, unsigned size)
{
	written[reg] = true;
	if (reg == DMAR_IQT_REG)
		tail = value;
	if (!plant->write || plant->write(reg, value))
		real->write(ctx, reg, value, size);
}

/* The suite stores nothing but descriptors with these sizes. */
static void plant_store(void *ctx, uint64_t addr, const void *from, size_t len)
{
	struct qi_desc d = { 0 };

	if (plant->store && (len == 16 || len == 32)) {
		memcpy(&d, from, len);
		plant->store(&d);
		from = &d;
	}
	real->store(ctx, addr, from, len);
}

static unsigned plant_messages(void *ctx, struct conform_message *to, unsigned room)
{
	unsigned n = real->messages(ctx, to, room);

	return plant->messages ? plant->messages(n) : n;
}

static enum conform_arrival plant_dma(void *ctx, const struct conform_request *q, uint64_t *to)
{
	enum conform_arrival a = real->dma(ctx, q, to);

	return plant->dma ? plant->dma(a, to) : a;
}

static bool plant_interrupt(void *ctx, uint16_t sid, uint64_t addr, uint32_t data)
{
	return plant->no_interrupts || real->interrupt(ctx, sid, addr, data);
}

/* ---- Registers ---- */

/*
 * Wrong values in registers for which this does not stop all cases, so that the register's own
 * cases find them.
 */
static uint64_t wrong_registers(unsigned reg, unsigned size, uint64_t value)
{
	(void)size;
	switch (reg) {
	case DMAR_FEDATA_REG:
	case DMAR_FEADDR_REG:
	case DMAR_FEUADDR_REG:
	case DMAR_IEDATA_REG:
	case DMAR_IEADDR_REG:
	case DMAR_IEUADDR_REG:
	case DMAR_FECTL_REG:
	case DMAR_IECTL_REG:
	case DMAR_IQA_REG:
		return value ^ 0x1010;
	case DMAR_GSTS_REG:
		return value ^ VTD_GSTS_TES;
	case DMAR_FSTS_REG:
		return value ^ VTD_FSTS_APF;
	case DMAR_ICS_REG:
		return value ^ 1U << 31;
	case DMAR_IQERCD_REG:
		return value ^ 1ULL << 20;
	case DMAR_IQT_REG:
		return value ^ 1ULL << 63;
	case DMAR_IQH_REG:
		return written[DMAR_GCMD_REG] ? value : ~value;
	default:
		return value;
	}
}

static uint64_t wrong_after_write(unsigned reg, unsigned size, uint64_t value)
{
	(void)size;
	return written[reg] && reg != DMAR_IQT_REG ? value ^ 0x100 : value;
}

static uint64_t no_upper_half(unsigned reg, unsigned size, uint64_t value)
{
	return size == 4 && (reg == DMAR_CAP_REG + 4 || reg == DMAR_ECAP_REG + 4 ||
			     reg == DMAR_IQA_REG)
		       ? 0
		       : value;
}

/* Only until there is something to fetch. */
static uint64_t starts_elsewhere(unsigned reg, unsigned size, uint64_t value)
{
	(void)size;
	return reg == DMAR_IQH_REG && !tail ? value ^ 0x40 : value;
}

static uint64_t no_width(unsigned reg, unsigned size, uint64_t value)
{
	(void)size;
	return reg == DMAR_IQA_REG ? value & ~VTD_IQA_DW : value;
}

static uint64_t no_error(unsigned reg, unsigned size, uint64_t value)
{
	(void)size;
	return reg == DMAR_FSTS_REG ? 0 : value;
}

static uint64_t no_record(unsigned reg, unsigned size, uint64_t value)
{
	(void)size;
	return reg == DMAR_IQERCD_REG && value ? value ^ ~0ULL : value;
}

static uint64_t no_completion(unsigned reg, unsigned size, uint64_t value)
{
	(void)size;
	return reg == DMAR_ICS_REG ? value ^ VTD_ICS_IWC : value;
}

static bool lose_clearing(unsigned reg, uint64_t value)
{
	(void)value;
	return reg != DMAR_FSTS_REG && reg != DMAR_ICS_REG;
}

static bool lose_off(unsigned reg, uint64_t value)
{
	return reg != DMAR_GCMD_REG || value & VTD_GCMD_QIE;
}

static bool lose_table(unsigned reg, uint64_t value)
{
	(void)value;
	return reg != DMAR_RTADDR_REG;
}

static bool lose_masks(unsigned reg, uint64_t value)
{
	(void)value;
	return reg != DMAR_IECTL_REG && reg != DMAR_FECTL_REG;
}

/* ---- Descriptors ---- */

static const struct qi_desc harmless = { QI_IOTLB_TYPE | QI_IOTLB_DOMAIN << 4 | 0xdeadULL << 16, 0,
					 0, 0 };

static void refuse_all(struct qi_desc *d)
{
	if ((d->qw0 & 0xf) != QI_IWD_TYPE)
		d->qw0 = 0;
}

/* The waits with which trial_try() finds out what happened to a descriptor are not altered. */
#define TRY_DATA 0x7a11ed

static bool is_judged(const struct qi_desc *d)
{
	return (d->qw0 & 0xf) == QI_IWD_TYPE && d->qw0 >> 40 != TRY_DATA;
}

static void refuse_waits(struct qi_desc *d)
{
	if (is_judged(d))
		d->qw0 = 0;
}

static bool is_plain_wait(const struct qi_desc *d)
{
	return (d->qw0 & 0xffffffff) == (QI_IWD_TYPE | QI_IWD_SW) && !(d->qw1 & 3) &&
	       !(d->qw2 | d->qw3);
}

static void accept_all(struct qi_desc *d)
{
	if (!is_plain_wait(d))
		*d = harmless;
}

static void do_nothing(struct qi_desc *d)
{
	if ((d->qw0 & 0xf) != QI_IWD_TYPE)
		*d = harmless;
}

static void remove_all(struct qi_desc *d)
{
	if ((d->qw0 & 0xf) != QI_IWD_TYPE && d->qw0)
		*d = qi_desc_iotlb(QI_IOTLB_GLOBAL, 0, 0, 0, false, 0);
}

static void swap_flags(struct qi_desc *d)
{
	if (is_judged(d))
		d->qw0 ^= QI_IWD_SW | QI_IWD_IF;
}

static void other_data(struct qi_desc *d)
{
	if (is_judged(d))
		d->qw0 ^= 1ULL << 33;
}

static void other_address(struct qi_desc *d)
{
	if (is_judged(d))
		d->qw1 ^= 4;
}

/* ---- Messages ---- */

static unsigned no_messages(unsigned n)
{
	(void)n;
	return 0;
}

static unsigned one_more(unsigned n)
{
	return n + 1;
}

/* ---- Devices ---- */

static enum conform_arrival next_frame(enum conform_arrival a, uint64_t *to)
{
	*to ^= 0x1000;
	return a;
}

/* FRCD, as profile spec has it. */
static uint64_t no_records(unsigned reg, unsigned size, uint64_t value)
{
	(void)size;
	return reg >= 0x400 && reg < 0x480 ? 0 : value;
}

static uint64_t all_recorded(unsigned reg, unsigned size, uint64_t value)
{
	(void)size;
	return reg == 0x408 ? value | 1ULL << 63 : value;
}

static uint64_t no_fault_status(unsigned reg, unsigned size, uint64_t value)
{
	(void)size;
	return reg == DMAR_FSTS_REG ? value & ~3U : value;
}

static const struct plant plants[] = {
	{ .name = "wrong registers", .read = wrong_registers },
	{ .name = "registers wrong when written", .read = wrong_after_write },
	{ .name = "no upper halves", .read = no_upper_half },
	{ .name = "IQH starts elsewhere", .read = starts_elsewhere },
	{ .name = "no width in IQA", .read = no_width },
	{ .name = "no error", .read = no_error },
	{ .name = "wrong error record", .read = no_record },
	{ .name = "completion status inverted", .read = no_completion },
	{ .name = "nothing is cleared", .write = lose_clearing },
	{ .name = "cannot be turned off", .write = lose_off },
	{ .name = "no tables", .write = lose_table },
	{ .name = "no masks", .write = lose_masks },
	{ .name = "refuses all", .store = refuse_all },
	{ .name = "refuses waits", .store = refuse_waits },
	{ .name = "accepts all", .store = accept_all },
	{ .name = "does nothing", .store = do_nothing },
	{ .name = "removes all pages", .store = remove_all },
	{ .name = "SW and IF swapped", .store = swap_flags },
	{ .name = "other status data", .store = other_data },
	{ .name = "other status address", .store = other_address },
	{ .name = "no messages", .messages = no_messages },
	{ .name = "messages without a reason", .messages = one_more },
	{ .name = "another frame", .dma = next_frame },
	{ .name = "no interrupts", .no_interrupts = true },
	{ .name = "no records", .read = no_records },
	{ .name = "records without a reason", .read = all_recorded },
	{ .name = "no fault status", .read = no_fault_status },
};

#define PLANTS (sizeof(plants) / sizeof(plants[0]))

/* ---- Running ---- */

static char name[CASES][CONFORM_NAME];
static bool found[CASES];
static unsigned cases, deviating;

static bool collect(void *ctx, const struct conform_result *r)
{
	(void)ctx;
	assert_true(cases < CASES);
	strcpy(name[cases], r->name);
	found[cases++] |= r->outcome == CONFORM_DEVIATES;
	deviating += r->outcome == CONFORM_DEVIATES;
	return true;
}

static void run(const struct plant *p, uint64_t cap, uint64_t ecap)
{
	const struct conform_sim_config cfg = { .cap = cap, .ecap = ecap, .seed = 1 };
	struct conform_device dev;
	struct conform_counts n;
	const char *error = "";

	plant = p;
	real = conform_sim_start(&cfg);
	assert_non_null(real);
	dev = *real;
	dev.reset = plant_reset;
	dev.read = plant_read;
	dev.write = plant_write;
	dev.store = plant_store;
	dev.messages = plant_messages;
	dev.dma = plant_dma;
	dev.interrupt = plant_interrupt;
	cases = deviating = 0;
	if (!conform_run(&dev, "", collect, NULL, &n, &error))
		fail_msg("%s: %s", p->name, error);
	conform_sim_stop(real);
}

static void test_plants(void **state)
{
	unsigned never = 0;
	uint64_t cap, ecap;

	(void)state;
	vtd_profile_caps(VTD_SPEC, &cap, &ecap);
	for (unsigned i = 0; i < PLANTS; i++) {
		run(&plants[i], cap, ecap);
		if (!deviating)
			fail_msg("%s: not found", plants[i].name);
		run(&plants[i], 0, VTD_ECAP_C | VTD_ECAP_QI);
		run(&plants[i], cap, ecap & ~(VTD_ECAP_DT | VTD_ECAP_IR | VTD_ECAP_PRS));
		run(&plants[i], 0, ecap & ~(VTD_ECAP_PASID | VTD_ECAP_PDS));
	}
	for (unsigned i = 0; i < cases; i++) {
		if (found[i])
			continue;
		print_error("%s never deviates\n", name[i]);
		never++;
	}
	assert_int_equal(never, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_plants) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
