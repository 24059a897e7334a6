/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * main.c - finds the units, and tests whether the queue's core works on this hardware.
 *
 * Nothing is stored, and no device is touched but the remapping units, interrupt controllers, the
 * serial line and the screen. DMA remapping stays off.
 */
#include <qinval/qi.h>

#include "acpi.h"
#include "apic.h"
#include "bench.h"
#include "boot.h"
#include "clock.h"
#include "idt.h"
#include "memory.h"
#include "print.h"
#include "qemu.h"
#include "selftest.h"
#include "smp.h"
#include "stress.h"
#include "tap.h"
#include "unit.h"

#define COM1 0x3f8
#define MS 1000000ULL

void main(unsigned way, uint64_t info);

static struct boot_info boot;
static struct acpi acpi;
static struct unit units[ACPI_UNITS];
static struct unit *usable[ACPI_UNITS];

static void start(unsigned way, uint64_t info)
{
	const char *wrong, *damaged;

	boot_read(&boot, way, info);
	serial_init(COM1);
	memory_init(&boot);
	memory_init_cpu();
	idt_init();
	idt_load();
	screen_init(&boot.screen);
	wrong = acpi_read(&acpi, boot.rsdp, &damaged);
	if (acpi.serial)
		serial_init(acpi.serial);
	print("\nTAP version 13\n"); /* firmware may have left the line unfinished */
	tap_note("qinval on bare metal, started by %s", boot.loader);
	if (wrong)
		tap_refuse(wrong);
	if (damaged)
		tap_note("The ACPI table %s is damaged (checksum or length) and left out.",
			 damaged);
	if (!clock_init(acpi.pm_timer))
		tap_refuse("no clock: the CPU does not say how fast it counts, and there is no "
			   "ACPI timer");
}

static void start_cpus(void)
{
	unsigned n = acpi.cpus ? acpi.cpus : 1;

	apic_init(&acpi);
	smp_init(n);
	tap_note("%u of %u CPUs, %s, TSC at %lu MHz", smp_start(&acpi), n + acpi.cpus_ignored,
		 apic_x2() ? "x2APIC" : "xAPIC", clock_hz() / 1000000);
}

/* Describes each unit, and says why a unit is not tested. */
static unsigned find_units(void)
{
	unsigned n = 0, i;

	if (!acpi.dmar)
		tap_refuse("no IOMMU: there is no ACPI table DMAR; is VT-d on in the firmware's "
			   "setup?");
	if (!acpi.units)
		tap_refuse("no IOMMU: the ACPI table DMAR names none");
	if (acpi.units_ignored)
		tap_note("%u units too many are left out", acpi.units_ignored);
	for (i = 0; i < acpi.units; i++) {
		unit_find(&units[i], i, &acpi.unit[i]);
		if (units[i].regs)
			unit_describe(&units[i]);
		if (units[i].refused)
			tap_note("unit %u is left alone: %s", i, units[i].refused);
		else
			usable[n++] = &units[i];
	}
	if (!n)
		tap_refuse(units[0].refused);
	for (i = 0; i < acpi.units; i++)
		if (units[i].refused)
			tap_skip(units[i].refused, "unit %u", i);
	return n;
}

void main(unsigned way, uint64_t info)
{
	/*
	 * In an emulator the test is short; on hardware it takes ten times as long, to find more.
	 */
	uint64_t scale = qemu() ? 1 : 10;
	unsigned n, i, good = 0;

	start(way, info);
	start_cpus();
	n = find_units();
	for (i = 0; i < n; i++) {
		selftest(usable[i]);
		if (!usable[i]->broken)
			usable[good++] = usable[i];
	}
	if (good)
		stress(usable, good, 250 * MS * scale);
	for (i = 0; i < good; i++)
		if (!usable[i]->broken)
			bench(usable[i], 5 * MS * scale);
	if (idt_unexpected())
		tap_note("%u unexpected interrupts", idt_unexpected());
	tap_end();
}
