/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* qtest_process.h - a QEMU that is controlled by the qtest protocol, for qtest_host.c alone. */
#ifndef QTEST_PROCESS_H
#define QTEST_PROCESS_H

#include "process.h"
#include "qtest.h"

/*
 * False: *error says why. *socket is connected to QEMU, and *ram is its memory of QTEST_RAM_BYTES.
 */
bool qtest_process_start(struct process *p, const struct qtest_config *cfg, int *socket, char **ram,
			 char *error, size_t size);

#endif
