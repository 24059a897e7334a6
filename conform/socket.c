/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "socket.h"

#include <errno.h>
#include <inttypes.h>
#include <netdb.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define VERSION 1

#define PIECE 2048U /* bytes of memory per line */
#define LINE (2 * PIECE + 200)
#define NAME 60
#define MESSAGES 64U
#define FAILURE 400

struct model {
	struct conform_device dev;
	int socket;
	double patience;
	char name[NAME], failure[FAILURE];
	char asked[100]; /* the beginning of the present question, for messages */
	char input[LINE];
	size_t have; /* bytes in the buffer */
};

/* ---- Failures ---- */

/* Only the first failure is kept, as the others follow from it. Returns NULL. */
__attribute__((format(printf, 2, 3))) static char *fail(struct model *m, const char *format, ...)
{
	va_list ap;

	if (*m->failure)
		return NULL;
	va_start(ap, format);
	vsnprintf(m->failure, sizeof(m->failure), format, ap);
	va_end(ap);
	return NULL;
}

/* The model gave a malformed answer. */
static char *fail_answer(struct model *m, const char *answer, const char *wanted)
{
	return fail(m, "the model answers \"%.100s\" to \"%s\", where %s is expected", answer,
		    m->asked, wanted);
}

/* ---- Lines ---- */

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* False: nothing can be read or written until then. */
static bool ready(struct model *m, short what, double until)
{
	struct pollfd p = { .fd = m->socket, .events = what };
	double left;
	int n;

	do {
		left = until - now();
		n = left > 0 ? poll(&p, 1, (int)(left * 1000) + 1) : 0;
	} while (n < 0 && errno == EINTR);
	return n > 0;
}

