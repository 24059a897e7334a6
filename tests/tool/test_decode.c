/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* qinval decode as users run it: arguments, exit codes, one JSON object. */
#include "run.h"

#include <jansson.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static struct run r;

#define DECODE(input, ...) \
	run_qinval(&r, (const char *const[]){ "decode", __VA_ARGS__, NULL }, input)

static void check(int code, const char *out, const char *err)
{
	if (r.code != code || !strstr(r.out, out) || !strstr(r.err, err))
		fail_msg("expected %d, \"%s\" and \"%s\", got %d, \"%s\" and \"%s\"", code, out,
			 err, r.code, r.out, r.err);
}

static json_t *object(void)
{
	json_t *o = json_loads(r.out, JSON_REJECT_DUPLICATES, NULL);

	assert_non_null(o);
	return o;
}

static void words(void **state)
{
	(void)state;
	DECODE(NULL, "0xaf0300100003", "0x7ffffffffffff001");
	check(0, "Device-TLB Invalidation: SID af:00.3, whole address space, MIP 16", "");
	assert_string_equal(r.err, "");
	DECODE(NULL, "af0300100003", "7FFFFFFFFFFFF001");
	check(0, "SID af:00.3", "");
	DECODE(NULL, "0x500f2", "0xfff7f000", "0x200000025", "0x476a404");
	check(0, "Invalidation Wait: SW data 2 to 0x476a404", "");
	/* With 256 bits the third and fourth word belong to the descriptor, and have to be zero. */
	DECODE(NULL, "--width=256", "0x500f2", "0xfff7f000", "0x1", "0x0");
	check(2, "qw2/qw3: not zero", "");
	DECODE(NULL, "0x500f2", "0xfff7f000", "0x0", "0x0");
	check(0, "0x500f2 0xfff7f000 0x0 0x0", "");
	/* As it is printed in a log. */
	DECODE(NULL, "qw0", "=", "0x500f2,", "qw1", "=", "0xfff7f000");
	check(0, "0x500f2 0xfff7f000\n", "");
	DECODE(NULL, "low=500f2,", "high=fff7f000");
	check(0, "0x500f2 0xfff7f000\n", "");
	DECODE(NULL, "0x500f2");
	check(3, "the rest is cut off", "");
	/* An index is not a device. */
	DECODE(NULL, "0x500000014", "0x0");
	check(0, "        IIDX           0x5\n", "");
	DECODE(NULL, "0xf", "0x0");
	check(2, "no such type", "");
}

static void capabilities(void **state)
{
	(void)state;
	DECODE(NULL, "--cap=12008022260206", "--ecap=0xf00f4a", "0x500f2", "0xfff7f000");
	check(2, "capability-contradiction", "");
	check(2, "needs CAP.", "");
	DECODE(NULL, "--cap=d2008c22260206", "--ecap=f00f4a", "0x500f2", "0xfff7f000");
	check(0, "Nothing wrong was found.", "");
	DECODE(NULL, "--cap=d2008c22260206", "--ecap=f00f4a", "0xaf0300100003",
	       "0x7ffffffffffff001");
	check(2, "needs ECAP.DT", "");
}

static void bad_usage(void **state)
{
	(void)state;
	DECODE(NULL, "--width=64", "0x1", "0x2");
	check(1, "", "128 or 256");
	DECODE(NULL, "--cap=xyz", "--ecap=0", "0x1");
	check(1, "", "--cap xyz: expected a hexadecimal number");
	DECODE(NULL, "--cap=1", "0x1");
	check(1, "", "go together");
	DECODE(NULL, "0x12345678901234567");
	check(1, "", "at most 16 digits");
	DECODE(NULL, "0x1", "/etc/hostname");
	check(1, "", "not both");
	DECODE(NULL, "/nonexistent");
	check(1, "", "/nonexistent: No such file");
	DECODE("", "-");
	check(1, "", "the file is empty");
}

static void standard_input(void **state)
{
	(void)state;
	DECODE("DMAR: VT-d detected Invalidation Time-out Error: SID 300\n", "-");
	check(2, "The device 03:00.0 did not answer", "");
	run_qinval(&r, (const char *const[]){ "decode", NULL },
		   "DMAR: VT-d detected Invalidation Time-out Error: SID 300\n");
	check(2, "The device 03:00.0 did not answer", "");
	DECODE("Nothing of the kind.\n", "-");
	check(3, "Nothing that this program knows", "");
}

