/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* qtest.c - the host: memory, the conversation with QEMU, and the functions that the core needs. */
#include "qtest.h"
#include "qtest_process.h"
#include "waiting.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <qinval/regs.h>

#define PAGE 4096
#define FIRST_MEMORY (1ULL << 20)

/*
 * Answers that may be under way. Each takes about a kilobyte of QEMU's socket buffer, and if that is
 * full QEMU waits for us while we may be waiting for it.
 */
#define WINDOW 64

/* Far more than any answer takes, on whatever machine. */
#define PATIENCE_S 30

/* QEMU takes this many times as long to act on a doorbell as waiting_pauses() spin. */
#define ROUND_TRIP 10

#define LINE_SIZE 4096
#define FAILURE_SIZE 512

/* What a read waits for. */
struct answer {
	uint64_t value;
	uint32_t done; /* atomic */
};

struct qtest_host {
	struct qtest_config cfg;
	pthread_mutex_t queue_lock; /* the core's */
	unsigned pauses;	    /* waiting_pauses() */

	struct qtest_process process;
	int socket;
	char *ram;
	uint64_t used; /* of it, from its start; atomic */
	struct qi_mem ring, status;
	struct qi_slot *slot;
	uint64_t cap, ecap;

	/* Taken in this order. `sent` is under the first, the rest under the second. */
	pthread_mutex_t send_lock, receive_lock;
	uint64_t sent;			/* commands */
	uint64_t received;		/* answers; atomic */
	struct answer *waiting[WINDOW]; /* by the command's number; NULL: a write */
	char text[LINE_SIZE];		/* of the answer that has begun */
	size_t length;
	uint64_t tail; /* of the last doorbell; under send_lock */
	uint64_t
		rung; /* bytes of the ring that doorbells have passed over; stored under send_lock */

	uint32_t failed; /* atomic: `failure` is complete */
	pthread_mutex_t failure_lock;
	char failure[FAILURE_SIZE];

	struct qtest_counts counts; /* atomic */
};

/* ---- failure ---- */

/* The first one counts: the others follow from it. */
static void fail(struct qtest_host *h, const char *format, ...)
{
	va_list args;

	pthread_mutex_lock(&h->failure_lock);
	if (!h->failed) {
		va_start(args, format);
		vsnprintf(h->failure, sizeof(h->failure), format, args);
		va_end(args);
		__atomic_store_n(&h->failed, 1, __ATOMIC_RELEASE);
	}
	pthread_mutex_unlock(&h->failure_lock);
}

static bool has_failed(struct qtest_host *h)
{
	return __atomic_load_n(&h->failed, __ATOMIC_ACQUIRE);
}

/* The connection is lost: why? */
static void fail_by_end(struct qtest_host *h)
{
	pthread_mutex_lock(&h->failure_lock);
	if (!h->failed) {
		qtest_process_end(&h->process, h->failure, sizeof(h->failure));
		__atomic_store_n(&h->failed, 1, __ATOMIC_RELEASE);
	}
	pthread_mutex_unlock(&h->failure_lock);
}

static void fail_by_errno(struct qtest_host *h)
{
	if (errno == EAGAIN || errno == EWOULDBLOCK)
		fail(h, "QEMU has not answered for %u seconds", PATIENCE_S);
	else
		fail_by_end(h);
}

const char *qtest_failure(struct qtest_host *h)
{
	bool ended;

	pthread_mutex_lock(&h->failure_lock);
	ended = !h->failed && qtest_process_ended(&h->process);
	pthread_mutex_unlock(&h->failure_lock);
	if (ended)
		fail_by_end(h);
	return has_failed(h) ? h->failure : NULL;
}

/* ---- the conversation ---- */

/* One line, without its end. "IRQ ..." is news, everything else is the next command's answer. */
static void take_line(struct qtest_host *h, char *line)
{
	struct answer *a = h->waiting[h->received % WINDOW];
	char *end = line + 2;
	uint64_t value = 0;

	if (!strncmp(line, "IRQ ", 4))
		return;
	if (!strncmp(line, "OK ", 3))
		value = strtoull(line + 3, &end, 0);
	if (strncmp(line, "OK", 2) || *end || (a && end < line + 4)) {
		fail(h, "QEMU's answer is not one of the qtest protocol: \"%.200s\"", line);
		return;
	}
	if (a) {
		a->value = value;
		__atomic_store_n(&a->done, 1, __ATOMIC_RELEASE);
	}
	__atomic_store_n(&h->received, h->received + 1, __ATOMIC_RELEASE);
}

