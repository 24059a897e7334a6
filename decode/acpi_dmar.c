/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* A DMAR table's structures, one block each. */
#include "acpi.h"
#include "acpi_table.h"
#include "machine.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define SCOPE_HEADER 6
#define FLAGS_TEXT 120

struct dmar {
	struct decode *d;
	const struct acpi_image *image;
	struct acpi_table *t;
	uint16_t segment; /* of the structure at hand */
	uint8_t type;
};

static const struct finding checksum = {
	.id = "acpi-checksum",
	.weight = ERROR,
	.certainty = CERTAIN,
	.next = "Damaged by whoever wrote or copied the table: read it again from "
		"/sys/firmware/acpi/tables/DMAR. If it is the same there, it is firmware's "
		"mistake.",
};

static const struct finding length = {
	.id = "acpi-length",
	.weight = ERROR,
	.certainty = CERTAIN,
	.next = "A kernel stops reading there: what follows is as if it were not in the table. "
		"Read it "
		"again from /sys/firmware/acpi/tables/DMAR, to see whether the copy was damaged.",
};

static const struct finding cut = {
	.id = "acpi-cut",
	.weight = DAMAGE,
	.certainty = CERTAIN,
	.next = "Take all of it: /sys/firmware/acpi/tables/DMAR.",
};

static const struct finding opt_out = {
	.id = "acpi-x2apic-opt-out",
	.weight = NOTE,
	.certainty = CERTAIN,
	.next = "A setting of the firmware. Linux obeys unless it is booted with "
		"intremap=no_x2apic_optout.",
};

void acpi_put(struct acpi_image *image, size_t at, const uint8_t *bytes, size_t size, uint64_t line)
{
	if (at >= ACPI_IMAGE)
		return;
	if (size > ACPI_IMAGE - at)
		size = ACPI_IMAGE - at;
	memcpy(image->byte + at, bytes, size);
	for (size_t i = at; i < at + size; i++) {
		if (!image->known[i])
			image->line[i] = (uint32_t)line;
		image->known[i] = true;
	}
	if (at + size > image->end)
		image->end = at + size;
}

bool acpi_get(const struct acpi_image *image, size_t at, unsigned size, uint64_t *value)
{
	*value = 0;
	for (unsigned i = 0; i < size; i++) {
		if (at + i >= image->end || !image->known[at + i])
			return false;
		*value |= (uint64_t)image->byte[at + i] << 8 * i;
	}
	return true;
}

/* ---- fields ---- */

static bool get(struct dmar *m, struct block *b, const char *name, size_t at, unsigned size,
		uint64_t *value)
{
	if (acpi_get(m->image, at, size, value))
		return true;
	m->t->cut = true;
	block_cut(b, name);
	return false;
}

static bool hex(struct dmar *m, struct block *b, const char *name, size_t at, unsigned size,
		uint64_t *value)
{
	if (!get(m, b, name, at, size, value))
		return false;
	block_hex(b, name, *value, NULL);
	return true;
}

/* The names of the bits that are set. */
static bool flags(struct dmar *m, struct block *b, size_t at, const char *const *name,
		  uint64_t *value)
{
	char text[FLAGS_TEXT] = "";
	size_t n = 0;

	if (!get(m, b, "Flags", at, 1, value))
		return false;
	for (unsigned i = 0; i < 8; i++) {
		if (!(*value >> i & 1))
			continue;
		n += snprintf(text + n, sizeof(text) - n, "%s", n ? ", " : "");
		if (i < 3 && name[i])
			n += snprintf(text + n, sizeof(text) - n, "%s", name[i]);
		else
			n += snprintf(text + n, sizeof(text) - n, "reserved bit %u", i);
	}
	block_hex(b, "Flags", *value, "%s", *text ? text : "none");
	return true;
}

static void ascii(struct dmar *m, struct block *b, const char *name, size_t at, unsigned size)
{
	char text[16];
	uint64_t c;

	for (unsigned i = 0; i < size; i++) {
		if (!get(m, b, name, at + i, 1, &c))
			return;
		text[i] = (char)(c < ' ' || c > '~' ? c ? '?' : ' ' : c);
	}
	while (size && text[size - 1] == ' ')
		size--;
	block_text(b, name, "%.*s", (int)size, text);
}

static uint64_t line_of(const struct dmar *m, size_t at)
{
	return at < m->image->end ? m->image->line[at] : 0;
}

/* ---- scopes ---- */

static void keep_scope(struct dmar *m, const struct acpi_scope *s)
{
	if (m->t->scopes < ACPI_SCOPES)
		m->t->scope[m->t->scopes++] = *s;
	else
		m->t->cut = true;
}

