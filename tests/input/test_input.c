/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Mistakes of users: one line of explanation, and exit code 1. */
#include "tests/tool/run.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define EVENT(what) "sh-1 [001] d..2. 1.5: qi_submit: " what " 0x0 0x0\n"
#define GOOD EVENT("iotlb_inv dmar0: 0x100e2 0x0")

static struct run r;

static void check(int code, const char *says)
{
	if (r.code != code || !strstr(r.err, says))
		fail_msg("expected exit code %d and \"%s\", got %d and \"%s\"", code, says, r.code,
			 r.err);
}

/* One line, which starts with the program's name. */
static void check_refused(const char *says)
{
	check(1, says);
	assert_string_equal(r.out, "");
	assert_int_equal(strncmp(r.err, "qinval", 6), 0);
	assert_ptr_equal(strchr(r.err, '\n'), r.err + strlen(r.err) - 1);
}

static void replay(const char *path, const char *option, const char *value)
{
	const char *args[] = { "replay", path, option, value, NULL };

	run_qinval(&r, args, NULL);
}

/* ---- files ---- */

#define BYTES(s) s, sizeof(s) - 1

static const struct {
	const char *name, *bytes;
	size_t size;
	const char *says;
} files[] = {
	{ "empty", BYTES(""), "empty: the file is empty" },
	{ "empty.gz", BYTES("\x1f\x8b\b\0\0\0\0\0\0\3\3\0\0\0\0\0\0\0\0\0"), "the file is empty" },
	{ "header", BYTES("# tracer: nop\n#\n"),
	  "header: no qi_submit event in 2 lines; record with" },
	{ "others",
	  BYTES("sh-1 [001] d..2. 1.5: sched_switch: x\nsh-1 [001] d..2. 1.5: timer: y\n"),
	  "others: no qi_submit event in 2 lines, but sched_switch, timer; record with" },
	{ "prose", BYTES("Nothing of the kind.\n"), "prose: no qi_submit event in 1 line;" },
	{ "binary",
	  BYTES("\x7f"
		"ELF\2\1\1\0\0\0\0"),
	  "binary:1: a NUL byte" },
	{ "later", BYTES(GOOD "x\0y\n"), "later:2: a NUL byte" },
	{ "perf.data", BYTES("PERFILE2h\0\0\0\0\0\0\0"), "perf.data: is a perf.data file" },
	{ "trace.dat", BYTES("\x17\x08\x44tracing6\0\0\1\b"), "trace.dat: is a trace.dat file" },
	{ "cut.gz", BYTES("\x1f\x8b\b\0\0\0\0\0\0\3"), "cut.gz" },
	{ "cut.xz",
	  BYTES("\xfd"
		"7zXZ\0\0\4\xe6\xd6\xb4"),
	  "cut.xz" },
	{ "damaged", BYTES(EVENT("iotlb_inv dmar0: 0x100e2")), "damaged:1: expected four words" },
	{ "reserved", BYTES(GOOD EVENT("iotlb_inv dmar0: 0x100000000002 0x0")),
	  "reserved:2: no unit" },
	{ "granularity", BYTES(EVENT("iotlb_inv dmar0: 0x10002 0x0")),
	  "granularity:1: no unit takes" },
	{ "type", BYTES(EVENT("0xa dmar0: 0xa 0x0")),
	  "type:1: no unit takes type 0xa (qw0 0xa): there are 0x1 to 0x9" },
	{ "long", BYTES(EVENT("iotlb_inv dmar0: 0x202 0x0")), "long:1: no unit takes type 0x12 (" },
};

static void unusable_files(void **state)
{
	(void)state;
	for (unsigned i = 0; i < sizeof(files) / sizeof(*files); i++) {
		replay(run_file(files[i].name, files[i].bytes, files[i].size), NULL, NULL);
		check_refused(files[i].says);
	}
}

static void no_file(void **state)
{
	(void)state;
	replay("/nowhere/at/all", NULL, NULL);
	check_refused("/nowhere/at/all: No such file or directory");
	replay(run_directory(), NULL, NULL);
	check_refused("is a directory");
	replay("-", NULL, NULL);
	check_refused("standard input: the file is empty");
}

/* It can be opened, even by root, but not read. */
static void unreadable_file(void **state)
{
	(void)state;
	replay("/proc/self/mem", NULL, NULL);
	check_refused("/proc/self/mem: ");
	assert_non_null(strstr(r.err, "Input/output error"));
}

