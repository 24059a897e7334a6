/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* qmp.h - QEMU's monitor. */
#ifndef GUEST_QMP_H
#define GUEST_QMP_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct qmp {
	int fd;
	char *buf;
	size_t bytes, room;
	bool shutdown; /* the guest has ended or was ended */
	bool reset;    /* by a reset, as after a panic */
	bool failed;   /* QEMU does not answer */
	int64_t id;    /* of the last command */
};

void qmp_open(struct qmp *q, int fd);
void qmp_close(struct qmp *q);

/* Read the events that have arrived. */
void qmp_listen(struct qmp *q);

/*
 * Execute a command and return its answer; NULL: no answer within some seconds, or an error. Takes
 * ownership of `arguments`, which may be NULL.
 */
json_t *qmp_execute(struct qmp *q, const char *command, json_t *arguments);

/* Execute a command of the human monitor on one processor. Returns its text, or NULL. */
char *qmp_ask(struct qmp *q, const char *line, unsigned cpu);

#endif