/* Returns its length, 0 if there is nothing to go on with. */
static size_t scope(struct dmar *m, struct block *b, size_t at, size_t end, unsigned number)
{
	struct acpi_scope s = { .owner = m->type, .segment = m->segment, .line = line_of(m, at) };
	char name[24], text[ACPI_SCOPE_TEXT];
	uint64_t word, bytes;

	snprintf(name, sizeof(name), "scope %u", number);
	if (!get(m, b, name, at, 4, &word) || !get(m, b, name, at + 4, 2, &bytes))
		return 0;
	const size_t size = word >> 8 & 0xff, path = size - SCOPE_HEADER;

	s.type = (uint8_t)word;
	s.id = (uint8_t)bytes;
	s.bus = (uint8_t)(bytes >> 8);
	if (size < SCOPE_HEADER || size > end - at) {
		decode_find(m->d, &length, s.line,
			    "A scope has a length of %zu bytes, where there are %zu left.", size,
			    end - at);
		return 0;
	}
	for (s.length = 0; s.length + 1u < path && s.length < sizeof(s.path); s.length += 2) {
		if (!get(m, b, name, at + SCOPE_HEADER + s.length, 2, &bytes))
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
		decode_find(m->d, &length, line_of(m, at),
			    "%zu bytes at the end of a structure are too few for a scope.",
			    end - at);
}

/* The PCI device of a scope without bridges on its path; NO_SID: it is something else. */
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

	flags(m, b, at + 4, names, &flag);
	u.all = flag & 1;
	if (acpi_get(m->image, at + 5, 1, &pages) && pages)
		block_number(b, "Size", pages, "%u pages of registers", 1u << (pages & 0xf));
	if (hex(m, b, "Register Base Address", at + 8, 8, &u.base) && m->t->units < ACPI_UNITS) {
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

	if (hex(m, b, "Base Address", at + 8, 8, &base) &&
	    get(m, b, "Limit Address", at + 16, 8, &limit)) {
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

	flags(m, b, at + 4, names, &flag);
	scopes(m, b, at + 8, end);
}

static void rhsa(struct dmar *m, struct block *b, size_t at, size_t end)
{
	struct acpi_unit u = { .line = b->line };
	uint64_t node;

	(void)end;
	if (hex(m, b, "Register Base Address", at + 8, 8, &u.base) && m->t->affinities < ACPI_UNITS)
		m->t->affinity[m->t->affinities++] = u;
	if (get(m, b, "Proximity Domain", at + 16, 4, &node))
		block_number(b, "Proximity Domain", node, NULL);
}

static void andd(struct dmar *m, struct block *b, size_t at, size_t end)
{
	uint64_t number, c = 1;
	char name[256];
	unsigned n = 0;

	if (get(m, b, "ACPI Device Number", at + 7, 1, &number)) {
		block_number(b, "ACPI Device Number", number, NULL);
		m->t->named[number] = true;
	}
	for (at += 8; at < end && c; at++) {
		if (!get(m, b, "ACPI Object Name", at, 1, &c))
			return;
		if (c && n < sizeof(name) - 1)
			name[n++] = (char)(c < ' ' || c > '~' ? '?' : c);
	}
	block_text(b, "ACPI Object Name", "%.*s", (int)n, name);
	if (c)
		decode_find(m->d, &length, b->line,
			    "The name in an ANDD does not end within its structure.");
}

static void satc(struct dmar *m, struct block *b, size_t at, size_t end)
{
	static const char *const names[] = { "ATC_REQUIRED", NULL, NULL };
	uint64_t flag;

	flags(m, b, at + 4, names, &flag);
	scopes(m, b, at + 8, end);
}

static void sidp(struct dmar *m, struct block *b, size_t at, size_t end)
{
	scopes(m, b, at + 8, end);
}

static const struct {
	const char *kind, *title;
	unsigned fixed; /* bytes before the scopes */
	bool segment;	/* there is one, at offset 6 */
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
		block_new(known ? structures[type].kind : "acpi-structure", line_of(m, at),
			  known ? structures[type].title : "a structure of an unknown type");
	uint64_t segment;

	b->last = line_of(m, end - 1) > b->line ? line_of(m, end - 1) : b->line;
	block_number(b, "Offset", at, NULL);
	m->segment = 0;
	m->type = (uint8_t)type;
	if (!known) {
		block_number(b, "Type", type, "newer than this program, or damage");
		block_number(b, "Length", end - at, NULL);
	} else if (end - at < structures[type].fixed) {
		decode_find(m->d, &length, b->line,
			    "A structure of type %u has %zu bytes, but needs %u.", type, end - at,
			    structures[type].fixed);
	} else {
		if (structures[type].segment && get(m, b, "Segment", at + 6, 2, &segment)) {
			block_number(b, "Segment", segment, NULL);
			m->segment = (uint16_t)segment;
		}
		structures[type].read(m, b, at, end);
	}
	decode_block(m->d, b);
}

static void read_structures(struct dmar *m, size_t end)
{
	size_t at = ACPI_DMAR_HEADER;
	uint64_t type, size;

	for (; at + 4 <= end; at += size) {
		if (!acpi_get(m->image, at, 2, &type) || !acpi_get(m->image, at + 2, 2, &size)) {
			m->t->cut = true;
			return;
		}
		if (size < 4) {
			decode_find(m->d, &length, line_of(m, at),
				    "The structure at offset %zu has a length of %" PRIu64
				    " bytes.",
				    at, size);
			return;
		}
		if (size > end - at) {
			decode_find(m->d, &length, line_of(m, at),
				    "The structure at offset %zu has %" PRIu64
				    " bytes, of which %zu are in the table.",
				    at, size, end - at);
			size = end - at;
			m->t->cut = true;
		}
		structure(m, (unsigned)type, at, at + size);
	}
	if (at < end)
		decode_find(m->d, &length, line_of(m, at),
			    "%zu bytes at the end of the table are too few for a structure.",
			    end - at);
}

/* ---- the table ---- */

static void sum(struct dmar *m, struct block *b, size_t size)
{
	uint8_t all = 0, should;
	uint64_t has;

	if (!get(m, b, "Checksum", 9, 1, &has))
		return;
	for (size_t i = 0; i < size; i++) {
		if (i >= m->image->end || !m->image->known[i]) {
			block_hex(b, "Checksum", has, "not judged, as not all bytes are here");
			return;
		}
		all += m->image->byte[i];
	}
	should = (uint8_t)(has - all);
	block_hex(b, "Checksum", has, all ? "wrong, it should be 0x%02x" : "right", should);
	if (all)
		decode_find(m->d, &checksum, line_of(m, 9),
			    "The table's checksum is 0x%02x, but its bytes need 0x%02x.",
			    (unsigned)has, should);
}

static void header(struct dmar *m, struct block *b, uint64_t size)
{
	static const char *const names[] = { "INTR_REMAP", "X2APIC_OPT_OUT",
					     "DMA_CTRL_PLATFORM_OPT_IN" };
	uint64_t value;

	block_number(b, "Length", size, NULL);
	if (get(m, b, "Revision", 8, 1, &value))
		block_number(b, "Revision", value, NULL);
	sum(m, b, size);
	ascii(m, b, "OEM ID", 10, 6);
	ascii(m, b, "OEM Table ID", 16, 8);
	hex(m, b, "OEM Revision", 24, 4, &value);
	if (get(m, b, "Host Address Width", 36, 1, &value)) {
		block_number(b, "Host Address Width", value + 1, "bits; the field is 0x%02x",
			     (unsigned)value);
		m->t->width = (unsigned)value + 1;
	}
	m->t->has_flags = flags(m, b, 37, names, &value);
	m->t->interrupts = m->t->has_flags && value & 1;
	if (m->t->has_flags && value & 2)
		decode_find(m->d, &opt_out, line_of(m, 37),
			    "Firmware asks (X2APIC_OPT_OUT) that x2APIC mode be left off.");
}

/* Old listings leave the header's reserved bytes out. */
static bool reserved(size_t at)
{
	return at >= 38 && at < ACPI_DMAR_HEADER;
}

static size_t check_size(struct dmar *m, uint64_t size)
{
	size_t known = 0;

	if (size < ACPI_DMAR_HEADER)
		decode_find(m->d, &length, line_of(m, 4),
			    "The table has a length of %" PRIu64 " bytes; its header alone has %u.",
			    size, ACPI_DMAR_HEADER);
	for (size_t i = 0; i < size && i < ACPI_IMAGE; i++)
		known += m->image->known[i] || reserved(i);
	if (known < size)
		decode_find(m->d, &cut, line_of(m, 4),
			    "The table has %" PRIu64 " bytes, of which %zu are here.", size, known);
	m->t->cut |= known < size;
	return size < ACPI_IMAGE ? size : ACPI_IMAGE;
}

void acpi_dmar(struct decode *d, const struct acpi_image *image)
{
	struct acpi_table *t = calloc(1, sizeof(*t));
	struct dmar m = { .d = d, .image = image, .t = t };
	struct block *b = block_new("acpi-dmar", image->line[0], "ACPI DMAR table");
	uint64_t size;
	size_t end;

	if (!t)
		abort();
	if (get(&m, b, "Length", 4, 4, &size)) {
		header(&m, b, size);
		end = check_size(&m, size);
	} else {
		end = image->end;
	}
	b->last = end && line_of(&m, end - 1) > b->line ? line_of(&m, end - 1) : b->line;
	decode_block(d, b);
	read_structures(&m, end);
	acpi_check_table(d, t);
	free(t);
}
