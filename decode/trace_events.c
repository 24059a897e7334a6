/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Events of intel_iommu other than submissions: page requests, cache tags, mappings. */
#include "trace_events.h"
#include "scan.h"

#include <describe/describe.h>
#include <inttypes.h>
#include <string.h>

/* Add the word from @s on as a field; returns what follows it. */
static const char *word_field(struct block *b, const char *name, const char *s, const char *stop)
{
	const size_t n = scan_word(s, stop);

	block_text(b, name, "%.*s", (int)(n < 200 ? n : 200), s);
	return s + n;
}

/* "size=4096", "seq# 1", "did 5": without a following key the value before it may be truncated. */
static bool key_follows(const char *s)
{
	size_t n;

	scan_blanks(&s);
	n = scan_word(s, "");
	return memchr(s, '=', n) || memchr(s, '#', n) || *s == '[' || scan_words(&s, "did ") ||
	       scan_words(&s, "type ") || scan_words(&s, "pages ") || scan_words(&s, "mask ");
}

/* The same for a word that never ends the record. */
static const char *inner_word_field(struct block *b, const char *name, const char *s,
				    const char *stop)
{
	const size_t n = scan_word(s, stop);

	if (key_follows(s + n))
		return word_field(b, name, s, stop);
	block_cut(b, name);
	return s + n;
}

/* Add "name=0xvalue", anywhere after @s, as a field. */
static void value_field(struct block *b, const struct line *l, const char *s, const char *key,
			const char *name, bool inner)
{
	uint64_t value;
	const char *at = scan_find(l, s, key, &s);

	if (!at)
		return;
	if (scan_0x(l, &s, &value) == SCAN_OK && (!inner || key_follows(s)))
		block_hex(b, name, value, NULL);
	else
		block_cut(b, name);
}

/* "dmar0/0000:00:0a.0 seq# 1: rid=0x50 addr=0x559ef6f97 rw--l pasid=0x2 index=0x1" */
void trace_prq_report(struct decode *d, const struct line *l, const char *s)
{
	struct block *b = block_new("prq_report", l->number, "page request");
	const char *at, *unit;
	uint64_t value;
	char sid[SID_TEXT];

	b->last = l->last;
	scan_blanks(&s);
	unit = s;
	s += scan_word(s, "/");
	block_unit(b, unit, (size_t)(s - unit));
	if (*s == '/')
		s = inner_word_field(b, "device", s + 1, "");
	if (scan_find(l, s, "seq# ", &at) && scan_dec(l, &at, &value) == SCAN_OK)
		block_number(b, "seq", value, NULL);
	if (scan_find(l, s, "rid=", &at) && scan_0x(l, &at, &value) == SCAN_OK && key_follows(at))
		block_hex(b, "RID", value, "%s", sid_text(sid, (unsigned)value));
	else
		block_cut(b, "RID");
	if (scan_find(l, s, "addr=", &at) && scan_0x_inner(l, &at, &value) == SCAN_OK &&
	    (scan_blanks(&at), scan_word(at, "") == 5)) {
		block_hex(b, "page", value, "the event prints a page number");
		block_hex(b, "address", value << QI_PAGE_SHIFT, NULL);
		block_text(b, "flags", "%.5s%s%s%s%s", at, at[0] == 'r' ? ", read" : "",
			   at[1] == 'w' ? ", write" : "", at[2] == 'x' ? ", execute" : "",
			   at[4] == 'l' ? ", last of its group: a page group response is due" : "");
	} else {
		block_cut(b, "address");
	}
	value_field(b, l, s, "pasid=", "PASID", true);
	value_field(b, l, s, "index=", "PRGI", false);
	decode_block(d, b);
}

/*
 * "dmar0/0000:.. type iotlb did 5 pasid 0 ref 1" and "dmar0 0000:..[0] type .. [0x..-0x..] addr .."
 */
