/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Parts that need no guest: lists of faults, symbols, the guest's channel, tables, disks, the
 * oracle.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include <guest/disks.h>
#include <guest/dmar.h>
#include <guest/faults.h>
#include <guest/folder.h>
#include <guest/qemu/scopes.h>
#include <input/symbols.h>
#include <guest/talk.h>

#include "../tool/run.h"

static bool parses(const char *list, bool plants, struct guest_faults *f)
{
	char error[600] = "";
	bool ok;

	*f = (struct guest_faults){ .n = 0 };
	ok = guest_faults_parse(f, list, plants, error, sizeof(error));
	assert_int_equal(ok, !*error);
	return ok;
}

static void lists_of_faults(void **state)
{
	struct guest_faults f;

	(void)state;
	assert_true(
		parses("refuse:position=later:every=7:code=3,silent:sid=03.1f.7:nosid", false, &f));
	assert_int_equal(f.n, 2);
	assert_int_equal(f.fault[0].kind, GUEST_REFUSE);
	assert_int_equal(f.fault[0].position, GUEST_LATER);
	assert_int_equal(f.fault[0].every, 7);
	assert_int_equal(f.fault[0].code, 3);
	assert_int_equal(f.fault[1].sid, 0x3ff);
	assert_true(f.fault[1].no_sid);
	assert_true(parses("wrong-domain:from=5:times=2", true, &f));
	assert_int_equal(f.fault[0].from, 5);
	assert_int_equal(f.fault[0].times, 2);
}

static void lists_that_make_no_sense(void **state)
{
	static const char *const lists[] = {
		"refused",	   "refuse:every=0",	"refuse:every", "refuse:x=1",
		"refuse:code=16",  "refuse:position=x", "silent:sid=1", "refuse:every=-1",
		"refuse:every=1x", "silent:nosid=1",	"wrong-domain", "refuse:type=nothing"
	};
	struct guest_faults f;
	char many[200] = "twice";

	(void)state;
	for (unsigned i = 0; i < sizeof(lists) / sizeof(*lists); i++)
		if (parses(lists[i], false, &f))
			fail_msg("%s", lists[i]);
	assert_false(parses("refuse", true, &f));
	for (unsigned i = 0; i < GUEST_FAULTS; i++)
		strcat(many, ",twice");
	assert_false(parses(many, false, &f));
}

/* Each kind's name leads back to it. */
static void each_kind_has_a_name(void **state)
{
	struct guest_faults f;

	(void)state;
	for (unsigned i = 0; i < GUEST_FAULT_KINDS; i++) {
		enum guest_fault_kind kind = (enum guest_fault_kind)i;

		assert_true(parses(guest_fault_name(kind), guest_fault_is_plant(kind), &f));
		assert_int_equal(f.fault[0].kind, kind);
		assert_true(*guest_fault_does(kind));
	}
}

static void names_of_addresses(void **state)
{
	char text[] = "ffffffff81000000 T _text\nffffffff81000100 t qi_submit_sync\n"
		      "ffffffff81000180 d some_data\nnonsense\nffffffff81000300 t last\t[module]\n"
		      "0000000000000000 A per_cpu\n";
	struct symbols *s = symbols_read(text);
	uint64_t offset;

	(void)state;
	assert_non_null(s);
	assert_string_equal(symbols_name(s, 0xffffffff81000101, &offset), "qi_submit_sync");
	assert_int_equal(offset, 1);
	/* Data between two functions belongs to none. */
	assert_string_equal(symbols_name(s, 0xffffffff81000190, &offset), "qi_submit_sync");
	assert_string_equal(symbols_name(s, 0xffffffff81000300, &offset), "last");
	assert_true(symbols_in_module(s, 0xffffffff81000310, "module"));
	assert_false(symbols_in_module(s, 0xffffffff81000310, "mod"));
	assert_false(symbols_in_module(s, 0xffffffff81000101, "module"));
	assert_null(symbols_name(s, 0xffffffff80000000, &offset));
	assert_null(symbols_name(s, 0xffffffff91000000, &offset));
	assert_int_equal(symbols_find(s, "some_data"), 0xffffffff81000180);
	assert_int_equal(symbols_find(s, "nothing"), 0);
	symbols_free(s);
}

