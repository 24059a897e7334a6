/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * timeline_write.h - writes a time line as a page (--html), and as a trace for Perfetto
 * (--perfetto).
 */
#ifndef TIMELINE_WRITE_H
#define TIMELINE_WRITE_H

#include "drive.h"
#include "timeline.h"

#include <stdio.h>

/* False: a write failed, see errno. */
bool timeline_html(FILE *to, const struct timeline *tl, const struct trace *t,
		   const struct drive_config *cfg, const struct drive_result *r);

/* Likewise. Only with libprotobuf-c: QINVAL_PERFETTO. */
bool timeline_perfetto(FILE *to, const struct timeline *tl, const struct trace *t,
		       const struct drive_config *cfg);

#endif
