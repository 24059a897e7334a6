/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* watch.h - the lab's runs of the core are compared with slots.model. */
#ifndef LAB_PROTOCOL_WATCH_H
#define LAB_PROTOCOL_WATCH_H

#include <qinval/qi.h>

#include <device/vtd.h>

/*
 * Call it in setup(), when the queue is on: from now on each step is compared. False: no memory.
 * Weak, so that engine.c can be linked with a driver that has no use for this file.
 */
bool protocol_watch(const struct qi *q, const struct vtd_unit *u) __attribute__((weak));

#endif
