/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * retake.h - the kernel turns the queue of a unit off, or removes the unit. From then on the kernel
 * owns this queue, and the module does not take it over again.
 */
#ifndef QINVAL_LINUX_RETAKE_H
#define QINVAL_LINUX_RETAKE_H

/*
 * Open before the units are found, and close before they are freed. Returns 0, or a negative errno
 * after a message.
 */
int retake_open(void);
void retake_close(void);

#endif
