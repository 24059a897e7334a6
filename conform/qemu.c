/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * qemu.c - a QEMU as the device. It is reset as a PC is, and started again if it has ended.
 * Interrupts are read from its trace.
 */
#include "qemu.h"
#include "qemu_caches.h"
#include "qemu_dma.h"

#include <fcntl.h>
#include <qinval/regs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define FAILURE_SIZE 512

/* Above the guest's memory, and below the chip set's devices. */
#define NOWHERE 0x40000000ULL

struct qemu {
	struct conform_device dev;
	const char *properties;
	struct qtest_host *host;
	int log;	/* QEMU's trace */
	off_t log_seen; /* how much of it has been read */
	unsigned char *memory;
	unsigned ends;
	char how[FAILURE_SIZE];

	/*
	 * devices are initialised since the last reset; that takes a while, so it is done on
	 * demand:
	 */
	bool devices;
	struct qemu_dma dma;
	struct conform_message sent; /* by edu, since the last messages(); addr 0: none */

	struct qemu_caches caches;
};

/* ---- Start, reset, end ---- */

static bool start(struct qemu *q, char *error, size_t size)
{
	char log[40];
	const char *const arguments[] = {
		"-device",
		"e1000,romfile=,addr=2.0,multifunction=on",
		"-device",
		"e1000,romfile=,addr=2.1,multifunction=on",
		"-device",
		"e1000,romfile=,addr=2.2,multifunction=on",
		"-device",
		"e1000,romfile=,addr=2.4,multifunction=on",
		"-device",
		"e1000,romfile=,addr=3.0",
		QEMU_DMA_ARGUMENTS,
		"-trace",
		"vtd_irq_generate",
		"-trace",
		"vtd_ir_remap_msi",
		"-D",
		log,
		NULL,
	};
	const struct qtest_config cfg = { .properties = q->properties, .arguments = arguments };
	struct qi_mem memory;

	/* QEMU inherits the file, and opens it by its number. */
	q->log = memfd_create("qinval-log", 0);
	q->log_seen = 0;
	snprintf(log, sizeof(log), "/proc/self/fd/%d", q->log);
	q->host = qtest_start(&cfg, error, size);
	if (!q->host)
		return false;
	fcntl(q->log, F_SETFD, FD_CLOEXEC);
	memory = qtest_memory(q->host, CONFORM_MEMORY);
	q->memory = memory.virt;
	q->dev.memory = memory.phys;
	q->devices = false;
	qemu_caches_init(&q->caches, q->host);
	return true;
}

static void stop(struct qemu *q)
{
	if (q->host)
		qtest_stop(q->host);
	if (q->log >= 0)
		close(q->log);
	q->host = NULL;
	q->log = -1;
}

/* Note it if QEMU has ended by itself. */
static void note_end(struct qemu *q)
{
	const char *how = q->host ? qtest_failure(q->host) : NULL;

	if (!how)
		return;
	q->ends++;
	snprintf(q->how, sizeof(q->how), "%s", how);
	stop(q);
}

static bool restart(struct qemu *q)
{
	char error[FAILURE_SIZE];

	stop(q);
	if (start(q, error, sizeof(error)))
		return true;
	fprintf(stderr, "qinval: %s\n", error);
	return false;
}

/* The chip set's reset register. QEMU resets some time later, so wait for its trace. */
#define RESET_PORT 0xcf9
#define RESET_SYSTEM 6
#define MARK 0x51e70000
#define RESET_LOOKS 10000000 /* each takes some 20 us */

static bool reset_system(struct qemu *q)
{
	qtest_write32(q->host, DMAR_FEUADDR_REG, MARK);
	qtest_port_out(q->host, RESET_PORT, RESET_SYSTEM, 1);
	for (unsigned i = 0; i < RESET_LOOKS; i++)
		if (qtest_read32(q->host, DMAR_FEUADDR_REG) != MARK)
			return !qtest_failure(q->host);
	return false;
}

static bool qemu_reset(void *ctx)
{
	struct qemu *q = ctx;

	q->devices = false;
	qemu_caches_reset(&q->caches);
	q->sent.addr = 0;
	if (q->host && !qtest_failure(q->host) && reset_system(q)) {
		q->log_seen = lseek(q->log, 0, SEEK_END);
		return true;
	}
	note_end(q);
	return restart(q);
}

/* ---- Registers and memory ---- */

static uint64_t qemu_read(void *ctx, unsigned reg, unsigned size)
{
	struct qemu *q = ctx;

	return size == 8 ? qtest_read64(q->host, reg) : qtest_read32(q->host, reg);
}

static void qemu_write(void *ctx, unsigned reg, uint64_t value, unsigned size)
{
	struct qemu *q = ctx;

	if (size == 8)
		qtest_write64(q->host, reg, value);
	else
		qtest_write32(q->host, reg, (uint32_t)value);
}

static void qemu_store(void *ctx, uint64_t addr, const void *from, size_t len)
{
	struct qemu *q = ctx;

	memcpy(q->memory + (addr - q->dev.memory), from, len);
}

