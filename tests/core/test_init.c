/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The configuration: everything that qi_init() refuses, and what it makes of the rest. */
#include "rig.h"

#include <string.h>

static const char *why_of(struct rig *r)
{
	const char *why = "untouched";
	int ret = qi_init_why(&r->q, &r->cfg, &why);

	assert_int_equal(ret, why ? -QI_ERR_INVALID : 0);
	assert_int_equal(qi_init(&r->q, &r->cfg), ret);
	return why;
}

static void refused(struct rig *r, const char *because)
{
	const char *why = why_of(r);

	assert_non_null(why);
	assert_string_equal(why, because);
}

/* Each function without which nothing goes, by its place in struct qi_host. */
static void a_host_without_a_function_is_refused(void **state)
{
	static const struct {
		size_t at;
		const char *why;
	} need[] = {
		{ offsetof(struct qi_host, read32), "host: no register access" },
		{ offsetof(struct qi_host, read64), "host: no register access" },
		{ offsetof(struct qi_host, write32), "host: no register access" },
		{ offsetof(struct qi_host, write64), "host: no register access" },
		{ offsetof(struct qi_host, lock), "host: no lock" },
		{ offsetof(struct qi_host, unlock), "host: no lock" },
		{ offsetof(struct qi_host, relax), "host: no relax or no now" },
		{ offsetof(struct qi_host, now), "host: no relax or no now" },
	};
	struct rig *r = rig_new(256, 128);
	struct qi_host whole = r->host;
	unsigned i;

	(void)state;
	for (i = 0; i < sizeof(need) / sizeof(need[0]); i++) {
		memset((char *)&r->host + need[i].at, 0, sizeof(void (*)(void)));
		refused(r, need[i].why);
		r->host = whole;
	}
	assert_null(why_of(r));
	r->cfg.host = NULL;
	refused(r, "no host");
	rig_free(r);
}

static void some_sleep(void *ctx, const uint32_t *word, uint32_t value, uint64_t ns)
{
	(void)ctx;
	(void)word;
	(void)value;
	(void)ns;
}

static void some_wake(void *ctx, const uint32_t *word)
{
	(void)ctx;
	(void)word;
}

static unsigned long some_irq_save(void *ctx)
{
	(void)ctx;
	return 0;
}

static void some_irq_restore(void *ctx, unsigned long flags)
{
	(void)ctx;
	(void)flags;
}

static void optional_functions_may_be_missing(void **state)
{
	struct rig *r = rig_new(256, 128);

	(void)state;
	r->host.flush = NULL;
	r->host.device_present = NULL;
	r->host.report = NULL;
	assert_null(why_of(r));
	r->host.irq_save = NULL;
	refused(r, "host: irq_save and irq_restore go together");
	r->host.irq_restore = NULL;
	assert_null(why_of(r));
	r->host.sleep = some_sleep;
	refused(r, "host: sleep and wake go together");
	r->host.wake = some_wake;
	assert_null(why_of(r));
	r->host.sleep = NULL;
	refused(r, "host: sleep and wake go together");
	r->host.wake = NULL;
	r->host.irq_save = some_irq_save;
	refused(r, "host: irq_save and irq_restore go together");
	r->host.irq_restore = some_irq_restore;
	assert_null(why_of(r));
	r->host.irq_save = NULL;
	refused(r, "host: irq_save and irq_restore go together");
	rig_free(r);
}

/* All numbers up to 2^17, against the list in qi.h. */
static void only_sizes_of_iqa_are_taken(void **state)
{
	const char *no = "slots: not a size that IQA.QS can express for this width";
	const char *small = "slots: only a software unit takes this few";
	unsigned width, n;

	(void)state;
	for (width = 128; width <= 256; width += 128) {
		struct rig *r = rig_new(32768, width);
		unsigned least = 128 * 256 / width;

		for (n = 0; n <= 1 << 17; n++) {
			bool is = false, few = n == 4 || n == 8 || n == 16;
			unsigned qs;

			for (qs = 0; qs < 8; qs++)
				is |= n == least << qs;
			r->cfg.slots = n;
			r->host.small_rings = false;
			if (few)
				refused(r, small);
			r->host.small_rings = true;
			if (is || few)
				assert_null(why_of(r));
			else
				refused(r, no);
		}
		rig_free(r);
	}
}

