/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Reads, writes and remains in tracefs, tried on a folder with the same files. */
#include "live/dat_write.h"
#include "live/hazard.h"
#include "live/probes.h"
#include "live/source.h"
#include "live/tracing.h"

#include "input/dat.h"
#include "tests/input/dat_file.h"
#include "tests/tool/run.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static char directory[200];

static void put(const char *file, const char *text)
{
	run_put(directory, file, text);
}

static int begin(void **state)
{
	(void)state;
	snprintf(directory, sizeof(directory), "%s/tracefs", run_directory());
	mkdir(directory, 0700);
	tracing_set_directory(directory);
	return 0;
}

/* ---- hazards ---- */

static void bpf_is_refused_beside_a_live_patch(void **state)
{
	static const char patched[] =
		"qi_flush_iotlb (1)             \ttramp: 0xffffffffc0200000\n"
		"qi_submit_sync (1) R I         \ttramp: 0xffffffffc0201000 "
		"(klp_ftrace_handler+0x0/0x230)->klp_ftrace_handler+0x0/0x230\n";
	char error[SOURCE_ERROR];

	(void)state;
	assert_false(hazard_allows(patched, "6.1.0-57-amd64", error));
	assert_non_null(strstr(error, "6.1.0-57-amd64"));
	assert_false(hazard_allows(patched, "6.11.0", error));
	assert_false(hazard_allows(patched, "5.15.0-rc1", error));
	assert_true(hazard_allows(patched, "6.12.95+deb12-amd64", error));
	assert_true(hazard_allows(patched, "7.0", error));
	/* A release that does not say is treated as an old one. */
	assert_false(hazard_allows(patched, "custom", error));
	assert_false(hazard_allows(NULL, "6.1.0", error));
	assert_true(hazard_allows(NULL, "6.12.0", error));
}

static void bpf_is_allowed_beside_other_tracers(void **state)
{
	static const char *const lines[] = {
		"",
		"qi_submit_sync (1)             \ttramp: 0xffffffffc0201000 (Ixyz+0x0/0x230)\n",
		"qi_submit_sync (2) R   D       \tdirect-->bpf_trampoline_6442 I\n",
		"other_qi_submit_sync (1) R I   \n",
		"qi_submit_sync_more (1) R I   \nfoo (1) I\n",
	};
	char error[SOURCE_ERROR];

	(void)state;
	for (unsigned i = 0; i < sizeof(lines) / sizeof(*lines); i++)
		assert_true(hazard_allows(lines[i], "6.1.0", error));
}

/* ---- probes ---- */

static void what_dead_processes_have_left_is_removed(void **state)
{
	char alive[300], text[600], *left;

	(void)state;
	/* Process 1 exists but is not ours; no process has a number beyond the kernel's largest. */
	put("instances/qinval-99999999/.keep", "");
	snprintf(text, sizeof(text), "%s/instances/qinval-99999999/.keep", directory);
	assert_int_equal(unlink(text), 0);
	snprintf(alive, sizeof(alive), "%s/instances/qinval-%d", directory, getpid());
	assert_int_equal(mkdir(alive, 0700), 0);
	snprintf(text, sizeof(text),
		 "p:qinval_99999998/qi_enter qi_submit_sync\np:kprobes/other do_exit\n"
		 "p:qinval_%d/qi_enter qi_submit_sync\n",
		 getpid());
	put("kprobe_events", text);
	probes_sweep();
	assert_int_equal(access(alive, F_OK), 0);
	snprintf(alive, sizeof(alive), "%s/instances/qinval-99999999", directory);
	assert_int_equal(access(alive, F_OK), -1);
	left = tracing_read("kprobe_events");
	assert_non_null(strstr(left, "-:qinval_99999998/qi_enter\n"));
	assert_non_null(strstr(left, "-:qinval_99999998/qi_leave\n"));
	assert_non_null(strstr(left, "-:qinval_99999999/qi_leave\n"));
	snprintf(text, sizeof(text), "-:qinval_%d/", getpid());
	assert_null(strstr(left, text));
	assert_null(strstr(left, "-:kprobes"));
	free(left);
}

