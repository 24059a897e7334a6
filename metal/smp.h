/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * smp.h - all CPUs.
 */
#ifndef METAL_SMP_H
#define METAL_SMP_H

#include <stdbool.h>
#include <stdint.h>

struct acpi;

struct cpu {
	struct cpu *self; /* first: where %gs points */
	unsigned number;  /* 0: the one that booted */
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

/* The first CPU's own part. There are @most CPUs, this one included. */
void smp_init(unsigned most);

/* Start the others; returns how many CPUs there are now. */
unsigned smp_start(const struct acpi *a);

unsigned smp_cpus(void);
const struct cpu *smp_cpu(unsigned number);

/*
 * @work on CPUs 0 to @n - 1, with interrupts on; returns when all have returned. One that does not
 * within @ns ends the run.
 */
void smp_run(unsigned n, void (*work)(void *arg), void *arg, uint64_t ns);

#endif
