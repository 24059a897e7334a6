/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Calls from a BPF program, which libbpf adapts to the running kernel. Everything in the kernel
 * belongs to open files of this process, so the kernel removes all of it, however the process ends.
 */
#include "source.h"

#include "hazard.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

typedef uint8_t u8;
typedef uint32_t u32;
typedef int32_t s32;
typedef uint64_t u64;
#include "bpf/shared.h"

_Static_assert(SHARED_UNIT == LIVE_UNIT && SHARED_DESCS == LIVE_DESCS &&
		       SHARED_FRAMES == LIVE_FRAMES,
	       "records fit calls");

/* The compiled program, from qi.bpf.c: see object.S. */
extern const char bpf_object_start[], bpf_object_end[];

/*
 * The order in which the programs are attached: the return's program comes first, so that the
 * return of every call that is seen to enter is seen too. The kernel may lack the tracepoint; then
 * only the count of retries is missing.
 */
enum { LEAVE, ENTER, INSERT, PROGRAMS };
static const char *const program_names[PROGRAMS] = { "leave", "enter", "insert" };

struct bpf_state {
	struct bpf_object *object;
	struct bpf_program *program[PROGRAMS];
	struct bpf_link *link[PROGRAMS];
	struct ring_buffer *ring;
	struct shared_table *table;
	source_call_fn *fn; /* during a poll */
	void *ctx;
	uint64_t untimed;
};

/* ---- records ---- */

static uint32_t retries_of(const struct shared_record *r)
{
	return r->count && r->inserted > r->count ? (r->inserted - 1) / r->count : 0;
}

/* The descriptors beyond the first. The record has room for @room in all. */
static void take_descs(struct live_call *c, const struct shared_record *r,
		       const struct shared_desc *desc, uint32_t room)
{
	if (!r->has_descs)
		return;
	c->descs = r->count < room ? r->count : room;
	for (uint32_t i = 1; i < c->descs; i++)
		c->desc[i] = (struct live_desc){ desc[i].qw[0], desc[i].qw[1] };
}

static int take_record(void *ctx, void *data, size_t size)
{
	const struct shared_record *r = data;
	const struct shared_batch *batch = data;
	const struct shared_long *whole = data;
	struct bpf_state *b = ctx;
	struct live_call c; /* only its first @descs descriptors and @frames frames are set */

	c.at = r->at;
	c.took = r->took;
	c.count = r->count;
	c.options = r->options;
	c.retries = retries_of(r);
	c.ret = r->ret;
	c.pid = r->pid;
	c.cpu = r->cpu;
	c.descs = r->count ? 1 : 0;
	c.frames = 0;
	c.desc[0] = (struct live_desc){ r->qw0, r->qw1 };
	memcpy(c.unit, r->unit, LIVE_UNIT);
	c.unit[LIVE_UNIT - 1] = '\0';
	if (size >= sizeof(*whole)) {
		take_descs(&c, r, whole->desc, SHARED_DESCS);
		c.frames = whole->frames < LIVE_FRAMES ? whole->frames : LIVE_FRAMES;
		memcpy(c.frame, whole->frame, c.frames * sizeof(c.frame[0]));
	} else if (size >= sizeof(*batch)) {
		take_descs(&c, r, batch->desc, SHARED_BATCH);
	}
	b->untimed += c.took == LIVE_UNKNOWN;
	b->fn(b->ctx, &c);
	return 0;
}

static bool bpf_poll(struct source *s, source_call_fn *fn, void *ctx, char *error)
{
	struct bpf_state *b = s->state;
	int n;

	b->fn = fn;
	b->ctx = ctx;
	n = ring_buffer__consume(b->ring);
	if (n < 0)
		snprintf(error, SOURCE_ERROR, "reading the BPF program's ring: %s", strerror(-n));
	return n >= 0;
}

/* ---- the table ---- */

static uint64_t monotonic_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

static int by_time(const void *a, const void *b)
{
	const struct live_pending *x = a, *y = b;

	return (x->at > y->at) - (x->at < y->at);
}

/*
 * The task that has the slot may be writing it. If the slot's task or time has changed meanwhile,
 * the copy is not used.
 */
static bool read_slot(const struct shared_slot *from, struct live_pending *to)
{
	uint64_t task = __atomic_load_n(&from->task, __ATOMIC_ACQUIRE);

	if (!task)
		return false;
	*to = (struct live_pending){
		.at = __atomic_load_n(&from->at, __ATOMIC_RELAXED),
		.pid = from->pid,
		.count = from->count,
		.first = { from->qw0, from->qw1 },
	};
	memcpy(to->unit, from->unit, LIVE_UNIT - 1);
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	return __atomic_load_n(&from->task, __ATOMIC_RELAXED) == task &&
	       __atomic_load_n(&from->at, __ATOMIC_RELAXED) == to->at;
}

static unsigned bpf_pending(struct source *s, struct live_pending *to, uint64_t *now)
{
	const struct bpf_state *b = s->state;
	unsigned n = 0;

	*now = monotonic_ns();
	for (unsigned i = 0; i < SHARED_SLOTS && n < SOURCE_PENDING; i++)
		n += read_slot(&b->table->slot[i], &to[n]);
	qsort(to, n, sizeof(*to), by_time);
	return n;
}

/*
 * If an interrupt comes while a program runs, the kernel does not run the same program again, but
 * counts this.
 */