static void cache_tag(struct decode *d, const struct line *l, const char *name, size_t n,
		      const char *s)
{
	static const char *const numbers[] = { "did ", "pasid ", "ref " };
	static const char *const words[] = { "addr ", "pages ", "mask " };
	struct block *b = block_new("cache_tag", l->number, "cache tag event");
	const char *unit, *at;
	uint64_t value;

	b->last = l->last;
	block_text(b, "event", "%.*s", (int)n, name);
	scan_blanks(&s);
	unit = s;
	s += scan_word(s, "/");
	block_unit(b, unit, (size_t)(s - unit));
	if (*s == '/')
		s++;
	scan_blanks(&s);
	s = inner_word_field(b, "device", s, "[");
	if (scan_find(l, s, "type ", &at))
		inner_word_field(b, "type", at, "");
	for (unsigned i = 0; i < 3; i++)
		if (scan_find(l, s, numbers[i], &at) && scan_dec(l, &at, &value) == SCAN_OK)
			block_number(b, i ? i == 1 ? "PASID" : "references" : "DID", value, NULL);
	at = scan_find(l, s, "[0x", NULL);
	if (at) {
		at++;
		if (scan_0x(l, &at, &value) == SCAN_OK && *at == '-')
			block_hex(b, "first", value, NULL);
		if (*at++ == '-' && scan_0x(l, &at, &value) == SCAN_OK && *at == ']')
			block_hex(b, "last", value, NULL);
		for (unsigned i = 0; i < 3; i++)
			if (scan_find(l, s, words[i], &at) && scan_0x(l, &at, &value) == SCAN_OK &&
			    (i == 2 || key_follows(at)))
				block_hex(b, i ? i == 1 ? "pages" : "mask" : "address", value,
					  NULL);
	}
	decode_block(d, b);
}

/* Until 5.12: "dev=0000:00:02.0 dev_addr=0x.. phys_addr=0x.. size=4096" */
static void map_event(struct decode *d, const struct line *l, const char *name, size_t n,
		      const char *s)
{
	struct block *b = block_new("map", l->number, "mapping event, of Linux 5.4 to 5.12");
	const char *at;
	uint64_t value;

	b->last = l->last;
	block_text(b, "event", "%.*s", (int)n, name);
	if (scan_find(l, s, "dev=", &at))
		inner_word_field(b, "device", at, "");
	value_field(b, l, s, "dev_addr=", "address", true);
	value_field(b, l, s, "phys_addr=", "physical address", true);
	if (scan_find(l, s, "size=", &at) && scan_dec(l, &at, &value) == SCAN_OK)
		block_number(b, "size", value, NULL);
	decode_block(d, b);
}

/* ---- the recogniser ---- */

bool trace_word_start(const struct line *l, const char *s)
{
	return s == l->text || strchr(" \t:|", s[-1]);
}

bool trace_named(struct decode *d, const struct line *l)
{
	static const struct {
		const char *name;
		void (*read)(struct decode *d, const struct line *l, const char *name, size_t n,
			     const char *s);
	} events[] = {
		{ "cache_tag_assign", cache_tag },
		{ "cache_tag_unassign", cache_tag },
		{ "cache_tag_flush_all", cache_tag },
		{ "cache_tag_flush_range", cache_tag },
		{ "cache_tag_flush_range_np", cache_tag },
		{ "map_single", map_event },
		{ "bounce_map_single", map_event },
		{ "unmap_single", map_event },
		{ "unmap_sg", map_event },
		{ "bounce_unmap_single", map_event },
		{ "map_sg", map_event },
		{ "bounce_map_sg", map_event },
	};

	for (unsigned i = 0; i < sizeof(events) / sizeof(*events); i++) {
		const char *behind, *at = scan_find(l, l->text, events[i].name, &behind);

		if (!at || *behind != ':' || !trace_word_start(l, at))
			continue;
		if (events[i].read == map_event && !scan_find(l, behind, "dev=", NULL))
			continue;
		decode_take(d);
		events[i].read(d, l, at, (size_t)(behind - at), behind + 1);
		return true;
	}
	return false;
}
