/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * failure.h - a page that could not be invalidated must not be given back while a device can reach
 * it. on_failure=stop turns the bus mastering of the device off (or of all devices of the unit, if
 * it reports none); warn writes a message only; panic halts the machine.
 */
#ifndef QINVAL_LINUX_FAILURE_H
#define QINVAL_LINUX_FAILURE_H

#include <linux/types.h>

struct layout;
struct unit;

/* Parse the parameter's text. -EINVAL: no such policy. */
int failure_choose(const char *text);

/* Both may be called in any context. */
void failure_of_device(struct unit *u, u16 sid);
void failure_of_unit(struct unit *u, const char *why);

#endif
