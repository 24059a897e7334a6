/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * What is no kernel, no QEMU, or not given, and ends that come too early: a sentence, the right exit
 * code, and nothing left behind. No guest is booted; programs of QEMU's name play their parts.
 */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "../tool/run.h"

static struct run r;

/* Of the test's folder: where runs make theirs, a kernel as far as its header goes, and its QEMU. */
static char temporary[200], kernel[200], initrd[200], qemu[200];

#define ARGUMENTS 16

static void guest(int code, const char *says, const char *const *options)
{
	const char *args[ARGUMENTS] = { "guest" };

	for (unsigned i = 0; options[i]; i++)
		args[i + 1] = options[i];
	run_qinval(&r, args, NULL);
	if (r.code != code || !strstr(*r.err ? r.err : r.out, says))
		fail_msg("exit code %d, expected %d and \"%s\": %s%s", r.code, code, says, r.out,
			 r.err);
}

#define GUEST(code, says, ...) guest(code, says, (const char *const[]){ __VA_ARGS__, NULL })

static void nothing_is_left(void)
{
	DIR *d = opendir(temporary);
	struct dirent *e;

	assert_non_null(d);
	while ((e = readdir(d)))
		if (e->d_name[0] != '.')
			fail_msg("%s is left", e->d_name);
	closedir(d);
}

static void play(const char *script)
{
	char text[600];

	snprintf(text, sizeof(text), "#!/bin/sh\n%s\n", script);
	run_file("qemu", text, strlen(text));
	assert_int_equal(chmod(qemu, 0755), 0);
}

static void usage_is_judged(void **state)
{
	(void)state;
	GUEST(1, "no fault is called \"refused\"", "--faults", "refused");
	GUEST(1, "no plant is called \"refuse\"", "--plant", "refuse");
	GUEST(1, "every=N", "--faults", "refuse:every=x");
	GUEST(1, "from 1 to", "--cpus", "0");
	GUEST(1, "one kernel at a time", "a", "b");
	GUEST(1, "there are qinval and qemu", "--unit", "x");
	GUEST(1, "faults and plants are our unit's", "--unit", "qemu", "--faults", "refuse");
	GUEST(1, "is none of drhd", "--dmar", "/dev/null", "x=1");
}

static void what_is_no_kernel(void **state)
{
	char text[] = "no kernel", path[300];

	(void)state;
	snprintf(path, sizeof(path), "%s", run_file("text", text, sizeof(text)));
	GUEST(1, "is no kernel for x86-64", path);
	GUEST(1, "cannot read /does/not/exist", "/does/not/exist");
	GUEST(1, "there are no modules for this kernel, 9.9.9-test", kernel);
	GUEST(1, "cannot read /no/initrd", "--initrd", "/no/initrd", kernel);
	GUEST(1, "no work is called \"sleeping\"", "--work", "sleeping", kernel);
	nothing_is_left();
}

static void what_is_no_qemu(void **state)
{
	(void)state;
	GUEST(1, "there is no /no/qemu here", "--qemu", "/no/qemu", "--initrd", initrd, kernel);
	play("echo 'qemu-system-x86_64: -plugin x: invalid option' >&2; exit 1");
	GUEST(1, "has been built without plugins", "--qemu", qemu, "--initrd", initrd, kernel);
	play("echo 'the last word' >&2; exit 3");
	GUEST(1, "has ended with exit status 3: the last word", "--qemu", qemu, "--initrd", initrd,
	      kernel);
	play("kill -SEGV $$");
	GUEST(1, "was ended by signal 11", "--qemu", qemu, "--initrd", initrd, kernel);
	nothing_is_left();
}

/* By a signal, as from a terminal: whatever QEMU has started ends as well. */
static void interrupted_runs_leave_nothing(void **state)
{
	char command[1000], pid_file[300];
	int status, pid = 0;
	FILE *f;

	(void)state;
	snprintf(pid_file, sizeof(pid_file), "%s/pid", run_directory());
	snprintf(command, sizeof(command), "echo $$ >%s; sleep 1000; true", pid_file);
	play(command);
	snprintf(command, sizeof(command),
		 "timeout --preserve-status -s INT 2 '%s' guest --json --qemu '%s' --initrd '%s' "
		 "'%s' "
		 ">/dev/null 2>&1",
		 getenv("QINVAL"), qemu, initrd, kernel);
	status = system(command);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 3);
	f = fopen(pid_file, "r");
	assert_non_null(f);
	assert_int_equal(fscanf(f, "%d", &pid), 1);
	fclose(f);
	snprintf(command, sizeof(command), "/proc/%d/cmdline", pid);
	assert_int_not_equal(access(command, R_OK), 0);
	nothing_is_left();
}

static void without_room_nothing_begins(void **state)
{
	const char *args[] = {
		"guest", "--json", "--qemu", qemu, "--initrd", initrd, kernel, NULL
	};

	(void)state;
	play("exit 1");
	run_qinval_on_full_disk(&r, args);
	assert_int_equal(r.code, 1);
	setenv("TMPDIR", "/does/not/exist", 1);
	GUEST(1, "cannot make a folder", "--qemu", qemu, "--initrd", initrd, kernel);
	setenv("TMPDIR", temporary, 1);
}

static int prepare(void **state)
{
	static unsigned char head[0x1000];
	const unsigned char zero[16] = { 0 };

	(void)state;
	memcpy(head + 0x202, "HdrS", 4);
	head[0x20e] = 0x00;
	head[0x20f] = 0x02; /* the version's text is at 0x400 */
	head[0x211] = 1;
	head[0x236] = 1;
	memcpy(head + 0x400, "9.9.9-test", 10);
	snprintf(kernel, sizeof(kernel), "%s", run_file("kernel", head, sizeof(head)));
	snprintf(initrd, sizeof(initrd), "%s", run_file("initrd", zero, sizeof(zero)));
	snprintf(qemu, sizeof(qemu), "%s/qemu", run_directory());
	snprintf(temporary, sizeof(temporary), "%s/temporary", run_directory());
	return mkdir(temporary, 0700) || setenv("TMPDIR", temporary, 1);
}

static int clean(void **state)
{
	(void)state;
	run_clean();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(usage_is_judged),
		cmocka_unit_test(what_is_no_kernel),
		cmocka_unit_test(what_is_no_qemu),
		cmocka_unit_test(interrupted_runs_leave_nothing),
		cmocka_unit_test(without_room_nothing_begins),
	};

	return cmocka_run_group_tests(tests, prepare, clean);
}
