/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* DMAR tables: the same table in any form gives the same result, and each defect is found. */
#include "said.h"
#include "tests/tool/run.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SAMPLES "tests/decode/samples/acpi-dmar/"
#define TEXT_SIZE (64 * 1024)

static uint8_t table[2048];
static size_t size;
static char text[TEXT_SIZE];

/* ---- making tables ---- */

static void put(size_t at, uint64_t value, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		table[at + i] = value >> 8 * i;
	if (at + bytes > size)
		size = at + bytes;
}

static void sum(void)
{
	uint8_t all = 0;

	put(4, size, 4);
	put(9, 0, 1);
	for (size_t i = 0; i < size; i++)
		all += table[i];
	put(9, -all & 0xff, 1);
}

/* Header with 46 bits of address, interrupt remapping. */
static void begin(void)
{
	memset(table, 0, sizeof(table));
	size = 0;
	put(0, 0x52414d44, 4); /* "DMAR" */
	put(8, 1, 1);
	put(36, 45, 1);
	put(37, 1, 1);
	put(47, 0, 1);
}

/* Begin a structure, and return its offset. @scopes: its last bytes, which scope() adds. */
static size_t structure(unsigned type, unsigned fixed)
{
	size_t at = size;

	put(at, type, 2);
	put(at + 2, fixed, 2);
	put(at + fixed - 1, 0, 1);
	return at;
}

static void scope(size_t in, unsigned type, unsigned id, unsigned bus, unsigned dev, unsigned fn)
{
	size_t at = size;

	put(at, type | 8 << 8, 4);
	put(at + 4, id | bus << 8, 2);
	put(at + 6, dev | fn << 8, 2);
	put(in + 2, size - in, 2);
}

static size_t unit(uint64_t base, unsigned flags)
{
	size_t at = structure(0, 16);

	put(at + 4, flags, 1);
	put(at + 8, base, 8);
	return at;
}

/* A valid table: two units, of which the second has all remaining devices, and an I/O APIC. */
static void good(void)
{
	begin();
	scope(unit(0xfed90000, 0), 1, 0, 0, 2, 0);
	scope(unit(0xfed91000, 1), 3, 2, 0xf0, 31, 0);
}

static const struct said *say(void)
{
	sum();
	return said_of(table, size);
}

/* Exactly this is found, apart from notes. */
static void only(const char *id)
{
	const struct said *s = say();
	json_t *f;
	size_t i;

	assert_true(said_found(id));
	assert_true(s->problem);
	json_array_foreach(json_object_get(s->all, "findings"), i,
			   f) if (strcmp(json_string_value(json_object_get(f, "severity")),
					 "note") != 0)
		assert_string_equal(json_string_value(json_object_get(f, "id")), id);
}

/* ---- forms of a table ---- */

static void each_line(const char *format, const char *between, unsigned group)
{
	size_t n = strlen(text);

	for (size_t at = 0; at < size; at += 16) {
		n += snprintf(text + n, TEXT_SIZE - n, format, (unsigned)at);
		for (size_t i = at; i < at + 16 && i < size; i++)
			n += snprintf(text + n, TEXT_SIZE - n, "%s%02x",
				      (i - at) % group ? "" : " ", table[i]);
		n += snprintf(text + n, TEXT_SIZE - n, "%s%s\n",
			      size - at < 16 ? "                    " : "", between);
	}
}

/* Fields of all blocks, without places. */
static json_t *fields(void)
{
	json_t *all = json_array(), *b;
	size_t i;

	json_array_foreach(json_object_get(said_of(table, size)->all, "blocks"), i, b)
		json_array_append(all, json_object_get(b, "fields"));
	return all;
}

static json_t *fields_of_text(void)
{
	json_t *all = json_array(), *b;
	size_t i;

	json_array_foreach(json_object_get(said_of_text(text)->all, "blocks"), i, b)
		json_array_append(all, json_object_get(b, "fields"));
	return all;
}

