/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The events of intel_iommu and those of qinval record are printed from their fields, in the
 * kernel's words. The file's own print formats are not used: they call functions of the kernel and
 * name its constants, neither of which exists here.
 */
#include "dat_text.h"

#include <describe/describe.h>
#include <event-parse.h>
#include <inttypes.h>
#include <stdint.h>
#include <string.h>
#include <trace-cmd.h>
#include <trace-seq.h>

#define NAME_SIZE 64

struct text {
	FILE *out;
	struct trace_seq seq;
	uint64_t known;	     /* events of intel_iommu */
	uint64_t unreadable; /* records whose fields are not inside them */
};

struct event {
	struct tep_handle *tep;
	struct tep_event *format;
	const struct tep_record *record;
	bool whole; /* no field was missing so far */
};

/* ---- fields ---- */

static const void *inside(struct event *e, uint64_t offset, uint64_t size)
{
	const struct tep_record *r = e->record;

	if (!r->data || r->size < 0 || offset > (uint64_t)r->size ||
	    size > (uint64_t)r->size - offset) {
		e->whole = false;
		return NULL;
	}
	return (const char *)r->data + offset;
}

static uint64_t number(struct event *e, const char *name)
{
	const struct tep_format_field *f = tep_find_field(e->format, name);
	const void *at = NULL;

	if (f && f->offset >= 0 && (f->size == 1 || f->size == 2 || f->size == 4 || f->size == 8))
		at = inside(e, f->offset, f->size);
	if (!at) {
		e->whole = false;
		return 0;
	}
	return tep_read_number(e->tep, at, f->size);
}

static bool has(struct event *e, const char *name)
{
	return tep_find_field(e->format, name);
}

/* A field of the kernel's __string(): the record has the offset and the length of its bytes. */
static const char *string(struct event *e, const char *name, char buf[NAME_SIZE])
{
	const struct tep_format_field *f = tep_find_field(e->format, name);
	uint64_t where = number(e, name), offset = where & 0xffff, size = where >> 16 & 0xffff;
	const char *at;

	if (f && f->flags & TEP_FIELD_IS_RELATIVE)
		offset += (uint64_t)f->offset + f->size;
	at = inside(e, offset, size);
	if (!at || !size) {
		e->whole = false;
		return strcpy(buf, "?");
	}
	if (size > NAME_SIZE)
		size = NAME_SIZE;
	memcpy(buf, at, size);
	buf[size - 1] = '\0';
	for (char *s = buf; *s; s++)
		if (*s <= ' ' || *s > '~')
			*s = '?';
	return buf;
}

/* ---- events ---- */

static void qi_submit(struct event *e, FILE *out)
{
	uint64_t qw[4] = { number(e, "qw0"), number(e, "qw1"), number(e, "qw2"), number(e, "qw3") };
	const char *type = qi_type_trace_name(qw[0] & 0xf);
	char unit[NAME_SIZE];

	string(e, "iommu", unit);
	if (!e->whole)
		return;
	if (type)
		fprintf(out, "%s", type);
	else
		fprintf(out, "0x%x", (unsigned)(qw[0] & 0xf));
	fprintf(out, " %s: 0x%" PRIx64 " 0x%" PRIx64 " 0x%" PRIx64 " 0x%" PRIx64, unit, qw[0],
		qw[1], qw[2], qw[3]);
}

