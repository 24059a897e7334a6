/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* v7_2.c - QEMU 7.2, of Debian 12. */
#include "api.h"

const struct qemu_version qemu_v7_2 = {
	.major = 7,
	.minor = 2,
	.interface = 1,
	.lock = "qemu_mutex_lock_iothread_impl",
	.unlock = "qemu_mutex_unlock_iothread",
	.translate = 96,
	.realize = 144,
};
