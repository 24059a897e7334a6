/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Xen's faults of DMA and interrupts, and its fault status, in the words of all versions. */
#include "faults.h"
#include "scan.h"
#include "xen.h"

#include <stdio.h>
#include <string.h>

#define LINES_APART 4 /* the most lines between those of one fault */

const char *xen_body(const struct line *l)
{
	const char *s = l->text + l->body, *end;

	s += strspn(s, " \t");
	if (strncmp(s, "(XEN)", 5) != 0)
		return s;
	s += 5 + strspn(s + 5, " \t");
	end = *s == '[' ? strchr(s, ']') : NULL;
	if (end)
		s = end + 1;
	return s + strspn(s, " \t");
}

static const struct finding refused = {
	.id = "queue-error",
	.weight = ERROR,
	.certainty = CERTAIN,
	.next = "Xen prints neither unit nor descriptor: read each unit's IQH (base + 0x80) and "
		"IQERCD "
		"(base + 0xb0); the unit with FSTS.IQE (base + 0x34, bit 4) stands at the "
		"descriptor.",
};

static const struct finding completion = {
	.id = "completion-error",
	.weight = ERROR,
	.certainty = CERTAIN,
	.next = "Xen does not print the device: which ones use ATS (`lspci -vv`: ATSCtl Enable+), "
		"and "
		"which was just reset?",
};

static const struct finding time_out = {
	.id = "device-timeout",
	.weight = ERROR,
	.certainty = CERTAIN,
	.next = "Xen does not print the device: which ones use ATS (`lspci -vv`: ATSCtl Enable+), "
		"and "
		"which was just reset, unplugged or passed through?",
};

static void finish_fault(struct decode *d, struct xen_fault *x)
{
	fault_end(d, &x->fault);
}

/*
 * "DMAR:[DMA Read] Request device [0000:00:02.0] fault addr 39b5845000, iommu reg = ..."; older
 * versions print file and line before it.
 */
static const char *fault_device(const struct line *l, bool *interrupt, bool *read, bool *known)
{
	const char *s, *behind;

	*read = *known = false;
	*interrupt = true;
	if (scan_find(l, l->text, "INTR-REMAP: Request device [", &s))
		return s;
	*interrupt = false;
	s = scan_find(l, l->text, "DMAR:[DMA ", &behind);
	if (!s)
		return NULL;
	*read = scan_words(&behind, "Read]");
	*known = *read || scan_words(&behind, "Write]");
	s = *known ? behind - 1 : strchr(behind, ']');
	if (!s)
		return NULL;
	s++;
	return scan_words(&s, " Request device [") ? s : NULL;
}

static bool fault_line(struct decode *d, struct xen_fault *x, const struct line *l)
{
	bool interrupt, read, known;
	const char *s = fault_device(l, &interrupt, &read, &known);
	unsigned segment, sid;
	uint64_t value;

	/* Old versions of Linux have the same words. */
	if (!s || !scan_find(l, l->text, "[VT-D]", NULL))
		return false;
	finish_fault(d, x);
	decode_take(d);
	if (!scan_bdf(&s, &segment, &sid))
		return true;
	s += *s == ']';
	fault_begin(&x->fault, l, interrupt, segment, sid);
	x->line = l->last;
	if (known)
		fault_access(&x->fault, read ? ACCESS_READ : ACCESS_WRITE);
	else if (!interrupt)
		block_cut(x->fault.block, "access");
	scan_blanks(&s);
	if (scan_words(&s, interrupt ? "fault index " : "fault addr ") &&
	    scan_hex(l, &s, &value) == SCAN_OK)
		fault_address(&x->fault, value);
	else
		fault_address_cut(&x->fault);
	return true;
}

/*
 * "[VT-D]DMAR: reason 06 - PTE Read access is not set", until 4.3 "DMAR:[fault reason 06h] PTE
 * ..."; hexadecimal.
 */
static bool reason_line(struct decode *d, struct xen_fault *x, const struct line *l)
{
	uint64_t reason;
	const char *s;

	if (!x->fault.block || x->fault.has_reason)
		return false;
	if (scan_find(l, l->text, ":[fault reason ", &s)) {
		if (!scan_digits(&s, &reason) || !scan_words(&s, "h]"))
			return false;
	} else if (!scan_find(l, l->text, ": reason ", &s) ||
		   !scan_find(l, l->text, "[VT-D]", NULL)) {
		return false;
	} else if (scan_hex(l, &s, &reason) != SCAN_OK || !scan_words(&s, " -")) {
		decode_take(d);
		return true;
	}
	decode_take(d);
	x->fault.block->last = l->last;
	fault_reason(&x->fault, reason, s);
	x->line = l->last;
	return true;
}

