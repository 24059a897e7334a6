/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "machine.h"
#include "scan.h"

#include <ctype.h>
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

const struct machine_device *machine_bridge_to(const struct machine *m, unsigned segment,
					       unsigned bus)
{
	for (unsigned i = 0; i < m->devices; i++)
		if (m->device[i].bridge && m->device[i].secondary == bus && bus &&
		    m->device[i].segment == segment)
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

void machine_add_scope(struct machine *m, const struct machine_scope *s)
{
	if (m->scopes < MACHINE_SCOPES)
		m->scope[m->scopes++] = *s;
}

static const struct machine_scope *scope_of(const struct machine *m, unsigned segment, unsigned sid)
{
	for (unsigned i = 0; i < m->scopes; i++)
		if (m->scope[i].sid == sid && m->scope[i].segment == segment)
			return &m->scope[i];
	return NULL;
}

/* True if a scope of this segment is a bridge, so that a device may be behind it. */
static bool scopes_have_bridges(const struct machine *m, unsigned segment)
{
	for (unsigned i = 0; i < m->scopes; i++)
		if (m->scope[i].bridge && m->scope[i].segment == segment)
			return true;
	return false;
}

uint64_t machine_unit_of(const struct machine *m, unsigned segment, unsigned sid)
{
	const struct machine_scope *s = scope_of(m, segment, sid);
	const struct machine_device *above;
	unsigned at = sid, hops = 0;

	/* Go up to a bridge that a scope names, or to a root bus. */
	while (!s && hops++ < 256 && (above = machine_bridge_to(m, segment, at >> 8))) {
		at = above->sid;
		s = scope_of(m, segment, at);
		s = s && s->bridge ? s : NULL;
	}
	/* A device on another bus than 0 whose bridge is unknown may be behind any bridge. */
	if (!s && (!(at >> 8) || !scopes_have_bridges(m, segment)))
		s = scope_of(m, segment, NO_SID);
	return s ? s->base : 0;
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

/* ---- devices that a log names ---- */

/* "aic7xxx 0000:05:02.1: enabling device (0000 -> 0003)": the driver's name, and the device. */
static void named_device(struct machine *m, const char *from, const char *at)
{
	const char *name = at - 1, *t = at;
	struct machine_device *dev;
	unsigned segment, sid;
	size_t n;

	if (!scan_bdf(&t, &segment, &sid) || *t != ':' || name <= from || *name != ' ')
		return;
	while (name > from && (isalnum((unsigned char)name[-1]) || strchr("_-", name[-1])))
		name--;
	n = (size_t)(at - 1 - name);
	dev = machine_add(m, segment, sid);
	if (!dev || *dev->driver || n < 2 || n >= sizeof(dev->driver) ||
	    !strncmp(name, "pci ", 4) || !strncmp(name, "pcieport ", 9))
		return;
	memcpy(dev->driver, name, n);
	dev->driver[n] = '\0';
}

void machine_named_devices(struct machine *m, const struct line *l)
{
	const char *from = l->text + l->body, *own = l->text + l->own;

	for (const char *s = from; s < own && (s = memchr(s, ':', (size_t)(own - s))); s++)
		if (s - from > 4 && strspn(s - 4, "0123456789abcdef") == 4 && own - s > 7)
			named_device(m, from, s - 4);
}
