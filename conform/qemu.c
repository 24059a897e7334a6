/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * qemu.c - a QEMU that is reset as a PC is, and started anew when it has ended. Interrupts are read
 * from its trace; what its unit has cached is seen by where network cards' DMA arrives.
 */
#include "qemu.h"
#include "qemu_dma.h"

#include <fcntl.h>
#include <hosts/qtest_dma.h>
#include <qinval/regs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define FAILURE_SIZE 512

/* Beyond the guest's memory, and below what the chip set has for devices. */
#define NOWHERE 0x40000000ULL

/* Functions 0, 1, 2 and 4 of device 2, which are in domain 1, and device 3, in domain 2. */
static const unsigned probe_number[] = { 0, 1, 2, 4, 8 };

#define PROBES (sizeof(probe_number) / sizeof(*probe_number))
#define DOMAIN_1 0 /* the probe that looks at its pages; so for domain 2 */
#define DOMAIN_2 4
#define DOMAINS 2

#define PAGES 16	    /* that are looked at, at most, of both domains */
#define FRESH 0x20000000ULL /* pages from here on have not been used before */

struct page {
	uint64_t iova;
	uint64_t *entry;
	void *before, *after; /* the frames that it leads to until, and after, something changes */
	uint64_t before_phys, after_phys;
};

struct qemu {
	struct conform_device dev;
	const char *properties;
	struct qtest_host *host;
	int log;	/* what QEMU traces */
	off_t log_seen; /* of it */
	unsigned char *memory;
	unsigned ends;
	char how[FAILURE_SIZE];

	bool devices; /* are set up, which takes a while, since the last reset: */
	struct qemu_dma dma;
	struct conform_message sent; /* by edu, since messages() was called last; addr 0: none */

	/* For looking at caches; set up when it is first wanted after a reset. */
	bool looking;
	struct qtest_tables tables;
	struct qtest_probe probe[PROBES];
	uint64_t space[DOMAINS], other_space; /* other_space: leads elsewhere */
	struct page page[DOMAINS][PAGES], fresh;
	unsigned pages[DOMAINS];
	uint64_t next_fresh;
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

	/* QEMU opens it by its number, which it inherits. */
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
	q->looking = q->devices = false;
	q->tables.host = NULL;
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

/* If QEMU has ended by itself. */
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

/* The chip set's reset register. The reset comes when QEMU gets round to it: look for its trace. */
#define RESET_PORT 0xcf9
#define RESET_SYSTEM 6
#define MARK 0x51e70000
#define RESET_LOOKS 10000000 /* of some 20 us */

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

