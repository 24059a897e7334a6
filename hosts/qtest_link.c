/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "qtest_link.h"
#include "waiting.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

/* Far longer than any answer takes on any machine. */
#define PATIENCE_MS 60000

/* ---- failure ---- */

static bool has_failed(struct qtest_link *l)
{
	return __atomic_load_n(&l->failed, __ATOMIC_ACQUIRE);
}

/*
 * Only the first failure is kept, as the others follow from it. @format NULL: the process has
 * ended.
 */
static void fail(struct qtest_link *l, const char *format, ...)
{
	va_list args;

	pthread_mutex_lock(&l->failure_lock);
	if (!l->failed && format) {
		va_start(args, format);
		vsnprintf(l->failure, sizeof(l->failure), format, args);
		va_end(args);
	} else if (!l->failed) {
		process_end(&l->process, l->failure, sizeof(l->failure));
	}
	__atomic_store_n(&l->failed, 1, __ATOMIC_RELEASE);
	pthread_mutex_unlock(&l->failure_lock);
}

const char *qtest_link_failure(struct qtest_link *l)
{
	bool ended;

	pthread_mutex_lock(&l->failure_lock);
	ended = !l->failed && process_ended(&l->process);
	pthread_mutex_unlock(&l->failure_lock);
	if (ended)
		fail(l, NULL);
	return has_failed(l) ? l->failure : NULL;
}

/* ---- receiving, with receive_lock held ---- */

/*
 * Handle a line, without its newline. Lines "IRQ ..." are ignored; any other is the answer to the
 * oldest command.
 */
static void take_line(struct qtest_link *l, char *line)
{
	struct qtest_answer *a = l->waiting[l->received % QTEST_WINDOW];
	char *end = line + 2;
	uint64_t value = 0;

	if (!strncmp(line, "IRQ ", 4))
		return;
	if (!strncmp(line, "OK ", 3))
		value = strtoull(line + 3, &end, 0);
	if (strncmp(line, "OK", 2) || *end || (a && end < line + 4) ||
	    __atomic_load_n(&l->sent, __ATOMIC_ACQUIRE) == l->received) {
		fail(l, "what QEMU says is not of the qtest protocol: \"%.200s\"", line);
		return;
	}
	if (a) {
		a->value = value;
		__atomic_store_n(&a->done, 1, __ATOMIC_RELEASE);
	}
	__atomic_store_n(&l->received, l->received + 1, __ATOMIC_RELEASE);
}

static void take_lines(struct qtest_link *l)
{
	char *line = l->text, *end;

	while (!has_failed(l) && (end = memchr(line, '\n', l->text + l->length - line))) {
		*end = '\0';
		take_line(l, line);
		line = end + 1;
	}
	l->length -= line - l->text;
	memmove(l->text, line, l->length);
	if (l->length == sizeof(l->text))
		fail(l, "what QEMU says does not end: \"%.20s...\"", l->text);
}

/* Wait for answers; at least one is due. */
static void receive(struct qtest_link *l)
{
	ssize_t n = recv(l->socket, l->text + l->length, sizeof(l->text) - l->length, 0);

	if (n > 0) {
		l->length += n;
		take_lines(l);
	} else if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
		fail(l, "QEMU has not answered for %u ms", l->patience_ms);
	} else if (!n || errno != EINTR) {
		fail(l, NULL);
	}
}

uint64_t qtest_link_await(struct qtest_link *l, struct qtest_answer *a)
{
	while (!__atomic_load_n(&a->done, __ATOMIC_ACQUIRE) && !has_failed(l)) {
		pthread_mutex_lock(&l->receive_lock);
		if (!__atomic_load_n(&a->done, __ATOMIC_ACQUIRE) && !has_failed(l))
			receive(l);
		pthread_mutex_unlock(&l->receive_lock);
	}
	/* Another thread may deliver the answer until this lock is taken, but not afterwards. */
	if (!__atomic_load_n(&a->done, __ATOMIC_ACQUIRE)) {
		pthread_mutex_lock(&l->receive_lock);
		pthread_mutex_unlock(&l->receive_lock);
	}
	return a->value;
}

/* ---- sending, with send_lock held ---- */

void qtest_link_lock(struct qtest_link *l)
{
	pthread_mutex_lock(&l->send_lock);
}

void qtest_link_unlock(struct qtest_link *l)
{
	pthread_mutex_unlock(&l->send_lock);
}