/* Good lines are replayed; bad ones are counted and named, here and in the report. */
static void damaged_lines(void **state)
{
	static const char text[] =
		GOOD EVENT("iotlb_inv dmar0: 0x100e2") GOOD EVENT("iotlb_inv dmar0: 0xzz 0x0");

	(void)state;
	replay(run_file("some", text, strlen(text)), NULL, NULL);
	check(0, "qinval replay: /");
	check(0, "some:2: damaged line left out: expected four words");
	check(0, "some:4: damaged line left out: expected four words");
	assert_non_null(strstr(r.out, "2 submissions: nothing lost"));
	assert_non_null(strstr(r.out, "2 damaged lines left out"));
}

static void standard_input(void **state)
{
	const char *args[] = { "replay", "-", NULL };

	(void)state;
	run_qinval(&r, args, GOOD GOOD GOOD);
	check(0, "");
	assert_non_null(strstr(r.out, "3 submissions: nothing lost"));
}

/* The same text, compressed by the usual programs. */
static void compressed(void **state)
{
	static const char *const programs[] = { "gzip -c", "xz -c", "zstd -c", "bzip2 -c",
						"zip -q - -" };
	char command[200], path[200];

	(void)state;
	for (unsigned i = 0; i < sizeof(programs) / sizeof(*programs); i++) {
		snprintf(command, sizeof(command), "%s < %s > %s/packed", programs[i],
			 run_file("plain", GOOD GOOD, strlen(GOOD GOOD)), run_directory());
		assert_int_equal(system(command), 0);
		snprintf(path, sizeof(path), "%s/packed", run_directory());
		replay(path, NULL, NULL);
		check(0, "");
		assert_non_null(strstr(r.out, "2 submissions: nothing lost"));
	}
}

/* The first thousand bytes. */
static void packed_and_cut(void **state)
{
	static const struct {
		const char *packs, *says;
	} cuts[] = {
		{ "xz | head -c 1000", ": truncated xz input\n" },
		{ "gzip | head -c 1000", ": truncated gzip input\n" },
		{ "zstd | head -c 1000", ": Truncated zstd input\n" },
	};
	char command[5000], path[200];

	(void)state;
	run_directory();
	for (unsigned i = 0; i < sizeof(cuts) / sizeof(*cuts); i++) {
		snprintf(command, sizeof(command), "xz -dc %s | %s > %s/packed",
			 run_source("examples/traces/boot_strict_smp4.trace.txt.xz"), cuts[i].packs,
			 run_directory());
		assert_int_equal(system(command), 0);
		snprintf(path, sizeof(path), "%s/packed", run_directory());
		replay(path, NULL, NULL);
		check_refused(cuts[i].says);
	}
}

/* ---- events that only some units accept ---- */

static void what_this_unit_does_not_take(void **state)
{
	static const char response[] = EVENT("page_grp_resp dmar0: 0x9 0x0");
	static const char interrupt[] = EVENT("inv_wait dmar0: 0x15 0x0");
	static const char wide[] =
		"sh-1 [001] d..2. 1.5: qi_submit: iotlb_inv dmar0: 0x100e2 0x0 0x1 0x0\n";

	(void)state;
	replay(run_file("response", response, strlen(response)), "--profile", "qemu-7.2");
	check_refused("response:1: no unit with the capabilities of \"qemu-7.2\" takes");
	replay(run_file("interrupt", interrupt, strlen(interrupt)), "--profile", "qemu-7.2");
	check_refused("interrupt:1: a wait with an interrupt");
	replay(run_file("interrupt", interrupt, strlen(interrupt)), NULL, NULL);
	check(0, "");
	/* The kernel prints four words for descriptors of two words, too. */
	replay(run_file("wide", wide, strlen(wide)), NULL, NULL);
	check(0, "");
	replay(run_file("wide", wide, strlen(wide)), "--width", "256");
	check_refused("wide:1: no unit takes");
}

/* ---- options ---- */

