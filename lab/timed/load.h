/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* load.h - what the CPUs of a simulation do: between the load, which is observed, and the lab. */
#ifndef TIMED_LOAD_H
#define TIMED_LOAD_H

#include <lab/lab.h>
#include <qinval/host.h>

#define TIMED_MOST 32 /* descriptors of a submission */
#define TIMED_END UINT64_MAX

struct timed_load {
	/* Prepare the driver of @p, @count descriptors a submission. NULL, or why not. */
	const char *(*setup)(const struct lab_params *p, unsigned count);

	/* On each CPU, with its number: submits until lab_over() says TIMED_END. */
	int (*run)(unsigned cpu);
};

extern const struct timed_load lab_load;

/*
 * Descriptor @i of submission @n: an invalidation of page @n * count + @i of domain @cpu. The
 * unit's side checks that each is executed once, and before its submission is over.
 */
static inline uint64_t timed_page(uint64_t n, unsigned count, unsigned i)
{
	return n * count + i;
}

/*
 * The last submission is over, with this result (0 before the first); then the CPU has other things
 * to do. Returns the number of the next one.
 */
uint64_t lab_over(int result);

/*
 * Latency counts from here. @desc: what is submitted. It, and whatever is above it on the stack, is
 * not written until the submission is over.
 */
void lab_begin(const void *desc);

/* lab_host without interrupts, and with a relax() that takes time. */
extern const struct qi_host lab_timed_host;

#endif
