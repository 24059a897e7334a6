/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* trace_events.h - events of intel_iommu that are no submissions, as text. */
#ifndef DECODE_TRACE_EVENTS_H
#define DECODE_TRACE_EVENTS_H

#include "decode.h"

/* May a word begin at @s, in the line? */
bool trace_word_start(const struct line *l, const char *s);
/* A page request; @s is behind the event's name. */
void trace_prq_report(struct decode *d, const struct line *l, const char *s);
/* Is an event of cache tags or of mappings in the line? It is handed over. */
bool trace_named(struct decode *d, const struct line *l);

#endif