static void same_fields(void)
{
	json_t *want = fields(), *is = fields_of_text();

	assert_true(json_array_size(want) > 2);
	assert_true(json_equal(want, is));
	json_decref(want);
	json_decref(is);
}

static void dumps(void **state)
{
	(void)state;
	good();
	sum();
	strcpy(text, "DMAR @ 0x000000007B7FE000\n");
	each_line("  %04X:", "  DMAR 12 34", 1);
	same_fields();
	strcpy(text, "$ hexdump -C DMAR\n");
	each_line("%08x", "  |DMAR.12.|", 1);
	same_fields();
	strcpy(text, "> ");
	each_line("%08x:", "  DMAR ab cd", 2);
	same_fields();
}

/* The last line is short, and its other column looks like more bytes. */
static void dump_with_rest(void **state)
{
	(void)state;
	good();
	structure(3, 20);
	put(size - 12, 0xfed90000, 8);
	assert_true(size % 16);
	sum();
	strcpy(text, "DMAR @ 0x0\n");
	each_line("  %04X:", "  ab cd ef", 1);
	same_fields();
	assert_false(said_of_text(text)->problem);
}

static size_t sample(const char *name, void *to, size_t room)
{
	char path[200];
	FILE *f;
	size_t n;

	snprintf(path, sizeof(path), SAMPLES "%s", name);
	f = fopen(run_source(path), "r");
	assert_non_null(f);
	n = fread(to, 1, room, f);
	fclose(f);
	return n;
}

static void sample_text(const char *name)
{
	text[sample(name, text, TEXT_SIZE - 1)] = '\0';
}

static void samples(void **state)
{
	static const char *const names[][4] = {
		{ "01-server-atsr-rhsa-ami.bin", "01-server-atsr-rhsa-ami.acpidump.txt",
		  "01-server-atsr-rhsa-ami.dsl", NULL },
		{ "03-client-satc-sidp-edk2.bin", "03-client-satc-sidp-edk2.acpidump.txt",
		  "03-client-satc-sidp-edk2.dsl", "03-client-satc-sidp-edk2.iasl20240322.dsl" },
	};

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		size = sample(names[i][0], table, sizeof(table));
		for (unsigned j = 1; j < 4 && names[i][j]; j++) {
			sample_text(names[i][j]);
			same_fields();
		}
	}
}

/* Without the dump, which users cut off, the listing's fields are enough. */
static void listing_alone(void **state)
{
	(void)state;
	size = sample("01-server-atsr-rhsa-ami.bin", table, sizeof(table));
	sample_text("01-server-atsr-rhsa-ami.dsl");
	*strstr(text, "Raw Table Data") = '\0';
	same_fields();
	/* As iasl of 2009 wrote a path. */
	for (char *path = text; (path = strstr(path, "PCI Path : ")); path++) {
		char pair[6];

		memcpy(pair, path + 11, 5);
		pair[5] = '\0';
		memmove(path + 19, path + 16, strlen(path + 16) + 1);
		memcpy(path + 11,
		       (char[]){ '[', pair[0], pair[1], ',', ' ', pair[3], pair[4], ']' }, 8);
	}
	same_fields();
	/* iasl of 2020 does not know SATC and SIDP: what it does not show must not be invented. */
	sample_text("03-client-satc-sidp-edk2.dsl");
	*strstr(text, "Raw Table Data") = '\0';
	said_of_text(text);
	assert_true(said_found("acpi-cut"));
	assert_int_equal(said_blocks("acpi-drhd"), 2);
	assert_int_equal(said_blocks("acpi-sidp"), 0);
	assert_true(said_cut("acpi-satc", 0, "Flags"));
	assert_string_equal(said_meaning("acpi-dmar", 0, "Checksum"),
			    "not judged, as not all bytes are here");
}

