/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * failure.h - a page that could not be invalidated must not be given back while a device can reach
 * it. on_failure=stop turns the bus mastering of the device off; warn writes a message only; panic
 * halts the machine. If a descriptor names no device, stop concerns the devices of its domain, and
 * if it names no domain either, all devices of the unit.
 */
#ifndef QINVAL_LINUX_FAILURE_H
#define QINVAL_LINUX_FAILURE_H

#include <linux/types.h>

struct qi_desc;
struct unit;

/* Parse the parameter's text. -EINVAL: no such policy. */
int failure_choose(const char *text);

/* Both may be called in any context. */
void failure_of_device(struct unit *u, u16 sid);

/* The unit does not execute @d; type 0: a drain. */
void failure_of_unit(struct unit *u, const struct qi_desc *d, const char *why);

#endif
