/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* From bytes to clean lines: cleaning, the prefilter, complete and truncated numbers. */
#include "decode/line.h"
#include "decode/prefilter.h"
#include "decode/scan.h"
#include "tests/tool/run.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* ---- bytes ---- */

static void check_clean(const char *from, size_t size, const char *to)
{
	char buf[200];

	assert_int_equal(line_clean(buf, from, size), strlen(to));
	assert_string_equal(buf, to);
}

#define CLEAN(from, to) check_clean(from, sizeof(from) - 1, to)

static void bytes_become_text(void **state)
{
	(void)state;
	CLEAN("", "");
	CLEAN("plain\ttext  ", "plain\ttext");
	CLEAN("\x1b[32m[  1.5]\x1b[0m DMAR:\x1b[1;33m x\x1b[K", "[  1.5] DMAR: x");
	CLEAN("ends in \x1b[1", "ends in");
	CLEAN("\x1b", "");
	CLEAN("\xef\xbb\xbfqw0\xc2\xa0= 0x1", " qw0 = 0x1");
	CLEAN("a\0b\xff\xe2\x80\xa6z", "a b????z");
	CLEAN("\xc2", "?");
}

static void check_printable(const char *from, bool sure, const char *to)
{
	char buf[200];

	strcpy(buf, from);
	line_unquote_printable(buf, strlen(buf), sure);
	assert_string_equal(buf, to);
}

static void quoted_printable(void **state)
{
	(void)state;
	check_printable("qw0 =3D 0x1,=20qw1 =3D 0x2", false, "qw0 = 0x1, qw1 = 0x2");
	/* Kernels before 5.0 print lower-case digits. */
	check_printable("low=3d0000, high=20", false, "low=3d0000, high=20");
	check_printable("low=20, high=30", false, "low=20, high=30");
	check_printable("a=3Db c=d", false, "a=3Db c=d");
	check_printable("IQH=20=3D 5", true, "IQH = 5");
	check_printable("cut=3", true, "cut=3");
}

/* ---- prefixes ---- */

#define TASK ((uint64_t)'T' << 56)
#define CPU ((uint64_t)'C' << 56)

static const struct {
	const char *line, *rest;
	double time; /* -1: none */
	uint64_t caller;
} prefixes[] = {
	{ "[  147.069016] DMAR: x", "DMAR: x", 147.069016, 0 },
	{ "[147.069016] [   T439] DMAR: x", "DMAR: x", 147.069016, TASK | 439 },
	{ "[  147.069016][    C3] DMAR: x", "DMAR: x", 147.069016, CPU | 3 },
	{ "<3>[  147.069016] DMAR: x", "DMAR: x", 147.069016, 0 },
	{ "[Thu Jan 25 12:00:00 2024] DMAR: x", "DMAR: x", -1, 0 },
	{ "Jan 25 12:00:00 host kernel: [  1.5] DMAR: x", "DMAR: x", 1.5, 0 },
	{ "Jan  5 12:00:00 host kernel: DMAR: x", "DMAR: x", -1, 0 },
	{ "12:00:00 vfio-pci 0000:07:00.0: reset", "vfio-pci 0000:07:00.0: reset", -1, 0 },
	{ "2024-01-25T12:00:00.123456+01:00 host kernel: DMAR: x", "DMAR: x", -1, 0 },
	{ "2024-01-25 12:00:00 host kernel: DMAR: x", "DMAR: x", -1, 0 },
	{ "Oct 14 18:41:49.056589 VM hypervisor: (XEN) [VT-D]DMAR: x", "[VT-D]DMAR: x", -1, 0 },
	{ "> > [  1.5] DMAR: x", "DMAR: x", 1.5, 0 },
	{ "&gt; [  1.5] DMAR: x", "DMAR: x", 1.5, 0 },
	{ "kern  :err   : [  147.069016] DMAR: x", "DMAR: x", 147.069016, 0 },
	{ "3,1234,147069016,-;DMAR: x", "DMAR: x", 147.069016, 0 },
	{ "[Jan25 12:00] DMAR: x", "DMAR: x", -1, 0 },
	{ "[  +0.000004] DMAR: x", "DMAR: x", -1, 0 },
	{ "kernel bug", "kernel bug", -1, 0 },
	{ "kern :", "kern :", -1, 0 },
	{ "3,4,x", "3,4,x", -1, 0 },
	{ "[+]", "[+]", -1, 0 },
	{ "(XEN) [VT-D]DMAR: x", "[VT-D]DMAR: x", -1, 0 },
	{ "DMAR: x", "DMAR: x", -1, 0 },
	{ "[DMA Read] Request device [00:02.0]", "[DMA Read] Request device [00:02.0]", -1, 0 },
	{ "[ffff] x", "[ffff] x", -1, 0 },
	{ "", "", -1, 0 },
	{ "[", "[", -1, 0 },
	{ "3,1234,147069016,-,caller=T439;DMAR: x", "DMAR: x", 147.069016, TASK | 439 },
	{ "3,1234,147069016,-;DMAR: x", "DMAR: x", 147.069016, 0 },
	{ "<4", "<4", -1, 0 },
	{ "Jan", "Jan", -1, 0 },
};

