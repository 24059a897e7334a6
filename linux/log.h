/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * log.h - what goes into the log, and the stock tracepoint. Errors of the queue are in the words of
 * the kernel's own driver, so that tools and people find them.
 */
#ifndef QINVAL_LINUX_LOG_H
#define QINVAL_LINUX_LOG_H

#include <linux/types.h>

struct qi_desc;
struct qi_error;

/* Any context; @unit is its name. From the core: a completion error, or that the queue is dead. */
void log_report(const char *unit, const struct qi_error *e);

/* A descriptor of a call's that the unit has refused. @prior: the one before it, or NULL. */
void log_refused(const char *unit, const struct qi_error *e, const struct qi_desc *d,
		 const struct qi_desc *prior);

/* The same, by the validator. */
void log_invalid(const char *unit, const struct qi_error *e, const struct qi_desc *d);

/* A device has not answered. */
void log_silent(const struct qi_error *e, const struct qi_desc *d);

#endif