static void one_json_object(void **state)
{
	json_t *o, *first;

	(void)state;
	DECODE("DMAR: VT-d detected Invalidation Time-out Error: SID 300\n\xff\xfe\x01 \"\\\n"
	       "DMAR: QI HEAD: \"\\UNKNOWN qw0 = 0xffffffffffffffff, qw1 = 0x0\n",
	       "--json", "-");
	assert_int_equal(r.code, 2);
	o = object();
	first = json_array_get(json_object_get(o, "findings"), 0);
	assert_string_equal(json_string_value(json_object_get(first, "certainty")), "certain");
	assert_int_equal(json_integer_value(json_array_get(json_object_get(first, "lines"), 0)), 1);
	first = json_array_get(
		json_object_get(json_array_get(json_object_get(o, "blocks"), 0), "descriptors"), 0);
	assert_string_equal(json_string_value(json_array_get(json_object_get(first, "qw"), 0)),
			    "0xffffffffffffffff");
	json_decref(o);
	DECODE("x\n", "--json", "-");
	o = object();
	assert_int_equal(json_array_size(json_object_get(o, "blocks")), 0);
	assert_int_equal(json_array_size(json_object_get(o, "findings")), 0);
	json_decref(o);
	/* Even if the file cannot be read. */
	DECODE(NULL, "--json", "/nonexistent");
	assert_int_equal(r.code, 1);
	o = object();
	assert_non_null(strstr(json_string_value(json_object_get(o, "error")), "No such file"));
	json_decref(o);
}

/* No byte of the input or of a file's name reaches a terminal as a control character. */
static void check_printable(const char *s)
{
	for (; *s; s++)
		if (((unsigned char)*s < ' ' && *s != '\n' && *s != '\t') || *s == 0x7f)
			fail_msg("a control character %d before \"%s\"", *s, s + 1);
}

static void control_characters(void **state)
{
	static const char evil[] =
		"DMAR: \033[2J\033]0;OWNED\a VT-d detected Invalidation Time-out Error: SID 300\n"
		"DMAR: \033[31mevil\b\x7f failed\n"
		"[    1.0] DMAR: dmar0\033]0;X\a: Using Register based invalidation\n";
	static const char trace[] = "  sh-1 [000] d..1  13.4: \033[31mevil\033]0;X\a:  foo\n"
				    "  sh-1 [000] d..1  13.4: qi_submit: iotlb_inv "
				    "\033]0;OWNED\a\033[2Jdmar0: 0x12 0x0 "
				    "0x0 0x0\n";

	(void)state;
	DECODE(evil, "-");
	check_printable(r.out);
	check_printable(r.err);
	DECODE(evil, "--blocks", "-");
	check_printable(r.out);
	DECODE(NULL, "/nonexistent/\033]0;X\a\033[2J");
	assert_int_equal(r.code, 1);
	check_printable(r.out);
	check_printable(r.err);
	run_qinval(&r, (const char *const[]){ "replay", "-", NULL }, trace);
	check_printable(r.out);
	check_printable(r.err);
	run_qinval(&r, (const char *const[]){ "replay", "/nonexistent/\033[2J", NULL }, NULL);
	check_printable(r.err);
}

/* An unprintable argument for each subcommand; getopt and argp repeat it, too. */
static void control_characters_anywhere(void **state)
{
	static const char *const subcommands[] = { "replay",   "bench", "decode", "conform",
						   "guest",    "top",	"record", "explore",
						   "simulate", "cc",	"help",	  "nothing",
						   NULL };
	static const char *const arguments[] = { "/nonexistent/\033]0;X\a\033[2J\r\033[K\x9b",
						 "--\033]0;X\a\r", "-\033", NULL };

	(void)state;
	for (const char *const *c = subcommands; *c; c++)
		for (const char *const *a = arguments; *a; a++) {
			run_qinval(&r, (const char *const[]){ *c, *a, NULL }, NULL);
			assert_int_not_equal(r.code, 0);
			check_printable(r.out);
			check_printable(r.err);
		}
	run_qinval(&r, (const char *const[]){ "\033[2J", NULL }, NULL);
	check_printable(r.err);
}

/* A file's name in the report: control characters are removed, letters of other scripts stay. */
static void names_in_reports(void **state)
{
	static const char log[] = "[ 1.0] DMAR: VT-d detected Invalidation Time-out Error: SID 0\n";
	char evil[300], other[300];

	(void)state;
	snprintf(evil, sizeof(evil), "%s", run_file("x\033]0;X\a\033[2J", log, strlen(log)));
	snprintf(other, sizeof(other), "%s",
		 run_file("\xd0\x9b\xd0\xbe\xd0\xb3\xe2\x80\xae", log, strlen(log)));
	DECODE(NULL, evil, other);
	assert_int_equal(r.code, 2);
	check_printable(r.out);
	assert_non_null(strstr(r.out, "x?]0;X??[2J"));
	assert_non_null(strstr(r.out, "\xd0\x9b\xd0\xbe\xd0\xb3???"));
	assert_null(strstr(r.out, "\xe2\x80\xae"));
	DECODE(NULL, "--json", evil, other);
	json_decref(object());
}

