/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * A DMAR table as a file, as a dump (acpidump, hexdump -C, xxd), or as a listing of iasl, which has
 * the fields and often a dump after them.
 */
#include "acpi.h"
#include "scan.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define DUMP_BYTES 16 /* in a line */
#define FIELD_BYTES 256
#define QUIET_LINES 24 /* lines without a byte: the listing has ended */
#define FOREIGN_LINES 6

enum where { NOWHERE, DUMP, LISTING, LISTING_DUMP };

struct acpi_text {
	enum where where;
	unsigned quiet, foreign; /* lines since the last byte: empty lines, other lines */
	uint64_t last;
	struct acpi_image image;
};

static int nibble(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool byte_here(const char *s, uint8_t *byte)
{
	if (nibble(s[0]) < 0 || nibble(s[1]) < 0)
		return false;
	*byte = (uint8_t)(nibble(s[0]) << 4 | nibble(s[1]));
	return true;
}

/* ---- a dump's line: "0010: 41 20 4D 20 ..." ---- */

/* Bytes in groups of one or two, with at most two blanks between them. */
static unsigned dump_bytes(const char *s, uint8_t bytes[DUMP_BYTES])
{
	unsigned n = 0;

	while (n < DUMP_BYTES) {
		const unsigned group = n;
		const char *t = s;
		size_t blanks;

		while (n < DUMP_BYTES && n - group < 2 && byte_here(t, &bytes[n])) {
			n++;
			t += 2;
		}
		blanks = strspn(t, " ");
		if (*t && !blanks && *t != '|') {
			n = group; /* a word in the column of characters */
			break;
		}
		s = t + blanks;
		if (n == group || blanks > 2)
			break;
	}
	return n;
}

static unsigned dump_line(const struct line *l, uint64_t *at, uint8_t bytes[DUMP_BYTES])
{
	const char *s = l->text + strspn(l->text, " \t"), *start = s;
	char own[128];

	if (nibble(*s) < 0)
		return 0;
	/* The lines after it may belong to something else. */
	snprintf(own, sizeof(own), "%.*s", (int)(l->own - (s - l->text)), s);
	s = start = own;
	if (scan_digits(&s, at) < 4 || s - start > 8)
		return 0;
	if (*s == ':')
		s++;
	if (*s != ' ' || *at >= ACPI_IMAGE)
		return 0;
	s += strspn(s, " ");
	return dump_bytes(s, bytes);
}

/*
 * ---- a line of a listing: "[038h 0056 8] Register Base Address : 00000000D37FC000", or as source
 * for a compiler, with the size only: "[0008] Register Base Address : ..." ----
 */

/* *at: the offset after the previous line's bytes. */
static bool listing_place(const char **s, uint64_t *at, uint64_t *size)
{
	const char *t = *s + strspn(*s, " \t"), *third;
	uint64_t again;

	if (*t++ != '[')
		return false;
	if (strspn(t, "0123456789") == 4 && t[4] == ']') {
		*size = strtoul(t, NULL, 10);
		*s = t + 5;
		return *at < ACPI_IMAGE && *size && *size <= FIELD_BYTES;
	}
	if (!scan_digits(&t, at) || *t++ != 'h')
		return false;
	t += strspn(t, " ");
	if (!scan_digits(&t, &again))
		return false;
	t += strspn(t, " ");
	third = t;
	if (!scan_digits(&t, size))
		return false;
	if (*t == 'h') /* newer versions print it in hexadecimal */
		t++;
	else
		*size = strtoul(third, NULL, 10);
	*s = t + 1;
	return *t == ']' && *at < ACPI_IMAGE && *size && *size <= FIELD_BYTES;
}

/* "00 00 00", "05,04", in old versions "[05, 04]": bytes in order. Returns their number. */
static unsigned bytes_in_order(const char *s, uint8_t *bytes)
{
	unsigned n = 0;

	s += *s == '[';
	while (n < FIELD_BYTES && byte_here(s, &bytes[n])) {
		n++;
		s += 2;
		s += strspn(s, " ,");
	}
	return n;
}

/* The value after the colon, as bytes of the table. */
static bool listing_value(const char *s, uint64_t size, uint8_t *bytes)
{
	size_t digits = strspn(s, "0123456789abcdefABCDEF");
	const char *end;

	memset(bytes, 0, size);
	if (*s == '"') {
		end = strrchr(s + 1, '"');
		if (!end)
			return false;
		memcpy(bytes, s + 1,
		       end - s - 1 < (long)size ? (size_t)(end - s - 1) : (size_t)size);
		return true;
	}
	if (digits != 2 * size)
		return bytes_in_order(s, bytes) == size;
	/* A number: the lowest byte, which is printed last, comes first in the table. */
	for (uint64_t i = 0; i < size; i++)
		byte_here(s + 2 * (size - 1 - i), &bytes[i]);
	return true;
}

static bool listing_line(const struct line *l, uint64_t *at, uint64_t *size, uint8_t *bytes)
{
	const char *s = l->text + strspn(l->text, " \t"), *colon;
	char own[512];

	if (s[0] != '[' || nibble(s[1]) < 0)
		return false;
	snprintf(own, sizeof(own), "%.*s", (int)l->own, l->text);
	s = own;
	if (!listing_place(&s, at, size))
		return false;
	colon = strstr(s, " : ");
	if (!colon)
		return false;
	return listing_value(colon + 3 + strspn(colon + 3, " "), *size, bytes);
}

/* ---- the recogniser ---- */

static void finish(struct decode *d, struct acpi_text *t)
{
	if (t->image.end)
		acpi_dmar(d, &t->image);
	memset(t, 0, sizeof(*t));
}

static bool whole(const struct acpi_text *t)
{
	uint64_t length;

	return acpi_get(&t->image, 4, 4, &length) && t->image.end >= length;
}

static bool is_signature(const uint8_t *bytes, size_t size)
{
	return size >= 4 && !memcmp(bytes, "DMAR", 4);
}

static bool is_heading(const struct line *l)
{
	const char *s = l->text;

	return strlen(s) > 8 && !strncmp(s + 4, " @ 0x", 5) && isalnum((unsigned char)*s);
}

static void put(struct decode *d, struct acpi_text *t, const struct line *l, uint64_t at,
		const uint8_t *bytes, size_t size)
{
	acpi_put(&t->image, at, bytes, size, l->number);
	t->quiet = t->foreign = 0;
	decode_take(d);
}

/* Returns true if the line has bytes of a table. */
static bool take(struct decode *d, struct acpi_text *t, const struct line *l)
{
	uint8_t bytes[FIELD_BYTES];
	uint64_t at = t->where == LISTING ? t->image.end : 0, size;

	if (listing_line(l, &at, &size, bytes)) {
		if (at == 0 && is_signature(bytes, size)) {
			finish(d, t);
			t->where = LISTING;
		}
		if (t->where == LISTING)
			put(d, t, l, at, bytes, size);
		return t->where == LISTING;
	}
	size = dump_line(l, &at, bytes);
	if (!size)
		return false;
	if (at == 0 && is_signature(bytes, size) && t->where != LISTING) {
		finish(d, t);
		t->where = DUMP;
	} else if (at == 0 && is_signature(bytes, size)) {
		t->where = LISTING_DUMP;
	}
	if (t->where != DUMP && t->where != LISTING_DUMP)
		return false;
	put(d, t, l, at, bytes, size);
	if (whole(t) && (t->where == DUMP || at + size >= t->image.end))
		finish(d, t);
	return true;
}

static bool line(struct decode *d, void *state, const struct line *l)
{
	struct acpi_text *t = state;

	if (take(d, t, l))
		return t->where != NOWHERE;
	if (t->where == NOWHERE)
		return is_heading(l) && is_signature((const uint8_t *)l->text, l->own);
	if (l->own)
		t->foreign++;
	if (is_heading(l) || ++t->quiet > QUIET_LINES || t->foreign > FOREIGN_LINES)
		finish(d, t);
	return t->where != NOWHERE;
}

static void end(struct decode *d, void *state)
{
	finish(d, state);
}

static const char *const words[] = { "DMAR", NULL };

const struct recogniser acpi_recogniser = { "acpi", words, sizeof(struct acpi_text),
					    line,   end,   false };

/* ---- the table itself ---- */

static bool is_table(const unsigned char *head, size_t size)
{
	return size >= ACPI_HEADER && is_signature(head, size) && memchr(head, 0, ACPI_HEADER);
}

static const char *read_table(struct decode *d, struct lines *r, const char *path)
{
	struct acpi_image *image = calloc(1, sizeof(*image));
	const unsigned char *head;
	size_t size;

	(void)path;
	if (!image)
		abort();
	head = lines_head(r, &size);
	acpi_put(image, 0, head, size, 0);
	acpi_dmar(d, image);
	free(image);
	return NULL;
}

const struct whole acpi_whole = { "acpi", is_table, read_table };
