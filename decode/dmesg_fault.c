/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * DMA and interrupt remapping faults of Linux in all versions' words, printed or typed. They share
 * FSTS with the queue's errors, but have nothing to do with the queue.
 */
#include "fault_reasons.h"
#include "faults.h"
#include "scan.h"
#include "tables.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* In old versions the reason is in a second line, and other lines may come between. */
#define REASON_WITHIN 4

#define NO_PASID 0xffffffff

struct fault_log {
	struct fault fault; /* it waits for its reason, or for a dump of the tables */
	struct tables tables;
	bool dumped;
};

static const struct finding suppressed = {
	.id = "messages-suppressed",
	.weight = NOTE,
	.certainty = CERTAIN,
	.next = "Take the number of fault lines for a lower bound: at most 10 in 5 seconds are "
		"printed.",
};

static const struct finding of_nobody = {
	.id = "dma-fault",
	.weight = DAMAGE,
	.certainty = CERTAIN,
	.next = "Get the line before it (\"Request device\"): it names the device and the address.",
};

static const struct finding of_unreadable = {
	.id = "dma-fault",
	.weight = DAMAGE,
	.certainty = CERTAIN,
	.next = "Get this line as text, not from a picture and not by hand: behind \"Request "
		"device\" it has bus, device and function (bb:dd.f).",
};

static void finish(struct decode *d, struct fault_log *f)
{
	if (!f->fault.block)
		return;
	if (f->dumped)
		tables_judge(d, &f->tables, &f->fault);
	fault_end(d, &f->fault);
	f->dumped = false;
}

/* ---- a fault ---- */

/* "[fault reason 0x3a] SM: Non-zero reserved field set in Root Entry", or decimal: "reason 06]". */
static bool reason_text(struct fault_log *f, const struct line *l, const char *s)
{
	const char *bracket = s - 1;
	bool in_brackets;
	const bool hex = !strncmp(s, "0x", 2);
	uint64_t reason;
	enum scan found = hex ? scan_hex(l, &s, &reason) : scan_dec(l, &s, &reason);
	const char *end = l->text + l->own;

	while (bracket > l->text && *bracket != '[' && *bracket != ']' && s - bracket < 20)
		bracket--;
	in_brackets = *bracket == '[';
	/* Typed without brackets, it ends with a blank. */
	if (found != SCAN_OK || (*s != ']' && (in_brackets || (*s != ' ' && *s != ':'))))
		return false;
	s += *s == ']' || *s == ':';
	scan_blanks(&s);
	f->fault.block->last = l->last;
	for (const char *at = end; at < s; at++)
		f->fault.block->last += *at == '\n';
	fault_reason(&f->fault, reason, s);
	return true;
}

/*
 * Between the type and the device, or after the device: "PASID 0x2", "NO_PASID", "PASID ffffffff".
 */
static void pasid(struct fault_log *f, const struct line *l, const char *s, const char *end)
{
	uint64_t value;

	s = memmem(s, (size_t)(end - s), "PASID ", 6);
	if (!s)
		return;
	s += 6;
	if (scan_hex(l, &s, &value) != SCAN_OK)
		return;
	if (value == NO_PASID)
		block_hex(f->fault.block, "PASID", value, "none");
	else
		block_hex(f->fault.block, "PASID", value, NULL);
	f->fault.has_pasid = value != NO_PASID;
}

/* The kind in the words before @at: "DMA Read", "INTR-REMAP"; NULL: neither. */
static const char *kind_before(const struct line *l, const char *at)
{
	for (const char *s = at; s >= l->text && at - s < 60; s--)
		if (!strncasecmp(s, "INTR-REMAP", 10) || !strncasecmp(s, "DMA ", 4))
			return s;
	return NULL;
}

static enum access access_of(const char *kind)
{
	return !strncasecmp(kind, "DMA Read", 8)    ? ACCESS_READ
	       : !strncasecmp(kind, "DMA Write", 9) ? ACCESS_WRITE
						    : ACCESS_UNKNOWN;
}

/* "fault addr 0x0", "fault address: 0", "fault index 5" */
static void address(struct fault_log *f, const struct line *l, const char *s, const char *kind)
{
	/*
	 * Since 5.0 the reason follows in the same line. Without a blank after it the number is
	 * truncated.
	 */
	const bool one_line = kind && kind - l->text >= 2 && !strncmp(kind - 2, " [", 2);
	const char *behind, *at;
	uint64_t value;

	at = scan_find_typed(l, s, f->fault.interrupt ? "fault index" : "fault addr", &behind);
	if (at) {
		pasid(f, l, s, at);
		if (!strncasecmp(behind, "ess", 3))
			behind += 3;
		behind += strspn(behind, ":=");
		scan_blanks(&behind);
	}
	if (at && scan_hex(l, &behind, &value) == SCAN_OK && (!one_line || *behind))
		fault_address(&f->fault, value);
	else
		fault_address_cut(&f->fault);
}

