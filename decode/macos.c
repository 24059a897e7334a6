/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* A fault as macOS (AppleVTD) prints it, also in the text of a panic. */
#include "fault_reasons.h"
#include "faults.h"
#include "scan.h"

/* "131:0:0": bus, device and function, decimal */
static bool device(const struct line *l, const char **s, unsigned *sid)
{
	static const unsigned most[] = { 0xff, 0x1f, 7 };
	uint64_t part[3];

	for (unsigned i = 0; i < 3; i++)
		if ((i && *(*s)++ != ':') || scan_dec(l, s, &part[i]) != SCAN_OK ||
		    part[i] > most[i])
			return false;
	*sid = (unsigned)(part[0] << 8 | part[1] << 3 | part[2]);
	return true;
}

/* "vtd[0] fault: device 131:0:0 reason 0x6 R:0x101700000"; the first number is the record's. */
static bool line(struct decode *d, void *state, const struct line *l)
{
	uint64_t record, reason, address;
	struct fault f;
	unsigned sid;
	const char *s;
	bool has_reason, known;

	(void)state;
	if (!scan_find(l, l->text, "vtd[", &s) || scan_dec(l, &s, &record) != SCAN_OK ||
	    !scan_words(&s, "] fault: device ") || !device(l, &s, &sid))
		return false;
	decode_take(d);
	has_reason = scan_words(&s, " reason ") && scan_hex(l, &s, &reason) == SCAN_OK;
	scan_blanks(&s);
	fault_begin(&f, l, has_reason && fault_reason_is_interrupt(reason), 0, sid);
	known = (*s == 'R' || *s == 'W') && s[1] == ':';
	if (known)
		fault_access(&f, *s == 'R' ? ACCESS_READ : ACCESS_WRITE);
	s += known ? 2 : 0;
	if (known && scan_hex(l, &s, &address) == SCAN_OK)
		fault_address(&f, f.interrupt ? address >> 48 : address);
	else
		fault_address_cut(&f);
	if (has_reason)
		fault_reason(&f, reason, "");
	fault_end(d, &f);
	return false;
}

static const char *const words[] = { "vtd[", NULL };

const struct recogniser macos_recogniser = { "macos", words, 0, line, NULL, false };