static void only_two_widths_are_taken(void **state)
{
	static const unsigned widths[] = { 0, 1, 64, 127, 129, 255, 257, 512, ~0U };
	struct rig *r = rig_new(256, 256);
	unsigned i;

	(void)state;
	for (i = 0; i < sizeof(widths) / sizeof(widths[0]); i++) {
		r->cfg.width = widths[i];
		refused(r, "width: neither 128 nor 256");
	}
	rig_free(r);
}

/* Both memories: missing, a byte too small, past the end of the address space, unaligned. */
static void judge_memory(struct rig *r, struct qi_mem *m, size_t size, size_t align,
			 const char *missing, const char *small, const char *unaligned)
{
	struct qi_mem good = *m;

	m->virt = NULL;
	refused(r, missing);
	*m = good;
	m->size = size;
	assert_null(why_of(r));
	m->size = size - 1;
	refused(r, small);
	m->size = 0;
	refused(r, small);
	*m = good;
	m->phys = 0 - (uint64_t)size; /* its last byte is the last of all */
	assert_null(why_of(r));
	m->phys += align;
	refused(r, small);
	*m = good;
	m->phys += align / 2;
	refused(r, unaligned);
	*m = good;
	m->virt = (char *)m->virt + align / 2;
	refused(r, unaligned);
	*m = good;
	assert_null(why_of(r));
}

static void memory_is_checked(void **state)
{
	unsigned width;

	(void)state;
	for (width = 128; width <= 256; width += 128) {
		struct rig *r = rig_new(512, width);

		judge_memory(r, &r->cfg.ring, 512 * width / 8, 4096, "ring: no memory",
			     "ring: memory too small", "ring: not aligned to 4 KiB");
		judge_memory(r, &r->cfg.status, 512 * 4, 4, "status: no memory",
			     "status: memory too small", "status: not aligned to 4 bytes");
		r->cfg.slot = NULL;
		refused(r, "slot: no memory");
		rig_free(r);
	}
}

static void numbers_are_limited(void **state)
{
	const uint64_t most = 1000000000000000ULL;
	struct rig *r = rig_new(256, 128);

	(void)state;
	r->cfg.range_descs = QI_RANGE_MAX;
	assert_null(why_of(r));
	r->cfg.range_descs = QI_RANGE_MAX + 1;
	refused(r, "range_descs: more than QI_RANGE_MAX");
	r->cfg.range_descs = 1;

	r->cfg.timeout_ns = r->cfg.ats_timeout_ns = most;
	assert_null(why_of(r));
	r->cfg.timeout_ns = most + 1;
	refused(r, "timeout_ns, ats_timeout_ns: more than 10^15");
	r->cfg.timeout_ns = 1;
	r->cfg.ats_timeout_ns = UINT64_MAX;
	refused(r, "timeout_ns, ats_timeout_ns: more than 10^15");
	r->cfg.ats_timeout_ns = most;

	r->cfg.retries = 1000;
	assert_null(why_of(r));
	r->cfg.retries = 1001;
	refused(r, "retries: more than 1000");
	r->cfg.retries = QI_NO_RETRY;
	assert_null(why_of(r));
	rig_free(r);
}

static void nobody_needs_to_ask_why(void **state)
{
	struct qi q;
	const char *why;

	(void)state;
	assert_int_equal(qi_init_why(&q, NULL, &why), -QI_ERR_INVALID);
	assert_string_equal(why, "no configuration");
	assert_int_equal(qi_init_why(&q, NULL, NULL), -QI_ERR_INVALID);
	assert_int_equal(qi_init(&q, NULL), -QI_ERR_INVALID);
}

/* A wait takes longer where more may be before it, and nothing is wrong then. */
static void the_fault_register_is_read_later_with_a_larger_ring(void **state)
{
	struct rig *r = rig_new(4096, 128);

	(void)state;
	r->cfg.poll_budget = 0;
	assert_null(why_of(r));
	assert_int_equal(r->q.cfg.poll_budget, 65536);
	rig_free(r);
}