static bool send_all(struct model *m, const char *text, size_t len)
{
	double until = now() + m->patience;
	ssize_t n;

	for (; len; text += n, len -= (size_t)n) {
		if (!ready(m, POLLOUT, until))
			return fail(m, "the model takes no question: nothing was read for %g s",
				    m->patience);
		n = send(m->socket, text, len, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return fail(m, "the model has gone: %s", strerror(errno));
		if (n < 0)
			n = 0;
	}
	return true;
}

/* The next line, without its newline, valid until the next question. NULL: failed. */
static char *receive(struct model *m)
{
	double until = now() + m->patience;
	char *end;
	ssize_t n;

	m->have = 0;
	while (!(end = memchr(m->input, '\n', m->have))) {
		if (m->have == sizeof(m->input))
			return fail(m, "the model's answer to \"%s\" is longer than any can be",
				    m->asked);
		if (!ready(m, POLLIN, until))
			return fail(m, "the model has not answered \"%s\" within %g s", m->asked,
				    m->patience);
		n = recv(m->socket, m->input + m->have, sizeof(m->input) - m->have, 0);
		if (n <= 0)
			return fail(m, "the model has gone at \"%s\"%s%s", m->asked, n ? ": " : "",
				    n ? strerror(errno) : "");
		m->have += (size_t)n;
	}
	if (end + 1 != m->input + m->have)
		return fail(m, "the model answers \"%s\" with more than one line", m->asked);
	*end = 0;
	if (end > m->input && end[-1] == '\r')
		end[-1] = 0;
	return m->input;
}

/* Ask a question. Returns what follows "ok"; NULL: failed. */
__attribute__((format(printf, 2, 3))) static char *ask(struct model *m, const char *format, ...)
{
	char line[LINE], *answer;
	va_list ap;
	int len;

	if (*m->failure)
		return NULL;
	va_start(ap, format);
	len = vsnprintf(line, sizeof(line) - 1, format, ap);
	va_end(ap);
	snprintf(m->asked, sizeof(m->asked), "%.60s%s", line, len > 60 ? "..." : "");
	line[len] = '\n';
	if (!send_all(m, line, (size_t)len + 1))
		return NULL;
	answer = receive(m);
	if (!answer)
		return NULL;
	if (!strncmp(answer, "error ", 6))
		return fail(m, "the model says to \"%s\": %.200s", m->asked, answer + 6);
	if (strncmp(answer, "ok", 2) || (answer[2] && answer[2] != ' '))
		return fail_answer(m, answer, "ok or error");
	return answer[2] ? answer + 3 : answer + 2;
}

/* Parse a number at *at that is followed by a blank or the end. False: there is none. */
static bool number(char **at, uint64_t *n)
{
	char *end;

	errno = 0;
	*n = strtoull(*at, &end, 0);
	if (**at < '0' || **at > '9' || errno || (*end && *end != ' '))
		return false;
	*at = *end ? end + 1 : end;
	return true;
}

/* ---- The functions of the device ---- */

static bool model_reset(void *ctx)
{
	struct model *m = ctx;
	const char *answer = ask(m, "reset");

	return answer && (!*answer || fail_answer(m, answer, "ok alone"));
}

static uint64_t model_read(void *ctx, unsigned reg, unsigned size)
{
	uint64_t ones = size == 8 ? UINT64_MAX : UINT32_MAX, value;
	struct model *m = ctx;
	char *answer = ask(m, "read 0x%x %u", reg, size), *at = answer;

	if (!answer)
		return ones;
	if (number(&at, &value) && !*at && value <= ones)
		return value;
	fail_answer(m, answer,
		    size == 8 ? "ok and a number of 64 bits" : "ok and a number of 32 bits");
	return ones;
}

static void done(struct model *m, const char *answer)
{
	if (answer && *answer)
		fail_answer(m, answer, "ok alone");
}

static void model_write(void *ctx, unsigned reg, uint64_t value, unsigned size)
{
	struct model *m = ctx;

	done(m, ask(m, "write 0x%x %u 0x%" PRIx64, reg, size, value));
}

static void model_store(void *ctx, uint64_t addr, const void *from, size_t len)
{
	const unsigned char *bytes = from;
	struct model *m = ctx;
	char hex[2 * PIECE + 1];
	size_t n;

	for (; len && !*m->failure; addr += n, bytes += n, len -= n) {
		n = len < PIECE ? len : PIECE;
		for (size_t i = 0; i < n; i++)
			snprintf(hex + 2 * i, 3, "%02x", bytes[i]);
		done(m, ask(m, "store 0x%" PRIx64 " %s", addr, hex));
	}
}

static int digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c ? strchr(digits, c >= 'A' && c <= 'F' ? c - 'A' + 'a' : c) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* False: these are not so many bytes. */
static bool parse_bytes(const char *hex, unsigned char *to, size_t len)
{
	if (strlen(hex) != 2 * len)
		return false;
	for (size_t i = 0; i < len; i++) {
		int high = digit(hex[2 * i]), low = digit(hex[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		to[i] = (unsigned char)(16 * high + low);
	}
	return true;
}

static void model_load(void *ctx, uint64_t addr, void *to, size_t len)
{
	unsigned char *bytes = to;
	struct model *m = ctx;
	char wanted[60];
	size_t n;

	memset(to, 0, len);
	for (; len && !*m->failure; addr += n, bytes += n, len -= n) {
		const char *answer;

		n = len < PIECE ? len : PIECE;
		answer = ask(m, "load 0x%" PRIx64 " %zu", addr, n);
		snprintf(wanted, sizeof(wanted), "ok and %zu hexadecimal digits", 2 * n);
		if (answer && !parse_bytes(answer, bytes, n))
			fail_answer(m, answer, wanted);
	}
}

static void model_settle(void *ctx)
{
	struct model *m = ctx;

	done(m, ask(m, "settle"));
}

/* "2 0xfee00000 0x31 0xfee00000 0x32" */
static unsigned model_messages(void *ctx, struct conform_message *to, unsigned room)
{
	struct model *m = ctx;
	char *answer = ask(m, "messages"), *at = answer, said[101];
	uint64_t n, addr, data;

	if (!answer)
		return 0;
	snprintf(said, sizeof(said), "%s", answer);
	if (number(&at, &n) && n <= MESSAGES) {
		uint64_t i = 0;

		while (i < n && number(&at, &addr) && number(&at, &data) && data <= UINT32_MAX) {
			if (i < room)
				to[i] = (struct conform_message){ addr, (uint32_t)data };
			i++;
		}
		if (i == n && !*at)
			return (unsigned)n;
	}
	fail_answer(m, said, "ok, how many (64 at most), and so many pairs of address and data");
	return 0;
}

/* True for 1, false for 0. */
static bool yes(struct model *m, const char *answer)
{
	if (!answer || !strcmp(answer, "0") || !strcmp(answer, "1"))
		return answer && *answer == '1';
	return fail_answer(m, answer, "ok 0 or ok 1");
}

static const char *ask_entry(struct model *m, const char *what, const struct conform_entry *e)
{
	static const char *const kind[CONFORM_CACHES] = { "context", "pasid", "iotlb", "iec",
							  "devtlb" };

	return ask(m, "%s %s %u 0x%x 0x%" PRIx32 " 0x%" PRIx64, what, kind[e->kind], e->did, e->sid,
		   e->pasid, e->addr);
}

static bool model_touch(void *ctx, const struct conform_entry *e)
{
	struct model *m = ctx;

	return yes(m, ask_entry(m, "touch", e));
}

static bool model_cached(void *ctx, const struct conform_entry *e)
{
	struct model *m = ctx;

	return yes(m, ask_entry(m, "cached", e));
}

static bool model_answer(void *ctx, uint16_t sid, enum conform_answer how)
{
	static const char *const word[] = { "well", "silent", "wrong" };
	struct model *m = ctx;

	return yes(m, ask(m, "answer 0x%x %s", sid, word[how]));
}

/* ---- Beginning and end ---- */

static bool connect_unix(struct model *m, const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };

	if (strlen(path) >= sizeof(a.sun_path))
		return fail(m, "%s: longer than the name of a socket can be", path);
	snprintf(a.sun_path, sizeof(a.sun_path), "%s", path);
	m->socket = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (connect(m->socket, (const struct sockaddr *)&a, sizeof(a)))
		return fail(m, "%s: %s; is the model listening?", path, strerror(errno));
	return true;
}

static bool connect_tcp(struct model *m, const char *address)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	const char *colon = strrchr(address, ':');
	char host[256] = "";
	struct addrinfo *list = NULL;
	int wrong;

	if (!colon || !colon[1] || colon == address || (size_t)(colon - address) >= sizeof(host))
		return fail(m, "tcp:%s: expected tcp:HOST:PORT", address);
	snprintf(host, sizeof(host), "%.*s", (int)(colon - address), address);
	wrong = getaddrinfo(host, colon + 1, &hints, &list);
	if (wrong)
		return fail(m, "%s: %s", address, gai_strerror(wrong));
	for (const struct addrinfo *a = list; a; a = a->ai_next) {
		m->socket = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC, a->ai_protocol);
		if (m->socket < 0 || !connect(m->socket, a->ai_addr, a->ai_addrlen))
			break;
		wrong = errno;
		close(m->socket);
		m->socket = -1;
	}
	freeaddrinfo(list);
	if (m->socket < 0)
		return fail(m, "%s: %s; is the model listening?", address, strerror(wrong));
	return true;
}

