/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* A DMAR table's structures and their scopes, one block each. */
#include "acpi_fields.h"
#include "machine.h"

#include <inttypes.h>
#include <stdio.h>

#define SCOPE_HEADER 6

/* ---- scopes ---- */

static void keep_scope(struct dmar *m, const struct acpi_scope *s)
{
	if (m->t->scopes < ACPI_SCOPES)
		m->t->scope[m->t->scopes++] = *s;
	else
		m->t->cut = true;
}

/* Returns the scope's length; 0: it is unusable, so the rest cannot be read. */
static size_t scope(struct dmar *m, struct block *b, size_t at, size_t end, unsigned number)
{
	struct acpi_scope s = { .owner = m->type, .segment = m->segment, .line = dmar_line(m, at) };
	char name[24], text[ACPI_SCOPE_TEXT];
	uint64_t word, bytes;

	snprintf(name, sizeof(name), "scope %u", number);
	if (!dmar_get(m, b, name, at, 4, &word) || !dmar_get(m, b, name, at + 4, 2, &bytes))
		return 0;
	const size_t size = word >> 8 & 0xff, path = size - SCOPE_HEADER;

	s.type = (uint8_t)word;
	s.id = (uint8_t)bytes;
	s.bus = (uint8_t)(bytes >> 8);
	if (size < SCOPE_HEADER || size > end - at) {
		decode_find(m->d, &dmar_length, s.line,
			    "A scope has a length of %zu bytes, where there are %zu left.", size,
			    end - at);
		return 0;
	}
	for (s.length = 0; s.length + 1u < path && s.length < sizeof(s.path); s.length += 2) {
		if (!dmar_get(m, b, name, at + SCOPE_HEADER + s.length, 2, &bytes))
			return 0;
		s.path[s.length] = (uint8_t)bytes;
		s.path[s.length + 1] = (uint8_t)(bytes >> 8);
	}
	acpi_scope_text(text, &s);
	if (m->type == ACPI_SIDP)
		block_text(b, name, "%s, flags 0x%02x", text, (unsigned)(word >> 16 & 0xff));
	else
		block_text(b, name, "%s", text);
	acpi_check_scope(m->d, &s);
	keep_scope(m, &s);
	return size;
}

static void scopes(struct dmar *m, struct block *b, size_t at, size_t end)
{
	unsigned number = 1;
	size_t size;

	for (; at + SCOPE_HEADER <= end; at += size) {
		size = scope(m, b, at, end, number++);
		if (!size)
			return;
	}
	if (at < end)
		decode_find(m->d, &dmar_length, dmar_line(m, at),
			    "%zu bytes at the end of a structure are too few for a scope.",
			    end - at);
}

/* The PCI device of a scope without bridges on its path; NO_SID: another kind of scope. */
static unsigned scope_device(const struct acpi_scope *s)
{
	if (s->type > 2 || s->length != 2)
		return NO_SID;
	return (unsigned)s->bus << 8 | (s->path[0] & 0x1f) << 3 | (s->path[1] & 7);
}

/* ---- structures ---- */

static void learn_scope(struct dmar *m, const struct acpi_unit *u, unsigned sid, bool bridge)
{
	machine_add_scope(decode_machine(m->d), &(struct machine_scope){ .segment = u->segment,
									 .sid = sid,
									 .bridge = bridge,
									 .base = u->base });
}

static void drhd(struct dmar *m, struct block *b, size_t at, size_t end)
{
	static const char *const names[] = { "INCLUDE_PCI_ALL", NULL, NULL };
	struct acpi_unit u = { .segment = m->segment, .line = b->line };
	uint64_t flag = 0, pages;
	unsigned first;

	dmar_flags(m, b, at + 4, names, &flag);
	u.all = flag & 1;
	if (acpi_get(m->image, at + 5, 1, &pages) && pages)
		block_number(b, "Size", pages, "%u pages of registers", 1u << (pages & 0xf));
	if (dmar_hex(m, b, "Register Base Address", at + 8, 8, &u.base) &&
	    m->t->units < ACPI_UNITS) {
		m->t->unit[m->t->units++] = u;
		acpi_check_unit(m->d, m->t, &m->t->unit[m->t->units - 1]);
	}
	first = m->t->scopes;
	scopes(m, b, at + 16, end);
	for (unsigned i = first; i < m->t->scopes; i++)
		if (scope_device(&m->t->scope[i]) != NO_SID)
			learn_scope(m, &u, scope_device(&m->t->scope[i]),
				    m->t->scope[i].type == ACPI_SCOPE_BRIDGE);
	if (u.all)
		learn_scope(m, &u, NO_SID, false);
}

static void rmrr(struct dmar *m, struct block *b, size_t at, size_t end)
{
	uint64_t base, limit;
	bool whole = false;
	unsigned first;

	if (dmar_hex(m, b, "Base Address", at + 8, 8, &base) &&
	    dmar_get(m, b, "Limit Address", at + 16, 8, &limit)) {
		block_hex(b, "Limit Address", limit,
			  "%" PRIu64 " KiB, which these devices may reach "
			  "whatever is translated",
			  limit < base ? 0 : (limit - base + 1) >> 10);
		acpi_check_reserved_memory(m->d, m->t, base, limit, b->line);
		whole = true;
	}
	first = m->t->scopes;
	scopes(m, b, at + 24, end);
	for (unsigned i = first; whole && i < m->t->scopes; i++)
		machine_region(decode_machine(m->d), REGION_RMRR, base, limit,
			       scope_device(&m->t->scope[i]), b->line);
}

