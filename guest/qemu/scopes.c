/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "scopes.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define TABLE_BYTES 65536
#define TABLE_HEAD 48
#define DRHD 0
#define DRHD_HEAD 16
#define DRHD_ALL 1
#define SCOPE_HEAD 6

/* In a bridge's configuration space. */
#define SECONDARY 0x19
#define SUBORDINATE 0x1a

/* For QEMU's q35, if the table does not have it. */
#define IOAPIC_SID 0xff00

static uint64_t get(const uint8_t *p, unsigned bytes)
{
	uint64_t n = 0;

	while (bytes--)
		n = n << 8 | p[bytes];
	return n;
}

void scopes_single(struct scopes *s, uint64_t base)
{
	*s = (struct scopes){ .units = 1 };
	s->unit[0].base = base;
	s->unit[0].rest = true;
}

static bool add_scope(struct scopes *s, const uint8_t *p, size_t bytes)
{
	unsigned u = s->units - 1;
	size_t steps = (bytes - SCOPE_HEAD) / 2;
	struct scope *scope;

	if (bytes < SCOPE_HEAD + 2 || bytes % 2 || steps > SCOPE_PATH || s->unit[u].n == SCOPES)
		return false;
	scope = &s->unit[u].scope[s->unit[u].n++];
	*scope = (struct scope){ .type = p[0], .bus = p[5], .steps = (uint8_t)steps };
	for (size_t i = 0; i < steps; i++)
		scope->devfn[i] = (uint8_t)(p[SCOPE_HEAD + 2 * i] << 3 | p[SCOPE_HEAD + 2 * i + 1]);
	return true;
}

static bool add_unit(struct scopes *s, const uint8_t *p, size_t bytes)
{
	if (bytes < DRHD_HEAD || s->units == GUEST_UNITS)
		return false;
	s->units++;
	s->unit[s->units - 1].rest = p[4] & DRHD_ALL;
	s->unit[s->units - 1].base = get(p + 8, 8);
	for (size_t at = DRHD_HEAD, n; at < bytes; at += n) {
		n = at + 2 <= bytes ? p[at + 1] : 0;
		if (n < 2 || n > bytes - at || !add_scope(s, p + at, n))
			return false;
	}
	return true;
}

bool scopes_parse(struct scopes *s, const uint8_t *table, size_t bytes, char *error, size_t size)
{
	*s = (struct scopes){ .units = 0 };
	if (bytes < TABLE_HEAD || memcmp(table, "DMAR", 4) != 0 || get(table + 4, 4) != bytes) {
		snprintf(error, size, "it is no DMAR table");
		return false;
	}
	for (size_t at = TABLE_HEAD, n; at < bytes; at += n) {
		n = at + 4 <= bytes ? get(table + at + 2, 2) : 0;
		if (n < 4 || n > bytes - at ||
		    (get(table + at, 2) == DRHD && !add_unit(s, table + at, n))) {
			snprintf(error, size,
				 "the structure at 0x%zx is damaged, or there are more than %d "
				 "units, or %d scopes of one",
				 at, GUEST_UNITS, SCOPES);
			return false;
		}
	}
	if (!s->units)
		snprintf(error, size, "it has no unit (DRHD)");
	return s->units;
}

bool scopes_read(struct scopes *s, const char *path, char *error, size_t size)
{
	static uint8_t table[TABLE_BYTES];
	FILE *f = fopen(path, "re");
	size_t n = f ? fread(table, 1, sizeof(table), f) : 0;

	if (!f) {
		snprintf(error, size, "%s", strerror(errno));
		return false;
	}
	fclose(f);
	return scopes_parse(s, table, n, error, size);
}

/* The source id at the end of the scope's path. */
static uint16_t end_of(const struct scope *scope, scopes_config_fn *config)
{
	uint8_t bus = scope->bus;

	for (unsigned i = 0; i + 1 < scope->steps; i++)
		bus = config(bus, scope->devfn[i], SECONDARY);
	return (uint16_t)(bus << 8 | scope->devfn[scope->steps - 1]);
}

static bool has(const struct scope *scope, uint16_t sid, scopes_config_fn *config)
{
	uint16_t end;

	if (scope->type != SCOPE_ENDPOINT && scope->type != SCOPE_BRIDGE)
		return false;
	end = end_of(scope, config);
	if (end == sid || scope->type == SCOPE_ENDPOINT)
		return end == sid;
	return sid >> 8 && sid >> 8 >= config(end >> 8, (uint8_t)end, SECONDARY) &&
	       sid >> 8 <= config(end >> 8, (uint8_t)end, SUBORDINATE);
}

/* The unit with all remaining devices; if none has that flag, the last one. */
static unsigned rest(const struct scopes *s)
{
	for (unsigned u = 0; u < s->units; u++)
		if (s->unit[u].rest)
			return u;
	return s->units - 1;
}

unsigned scopes_find(const struct scopes *s, uint16_t sid, scopes_config_fn *config)
{
	for (unsigned u = 0; u < s->units; u++)
		for (unsigned i = 0; i < s->unit[u].n; i++)
			if (has(&s->unit[u].scope[i], sid, config))
				return u;
	return rest(s);
}

unsigned scopes_ioapic(const struct scopes *s, uint16_t *sid)
{
	*sid = IOAPIC_SID;
	for (unsigned u = 0; u < s->units; u++)
		for (unsigned i = 0; i < s->unit[u].n; i++)
			if (s->unit[u].scope[i].type == SCOPE_IOAPIC) {
				*sid = (uint16_t)(s->unit[u].scope[i].bus << 8 |
						  s->unit[u].scope[i].devfn[0]);
				return u;
			}
	return rest(s);
}
