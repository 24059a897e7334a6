/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * load.h - what the CPUs of a simulation do: the interface between the load, which is code under
 * test, and the lab.
 */
#ifndef TIMED_LOAD_H
#define TIMED_LOAD_H

#include <lab/lab.h>
#include <qinval/host.h>

#define TIMED_MOST 32 /* descriptors per submission, at most */
#define TIMED_END UINT64_MAX

struct timed_load {
	/*
	 * Prepare the driver of @p for @count descriptors a submission. Returns NULL, or why it
	 * failed.
	 */
	const char *(*setup)(const struct lab_params *p, unsigned count);

	/* Runs on each CPU, with its number: submits until lab_over() returns TIMED_END. */
	int (*run)(unsigned cpu);
};

extern const struct timed_load lab_load;

/*
 * Descriptor @i of submission @n invalidates page @n * count + @i of domain @cpu. The simulation
 * checks that each is executed exactly once, and before its submission is over.
 */
static inline uint64_t timed_page(uint64_t n, unsigned count, unsigned i)
{
	return n * count + i;
}

/*
 * The last submission is over, with this result (0 before the first one); then the CPU does other
 * work for a while. Returns the number of the next submission.
 */
uint64_t lab_over(int result);

/*
 * The submission begins, and latency counts from here. @desc: its descriptors. They and all that is
 * above them on the stack are not written until the submission is over.
 */
void lab_begin(const void *desc);

/* lab_host without interrupts, and with a relax() that takes virtual time. */
extern const struct qi_host lab_timed_host;

#endif