/* The fields of a page request as of 5.14. This event has no other fields. */
static void prq_report(struct event *e, FILE *out)
{
	uint64_t qw[4] = { number(e, "dw0"), number(e, "dw1"), number(e, "dw2"), number(e, "dw3") };
	long long seq = (long long)number(e, "seq");
	char unit[NAME_SIZE], dev[NAME_SIZE];

	string(e, "iommu", unit);
	string(e, "dev", dev);
	if (!e->whole)
		return;
	fprintf(out,
		"%s/%s seq# %lld: rid=0x%x addr=0x%" PRIx64 " %c%c%c%c%c pasid=0x%x index=0x%x",
		unit, dev, seq, (unsigned)(qw[0] >> 16 & 0xffff), qw[1] >> 12,
		qw[1] & 1 ? 'r' : '-', qw[1] & 2 ? 'w' : '-', qw[0] >> 52 & 1 ? 'x' : '-',
		qw[0] >> 53 & 1 ? 'p' : '-', qw[1] & 4 ? 'l' : '-',
		(unsigned)(qw[0] >> 32 & 0xfffff), (unsigned)(qw[1] >> 3 & 0x1ff));
	if (qw[0] & 1 << 9)
		fprintf(out, " private=0x%" PRIx64 "/0x%" PRIx64, qw[2], qw[3]);
}

static const char *tag_type(uint64_t type, char buf[NAME_SIZE])
{
	static const char *const names[] = { "iotlb", "devtlb", "nesting_iotlb", "nesting_devtlb" };

	if (type < sizeof(names) / sizeof(*names))
		return names[type];
	snprintf(buf, NAME_SIZE, "0x%" PRIx64, type);
	return buf;
}

static void cache_tag(struct event *e, FILE *out)
{
	int did = (int)number(e, "domain_id"), pasid = (int)number(e, "pasid");
	int users = (int)number(e, "users");
	char unit[NAME_SIZE], dev[NAME_SIZE], buf[NAME_SIZE];
	const char *type = tag_type(number(e, "type"), buf);

	string(e, "iommu", unit);
	string(e, "dev", dev);
	if (e->whole)
		fprintf(out, "%s/%s type %s did %d pasid %d ref %d", unit, dev, type, did, pasid,
			users);
}

/* 7.x has no number of pages. */
static void cache_tag_range(struct event *e, FILE *out)
{
	int did = (int)number(e, "domain_id"), pasid = (int)number(e, "pasid");
	uint64_t start = number(e, "start"), end = number(e, "end"), addr = number(e, "addr");
	uint64_t mask = number(e, "mask");
	uint64_t pages = has(e, "pages") ? number(e, "pages") : 0;
	char unit[NAME_SIZE], dev[NAME_SIZE], buf[NAME_SIZE];
	const char *type = tag_type(number(e, "type"), buf);

	string(e, "iommu", unit);
	string(e, "dev", dev);
	if (!e->whole)
		return;
	fprintf(out, "%s %s[%d] type %s did %d [0x%" PRIx64 "-0x%" PRIx64 "] addr 0x%" PRIx64, unit,
		dev, pasid, type, did, start, end, addr);
	if (has(e, "pages"))
		fprintf(out, " pages 0x%" PRIx64, pages);
	fprintf(out, " mask 0x%" PRIx64, mask);
}

/* The kprobe events of qinval record. The name of their system contains a process number. */
static void qi_enter(struct event *e, FILE *out)
{
	uint64_t iommu = number(e, "iommu"), count = number(e, "count");
	uint64_t options = number(e, "options");

	if (e->whole)
		fprintf(out, "iommu=0x%" PRIx64 " count=%" PRIu32 " options=0x%" PRIx64, iommu,
			(uint32_t)count, options);
}

static void qi_leave(struct event *e, FILE *out)
{
	int ret = (int)number(e, "ret");
	uint64_t to = number(e, "__probe_ret_ip");
	const char *caller = tep_find_function(e->tep, to);

	if (!e->whole)
		return;
	fprintf(out, "ret=%d", ret);
	if (caller && !strpbrk(caller, " \n"))
		fprintf(out, " caller=%s", caller);
}

static const struct {
	const char *name;
	void (*print)(struct event *e, FILE *out);
} events[] = {
	{ "qi_submit", qi_submit },
	{ "prq_report", prq_report },
	{ "cache_tag_assign", cache_tag },
	{ "cache_tag_unassign", cache_tag },
	{ "cache_tag_flush_all", cache_tag },
	{ "cache_tag_flush_range", cache_tag_range },
	{ "cache_tag_flush_range_np", cache_tag_range },
	{ "qi_enter", qi_enter },
	{ "qi_leave", qi_leave },
};

