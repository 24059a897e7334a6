/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* smp.h - starts all CPUs, and runs functions on them. */
#ifndef METAL_SMP_H
#define METAL_SMP_H

#include <stdbool.h>
#include <stdint.h>

struct acpi;

struct cpu {
	struct cpu *self; /* the first member, because %gs points to it */
	unsigned number;  /* 0: the CPU that booted */
	uint32_t apic_id;
	void (*work)(void *arg);
	void *arg;
};

static inline struct cpu *this_cpu(void)
{
	struct cpu *c;

	__asm__ volatile("mov %%gs:0, %0" : "=r"(c));
	return c;
}

/* Initialises the first CPU. There are at most @most CPUs, this one included. */
void smp_init(unsigned most);

/* Start the others; returns how many CPUs there are now. */
unsigned smp_start(const struct acpi *a);

unsigned smp_cpus(void);
const struct cpu *smp_cpu(unsigned number);

/*
 * Run @work on CPUs 0 to @n - 1, with interrupts on. Returns when all have returned. If a CPU does
 * not return within @ns, the run ends.
 */
void smp_run(unsigned n, void (*work)(void *arg), void *arg, uint64_t ns);

#endif
