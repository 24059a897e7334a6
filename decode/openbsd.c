/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* DMA faults as OpenBSD (acpidmar) prints them. */
#include "faults.h"
#include "scan.h"

#include <stdio.h>
#include <string.h>

/* How OpenBSD had set up the device, in its own words. */
static void setup(struct block *b, const char *s)
{
	static const char *const words[][2] = {
		{ "nobus]", "nothing: no device of its bus is translated" },
		{ "nodevfn]", "nothing: the device has no context entry" },
		{ "nomap]", "no mapping by its driver" },
		{ "mapped]", "by its driver" },
	};

	for (unsigned i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (!strncmp(s, words[i][0], strlen(words[i][0])))
			block_text(b, "mapped", "%s", words[i][1]);
}

/* "dmar: 00:14.0 read error at 88a11000 fr:2 [Context Entry Not Present] iommu:1 [nodevfn]" */
static bool line(struct decode *d, void *state, const struct line *l)
{
	unsigned segment, sid;
	uint64_t address, reason, unit;
	struct fault f;
	const char *s;
	char name[32];
	bool read;

	(void)state;
	if (!scan_find(l, l->text, "dmar: ", &s) || !scan_bdf(&s, &segment, &sid))
		return false;
	read = scan_words(&s, " read error at ");
	if (!read && !scan_words(&s, " write error at "))
		return false;
	decode_take(d);
	fault_begin(&f, l, false, 0, sid);
	fault_access(&f, read ? ACCESS_READ : ACCESS_WRITE);
	if (scan_hex(l, &s, &address) != SCAN_OK)
		fault_address_cut(&f);
	else
		fault_address(&f, address);
	if (scan_words(&s, " fr:") && scan_dec(l, &s, &reason) == SCAN_OK)
		fault_reason(&f, reason, "");
	if (scan_find_on(l, s, " iommu:", &s) && scan_dec(l, &s, &unit) == SCAN_OK) {
		snprintf(name, sizeof(name), "iommu%u", (unsigned)unit);
		block_unit(f.block, name, strlen(name));
		if (scan_words(&s, " ["))
			setup(f.block, s);
	}
	fault_end(d, &f);
	return false;
}

static const char *const words[] = { "dmar", NULL };

const struct recogniser openbsd_recogniser = { "openbsd", words, 0, line, NULL, false };
