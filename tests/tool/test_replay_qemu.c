/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The bundled traces on QEMU's unit, as users replay them; and defects planted between core and
 * QEMU, which the oracle must find by the pages that devices reach.
 */
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "../hosts/qemu.h"
#include "../patience.h"
#include "answer.h"
#include "tool/replay/drive.h"

/*
 * The core's limit where it is to be reached; extended if on a busy machine other submissions reach
 * it, too.
 */
#define SHORT_NS 500000000ULL

static const char *const traces[] = {
	"examples/traces/boot_strict_smp4.trace.txt.xz",
	"examples/traces/net_ats_strict_smp4.trace.txt.xz",
	"examples/traces/nvmemix_strict_smp8.trace.txt.xz",
	"examples/traces/rebind_strict_smp4.trace.txt.xz",
};

#define BOOT 0
#define NET 1
#define REBIND 3

static struct run r;

/* ---- as a user does ---- */

static json_t *replay(const char *trace, const char *const *options)
{
	const char *args[24] = { "replay", "--device", "qemu", "--json", run_source(trace) };

	for (unsigned i = 0; options && options[i]; i++)
		args[i + 5] = options[i];
	run_qinval(&r, args, NULL);
	return answer(&r, 0);
}

static void check_flawless(const json_t *o)
{
	static const char *const zero[] = { "lost",   "stale",	   "false_completions",
					    "errors", "misblamed", "resets" };

	for (unsigned i = 0; i < sizeof(zero) / sizeof(*zero); i++)
		if (answer_integer(o, zero[i]))
			fail_msg("%s: %s", zero[i], r.out);
	assert_string_equal(json_string_value(json_object_get(o, "verdict")), "clean");
	assert_string_equal(json_string_value(json_object_get(o, "device")), "qemu");
	assert_int_equal(answer_integer(o, "submissions"), answer_integer(o, "events"));
	assert_int_equal(answer_integer(o, "executed"), 2 * answer_integer(o, "submissions"));
	assert_in_range(answer_integer(o, "doorbells"), 1, answer_integer(o, "submissions"));
	/* Each thread checks at least its first two hundred. */
	assert_in_range(answer_integer(o, "looked"), 100, answer_integer(o, "submissions"));
	assert_in_range(answer_integer(o, "translations"), 20, answer_integer(o, "looked"));
}

static void all_traces(void **state)
{
	(void)state;
	/* With a sanitizer the shorter traces are enough. */
	for (unsigned i = 0; i < sizeof(traces) / sizeof(*traces);
	     i += PATIENCE_SANITIZED ? 3 : 1) {
		json_t *o = replay(traces[i], NULL);

		check_flawless(o);
		json_decref(o);
	}
}

static void other_rings(void **state)
{
	static const char *const rings[][7] = {
		{ "--width", "256", "--slots", "128", NULL },
		{ "--slots", "32768", NULL },
		{ "--width", "256", "--slots", "16384", NULL },
	};

	(void)state;
	/* How large it is, is nothing to a sanitizer. */
	for (unsigned i = 0; i < sizeof(rings) / sizeof(*rings); i += PATIENCE_SANITIZED ? 3 : 1) {
		json_t *o = replay(traces[REBIND], rings[i]);

		check_flawless(o);
		json_decref(o);
	}
}

static void report_for_people(void **state)
{
	const char *args[] = { "replay", "--device", "qemu", run_source(traces[REBIND]), NULL };

	(void)state;
	run_qinval(&r, args, NULL);
	assert_int_equal(r.code, 0);
	assert_string_equal(r.err, "");
	assert_non_null(strstr(r.out, "'s intel-iommu, CAP 0x"));
	assert_non_null(strstr(r.out, "looked at, "));
}

/* A QEMU for each unit. */
static void several_units(void **state)
{
	static const char text[] =
		"a-1 [003] d... 1.5: qi_submit: iotlb_inv dmar0: 0x10032 0x1000 0x0 0x0\n"
		"a-1 [003] d... 1.6: qi_submit: iotlb_inv dmar1: 0x10032 0x2000 0x0 0x0\n"
		"a-1 [009] d... 1.7: qi_submit: inv_wait dmar1: 0x45 0x0 0x0 0x0\n";
	const char *args[] = { "replay", "--device", "qemu", "--json", "-", NULL };
	json_t *o;

	(void)state;
	run_qinval(&r, args, text);
	o = answer(&r, 0);
	answer_has(o, "units 2, submissions 3, translations 2, executed 5");
	json_decref(o);
}

/* ---- impossible requests ---- */

static void refuses(const char *const *options, const char *input, const char *because)
{
	const char *args[24] = { "replay", "--device", "qemu" };
	unsigned n = 3;

	while (*options)
		args[n++] = *options++;
	args[n] = input ? "-" : run_source(traces[BOOT]);
	run_qinval(&r, args, input);
	assert_int_equal(r.code, 1);
	assert_string_equal(r.out, "");
	if (!strstr(r.err, because))
		fail_msg("not \"%s\": %s", because, r.err);
}

static void what_qemu_cannot_do_is_refused(void **state)
{
	static const char *const none[] = { NULL }, *const small[] = { "--slots", "8", NULL },
				 *const faulty[] = { "--faults", "silent", NULL },
				 *const profile[] = { "--profile", "spec", NULL };

	(void)state;
	refuses(small, NULL, "which only software units know");
	refuses(faulty, NULL, "--faults: only units in software");
	refuses(profile, NULL, "--profile: only units in software");
	refuses(none, "a-1 [003] d... 1.5: qi_submit: inv_wait dmar0: 0x55 0x0 0x0 0x0\n",
		"QEMU does not survive it");
	refuses(none, "a-1 [003] d... 1.5: qi_submit: iotlb_inv dmar0: 0x10032 0x13 0x0 0x0\n",
		"no unit with the capabilities of QEMU ");
}