/* With iommu=verbose the tables follow: "    root_entry[0] = 7af6a001", "    l3[1] = 7d255003" */
static bool entry_line(struct decode *d, struct xen_fault *x, const struct line *l)
{
	static const char *const names[] = { "root_entry", "context", "l4", "l3", "l2", "l1" };
	const char *s = xen_body(l), *value;

	if (!x->fault.block)
		return false;
	for (unsigned i = 0; i < sizeof(names) / sizeof(*names); i++) {
		const size_t n = strcspn(s, " \n");
		char name[24];

		if (strncmp(s, names[i], strlen(names[i])) != 0 || n >= sizeof(name))
			continue;
		value = s + n;
		scan_equals(&value);
		snprintf(name, sizeof(name), "%.*s", (int)n, s);
		block_text(x->fault.block, name, "%.*s", (int)strcspn(value, "\n"), value);
		x->fault.block->last = x->line = l->number;
		decode_take(d);
		return true;
	}
	return false;
}

/* Xen 3: "iommu_fault:DMA Read: 0:2.0 addr 39b5845000 REASON 6 iommu->reg = ..." */
static bool old_fault_line(struct decode *d, const struct line *l)
{
	const char *s;
	unsigned segment, sid;
	uint64_t value;
	struct fault f;
	bool read;

	if (!scan_find(l, l->text, "iommu_fault:DMA ", &s))
		return false;
	decode_take(d);
	read = scan_words(&s, "Read:");
	if (!read && !scan_words(&s, "Write:"))
		return true;
	scan_blanks(&s);
	if (!scan_bdf(&s, &segment, &sid))
		return true;
	fault_begin(&f, l, false, segment, sid);
	fault_access(&f, read ? ACCESS_READ : ACCESS_WRITE);
	if (scan_words(&s, " addr ") && scan_hex(l, &s, &value) == SCAN_OK)
		fault_address(&f, value);
	else
		fault_address_cut(&f);
	if (scan_words(&s, " REASON ") && scan_hex(l, &s, &value) == SCAN_OK)
		fault_reason(&f, value, "");
	fault_end(d, &f);
	return true;
}

/* "iommu_fault_status: Invalidation Queue Error", with iommu=debug only */
static bool status_line(struct decode *d, const struct line *l)
{
	static const struct {
		const char *words;
		const struct finding *finding;
		const char *text;
	} bits[] = {
		{ "Invalidation Queue Error", &refused, "the unit has refused a descriptor (IQE)" },
		{ "Invalidation Completion Error", &completion,
		  "a device has sent a wrong or unexpected completion (ICE)" },
		{ "Invalidation Time-out Error", &time_out,
		  "a device did not answer an invalidation (ITE)" },
		{ "Fault Overflow", NULL, "fault records were lost (PFO)" },
		{ "Primary Pending Fault", NULL, "a fault record waits (PPF)" },
		{ "Advanced Fault Overflow", NULL, "the advanced fault log has overflowed (AFO)" },
		{ "Advanced Pending Fault", NULL, "a fault waits in the advanced log (APF)" },
	};
	const char *s;

	if (!scan_find(l, l->text, "iommu_fault_status: ", &s))
		return false;
	decode_take(d);
	for (unsigned i = 0; i < sizeof(bits) / sizeof(*bits); i++) {
		struct block *b;

		if (strncmp(s, bits[i].words, strlen(bits[i].words)) != 0)
			continue;
		b = block_new("fault-status", l->number, "Xen: fault status of a unit");
		block_text(b, "message", "%s", bits[i].text);
		if (bits[i].finding)
			decode_find(d, bits[i].finding, l->number, "Xen: %s.", bits[i].text);
		decode_block(d, b);
	}
	return true;
}

bool xen_fault_line(struct decode *d, struct xen_fault *x, const struct line *l)
{
	if (x->fault.block && l->number > x->line + LINES_APART)
		finish_fault(d, x);
	return fault_line(d, x, l) || reason_line(d, x, l) || entry_line(d, x, l) ||
	       old_fault_line(d, l) || status_line(d, l);
}

void xen_fault_end(struct decode *d, struct xen_fault *x)
{
	finish_fault(d, x);
}
