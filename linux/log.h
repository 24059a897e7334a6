/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * log.h - messages in the kernel log. Errors of the queue have the words of the kernel's own
 * driver, so that tools and searches find them.
 */
#ifndef QINVAL_LINUX_LOG_H
#define QINVAL_LINUX_LOG_H

#include <linux/types.h>

struct qi_desc;
struct qi_error;

/*
 * All may be called in any context; @unit is the unit's name. log_report(): the core reports a
 * completion error or a dead queue.
 */
void log_report(const char *unit, const struct qi_error *e);

/* The unit has refused a descriptor of a call. @prior: the descriptor before it, or NULL. */
void log_refused(const char *unit, const struct qi_error *e, const struct qi_desc *d,
		 const struct qi_desc *prior);

/* The validator has refused a descriptor. */
void log_invalid(const char *unit, const struct qi_error *e, const struct qi_desc *d);

/* The kernel's name of a descriptor's type. */
const char *log_type(const struct qi_desc *d);

/* A device has not answered. */
void log_silent(const struct qi_error *e, const struct qi_desc *d);

#endif
