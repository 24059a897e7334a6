/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "dmar.h"

#include <errno.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST 4096
#define HEADER 48 /* bytes of the table's header, including its own fields */

enum { DRHD, RMRR, ATSR, RHSA };
enum { ENDPOINT = 1, BRIDGE, IOAPIC };

#define DRHD_ALL 1 /* INCLUDE_PCI_ALL */
#define ATSR_ALL 1 /* ALL_PORTS */
#define TABLE_INTR 1

/* In QEMU's q35: the id of the IOAPIC, and the source id of its messages. */
#define IOAPIC_ID 0
#define IOAPIC_BUS 0xff
#define IOAPIC_SLOT 0

struct table {
	unsigned char byte[MOST];
	size_t n;
	size_t start; /* of the structure that is being written */
	bool intr;
	unsigned char width;
};

static void put(struct table *t, uint64_t value, unsigned bytes)
{
	for (unsigned i = 0; i < bytes && t->n < MOST; i++)
		t->byte[t->n++] = (unsigned char)(value >> 8 * i);
}

static void begin(struct table *t, unsigned type)
{
	t->start = t->n;
	put(t, type, 2);
	put(t, 0, 2);
}

static void end(struct table *t)
{
	size_t n = t->n - t->start;

	t->byte[t->start + 2] = (unsigned char)n;
	t->byte[t->start + 3] = (unsigned char)(n >> 8);
}

static void put_scope(struct table *t, unsigned type, unsigned id, unsigned bus, unsigned slot,
		      unsigned function)
{
	put(t, type, 1);
	put(t, 8, 1);
	put(t, 0, 2);
	put(t, id, 1);
	put(t, bus, 1);
	put(t, slot, 1);
	put(t, function, 1);
}

static bool put_scopes(struct table *t, char **rest, unsigned *n)
{
	unsigned bus, slot, function;
	char *text, over;

	for (*n = 0; (text = strtok_r(NULL, ":", rest)); ++*n) {
		bool bridge = *text == '+';

		if (sscanf(text + bridge, "%x.%x.%u%c", &bus, &slot, &function, &over) != 3 ||
		    bus > 255 || slot > 31 || function > 7)
			return false;
		put_scope(t, bridge ? BRIDGE : ENDPOINT, 0, bus, slot, function);
	}
	return true;
}

static bool number(const char *text, char **end_of, uint64_t *n)
{
	errno = 0;
	*n = strtoull(text, end_of, 0);
	return *end_of != text && !errno;
}

static bool put_drhd(struct table *t, char *value)
{
	char *rest, *base = strtok_r(value, ":", &rest), *over;
	size_t flags;
	unsigned scopes;
	uint64_t addr;

	if (!base || !number(base, &over, &addr) || *over || addr & 0xfff)
		return false;
	begin(t, DRHD);
	flags = t->n;
	put(t, 0, 1);
	put(t, 0, 1); /* 4 KiB of registers */
	put(t, 0, 2); /* segment */
	put(t, addr, 8);
	if (!put_scopes(t, &rest, &scopes))
		return false;
	if (!scopes) {
		t->byte[flags] = DRHD_ALL;
		if (t->intr)
			put_scope(t, IOAPIC, IOAPIC_ID, IOAPIC_BUS, IOAPIC_SLOT, 0);
	}
	end(t);
	return true;
}

static bool put_rmrr(struct table *t, char *value)
{
	char *rest, *range = strtok_r(value, ":", &rest), *over;
	uint64_t first, last;
	unsigned scopes;

	if (!range || !number(range, &over, &first) || *over != '-' ||
	    !number(over + 1, &over, &last) || *over || first > last)
		return false;
	begin(t, RMRR);
	put(t, 0, 2);
	put(t, 0, 2);
	put(t, first, 8);
	put(t, last, 8);
	if (!put_scopes(t, &rest, &scopes) || !scopes)
		return false;
	end(t);
	return true;
}

static bool put_atsr(struct table *t, char *value)
{
	char *rest = value;
	size_t flags;
	unsigned scopes;

	begin(t, ATSR);
	flags = t->n;
	put(t, 0, 1);
	put(t, 0, 1);
	put(t, 0, 2);
	if (!put_scopes(t, &rest, &scopes))
		return false;
	t->byte[flags] = scopes ? 0 : ATSR_ALL;
	end(t);
	return true;
}

static bool put_rhsa(struct table *t, char *value)
{
	uint64_t base, node;
	char *over;

	if (!number(value, &over, &base) || *over != ':' || !number(over + 1, &over, &node) ||
	    *over)
		return false;
	begin(t, RHSA);
	put(t, 0, 4);
	put(t, base, 8);
	put(t, node, 4);
	end(t);
	return true;
}

static bool put_structure(struct table *t, char *text)
{
	char *value = strchr(text, '='), *over;
	char none[1] = "";
	uint64_t n;

	if (value)
		*value++ = '\0';
	else
		value = none;
	if (!strcmp(text, "drhd"))
		return put_drhd(t, value);
	if (!strcmp(text, "rmrr"))
		return put_rmrr(t, value);
	if (!strcmp(text, "atsr"))
		return put_atsr(t, value);
	if (!strcmp(text, "rhsa"))
		return put_rhsa(t, value);
	if (!strcmp(text, "intr") && !*value)
		return t->intr = true;
	if (!strcmp(text, "width") && number(value, &over, &n) && !*over && n >= 30 && n <= 64) {
		t->width = (unsigned char)n;
		return true;
	}
	return false;
}

static void finish(struct table *t)
{
	static const char head[] = "DMAR";
	unsigned char sum = 0;
	size_t n = t->n;

	t->n = 0;
	for (unsigned i = 0; i < 4; i++)
		put(t, (unsigned char)head[i], 1);
	put(t, n, 4);
	put(t, 1, 1); /* revision */
	put(t, 0, 1); /* checksum */
	memcpy(t->byte + 10, "QINVALQINVAL  ", 14);
	t->n = 24;
	put(t, 1, 4);
	memcpy(t->byte + 28, "QINV", 4);
	t->n = 32;
	put(t, 1, 4);
	put(t, t->width - 1U, 1);
	put(t, t->intr ? TABLE_INTR : 0, 1);
	t->n = n;
	for (size_t i = 0; i < n; i++)
		sum = (unsigned char)(sum + t->byte[i]);
	t->byte[9] = (unsigned char)-sum;
}

bool dmar_write(const char *path, const char *list, char *error, size_t size)
{
	struct table t = { .n = HEADER, .width = 48 };
	char copy[2000], *rest, *text, shown[200];
	bool ok = true;
	FILE *f;

	snprintf(copy, sizeof(copy), "%s", list);
	t.intr = strstr(list, "intr") != NULL;
	for (text = strtok_r(copy, ",", &rest); ok && text; text = strtok_r(NULL, ",", &rest)) {
		snprintf(shown, sizeof(shown), "%s", text);
		ok = put_structure(&t, text);
	}
	if (!ok || t.n == HEADER || t.n >= MOST) {
		snprintf(error, size,
			 "\"%s\" is none of drhd=BASE[:BB.DD.F...], rmrr=FIRST-LAST:BB.DD.F..., "
			 "atsr[=BB.DD.F...], rhsa=BASE:NODE, intr, width=BITS",
			 ok ? list : shown);
		return false;
	}
	finish(&t);
	f = fopen(path, "we");
	ok = f && fwrite(t.byte, t.n, 1, f) == 1;
	if (f && fclose(f))
		ok = false;
	if (!ok)
		snprintf(error, size, "cannot write %s: %s", path, strerror(errno));
	return ok;
}
