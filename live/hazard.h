/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * hazard.h - what must not be done to this kernel.
 *
 * Linux 6.1, and perhaps other kernels before 6.12, may stop its function tracer for good, and
 * hang, when a BPF program is attached to a busy function that has been redirected by a live patch
 * or by another user of ftrace (which calls that IPMODIFY).
 */
#ifndef LIVE_HAZARD_H
#define LIVE_HAZARD_H

#include <stdbool.h>

/*
 * Returns false if a BPF program must not be attached; then *error, of SOURCE_ERROR bytes, says
 * why, and what to do.
 */
bool hazard_allows_bpf(char *error);

/*
 * The same, from the contents of enabled_functions of tracefs (NULL if it cannot be read) and the
 * release that uname() reports.
 */
bool hazard_allows(const char *enabled_functions, const char *release, char *error);

#endif
