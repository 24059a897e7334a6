/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Translation does not change the invalidation side: with and without it the unit goes through the
 * same states, byte for byte, and has the same choices. So the states that the lab counts, whose
 * units have no translation, are unchanged.
 */
#include "rig.h"

#include "device/translation.h"

#include <string.h>

#define LINES 16
#define ENDS 4096

static struct rig r;
static struct vtd_translation t;
static struct vtd_line line[LINES];
static bool is_beside;

static struct vtd_translation *translation(void *ctx)
{
	(void)ctx;
	return is_beside ? &t : NULL;
}

static bool dma_write(void *ctx, uint64_t addr, const void *buf, size_t len)
{
	(void)ctx;
	(void)addr;
	(void)buf;
	(void)len;
	return false;
}

/* FNV-1a, of the unit after each step. */
static uint64_t seen[2][ENDS];
static unsigned ends;

static void look(void)
{
	uint64_t *hash = &seen[is_beside][ends];
	const unsigned char *byte = (const unsigned char *)&r.u;

	for (size_t i = 0; i < sizeof(r.u); i++)
		*hash = (*hash ^ byte[i]) * 0x100000001b3ULL;
}

static bool wanted; /* with translation, in this run of explore() */

/* The unit exists: now the translation may be made. */
static void begin(struct rig *rig)
{
	const struct vtd_translation_config cfg = {
		.unit = &rig->u, .line = line, .lines = LINES, .dma_write = dma_write
	};

	rig->ops.translation = translation;
	is_beside = wanted;
	if (is_beside)
		assert_true(vtd_translation_init(&t, &cfg));
}

static void run(struct rig *rig)
{
	rig_doorbell(rig);
	do
		look();
	while (vtd_step(&rig->u) != VTD_IDLE);
	look();
}

static void put_all(struct rig *rig)
{
	rig_put(rig, qi_desc_iotlb(QI_IOTLB_PAGE, 1, 0x1000, 0, false, QI_IOTLB_DR | QI_IOTLB_DW));
	rig_put(rig, qi_desc_dev_tlb(0x10, 0, 0, 0x1000, 0));
	rig_put_wait(rig, QI_IWD_SW | QI_IWD_PD, 0, 7);
}

static void play_good(struct rig *rig)
{
	put_all(rig);
	run(rig);
	rig_command(rig, VTD_GCMD_QIE, false);
	look();
}

static void play_refused(struct rig *rig)
{
	rig_put(rig, qi_desc_context(QI_CC_GLOBAL, 0, 0, 0));
	rig_put(rig, (struct qi_desc){ .qw0 = 0xf });
	rig_put_wait(rig, QI_IWD_SW | QI_IWD_IF, 0, 7);
	run(rig);
	rig_write(rig, DMAR_FSTS_REG, VTD_FSTS_IQE);
	look();
}

static void play_silent(struct rig *rig)
{
	rig_arm(rig, (struct vtd_fault){ .kind = VTD_FAULT_SILENT, .sid = 0x10 });
	put_all(rig);
	run(rig);
	rig_write(rig, DMAR_FSTS_REG, VTD_FSTS_ITE);
	run(rig);
}

/* A planted defect: the unit remembers something of its translation. */
static void play_planted(struct rig *rig)
{
	rig->u.late[VTD_LATE - 1].sid = is_beside;
	play_good(rig);
}

static void (*played)(struct rig *rig);

static void play(struct rig *rig)
{
	begin(rig);
	assert_true(ends < ENDS);
	seen[is_beside][ends] = 0xcbf29ce484222325ULL;
	played(rig);
	ends++;
	is_beside = false; /* while there is no unit */
}

static unsigned explore(bool beside, void (*scene)(struct rig *rig))
{
	played = scene;
	ends = 0;
	wanted = beside;
	return rig_explore(&r, 128, play);
}

static void check(void (*scene)(struct rig *rig))
{
	unsigned without = explore(false, scene), with = explore(true, scene);

	assert_true(without > 1);
	assert_int_equal(without, with);
	assert_memory_equal(seen[0], seen[1], without * sizeof(seen[0][0]));
}

static void check_good(void **state)
{
	(void)state;
	check(play_good);
}

static void check_refused(void **state)
{
	(void)state;
	check(play_refused);
}

static void check_silent(void **state)
{
	(void)state;
	check(play_silent);
}

static void check_planted(void **state)
{
	unsigned without = explore(false, play_planted);

	(void)state;
	assert_int_equal(explore(true, play_planted), without);
	assert_memory_not_equal(seen[0], seen[1], without * sizeof(seen[0][0]));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(check_good),
					    cmocka_unit_test(check_refused),
					    cmocka_unit_test(check_silent),
					    cmocka_unit_test(check_planted) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
