/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "bench.h"

#include <qinval/regs.h>

#include "clock.h"
#include "memory.h"
#include "print.h"
#include "selftest.h"
#include "smp.h"
#include "tap.h"
#include "x86.h"

#define SLOTS 4096
#define MOST_COUNT 64
#define COLUMNS 11 /* 1, 2, 4, ... 1024 CPUs */
#define SECOND 1000000000ULL

static const unsigned counts[] = { 0, 1, 4, 16, MOST_COUNT };
#define ROWS (sizeof(counts) / sizeof(counts[0]))

struct worker {
	uint64_t submissions, cycles;
	int error;
} __attribute__((aligned(128)));

static struct {
	struct unit *unit;
	unsigned count;
	uint64_t ns;
	struct worker *worker;
} run;

static void work(void *arg)
{
	struct worker *w = &run.worker[this_cpu()->number];
	struct qi_desc d[MOST_COUNT];
	uint64_t start, cycles, n = 0;
	unsigned i;
	int err = 0;

	(void)arg;
	for (i = 0; i < MOST_COUNT; i++)
		d[i] = qi_desc_iotlb(run.unit->cap & VTD_CAP_PSI ? QI_IOTLB_PAGE : QI_IOTLB_DOMAIN,
				     1, (uint64_t)i << 12, 0, false, 0);
	start = rdtsc();
	do {
		err = qi_submit_sync(&run.unit->q, d, run.count, 0);
		n++;
		cycles = rdtsc() - start;
	} while (!err && clock_ns(cycles) < run.ns);
	*w = (struct worker){ n, cycles, err };
}

struct figure {
	uint64_t cycles;     /* cycles of a submission, as its CPU measures them */
	uint64_t per_second; /* thousands of submissions by all CPUs */
};

static int measure(unsigned cpus, unsigned count, struct figure *f)
{
	uint64_t submissions = 0, cycles = 0;
	unsigned i;
	int err = 0;

	run.count = count;
	smp_run(cpus, work, NULL, run.ns + 10 * SECOND);
	for (i = 0; i < cpus; i++) {
		submissions += run.worker[i].submissions;
		cycles += run.worker[i].cycles;
		err = err ? err : run.worker[i].error;
	}
	f->cycles = cycles / submissions;
	f->per_second = submissions * clock_hz() / (cycles / cpus) / 1000;
	return err;
}

static void print_table(const char *title, struct figure f[ROWS][COLUMNS], const unsigned *cpus,
			unsigned columns, bool cycles)
{
	unsigned row, column;

	tap_note("%s", title);
	print("#   descriptors |");
	for (column = 0; column < columns; column++)
		print(" %5u CPU%c", cpus[column], cpus[column] == 1 ? ' ' : 's');
	print("\n");
	for (row = 0; row < ROWS; row++) {
		print("#   %11u |", counts[row]);
		for (column = 0; column < columns; column++)
			print(" %10lu", cycles ? f[row][column].cycles : f[row][column].per_second);
		print("\n");
	}
}

void bench(struct unit *u, uint64_t ns)
{
	static struct figure f[ROWS][COLUMNS];
	unsigned cpus[COLUMNS], columns, row, column;
	char title[100];
	int err = unit_open(u, SLOTS, 128, UNIT_PLAIN);

	run.unit = u;
	run.ns = ns;
	run.worker = memory_alloc(smp_cpus() * sizeof(*run.worker));
	for (columns = 0; columns < COLUMNS && 1U << columns < smp_cpus(); columns++)
		cpus[columns] = 1U << columns;
	if (columns < COLUMNS)
		cpus[columns++] = smp_cpus();
	for (row = 0; row < ROWS && !err; row++)
		for (column = 0; column < columns && !err; column++)
			err = measure(cpus[column], counts[row], &f[row][column]);
	if (!u->broken && unit_close(u) && !err)
		err = -QI_ERR_DEAD;
	if (!selftest_expect(u, err, 0, "benchmark"))
		return;
	format(title, sizeof(title), "unit %u: cycles a submission, TSC at %lu MHz", u->number,
	       clock_hz() / 1000000);
	print_table(title, f, cpus, columns, true);
	format(title, sizeof(title), "unit %u: thousand submissions a second", u->number);
	print_table(title, f, cpus, columns, false);
}
