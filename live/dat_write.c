/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* trace-cmd.dat.v6(5) has the format. */
#include "dat_write.h"

#include "tracing.h"

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The file has the byte order of this machine, and a field of the header says which one. */
#define MAGIC "\x17\x08\x44tracing6"

struct out {
	FILE *to;
	bool failed;
};

static void bytes(struct out *o, const void *from, size_t size)
{
	o->failed |= size && fwrite(from, 1, size, o->to) != size;
}

static void word(struct out *o, uint32_t n)
{
	bytes(o, &n, sizeof(n));
}

static void quad(struct out *o, uint64_t n)
{
	bytes(o, &n, sizeof(n));
}

/*
 * A text with its size before it. A file that could not be read (@text is NULL) is an error if it
 * is needed, and is written as an empty text otherwise.
 */
static void sized(struct out *o, char *text, bool needed)
{
	o->failed |= !text && needed;
	quad(o, text ? strlen(text) : 0);
	bytes(o, text, text ? strlen(text) : 0);
	free(text);
}

static void write_formats(struct out *o, const struct dat_event *event)
{
	const struct dat_event *e, *next;
	unsigned systems = 0, n;
	char file[PATH_MAX];

	for (e = event; e->system; e++)
		systems += e == event || strcmp(e->system, e[-1].system) != 0;
	word(o, systems);
	for (e = event; e->system; e = next) {
		for (next = e, n = 0; next->system && !strcmp(next->system, e->system); next++)
			n++;
		bytes(o, e->system, strlen(e->system) + 1);
		word(o, n);
		for (; e < next; e++) {
			snprintf(file, sizeof(file), "events/%s/%s/format", e->system, e->name);
			sized(o, tracing_read(file), true);
		}
	}
}

/* Only functions are written: readers need the symbols for addresses of callers. */
static void write_symbols(struct out *o)
{
	char *text = read_whole("/proc/kallsyms", NULL), *to = text, *line, *next;
	const char *type;

	for (line = text; line && *line; line = next) {
		next = strchr(line, '\n');
		next = next ? next + 1 : line + strlen(line);
		type = strchr(line, ' ');
		if (!type || !strchr("tTwW", type[1]))
			continue;
		memmove(to, line, next - line);
		to += next - line;
	}
	word(o, to - text);
	bytes(o, text, to - text);
	free(text);
}

static void write_head(struct out *o, const struct dat_event *events)
{
	const uint32_t one = 1;
	unsigned char kind[2] = { *(const unsigned char *)&one != 1, sizeof(long) };

	bytes(o, MAGIC, sizeof(MAGIC));
	bytes(o, kind, sizeof(kind));
	word(o, sysconf(_SC_PAGESIZE));
	bytes(o, "header_page", 12);
	sized(o, tracing_read("events/header_page"), true);
	bytes(o, "header_event", 13);
	sized(o, tracing_read("events/header_event"), true);
	word(o, 0); /* formats of ftrace itself */
	write_formats(o, events);
	write_symbols(o);
	word(o, 0); /* formats of trace_printk() */
	sized(o, tracing_read("saved_cmdlines"), false);
}

static void copy(struct out *o, int from)
{
	char buf[65536];
	ssize_t n;
	off_t at = 0;

	while ((n = pread(from, buf, sizeof(buf), at)) > 0) {
		bytes(o, buf, n);
		at += n;
	}
	o->failed |= n < 0;
}

/* Each CPU's data begin at a multiple of the page size. A table of their places precedes them. */
static void write_pages(struct out *o, const int *pages, unsigned cpus)
{
	const uint64_t page = sysconf(_SC_PAGESIZE);
	uint64_t table, at;
	struct stat st;

	word(o, cpus);
	bytes(o, "options  ", 10);
	bytes(o, "\0\0", 2);
	bytes(o, "flyrecord", 10);
	table = ftello(o->to);
	at = (table + 16ULL * cpus + page - 1) / page * page;
	for (unsigned i = 0; i < cpus; i++) {
		o->failed |= fstat(pages[i], &st) != 0;
		quad(o, at);
		quad(o, st.st_size);
		at += (st.st_size + page - 1) / page * page;
	}
	for (unsigned i = 0; i < cpus; i++) {
		while (!o->failed && ftello(o->to) % page)
			bytes(o, "", 1);
		copy(o, pages[i]);
	}
}

bool dat_write(int fd, const struct dat_event *events, const int *pages, unsigned cpus)
{
	struct out o = { fdopen(dup(fd), "w"), false };

	if (!o.to)
		return false;
	write_head(&o, events);
	write_pages(&o, pages, cpus);
	o.failed |= fclose(o.to) != 0;
	return !o.failed;
}
