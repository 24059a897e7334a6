/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Prints "pause=..." and "atomic=...", the costs of these instructions on this processor in
 * nanoseconds. `qinval simulate` needs them, and `qinval bench` does not report them;
 * tests/scripts/calibrate runs this.
 */
#include <stdint.h>
#include <stdio.h>

#include <hosts/waiting.h>

#define TURNS 1000000
#define TRIES 20

static uint64_t word;

static void pauses(unsigned n)
{
	while (n--)
		waiting_pause();
}

static void additions(unsigned n)
{
	while (n--)
		__atomic_fetch_add(&word, 1, __ATOMIC_SEQ_CST);
}

/* The fastest try counts, because other programs may have interrupted some. */
static double cost(void (*what)(unsigned n))
{
	uint64_t best = UINT64_MAX;

	for (unsigned i = 0; i < TRIES; i++) {
		uint64_t start = waiting_now(), took;

		what(TURNS);
		took = waiting_now() - start;
		best = took < best ? took : best;
	}
	return (double)best / TURNS;
}

int main(void)
{
	printf("pause=%.2f\natomic=%.2f\n", cost(pauses), cost(additions));
	return 0;
}