static void make_room(struct qtest_link *l)
{
	if (l->sent - __atomic_load_n(&l->received, __ATOMIC_ACQUIRE) < QTEST_WINDOW)
		return;
	pthread_mutex_lock(&l->receive_lock);
	while (!has_failed(l) && l->sent - l->received >= QTEST_WINDOW)
		receive(l);
	pthread_mutex_unlock(&l->receive_lock);
}

static void send_command(struct qtest_link *l, const char *text, size_t length,
			 struct qtest_answer *a)
{
	ssize_t n;

	make_room(l);
	if (has_failed(l))
		return;
	/* No other thread reads this entry before the answer arrives. */
	l->waiting[l->sent % QTEST_WINDOW] = a;
	__atomic_store_n(&l->sent, l->sent + 1, __ATOMIC_RELEASE);
	for (size_t done = 0; done < length; done += n) {
		n = send(l->socket, text + done, length - done, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR) {
			n = 0;
		} else if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
			fail(l, "QEMU has not listened for %u ms", l->patience_ms);
			return;
		} else if (n < 0) {
			fail(l, NULL);
			return;
		}
	}
}

static char size_letter(unsigned bytes)
{
	return bytes == 1 ? 'b' : bytes == 2 ? 'w' : bytes == 4 ? 'l' : 'q';
}

void qtest_link_tell(struct qtest_link *l, const char *verb, unsigned bytes, uint64_t addr,
		     uint64_t value)
{
	char text[80];
	int n = snprintf(text, sizeof(text), "%s%c 0x%" PRIx64 " 0x%" PRIx64 "\n", verb,
			 size_letter(bytes), addr, value);

	send_command(l, text, n, NULL);
}

void qtest_link_ask(struct qtest_link *l, const char *verb, unsigned bytes, uint64_t addr,
		    struct qtest_answer *a)
{
	char text[80];
	int n = snprintf(text, sizeof(text), "%s%c 0x%" PRIx64 "\n", verb, size_letter(bytes),
			 addr);

	*a = (struct qtest_answer){ ~0ULL >> (64 - 8 * bytes), 0 };
	send_command(l, text, n, a);
}

/* ---- start and end ---- */

/* QEMU ends with the thread that started it, so this thread stays until the host is stopped. */
static void *keeper_thread(void *arg)
{
	struct qtest_link *l = arg;

	l->started = qtest_process_start(&l->process, l->cfg, &l->socket, &l->ram, l->error,
					 l->error_size);
	__atomic_store_n(&l->ready, 1, __ATOMIC_RELEASE);
	waiting_wake(&l->ready);
	while (!__atomic_load_n(&l->stopping, __ATOMIC_ACQUIRE))
		waiting_sleep(&l->stopping, 0, 0);
	process_kill(&l->process);
	return NULL;
}

static void tear_down(struct qtest_link *l)
{
	if (l->socket >= 0)
		close(l->socket);
	if (l->ram)
		munmap(l->ram, QTEST_RAM_BYTES);
	pthread_mutex_destroy(&l->send_lock);
	pthread_mutex_destroy(&l->receive_lock);
	pthread_mutex_destroy(&l->failure_lock);
}

bool qtest_link_start(struct qtest_link *l, const struct qtest_config *cfg, char *error,
		      size_t size)
{
	pthread_mutexattr_t attr;
	struct timeval patience;

	memset(l, 0, sizeof(*l));
	l->socket = -1;
	l->cfg = cfg;
	l->error = error;
	l->error_size = size;
	process_init(&l->process);
	pthread_mutexattr_init(&attr);
	pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_ADAPTIVE_NP);
	pthread_mutex_init(&l->send_lock, &attr);
	pthread_mutexattr_destroy(&attr);
	pthread_mutex_init(&l->receive_lock, NULL);
	pthread_mutex_init(&l->failure_lock, NULL);
	if (pthread_create(&l->thread, NULL, keeper_thread, l)) {
		snprintf(error, size, "cannot start a thread");
		tear_down(l);
		return false;
	}
	while (!__atomic_load_n(&l->ready, __ATOMIC_ACQUIRE))
		waiting_sleep(&l->ready, 0, 0);
	if (!l->started) {
		qtest_link_stop(l);
		return false;
	}
	l->patience_ms = cfg->patience_ms ? cfg->patience_ms : PATIENCE_MS;
	patience = (struct timeval){ l->patience_ms / 1000, l->patience_ms % 1000 * 1000 };
	setsockopt(l->socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(l->socket, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	return true;
}

void qtest_link_stop(struct qtest_link *l)
{
	__atomic_store_n(&l->stopping, 1, __ATOMIC_RELEASE);
	waiting_wake(&l->stopping);
	pthread_join(l->thread, NULL);
	tear_down(l);
}
