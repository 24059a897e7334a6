/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "print.h"

#include <inttypes.h>

#define CALLERS 10
#define FRAMES 6
#define PENDINGS 10

static void print_callers(FILE *to, const struct view *v)
{
	struct view_caller caller[VIEW_CALLERS];
	unsigned n = view_callers(v, TALLY_NONE, FRAMES, caller);
	uint64_t all = 0;
	char mean[12];

	for (unsigned i = 0; i < n; i++)
		all += caller[i].calls;
	if (n)
		fprintf(to, "\nCallers of %" PRIu64 " submission%s that were looked at:\n", all,
			all == 1 ? "" : "s");
	for (unsigned i = 0; i < n && i < CALLERS; i++) {
		view_time(caller[i].took / caller[i].calls, mean);
		fprintf(to, "%5.1f %% %7s  %s\n", 100.0 * caller[i].calls / all, mean,
			caller[i].stack);
	}
	view_callers_free(caller, n);
}

static void print_pmu(FILE *to, const struct view *v)
{
	char line[VIEW_LINE];

	if (!v->pmus)
		return;
	view_pmu_head(line);
	fprintf(to, "\n%s\n", line);
	for (unsigned i = 0; i < v->pmus; i++) {
		if (!v->pmu[i].count && v->pmu[i].share > 0)
			continue; /* nothing was counted in this interval */
		view_pmu(v, i, line);
		fprintf(to, "%s\n", line);
	}
}

void print_tables(FILE *to, const struct view *v)
{
	unsigned rows;
	const struct tally_row *row = tally_rows(v->tally, &rows);
	char line[VIEW_LINE];

	view_summary(v, line);
	fprintf(to, "%s\n", line);
	view_state(v, line);
	fprintf(to, "%s\n", line);
	if (v->rows) {
		view_head(line);
		fprintf(to, "\n%s\n", line);
	}
	for (unsigned i = 0; i < v->rows; i++) {
		view_row(v, &row[v->order[i]], line);
		fprintf(to, "%s\n", line);
	}
	for (unsigned i = 0; i < v->pendings && i < PENDINGS; i++) {
		view_pending(v, &v->pending[i], line);
		fprintf(to, "%s%s\n", i ? "" : "\nUnder way:\n", line);
	}
	print_pmu(to, v);
	print_callers(to, v);
	fputc('\n', to);
	fflush(to);
}