/* Wait for some answers, under receive_lock. */
static void receive(struct qtest_host *h)
{
	char *line = h->text, *end;
	ssize_t n;

	do
		n = recv(h->socket, h->text + h->length, sizeof(h->text) - h->length, 0);
	while (n < 0 && errno == EINTR);
	if (n <= 0) {
		if (!n)
			fail_by_end(h);
		else
			fail_by_errno(h);
		return;
	}
	h->length += n;
	while (!has_failed(h) && (end = memchr(line, '\n', h->text + h->length - line))) {
		*end = '\0';
		take_line(h, line);
		line = end + 1;
	}
	h->length -= line - h->text;
	memmove(h->text, line, h->length);
	if (h->length == sizeof(h->text))
		fail(h, "QEMU's answer does not end: \"%.20s...\"", h->text);
}

/* Under send_lock. @a: NULL for a write. */
static void send_command(struct qtest_host *h, const char *text, size_t length, struct answer *a)
{
	ssize_t n = 0;

	if (h->sent - __atomic_load_n(&h->received, __ATOMIC_ACQUIRE) >= WINDOW) {
		pthread_mutex_lock(&h->receive_lock);
		while (!has_failed(h) && h->sent - h->received >= WINDOW)
			receive(h);
		pthread_mutex_unlock(&h->receive_lock);
	}
	if (has_failed(h))
		return;
	/* Nobody looks at this entry before the answer has come. */
	h->waiting[h->sent++ % WINDOW] = a;
	for (size_t done = 0; done < length; done += n) {
		n = send(h->socket, text + done, length - done, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			n = 0;
		if (n < 0) {
			fail_by_errno(h);
			return;
		}
	}
}

static void await(struct qtest_host *h, struct answer *a)
{
	while (!__atomic_load_n(&a->done, __ATOMIC_ACQUIRE) && !has_failed(h)) {
		pthread_mutex_lock(&h->receive_lock);
		if (!__atomic_load_n(&a->done, __ATOMIC_ACQUIRE) && !has_failed(h))
			receive(h);
		pthread_mutex_unlock(&h->receive_lock);
	}
}

static char size_letter(unsigned bytes)
{
	return bytes == 1 ? 'b' : bytes == 2 ? 'w' : bytes == 4 ? 'l' : 'q';
}

static void ask(struct qtest_host *h, const char *verb, unsigned bytes, uint64_t addr,
		struct answer *a)
{
	char text[80];
	int n = snprintf(text, sizeof(text), "%s%c 0x%" PRIx64 "\n", verb, size_letter(bytes),
			 addr);

	*a = (struct answer){ ~0ULL >> (64 - 8 * bytes), 0 };
	send_command(h, text, n, a);
}

static uint64_t ask_alone(struct qtest_host *h, const char *verb, unsigned bytes, uint64_t addr)
{
	struct answer a;

	pthread_mutex_lock(&h->send_lock);
	ask(h, verb, bytes, addr, &a);
	pthread_mutex_unlock(&h->send_lock);
	await(h, &a);
	return a.value;
}

static void tell(struct qtest_host *h, const char *verb, unsigned bytes, uint64_t addr,
		 uint64_t value)
{
	char text[80];
	int n = snprintf(text, sizeof(text), "%s%c 0x%" PRIx64 " 0x%" PRIx64 "\n", verb,
			 size_letter(bytes), addr, value);

	send_command(h, text, n, NULL);
}

uint64_t qtest_load(struct qtest_host *h, uint64_t addr, unsigned bytes)
{
	return ask_alone(h, "read", bytes, addr);
}

void qtest_store(struct qtest_host *h, uint64_t addr, uint64_t value, unsigned bytes)
{
	pthread_mutex_lock(&h->send_lock);
	tell(h, "write", bytes, addr, value);
	pthread_mutex_unlock(&h->send_lock);
}

uint32_t qtest_port_in(struct qtest_host *h, uint16_t port, unsigned bytes)
{
	return ask_alone(h, "in", bytes, port);
}

void qtest_port_out(struct qtest_host *h, uint16_t port, uint32_t value, unsigned bytes)
{
	pthread_mutex_lock(&h->send_lock);
	tell(h, "out", bytes, port, value);
	pthread_mutex_unlock(&h->send_lock);
}

/* ---- the unit's registers ---- */

static void count(uint64_t *counter)
{
	__atomic_fetch_add(counter, 1, __ATOMIC_RELAXED);
}

static uint64_t read_register(struct qtest_host *h, unsigned reg, unsigned bytes)
{
	count(&h->counts.reads);
	return qtest_load(h, QTEST_UNIT + reg, bytes);
}

static void set_tail(struct qtest_host *h, uint64_t tail, uint64_t rung)
{
	h->tail = tail;
	__atomic_store_n(&h->rung, rung, __ATOMIC_RELAXED);
}

/* How far the ring's offset @to is in front of @from. */
static uint64_t distance(const struct qtest_host *h, uint64_t from, uint64_t to)
{
	return (to - from) & (QI_RING_BYTES(h->cfg.slots, h->cfg.width) - 1);
}

static void ring_doorbell(struct qtest_host *h, uint64_t tail)
{
	count(&h->counts.doorbells);
	if (h->cfg.doorbell)
		h->cfg.doorbell(h->cfg.ctx, h->tail, tail);
	set_tail(h, tail, h->rung + distance(h, h->tail, tail));
}

/* The memory that QEMU is to look at is shared, and send() is a barrier. */
static void write_register(struct qtest_host *h, unsigned reg, uint64_t value, unsigned bytes)
{
	count(&h->counts.writes);
	pthread_mutex_lock(&h->send_lock);
	if (reg == DMAR_IQT_REG)
		ring_doorbell(h, value);
	if (reg == DMAR_IQA_REG)
		set_tail(h, 0, 0);
	tell(h, "write", bytes, QTEST_UNIT + reg, value);
	pthread_mutex_unlock(&h->send_lock);
}

uint32_t qtest_read32(struct qtest_host *h, unsigned reg)
{
	return read_register(h, reg, 4);
}

uint64_t qtest_read64(struct qtest_host *h, unsigned reg)
{
	return read_register(h, reg, 8);
}

void qtest_write32(struct qtest_host *h, unsigned reg, uint32_t value)
{
	write_register(h, reg, value, 4);
}

void qtest_write64(struct qtest_host *h, unsigned reg, uint64_t value)
{
	write_register(h, reg, value, 8);
}

void qtest_settle(struct qtest_host *h)
{
	qtest_load(h, QTEST_UNIT + DMAR_VER_REG, 4);
}

struct qtest_counts qtest_counts(struct qtest_host *h)
{
	struct qtest_counts c = {
		.reads = __atomic_load_n(&h->counts.reads, __ATOMIC_RELAXED),
		.writes = __atomic_load_n(&h->counts.writes, __ATOMIC_RELAXED),
		.doorbells = __atomic_load_n(&h->counts.doorbells, __ATOMIC_RELAXED),
	};

	return c;
}

/* All doorbells that were sent before the question take effect before it is answered. */
uint64_t qtest_fetched(struct qtest_host *h)
{
	uint64_t tail, rung;
	struct answer head;

	pthread_mutex_lock(&h->send_lock);
	tail = h->tail;
	rung = h->rung;
	ask(h, "read", 8, QTEST_UNIT + DMAR_IQH_REG, &head);
	pthread_mutex_unlock(&h->send_lock);
	await(h, &head);
	return has_failed(h) ? 0 : (rung - distance(h, head.value, tail)) / (h->cfg.width / 8);
}

uint64_t qtest_rung(struct qtest_host *h)
{
	return __atomic_load_n(&h->rung, __ATOMIC_RELAXED) / (h->cfg.width / 8);
}

/* ---- what the core needs ---- */

static uint32_t host_read32(void *ctx, unsigned reg)
{
	return qtest_read32(ctx, reg);
}

static uint64_t host_read64(void *ctx, unsigned reg)
{
	return qtest_read64(ctx, reg);
}

static void host_write32(void *ctx, unsigned reg, uint32_t value)
{
	qtest_write32(ctx, reg, value);
}

static void host_write64(void *ctx, unsigned reg, uint64_t value)
{
	qtest_write64(ctx, reg, value);
	waiting_restart();
}

static unsigned long host_lock(void *ctx)
{
	struct qtest_host *h = ctx;

	pthread_mutex_lock(&h->queue_lock);
	/* See hosts/threads.c. */
	waiting_resume(h->pauses);
	return 0;
}

static void host_unlock(void *ctx, unsigned long flags)
{
	struct qtest_host *h = ctx;

	(void)flags;
	pthread_mutex_unlock(&h->queue_lock);
}

static void host_relax(void *ctx)
{
	struct qtest_host *h = ctx;

	waiting_turn(h->pauses);
}

static uint64_t host_now(void *ctx)
{
	(void)ctx;
	return waiting_now();
}

/* Memory is coherent between processes, even for a unit that says it does not snoop (ECAP.C = 0). */
static void host_flush(void *ctx, const void *addr, size_t bytes)
{
	(void)ctx;
	(void)addr;
	(void)bytes;
}

/* QEMU's interrupts reach its CPU, not us, so nobody sleeps. */
static const struct qi_host host_ops = {
	.read32 = host_read32,
	.read64 = host_read64,
	.write32 = host_write32,
	.write64 = host_write64,
	.lock = host_lock,
	.unlock = host_unlock,
	.relax = host_relax,
	.now = host_now,
	.flush = host_flush,
};

void qtest_configure(struct qtest_host *h, struct qi_config *cfg)
{
	cfg->host = &host_ops;
	cfg->ctx = h;
	cfg->slots = h->cfg.slots;
	cfg->width = h->cfg.width;
	cfg->ring = h->ring;
	cfg->status = h->status;
	cfg->slot = h->slot;
	cfg->cap = h->cap;
	cfg->ecap = h->ecap;
	/* QEMU 7.2 does not survive a wait that asks for a status write and an interrupt. */
	cfg->interrupt.enable = false;
}

/* ---- memory ---- */

void *qtest_reach(struct qtest_host *h, uint64_t addr, size_t len)
{
	bool there =
		addr >= FIRST_MEMORY && addr < QTEST_RAM_BYTES && QTEST_RAM_BYTES - addr >= len;

	return there ? h->ram + addr : NULL;
}

struct qi_mem qtest_memory(struct qtest_host *h, size_t size)
{
	/* A page stays free in between, so that running over the end is noticed. */
	uint64_t pages = (size + 2 * PAGE - 1) / PAGE * PAGE;
	struct qi_mem m = { NULL, 0, size };

	if (size && size < QTEST_RAM_BYTES)
		m.phys = __atomic_fetch_add(&h->used, pages, __ATOMIC_RELAXED);
	m.virt = qtest_reach(h, m.phys, size);
	return m;
}

/* ---- set-up ---- */

static void tear_down(struct qtest_host *h)
{
	qtest_process_kill(&h->process);
	if (h->socket >= 0)
		close(h->socket);
	if (h->ram)
		munmap(h->ram, QTEST_RAM_BYTES);
	free(h->slot);
	pthread_mutex_destroy(&h->queue_lock);
	pthread_mutex_destroy(&h->send_lock);
	pthread_mutex_destroy(&h->receive_lock);
	pthread_mutex_destroy(&h->failure_lock);
	free(h);
}

static struct qtest_host *create(const struct qtest_config *cfg)
{
	struct qtest_host *h = calloc(1, sizeof(*h));
	pthread_mutexattr_t attr;

	if (!h)
		return NULL;
	h->cfg = *cfg;
	h->pauses = waiting_pauses() * ROUND_TRIP;
	h->socket = -1;
	h->used = FIRST_MEMORY;
	qtest_process_init(&h->process);
	pthread_mutexattr_init(&attr);
	pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_ADAPTIVE_NP);
	pthread_mutex_init(&h->queue_lock, &attr);
	pthread_mutex_init(&h->send_lock, &attr);
	pthread_mutexattr_destroy(&attr);
	pthread_mutex_init(&h->receive_lock, NULL);
	pthread_mutex_init(&h->failure_lock, NULL);
	return h;
}

