/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* findings.h - what was found, gathered; most important first. */
#ifndef DECODE_FINDINGS_H
#define DECODE_FINDINGS_H

#include "decode.h"

#define FINDING_LINES 16 /* numbers that are kept of one finding */
#define FINDINGS 256	 /* different ones; beyond that they are counted */

struct found {
	struct finding is;
	char *text;
	uint64_t line[FINDING_LINES];
	unsigned lines;
	uint64_t count;
};

struct findings {
	struct found found[FINDINGS];
	unsigned n;
	uint64_t more; /* that had no room */
};

/* Takes @text over. */
void findings_add(struct findings *all, const struct finding *f, uint64_t line, char *text);
/* Most important first, and of equals the one that came first. */
void findings_sort(struct findings *all);
bool findings_problem(const struct findings *all);
void findings_clear(struct findings *all);

const struct findings *decode_findings(const struct decode *d);
const char *certainty_name(enum certainty c);

#endif
