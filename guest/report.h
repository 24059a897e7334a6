/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* report.h - the result of a guest's run, as text and as JSON. */
#ifndef GUEST_REPORT_H
#define GUEST_REPORT_H

#include "session.h"

enum guest_result {
	VERDICT_FINE,
	VERDICT_UNUSABLE, /* the run could not be made */
	VERDICT_WRONG,	  /* a defect was found */
	VERDICT_UNKNOWN,  /* the run ended without an answer */
};

/* The verdict's name: "ok", "stale", "hang", ...; *result is its class. */
const char *guest_report_verdict(const struct session *s, enum guest_result *result);

void guest_report_text(const struct session *s);

/* `without`: the run without the module, or NULL. */
void guest_report_json(const struct session *s, const struct session *without);

/* Two runs side by side: one without, one with the module. */
void guest_report_columns(const struct session *without, const struct session *with);

uint64_t guest_report_descriptors(const struct guest_share *share);

/* The latency below which this percentage of submissions stayed: a power of two, in ns. */
uint64_t guest_report_latency(const struct guest_share *share, unsigned percent);

#endif
