/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The rules for a DMAR table as a whole, after its bytes have been read. */
#include "acpi_table.h"

#include <inttypes.h>
#include <string.h>

#define PAGE 4096

static const char bios[] = "This is firmware's mistake: look for an update of it, and report it to "
			   "the vendor with this table.";

#define FINDING(name, is, how, then)                                        \
	static const struct finding name = {                                \
		.id = is, .weight = how, .certainty = CERTAIN, .next = then \
	}

FINDING(bad_base, "acpi-unit-address", CAUSE, bios);
FINDING(twice, "acpi-unit-twice", ERROR, bios);
FINDING(order, "acpi-include-all-order", ERROR, bios);
FINDING(no_units, "acpi-no-units", ERROR,
	"Without a unit there is no remapping: see whether VT-d is on in the firmware's setup.");
FINDING(memory, "acpi-rmrr", ERROR, bios);
FINDING(width, "acpi-address-width", ERROR, bios);
FINDING(path, "acpi-scope", ERROR, bios);
FINDING(two_units, "acpi-scope-twice", SUSPECT,
	"One device has one unit. See in the log which of them the kernel has taken.");

static const struct finding nobody = {
	.id = "acpi-rhsa-without-unit",
	.weight = HINT,
	.certainty = CERTAIN,
	.next = "The table has an affinity for a unit that it does not list: a mistake of the "
		"firmware, or the table was shortened. It only costs locality.",
};

static const struct finding unnamed = {
	.id = "acpi-andd-missing",
	.weight = SUSPECT,
	.certainty = CERTAIN,
	.next = bios,
};

static const struct finding no_ioapic = {
	.id = "acpi-ioapic-missing",
	.weight = SUSPECT,
	.certainty = LIKELY,
	.from = "no unit's scope in this table has an I/O APIC; the MADT, which lists them, was "
		"not given",
	.next = "Look in the log for \"has no mapping iommu\": Linux leaves interrupt remapping "
		"off then.",
};

static const struct finding not_all = {
	.id = "acpi-no-include-all",
	.weight = NOTE,
	.certainty = CERTAIN,
	.next = "Nothing has to be done if each device is in some unit's scope. A device that is "
		"in none has no unit.",
};

const char *acpi_scope_text(char text[ACPI_SCOPE_TEXT], const struct acpi_scope *s)
{
	char where[64];
	int n = snprintf(where, sizeof(where), "%02x:", s->bus);

	if (s->segment)
		n = snprintf(where, sizeof(where), "%04x:%02x:", s->segment, s->bus);
	for (unsigned i = 0; i + 1 < s->length; i += 2)
		n += snprintf(where + n, sizeof(where) - n, "%s%02x.%x", i ? "/" : "", s->path[i],
			      s->path[i + 1]);
	switch (s->type) {
	case ACPI_SCOPE_ENDPOINT:
		snprintf(text, ACPI_SCOPE_TEXT, "PCI endpoint %s", where);
		break;
	case ACPI_SCOPE_BRIDGE:
		snprintf(text, ACPI_SCOPE_TEXT, "PCI bridge %s and what is behind it", where);
		break;
	case ACPI_SCOPE_IOAPIC:
		snprintf(text, ACPI_SCOPE_TEXT, "I/O APIC %u as %s", s->id, where);
		break;
	case ACPI_SCOPE_HPET:
		snprintf(text, ACPI_SCOPE_TEXT, "HPET %u as %s", s->id, where);
		break;
	case ACPI_SCOPE_NAMESPACE:
		snprintf(text, ACPI_SCOPE_TEXT, "ACPI device %u as %s", s->id, where);
		break;
	default:
		snprintf(text, ACPI_SCOPE_TEXT, "scope of unknown type %u, %s", s->type, where);
	}
	return text;
}

void acpi_check_address(struct decode *d, const struct acpi_table *t, const char *what,
			uint64_t address, uint64_t line)
{
	if (t->width && t->width < 64 && address >> t->width)
		decode_find(d, &width, line,
			    "%s 0x%" PRIx64 " is beyond the host address width of %u bits.", what,
			    address, t->width);
}

