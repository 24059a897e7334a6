/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The other lines of the VT-d driver, of Linux and Xen: explains those in the tables, and counts
 * those that no table has. None is ignored silently.
 */
#include "driver.h"
#include "machine.h"
#include "scan.h"
#include "xen.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define QUOTED 160 /* bytes of a line that are quoted */

struct driver {
	struct block *harmless; /* all harmless lines, as one block */
	uint64_t unknown, first_line;
	char first[QUOTED];
};

static const struct finding complains = {
	.id = "driver-complains",
	.weight = SUSPECT,
	.certainty = LIKELY,
	.from = "the words of the line, which this program has no entry for",
	.next = "Search for the words of this line in the source of this kernel (Linux: "
		"drivers/iommu/intel, Xen: xen/drivers/passthrough/vtd): what is around them says "
		"what was tried.",
};

static const struct finding firmware_bug = {
	.id = "firmware-bug",
	.weight = SUSPECT,
	.certainty = CERTAIN,
	.next = "Look for an update of the firmware (BIOS); if there is none, report the line to "
		"the vendor with the ACPI table DMAR (/sys/firmware/acpi/tables/DMAR).",
};

static const struct finding not_known = {
	.id = "driver-lines-unknown",
	.weight = NOTE,
	.certainty = CERTAIN,
	.next = "Read them: this program has no entry for them, and nothing in their words says "
		"that something went wrong.",
};

/* ---- recognising the driver's lines ---- */

/* The text after the driver's mark at the beginning of the record; NULL if there is no mark. */
static const char *driver_text(const struct line *l)
{
	static const char *const marks[] = { "DMAR-IR:",    "DMAR:",  "dmar:",
					     "IOMMU: dmar", "[VT-D]", "iommu: DMAR" };
	const char *s = xen_body(l);

	for (unsigned i = 0; i < sizeof(marks) / sizeof(*marks); i++) {
		const size_t n = strlen(marks[i]);

		if (strncmp(s, marks[i], n))
			continue;
		s += n;
		return s + strspn(s, " ");
	}
	/* "dmar0: Using Queued invalidation" */
	if (!strncmp(s, "dmar", 4) && isdigit((unsigned char)s[4])) {
		s += 4 + strspn(s + 4, "0123456789");
		return *s == ':' ? s + 1 + strspn(s + 1, " ") : NULL;
	}
	return NULL;
}

/* The line's own text as one line, for quoting. */
static void quote(const struct line *l, char to[QUOTED])
{
	const char *s = xen_body(l), *end = l->text + l->own;
	size_t n = s < end ? (size_t)(end - s) : 0;

	n = n < QUOTED - 1 ? n : QUOTED - 1;
	memcpy(to, s, n);
	to[n] = '\0';
	for (char *t = to; *t; t++)
		if (*t == '\n')
			*t = ' ';
}

/* ---- facts in some of the lines ---- */

/* "RMRR base: 0x0000003e2e0000 end: 0x0000003e2fffff" */
static bool learn_region(struct decode *d, const struct line *l)
{
	const char *s;
	uint64_t first, last;

	if (!scan_find(l, l->text, "RMRR base:", &s) ||
	    (scan_blanks(&s), scan_hex(l, &s, &first)) != SCAN_OK || !scan_words(&s, " end:") ||
	    (scan_blanks(&s), scan_hex(l, &s, &last)) != SCAN_OK)
		return false;
	machine_region(decode_machine(d), REGION_RMRR, first, last, NO_SID, l->number);
	return true;
}

/* After kexec and in a crash kernel, devices continue what they did under the kernel before. */
static void learn_copy(struct decode *d, const struct line *l, const char *text)
{
	if (scan_find(l, text, "opied translation tables", NULL) ||
	    scan_find(l, text, "opied IR table", NULL) ||
	    scan_find(l, text, "trying to copy translation structures", NULL))
		decode_facts(d)->copied_line = l->number;
}

/* ---- explanations ---- */

static struct block *driver_block(const struct line *l)
{
	struct block *b = block_new("driver-line", l->number, "a line of the VT-d driver");
	char text[QUOTED];

	quote(l, text);
	b->timed = l->timed;
	b->time = l->time;
	b->last = l->last;
	b->count = l->times;
	block_text(b, "text", "%s", text);
	return b;
}

/*
 * After the driver's mark the words may continue on wrapped lines. Without a mark, the first word
 * must be in the line itself.
 */
static bool has_all(const struct line *l, const char *const *words, bool ours)
{
	const char *s = l->text;

	for (unsigned i = 0; i < DRIVER_WORDS && words[i]; i++)
		if (!(i || ours ? scan_find_on : scan_find)(l, s, words[i], &s))
			return false;
	return true;
}

/*
 * The device in prefixes like "0000:00:02.0: ", which may follow "dmar3: ", "IOMMU: dmar12: " or
 * "DRHD fed90000: ".
 */
static unsigned line_device(const struct line *l)
{
	for (const char *s = l->text + l->body; s < l->text + l->own; s += strcspn(s, " [\t\n")) {
		unsigned segment, sid;
		const char *t;

		s += strspn(s, " [\t\n");
		t = s;
		if (scan_bdf(&t, &segment, &sid) && strchr(":] ,.\n", *t))
			return sid;
	}
	return NO_SID;
}

