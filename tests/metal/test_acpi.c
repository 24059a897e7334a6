/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The reader of firmware tables, with tables that firmware could have written and with damaged
 * ones.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* The same source as in the bare-metal kernel. */
#include <metal/acpi.c>

#define MEMORY 0x100000

/* The first MiB, and one page far above 4 GiB. */
static uint8_t memory[MEMORY], high[4096];
#define HIGH 0x1234567000ULL

/* The addresses of the machine's tables. */
enum {
	RSDP = 0xe0010,
	ROOT = 0x1000,
	MADT = 0x2000,
	DMAR = 0x3000,
	FADT = 0x4000,
	SPCR = 0x5000,
	EBDA = 0x9fc00,
};

static uint64_t end; /* of the table that is being written */

void *memory_map(uint64_t phys, uint64_t size, enum map how)
{
	assert_int_equal(how, MAP_CACHED);
	if (phys >= HIGH && phys + size <= HIGH + sizeof(high))
		return high + (phys - HIGH);
	return phys + size <= MEMORY ? memory + phys : NULL;
}

static uint8_t *at(uint64_t address)
{
	return address >= HIGH ? high + (address - HIGH) : memory + address;
}

static void put(uint64_t address, unsigned bytes, uint64_t value)
{
	for (; bytes--; value >>= 8)
		*at(address++) = (uint8_t)value;
}

static void append(unsigned bytes, uint64_t value)
{
	put(end, bytes, value);
	end += bytes;
}

static void begin(uint64_t table, const char *signature)
{
	memset(at(table), 0, 36);
	memcpy(at(table), signature, 4);
	end = table + 36;
}

static void checksum(uint64_t from, uint64_t bytes, uint64_t where)
{
	uint8_t sum = 0;

	*at(where) = 0;
	while (bytes--)
		sum += *at(from++);
	*at(where) = (uint8_t)-sum;
}

static void finish(uint64_t table)
{
	put(table + 4, 4, end - table);
	checksum(table, end - table, table + 9);
}

static void drhd(uint64_t base, unsigned segment, unsigned flags, unsigned scope)
{
	append(2, 0);
	append(2, 16 + scope);
	append(1, flags);
	append(1, 0);
	append(2, segment);
	append(8, base);
	while (scope--)
		append(1, 0);
}

static void rsdp(uint64_t address, unsigned revision, uint64_t xsdt)
{
	memcpy(at(address), "RSD PTR ", 8);
	put(address + 8, 28, 0);
	put(address + 15, 1, revision);
	put(address + 16, 4, ROOT);
	put(address + 20, 4, 36);
	put(address + 24, 8, xsdt);
	checksum(address, 20, address + 8);
	checksum(address, 36, address + 32);
}

static void root(const char *signature, uint64_t table, unsigned entry, uint64_t dmar)
{
	begin(table, signature);
	append(entry, MADT);
	append(entry, 0); /* some firmware has empty entries */
	append(entry, dmar);
	append(entry, FADT);
	append(entry, SPCR);
	finish(table);
}

static void local_apic(unsigned id, unsigned flags)
{
	append(2, 0x0800), append(1, 0), append(1, id), append(4, flags);
}

static void local_x2apic(unsigned id)
{
	append(4, 0x1009), append(4, id), append(4, 1), append(4, 0);
}

static void madt(void)
{
	begin(MADT, "APIC");
	append(8, 0xfee00000);
	local_apic(2, 1);
	local_apic(3, 0); /* not enabled */
	local_apic(4, 1);
	append(4, 0x0c01), append(4, 0xfec00000), append(4, 0); /* I/O APIC */
	local_x2apic(0x1ff);
	local_x2apic(2); /* listed twice */
	finish(MADT);
}

static void dmar(uint64_t table)
{
	begin(table, "DMAR");
	append(2, 0x032d); /* width, flags: interrupt remapping, x2APIC opt out */
	append(8, 0), append(2, 0);
	drhd(0xfed90000, 0, 0, 8);
	append(2, 1), append(2, 8), append(4, 0); /* a reserved memory region */
	drhd(0x2ffffc000000ULL, 3, 1, 0);
	finish(table);
}

static int machine(void **state)
{
	(void)state;
	memset(memory, 0, sizeof(memory));
	memset(high, 0, sizeof(high));
	rsdp(RSDP, 0, 0);
	root("RSDT", ROOT, 4, DMAR);
	madt();
	dmar(DMAR);
	begin(FADT, "FACP");
	end = FADT + 116;
	put(FADT + 76, 4, 0x608);
	finish(FADT);
	begin(SPCR, "SPCR");
	append(4, 0); /* 16550 */
	append(4, 0x00000801), append(8, 0x2f8);
	end = SPCR + 80;
	finish(SPCR);
	return 0;
}

static struct acpi a;
static const char *damaged;

static void reads(uint64_t where)
{
	assert_null(acpi_read(&a, where, &damaged));
}

