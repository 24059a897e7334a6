/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "sample.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define QUEUE "qi_submit_sync"
#define PAGE 4096ULL
#define CALLERS 4 /* callers named at most */
#define KERNEL (1ULL << 63)
#define IF 0x200 /* RFLAGS: interrupts are taken */

bool sample_stop(struct qmp *q)
{
	json_t *r = qmp_execute(q, "stop", NULL);

	json_decref(r);
	return r;
}

void sample_continue(struct qmp *q)
{
	json_decref(qmp_execute(q, "cont", NULL));
}

/* "ffff...: 0x... 0x..." */
static size_t read_words(const char *text, uint64_t *word, size_t n)
{
	size_t got = 0;

	for (const char *at = text; got < n && (at = strstr(at, "0x")); at += 2)
		word[got++] = strtoull(at, NULL, 16);
	return got;
}

bool sample_read(struct qmp *q, unsigned cpu, uint64_t addr, void *buf, size_t bytes)
{
	size_t words = (bytes + 7) / 8, got = 0;
	uint64_t *word = calloc(words + 1, sizeof(*word));
	char line[80], *text;

	while (word && got < words) {
		size_t n = words - got < 512 ? words - got : 512, part;

		snprintf(line, sizeof(line), "x/%zugx 0x%" PRIx64, n, addr + 8 * got);
		text = qmp_ask(q, line, cpu);
		part = text ? read_words(text, word + got, n) : 0;
		free(text);
		if (part != n)
			break;
		got += n;
	}
	if (word && got == words)
		memcpy(buf, word, bytes);
	free(word);
	return got == words;
}

static uint64_t find_register(const char *text, const char *name)
{
	const char *at = strstr(text, name);

	return at ? strtoull(at + strlen(name), NULL, 16) : 0;
}

/* The processor time in a file like /proc/PID/stat. */
static double read_seconds(const char *path)
{
	unsigned long user = 0, system = 0;
	char line[1000] = "";
	const char *end;
	FILE *f;

	f = fopen(path, "r");
	if (!f)
		return 0;
	end = fgets(line, sizeof(line), f) ? strrchr(line, ')') : NULL;
	fclose(f);
	if (end)
		sscanf(end + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user,
		       &system);
	return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

double sample_seconds(int pid)
{
	char path[80];

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	return read_seconds(path);
}

static double thread_seconds(int pid, int tid)
{
	char path[80];

	snprintf(path, sizeof(path), "/proc/%d/task/%d/stat", pid, tid);
	return read_seconds(path);
}

/* Compilers move unlikely code to another symbol: qi_submit_sync.cold. */
static bool is_queue(const char *name)
{
	size_t n = strlen(QUEUE);

	return !strncmp(name, QUEUE, n) && (!name[n] || name[n] == '.');
}

/* A module of the user may serve the queue instead of the kernel. */
static void note_place(struct sample_cpu *c, const struct sample_names *names, uint64_t addr,
		       const char *name)
{
	if (names->module && symbols_in_module(names->symbols, addr, names->module))
		c->in_module = true;
	c->in_queue = c->in_queue || c->in_module || is_queue(name);
}

/*
 * Look for return addresses on the stack: the innermost callers are named, and all of the stack is
 * searched for the queue's code.
 */
static void look_at_stack(struct sample_cpu *c, struct qmp *q, const struct sample_names *names,
			  unsigned number)
{
	uint64_t word[SAMPLE_STACK], offset;
	unsigned n = 0, added = 0;
	size_t used = strlen(c->where);

	/* A stack may end at any page, as stacks of threads and of interrupts differ in size. */
	for (uint64_t at = c->rsp & ~7ULL; n < SAMPLE_STACK; at = (at | (PAGE - 1)) + 1) {
		unsigned part = (unsigned)(PAGE - (at & (PAGE - 1))) / 8;

		if (part > SAMPLE_STACK - n)
			part = SAMPLE_STACK - n;
		if (!sample_read(q, number, at, word + n, 8UL * part))
			break;
		n += part;
	}
	for (unsigned i = 0; i < n; i++) {
		const char *name = symbols_name(names->symbols, word[i], &offset);

		if (!name || !offset)
			continue;
		note_place(c, names, word[i], name);
		if (added == CALLERS || strstr(c->where, name))
			continue;
		added++;
		used += (size_t)snprintf(c->where + used, sizeof(c->where) - used, " < %s", name);
		if (used >= sizeof(c->where)) /* truncated */
			added = CALLERS;
	}
}

static void look_at_cpu(struct sample_cpu *c, struct qmp *q, const struct sample_names *names,
			unsigned number)
{
	char *text = qmp_ask(q, "info registers", number);
	const char *name;
	uint64_t offset;

	if (!text)
		return;
	c->rip = find_register(text, "RIP=");
	c->rsp = find_register(text, "RSP=");
	c->halted = find_register(text, "HLT=");
	c->masked = !(find_register(text, "RFL=") & IF);
	free(text);
	name = symbols_name(names->symbols, c->rip, &offset);
	if (!name) {
		snprintf(c->where, sizeof(c->where), "0x%" PRIx64, c->rip);
		return;
	}
	snprintf(c->where, sizeof(c->where), "%s+0x%" PRIx64, name, offset);
	note_place(c, names, c->rip, name);
	if (!c->halted && c->rip & KERNEL)
		look_at_stack(c, q, names, number);
}

bool sample_take(struct sample *s, struct qmp *q, const struct sample_names *names, int pid)
{
	json_t *cpus;

	*s = (struct sample){ .cpus = 0 };
	if (!sample_stop(q))
		return false;
	cpus = qmp_execute(q, "query-cpus-fast", NULL);
	for (size_t i = 0; i < json_array_size(cpus) && i < SAMPLE_CPUS; i++) {
		struct sample_cpu *c = &s->cpu[s->cpus++];
		json_t *thread = json_object_get(json_array_get(cpus, i), "thread-id");

		look_at_cpu(c, q, names, (unsigned)i);
		c->cpu_seconds = thread_seconds(pid, (int)json_integer_value(thread));
	}
	json_decref(cpus);
	sample_continue(q);
	return s->cpus;
}