/* A listing as source for iasl: sizes, and no offsets. */
static void listing_as_source(void **state)
{
	char *from = text, *to = text;

	(void)state;
	size = sample("01-server-atsr-rhsa-ami.bin", table, sizeof(table));
	sample_text("01-server-atsr-rhsa-ami.dsl");
	*strstr(text, "Raw Table Data") = '\0';
	while ((from = strchr(from, '['))) {
		unsigned at, decimal, bytes;

		if (sscanf(from, "[%xh %u %u]", &at, &decimal, &bytes) == 3) {
			to = strchr(from, ']');
			memset(from, ' ', to + 1 - from);
			snprintf(from, 7, "[%04u]", bytes);
			from[6] = ' ';
		}
		from++;
	}
	same_fields();
}

/* A listing of 2009 lacks the reserved bytes of the header. That is no defect. */
static void listing_without_reserved(void **state)
{
	char *line, *next;

	(void)state;
	sample_text("01-server-atsr-rhsa-ami.dsl");
	*strstr(text, "Raw Table Data") = '\0';
	line = strstr(text, "[026h");
	next = strchr(line, '\n') + 1;
	memmove(line, next, strlen(next) + 1);
	said_of_text(text);
	assert_int_equal(said_found("acpi-cut"), 0);
	assert_string_equal(said_meaning("acpi-dmar", 0, "Checksum"),
			    "not judged, as not all bytes are here");
	assert_int_equal(said_blocks("acpi-drhd"), 3);
}

static void line_left_out(void **state)
{
	char *line, *next;

	(void)state;
	sample_text("01-server-atsr-rhsa-ami.acpidump.txt");
	line = strstr(text, "    00E0:");
	next = strchr(line, '\n') + 1;
	memmove(line, next, strlen(next) + 1);
	said_of_text(text);
	assert_string_equal(said_finding("acpi-cut"),
			    "The table has 352 bytes, of which 336 are here.");
	assert_int_equal(said_found("acpi-checksum"), 0);
	assert_true(said_cut("acpi-rmrr", 0, "Limit Address"));
	assert_string_equal(said_value("acpi-rmrr", 0, "Base Address"), "0x75460000");
}

static void two_tables(void **state)
{
	(void)state;
	good();
	sum();
	strcpy(text, "DMAR @ 0x0\n");
	each_line("    %04X:", "", 1);
	strcat(text, "\nFACP @ 0x0\n    0000: 46 41 43 50\n\nDMAR @ 0x0\n");
	each_line("    %04X:", "", 1);
	said_of_text(text);
	assert_int_equal(said_blocks("acpi-dmar"), 2);
	assert_int_equal(said_blocks("acpi-drhd"), 4);
	assert_int_equal(said_findings(), 0);
}

/* ---- contents ---- */

static void server(void **state)
{
	(void)state;
	size = sample("01-server-atsr-rhsa-ami.bin", table, sizeof(table));
	assert_true(said_of(table, size)->problem);
	assert_string_equal(said_value("acpi-dmar", 0, "Host Address Width"), "46");
	assert_string_equal(said_meaning("acpi-dmar", 0, "Checksum"), "right");
	assert_string_equal(said_value("acpi-drhd", 2, "Register Base Address"), "0xee7fc000");
	assert_string_equal(said_value("acpi-drhd", 0, "scope 1"), "I/O APIC 15 as 80:05.4");
	assert_string_equal(said_value("acpi-rmrr", 0, "Limit Address"), "0x75470fff");
	assert_string_equal(said_value("acpi-rmrr", 0, "scope 1"), "PCI endpoint 00:14.0");
	assert_int_equal(said_blocks("acpi-atsr"), 2);
	assert_string_equal(said_value("acpi-atsr", 1, "scope 4"),
			    "PCI bridge d7:00.0 and what is behind it");
	assert_int_equal(said_found("acpi-rhsa-without-unit"), 2);
	assert_int_equal(said_found("acpi-no-include-all"), 1);
}