static void prefixes_are_recognised(void **state)
{
	(void)state;
	for (unsigned i = 0; i < sizeof(prefixes) / sizeof(*prefixes); i++) {
		struct line_stamp stamp;
		size_t n = line_prefix(prefixes[i].line, &stamp);

		assert_string_equal(prefixes[i].line + n, prefixes[i].rest);
		assert_int_equal(stamp.timed, prefixes[i].time >= 0);
		if (stamp.timed)
			assert_true(stamp.time == prefixes[i].time);
		assert_true(stamp.caller == prefixes[i].caller);
	}
}

/* ---- files ---- */

static struct lines *open_bytes(const void *bytes, size_t size)
{
	return lines_open(run_file("lines", bytes, size));
}

static void check_line(struct lines *r, const char *text, const char *more, uint64_t number)
{
	struct line l;
	char own[LINE_MAX_BYTES + 1];

	assert_true(lines_next(r, true, &l));
	memcpy(own, l.text, l.own);
	own[l.own] = '\0';
	assert_string_equal(own, text);
	assert_string_equal(l.text + l.own, more);
	assert_int_equal(l.number, number);
}

static void lines_and_their_continuations(void **state)
{
	static const char text[] =
		"[1.5] DMAR: qw0 =\r\n> 0x1,\nqw1 = 0x2\n\n> [1.6] DMAR: y\nlast";
	struct lines *r = open_bytes(text, sizeof(text) - 1);
	struct line l;

	(void)state;
	check_line(r, "[1.5] DMAR: qw0 =", "\n0x1,\nqw1 = 0x2", 1);
	check_line(r, "0x1,", "\nqw1 = 0x2", 2);
	check_line(r, "qw1 = 0x2", "", 3);
	check_line(r, "", "", 4);
	check_line(r, "[1.6] DMAR: y", "\nlast", 5);
	assert_true(lines_next(r, true, &l));
	assert_false(l.ended);
	assert_false(lines_next(r, true, &l));
	assert_int_equal(lines_count(r), 6);
	assert_string_equal(lines_error(r), "");
	lines_close(r);
}

static void soft_line_breaks(void **state)
{
	static const char text[] = "qw0 =3D 0xaf03=\n00100003, qw1 =\n=3D 0x5=\nnext\n";
	struct lines *r = open_bytes(text, sizeof(text) - 1);

	(void)state;
	check_line(r, "qw0 = 0xaf0300100003, qw1 = 0x5next", "", 1);
	lines_close(r);
}

static void utf16(void **state)
{
	static const char text[] = "\xff\xfe[\0001\0.\0005\0]\0 \0x\0\r\0\n\0y\0";
	struct lines *r = open_bytes(text, sizeof(text) - 1);

	(void)state;
	check_line(r, "[1.5] x", "\ny", 1);
	lines_close(r);
}