/* However the channel splits it. */
static void what_the_guest_says(void **state)
{
	static const char said[] =
		"@kernel 6.1.0-x\n@symbols\nffff T a\nffff T b\n@btf 6\n@x\ny\n\n"
		"@units /sys/class/iommu/dmar0\n@loaded first\n@loaded second\n@symbols\nffff T c\n"
		"@refused x: not now\n@stays y: busy\n@work\n@dmesg 3\nabc\n@worked\n@done 4\n";

	(void)state;
	for (size_t part = 1; part < sizeof(said); part++) {
		struct talk t = { .left = 0 };

		for (size_t at = 0; at < sizeof(said) - 1; at += part)
			talk_take(&t, said + at,
				  sizeof(said) - 1 - at < part ? sizeof(said) - 1 - at : part);
		assert_string_equal(t.kernel, "6.1.0-x");
		assert_string_equal(t.symbols.data, "ffff T a\nffff T b\nffff T c\n");
		assert_string_equal(t.module, "first");
		assert_string_equal(t.refused, "x: not now");
		assert_string_equal(t.stays, "y: busy");
		assert_memory_equal(t.btf.data, "@x\ny\n", 5);
		assert_string_equal(t.dmesg.data, "abc");
		assert_true(t.units && t.told_units && t.working && t.worked && t.done);
		assert_int_equal(t.result, 4);
		talk_free(&t);
	}
}

static void a_kernel_without_units(void **state)
{
	static const char said[] = "@units /sys/class/iommu/*\n";
	struct talk t = { .left = 0 };

	(void)state;
	talk_take(&t, said, sizeof(said) - 1);
	assert_true(t.told_units);
	assert_false(t.units);
	talk_free(&t);
}

/* Our decoder reads in the table what was asked for. */
static void tables_say_what_was_asked_for(void **state)
{
	static struct run r;
	char path[300], error[600];
	const char *args[] = { "decode", path, NULL };

	(void)state;
	snprintf(path, sizeof(path), "%s/dmar", run_directory());
	assert_true(dmar_write(path,
			       "drhd=0xfed90000:00.02.0:+00.1c.0,drhd=0xfed91000,"
			       "rmrr=0x7f000000-0x7fffffff:00.02.0,atsr=+00.1c.0,"
			       "rhsa=0xfed90000:1,intr,width=39",
			       error, sizeof(error)));
	run_qinval(&r, args, NULL);
	assert_int_equal(r.code, 0);
	assert_non_null(strstr(r.out, "0xfed90000"));
	assert_non_null(strstr(r.out, "0xfed91000"));
	assert_non_null(strstr(r.out, "00:02.0"));
	assert_non_null(strstr(r.out, "00:1c.0"));
	assert_null(strstr(r.out, "checksum is wrong"));
}

static void tables_that_make_no_sense(void **state)
{
	static const char *const lists[] = { "",
					     "drhd",
					     "drhd=1",
					     "drhd=0x1000:0",
					     "rmrr=0-1",
					     "rmrr=2-1:00.00.0",
					     "rhsa=0x1000",
					     "atsr=1",
					     "width=20",
					     "unit=0x1000",
					     "drhd=0x1000:00.20.0" };
	char path[300], error[600];

	(void)state;
	snprintf(path, sizeof(path), "%s/dmar", run_directory());
	for (unsigned i = 0; i < sizeof(lists) / sizeof(*lists); i++)
		if (dmar_write(path, lists[i], error, sizeof(error)))
			fail_msg("\"%s\"", lists[i]);
}

/* A bridge at 00:03.0, with buses 1 and 2 behind it. */
static uint8_t config(uint8_t bus, uint8_t devfn, unsigned at)
{
	if (bus || devfn != (3 << 3))
		return 0xff;
	return at == 0x19 ? 1 : at == 0x1a ? 2 : 0;
}

/* By the same table as the guest gets. */
static void devices_have_their_unit(void **state)
{
	static const struct {
		uint16_t sid;
		uint64_t base;
	} devices[] = {
		{ 0x0018, 0xfed91000 }, { 0x0100, 0xfed91000 }, { 0x0208, 0xfed91000 },
		{ 0x0300, 0xfed90000 }, { 0x0020, 0xfed92000 }, { 0x0021, 0xfed90000 },
		{ 0x0028, 0xfed90000 },
	};
	char path[300], error[600];
	struct scopes s;
	uint16_t sid;

	(void)state;
	snprintf(path, sizeof(path), "%s/dmar", run_directory());
	assert_true(dmar_write(path,
			       "intr,drhd=0xfed91000:+00.03.0,drhd=0xfed92000:00.04.0,"
			       "drhd=0xfed90000,atsr",
			       error, sizeof(error)));
	assert_true(scopes_read(&s, path, error, sizeof(error)));
	assert_int_equal(s.units, 3);
	for (unsigned i = 0; i < sizeof(devices) / sizeof(*devices); i++)
		assert_int_equal(s.unit[scopes_find(&s, devices[i].sid, config)].base,
				 devices[i].base);
	assert_int_equal(s.unit[scopes_ioapic(&s, &sid)].base, 0xfed90000);
	assert_int_equal(sid, 0xff00);
	assert_false(scopes_read(&s, "/does/not/exist", error, sizeof(error)));
}