static bool connect_to(struct qtest_host *h, char *error, size_t size)
{
	const struct timeval patience = { PATIENCE_S, 0 };

	if (!qtest_process_start(&h->process, &h->cfg, &h->socket, &h->ram, error, size))
		return false;
	setsockopt(h->socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(h->socket, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	h->cap = qtest_load(h, QTEST_UNIT + DMAR_CAP_REG, 8);
	h->ecap = qtest_load(h, QTEST_UNIT + DMAR_ECAP_REG, 8);
	if (has_failed(h)) {
		snprintf(error, size, "%s", h->failure);
		return false;
	}
	if (!(h->ecap & VTD_ECAP_QI)) {
		snprintf(error, size,
			 "no unit with queued invalidation at 0x%llx: ECAP is 0x%" PRIx64,
			 QTEST_UNIT, h->ecap);
		return false;
	}
	return true;
}

static bool make_queue(struct qtest_host *h, char *error, size_t size)
{
	if (!h->cfg.slots && !h->cfg.width)
		return true;
	h->ring = qtest_memory(h, QI_RING_BYTES(h->cfg.slots, h->cfg.width));
	h->status = qtest_memory(h, QI_STATUS_BYTES(h->cfg.slots));
	h->slot = calloc(h->cfg.slots, sizeof(*h->slot));
	if (h->ring.virt && h->status.virt && h->slot)
		return true;
	snprintf(error, size, "no room for a queue of %u slots of %u bits", h->cfg.slots,
		 h->cfg.width);
	return false;
}

struct qtest_host *qtest_start(const struct qtest_config *cfg, char *error, size_t size)
{
	struct qtest_host *h = create(cfg);

	if (!h) {
		snprintf(error, size, "out of memory");
		return NULL;
	}
	if (connect_to(h, error, size) && make_queue(h, error, size))
		return h;
	tear_down(h);
	return NULL;
}

void qtest_stop(struct qtest_host *h)
{
	tear_down(h);
}
