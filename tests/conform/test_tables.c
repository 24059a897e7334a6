/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Random tables: a unit that caches answers as one that does not, whatever it chooses; and a unit
 * with one defect is found. (QEMU's unit is in test_qemu_tables.c.)
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <conform/tables.h>
#include <qinval/desc.h>
#include <qinval/regs.h>

#define REQUESTS 5000

static struct tables_result r;

static void check_agrees(const struct conform_sim_config *cfg, uint64_t seed)
{
	const struct conform_device *dev = conform_sim_start(cfg);

	assert_non_null(dev);
	assert_true(tables_run(dev, cfg->profile, seed, REQUESTS, NULL, &r));
	conform_sim_stop(dev);
	if (r.differs)
		fail_msg("seed %d: %s", (int)seed, r.difference);
	assert_true(r.requests + r.interrupts >= REQUESTS);
	assert_true(r.arrived > REQUESTS / 10);
	assert_true(r.faults > REQUESTS / 10);
	assert_true(r.messages > REQUESTS / 10);
}

static void test_agrees(void **state)
{
	struct conform_sim_config cfg = { .seed = 1 };

	(void)state;
	for (; cfg.seed < 8; cfg.seed++) {
		cfg.profile = cfg.seed & 1 ? VTD_SPEC : VTD_QEMU_7_2;
		check_agrees(&cfg, cfg.seed);
	}
}

/* With each capability removed on which tables depend. */
static void test_capabilities(void **state)
{
	static const struct {
		uint64_t cap, ecap;
	} without[] = {
		{ 3ULL << 34, 0 },  { 1ULL << 34, 0 },	  { VTD_CAP_PSI, 0 },	{ 0xaULL << 8, 0 },
		{ 0xcULL << 8, 0 }, { 0xffULL << 40, 0 }, { 0, VTD_ECAP_SMTS }, { 0, VTD_ECAP_PT },
		{ 0, VTD_ECAP_DT }, { 0, VTD_ECAP_IR },	  { 0, 1ULL << 46 },
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(without) / sizeof(without[0]); i++) {
		struct conform_sim_config cfg = { .profile = VTD_SPEC, .seed = i };

		vtd_profile_caps(VTD_SPEC, &cfg.cap, &cfg.ecap);
		cfg.cap &= ~without[i].cap;
		cfg.ecap &= ~without[i].ecap;
		check_agrees(&cfg, i);
	}
}

/* ---- Plants ---- */

static const struct conform_device *real;

static void lose_invalidations(struct qi_desc *d, unsigned type)
{
	if ((d->qw0 & 0xf) == type)
		*d = qi_desc_iotlb(QI_IOTLB_DOMAIN, 0xdead, 0, 0, false, 0);
}

static unsigned lost_type;

static void plant_store(void *ctx, uint64_t addr, const void *from, size_t len)
{
	struct qi_desc d = { 0 };

	if (len == 16 || len == 32) {
		memcpy(&d, from, len);
		lose_invalidations(&d, lost_type);
		from = &d;
	}
	real->store(ctx, addr, from, len);
}

static uint64_t other_reason(void *ctx, unsigned reg, unsigned size)
{
	uint64_t value = real->read(ctx, reg, size);

	return reg == 0x408 && value ? value ^ 1ULL << 32 : value;
}

static uint64_t other_page(void *ctx, unsigned reg, unsigned size)
{
	uint64_t value = real->read(ctx, reg, size);

	return reg == 0x400 && value ? value ^ 0x1000 : value;
}

static enum conform_arrival next_frame(void *ctx, const struct conform_request *q, uint64_t *to)
{
	enum conform_arrival a = real->dma(ctx, q, to);

	*to ^= 0x1000;
	return a;
}

static enum conform_arrival all_permitted(void *ctx, const struct conform_request *q, uint64_t *to)
{
	struct conform_request read = *q;

	read.write = false;
	return real->dma(ctx, &read, to);
}

static unsigned no_messages(void *ctx, struct conform_message *to, unsigned room)
{
	real->messages(ctx, to, room);
	return 0;
}

static bool next_entry(void *ctx, uint16_t sid, uint64_t addr, uint32_t data)
{
	return real->interrupt(ctx, sid, addr ^ 1 << 5, data);
}

static bool other_sender(void *ctx, uint16_t sid, uint64_t addr, uint32_t data)
{
	return real->interrupt(ctx, sid ^ 1, addr, data);
}

static void check_found(const char *what, const struct conform_device *dev)
{
	assert_true(tables_run(dev, VTD_SPEC, 1, REQUESTS, NULL, &r));
	if (!r.differs)
		fail_msg("%s: not found", what);
	assert_true(r.round.ops > 0 && r.round.ops < 60); /* unnecessary operations are removed */
	assert_true(*r.difference);
}

static void test_plants(void **state)
{
	static const unsigned types[] = { QI_CC_TYPE, QI_IOTLB_TYPE, QI_IEC_TYPE, QI_PC_TYPE,
					  QI_EIOTLB_TYPE };
	const struct conform_sim_config cfg = { .profile = VTD_SPEC, .plain = true };
	struct conform_device dev;

	(void)state;
	real = conform_sim_start(&cfg);
	assert_non_null(real);
	for (unsigned i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		lost_type = types[i];
		dev = *real;
		dev.store = plant_store;
		check_found("an invalidation that is lost", &dev);
	}
	dev = *real;
	dev.read = other_reason;
	check_found("another reason", &dev);
	dev.read = other_page;
	check_found("another page in the record", &dev);
	dev = *real;
	dev.dma = next_frame;
	check_found("another frame", &dev);
	dev.dma = all_permitted;
	check_found("writes as reads", &dev);
	dev = *real;
	dev.messages = no_messages;
	check_found("no messages", &dev);
	dev = *real;
	dev.interrupt = next_entry;
	check_found("another interrupt entry", &dev);
	dev.interrupt = other_sender;
	check_found("another sender", &dev);
	conform_sim_stop(real);
}

/* A device without DMA: nothing is reported. */
static void test_no_devices(void **state)
{
	const struct conform_sim_config cfg = { .profile = VTD_SPEC };
	struct conform_device dev;

	(void)state;
	real = conform_sim_start(&cfg);
	dev = *real;
	dev.interrupt = NULL;
	assert_true(tables_run(&dev, VTD_SPEC, 1, 500, NULL, &r));
	assert_false(r.differs);
	assert_int_equal(r.interrupts, 0);
	dev.dma = NULL;
	assert_false(tables_run(&dev, VTD_SPEC, 1, 500, NULL, &r));
	conform_sim_stop(real);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_agrees),
		cmocka_unit_test(test_capabilities),
		cmocka_unit_test(test_plants),
		cmocka_unit_test(test_no_devices),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
