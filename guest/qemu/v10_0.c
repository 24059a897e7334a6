/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* v10_0.c - QEMU 10.0, of Debian 13 and of Debian 12's backports. */
#include "api.h"

const struct qemu_version qemu_v10_0 = {
	.major = 10,
	.minor = 0,
	.interface = 4,
	.lock = "bql_lock_impl",
	.unlock = "bql_unlock",
	.ops = true,
	.translate = 96,
	.realize = 144,
};