static bool known_line(struct decode *d, const struct line *l, bool ours, bool marked)
{
	for (const struct driver_line *k = driver_lines; k->finding.id; k++) {
		char text[QUOTED];

		if ((k->marked && !marked) || !has_all(l, k->words, ours))
			continue;
		decode_take(d);
		decode_alike(d);
		quote(l, text);
		decode_find_of(d, &k->finding, l->number, line_device(l), "%s (\"%s\")", k->text,
			       text);
		decode_block(d, driver_block(l));
		return true;
	}
	return false;
}

static void count_harmless(struct driver *all, const struct line *l)
{
	struct block *b = all->harmless;

	if (!b) {
		b = all->harmless = block_new("driver-lines", l->number,
					      "lines of the VT-d driver that report no error");
		b->timed = l->timed;
		b->time = l->time;
		b->count = 0;
	}
	b->count += l->times;
	b->last = l->last;
	b->until = l->time;
}

static bool harmless(struct driver *all, const struct line *l, const char *text)
{
	for (const char *const *h = driver_harmless; *h; h++)
		if (strstr(text, *h)) {
			count_harmless(all, l);
			return true;
		}
	return false;
}

static bool sounds_bad(const char *text)
{
	static const char *const bad[] = { "fail",
					   "error",
					   "broken",
					   "invalid",
					   "cannot",
					   "can't",
					   "unable",
					   "not supported",
					   "inconsistent",
					   "timed out",
					   "timeout",
					   "exceed",
					   "illegal",
					   "unexpected",
					   "mismatch",
					   "warning",
					   "bug",
					   "not enough",
					   "refus",
					   "reject",
					   "conflict",
					   "overflow",
					   "corrupt",
					   "unsupported",
					   "does not match",
					   "not in reserved",
					   "disabling",
					   "incorrect",
					   "incompatible",
					   "inconsistency",
					   "overlapping",
					   "could not",
					   "didn't",
					   "doesn't support",
					   "not present",
					   "not equal",
					   "non-existent",
					   "not probe",
					   "no free",
					   "no irq",
					   "no cpu write",
					   " support on ",
					   "paging support for",
					   "no handler",
					   "no iommu scope",
					   "no drhd",
					   "no valid iommu",
					   "no domain for",
					   "no upstream bridge",
					   "not enabled",
					   "security risk",
					   "passes table end",
					   "only one ",
					   "unknown",
					   "does not" };

	char small[QUOTED];
	unsigned n = 0;

	/* In lower case first, because strcasestr() would make a table for each word. */
	for (; text[n]; n++)
		small[n] = (char)tolower((unsigned char)text[n]);
	small[n] = '\0';
	for (unsigned i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (strstr(small, bad[i]))
			return true;
	return false;
}

static void unknown_line(struct decode *d, struct driver *all, const struct line *l)
{
	char text[QUOTED];

	decode_alike(d);
	quote(l, text);
	if (strcasestr(text, "[Firmware Bug]"))
		decode_find(d, &firmware_bug, l->number,
			    "The kernel reports a defect of the firmware: \"%s\".", text);
	else if (sounds_bad(text))
		decode_find(d, &complains, l->number, "The VT-d driver complains: \"%s\".", text);
	else if (!(all->unknown += l->times, all->first_line)) {
		all->first_line = l->number;
		memcpy(all->first, text, sizeof(text));
	}
	decode_block(d, driver_block(l));
}

static bool line(struct decode *d, void *state, const struct line *l)
{
	const char *text = driver_text(l);
	bool region;

	if (decode_taken(d))
		return false;
	region = learn_region(d, l);
	/*
	 * Harmless lines are checked first, because they are the most frequent ones and the check
	 * is fast.
	 */
	if (text && text < l->text + l->own && !strstr(text, "[Firmware Bug]") &&
	    harmless(state, l, text)) {
		decode_take(d);
		learn_copy(d, l, text);
		if (!region)
			decode_alike(d);
		return false;
	}
	if (known_line(d, l, text, text || scan_find(l, l->text, "DMAR", NULL)) || !text ||
	    text >= l->text + l->own)
		return false;
	decode_take(d);
	unknown_line(d, state, l);
	return false;
}

static void end(struct decode *d, void *state)
{
	struct driver *all = state;

	if (all->harmless)
		decode_block(d, all->harmless);
	if (all->unknown == 1)
		decode_find(d, &not_known, all->first_line,
			    "A line of the VT-d driver is not known to this program: \"%s\".",
			    all->first);
	else if (all->unknown)
		decode_find(d, &not_known, all->first_line,
			    "%" PRIu64
			    " lines of the VT-d driver are not known to this program; the first is "
			    "\"%s\".",
			    all->unknown, all->first);
	memset(all, 0, sizeof(*all));
}

static const char *const words[] = { "DMAR",	   "dmar",   "IOMMU:",	  "[VT-D]", "BIOS is",
				     "BIOS has",   "ioapic", "vPFN",	  "RMRR",   "iommu_",
				     "VT-d",	   "PASID",  "context",	  "X2APIC", "IOMMU for",
				     "assign_dev", "DMIBAR", "requested", NULL };

const struct recogniser driver_recogniser = { "driver", words, sizeof(struct driver),
					      line,	end,   false };
