/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The oracle itself is tested: units with a planted defect are driven with a real trace, and each
 * defect must be reported as what it is. The same unit without the defect must pass.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "../patience.h"
#include "run.h"
#include "tool/replay/drive.h"

/*
 * The core's limit where it is to be reached; extended if on a busy machine other submissions reach
 * it, too.
 */
#define SHORT_NS 500000000ULL

/* Enough events of the trace, even with a slow sanitizer. */
#define EVENTS (PATIENCE_SANITIZED ? 12000U : 30000U)

/* One submission in so many meets the defect. */
#define RARELY 500

static struct trace trace;
static struct drive_result r;
static unsigned seen, planted; /* written by the unit's thread while it runs */

/* With one thread only, so that no later wait proves a completion. */
static bool alone;

typedef void defect(void *ctx, struct threads_host *h, uint64_t addr, uint64_t *qw);

static bool drive_limited(defect *fetched, uint64_t timeout_ns, uint64_t watchdog_ns)
{
	struct drive_config cfg = {
		.device = &device_sim,
		.profile = VTD_SPEC,
		.threads = alone ? 1 : trace.cpus,
		.slots = 256,
		.width = 128,
		.repeat = 1,
		.seed = 1,
		.timeout_ns = timeout_ns,
		.poll_budget = 2000,
		.watchdog_ns = watchdog_ns,
		.fetched = fetched,
	};
	char error[200];

	seen = planted = 0;
	return drive(&trace, &cfg, &r, error, sizeof(error));
}

static void drive_with(defect *fetched)
{
	assert_true(drive_limited(fetched, patience_ns(PATIENCE_S), 3 * patience_ns(PATIENCE_S)));
}

static bool is_type(const uint64_t *qw, unsigned type)
{
	return (qw[0] & 0xf) == type;
}

static bool rarely(void)
{
	if (++seen % RARELY)
		return false;
	planted++;
	return true;
}

static void without_a_defect(void **state)
{
	(void)state;
	drive_with(NULL);
	assert_false(drive_failed(&r));
	assert_int_equal(r.submissions, trace.count);
	assert_int_equal(r.all.count, trace.count);
	assert_int_equal(r.executed, 2 * trace.count);
	assert_int_equal(r.errors + r.problems, 0);
}

/* ---- lost ---- */

static void forget_one_status(void *ctx, struct threads_host *h, uint64_t addr, uint64_t *qw)
{
	(void)ctx;
	(void)h;
	(void)addr;
	if (is_type(qw, QI_IWD_TYPE) && ++seen == RARELY)
		qw[0] &= ~QI_IWD_SW;
}

static void a_status_never_written_is_lost(void **state)
{
	uint64_t end = patience_begin(), timeout_ns = SHORT_NS;

	(void)state;
	alone = true;
	do {
		assert_true(
			drive_limited(forget_one_status, timeout_ns, 3 * patience_ns(PATIENCE_S)));
		timeout_ns *= 2;
	} while (r.lost > 1 && patience_lasts(end));
	alone = false;
	assert_true(drive_failed(&r));
	assert_int_equal(r.lost, 1);
	assert_int_equal(r.errors, 1);
	assert_int_equal(r.stale + r.false_completions + r.misblamed, 0);
	assert_int_equal(r.problem[0].kind, PROBLEM_LOST);
	assert_int_equal(r.problem[0].error.code, -QI_ERR_TIMEOUT);
	assert_true(r.problem[0].line > 0);
	assert_false(r.stuck);
}

static void forget_every_status(void *ctx, struct threads_host *h, uint64_t addr, uint64_t *qw)
{
	(void)ctx;
	(void)h;
	(void)addr;
	if (is_type(qw, QI_IWD_TYPE))
		qw[0] &= ~QI_IWD_SW;
}

/* Otherwise each event of the trace would take a time-out. */
static void it_gives_up_early(void **state)
{
	(void)state;
	assert_true(drive_limited(forget_every_status, SHORT_NS, 3 * patience_ns(PATIENCE_S)));
	assert_true(r.halted);
	assert_true(r.lost >= trace.cpus && r.lost < 100);
	assert_int_equal(r.all.count, 0);
}

/* A register access that never ends, so that no time-out of the core helps. */
static void hang(void *ctx, struct threads_host *h, uint64_t addr, uint64_t *qw)
{
	(void)ctx;
	(void)h;
	(void)addr;
	(void)qw;
	while (++seen > RARELY)
		pause();
}

