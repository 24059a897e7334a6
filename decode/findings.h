/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* findings.h - the collected findings, most important first. */
#ifndef DECODE_FINDINGS_H
#define DECODE_FINDINGS_H

#include "decode.h"

#define FINDING_LINES 16 /* line numbers kept for one finding */
#define FINDINGS 256	 /* different findings; further ones are counted */
#define FINDINGS_OF_ID 40

struct found {
	struct finding is;
	char *text;
	unsigned sid; /* the device concerned, or NO_SID */
	uint64_t line[FINDING_LINES];
	unsigned lines;
	uint64_t count;
};

struct findings {
	struct found found[FINDINGS];
	unsigned n;
	uint64_t more; /* findings without room */
};

/* Takes ownership of @text. */
void findings_add(struct findings *all, const struct finding *f, uint64_t line, unsigned sid,
		  uint64_t times, char *text);
/* The order is stable. */
void findings_sort(struct findings *all);
/* The weight of the most important finding; NOTE if there is none. */
enum weight findings_weight(const struct findings *all);
const struct found *findings_of(const struct findings *all, const char *id);
void findings_clear(struct findings *all);

const struct findings *decode_findings(const struct decode *d);
struct gathered;
const struct gathered *decode_gathered(const struct decode *d);
const char *certainty_name(enum certainty c);

#endif
