/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* trace_events.h - events of intel_iommu other than submissions, as text. */
#ifndef DECODE_TRACE_EVENTS_H
#define DECODE_TRACE_EVENTS_H

#include "decode.h"

/* True if a word may begin at @s in the line. */
bool trace_word_start(const struct line *l, const char *s);
/* A page request; @s is after the event's name. */
void trace_prq_report(struct decode *d, const struct line *l, const char *s);
/* True if the line has an event of cache tags or of mappings; its block is handed over. */
bool trace_named(struct decode *d, const struct line *l);

#endif
