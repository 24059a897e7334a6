/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Messages of ESXi about its IOMMU: waits that do not complete, and DMA faults. */
#include "faults.h"
#include "scan.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define SAME_WITHIN 3 /* lines of one fault; other CPUs print in between */

static const struct finding esxi_wait = {
	.id = "wait-not-completed",
	.weight = CAUSE,
	.certainty = CERTAIN,
	.next = "ESXi names unit and time only. Its own words point to an erratum with a "
		"work-around in "
		"the BIOS: update that first; then look at devices with ATS behind this unit.",
};

/*
 * "IOMMU UNIT 15 did not complete processing of a queued invalidation wait descriptor after 4
 * secs."
 */
static bool wait_line(struct decode *d, const struct line *l)
{
	uint64_t unit, seconds;
	struct block *b;
	const char *s;
	char name[32];

	if (!scan_find(l, l->text, "IOMMU UNIT ", &s))
		return false;
	if (scan_dec(l, &s, &unit) != SCAN_OK || !scan_words(&s, " did not complete"))
		return false;
	decode_take(d);
	decode_alike(d);
	b = block_new("esxi", l->number, "ESXi: a wait descriptor was not completed");
	b->last = l->last;
	snprintf(name, sizeof(name), "UNIT %" PRIu64, unit);
	block_unit(b, name, strlen(name));
	s = strstr(s, "after ");
	if (s && (s += 6) && scan_dec(l, &s, &seconds) == SCAN_OK)
		block_number(b, "after", seconds, "seconds");
	else
		block_cut(b, "after");
	decode_find(d, &esxi_wait, l->number,
		    "IOMMU %s has not completed a wait descriptor: it stands still, or a device "
		    "has not "
		    "answered an invalidation.",
		    name);
	decode_block(d, b);
	return true;
}

/* "IOMMU Fault detected for 0000:da:00.0 (vmgfx0/xxxx) IOaddr: 0xa1fc6a000 Mask: 0x6 ..." */
struct esxi {
	struct fault fault; /* the reason may be in the next line */
	uint64_t line;
	uint64_t handler; /* the line of the fault handler in a backtrace; 0: none */
	bool told;	  /* a fault was reported */
};

static const struct finding fault_unnamed = {
	.id = "dma-fault",
	.weight = DAMAGE,
	.certainty = CERTAIN,
	.next = "Look for the line with the device's address (\"IOMMU Fault detected for "
		"ssss:bb:dd.f\") just before, and at that device's driver and firmware.",
};

static const struct finding of_guest = {
	.id = "dma-fault",
	.weight = DAMAGE,
	.certainty = CERTAIN,
	.next = "Look at the driver in the virtual machine that has the device, and at the "
		"device's firmware: ESXi stops the machine, and is not at fault itself.",
};

static const struct finding handler = {
	.id = "dma-fault",
	.weight = DAMAGE,
	.certainty = LIKELY,
	.from = "the name of the function in the backtrace: it handles faults of the IOMMU",
	.next = "Look in vmkernel.log for \"IOMMU Fault detected for ssss:bb:dd.f\" just before: "
		"it names the device. Update that device's driver and firmware.",
};

/* "PCI passthru device 0000:8b:00.1 caused an IOMMU fault type 4 at address 0x1a0f5c000" */
static bool guest_line(struct decode *d, struct esxi *e, const struct line *l)
{
	unsigned segment, sid;
	uint64_t type, address;
	char text[SID_TEXT];
	struct block *b;
	const char *s;

	if (!scan_find(l, l->text, "PCI passthru device ", &s) || !scan_bdf(&s, &segment, &sid) ||
	    !scan_words(&s, " caused an IOMMU fault"))
		return false;
	decode_take(d);
	e->told = true;
	b = block_new("esxi", l->number, "ESXi: DMA of a device of a virtual machine was blocked");
	b->last = l->last;
	block_hex(b, "SID", sid, "%s", sid_text(text, sid));
	if (scan_words(&s, " type ") && scan_hex(l, &s, &type) == SCAN_OK)
		block_number(b, "fault type", type, "ESXi's own number");
	if (scan_words(&s, " at address ") && scan_hex(l, &s, &address) == SCAN_OK)
		block_hex(b, "address", address, NULL);
	else
		block_cut(b, "address");
	decode_find_of(d, &of_guest, l->number, sid,
		       "DMA of %s, which a virtual machine has, was blocked, and ESXi has stopped "
		       "the machine.",
		       text);
	decode_block(d, b);
	return true;
}

