/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The remapping units that the input names, and their capabilities. */
#include "decode.h"

#include <string.h>

struct decode_unit *decode_unit(struct decode *d, const char *name, size_t length)
{
	struct decode_facts *f = decode_facts(d);
	struct decode_unit *u;

	if (length >= sizeof(u->name))
		return NULL;
	for (u = f->unit; u < f->unit + f->units; u++)
		if (strlen(u->name) == length && !memcmp(u->name, name, length))
			return u;
	if (f->units == DECODE_UNITS)
		return NULL;
	f->units++;
	memcpy(u->name, name, length);
	return u;
}

static bool same_caps(const struct decode_unit *a, const struct decode_unit *b)
{
	return a->cap == b->cap && a->ecap == b->ecap;
}

const struct decode_unit *decode_caps(const struct decode *d, const char *unit)
{
	const struct decode_facts *f = decode_facts((struct decode *)d);
	const struct decode_unit *any = NULL;
	bool unequal = false;

	for (const struct decode_unit *u = f->unit; u < f->unit + f->units; u++) {
		if (!u->has_caps)
			continue;
		if (u->given || (unit && !strcmp(u->name, unit)))
			return u;
		unequal |= any && !same_caps(any, u);
		any = u;
	}
	return unequal || unit ? NULL : any;
}