static void what_cannot_be_had_is_a_sentence(void **state)
{
	char error[SOURCE_ERROR];
	struct probes p;

	(void)state;
	assert_false(probes_start(&p, true, error));
	assert_non_null(strstr(error, "no event intel_iommu:qi_submit"));
	tracing_set_directory("/nonexistent");
	assert_false(probes_start(&p, true, error));
	tracing_set_directory(directory);
	/* The event exists, and making an instance fails: nothing is left of the attempt. */
	put("events/intel_iommu/qi_submit/enable", "0");
	assert_false(probes_start(&p, true, error));
	assert_non_null(strstr(error, "tracing instance"));
}

static void misses_are_summed(void **state)
{
	struct probes p = { .calls = true };

	(void)state;
	put("kprobe_profile", "  qi_enter                  100               3\n"
			      "  other                     100              50\n"
			      "  qi_leave                   97               4\n");
	assert_int_equal(probes_missed(&p), 7);
	p.calls = false;
	assert_int_equal(probes_missed(&p), 0);
}

/* ---- trace.dat ---- */

#define COMMON                                                                         \
	"\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n"         \
	"\tfield:unsigned char common_flags;\toffset:2;\tsize:1;\tsigned:0;\n"         \
	"\tfield:unsigned char common_preempt_count;\toffset:3;\tsize:1;\tsigned:0;\n" \
	"\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n\n"

static void put_formats(void)
{
	put("events/header_page", "\tfield: u64 timestamp;\toffset:0;\tsize:8;\tsigned:0;\n"
				  "\tfield: local_t commit;\toffset:8;\tsize:8;\tsigned:1;\n"
				  "\tfield: int overwrite;\toffset:8;\tsize:1;\tsigned:1;\n"
				  "\tfield: char data;\toffset:16;\tsize:4080;\tsigned:1;\n");
	put("events/header_event", "# compressed entry header\n"
				   "\ttype_len    :    5 bits\n\ttime_delta  :   27 bits\n"
				   "\tarray       :   32 bits\n\n\tpadding     : type == 29\n"
				   "\ttime_extend : type == 30\n\ttime_stamp : type == 31\n"
				   "\tdata max type_len  == 28\n");
	put("events/intel_iommu/qi_submit/format",
	    "name: qi_submit\nID: 300\nformat:\n" COMMON
	    "\tfield:u64 qw0;\toffset:8;\tsize:8;\tsigned:0;\n"
	    "\tfield:u64 qw1;\toffset:16;\tsize:8;\tsigned:0;\n"
	    "\tfield:u64 qw2;\toffset:24;\tsize:8;\tsigned:0;\n"
	    "\tfield:u64 qw3;\toffset:32;\tsize:8;\tsigned:0;\n"
	    "\tfield:__data_loc char[] iommu;\toffset:40;\tsize:4;\tsigned:1;\n"
	    "\nprint fmt: \"\"\n");
	put("events/qinval_7/qi_enter/format",
	    "name: qi_enter\nID: 301\nformat:\n" COMMON
	    "\tfield:unsigned long __probe_ip;\toffset:8;\tsize:8;\tsigned:0;\n"
	    "\tfield:u64 iommu;\toffset:16;\tsize:8;\tsigned:0;\n"
	    "\tfield:u32 count;\toffset:24;\tsize:4;\tsigned:0;\n"
	    "\tfield:u32 options;\toffset:28;\tsize:4;\tsigned:0;\n"
	    "\nprint fmt: \"\"\n");
	put("events/qinval_7/qi_leave/format",
	    "name: qi_leave\nID: 302\nformat:\n" COMMON
	    "\tfield:unsigned long __probe_func;\toffset:8;\tsize:8;\tsigned:0;\n"
	    "\tfield:unsigned long __probe_ret_ip;\toffset:16;\tsize:8;\tsigned:0;\n"
	    "\tfield:s32 ret;\toffset:24;\tsize:4;\tsigned:1;\n"
	    "\nprint fmt: \"\"\n");
	put("saved_cmdlines", "77 task\n");
}