/* The fault's line is there, and its device was typed, recognised or made unreadable. */
static void unreadable_device(struct decode *d, const struct line *l, const char *kind,
			      bool interrupt, const char *device)
{
	const char *end = l->text + l->own;
	struct block *b;

	if (!kind || !scan_find_typed(l, device, interrupt ? "fault index" : "fault addr", NULL))
		return;
	kind -= kind > l->text && kind[-1] == '[';
	b = block_new(interrupt ? "interrupt-fault" : "dma-fault", l->number,
		      interrupt ? "interrupt-remapping fault, not of the queue"
				: "DMA fault, not of the queue");
	b->last = l->last;
	b->timed = l->timed;
	b->time = l->time;
	b->count = l->times;
	block_cut(b, "SID");
	decode_find(d, &of_unreadable, l->number,
		    "%s of a device was blocked, and which device it is cannot be read: \"%.*s\".",
		    interrupt ? "An interrupt" : "DMA", (int)(end - kind < 80 ? end - kind : 80),
		    kind);
	decode_block(d, b);
}

/* "[DMA Write NO_PASID] Request device [00:1a.0] fault addr 0x0 [fault reason 0x05] ..." */
static void fault_line(struct decode *d, struct fault_log *f, const struct line *l, const char *at,
		       const char *device)
{
	const char *kind = kind_before(l, at), *reason;
	const bool interrupt = kind && !strncasecmp(kind, "INTR-REMAP", 10);
	unsigned segment, sid;

	finish(d, f);
	decode_take(d);
	device += strspn(device, "[ ");
	if (!scan_bdf(&device, &segment, &sid)) {
		unreadable_device(d, l, kind, interrupt, device);
		return;
	}
	memset(&f->tables, 0, sizeof(f->tables));
	fault_begin(&f->fault, l, interrupt, segment, sid);
	decode_facts(d)->fault_line = l->number;
	if (kind && !interrupt)
		fault_access(&f->fault, access_of(kind));
	if (kind)
		pasid(f, l, kind, at);
	address(f, l, device, kind);
	if (scan_find_typed(l, device, "fault reason", &reason)) {
		reason += *reason == ':';
		scan_blanks(&reason);
		reason_text(f, l, reason);
	}
}

/* ---- lines after a fault ---- */

/* "0x0000000127f42001": each number has 16 digits. */
static bool entry_word(const char **s, const char *end, uint64_t *value)
{
	const char *at = memmem(*s, (size_t)(end - *s), "0x", 2);

	if (!at)
		return false;
	at += 2;
	if (scan_digits(&at, value) != 16 || at > end)
		return false;
	*s = at;
	return true;
}

static const struct {
	const char *words;
	enum table table;
} entries[] = {
	{ "root entry", TABLE_ROOT },
	{ "context entry", TABLE_CONTEXT },
	{ "pasid dir entry", TABLE_PASID_DIR },
	{ "pasid table entry", TABLE_PASID },
	{ "pte level:", TABLE_PTE },
};

/*
 * The words of an entry at @s: "hi 0x..., low 0x...", "0x...", "4, pte value: 0x...", "[0]: 0x..."
 */
static bool read_entry(struct fault_log *f, enum table table, const char *s, const char *end,
		       char name[32], char meaning[TABLE_TEXT])
{
	const bool two = memmem(s, (size_t)(end - s), "hi ", 3);
	unsigned number = 0;
	uint64_t hi = 0, low;

	if (table == TABLE_PTE || table == TABLE_PASID) {
		const char *digits = s + strspn(s, " [");

		number = (unsigned)strtoul(digits, NULL, 10);
		snprintf(name, 32, table == TABLE_PTE ? "pte level %u" : "pasid table entry[%u]",
			 number);
	}
	if ((two && !entry_word(&s, end, &hi)) || !entry_word(&s, end, &low))
		return false;
	switch (table) {
	case TABLE_ROOT:
		table_root(&f->tables, low, hi, f->fault.sid, meaning);
		break;
	case TABLE_CONTEXT:
		table_context(&f->tables, low, hi, meaning);
		break;
	case TABLE_PASID_DIR:
		table_pasid_dir(&f->tables, low, meaning);
		break;
	case TABLE_PASID:
		table_pasid(&f->tables, number, low, meaning);
		break;
	default:
		table_pte(&f->tables, number, low, meaning);
	}
	if (two)
		block_text(f->fault.block, name, "hi 0x%016" PRIx64 ", low 0x%016" PRIx64 "%s%s",
			   hi, low, *meaning ? ": " : "", meaning);
	else
		block_hex(f->fault.block, name, low, *meaning ? "%s" : NULL, meaning);
	return true;
}

