/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* report.h - what a run of a guest has shown, for people and for programs, and its exit code. */
#ifndef GUEST_REPORT_H
#define GUEST_REPORT_H

#include "session.h"

/* "ok", "stale", "hang", ...; *code is the exit code that goes with it. */
const char *guest_report_verdict(const struct session *s, int *code);

void guest_report_text(const struct session *s);

/* `without`: the same without the module, or NULL if there was none. */
void guest_report_json(const struct session *s, const struct session *without);

/* Two runs side by side: one without, one with the module. */
void guest_report_columns(const struct session *without, const struct session *with);

uint64_t guest_report_descriptors(const struct guest_share *share);

/* The latency that a share of all submissions, in percent, kept below: a power of two, in ns. */
uint64_t guest_report_latency(const struct guest_share *share, unsigned percent);

#endif