/* A page of a ring buffer, made as in the tests of trace.dat, with a call and its descriptor. */
static void make_page(struct dat_file *f)
{
	unsigned char enter[24] = { 0 }, insert[48] = { 0 }, leave[20] = { 0 };
	static const struct dat_format none[] = { { NULL, NULL, 0, NULL } };

	dat_file_begin(f, false, none);
	dat_file_put(f, enter + 8, 0xffff888012345678, 8);
	dat_file_put(f, enter + 16, 1, 4);
	dat_file_record(f, 301, enter, sizeof(enter));
	dat_file_put(f, insert, 0x700f2, 8);
	dat_file_put(f, insert + 8, 0x4000, 8);
	dat_file_put(f, insert + 32, 6 << 16 | 44, 4);
	memcpy(insert + 36, "dmar3", 6);
	dat_file_record(f, 300, insert, 44);
	dat_file_put(f, leave + 16, (uint32_t)-110, 4);
	dat_file_record(f, 302, leave, sizeof(leave));
	dat_file_end(f, 0);
}

static int file_of(const char *name, const void *bytes, size_t size)
{
	return open(run_file(name, bytes, size), O_RDONLY);
}

static void what_is_written_is_read(void **state)
{
	static const struct dat_event events[] = { { "intel_iommu", "qi_submit" },
						   { "qinval_7", "qi_enter" },
						   { "qinval_7", "qi_leave" },
						   { NULL, NULL } };
	static struct dat_file f;
	char text[2000], path[300];
	size_t used = 0;
	struct dat *d;
	int pages[2], fd;
	long n;

	(void)state;
	put_formats();
	make_page(&f);
	pages[0] = file_of("cpu0", f.page, DAT_FILE_PAGE);
	pages[1] = file_of("cpu1", "", 0);
	snprintf(path, sizeof(path), "%s/written.dat", run_directory());
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	assert_true(dat_write(fd, events, pages, 2));
	d = dat_open(fd);
	assert_non_null(d);
	while ((n = dat_read(d, text + used, sizeof(text) - 1 - used)) > 0)
		used += n;
	assert_int_equal(n, 0);
	text[used] = '\0';
	dat_close(d);
	assert_non_null(strstr(text, "task-77"));
	assert_non_null(strstr(text, "qi_enter: iommu=0xffff888012345678 count=1 options=0x0\n"));
	assert_non_null(strstr(text, "qi_submit: iotlb_inv dmar3: 0x700f2 0x4000 0x0 0x0\n"));
	assert_non_null(strstr(text, "qi_leave: ret=-110"));
	close(fd);
	close(pages[0]);
	close(pages[1]);
	unlink(path);
}

static void a_format_that_is_gone_is_an_error(void **state)
{
	static const struct dat_event events[] = { { "qinval_8", "qi_enter" }, { NULL, NULL } };
	int fd = open("/dev/null", O_WRONLY);

	(void)state;
	put_formats();
	assert_false(dat_write(fd, events, NULL, 0));
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bpf_is_refused_beside_a_live_patch),
		cmocka_unit_test(bpf_is_allowed_beside_other_tracers),
		cmocka_unit_test_setup_teardown(what_dead_processes_have_left_is_removed, begin,
						run_end),
		cmocka_unit_test_setup_teardown(what_cannot_be_had_is_a_sentence, begin, run_end),
		cmocka_unit_test_setup_teardown(misses_are_summed, begin, run_end),
		cmocka_unit_test_setup_teardown(what_is_written_is_read, begin, run_end),
		cmocka_unit_test_setup_teardown(a_format_that_is_gone_is_an_error, begin, run_end),
	};

	return cmocka_run_group_tests(tests, NULL, run_end);
}
