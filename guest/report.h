/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* report.h - what a run of a guest has shown, for people and for programs, and its exit code. */
#ifndef GUEST_REPORT_H
#define GUEST_REPORT_H

#include "session.h"

/* "ok", "stale", "hang", ...; *code is the exit code that goes with it. */
const char *guest_report_verdict(const struct session *s, int *code);

void guest_report_text(const struct session *s);
void guest_report_json(const struct session *s);

#endif
