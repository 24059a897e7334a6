/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* process.h - QEMU's process: start it, watch it, and make sure that it ends. */
#ifndef PROCESS_H
#define PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct process {
	pid_t pid;     /* 0: none, or it has ended and been waited for */
	int status;    /* then: see waitpid() */
	int words;     /* a file with what it has printed */
	int life;      /* a pipe that only our process holds open: it ends when we end */
	char name[64]; /* for people */
};

void process_init(struct process *p);

/*
 * Start argv[0] with an empty standard input, and with `files`, which end with -1, open. False:
 * *error says why.
 */
bool process_start(struct process *p, const char *const *argv, const int *files, char *error,
		   size_t size);

/* Has it ended by itself? */
bool process_ended(struct process *p);

/* End it if it has not ended. How it ended, and its last words, in one line. */
void process_end(struct process *p, char *how, size_t size);

/* End it if it is still running. Nothing of it is left. */
void process_kill(struct process *p);

#endif