	q->looking = q->devices = false;
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

/* The unit's own, or what remapping has made of the sender's; QEMU itself sends others. */
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

/* What QEMU has traced is in its log when the answer to a later command has come. */
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

/* ---- Caches: where does a device's DMA arrive? ---- */

static bool make_page(struct qemu *q, struct page *p)
{
	struct qi_mem before = qtest_memory(q->host, QTEST_PAGE);
	struct qi_mem after = qtest_memory(q->host, QTEST_PAGE);

	*p = (struct page){ .before = before.virt,
			    .after = after.virt,
			    .before_phys = before.phys,
			    .after_phys = after.phys };
	return before.virt && after.virt;
}

/* Once for each QEMU: room in its memory. */
static bool make_tables(struct qemu *q)
{
	if (q->tables.host)
		return true;
	if (!qtest_tables_init(&q->tables, q->host, false))
		return false;
	for (unsigned d = 0; d < DOMAINS; d++) {
		q->space[d] = qtest_space(&q->tables);
		for (unsigned i = 0; i < PAGES; i++)
			if (!make_page(q, &q->page[d][i]))
				return false;
	}
	q->other_space = qtest_space(&q->tables);
	return q->space[0] && q->space[1] && q->other_space && make_page(q, &q->fresh);
}

static unsigned domain_of_probe(unsigned i)
{
	return i == DOMAIN_2;
}

static bool attach(struct qemu *q, unsigned i, uint64_t space)
{
	return qtest_attach(&q->tables, q->probe[i].sid, domain_of_probe(i) + 1, space);
}

static bool look(struct qemu *q)
{
	if (q->looking)
		return true;
	if (!make_tables(q))
		return false;
	for (unsigned i = 0; i < PROBES; i++) {
		qtest_probe_init(&q->probe[i], q->host, probe_number[i]);
		if (!attach(q, i, q->space[domain_of_probe(i)]))
			return false;
	}
	q->pages[0] = q->pages[1] = 0;
	q->next_fresh = FRESH;
	qtest_tables_enable(&q->tables);
	q->looking = true;
	return true;
}

static uint64_t pte(uint64_t frame)
{
	return frame | QTEST_PTE_R | QTEST_PTE_W;
}

/* Did it arrive at the page's first frame? */
static bool arrives_before(struct qemu *q, unsigned probe, struct page *p)
{
	qtest_frame_init(p->before);
	qtest_frame_init(p->after);
	qtest_probe_reach(&q->probe[probe], p->iova);
	qtest_settle(q->host);
	return qtest_frame_take(p->before);
}

static struct page *find_page(struct qemu *q, unsigned domain, uint64_t iova)
{
	for (unsigned i = 0; i < q->pages[domain]; i++)
		if (q->page[domain][i].iova == iova)
			return &q->page[domain][i];
	return NULL;
}

static bool touch_page(struct qemu *q, unsigned domain, uint64_t iova)
{
	struct page *p;

	if (q->pages[domain] == PAGES)
		return false;
	p = &q->page[domain][q->pages[domain]++];
	p->iova = iova;
	p->entry = qtest_entry(&q->tables, q->space[domain], iova, 1);
	if (!p->entry)
		return false;
	*p->entry = pte(p->before_phys);
	return arrives_before(q, domain ? DOMAIN_2 : DOMAIN_1, p);
}

/* Let the tables lead elsewhere: only what is cached leads to the first frame then. */
static bool page_cached(struct qemu *q, unsigned domain, uint64_t iova)
{
	struct page *p = find_page(q, domain, iova);
	bool cached;

	*p->entry = pte(p->after_phys);
	cached = arrives_before(q, domain ? DOMAIN_2 : DOMAIN_1, p);
	*p->entry = pte(p->before_phys);
	return cached;
}

/* A page that no translation has been cached of, which leads to one frame or, in the other space,
 * to another one. */
static bool map_fresh(struct qemu *q, unsigned domain)
{
	uint64_t *here, *there;

	q->fresh.iova = q->next_fresh;
	q->next_fresh += QTEST_PAGE;
	here = qtest_entry(&q->tables, q->space[domain], q->fresh.iova, 1);
	there = qtest_entry(&q->tables, q->other_space, q->fresh.iova, 1);
	if (!here || !there)
		return false;
	*here = pte(q->fresh.before_phys);
	*there = pte(q->fresh.after_phys);
	return true;
}

static bool touch_context(struct qemu *q, unsigned probe)
{
	return map_fresh(q, domain_of_probe(probe)) && arrives_before(q, probe, &q->fresh);
}

static bool context_cached(struct qemu *q, unsigned probe)
{
	bool cached;

	map_fresh(q, domain_of_probe(probe));
	attach(q, probe, q->other_space);
	cached = arrives_before(q, probe, &q->fresh);
	attach(q, probe, q->space[domain_of_probe(probe)]);
	return cached;
}

/* PROBES: there is no such device, or it is in another domain. */
static unsigned find_probe(const struct qemu *q, const struct conform_entry *e)
{
	unsigned i;

	for (i = 0; i < PROBES; i++)
		if (q->probe[i].sid == e->sid && e->did == domain_of_probe(i) + 1)
			break;
	return i;
}

static bool is_plain_page(const struct conform_entry *e)
{
	return e->kind == CONFORM_IOTLB && e->pasid == CONFORM_NO_PASID && e->did >= 1 &&
	       e->did <= DOMAINS;
}

/*
 * QEMU's unit keeps no interrupt entries, no PASID entries of its own, and these cards have no TLB.
 */
static bool qemu_touch(void *ctx, const struct conform_entry *e)
{
	struct qemu *q = ctx;

	if (!look(q))
		return false;
	if (is_plain_page(e))
		return touch_page(q, e->did - 1U, e->addr);
	if (e->kind == CONFORM_CONTEXT && find_probe(q, e) < PROBES)
		return touch_context(q, find_probe(q, e));
	return false;
}

static bool qemu_cached(void *ctx, const struct conform_entry *e)
{
	struct qemu *q = ctx;

	if (e->kind == CONFORM_CONTEXT)
		return context_cached(q, find_probe(q, e));
	return page_cached(q, e->did - 1U, e->addr);
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

/* ---- Which one is it? ---- */

/* The newest first. */
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
