/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * qtest_process.h - QEMU's process, for qtest.c alone: started, looked after, and ended for sure.
 */
#ifndef QTEST_PROCESS_H
#define QTEST_PROCESS_H

#include "qtest.h"

#include <sys/types.h>

struct qtest_process {
	pid_t pid;     /* 0: none, or it has ended and been waited for */
	int status;    /* then: see waitpid() */
	int words;     /* a file with what it has printed */
	int life;      /* a pipe that only we hold open: its end is ours */
	char name[64]; /* for people */
};

void qtest_process_init(struct qtest_process *p);

/* False: *error says why. *socket is connected to it, *ram is its memory of QTEST_RAM_BYTES. */
bool qtest_process_start(struct qtest_process *p, const struct qtest_config *cfg, int *socket,
			 char **ram, char *error, size_t size);

/* Has it ended by itself? */
bool qtest_process_ended(struct qtest_process *p);

/* It has ended, or is about to, or is ended here: how, and its last words, in one line. */
void qtest_process_end(struct qtest_process *p, char *how, size_t size);

/* End it if it still lives. Nothing is left of it. */
void qtest_process_kill(struct qtest_process *p);

#endif
