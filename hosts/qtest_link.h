/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * qtest_link.h - the connection to QEMU, for qtest_host.c alone. Commands are sent, answers come
 * back in the same order, and a thread that waits for an answer also receives those before it.
 *
 * A thread that only receives was tried: if threads have to wait for a processor, it halves the
 * rate. The thread that exists starts QEMU, which ends with it, and then sleeps.
 */
#ifndef QTEST_LINK_H
#define QTEST_LINK_H

#include "qtest_process.h"

#include <pthread.h>

/*
 * The most answers that may be outstanding. Each takes about a kilobyte of QEMU's socket buffer. If
 * that buffer is full, QEMU waits for us while we may be waiting for QEMU.
 */
#define QTEST_WINDOW 64

#define QTEST_LINE 4096
#define QTEST_FAILURE 512

/* The answer for which a read waits. */
struct qtest_answer {
	uint64_t value;
	uint32_t done; /* atomic */
};

struct qtest_link {
	struct process process;
	int socket;
	unsigned patience_ms;
	pthread_t thread;

	/* Used at the start only. */
	const struct qtest_config *cfg;
	char *ram;
	char *error;
	size_t error_size;
	bool started; /* the process was started; valid when `ready` is not 0 */

	uint32_t ready, stopping; /* atomic */

	/* Lock order: send_lock first. It protects `sent`; receive_lock protects the rest. */
	pthread_mutex_t send_lock, receive_lock;
	uint32_t sent;	   /* commands; atomic */
	uint32_t received; /* answers; atomic */
	/* By the command's number; NULL: a write, whose answer is ignored. */
	struct qtest_answer *waiting[QTEST_WINDOW];
	char text[QTEST_LINE]; /* of the answer that is being received */
	size_t length;

	uint32_t failed; /* atomic: `failure` is complete */
	pthread_mutex_t failure_lock;
	char failure[QTEST_FAILURE];
};

/* False: *error says why it failed, and nothing is left behind. */
bool qtest_link_start(struct qtest_link *l, const struct qtest_config *cfg, char *error,
		      size_t size);
void qtest_link_stop(struct qtest_link *l);

/* See qtest_failure(). */
const char *qtest_link_failure(struct qtest_link *l);

/* A thread that sends several commands which belong together holds this lock. */
void qtest_link_lock(struct qtest_link *l);
void qtest_link_unlock(struct qtest_link *l);

/* Call these with the lock held. @verb: "write", "out"; "read", "in". @bytes: 1, 2, 4, 8. */
void qtest_link_tell(struct qtest_link *l, const char *verb, unsigned bytes, uint64_t addr,
		     uint64_t value);
void qtest_link_ask(struct qtest_link *l, const char *verb, unsigned bytes, uint64_t addr,
		    struct qtest_answer *a);

/* Call it without the lock. Returns all ones if there is no answer. */
uint64_t qtest_link_await(struct qtest_link *l, struct qtest_answer *a);

#endif