static void zero_asks_for_the_defaults(void **state)
{
	struct rig *r = rig_new(256, 128);
	const struct qi_config *c = &r->q.cfg;

	(void)state;
	r->cfg.timeout_ns = r->cfg.ats_timeout_ns = 0;
	r->cfg.retries = r->cfg.poll_budget = r->cfg.range_descs = 0;
	assert_null(why_of(r));
	assert_int_equal(c->timeout_ns, 2000000000);
	assert_int_equal(c->ats_timeout_ns, 100000000000);
	assert_int_equal(c->retries, 3);
	assert_int_equal(c->poll_budget, 4096);
	assert_int_equal(c->range_descs, 8);

	r->cfg.timeout_ns = 5;
	r->cfg.ats_timeout_ns = 6;
	r->cfg.retries = 7;
	r->cfg.poll_budget = 8;
	r->cfg.range_descs = 7;
	assert_null(why_of(r));
	assert_int_equal(c->timeout_ns, 5);
	assert_int_equal(c->ats_timeout_ns, 6);
	assert_int_equal(c->retries, 7);
	assert_int_equal(c->poll_budget, 8);
	assert_int_equal(c->range_descs, 7);
	r->cfg.retries = QI_NO_RETRY;
	assert_null(why_of(r));
	assert_int_equal(c->retries, 0);
	rig_free(r);
}

static uint32_t no_read32(void *ctx, unsigned reg)
{
	(void)ctx;
	fail_msg("register %#x was read", reg);
	return 0;
}

static uint64_t no_read64(void *ctx, unsigned reg)
{
	return no_read32(ctx, reg);
}

static void no_write32(void *ctx, unsigned reg, uint32_t value)
{
	(void)ctx;
	fail_msg("register %#x was written with %#x", reg, value);
}

static void no_write64(void *ctx, unsigned reg, uint64_t value)
{
	no_write32(ctx, reg, (uint32_t)value);
}

/* The memory may hold anything before, and no status word is another lap's tag after. */
static void no_register_is_touched_and_all_memory_is_prepared(void **state)
{
	struct rig *r = rig_new(256, 128);
	unsigned i;

	(void)state;
	r->host.read32 = no_read32;
	r->host.read64 = no_read64;
	r->host.write32 = no_write32;
	r->host.write64 = no_write64;
	memset(&r->q, 0xff, sizeof(r->q));
	memset(r->status, 0xff, 256 * 4);
	memset(r->slot, 0xff, 256 * sizeof(*r->slot));
	assert_null(why_of(r));
	for (i = 0; i < 256; i++)
		assert_int_equal(r->slot[i].published, 0);
	assert_int_equal(rig_mode(r), QI_MODE_OFF);
	assert_int_equal(qi_submit_sync(&r->q, NULL, 0, 0), -QI_ERR_OFF);
	rig_free(r);
}

static void every_result_has_its_words(void **state)
{
	int i, j;

	(void)state;
	assert_string_equal(qi_strerror(0), "success");
	assert_string_equal(qi_strerror(-QI_ERR_TIMEOUT), "timed out");
	for (i = 0; i < QI_ERR_COUNT; i++) {
		assert_non_null(qi_strerror(-i));
		assert_string_not_equal(qi_strerror(-i), "unknown error");
		for (j = 0; j < i; j++)
			assert_string_not_equal(qi_strerror(-i), qi_strerror(-j));
	}
	assert_string_equal(qi_strerror(-QI_ERR_COUNT), "unknown error");
	assert_string_equal(qi_strerror(1), "unknown error");
	assert_string_equal(qi_strerror(INT32_MIN), "unknown error");
	assert_string_equal(qi_strerror(INT32_MAX), "unknown error");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_host_without_a_function_is_refused),
		cmocka_unit_test(optional_functions_may_be_missing),
		cmocka_unit_test(only_sizes_of_iqa_are_taken),
		cmocka_unit_test(only_two_widths_are_taken),
		cmocka_unit_test(memory_is_checked),
		cmocka_unit_test(numbers_are_limited),
		cmocka_unit_test(nobody_needs_to_ask_why),
		cmocka_unit_test(zero_asks_for_the_defaults),
		cmocka_unit_test(the_fault_register_is_read_later_with_a_larger_ring),
		cmocka_unit_test(no_register_is_touched_and_all_memory_is_prepared),
		cmocka_unit_test(every_result_has_its_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