static void client(void **state)
{
	(void)state;
	size = sample("03-client-satc-sidp-edk2.bin", table, sizeof(table));
	assert_false(said_of(table, size)->problem);
	assert_int_equal(said_findings(), 0);
	assert_string_equal(said_meaning("acpi-dmar", 0, "Flags"),
			    "INTR_REMAP, DMA_CTRL_PLATFORM_OPT_IN");
	assert_string_equal(said_meaning("acpi-drhd", 1, "Flags"), "INCLUDE_PCI_ALL");
	assert_string_equal(said_meaning("acpi-satc", 0, "Flags"), "ATC_REQUIRED");
	assert_string_equal(said_value("acpi-satc", 0, "scope 3"), "PCI endpoint 00:0b.0");
	assert_string_equal(said_value("acpi-sidp", 0, "scope 3"),
			    "PCI endpoint 00:0b.0, flags 0x1c");
}

/* An ACPI device, a path over two bridges, a segment, a structure that is not known. */
static void rarer(void **state)
{
	size_t at;

	(void)state;
	good();
	at = structure(4, 8);
	put(at + 7, 3, 1);
	memcpy(table + size, "\\_SB.PCI0.I2C0", 15);
	put(size + 15, 0, 1);
	put(at + 2, size - at, 2);
	size_t d = structure(5, 8);
	put(d + 4, 1, 1);
	put(d + 6, 2, 2);
	put(size, 1 | 10 << 8, 4);
	put(size, 4 << 8, 2);
	put(size, 0x1c | 0 << 8 | 0x1f << 16 | 7 << 24, 4);
	put(d + 2, size - d, 2);
	structure(0x77, 12);
	assert_false(say()->problem);
	assert_string_equal(said_value("acpi-andd", 0, "ACPI Object Name"), "\\_SB.PCI0.I2C0");
	assert_string_equal(said_value("acpi-satc", 0, "scope 1"),
			    "PCI endpoint 0002:04:1c.0/1f.7");
	assert_string_equal(said_value("acpi-structure", 0, "Type"), "119");
}

/* ---- defects ---- */

static void nothing_wrong(void **state)
{
	(void)state;
	good();
	assert_false(say()->problem);
	assert_int_equal(said_findings(), 0);
	assert_int_equal(said_blocks("acpi-drhd"), 2);
}

static void checksum(void **state)
{
	(void)state;
	good();
	sum();
	table[9] ^= 0x40;
	assert_true(said_of(table, size)->problem);
	assert_int_equal(said_findings(), 1);
	assert_true(said_found("acpi-checksum"));
}

static void addresses(void **state)
{
	static const uint64_t wrong[] = { 0, UINT64_MAX, UINT32_MAX, 0xfed90800 };

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		good();
		put(48 + 8, wrong[i], 8);
		only("acpi-unit-address");
	}
	good();
	put(48 + 8, 1ULL << 46, 8);
	only("acpi-address-width");
	good();
	put(48 + 8, 0xfed91000, 8);
	only("acpi-unit-twice");
}

static void order(void **state)
{
	(void)state;
	good();
	scope(unit(0xfed92000, 0), 1, 0, 0, 3, 0);
	only("acpi-include-all-order");
}

static void reserved_memory(void **state)
{
	static const uint64_t wrong[][2] = {
		{ 0x2000, 0x1fff }, { 0x2000, 0x1000 }, { 0x2800, 0x2fff }, { 0x2000, 0x2ffe }
	};
	size_t at;

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		good();
		at = structure(1, 24);
		put(at + 8, wrong[i][0], 8);
		put(at + 16, wrong[i][1], 8);
		only("acpi-rmrr");
	}
}

static void devices(void **state)
{
	size_t at;

	(void)state;
	good();
	at = unit(0xfed92000, 0);
	scope(at, 1, 0, 0, 32, 0);
	put(48 + 24 + 4, 0, 1); /* no structure has the remaining devices now */
	only("acpi-scope");
	good();
	put(48 + 24 + 16, 0x0801, 4);
	put(48 + 24 + 20, 0, 2);
	put(48 + 24 + 22, 2, 2);
	say();
	assert_true(said_found("acpi-scope-twice"));
	assert_true(said_found("acpi-ioapic-missing"));
	good();
	put(48 + 16, 5, 1);
	only("acpi-andd-missing");
}