static bool table_line(struct decode *d, struct fault_log *f, const struct line *l)
{
	const char *s;
	char name[32], meaning[TABLE_TEXT];

	if (!f->fault.block || l->number > f->fault.block->last + REASON_WITHIN)
		return false;
	if (scan_find(l, l->text, "table entries for IOVA", &s)) {
		f->fault.block->last = l->last;
		decode_take(d);
		return true;
	}
	if (scan_find(l, l->text, "table is not present", NULL) ||
	    scan_find(l, l->text, "table not present at level", NULL)) {
		s = l->text + l->body;
		s += strncmp(s, "DMAR: ", 6) ? 0 : 6;
		block_text(f->fault.block, "dump", "%.*s", (int)(l->text + l->own - s), s);
		f->fault.block->last = l->last;
		decode_take(d);
		return true;
	}
	for (unsigned i = 0; i < sizeof(entries) / sizeof(*entries); i++) {
		if (!scan_find(l, l->text, entries[i].words, &s))
			continue;
		f->dumped = true;
		f->tables.scalable |= scan_find(l, l->text, "scalable mode root", NULL) != NULL;
		snprintf(name, sizeof(name), "%s", entries[i].words);
		/* The words may be wrapped, so that their end is not in the line. */
		if (s > l->text + l->own ||
		    !read_entry(f, entries[i].table, s, l->text + l->own, name, meaning))
			block_cut(f->fault.block, name);
		f->fault.block->last = l->last;
		decode_take(d);
		return true;
	}
	return false;
}

/* ---- the recogniser ---- */

/* The line ends within the first words of a fault: "DMAR: [DMA Write" */
static void cut_line(struct decode *d, const struct line *l)
{
	const char *s;

	if (!scan_find(l, l->text, "DMAR:", &s))
		return;
	s += strspn(s, " ");
	if (strncmp(s, "[DMA ", 5) || memchr(s, ']', (size_t)(l->text + l->own - s)))
		return;
	decode_take(d);
	decode_cut(d, l);
}

/* "DMAR:[fault reason 05] PTE Write access is not set": the line before it is missing. */
static bool lone_reason(struct decode *d, const struct line *l)
{
	const struct fault_reason *known;
	struct block *b;
	const char *s;
	uint64_t reason;

	if (!scan_find(l, l->text, "DMAR:", &s) || !scan_find(l, s, "[fault reason ", &s) ||
	    s >= l->text + l->own ||
	    (strncmp(s, "0x", 2) ? scan_dec : scan_hex)(l, &s, &reason) != SCAN_OK || *s != ']')
		return false;
	known = fault_reason_of(reason);
	decode_take(d);
	b = block_new("dma-fault", l->number, "the second line of a DMA fault");
	b->last = l->last;
	b->timed = l->timed;
	b->time = l->time;
	block_cut(b, "SID");
	block_hex(b, "fault reason", reason, known ? "%s" : NULL, known ? known->meaning : "");
	decode_find(d, &of_nobody, l->number,
		    "DMA of a device was blocked: %s (reason 0x%" PRIx64 "). The line that says of "
		    "which one is not in this input, or not whole. This is not an error of the "
		    "invalidation queue.",
		    known ? known->meaning : "a fault of address translation", reason);
	decode_block(d, b);
	return true;
}

static bool line(struct decode *d, void *state, const struct line *l)
{
	struct fault_log *f = state;
	struct line own = *l;
	const char *s, *at;

	if (scan_find(l, l->text, "callbacks suppressed", &s) &&
	    scan_find(l, l->text, "dmar_fault", &s)) {
		const char *n = strstr(s, ": ");
		uint64_t messages;

		decode_take(d);
		if (n && (n += 2) && scan_dec(l, &n, &messages) == SCAN_OK && messages)
			decode_count(d, messages);
		decode_find(d, &suppressed, l->number, "Linux has left out fault messages.");
		decode_count(d, l->times);
	}
	own.len = l->own; /* it begins in the line itself */
	at = scan_find_typed(&own, l->text, "request device ", NULL);
	if (f->fault.block && !f->fault.has_reason && !at &&
	    scan_find_typed(l, l->text, "fault reason ", &s) && s < l->text + l->own) {
		decode_take(d);
		reason_text(f, l, s);
		return true;
	}
	if (table_line(d, f, l))
		return true;
	/* Xen's lines have words of their own, and the reason in another line. */
	if (at && !scan_find(l, l->text, "[VT-D]", NULL) &&
	    (kind_before(l, at) || strcasestr(l->text, "dmar"))) {
		scan_find_typed(l, at, "request device ", &s);
		fault_line(d, f, l, at, s);
	} else if (!at && !lone_reason(d, l)) {
		cut_line(d, l);
	}
	if (f->fault.block && l->number > f->fault.block->last + REASON_WITHIN)
		finish(d, f);
	return f->fault.block;
}

static void end(struct decode *d, void *state)
{
	finish(d, state);
}

static const char *const words[] = { "DMAR", "dmar", "INTR-REMAP", "equest device", NULL };

const struct recogniser dmesg_fault_recogniser = { "linux-fault", words, sizeof(struct fault_log),
						   line,	  end,	 true };