static void print_fields(struct event *e, FILE *out)
{
	for (unsigned i = 0; i < sizeof(events) / sizeof(*events); i++)
		if (!strcmp(e->format->name, events[i].name))
			events[i].print(e, out);
}

/* ---- lines ---- */

/* TASK-PID [CPU] TIME: NAME: */
static void print_prefix(struct text *t, struct tep_handle *tep, struct tep_record *record)
{
	trace_seq_reset(&t->seq);
	tep_print_event(tep, &t->seq, record, "%16s-%-5d [%03d] %6.1000d: %s: ", TEP_PRINT_COMM,
			TEP_PRINT_PID, TEP_PRINT_CPU, TEP_PRINT_TIME, TEP_PRINT_NAME);
	trace_seq_terminate(&t->seq);
	for (char *s = t->seq.buffer; *s; s++)
		if ((unsigned char)*s < ' ')
			*s = '?';
	fputs(t->seq.buffer, t->out);
}

static void print_lost(FILE *out, const struct tep_record *record)
{
	if (record->missed_events > 0)
		fprintf(out, "CPU:%d [LOST %lld EVENTS]\n", record->cpu, record->missed_events);
	else if (record->missed_events < 0)
		fprintf(out, "CPU:%d [EVENTS DROPPED]\n", record->cpu);
}

static int print_event(struct tracecmd_input *handle, struct tep_record *record, int cpu, void *ctx)
{
	struct text *t = ctx;
	struct event e = { tracecmd_get_tep(handle), NULL, record, true };

	(void)cpu;
	print_lost(t->out, record);
	e.format = tep_find_event_by_record(e.tep, record);
	if (!e.format || !e.format->name || !e.format->system) {
		t->unreadable++;
		return 0;
	}
	print_prefix(t, e.tep, record);
	if (!strcmp(e.format->system, "intel_iommu")) {
		t->known++;
		print_fields(&e, t->out);
	} else if (!strncmp(e.format->system, "qinval", strlen("qinval"))) {
		print_fields(&e, t->out);
	}
	fputc('\n', t->out);
	t->unreadable += !e.whole;
	return ferror(t->out);
}

/*
 * trace-cmd record -B: each buffer may have recorded the same events. So only the first buffer that
 * has events of intel_iommu is printed.
 */
static bool print_buffers(struct text *t, struct tracecmd_input *top, char *error)
{
	int n = tracecmd_buffer_instances(top);

	for (int i = -1; i < n && !t->known; i++) {
		struct tracecmd_input *handle =
			i < 0 ? top : tracecmd_buffer_instance_handle(top, i);

		if (handle && !tracecmd_iterate_events(handle, NULL, 0, print_event, t))
			continue;
		strcpy(error, "is a trace.dat file that libtracecmd cannot read to its end");
		return false;
	}
	return true;
}

bool dat_text(int fd, FILE *out, char error[DAT_ERROR])
{
	struct tracecmd_input *top;
	struct text t = { .out = out };

	tracecmd_set_loglevel(TEP_LOG_NONE);
	tep_set_loglevel(TEP_LOG_NONE);
	trace_seq_init(&t.seq);
	top = tracecmd_open_fd(fd,
			       TRACECMD_FL_LOAD_NO_PLUGINS | TRACECMD_FL_LOAD_NO_SYSTEM_PLUGINS);
	if (!top) {
		strcpy(error,
		       "is a trace.dat file that libtracecmd does not read: it is damaged, cut"
		       " off, or of a newer format; try trace-cmd report");
		return false;
	}
	if (!print_buffers(&t, top, error))
		return false;
	if (!t.unreadable)
		return true;
	snprintf(error, DAT_ERROR, "is a damaged trace.dat file: %" PRIu64 " events are unreadable",
		 t.unreadable);
	return false;
}