/* "1 NAME MEMORY NOWHERE messages,caches,answers": fields at the end may be missing. */
static bool introduce(struct model *m)
{
	char *answer = ask(m, "qinval-conform %d", VERSION), *save = NULL, *word;
	char said[101];
	uint64_t version;

	if (!answer)
		return false;
	snprintf(said, sizeof(said), "%s", answer);
	if (!number(&answer, &version) || version != VERSION)
		return fail_answer(m, said, "ok and 1, the protocol's version");
	word = strtok_r(answer, " ", &save);
	snprintf(m->name, sizeof(m->name), "%s", word ? word : "");
	answer = save;
	if (!word || !number(&answer, &m->dev.memory) || !number(&answer, &m->dev.nowhere))
		return fail_answer(m, said, "ok 1 NAME MEMORY NOWHERE and what it can");
	for (word = strtok_r(answer, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
		if (!strcmp(word, "messages")) {
			m->dev.messages = model_messages;
		} else if (!strcmp(word, "caches")) {
			m->dev.touch = model_touch;
			m->dev.cached = model_cached;
		} else if (!strcmp(word, "answers")) {
			m->dev.answer = model_answer;
		} else {
			return fail_answer(m, said, "of messages, caches and answers what it can");
		}
	}
	return true;
}

const struct conform_device *conform_socket_start(const char *address, double patience, char *error,
						  size_t size)
{
	struct model *m = calloc(1, sizeof(*m));
	bool ok;

	if (!m) {
		snprintf(error, size, "out of memory");
		return NULL;
	}
	m->socket = -1;
	m->patience = patience;
	m->dev = (struct conform_device){
		.name = m->name,
		.ctx = m,
		.reset = model_reset,
		.read = model_read,
		.write = model_write,
		.store = model_store,
		.load = model_load,
		.settle = model_settle,
	};
	ok = strncmp(address, "unix:", 5) ? connect_tcp(m, address + strlen("tcp:"))
					  : connect_unix(m, address + strlen("unix:"));
	if (ok && introduce(m))
		return &m->dev;
	snprintf(error, size, "%s", m->failure);
	conform_socket_stop(&m->dev);
	return NULL;
}

void conform_socket_stop(const struct conform_device *dev)
{
	struct model *m = dev->ctx;

	if (m->socket >= 0)
		close(m->socket);
	free(m);
}

const char *conform_socket_failure(const struct conform_device *dev)
{
	struct model *m = dev->ctx;

	return *m->failure ? m->failure : NULL;
}
