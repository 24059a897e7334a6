/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* process.h - QEMU's process: start it, watch it, and make sure that it ends. */
#ifndef PROCESS_H
#define PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct process {
	pid_t pid;  /* 0: not running, and waited for */
	int status; /* of the process that has ended: see waitpid() */
	int words;  /* a file with its output */
	/* A pipe that only our process holds open: it is closed when our process ends. */
	int life;
	char name[64]; /* for messages */
};

void process_init(struct process *p);

/*
 * Start argv[0] with empty standard input and with `files` open, a list that ends with -1. False:
 * *error says why it failed.
 */
bool process_start(struct process *p, const char *const *argv, const int *files, char *error,
		   size_t size);

/* True if it has ended by itself. */
bool process_ended(struct process *p);

/* End it if it is running. `how` gets one line: how it ended, and its last output. */
void process_end(struct process *p, char *how, size_t size);

/* End it, and all that it has started, if it is running. */
void process_kill(struct process *p);

#endif