/* A word in the last of many lines, and in a line that exceeds the limit. */
static void the_prefilter_counts_lines(void **state)
{
	static const char *const words[] = { "needle", NULL };
	static const unsigned char owner[] = { 3 };
	const size_t size = 5000000;
	struct prefilter *f = prefilter_new(words, owner);
	char *text = malloc(size);
	struct lines *r;
	struct line l;

	(void)state;
	for (size_t i = 0; i < size; i++)
		text[i] = i % 50 == 49 ? '\n' : "needl="[i % 6];
	memcpy(text + 1000, "needle", 6);
	memset(text + 2000000, 'x', 1500000);
	memcpy(text + 3400000, "needle", 6);
	memcpy(text + size - 6, "needle", 6);
	r = open_bytes(text, size);
	lines_filter(r, f);
	assert_true(lines_next(r, false, &l));
	while (l.number < 21 && lines_next(r, false, &l))
		;
	assert_int_equal(l.number, 21);
	while (lines_next(r, false, &l) && !strstr(l.text, "xneedlex"))
		;
	assert_int_equal(l.number, 2000000 / 50 + 1);
	while (lines_next(r, false, &l))
		;
	assert_non_null(strstr(l.text, "needle"));
	assert_int_equal(l.number, (size - 1500000) / 50);
	assert_int_equal(lines_count(r), l.number);
	lines_close(r);
	prefilter_free(f);
	free(text);
}

/* ---- the prefilter ---- */

static void words_are_found(void **state)
{
	static const char *const words[] = {
		"DMAR", "DMAR:", "MARE", "Invalidation", "abcd", NULL
	};
	static const unsigned char owner[] = { 0, 1, 2, 3, 63 };
	struct prefilter *f = prefilter_new(words, owner);
	static const char text[] = "xxDMAx DMARE and Invalidatio, DMAR: abcd";
	const char *end = text + sizeof(text) - 1;

	(void)state;
	assert_ptr_equal(prefilter_find(f, text, end), strstr(text, "DMARE"));
	assert_null(prefilter_find(f, text, strstr(text, "DMARE") + 3));
	assert_ptr_equal(prefilter_find(f, end - 5, end), end - 4);
	assert_true(prefilter_owners(f, text, end) == (1ULL << 63 | 7));
	assert_true(prefilter_owners(f, text, end - 1) == 7);
	assert_null(prefilter_find(f, text, text));
	prefilter_free(f);
}

/* Compared with a slow search: every word at every place of random text of few letters. */
static void words_are_found_anywhere(void **state)
{
	static const char *const words[] = { "aaaa", "abab", "babba", "aabbaabb", NULL };
	static const unsigned char owner[] = { 0, 1, 2, 3 };
	struct prefilter *f = prefilter_new(words, owner);
	char text[200];
	uint64_t random = 1;

	(void)state;
	for (unsigned round = 0; round < 3000; round++) {
		const char *first = NULL;

		for (unsigned i = 0; i < sizeof(text) - 1; i++) {
			random = random * 6364136223846793005ULL + 1442695040888963407ULL;
			text[i] = random >> 60 < 7 ? 'a' : random >> 60 < 14 ? 'b' : 'c';
		}
		text[sizeof(text) - 1] = '\0';
		for (unsigned w = 0; words[w]; w++) {
			const char *at = strstr(text, words[w]);

			if (at && (!first || at < first))
				first = at;
		}
		assert_ptr_equal(prefilter_find(f, text, text + sizeof(text) - 1), first);
	}
	prefilter_free(f);
}

/* ---- numbers ---- */

#define AHEAD "a line that is long enough for wrapping: "