static void finds_everything(void **state)
{
	(void)state;
	reads(0);
	assert_null(damaged);
	assert_int_equal(a.cpus, 3);
	assert_int_equal(a.cpu[0], 2);
	assert_int_equal(a.cpu[2], 0x1ff);
	assert_int_equal(a.ioapics, 1);
	assert_int_equal(a.ioapic[0], 0xfec00000);
	assert_true(a.dmar);
	assert_true(a.x2apic_opt_out);
	assert_int_equal(a.units, 2);
	assert_int_equal(a.unit[0].base, 0xfed90000);
	assert_false(a.unit[0].rest);
	assert_int_equal(a.unit[1].base, 0x2ffffc000000);
	assert_int_equal(a.unit[1].segment, 3);
	assert_true(a.unit[1].rest);
	assert_int_equal(a.pm_timer, 0x608);
	assert_int_equal(a.serial, 0x2f8);
}

static void takes_the_loaders_word(void **state)
{
	(void)state;
	rsdp(0x8000, 2, 0);
	memset(memory + RSDP, 0, 36);
	reads(0x8000);
	assert_int_equal(a.units, 2);
}

static void finds_the_pointer_in_the_bios_data_area(void **state)
{
	(void)state;
	memset(memory + RSDP, 0, 36);
	put(0x40e, 2, EBDA >> 4);
	rsdp(EBDA + 32, 0, 0);
	reads(0);
	assert_int_equal(a.units, 2);
}

/* The newer root table is used, and tables may be at any address. */
static void prefers_the_64_bit_root(void **state)
{
	(void)state;
	begin(ROOT, "RSDT");
	finish(ROOT);
	root("XSDT", HIGH, 8, HIGH + 0x400);
	dmar(HIGH + 0x400);
	rsdp(RSDP, 2, HIGH);
	reads(0);
	assert_int_equal(a.units, 2);
	assert_int_equal(a.cpus, 3);
}

static void needs_a_pointer_and_a_root(void **state)
{
	(void)state;
	memory[RSDP + 8]++;
	assert_string_equal(acpi_read(&a, 0, &damaged), "no ACPI root pointer");
	memory[RSDP + 8]--;
	memory[ROOT]++;
	assert_string_equal(acpi_read(&a, 0, &damaged), "no ACPI root table");
}

static void leaves_damaged_tables_out(void **state)
{
	(void)state;
	memory[DMAR + 50]++;
	reads(0);
	assert_string_equal(damaged, "DMAR");
	assert_false(a.dmar);
	assert_int_equal(a.cpus, 3);

	memory[DMAR + 50]--;
	put(DMAR + 4, 4, 20); /* shorter than its header */
	reads(0);
	assert_string_equal(damaged, "DMAR");
}

/* A structure without a length would be read for ever; one that exceeds the table is ignored. */
static void stops_at_wrong_lengths(void **state)
{
	(void)state;
	begin(DMAR, "DMAR");
	append(8, 0), append(4, 0);
	drhd(0xfed90000, 0, 0, 0);
	append(4, 0);
	drhd(0xfed91000, 0, 0, 0);
	finish(DMAR);
	reads(0);
	assert_int_equal(a.units, 1);

	begin(DMAR, "DMAR");
	append(8, 0), append(4, 0);
	drhd(0xfed90000, 0, 0, 100);
	end -= 100;
	finish(DMAR);
	reads(0);
	assert_int_equal(a.units, 0);
}

static void counts_what_it_has_no_room_for(void **state)
{
	unsigned i;

	(void)state;
	begin(DMAR, "DMAR");
	append(8, 0), append(4, 0);
	for (i = 0; i < ACPI_UNITS + 2; i++)
		drhd(0xfed90000 + i * 0x1000, 0, 0, 0);
	finish(DMAR);
	reads(0);
	assert_int_equal(a.units, ACPI_UNITS);
	assert_int_equal(a.units_ignored, 2);
}

/* With any single byte changed, the reader ends and reads only mapped memory. */
static void survives_any_single_byte(void **state)
{
	static const unsigned tables[] = { RSDP, ROOT, MADT, DMAR, FADT, SPCR };
	unsigned t, i, value;

	for (t = 0; t < sizeof(tables) / sizeof(tables[0]); t++)
		for (i = 0; i < 120; i++)
			for (value = 0; value < 256; value += 5) {
				machine(state);
				memory[tables[t] + i] = (uint8_t)value;
				if (tables[t] != RSDP && i != 9)
					checksum(tables[t], at(tables[t])[4], tables[t] + 9);
				acpi_read(&a, 0, &damaged);
			}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(finds_everything, machine),
		cmocka_unit_test_setup(takes_the_loaders_word, machine),
		cmocka_unit_test_setup(finds_the_pointer_in_the_bios_data_area, machine),
		cmocka_unit_test_setup(prefers_the_64_bit_root, machine),
		cmocka_unit_test_setup(needs_a_pointer_and_a_root, machine),
		cmocka_unit_test_setup(leaves_damaged_tables_out, machine),
		cmocka_unit_test_setup(stops_at_wrong_lengths, machine),
		cmocka_unit_test_setup(counts_what_it_has_no_room_for, machine),
		cmocka_unit_test_setup(survives_any_single_byte, machine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