static void atsr(struct dmar *m, struct block *b, size_t at, size_t end)
{
	static const char *const names[] = { "ALL_PORTS", NULL, NULL };
	uint64_t flag;

	dmar_flags(m, b, at + 4, names, &flag);
	scopes(m, b, at + 8, end);
}

static void rhsa(struct dmar *m, struct block *b, size_t at, size_t end)
{
	struct acpi_unit u = { .line = b->line };
	uint64_t node;

	(void)end;
	if (dmar_hex(m, b, "Register Base Address", at + 8, 8, &u.base) &&
	    m->t->affinities < ACPI_UNITS)
		m->t->affinity[m->t->affinities++] = u;
	if (dmar_get(m, b, "Proximity Domain", at + 16, 4, &node))
		block_number(b, "Proximity Domain", node, NULL);
}

static void andd(struct dmar *m, struct block *b, size_t at, size_t end)
{
	uint64_t number, c = 1;
	char name[256];
	unsigned n = 0;

	if (dmar_get(m, b, "ACPI Device Number", at + 7, 1, &number)) {
		block_number(b, "ACPI Device Number", number, NULL);
		m->t->named[number] = true;
	}
	for (at += 8; at < end && c; at++) {
		if (!dmar_get(m, b, "ACPI Object Name", at, 1, &c))
			return;
		if (c && n < sizeof(name) - 1)
			name[n++] = (char)(c < ' ' || c > '~' ? '?' : c);
	}
	block_text(b, "ACPI Object Name", "%.*s", (int)n, name);
	if (c)
		decode_find(m->d, &dmar_length, b->line,
			    "The name in an ANDD does not end within its structure.");
}

static void satc(struct dmar *m, struct block *b, size_t at, size_t end)
{
	static const char *const names[] = { "ATC_REQUIRED", NULL, NULL };
	uint64_t flag;

	dmar_flags(m, b, at + 4, names, &flag);
	scopes(m, b, at + 8, end);
}

static void sidp(struct dmar *m, struct block *b, size_t at, size_t end)
{
	scopes(m, b, at + 8, end);
}

static const struct {
	const char *kind, *title;
	unsigned fixed; /* bytes before the scopes */
	bool segment;	/* it has a segment, at offset 6 */
	void (*read)(struct dmar *m, struct block *b, size_t at, size_t end);
} structures[] = {
	[ACPI_DRHD] = { "acpi-drhd", "DRHD, a remapping unit", 16, true, drhd },
	[ACPI_RMRR] = { "acpi-rmrr", "RMRR, memory reserved for devices", 24, true, rmrr },
	[ACPI_ATSR] = { "acpi-atsr", "ATSR, root ports that do ATS", 8, true, atsr },
	[ACPI_RHSA] = { "acpi-rhsa", "RHSA, a unit's NUMA node", 20, false, rhsa },
	[ACPI_ANDD] = { "acpi-andd", "ANDD, an ACPI device's name", 8, false, andd },
	[ACPI_SATC] = { "acpi-satc", "SATC, integrated devices with a device TLB", 8, true, satc },
	[ACPI_SIDP] = { "acpi-sidp", "SIDP, properties of integrated devices", 8, true, sidp },
};

#define STRUCTURES (sizeof(structures) / sizeof(*structures))

static void structure(struct dmar *m, unsigned type, size_t at, size_t end)
{
	const bool known = type < STRUCTURES;
	struct block *b =
		block_new(known ? structures[type].kind : "acpi-structure", dmar_line(m, at),
			  known ? structures[type].title : "a structure of an unknown type");
	uint64_t segment;

	b->last = dmar_line(m, end - 1) > b->line ? dmar_line(m, end - 1) : b->line;
	block_number(b, "Offset", at, NULL);
	m->segment = 0;
	m->type = (uint8_t)type;
	if (!known) {
		block_number(b, "Type", type, "newer than this program, or damage");
		block_number(b, "Length", end - at, NULL);
	} else if (end - at < structures[type].fixed) {
		decode_find(m->d, &dmar_length, b->line,
			    "A structure of type %u has %zu bytes, but needs %u.", type, end - at,
			    structures[type].fixed);
	} else {
		if (structures[type].segment && dmar_get(m, b, "Segment", at + 6, 2, &segment)) {
			block_number(b, "Segment", segment, NULL);
			m->segment = (uint16_t)segment;
		}
		structures[type].read(m, b, at, end);
	}
	decode_block(m->d, b);
}

void dmar_structures(struct dmar *m, size_t end)
{
	size_t at = ACPI_DMAR_HEADER;
	uint64_t type, size;

	for (; at + 4 <= end; at += size) {
		if (!acpi_get(m->image, at, 2, &type) || !acpi_get(m->image, at + 2, 2, &size)) {
			m->t->cut = true;
			return;
		}
		if (size < 4) {
			decode_find(m->d, &dmar_length, dmar_line(m, at),
				    "The structure at offset %zu has a length of %" PRIu64
				    " bytes.",
				    at, size);
			return;
		}
		if (size > end - at) {
			decode_find(m->d, &dmar_length, dmar_line(m, at),
				    "The structure at offset %zu has %" PRIu64
				    " bytes, of which %zu are in the table.",
				    at, size, end - at);
			size = end - at;
			m->t->cut = true;
		}
		structure(m, (unsigned)type, at, at + size);
	}
	if (at < end)
		decode_find(m->d, &dmar_length, dmar_line(m, at),
			    "%zu bytes at the end of the table are too few for a structure.",
			    end - at);
}