/* Truncated anywhere, or with any byte changed: the table is refused, or read without harm. */
static void tables_that_are_damaged(void **state)
{
	char path[300], error[600];
	uint8_t table[200];
	struct scopes s;
	size_t n;
	FILE *f;

	(void)state;
	snprintf(path, sizeof(path), "%s/dmar", run_directory());
	assert_true(dmar_write(path, "drhd=0x1000:+00.03.0:00.04.0,drhd=0x2000,atsr", error,
			       sizeof(error)));
	f = fopen(path, "r");
	assert_non_null(f);
	n = fread(table, 1, sizeof(table), f);
	fclose(f);
	for (size_t cut = 0; cut < n; cut++) {
		uint8_t *copy = malloc(cut + 1);

		assert_non_null(copy);
		memcpy(copy, table, cut);
		assert_false(scopes_parse(&s, copy, cut, error, sizeof(error)));
		free(copy);
	}
	for (size_t at = 0; at < n; at++)
		for (unsigned value = 0; value < 256; value++) {
			uint8_t kept = table[at], *copy = malloc(n);

			assert_non_null(copy);
			table[at] = (uint8_t)value;
			memcpy(copy, table, n);
			if (scopes_parse(&s, copy, n, error, sizeof(error)))
				assert_true(scopes_find(&s, 0x100, config) < s.units);
			table[at] = kept;
			free(copy);
		}
}

/* The folder of a run that was killed is removed; that of a live run stays. */
static void folders_that_nobody_has(void **state)
{
	char left[300], file[320], error[600], kept[300];
	const char *tmp = getenv("TMPDIR");
	struct folder a, b;

	(void)state;
	snprintf(kept, sizeof(kept), "%s", tmp ? tmp : "");
	setenv("TMPDIR", run_directory(), 1);
	snprintf(left, sizeof(left), "%s/qinval-guest-abcdef", run_directory());
	snprintf(file, sizeof(file), "%s/disk0", left);
	assert_int_equal(mkdir(left, 0700), 0);
	close(open(file, O_CREAT | O_WRONLY, 0600));
	assert_true(folder_make(&a, error, sizeof(error)));
	assert_int_not_equal(access(left, F_OK), 0);
	assert_true(folder_make(&b, error, sizeof(error)));
	assert_int_equal(access(a.path, F_OK), 0);
	folder_remove(&a);
	assert_int_not_equal(access(b.path, F_OK), -1);
	folder_remove(&b);
	if (*kept)
		setenv("TMPDIR", kept, 1);
	else
		unsetenv("TMPDIR");
}

/* A single bit, on either disk. */
static void damage_is_found(void **state)
{
	char from[300], to[300], error[600], block[4096];
	int a, b;

	(void)state;
	snprintf(from, sizeof(from), "%s/from", run_directory());
	snprintf(to, sizeof(to), "%s/to", run_directory());
	assert_true(disks_make(from, to, 1, 7, error, sizeof(error)));
	assert_int_equal(disks_damaged(from, to, 1, 7), 256);
	a = open(from, O_RDWR);
	b = open(to, O_RDWR);
	for (unsigned i = 0; i < 256; i++) {
		assert_int_equal(read(a, block, sizeof(block)), sizeof(block));
		assert_int_equal(write(b, block, sizeof(block)), sizeof(block));
	}
	assert_int_equal(disks_damaged(from, to, 1, 7), 0);
	assert_int_equal(disks_damaged(from, to, 1, 8), 512);
	block[5] ^= 1;
	assert_int_equal(pwrite(b, block, sizeof(block), 255 * 4096L), sizeof(block));
	assert_int_equal(disks_damaged(from, to, 1, 7), 1);
	close(a);
	close(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_of_faults),
		cmocka_unit_test(lists_that_make_no_sense),
		cmocka_unit_test(each_kind_has_a_name),
		cmocka_unit_test(names_of_addresses),
		cmocka_unit_test(what_the_guest_says),
		cmocka_unit_test(a_kernel_without_units),
		cmocka_unit_test(tables_say_what_was_asked_for),
		cmocka_unit_test(tables_that_make_no_sense),
		cmocka_unit_test(devices_have_their_unit),
		cmocka_unit_test(tables_that_are_damaged),
		cmocka_unit_test(folders_that_nobody_has),
		cmocka_unit_test(damage_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, run_end);
}