void acpi_check_unit(struct decode *d, const struct acpi_table *t, const struct acpi_unit *u)
{
	if (!u->base || u->base == UINT64_MAX || u->base == UINT32_MAX) {
		decode_find(d, &bad_base, u->line,
			    "A unit's registers are said to be at 0x%" PRIx64
			    ": there is no unit, and"
			    " firmware should not have listed it.",
			    u->base);
		return;
	}
	if (u->base % PAGE)
		decode_find(d, &bad_base, u->line,
			    "A unit's registers are said to be at 0x%" PRIx64
			    ", which is not 4 KiB aligned.",
			    u->base);
	acpi_check_address(d, t, "A unit's register base", u->base, u->line);
	for (const struct acpi_unit *o = t->unit; o < t->unit + t->units; o++) {
		if (o != u && o->base == u->base)
			decode_find(d, &twice, u->line,
				    "Two units have their registers at 0x%" PRIx64 ".", u->base);
		if (o != u && o->all && o->segment == u->segment)
			decode_find(
				d, &order, u->line,
				"In segment %u a unit follows the one with INCLUDE_PCI_ALL, which"
				" has to be the last: its devices may be taken for the other's.",
				u->segment);
	}
}

void acpi_check_reserved_memory(struct decode *d, const struct acpi_table *t, uint64_t base,
				uint64_t limit, uint64_t line)
{
	acpi_check_address(d, t, "A reserved region's end", limit, line);
	if (limit < base)
		decode_find(d, &memory, line,
			    "A reserved region ends (0x%" PRIx64 ") before it begins (0x%" PRIx64
			    ").",
			    limit, base);
	else if (base % PAGE || (limit + 1) % PAGE)
		decode_find(d, &memory, line,
			    "The reserved region 0x%" PRIx64 "-0x%" PRIx64
			    " does not begin and end at a page: what else is in these pages is open"
			    " to the device.",
			    base, limit);
}

void acpi_check_scope(struct decode *d, const struct acpi_scope *s)
{
	char text[ACPI_SCOPE_TEXT];

	if (!s->length)
		decode_find(d, &path, s->line, "A scope has no path: it names no device.");
	for (unsigned i = 0; i + 1 < s->length; i += 2)
		if (s->path[i] > 31 || s->path[i + 1] > 7)
			decode_find(d, &path, s->line,
				    "A scope names a device or function that cannot exist: %s.",
				    acpi_scope_text(text, s));
}

/* ---- the whole table ---- */

static bool same_device(const struct acpi_scope *a, const struct acpi_scope *b)
{
	return a->type == b->type && a->bus == b->bus && a->segment == b->segment &&
	       a->id == b->id && a->length == b->length && !memcmp(a->path, b->path, a->length);
}

static void check_twice(struct decode *d, const struct acpi_table *t)
{
	char text[ACPI_SCOPE_TEXT];

	for (unsigned i = 0; i < t->scopes; i++) {
		const struct acpi_scope *s = &t->scope[i];

		for (unsigned j = 0; j < i && s->owner == ACPI_DRHD; j++)
			if (t->scope[j].owner == ACPI_DRHD && same_device(s, &t->scope[j]))
				decode_find(d, &two_units, s->line,
					    "%s is in the scope of two units.",
					    acpi_scope_text(text, s));
	}
}

static void check_affinity(struct decode *d, const struct acpi_table *t)
{
	for (const struct acpi_unit *a = t->affinity; a < t->affinity + t->affinities; a++) {
		const struct acpi_unit *u = t->unit;

		while (u < t->unit + t->units && u->base != a->base)
			u++;
		if (u == t->unit + t->units)
			decode_find(d, &nobody, a->line,
				    "An RHSA says to which node the unit at 0x%" PRIx64
				    " belongs, but no DRHD has that address.",
				    a->base);
	}
}

static void check_names(struct decode *d, const struct acpi_table *t)
{
	bool ioapic = false;

	for (const struct acpi_scope *s = t->scope; s < t->scope + t->scopes; s++) {
		ioapic |= s->owner == ACPI_DRHD && s->type == ACPI_SCOPE_IOAPIC;
		if (s->type == ACPI_SCOPE_NAMESPACE && !t->named[s->id])
			decode_find(d, &unnamed, s->line,
				    "A scope names ACPI device %u, but no ANDD says which that is.",
				    s->id);
	}
	if (t->has_flags && t->interrupts && !ioapic)
		decode_find(d, &no_ioapic, 0,
			    "The table says that interrupts can be remapped, but no unit has an I/O"
			    " APIC in its scope.");
}

void acpi_check_table(struct decode *d, const struct acpi_table *t)
{
	bool all = false;

	check_twice(d, t);
	if (t->cut)
		return;
	check_affinity(d, t);
	for (unsigned i = 0; i < t->units; i++)
		all |= t->unit[i].all;
	if (!t->units)
		decode_find(d, &no_units, 0, "The table lists no unit (DRHD).");
	else
		check_names(d, t);
	if (t->units && !all)
		decode_find(
			d, &not_all, 0,
			"No unit has INCLUDE_PCI_ALL: a device that no scope names has no unit.");
}