static uint64_t missed(const struct bpf_program *p)
{
	struct bpf_prog_info info = { 0 };
	uint32_t size = sizeof(info);

	if (bpf_obj_get_info_by_fd(bpf_program__fd(p), &info, &size))
		return 0;
	return info.recursion_misses;
}

static struct source_counts bpf_counts(struct source *s)
{
	const struct bpf_state *b = s->state;
	struct live_pending pending[SOURCE_PENDING];
	uint64_t now;

	return (struct source_counts){
		.lost = __atomic_load_n(&b->table->lost, __ATOMIC_RELAXED) +
			missed(b->program[LEAVE]),
		.untimed = b->untimed,
		.pending = bpf_pending(s, pending, &now),
	};
}

/* ---- loading ---- */

/*
 * libbpf's last message, for the one line that we print. If the message is the verifier's long log,
 * only the line in front of the verifier's figures is kept.
 */
static char said[300];

static int listen(enum libbpf_print_level level, const char *format, va_list ap)
{
	static char text[65536];
	char *end, *line;

	if (level == LIBBPF_DEBUG)
		return 0;
	vsnprintf(text, sizeof(text), format, ap);
	end = strstr(text, "\nprocessed ");
	if (!end && strstr(said, "verifier: "))
		return 0;
	if (end)
		*end = '\0';
	line = end ? strrchr(text, '\n') : NULL;
	line = line ? line + 1 : text;
	snprintf(said, sizeof(said), "%s%.*s", end ? "verifier: " : "", (int)strcspn(line, "\n"),
		 line);
	return 0;
}

static void bpf_close(struct source *s)
{
	struct bpf_state *b = s->state;

	for (unsigned i = PROGRAMS; i--;)
		bpf_link__destroy(b->link[i]);
	ring_buffer__free(b->ring);
	if (b->table)
		munmap(b->table, sizeof(*b->table));
	bpf_object__close(b->object);
	free(b);
	s->state = NULL;
}

static bool cannot(char *error, const char *what, int err)
{
	bool unknown = err == -ESRCH || err == -ENOENT;
	const char *why = err == -EPERM || err == -EACCES
				  ? "; this takes root, and a kernel that is not locked down"
			  : unknown && access("/sys/kernel/btf/vmlinux", F_OK)
				  ? "; this takes a kernel with BTF (CONFIG_DEBUG_INFO_BTF)"
			  : unknown ? "; its BTF has no qi_submit_sync(): is it built with "
				      "CONFIG_INTEL_IOMMU?"
				    : "";

	snprintf(error, SOURCE_ERROR, "the kernel refuses to %s: %s%s%s%s%s", what, strerror(-err),
		 why, *said ? " (" : "", said, *said ? ")" : "");
	return false;
}

static bool load(struct bpf_state *b, char *error)
{
	const struct bpf_object_open_opts opts = { .sz = sizeof(opts), .object_name = "qinval" };
	int err;

	b->object =
		bpf_object__open_mem(bpf_object_start, bpf_object_end - bpf_object_start, &opts);
	if (!b->object)
		return cannot(error, "open the BPF program", -errno);
	for (unsigned i = 0; i < PROGRAMS; i++)
		b->program[i] = bpf_object__find_program_by_name(b->object, program_names[i]);
	err = bpf_object__load(b->object);
	return err ? cannot(error, "load the BPF program", err) : true;
}

static bool map_memory(struct bpf_state *b, char *error)
{
	int table = bpf_object__find_map_fd_by_name(b->object, "table");
	int ring = bpf_object__find_map_fd_by_name(b->object, "ring");
	void *at = mmap(NULL, sizeof(*b->table), PROT_READ | PROT_WRITE, MAP_SHARED, table, 0);

	if (at == MAP_FAILED)
		return cannot(error, "share the BPF program's table", -errno);
	b->table = at;
	b->ring = ring_buffer__new(ring, take_record, b, NULL);
	return b->ring ? true : cannot(error, "share the BPF program's ring", -errno);
}

static bool attach(struct bpf_state *b, char *error)
{
	for (unsigned i = 0; i < PROGRAMS; i++) {
		b->link[i] = bpf_program__attach(b->program[i]);
		if (!b->link[i] && i != INSERT)
			return cannot(error, "attach a BPF program to qi_submit_sync()", -errno);
	}
	__atomic_store_n(&b->table->ready, 1, __ATOMIC_RELEASE);
	return true;
}

static bool bpf_open(struct source *s, char *error)
{
	struct bpf_state *b;

	/* Before anything is loaded: attaching does the harm. */
	if (!hazard_allows_bpf(error))
		return false;
	b = s->state = calloc(1, sizeof(*b));
	if (!b) {
		snprintf(error, SOURCE_ERROR, "out of memory");
		return false;
	}
	libbpf_set_print(listen);
	libbpf_set_strict_mode(LIBBPF_STRICT_ALL);
	if (load(b, error) && map_memory(b, error) && attach(b, error))
		return true;
	bpf_close(s);
	return false;
}

static const struct source_ops ops = {
	.name = "bpf",
	.does = "a BPF program at entry and return of qi_submit_sync()",
	.lacks = "",
	.open = bpf_open,
	.poll = bpf_poll,
	.counts = bpf_counts,
	.pending = bpf_pending,
	.close = bpf_close,
};
const struct source_ops *const source_bpf = &ops;