static void no_units(void **state)
{
	(void)state;
	begin();
	only("acpi-no-units");
}

static void lengths(void **state)
{
	static const uint16_t wrong[] = { 0, 3, 12, 23, 1000 };

	(void)state;
	for (unsigned i = 0; i < 5; i++) {
		good();
		put(48 + 24 + 2, wrong[i], 2);
		say();
		assert_true(said_found("acpi-length"));
	}
	good();
	put(48 + 16 + 1, 5, 1);
	only("acpi-length");
	good();
	sum();
	put(4, 40, 4);
	said_of(table, size);
	assert_true(said_found("acpi-length"));
	put(4, size + 1, 4);
	said_of(table, size);
	assert_string_equal(said_finding("acpi-cut"),
			    "The table has 97 bytes, of which 96 are here.");
}

/* Files that need a conversion first: the message says which. */
static void other_files(void **state)
{
	static const struct {
		const char *bytes, *says;
	} files[] = {
		{ "SSDT\x88\0\0\0\2abcdefghijklmnopqrstuvwxyz12345", "not the DMAR table" },
		{ "PERFILE2h\0\0\0abcdefghijklmnopqrstuvwxyz1234", "perf script" },
		{ "\x7f"
		  "ELF\2\1\1\0abcdefghijklmnopqrstuvwxyz12345678",
		  "vmcore-dmesg" },
		{ "LPKSHHRH\0\0\0\0abcdefghijklmnopqrstuvwxyz1234", "journalctl -k" },
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(files) / sizeof(*files); i++)
		assert_non_null(strstr(said_of(files[i].bytes, 40)->error, files[i].says));
	/* Text may begin with a table's name. */
	assert_string_equal(
		said_of_text("SSDT and FACP are tables, and this is a sentence\n")->error, "");
}

/* Places as iasl never prints them. */
static void odd_places(void **state)
{
	static const char *const places[] = {
		"[000h0000004h]",  "[000h 0000 4",  "[h]",    "[000h 0000 999999]",
		"[FFFFFFFFh 0 1]", "[000h 0000 0]", "[000h]", "[",
	};
	char line[100];

	(void)state;
	for (unsigned i = 0; i < sizeof(places) / sizeof(*places); i++) {
		snprintf(line, sizeof(line), "%s Signature : \"DMAR\"\n", places[i]);
		said_of_text(line);
		assert_true(said_blocks("acpi-dmar") <= 1);
	}
}

/* Random bytes must not do any harm. */
static void any_bytes(void **state)
{
	static const uint8_t values[] = { 0, 1, 7, 0x7f, 0x80, 0xff };
	uint8_t keep[2048];
	size_t n = sample("01-server-atsr-rhsa-ami.bin", keep, sizeof(keep));

	(void)state;
	for (size_t at = 4; at < n; at += 3) {
		memcpy(table, keep, n);
		table[at] = values[at % 6];
		said_of(table, n);
	}
	for (size_t cut = 36; cut < n; cut += 5)
		assert_true(said_of(keep, cut)->problem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dumps),
		cmocka_unit_test(dump_with_rest),
		cmocka_unit_test(samples),
		cmocka_unit_test(listing_alone),
		cmocka_unit_test(listing_as_source),
		cmocka_unit_test(listing_without_reserved),
		cmocka_unit_test(line_left_out),
		cmocka_unit_test(two_tables),
		cmocka_unit_test(server),
		cmocka_unit_test(client),
		cmocka_unit_test(rarer),
		cmocka_unit_test(nothing_wrong),
		cmocka_unit_test(checksum),
		cmocka_unit_test(addresses),
		cmocka_unit_test(order),
		cmocka_unit_test(reserved_memory),
		cmocka_unit_test(devices),
		cmocka_unit_test(no_units),
		cmocka_unit_test(lengths),
		cmocka_unit_test(other_files),
		cmocka_unit_test(odd_places),
		cmocka_unit_test(any_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, said_clean);
}
