/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "machine.h"

#include <stdio.h>
#include <string.h>

const struct machine_device *machine_find(const struct machine *m, unsigned segment, unsigned sid)
{
	for (unsigned i = 0; i < m->devices; i++)
		if (m->device[i].sid == sid && m->device[i].segment == segment)
			return &m->device[i];
	return NULL;
}

struct machine_device *machine_add(struct machine *m, unsigned segment, unsigned sid)
{
	const struct machine_device *old = machine_find(m, segment, sid);
	struct machine_device *new;

	if (old)
		return m->device + (old - m->device);
	if (m->devices == MACHINE_DEVICES)
		return NULL;
	new = &m->device[m->devices++];
	new->segment = segment;
	new->sid = sid;
	return new;
}

const struct machine_device *machine_bridge_to(const struct machine *m, unsigned bus)
{
	for (unsigned i = 0; i < m->devices; i++)
		if (m->device[i].bridge && m->device[i].secondary == bus && bus)
			return &m->device[i];
	return NULL;
}

void machine_region(struct machine *m, enum region_kind kind, uint64_t first, uint64_t last,
		    unsigned sid, uint64_t line)
{
	for (unsigned i = 0; i < m->regions; i++)
		if (m->region[i].kind == kind && m->region[i].first == first &&
		    m->region[i].last == last && (m->region[i].sid == sid || sid == NO_SID))
			return;
	if (m->regions < MACHINE_REGIONS && first <= last)
		m->region[m->regions++] = (struct machine_region){ kind, first, last, line, sid };
}

void machine_add_scope(struct machine *m, uint64_t base, unsigned sid)
{
	if (m->scopes < MACHINE_SCOPES)
		m->scope[m->scopes++] = (struct machine_scope){ sid, base };
}

const char *machine_device_text(const struct machine *m, unsigned sid, char to[DEVICE_TEXT])
{
	const struct machine_device *dev = machine_find(m, 0, sid);

	*to = '\0';
	if (!dev)
		return to;
	snprintf(to, DEVICE_TEXT, "%s%s%s%s%s", dev->name, *dev->name && *dev->driver ? ", " : "",
		 *dev->driver ? "driver " : "", dev->driver,
		 dev->ats == YES  ? ", ATS on"
		 : dev->ats == NO ? ", ATS off"
				  : "");
	if (!strncmp(to, ", ", 2))
		memmove(to, to + 2, strlen(to + 2) + 1);
	return to;
}