static void qemu_load(void *ctx, uint64_t addr, void *to, size_t len)
{
	struct qemu *q = ctx;

	memcpy(to, q->memory + (addr - q->dev.memory), len);
}

static void qemu_settle(void *ctx)
{
	struct qemu *q = ctx;

	qtest_settle(q->host);
}

/* ---- Messages ---- */

/* Messages of the unit, or of the sender after remapping. QEMU itself sends others. */
static bool parse_message(const struct qemu *q, const char *line, struct conform_message *m)
{
	unsigned long long addr, data, from_addr, from_data;

	if (sscanf(line, "vtd_ir_remap_msi (addr %llx, data %llx) -> (addr %llx, data %llx)",
		   &from_addr, &from_data, &addr, &data) == 4) {
		if (!q->sent.addr || from_addr != q->sent.addr || from_data != q->sent.data)
			return false;
	} else if (sscanf(line, "vtd_irq_generate addr %llx data %llx", &addr, &data) != 2) {
		return false;
	}
	*m = (struct conform_message){ addr, (uint32_t)data };
	return true;
}

/* When a later command has been answered, QEMU's trace is complete up to that command. */
static unsigned qemu_messages(void *ctx, struct conform_message *to, unsigned room)
{
	struct qemu *q = ctx;
	struct conform_message m;
	char text[4096], *line, *end;
	unsigned n = 0;
	ssize_t len;

	qtest_settle(q->host);
	while ((len = pread(q->log, text, sizeof(text) - 1, q->log_seen)) > 0) {
		text[len] = '\0';
		for (line = text; (end = strchr(line, '\n')); line = end + 1) {
			if (!parse_message(q, line, &m))
				continue;
			if (n < room)
				to[n] = m;
			n++;
		}
		if (line == text)
			break;
		q->log_seen += line - text;
	}
	q->sent.addr = 0;
	return n;
}

/* ---- Caches ---- */

static bool qemu_touch(void *ctx, const struct conform_entry *e)
{
	struct qemu *q = ctx;

	return qemu_caches_touch(&q->caches, e);
}

static bool qemu_cached(void *ctx, const struct conform_entry *e)
{
	struct qemu *q = ctx;

	return qemu_caches_cached(&q->caches, e);
}

/* ---- Requests of devices ---- */

static struct qemu_dma *devices(struct qemu *q)
{
	if (!q->devices)
		qemu_dma_init(&q->dma, q->host, &q->dev);
	q->devices = true;
	return &q->dma;
}

static enum conform_arrival qemu_request(void *ctx, const struct conform_request *r, uint64_t *to)
{
	return qemu_dma(devices(ctx), r, to);
}

static bool qemu_send(void *ctx, uint16_t sid, uint64_t addr, uint32_t data)
{
	struct qemu *q = ctx;

	q->sent = (struct conform_message){ addr, data };
	return qemu_interrupt(devices(q), sid, addr, data);
}

/* ---- QEMU's version ---- */

/* Newest first. */
static const struct {
	unsigned major, minor;
	const char *profile;
} profiles[] = { { 10, 0, "qemu-10.0" }, { 7, 2, "qemu-7.2" } };

const char *conform_qemu_profile(char *said, size_t size)
{
	FILE *from = popen(QTEST_PROGRAM " --version 2>&1 </dev/null", "r");
	unsigned major = 0, minor = 0;
	const char *at;

	if (!from || !fgets(said, (int)size, from))
		snprintf(said, size, "nothing");
	if (from)
		pclose(from);
	said[strcspn(said, "\n")] = '\0';
	at = strstr(said, "version ");
	if (!at || sscanf(at, "version %u.%u", &major, &minor) != 2)
		return NULL;
	for (size_t i = 0; i < sizeof(profiles) / sizeof(profiles[0]); i++)
		if (major > profiles[i].major ||
		    (major == profiles[i].major && minor >= profiles[i].minor))
			return profiles[i].profile;
	return NULL;
}

/* ---- */

const struct conform_device *conform_qemu_start(const char *properties, char *error, size_t size)
{
	struct qemu *q = calloc(1, sizeof(*q));

	if (!q) {
		snprintf(error, size, "out of memory");
		return NULL;
	}
	q->log = -1;
	q->properties = properties;
	q->dev = (struct conform_device){
		.name = "qemu",
		.ctx = q,
		.reset = qemu_reset,
		.read = qemu_read,
		.write = qemu_write,
		.nowhere = NOWHERE,
		.store = qemu_store,
		.load = qemu_load,
		.settle = qemu_settle,
		.messages = qemu_messages,
		.touch = qemu_touch,
		.cached = qemu_cached,
		.dma = qemu_request,
		.interrupt = qemu_send,
	};
	if (start(q, error, size))
		return &q->dev;
	conform_qemu_stop(&q->dev);
	return NULL;
}

void conform_qemu_stop(const struct conform_device *dev)
{
	struct qemu *q = dev->ctx;

	stop(q);
	free(q);
}

unsigned conform_qemu_ends(const struct conform_device *dev, const char **how)
{
	struct qemu *q = dev->ctx;

	note_end(q);
	*how = q->how;
	return q->ends;
}
