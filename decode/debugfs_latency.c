/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Debugfs: dmar_perf_latency, the durations of invalidations. */
#include "decode.h"
#include "scan.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define BUCKETS 7
#define COLUMNS 10 /* the buckets, then minimum, maximum, average in us */
#define SLOWEST 6  /* index of the bucket without an upper bound */
#define OTHER_LINES 6

static const char *const buckets[BUCKETS] = { "<0.1us",	   "0.1us-1us", "1us-10us", "10us-100us",
					      "100us-1ms", "1ms-10ms",	">=10ms" };

static const char *const types[] = { "inv_iotlb", "inv_devtlb", "inv_iec", "svm_prq" };

static const struct finding slow = {
	.id = "slow-invalidations",
	.weight = HINT,
	.certainty = CERTAIN,
	.next = "The times include waiting for the queue's lock, and retries; a submission of "
		"several descriptors counts for the type of its first one. Look at the device TLBs "
		"first "
		"(inv_devtlb); in a virtual machine, at what its host is doing.",
};

static const struct finding off = {
	.id = "latency-sampling-off",
	.weight = NOTE,
	.certainty = CERTAIN,
	.next = "echo 1 (IOTLB), 2 (device TLB), 3 (IEC) or 4 (page requests) > "
		"/sys/kernel/debug/iommu/intel/dmar_perf_latency, wait, and read it again.",
};

struct latency {
	struct block *block;
	char name[24];
	uint64_t heading; /* of the heading; 0: none */
	bool columns;	  /* the names of the columns have been read */
	unsigned others;
};

static void finish(struct decode *d, struct latency *s)
{
	if (s->block)
		decode_block(d, s->block);
	else if (s->columns)
		decode_find(d, &off, s->heading,
			    "No latency is sampled on %s: the table has no row.",
			    *s->name ? s->name : "this unit");
	memset(s, 0, sizeof(*s));
}

/* iommu_regset has the same heading; later lines tell which of the two it is. */
static bool heading(struct decode *d, struct latency *s, const struct line *l)
{
	const char *at = scan_find(l, l->text, "Register Base Address", NULL), *name;
	size_t n;

	if (!at)
		return false;
	finish(d, s);
	s->heading = l->number;
	if (scan_find(l, l->text, "IOMMU: ", &name) && name < at) {
		n = scan_word(name, "");
		if (n < sizeof(s->name))
			memcpy(s->name, name, n);
	}
	return true;
}

/* "286 in 0.1us-1us, 123 in 1us-10us; min 0, max 1, average 0 us" */
static void in_words(char *text, size_t size, const uint64_t *value)
{
	size_t n = 0;

	text[0] = '\0';
	for (unsigned i = 0; i < BUCKETS; i++)
		if (value[i] && n < size)
			n += snprintf(text + n, size - n, "%s%" PRIu64 " in %s", n ? ", " : "",
				      value[i], buckets[i]);
	if (n && n < size)
		snprintf(text + n, size - n,
			 "; min %" PRIu64 ", max %" PRIu64 ", average %" PRIu64 " us",
			 value[BUCKETS], value[BUCKETS + 1], value[BUCKETS + 2]);
}

static void add_row(struct decode *d, struct latency *s, const struct line *l, const char *type,
		    const uint64_t *value)
{
	char text[400], name[40];
	uint64_t all = 0;

	for (unsigned i = 0; i < BUCKETS; i++)
		all += value[i];
	in_words(text, sizeof(text), value);
	block_number(s->block, type, all, "%s", all ? text : "none since sampling began");
	if (!all)
		return;
	snprintf(name, sizeof(name), "%s max us", type);
	block_number(s->block, name, value[BUCKETS + 1], NULL);
	snprintf(name, sizeof(name), "%s average us", type);
	block_number(s->block, name, value[BUCKETS + 2], NULL);
	if (value[SLOWEST])
		decode_find(d, &slow, l->number,
			    "%s: %" PRIu64 " of %" PRIu64
			    " %s took 10 ms or more, the slowest %" PRIu64 " us.",
			    *s->name ? s->name : "a unit", value[SLOWEST], all,
			    strcmp(type, "svm_prq") ? "invalidations" : "page requests",
			    value[BUCKETS + 1]);
}

static void begin(struct latency *s, const struct line *l)
{
	if (s->block)
		return;
	s->block = block_new("latency", s->heading ? s->heading : l->number,
			     "latencies (dmar_perf_latency)");
	if (*s->name)
		block_unit(s->block, s->name, strlen(s->name));
}

static bool row(struct decode *d, struct latency *s, const struct line *l)
{
	const char *t = l->text + strspn(l->text, " \t");
	const size_t n = scan_word(t, "");
	uint64_t value[COLUMNS];
	const char *type = NULL;

	for (unsigned i = 0; i < sizeof(types) / sizeof(*types); i++)
		if (strlen(types[i]) == n && !strncmp(t, types[i], n))
			type = types[i];
	if (!type)
		return false;
	t += n;
	scan_blanks(&t);
	if (*t < '0' || *t > '9')
		return false;
	begin(s, l);
	s->block->last = l->last;
	decode_take(d);
	for (unsigned i = 0; i < COLUMNS; i++) {
		scan_blanks(&t);
		if (scan_dec(l, &t, &value[i]) == SCAN_OK && (l->ended || *t || i < COLUMNS - 1))
			continue;
		block_cut(s->block, type);
		return true;
	}
	add_row(d, s, l, type, value);
	return true;
}

static bool line(struct decode *d, void *state, const struct line *l)
{
	struct latency *s = state;

	if (heading(d, s, l))
		return true;
	if (scan_find(l, l->text, "<0.1us ", NULL)) {
		s->columns = true;
		decode_take(d);
		return true;
	}
	if (row(d, s, l)) {
		s->others = 0;
		return true;
	}
	if ((s->heading || s->block) && ++s->others > OTHER_LINES)
		finish(d, s);
	return s->heading || s->block;
}

static void end(struct decode *d, void *state)
{
	finish(d, state);
}

static const char *const words[] = { "Register", "<0.1us",  "inv_iotlb", "inv_devtlb",
				     "inv_iec",	 "svm_prq", NULL };

const struct recogniser latency_recogniser = {
	"debugfs-latency", words, sizeof(struct latency), line, end, false
};