/* A log, and in another file the answer to its advice. */
static void several_files(void **state)
{
	static const char log[] = "[ 1.0] DMAR: VT-d detected Invalidation Time-out Error: SID 0\n";
	static const char lspci[] = "53:00.0 VGA compatible controller: Intel Device e223\n"
				    "\t\tATSCtl:\tEnable+, Smallest Translation Unit: 00\n"
				    "\tKernel driver in use: vfio-pci\n";
	char log_path[200], lspci_path[200];

	(void)state;
	snprintf(log_path, sizeof(log_path), "%s", run_file("log", log, strlen(log)));
	snprintf(lspci_path, sizeof(lspci_path), "%s", run_file("lspci", lspci, strlen(lspci)));
	DECODE(NULL, "--brief", log_path, lspci_path);
	check(2, "probably 53:00.0 (Intel Device e223, driver vfio-pci, ATS on)", "");
	/* A file that cannot be read is reported, and the others are read. */
	DECODE(NULL, "--brief", "/nonexistent", log_path);
	check(1, "did not answer", "/nonexistent: No such file");
	DECODE(NULL, "--brief", run_directory());
	check(2, "did not answer", "");
}

/* ---- input that is still being written ---- */

/* Read from @fd into @to until @text is there, or the end. */
static void read_until(int fd, char *to, size_t size, const char *text)
{
	size_t n = strlen(to);
	long more = 1;

	while (more > 0 && n + 1 < size && !(text && strstr(to, text))) {
		struct pollfd p = { .fd = fd, .events = POLLIN };

		if (poll(&p, 1, 10000) != 1)
			fail_msg("nothing came behind \"%s\"", to);
		more = read(fd, to + n, size - n - 1);
		n += more > 0 ? (size_t)more : 0;
		to[n] = '\0';
	}
	if (text && !strstr(to, text))
		fail_msg("it ended with \"%s\"", to);
}

static pid_t start(int in[2], int out[2])
{
	pid_t pid;

	assert_int_equal(pipe(in), 0);
	assert_int_equal(pipe(out), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		dup2(in[0], STDIN_FILENO);
		dup2(out[1], STDOUT_FILENO);
		close(in[1]);
		execl(getenv("QINVAL"), "qinval", "decode", "-", NULL);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	return pid;
}

static void say(int fd, const char *text)
{
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
}

/* As with `dmesg -w`, which never ends. */
static void followed(void **state)
{
	static char all[20000];
	int in[2], out[2], status;
	const pid_t pid = start(in, out);

	(void)state;
	say(in[1], "DMAR: VT-d detected Invalidation Time-out Error: SID 0\n"
		   "DMAR: QI HEAD: UNKNOWN qw0 = 0x0, qw1 = 0x0\n"
		   "DMAR: QI PRIOR: Invalidation Wait qw0 = 0x200000025, qw1 = 0x185f6729c4\n");
	read_until(out[0], all, sizeof(all), "Invalidation Wait: SW data 2 to 0x185f6729c4");
	assert_null(strstr(all, "Findings"));
	/* A line is complete only with its newline, however long that takes. */
	say(in[1], "DMAR: VT-d detected Invalidation Time-out Er");
	usleep(1200000);
	say(in[1], "ror: SID 300\n");
	read_until(out[0], all, sizeof(all), "03:00.0");
	assert_int_equal(kill(pid, SIGINT), 0);
	read_until(out[0], all, sizeof(all), NULL);
	assert_non_null(strstr(all, "The device 03:00.0 did not answer"));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 2);
	close(in[1]);
	close(out[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words),
		cmocka_unit_test(capabilities),
		cmocka_unit_test(bad_usage),
		cmocka_unit_test(standard_input),
		cmocka_unit_test(one_json_object),
		cmocka_unit_test(control_characters),
		cmocka_unit_test(several_files),
		cmocka_unit_test(followed),
		cmocka_unit_test(control_characters_anywhere),
		cmocka_unit_test(names_in_reports),
	};

	return cmocka_run_group_tests(tests, NULL, run_end);
}
