/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* acpi.c - tables are bytes that firmware wrote, so lengths are checked before they are used. */
#include "acpi.h"

#include <stddef.h>

#include "mem.h"
#include "memory.h"

#define HEADER 36	      /* bytes of a table's header */
#define MOST_BYTES (1U << 20) /* no table is larger */
#define GAS_IO 1	      /* generic address structure: an I/O port */
#define RSDP_BYTES 20	      /* bytes of its first version */
#define RSDP_BYTES_2 36

/* Fields are little-endian and may be unaligned. */
static uint64_t get(const uint8_t *p, unsigned bytes)
{
	uint64_t value = 0;

	while (bytes--)
		value = value << 8 | p[bytes];
	return value;
}

static bool sums_to_zero(const uint8_t *p, size_t n)
{
	uint8_t sum = 0;

	while (n--)
		sum += *p++;
	return !sum;
}

/* ---- finding the tables ---- */

static bool is_rsdp(const uint8_t *p)
{
	return !memcmp(p, "RSD PTR ", 8) && sums_to_zero(p, RSDP_BYTES);
}

static const uint8_t *search(uint64_t from, uint64_t bytes)
{
	const uint8_t *p = memory_map(from, bytes, MAP_CACHED);
	uint64_t at;

	for (at = 0; p && at + RSDP_BYTES_2 <= bytes; at += 16)
		if (is_rsdp(p + at))
			return p + at;
	return NULL;
}

/* The first KiB of the extended BIOS data area, or the BIOS's read-only memory. */
static const uint8_t *search_bios(void)
{
	const uint8_t *data = memory_map(0x40e, 2, MAP_CACHED), *found = NULL;

	if (data && get(data, 2) >= 0x8000)
		found = search(get(data, 2) << 4, 1024);
	return found ? found : search(0xe0000, 0x20000);
}

/* Map a whole table; NULL if its length is wrong. */
static const uint8_t *map_table(uint64_t address)
{
	const uint8_t *p = address ? memory_map(address, HEADER, MAP_CACHED) : NULL;
	uint64_t length = p ? get(p + 4, 4) : 0;

	if (length < HEADER || length > MOST_BYTES)
		return NULL;
	return memory_map(address, length, MAP_CACHED);
}

/* ---- the tables ---- */

static void add_cpu(struct acpi *a, uint64_t id, uint64_t flags)
{
	unsigned i;

	if (!(flags & 1)) /* not enabled */
		return;
	for (i = 0; i < a->cpus; i++)
		if (a->cpu[i] == id) /* the table lists it as both kinds */
			return;
	if (a->cpus == ACPI_CPUS)
		a->cpus_ignored++;
	else
		a->cpu[a->cpus++] = (uint32_t)id;
}

static void read_madt(struct acpi *a, const uint8_t *t, uint64_t length)
{
	uint64_t at, n;

	for (at = HEADER + 8; at + 2 <= length; at += n) {
		n = t[at + 1];
		if (n < 2 || at + n > length)
			return;
		if (t[at] == 0 && n >= 8) /* local APIC */
			add_cpu(a, t[at + 3], get(t + at + 4, 4));
		else if (t[at] == 9 && n >= 16) /* local x2APIC */
			add_cpu(a, get(t + at + 4, 4), get(t + at + 8, 4));
		else if (t[at] == 1 && n >= 12 && a->ioapics < ACPI_IOAPICS)
			a->ioapic[a->ioapics++] = (uint32_t)get(t + at + 4, 4);
	}
}

static void read_dmar(struct acpi *a, const uint8_t *t, uint64_t length)
{
	uint64_t at, n;

	if (length < HEADER + 12)
		return;
	a->dmar = true;
	a->x2apic_opt_out = t[HEADER + 1] & 2;
	for (at = HEADER + 12; at + 4 <= length; at += n) {
		n = get(t + at + 2, 2);
		if (n < 4 || at + n > length)
			return;
		if (get(t + at, 2) != 0 || n < 16) /* DRHD */
			continue;
		if (a->units == ACPI_UNITS) {
			a->units_ignored++;
			continue;
		}
		a->unit[a->units++] = (struct acpi_unit){
			.base = get(t + at + 8, 8),
			.segment = (uint16_t)get(t + at + 6, 2),
			.rest = t[at + 4] & 1,
		};
	}
}

/* The port that a generic address structure names. */
static uint16_t gas_port(const uint8_t *gas)
{
	return gas[0] == GAS_IO ? (uint16_t)get(gas + 4, 8) : 0;
}

static void read_fadt(struct acpi *a, const uint8_t *t, uint64_t length)
{
	if (length >= 208 + 12)
		a->pm_timer = gas_port(t + 208);
	if (!a->pm_timer && length >= 76 + 4)
		a->pm_timer = (uint16_t)get(t + 76, 4);
}

static void read_spcr(struct acpi *a, const uint8_t *t, uint64_t length)
{
	if (length >= 40 + 12)
		a->serial = gas_port(t + 40);
}

static const struct reader {
	char signature[5];
	void (*read)(struct acpi *a, const uint8_t *table, uint64_t length);
} readers[] = {
	{ "APIC", read_madt },
	{ "DMAR", read_dmar },
	{ "FACP", read_fadt },
	{ "SPCR", read_spcr },
};

static void read_table(struct acpi *a, uint64_t address, const char **damaged)
{
	const uint8_t *header = address ? memory_map(address, HEADER, MAP_CACHED) : NULL, *t;
	unsigned i;

	for (i = 0; header && i < sizeof(readers) / sizeof(readers[0]); i++) {
		if (memcmp(header, readers[i].signature, 4))
			continue;
		t = map_table(address);
		if (t && sums_to_zero(t, get(t + 4, 4)))
			readers[i].read(a, t, get(t + 4, 4));
		else
			*damaged = readers[i].signature;
	}
}

const char *acpi_read(struct acpi *a, uint64_t rsdp, const char **damaged)
{
	const uint8_t *p = rsdp ? memory_map(rsdp, RSDP_BYTES_2, MAP_CACHED) : search_bios(), *list;
	unsigned entry = 4;
	uint64_t at;

	*a = (struct acpi){ 0 };
	*damaged = NULL;
	if (!p || !is_rsdp(p))
		return "no ACPI root pointer";
	list = map_table(get(p + 16, 4));
	if (p[15] >= 2 && sums_to_zero(p, RSDP_BYTES_2) && get(p + 24, 8)) {
		list = map_table(get(p + 24, 8));
		entry = 8;
	}
	if (!list || memcmp(list, entry == 8 ? "XSDT" : "RSDT", 4))
		return "no ACPI root table";
	for (at = HEADER; at + entry <= get(list + 4, 4); at += entry)
		read_table(a, get(list + at, entry), damaged);
	return NULL;
}