/* In a process of its own, as its threads cannot be ended. */
static void a_call_that_never_returns_is_lost(void **state)
{
	pid_t pid = fork();
	int status;

	(void)state;
	assert_true(pid >= 0);
	if (!pid) {
		drive_limited(hang, patience_ns(PATIENCE_S), 4 * SHORT_NS);
		_exit(r.stuck && r.lost > 0 && r.lost <= trace.cpus && drive_failed(&r) &&
				      r.problem[0].kind == PROBLEM_LOST && r.problem[0].line
			      ? 42
			      : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 42);
}

/* ---- stale ---- */

/*
 * From time to time another domain or device is invalidated than the one asked for. Then the unit
 * has not executed what was submitted. So each is also a false completion, if the submitter looks
 * before the host has forgotten (see threads_executed()).
 */
static void invalidate_another(void *ctx, struct threads_host *h, uint64_t addr, uint64_t *qw)
{
	(void)ctx;
	(void)h;
	(void)addr;
	if (is_type(qw, QI_IOTLB_TYPE) && rarely())
		qw[0] ^= 0xffULL << 16;
	else if (is_type(qw, QI_DIOTLB_TYPE) && rarely())
		qw[0] ^= 0xffULL << 32;
}

static void the_wrong_entry_is_stale(void **state)
{
	uint64_t end = patience_begin();

	(void)state;
	/* If a thread has no processor for a long time more is forgotten. */
	do
		drive_with(invalidate_another);
	while (r.false_completions < planted * 9 / 10 && patience_lasts(end));
	assert_true(drive_failed(&r));
	assert_int_equal(planted, trace.count / RARELY);
	/* Another thread may have invalidated the same page. */
	assert_in_range(r.stale, planted / 2, planted);
	assert_in_range(r.false_completions, planted * 9 / 10, planted);
	assert_int_equal(r.lost + r.errors, 0);
}

/* Half of the range: only a page in the other half shows it. */
static void invalidate_half(void *ctx, struct threads_host *h, uint64_t addr, uint64_t *qw)
{
	(void)ctx;
	(void)h;
	(void)addr;
	if (is_type(qw, QI_IOTLB_TYPE) && (qw[0] >> 4 & 3) == QI_IOTLB_PAGE && qw[1] & 0x3f) {
		qw[1]--;
		planted++;
	}
}

static void half_a_range_is_stale(void **state)
{
	uint64_t end = patience_begin();

	(void)state;
	do
		drive_with(invalidate_half);
	while (r.false_completions < planted * 9 / 10 && patience_lasts(end));
	assert_true(planted > trace.count / 30);
	assert_in_range(r.stale, planted / 4, planted * 3 / 4);
	assert_in_range(r.false_completions, planted * 9 / 10, planted);
	assert_int_equal(r.lost + r.errors, 0);
}

/* ---- false completion ---- */

/*
 * The tag of the wait in the next slot is stored when the unit has only fetched the invalidation.
 */
static void complete_when_fetched(void *ctx, struct threads_host *h, uint64_t addr, uint64_t *qw)
{
	const uint64_t *wait = threads_reach(h, addr + 16, 16);
	struct timespec a_moment = { 0, 1000000 };
	uint32_t *status;

	(void)ctx;
	if (is_type(qw, QI_IWD_TYPE) || !wait || !is_type(wait, QI_IWD_TYPE) || !rarely())
		return;
	status = threads_reach(h, wait[1], sizeof(*status));
	__atomic_store_n(status, wait[0] >> 32, __ATOMIC_RELEASE);
	/* Let the submitter look before the unit goes on. */
	nanosleep(&a_moment, NULL);
}

static void fetched_is_not_executed(void **state)
{
	uint64_t end = patience_begin();

	(void)state;
	do
		drive_with(complete_when_fetched);
	while (!r.false_completions && patience_lasts(end));
	assert_true(drive_failed(&r));
	assert_true(planted > trace.count / 1500);
	assert_in_range(r.false_completions, 1, planted);
	assert_int_equal(r.lost + r.errors, 0);
}

/* ---- misblamed ---- */

/* The unit refuses a valid descriptor, and no injected fault explains it. */
static void refuse_one(void *ctx, struct threads_host *h, uint64_t addr, uint64_t *qw)
{
	(void)ctx;
	(void)h;
	(void)addr;
	if (is_type(qw, QI_IOTLB_TYPE) && ++seen == RARELY)
		qw[0] |= 1ULL << 63;
}

static void an_unexplained_refusal_is_misblamed(void **state)
{
	(void)state;
	drive_with(refuse_one);
	assert_true(drive_failed(&r));
	assert_int_equal(r.misblamed, 1);
	assert_int_equal(r.errors, 1);
	assert_int_equal(r.problem[0].error.code, -QI_ERR_IQE);
	assert_int_equal(r.lost + r.stale + r.false_completions, 0);
}

static int read_trace(void **state)
{
	char error[5000];

	(void)state;
	if (trace_read(&trace, run_source("examples/traces/net_ats_strict_smp4.trace.txt.xz"),
		       error, sizeof(error))) {
		trace.count = EVENTS;
		return 0;
	}
	print_error("%s\n", error);
	return -1;
}

static int free_trace(void **state)
{
	(void)state;
	trace_free(&trace);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_defect),
		cmocka_unit_test(a_status_never_written_is_lost),
		cmocka_unit_test(it_gives_up_early),
		cmocka_unit_test(a_call_that_never_returns_is_lost),
		cmocka_unit_test(the_wrong_entry_is_stale),
		cmocka_unit_test(half_a_range_is_stale),
		cmocka_unit_test(fetched_is_not_executed),
		cmocka_unit_test(an_unexplained_refusal_is_misblamed),
	};

	return cmocka_run_group_tests(tests, read_trace, free_trace);
}
