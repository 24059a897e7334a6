/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "qmp.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* QEMU may have to wait for its own lock, and the machine may be busy. */
#define PATIENCE_MS 20000

void qmp_close(struct qmp *q)
{
	if (q->fd >= 0)
		close(q->fd);
	q->fd = -1;
	free(q->buf);
	q->buf = NULL;
}

static bool take(struct qmp *q, int timeout)
{
	struct pollfd p = { .fd = q->fd, .events = POLLIN };
	char *more;
	ssize_t n;

	if (q->failed || poll(&p, 1, timeout) <= 0)
		return false;
	if (q->room - q->bytes < 65536) {
		more = realloc(q->buf, q->bytes + 2 * 65536);
		if (!more)
			return false;
		q->buf = more;
		q->room = q->bytes + 2 * 65536;
	}
	n = recv(q->fd, q->buf + q->bytes, q->room - q->bytes, MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return true;
	q->failed = n <= 0;
	q->bytes += n > 0 ? (size_t)n : 0;
	return n > 0;
}

/* The next complete message, or NULL. */
static json_t *next(struct qmp *q)
{
	char *end = q->bytes ? memchr(q->buf, '\n', q->bytes) : NULL;
	json_t *message;
	size_t n;

	if (!end)
		return NULL;
	n = (size_t)(end - q->buf);
	message = json_loadb(q->buf, n, 0, NULL);
	q->bytes -= n + 1;
	memmove(q->buf, end + 1, q->bytes);
	return message ? message : json_object();
}

/* SHUTDOWN is an event. With -no-reboot a reset by the guest is one, too, and has its reason. */
static void note_event(struct qmp *q, json_t *message)
{
	const char *event = json_string_value(json_object_get(message, "event"));
	const char *reason =
		json_string_value(json_object_get(json_object_get(message, "data"), "reason"));

	if (!event || strcmp(event, "SHUTDOWN") != 0)
		return;
	q->shutdown = true;
	q->reset = reason && !strcmp(reason, "guest-reset");
}

void qmp_listen(struct qmp *q)
{
	json_t *message;

	while (take(q, 0))
		;
	while ((message = next(q))) {
		note_event(q, message);
		json_decref(message);
	}
}

/* The answer to the last command. */
static json_t *answer(struct qmp *q)
{
	json_t *message, *value;

	for (;;) {
		bool ours;

		while (!(message = next(q))) {
			if (take(q, PATIENCE_MS))
				continue;
			q->failed = true;
			return NULL;
		}
		note_event(q, message);
		ours = json_integer_value(json_object_get(message, "id")) == q->id;
		value = ours ? json_incref(json_object_get(message, "return")) : NULL;
		json_decref(message);
		if (ours)
			return value;
	}
}

static bool request(struct qmp *q, const char *command, json_t *arguments)
{
	json_t *o = json_pack("{sssI}", "execute", command, "id", (json_int_t)++q->id);
	char *text;
	bool sent;

	if (arguments)
		json_object_set_new(o, "arguments", arguments);
	text = json_dumps(o, JSON_COMPACT);
	json_decref(o);
	sent = text && send(q->fd, text, strlen(text), MSG_NOSIGNAL) == (ssize_t)strlen(text);
	free(text);
	q->failed = q->failed || !sent;
	return sent;
}

/* QEMU sends events only after this command. */
void qmp_open(struct qmp *q, int fd)
{
	*q = (struct qmp){ .fd = fd };
	if (fd >= 0)
		request(q, "qmp_capabilities", NULL);
}

json_t *qmp_execute(struct qmp *q, const char *command, json_t *arguments)
{
	return request(q, command, arguments) ? answer(q) : NULL;
}

char *qmp_ask(struct qmp *q, const char *line, unsigned cpu)
{
	json_t *value =
		qmp_execute(q, "human-monitor-command",
			    json_pack("{sssi}", "command-line", line, "cpu-index", (int)cpu));
	char *text = json_is_string(value) ? strdup(json_string_value(value)) : NULL;

	json_decref(value);
	return text;
}
