/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Bad input and early ends (no kernel, no QEMU, missing arguments): one sentence, the right exit
 * code, and nothing left behind. No guest is booted; scripts named like QEMU imitate it.
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

/*
 * In the test's folder: the directory for temporary folders, a file with the header of a kernel,
 * and the imitation of QEMU.
 */
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
	char text[1000];

	snprintf(text, sizeof(text), "#!/bin/bash\n%s\n", script);
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
	GUEST(1, "from 1 to 3", "--units", "4");
	GUEST(1, "--parameters needs --module", "--parameters", "a=1");
	GUEST(1, "cannot be given with --initrd", "--module", "x.ko", "--initrd", "x");
	GUEST(1, "see --alone", "--module", "x.ko", "--unit", "qemu");
	GUEST(1, "--alone needs --module", "--alone");
	/* Arguments after -- are for QEMU, and the kernel is the one before them. */
	GUEST(1, "/none/kernel", "/none/kernel", "--work", "disk", "--", "-x");
	GUEST(1, "there are qinval and qemu", "--unit", "x");
	GUEST(1, "without faults and plants", "--unit", "qemu", "--faults", "refuse");
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

/* After a signal, as from a terminal, whatever QEMU has started ends as well. */
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

/*
 * A QEMU whose monitor says that the guest has ended, for this reason, and which fills the console.
 */
static void play_end(const char *reason)
{
	char script[800];

	snprintf(script, sizeof(script),
		 "for a; do case $a in\n"
		 "socket,id=monitor,fd=*) fd=${a##*=} ;;\n"
		 "file:*) echo booted >${a#file:} ;;\n"
		 "esac; done\n"
		 "printf '{\"QMP\": {}}\\r\\n{\"return\": {}, \"id\": 1}\\r\\n' >&$fd\n"
		 "printf '{\"event\": \"SHUTDOWN\", \"data\": {\"reason\": \"%s\"}}\\r\\n' >&$fd\n"
		 "sleep 1000",
		 reason);
	play(script);
}

static void guests_that_end_early(void **state)
{
	(void)state;
	play_end("guest-shutdown");
	GUEST(3, "nothing submitted: the guest has ended by itself", "--qemu", qemu, "--initrd",
	      initrd, kernel);
	GUEST(3, "cannot write the log /dev/full", "--log", "/dev/full", "--qemu", qemu, "--initrd",
	      initrd, kernel);
	play_end("guest-reset");
	GUEST(1, "the guest has reset itself, as after a panic or where no kernel boots", "--qemu",
	      qemu, "--initrd", initrd, kernel);
	nothing_is_left();
}

/* Run by the shell: $RUN is a run, and OUT its output. */
static int shell(const char *script)
{
	char line[1500], run[1000];

	snprintf(run, sizeof(run), "'%s' guest --qemu '%s' --initrd '%s' '%s'", getenv("QINVAL"),
		 qemu, initrd, kernel);
	setenv("RUN", run, 1);
	snprintf(line, sizeof(line), "OUT=%s/out; exec >$OUT 2>&1; %s", run_directory(), script);
	return system(line);
}

static void two_runs_at_a_time(void **state)
{
	char together[300];

	(void)state;
	/* Each waits until the other has begun. */
	snprintf(together, sizeof(together),
		 "echo >>%s/begun; until [ \"$(wc -l <%s/begun)\" -ge 2 ]; do sleep 0.05; done",
		 run_directory(), run_directory());
	play(together);
	assert_int_equal(shell("sh -c \"exec $RUN\" & a=$!; sh -c \"exec $RUN\" & wait $a; [ $? = "
			       "1 ] || exit 1; "
			       "wait $!; [ $? = 1 ]"),
			 0);
	nothing_is_left();
}

/* QEMU ends with a killed run, and the next run removes its folder. */
static void a_killed_run_leaves_nothing_for_long(void **state)
{
	char script[500];

	(void)state;
	snprintf(script, sizeof(script), "echo $$ >%s/killed; sleep 1000; true", run_directory());
	play(script);
	snprintf(script, sizeof(script),
		 "sh -c \"exec $RUN\" & until [ -s %s/killed ]; do sleep 0.05; done; kill -KILL "
		 "$!; wait $!; "
		 "qemu=$(cat %s/killed); while kill -0 $qemu; do sleep 0.05; done",
		 run_directory(), run_directory());
	assert_int_equal(shell(script), 0);
	play("exit 1");
	GUEST(1, "exit status 1", "--qemu", qemu, "--initrd", initrd, kernel);
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

/* On a disk, if one can be made, without room for the guest's disks. */
static void a_full_disk(void **state)
{
	char script[700];

	(void)state;
	if (shell("unshare -rm true") != 0) {
		fputs("no disk is made that could be full: user namespaces are not allowed\n",
		      stderr);
		skip();
	}
	play("exit 1");
	snprintf(script, sizeof(script),
		 "unshare -rm sh -c \"mount -t tmpfs -o size=16m none %s && exec $RUN\"; "
		 "[ $? = 1 ] && grep -q 'No space left' $OUT",
		 temporary);
	assert_int_equal(shell(script), 0);
	nothing_is_left();
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(usage_is_judged),
		cmocka_unit_test(what_is_no_kernel),
		cmocka_unit_test(what_is_no_qemu),
		cmocka_unit_test(interrupted_runs_leave_nothing),
		cmocka_unit_test(guests_that_end_early),
		cmocka_unit_test(two_runs_at_a_time),
		cmocka_unit_test(a_killed_run_leaves_nothing_for_long),
		cmocka_unit_test(without_room_nothing_begins),
		cmocka_unit_test(a_full_disk),
	};

	return cmocka_run_group_tests(tests, prepare, run_end);
}
