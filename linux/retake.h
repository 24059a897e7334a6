/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * retake.h - the kernel turns a unit's queue off by itself: it removes the unit, or starts it anew.
 * From then on that unit is the kernel's, and is not taken over again.
 */
#ifndef QINVAL_LINUX_RETAKE_H
#define QINVAL_LINUX_RETAKE_H

/* 0, or a negative errno: it has said why. */
int retake_open(void);
void retake_close(void);

#endif
