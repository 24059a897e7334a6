/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "apic.h"

#include "acpi.h"
#include "clock.h"
#include "vectors.h"
#include "memory.h"
#include "tap.h"
#include "x86.h"

/* Offsets in xAPIC mode; the MSR in x2APIC mode is 0x800 + offset / 16. */
enum {
	ID = 0x20,
	EOI = 0xb0,
	SPURIOUS = 0xf0,
	ICR = 0x300,
	ICR_HIGH = 0x310,
	LVT_TIMER = 0x320,
	LVT_LINT0 = 0x350,
	TIMER_INITIAL = 0x380,
	TIMER_CURRENT = 0x390,
	TIMER_DIVIDE = 0x3e0,
};

#define APIC_BASE_ON (1U << 11)
#define APIC_BASE_X2 (1U << 10)
#define CPUID_1_C_X2APIC (1U << 21)

#define SPURIOUS_ON (1U << 8)
#define LVT_MASKED (1U << 16)
#define DIVIDE_BY_16 3U

#define ICR_INIT 0x4500U    /* assert */
#define ICR_STARTUP 0x4600U /* assert */
#define ICR_FIXED 0x4000U
#define ICR_PENDING (1U << 12)

static bool x2;
static volatile uint8_t *regs;
static uint64_t timer_scale; /* ticks a nanosecond, times 2^32 */

static uint32_t read(unsigned reg)
{
	if (x2)
		return (uint32_t)rdmsr(0x800 + reg / 16);
	return *(volatile uint32_t *)(regs + reg);
}

static void write(unsigned reg, uint32_t value)
{
	if (x2)
		wrmsr(0x800 + reg / 16, value);
	else
		*(volatile uint32_t *)(regs + reg) = value;
}

bool apic_x2(void)
{
	return x2;
}

uint32_t apic_id(void)
{
	return x2 ? read(ID) : read(ID) >> 24;
}

void apic_eoi(void)
{
	write(EOI, 0);
}

static void command(uint32_t to, uint32_t what)
{
	unsigned long flags = irq_save();

	if (x2) {
		mfence(); /* this MSR does not wait for earlier stores */
		wrmsr(0x800 + ICR / 16, (uint64_t)to << 32 | what);
	} else {
		while (read(ICR) & ICR_PENDING)
			pause();
		write(ICR_HIGH, to << 24);
		write(ICR, what);
	}
	irq_restore(flags);
}

void apic_send(uint32_t to, uint8_t vector)
{
	command(to, ICR_FIXED | vector);
}

void apic_send_init(uint32_t to)
{
	command(to, ICR_INIT);
}

void apic_send_startup(uint32_t to, uint8_t page)
{
	command(to, ICR_STARTUP | page);
}

bool apic_message(uint32_t to, uint32_t *address)
{
	*address = 0xfee00000U | to << 12;
	return to < 0xff;
}

/*
 * Turn off the interrupts of devices: firmware may have left them on, and they have no handler
 * here.
 */
static void silence(const struct acpi *a)
{
	volatile uint32_t *ioapic;
	uint32_t pins, i, pin;

	outb(0x21, 0xff); /* both 8259 */
	outb(0xa1, 0xff);
	for (i = 0; i < a->ioapics; i++) {
		ioapic = memory_map(a->ioapic[i], 0x20, MAP_DEVICE);
		if (!ioapic)
			continue;
		ioapic[0] = 1; /* select, then data at 0x10 */
		pins = ioapic[4];
		for (pin = 0; pins != 0xffffffff && pin <= (pins >> 16 & 0xff); pin++) {
			ioapic[0] = 0x10 + 2 * pin;
			ioapic[4] = LVT_MASKED;
		}
	}
}

void apic_init(const struct acpi *a)
{
	uint64_t base = rdmsr(MSR_APIC_BASE);
	bool known = cpuid(1).c & CPUID_1_C_X2APIC;

	x2 = base & APIC_BASE_X2 || (known && !a->x2apic_opt_out);
	regs = memory_map(base & 0xffffff000ULL, 0x1000, MAP_DEVICE);
	if (!regs)
		tap_bail_out("cannot map the local APIC");
	silence(a);
}

static void calibrate(void)
{
	uint64_t start, ns;
	uint32_t ticks;

	write(LVT_TIMER, LVT_MASKED);
	start = clock_now();
	write(TIMER_INITIAL, 0xffffffff);
	clock_delay(5000000);
	ticks = 0xffffffff - read(TIMER_CURRENT);
	ns = clock_now() - start;
	write(TIMER_INITIAL, 0);
	timer_scale = ((uint64_t)ticks << 32) / ns;
}

void apic_init_cpu(void)
{
	wrmsr(MSR_APIC_BASE, rdmsr(MSR_APIC_BASE) | APIC_BASE_ON | (x2 ? APIC_BASE_X2 : 0));
	write(SPURIOUS, SPURIOUS_ON | VECTOR_SPURIOUS);
	write(LVT_LINT0, LVT_MASKED);
	write(TIMER_DIVIDE, DIVIDE_BY_16);
	if (!timer_scale)
		calibrate();
	write(LVT_TIMER, VECTOR_TIMER);
}

void apic_timer(uint64_t ns)
{
	uint64_t ticks = ns * timer_scale >> 32;

	write(TIMER_INITIAL, ns && !ticks ? 1 : (uint32_t)ticks);
}