static const struct {
	const char *text; /* of the line, and behind a newline what follows it */
	enum scan hex, dec;
	uint64_t value;
} numbers[] = {
	{ "0x12", SCAN_OK, SCAN_NOT, 0x12 },
	{ "12, x", SCAN_OK, SCAN_OK, 0x12 },
	{ "0", SCAN_OK, SCAN_OK, 0 },
	{ "ffffffffffffffff", SCAN_OK, SCAN_NOT, UINT64_MAX },
	{ "fffffffffffffffff", SCAN_NOT, SCAN_NOT, 0 },
	{ "12g", SCAN_NOT, SCAN_NOT, 0 },
	{ "g", SCAN_NOT, SCAN_NOT, 0 },
	{ "", SCAN_CUT, SCAN_CUT, 0 },
	{ "0x", SCAN_CUT, SCAN_NOT, 0 },
	{ "0x\n12", SCAN_CUT, SCAN_NOT, 0 },
	{ "12[  1.5] x", SCAN_CUT, SCAN_CUT, 0 },
	{ "12<3>[", SCAN_CUT, SCAN_CUT, 0 },
	{ "12<br>", SCAN_OK, SCAN_OK, 0x12 },
	{ "12...", SCAN_CUT, SCAN_CUT, 0 },
	{ "12???", SCAN_CUT, SCAN_CUT, 0 },
	{ "12\n34 x", SCAN_CUT, SCAN_CUT, 0 },
	{ "12\n34", SCAN_CUT, SCAN_CUT, 0 },
	{ "12\nabc", SCAN_CUT, SCAN_OK, 0 },
	{ "12\nword", SCAN_OK, SCAN_OK, 0x12 },
	{ "12\nbash-1 x", SCAN_OK, SCAN_OK, 0x12 },
	{ "123456789abc\n12345", SCAN_OK, SCAN_NOT, 0x123456789abc },
	{ "0x0\n12", SCAN_OK, SCAN_NOT, 0 },
};

static void numbers_are_whole_or_cut(void **state)
{
	(void)state;
	for (unsigned i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
		char text[200];
		struct line l = { .text = text, .ended = true };
		const char *s = text + strlen(AHEAD);
		uint64_t value;

		l.len = (size_t)snprintf(text, sizeof(text), AHEAD "%s", numbers[i].text);
		l.own = strcspn(text, "\n");
		if (scan_hex(&l, &s, &value) != numbers[i].hex)
			fail_msg("%s", numbers[i].text);
		if (numbers[i].hex == SCAN_OK)
			assert_true(value == numbers[i].value);
		s = text + strlen(AHEAD);
		if (scan_dec(&l, &s, &value) != numbers[i].dec)
			fail_msg("%s, decimal", numbers[i].text);
	}
}

static void words_are_found_over_line_ends(void **state)
{
	static const char text[] = "see QI\tHEAD: and QI\nHEAD: but not QI HEAD:";
	struct line l = { .text = text, .own = 20, .len = sizeof(text) - 1 };
	const char *behind;

	(void)state;
	assert_ptr_equal(scan_find(&l, text, "QI HEAD:", &behind), text + 4);
	assert_ptr_equal(behind, text + 12);
	/* It begins in the line, and ends in the next; the last one is not in the line. */
	assert_ptr_equal(scan_find(&l, behind, "QI HEAD:", &behind), text + 17);
	assert_null(scan_find(&l, behind, "QI HEAD:", NULL));
}

static void devices(void **state)
{
	static const struct {
		const char *text;
		bool is;
		unsigned segment, sid;
	} cases[] = {
		{ "00:1f.7]", true, 0, 0xff },
		{ "0001:af:00.3 x", true, 1, 0xaf00 | 3 },
		{ "00:20.0", false, 0, 0 },
		{ "00:1f.8", false, 0, 0 },
		{ "0000:00:1f:7", false, 0, 0 },
		{ "12", false, 0, 0 },
		{ "", false, 0, 0 },
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const char *s = cases[i].text;
		unsigned segment, sid;

		assert_int_equal(scan_bdf(&s, &segment, &sid), cases[i].is);
		if (!cases[i].is)
			continue;
		assert_int_equal(segment, cases[i].segment);
		assert_int_equal(sid, cases[i].sid);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_become_text),
		cmocka_unit_test(quoted_printable),
		cmocka_unit_test(prefixes_are_recognised),
		cmocka_unit_test(lines_and_their_continuations),
		cmocka_unit_test(soft_line_breaks),
		cmocka_unit_test(utf16),
		cmocka_unit_test(the_prefilter_counts_lines),
		cmocka_unit_test(words_are_found),
		cmocka_unit_test(words_are_found_anywhere),
		cmocka_unit_test(numbers_are_whole_or_cut),
		cmocka_unit_test(words_are_found_over_line_ends),
		cmocka_unit_test(devices),
	};

	return cmocka_run_group_tests(tests, NULL, run_end);
}