/* A purple screen may show the functions only. */
static bool handler_line(struct decode *d, struct esxi *e, const struct line *l)
{
	if (!scan_find(l, l->text, "VTDIommuFaultHandler@", NULL) &&
	    !scan_find(l, l->text, "IOMMUProcessFaults@", NULL))
		return false;
	decode_take(d);
	if (!e->handler) {
		struct block *b = block_new("esxi", l->number, "ESXi: a backtrace");

		block_text(b, "message", "faults of the IOMMU are being handled");
		decode_block(d, b);
		e->handler = l->number;
	}
	return true;
}

static void device_in_words(struct fault *f, const char *s)
{
	const char *end;

	s += strspn(s, " ");
	end = *s == '(' ? strchr(s, ')') : NULL;
	if (end && end - s < 80)
		block_text(f->block, "device", "%.*s", (int)(end - s - 1), s + 1);
}

static void rest_of_fault(struct esxi *e, const struct line *l, const char *s)
{
	static const struct {
		const char *words, *name;
	} more[] = { { "Mask:", "mask" }, { "Domain:", "domain" } };
	const char *at;
	uint64_t value;

	if (scan_find_on(l, s, "IOaddr:", &at) &&
	    (scan_blanks(&at), scan_hex(l, &at, &value)) == SCAN_OK)
		fault_address(&e->fault, value);
	for (unsigned i = 0; i < 2; i++)
		if (scan_find_on(l, s, more[i].words, &at) &&
		    (scan_blanks(&at), scan_hex(l, &at, &value)) == SCAN_OK)
			block_hex(e->fault.block, more[i].name, value, NULL);
}

/* "Reason: 0x6 (PTE not set to allow Read.)" */
static bool reason(struct esxi *e, const struct line *l, const char *s)
{
	uint64_t value;
	char words[120] = "";
	const char *end;

	if (!scan_find_on(l, s, "Reason:", &s))
		return false;
	scan_blanks(&s);
	if (scan_hex(l, &s, &value) != SCAN_OK)
		return false;
	s += strspn(s, " (");
	end = s + strcspn(s, ")\n");
	snprintf(words, sizeof(words), "%.*s", (int)(end - s), s);
	fault_reason(&e->fault, value, words);
	if (!strncasecmp(words, "PTE not set to allow", 20))
		fault_access(&e->fault, strstr(words, "Write") ? ACCESS_WRITE : ACCESS_READ);
	return true;
}

/* The second line of a fault, which names the device again and gives the reason. */
static bool rest_of_same(struct esxi *e, const struct line *l, const char *s, unsigned segment,
			 unsigned sid)
{
	const struct fault *f = &e->fault;

	return f->block && f->segment == segment && f->sid == sid && !f->has_reason &&
	       l->number <= e->line + SAME_WITHIN && !scan_find(l, s, "IOaddr:", NULL) &&
	       reason(e, l, s);
}

static bool fault_line(struct decode *d, struct esxi *e, const struct line *l)
{
	unsigned segment, sid;
	const char *s, *at;

	if (!scan_find(l, l->text, "IOMMU Fault detected for ", &s))
		return false;
	decode_take(d);
	e->told = true;
	at = s;
	if (scan_bdf(&at, &segment, &sid) && rest_of_same(e, l, at, segment, sid)) {
		e->line = e->fault.block->last = l->last;
	} else if (scan_bdf(&s, &segment, &sid)) {
		fault_end(d, &e->fault);
		fault_begin(&e->fault, l, false, segment, sid);
		device_in_words(&e->fault, s);
		rest_of_fault(e, l, s);
		reason(e, l, s);
		e->line = l->last;
	} else if (e->fault.block && l->number <= e->line + 1) {
		if (!e->fault.has_reason)
			reason(e, l, s);
		e->fault.block->last = l->last;
	} else {
		decode_find(d, &fault_unnamed, l->number, "ESXi tells of a DMA fault of %.*s.",
			    (int)strcspn(s, ")\n") + 1, s);
	}
	return true;
}

static bool line(struct decode *d, void *state, const struct line *l)
{
	struct esxi *e = state;

	if (!wait_line(d, l) && !guest_line(d, e, l) && !handler_line(d, e, l))
		fault_line(d, e, l);
	if (e->fault.block && l->number > e->line + SAME_WITHIN)
		fault_end(d, &e->fault);
	return e->fault.block;
}

static void end(struct decode *d, void *state)
{
	struct esxi *e = state;

	fault_end(d, &e->fault);
	if (e->handler && !e->told)
		decode_find(d, &handler, e->handler,
			    "ESXi has stopped in the handler of faults of the IOMMU: DMA of a "
			    "device was blocked.");
	e->handler = 0;
}

static const char *const words[] = { "UNIT",	 "Fault detected", "passthru",
				     "VTDIommu", "IOMMUProc",	   NULL };

const struct recogniser esxi_recogniser = { "esxi", words, sizeof(struct esxi), line, end, false };
