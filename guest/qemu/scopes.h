/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* scopes.h - which unit has which device, by the DMAR table that the guest is given. */
#ifndef GUEST_QEMU_SCOPES_H
#define GUEST_QEMU_SCOPES_H

#include <guest/share.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SCOPES 16 /* of a unit */
#define SCOPE_PATH 4

enum scope_type { SCOPE_ENDPOINT = 1, SCOPE_BRIDGE, SCOPE_IOAPIC };

struct scope {
	uint8_t type, bus, steps;
	uint8_t devfn[SCOPE_PATH]; /* from that bus on, through bridges */
};

struct scopes {
	unsigned units;
	struct {
		uint64_t base;
		bool rest; /* it has all devices that no other has */
		unsigned n;
		struct scope scope[SCOPES];
	} unit[GUEST_UNITS];
};

/* A byte of a device's configuration, or 0xff: there is none. Bridges are numbered by software. */
typedef uint8_t scopes_config_fn(uint8_t bus, uint8_t devfn, unsigned at);

/* One unit that has all. */
void scopes_single(struct scopes *s, uint64_t base);

/* Read a table. False: *error says what is wrong with it. */
bool scopes_parse(struct scopes *s, const uint8_t *table, size_t bytes, char *error, size_t size);
bool scopes_read(struct scopes *s, const char *path, char *error, size_t size);

/* The number of the unit that a device belongs to; if it belongs to none, that of the last one. */
unsigned scopes_find(const struct scopes *s, uint16_t sid, scopes_config_fn *config);

/* The same of the IOAPIC, and where its messages come from. */
unsigned scopes_ioapic(const struct scopes *s, uint16_t *sid);

#endif
