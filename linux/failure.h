/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * failure.h - what cannot be invalidated must not count as done while a device can reach the page:
 * on_failure=stop takes bus mastering from it (or from all devices of the unit, if none is named),
 * warn only says so, panic ends the machine.
 */
#ifndef QINVAL_LINUX_FAILURE_H
#define QINVAL_LINUX_FAILURE_H

#include <linux/types.h>

struct layout;
struct unit;

/* Of the parameter's text; -EINVAL: there is no such one. */
int failure_choose(const char *text);

/* Any context. */
void failure_of_device(struct unit *u, u16 sid);
void failure_of_unit(struct unit *u, const char *why);

#endif