static const struct {
	const char *option, *value, *says;
} options[] = {
	{ "--slots", "100",
	  "--slots 100: with 128-bit descriptors expected 256, 512, 1024, ... or 32768," },
	{ "--slots", "65536", "or 32768," },
	{ "--slots", "32", "or 4, 8 or 16" },
	{ "--slots", "0", "expected 256, 512, 1024," },
	{ "--slots", "-4", "expected 256, 512, 1024," },
	{ "--slots", "256k", "expected 256, 512, 1024," },
	{ "--width", "192", "--width 192: expected 128 or 256" },
	{ "--width", "64", "--width 64: expected 128 or 256" },
	{ "--width", "128b", "--width 128b: expected 128 or 256" },
	{ "--threads", "0", "expected a number from 1" },
	{ "--threads", "x", "expected a number from 1" },
	{ "--repeat", "0", "expected a number from 1" },
	{ "--seed", "99999999999999999999", "expected a number from 0" },
	{ "--profile", "vmware", "there are spec, qemu-7.2 and qemu-10.0" },
	{ "--faults", "", "\"\" is no fault" },
	{ "--faults", "stall,thunder", "\"thunder\" is no fault" },
	{ "--faults", "stall:02:00.0", "\"stall:02:00.0\": stall takes no device" },
	{ "--faults", "silent:02:00.9", "\"silent:02:00.9\": expected BUS:DEV.FN" },
	{ "--faults", "silent:02:40.0", "\"silent:02:40.0\": expected BUS:DEV.FN" },
	{ "--faults", "silent", "silent strikes device-TLB invalidations, and the trace has none" },
	{ "--faults", "silent:02:00.0",
	  "silent:02:00.0 strikes device-TLB invalidations, and the trace has none" },
	{ "--faults", "refuse,stall",
	  "no further event that stall could strike: name fewer faults" },
};

static void bad_options(void **state)
{
	const char *path = run_file("good", GOOD, strlen(GOOD));

	(void)state;
	for (unsigned i = 0; i < sizeof(options) / sizeof(*options); i++) {
		replay(path, options[i].option, options[i].value);
		check_refused(options[i].says);
	}
	replay(path, "another", NULL);
	check_refused("another: one trace at a time");
	replay(NULL, NULL, NULL);
	check_refused("expected a trace");
	replay(path, "--no-such-option", NULL);
	check(1, "--no-such-option");
}

static void faults_of_qemu(void **state)
{
	const char *args[] = { "replay", NULL, "--faults", "late", "--profile", "qemu-7.2", NULL };

	(void)state;
	args[1] = run_file("good", GOOD, strlen(GOOD));
	run_qinval(&r, args, NULL);
	check_refused("\"late\" is no fault that a unit \"qemu-7.2\" has");
}

static void more_threads_than_cpus(void **state)
{
	(void)state;
	replay(run_file("good", GOOD, strlen(GOOD)), "--threads", "8");
	check(0, "qinval replay: 1 thread, as the trace has no more CPUs");
}

static void subcommands(void **state)
{
	const char *args[] = { "dance", NULL };

	(void)state;
	run_qinval(&r, args, NULL);
	check_refused("no subcommand \"dance\"");
	args[0] = NULL;
	run_qinval(&r, args, NULL);
	check(1, "Usage: qinval SUBCOMMAND");
	assert_string_equal(r.out, "");
	args[0] = "--help";
	run_qinval(&r, args, NULL);
	check(0, "");
	assert_non_null(strstr(r.out, "replay"));
	args[0] = "--version";
	run_qinval(&r, args, NULL);
	check(0, "");
	assert_int_equal(strncmp(r.out, "qinval ", 7), 0);
	replay("--help", NULL, NULL);
	check(0, "");
	assert_non_null(strstr(r.out, "--faults"));
}

/* Output that could not be written is an error, even if it is only help. */
static void full_disk(void **state)
{
	const char *path = run_file("good", GOOD, strlen(GOOD));
	const char *const args[][4] = {
		{ "replay", "--json", path },
		{ "replay", path },
		{ "--help" },
		{ "--version" },
		{ "replay", "--help" },
		{ "replay", "--usage" },
		{ "replay", "--version" },
		{ "replay", "-?", path },
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(args) / sizeof(*args); i++) {
		run_qinval_on_full_disk(&r, args[i]);
		check_refused(": No space left on device");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unusable_files),
		cmocka_unit_test(no_file),
		cmocka_unit_test(unreadable_file),
		cmocka_unit_test(damaged_lines),
		cmocka_unit_test(standard_input),
		cmocka_unit_test(compressed),
		cmocka_unit_test(packed_and_cut),
		cmocka_unit_test(what_this_unit_does_not_take),
		cmocka_unit_test(bad_options),
		cmocka_unit_test(faults_of_qemu),
		cmocka_unit_test(more_threads_than_cpus),
		cmocka_unit_test(subcommands),
		cmocka_unit_test(full_disk),
	};

	return cmocka_run_group_tests(tests, NULL, run_end);
}
