/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Messages of IOMMUs other than VT-d that look similar: AMD, Arm, RISC-V and others, and TLBs of
 * graphics processors. They are identified, and where the cause is the same as with VT-d, so is the
 * advice.
 */
#include "other_iommus.h"
#include "scan.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define TEXT_MAX 200
#define PLACE_DIGITS 5

static bool is(const struct other *o, const char *system)
{
	return !strcmp(o->system, system);
}

static bool is_about(const struct other *o, const char *what)
{
	return !strcmp(strchr(o->finding.id, '-'), what);
}

/*
 * The message is about a device and not about the unit, whose own PCI address may be in the line.
 */
static bool of_device(const struct other *o)
{
	return is_about(o, "-dma-fault") || is_about(o, "-device-timeout");
}

/* The first PCI address in [@s, @end). */
static unsigned address_in(const struct line *l, const char *s, const char *end)
{
	for (; s < end; s++) {
		unsigned segment, sid;
		const char *t = s;

		if (s > l->text && strchr("0123456789abcdefABCDEF:.", s[-1]))
			continue;
		if (scan_bdf(&t, &segment, &sid))
			return sid;
	}
	return NO_SID;
}

/*
 * The device of the message: in a driver's prefix ("nvme 0000:0a:00.0: AMD-Vi: Event logged"),
 * after "device=" and the like, or by its id. RISC-V's lines begin with the unit, which may have a
 * PCI address, too.
 */
static unsigned device(const struct line *l, const struct other *o, const char *name)
{
	const char *text = l->text + l->body, *end = l->text + l->own, *s;
	unsigned sid = NO_SID;
	uint64_t id;

	if (is(o, "RISC-V")) {
		if (scan_find(l, name, "devid:", &s) &&
		    (scan_blanks(&s), scan_hex(l, &s, &id)) == SCAN_OK && id <= 0xffff)
			sid = (unsigned)id;
		return sid;
	}
	sid = address_in(l, is(o, "GPU") ? text : name, end);
	if (sid == NO_SID && of_device(o))
		sid = address_in(l, text, name);
	return sid;
}

/* The text of the DMA's address in the line; NULL if there is none. */
static const char *faulted_address(const struct line *l, uint64_t *value)
{
	static const char *const before[] = { "address=", "iova=", "iova:",
					      "iotval:",  "addr=", " at " };

	for (unsigned i = 0; i < sizeof(before) / sizeof(*before); i++) {
		const char *at, *s;

		if (!scan_find(l, l->text + l->body, before[i], &s))
			continue;
		scan_blanks(&s);
		at = s;
		if (scan_hex(l, &s, value) == SCAN_OK && s - at > 2)
			return at;
	}
	return NULL;
}

/*
 * The text of the line without the address at @without, so that all lines of a storm are equal.
 * Other numbers that are long enough to be addresses or places in a queue stand beside it.
 */
static void words_of(struct block *b, const struct line *l, const char *without)
{
	const char *s = l->text + l->body, *end = l->text + l->own;
	char text[TEXT_MAX + 1], numbers[TEXT_MAX] = "";
	size_t n = 0, had = 0;

	while (s < end && n + 3 < TEXT_MAX) {
		const size_t digits =
			strncmp(s, "0x", 2) ? 0 : strspn(s + 2, "0123456789abcdefABCDEF");

		if (s != without && digits < PLACE_DIGITS) {
			text[n++] = *s++;
			continue;
		}
		if (s != without && had + digits + 5 < TEXT_MAX)
			had += (size_t)sprintf(numbers + had, "%s%.*s", had ? ", " : "",
					       (int)digits + 2, s);
		memcpy(text + n, "...", 3);
		n += 3;
		s += strspn(s, "0123456789abcdefxABCDEF");
	}
	block_text(b, "text", "%.*s", (int)n, text);
	if (had)
		block_text(b, "numbers", "%s", numbers);
}

static void report(struct decode *d, const struct line *l, const struct other *o, const char *name)
{
	struct block *b = block_new("other-iommu", l->number, "not VT-d");
	const unsigned sid = device(l, o, name);
	const char *at;
	char bdf[SID_TEXT];
	uint64_t address;

	decode_take(d);
	decode_alike(d);
	b->timed = l->timed;
	b->time = l->time;
	b->last = l->last;
	b->count = l->times;
	block_text(b, "system", "%s", o->system);
	if (sid != NO_SID)
		block_hex(b, "SID", sid, "%s", sid_text(bdf, sid));
	if (sid == NO_SID)
		decode_find(d, &o->finding, l->number, "%s", o->text);
	else
		decode_find_of(d, &o->finding, l->number, sid, "%s Device: %s.", o->text, bdf);
	at = is_about(o, "-dma-fault") || is_about(o, "-page-fault") ? faulted_address(l, &address)
								     : NULL;
	if (sid == NO_SID)
		words_of(b, l, at);
	if (at)
		block_hex(b, "address", address, NULL);
	decode_block(d, b);
}

/* Boot messages, such as those of AMD's driver: they identify the system, and report no error. */
static bool names_system(const struct line *l)
{
	static const char *const names[] = { "AMD-Vi:", "arm-smmu", "riscv,iommu", "riscv-iommu" };
	const char *text = l->text + l->body;

	for (unsigned i = 0; i < sizeof(names) / sizeof(*names); i++) {
		const char *at = scan_find(l, text, names[i], NULL);

		if (at && at - text < 40)
			return true;
	}
	return false;
}

/* A driver's name may be a part of another name. */
static bool in_word(const struct line *l, const char *at, const struct other *o)
{
	return !is(o, "GPU") && at > l->text && (isalnum((unsigned char)at[-1]) || at[-1] == '_');
}

static bool line(struct decode *d, void *state, const struct line *l)
{
	bool *told = state;
	const char *behind;

	if (decode_taken(d))
		return false;
	for (const struct other *o = others; o->system; o++) {
		const char *at = scan_find(l, l->text, o->words[0], &behind);

		/* "[Firmware Bug]" may come before AMD's name. */
		if (!at || in_word(l, at, o) ||
		    (*o->words[1] && !scan_find(l, behind, o->words[1], NULL)))
			continue;
		if (is(o, "RISC-V") && !scan_find(l, l->text, "iommu", NULL))
			continue;
		report(d, l, o, at);
		return false;
	}
	if (names_system(l)) {
		decode_take(d);
		decode_alike(d);
		if (!*told) {
			struct block *b =
				block_new("other-iommu", l->number, "an IOMMU that is not VT-d");

			decode_block(d, b);
		}
		*told = true;
	}
	return false;
}

static const char *const words[] = { "AMD-Vi",	    "arm-smmu",	  "riscv",	 "TLB inval",
				     "VM flush",    "apple-dart", "rk_iommu",	 "tio_iommu",
				     "amdgpu",	    "TLB flush",  "tio-iommu",	 "Fault errors",
				     "IO_PAGE_F",   "IOTLB_INV",  "INVALID_DEV", "NVRM: Xid",
				     "fifo: fault", "tlb inval",  NULL };

const struct recogniser other_iommus_recogniser = { "other-iommus", words, sizeof(bool),
						    line,	    NULL,  false };