/* Put this program first in PATH, with QEMU's name. */
static void with_program(const char *text)
{
	char path[600];

	snprintf(path, sizeof(path), "%s", run_file("qemu-system-x86_64", text, strlen(text)));
	assert_int_equal(chmod(path, 0700), 0);
	snprintf(path, sizeof(path), "%s:%s", run_directory(), getenv("PATH"));
	setenv("PATH", path, 1);
}

static void qemu_that_fails_is_said(void **state)
{
	static const char *const none[] = { NULL }, *const long_one[] = { "--repeat", "100000",
									  NULL };
	uint64_t end = patience_begin();
	char path[1000], program[200];
	unsigned seconds = 1;

	(void)state;
	snprintf(path, sizeof(path), "%s", getenv("PATH"));
	setenv("PATH", "/nowhere", 1);
	refuses(none, NULL, "there is no qemu-system-x86_64 here; on Debian: apt install");
	setenv("PATH", path, 1);
	with_program("#!/bin/sh\necho 'no memory today' >&2\nexit 3\n");
	refuses(none, NULL, "qemu-system-x86_64 has ended with exit status 3: no memory today");
	setenv("PATH", path, 1);
	/* A busy machine may need longer to start it. */
	do {
		snprintf(program, sizeof(program),
			 "#!/bin/sh\nPATH=${PATH#*:}\n"
			 "exec timeout -s KILL %u qemu-system-x86_64 \"$@\"\n",
			 seconds);
		with_program(program);
		refuses(long_one, NULL, "qemu-system-x86_64 ");
		setenv("PATH", path, 1);
		seconds *= 2;
	} while (!strstr(r.err, "unit dmar0: ") && patience_lasts(end));
	assert_non_null(strstr(r.err, "unit dmar0: qemu-system-x86_64 "));
	setenv("PATH", path, 1);
	run_clean();
}

/* ---- planted ---- */

static struct trace trace;
static struct drive_result result;

/* With one thread only, so that no later wait proves a completion. */
static bool alone;

typedef void defect(void *ctx, struct threads_host *h, uint64_t addr, uint64_t *qw);

static bool drive_limited(defect *fetched, uint64_t timeout_ns)
{
	const struct drive_config cfg = {
		.device = &device_qemu,
		.threads = alone ? 1 : trace.cpus,
		.slots = 256,
		.width = 128,
		.repeat = 1,
		.seed = 1,
		.timeout_ns = timeout_ns,
		.poll_budget = 1100,
		.watchdog_ns = 3 * patience_ns(PATIENCE_S),
		.fetched = fetched,
	};
	char error[500];

	if (!drive(&trace, &cfg, &result, error, sizeof(error)))
		fail_msg("%s", error);
	return !drive_failed(&result);
}

static bool drive_with(defect *fetched)
{
	return drive_limited(fetched, patience_ns(PATIENCE_S));
}

static void invalidate_another_domain(void *ctx, struct threads_host *h, uint64_t addr,
				      uint64_t *qw)
{
	(void)ctx;
	(void)h;
	(void)addr;
	if ((qw[0] & 0xf) == QI_IOTLB_TYPE)
		qw[0] ^= 0xffULL << 16;
}

static unsigned waits_seen;

static void forget_a_status(void *ctx, struct threads_host *h, uint64_t addr, uint64_t *qw)
{
	(void)ctx;
	(void)h;
	(void)addr;
	/* Elsewhere in memory, as QEMU refuses a wait without a status write. */
	if ((qw[0] & 0xf) == QI_IWD_TYPE && ++waits_seen == 500)
		qw[1] = QTEST_RAM_BYTES - 4;
}

/* Without a plant there are no problems: so the others are found by their plants. */
static void nothing_planted(void **state)
{
	(void)state;
	assert_true(drive_with(NULL));
	assert_true(result.translations > 200);
}

/* Each one that is checked is stale, unless QEMU has emptied its cache by itself. */
static void another_domain_is_stale(void **state)
{
	(void)state;
	assert_false(drive_with(invalidate_another_domain));
	assert_true(result.translations > 200);
	assert_in_range(result.stale, result.translations * 9 / 10, result.translations);
	assert_int_equal(result.lost + result.errors + result.false_completions, 0);
	assert_int_equal(result.problem[0].kind, PROBLEM_STALE);
}

static void a_status_written_elsewhere_is_lost(void **state)
{
	uint64_t end = patience_begin(), timeout_ns = SHORT_NS;

	(void)state;
	alone = true;
	do {
		waits_seen = 0;
		assert_false(drive_limited(forget_a_status, timeout_ns));
		timeout_ns *= 2;
	} while (result.lost > 1 && patience_lasts(end));
	alone = false;
	assert_int_equal(result.lost, 1);
	assert_int_equal(result.stale + result.false_completions + result.misblamed, 0);
}

static int read_trace(void **state)
{
	char error[300];

	(void)state;
	return trace_read(&trace, run_source(traces[REBIND]), error, sizeof(error)) ? 0 : -1;
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
		cmocka_unit_test(all_traces),
		cmocka_unit_test(other_rings),
		cmocka_unit_test(report_for_people),
		cmocka_unit_test(several_units),
		cmocka_unit_test(what_qemu_cannot_do_is_refused),
		cmocka_unit_test(qemu_that_fails_is_said),
		cmocka_unit_test(nothing_planted),
		cmocka_unit_test(another_domain_is_stale),
		cmocka_unit_test(a_status_written_elsewhere_is_lost),
	};

	if (!qemu_is_here())
		return SKIPPED;
	return cmocka_run_group_tests(tests, read_trace, free_trace);
}
