/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "smp.h"

#include "acpi.h"
#include "apic.h"
#include "clock.h"
#include "idt.h"
#include "vectors.h"
#include "mem.h"
#include "memory.h"
#include "tap.h"
#include "x86.h"

#define STACK 32768
#define MS 1000000ULL

extern const char trampoline[], trampoline_end[];
void smp_entry(unsigned number);

/* For trampoline.S. */
uint32_t smp_arrived = 1; /* number of the next CPU that arrives */
char **smp_stacks;

static struct cpu *cpus;
static unsigned online; /* CPUs that have begun to wait for work */

static void cpu_init(unsigned number)
{
	struct cpu *c = &cpus[number];

	idt_load();
	memory_init_cpu();
	wrmsr(MSR_GS_BASE, (uintptr_t)c);
	apic_init_cpu();
	c->self = c;
	c->number = number;
	c->apic_id = apic_id();
}

/* The interrupt only ends hlt; the work is looked for afterwards. */
static void woken(void *arg)
{
	(void)arg;
}

void smp_init(unsigned most)
{
	unsigned i;

	cpus = memory_alloc(most * sizeof(*cpus));
	smp_stacks = memory_alloc(most * sizeof(*smp_stacks));
	for (i = 1; i < most; i++)
		smp_stacks[i] = (char *)memory_alloc(STACK) + STACK;
	idt_handle(VECTOR_WAKE, woken, NULL);
	cpu_init(0);
	online = 1;
	interrupts_on();
}

void smp_entry(unsigned number)
{
	struct cpu *c = &cpus[number];
	void (*work)(void *arg);

	cpu_init(number);
	__atomic_fetch_add(&online, 1, __ATOMIC_RELEASE);
	for (;;) {
		interrupts_off();
		while (!(work = __atomic_load_n(&c->work, __ATOMIC_ACQUIRE))) {
			interrupts_on_and_halt();
			interrupts_off();
		}
		interrupts_on();
		work(c->arg);
		__atomic_store_n(&c->work, NULL, __ATOMIC_RELEASE);
	}
}

static bool await_online(unsigned n, uint64_t ns)
{
	uint64_t end = clock_now() + ns;

	while (__atomic_load_n(&online, __ATOMIC_ACQUIRE) < n)
		if (clock_now() > end)
			return false;
		else
			pause();
	return true;
}

/* INIT, then at most two start-up interrupts; one CPU after the other. */
static void start(uint32_t id, uint64_t page)
{
	unsigned before = smp_cpus();

	apic_send_startup(id, (uint8_t)(page >> 12));
	if (await_online(before + 1, MS))
		return;
	apic_send_startup(id, (uint8_t)(page >> 12));
	if (!await_online(before + 1, 200 * MS))
		tap_note("The CPU with APIC id %u does not start.", id);
}

unsigned smp_start(const struct acpi *a)
{
	uint64_t page = memory_low_page();
	uint32_t self = apic_id();
	unsigned i;

	if (!page) {
		tap_note("No free page below 1 MiB: the other CPUs cannot be started.");
		return 1;
	}
	memcpy((void *)(uintptr_t)page, trampoline, (size_t)(trampoline_end - trampoline));
	for (i = 0; i < a->cpus; i++)
		if (a->cpu[i] != self && (apic_x2() || a->cpu[i] < 0xff))
			apic_send_init(a->cpu[i]);
	clock_delay(10 * MS);
	for (i = 0; i < a->cpus; i++)
		if (a->cpu[i] != self && (apic_x2() || a->cpu[i] < 0xff))
			start(a->cpu[i], page);
	return smp_cpus();
}

unsigned smp_cpus(void)
{
	return __atomic_load_n(&online, __ATOMIC_ACQUIRE);
}

const struct cpu *smp_cpu(unsigned number)
{
	return &cpus[number];
}

void smp_run(unsigned n, void (*work)(void *arg), void *arg, uint64_t ns)
{
	uint64_t end = clock_now() + ns;
	unsigned i;

	for (i = 1; i < n; i++) {
		cpus[i].arg = arg;
		__atomic_store_n(&cpus[i].work, work, __ATOMIC_RELEASE);
		apic_send(cpus[i].apic_id, VECTOR_WAKE);
	}
	work(arg);
	for (i = 1; i < n; i++)
		while (__atomic_load_n(&cpus[i].work, __ATOMIC_ACQUIRE))
			if (clock_now() > end)
				tap_bail_out("CPU %u does not come back from its work", i);
			else
				pause();
}
