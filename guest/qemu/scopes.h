/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* scopes.h - which device belongs to which unit, from the DMAR table that the guest gets. */
#ifndef GUEST_QEMU_SCOPES_H
#define GUEST_QEMU_SCOPES_H

#include <guest/share.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SCOPES 16 /* per unit */
#define SCOPE_PATH 4

enum scope_type { SCOPE_ENDPOINT = 1, SCOPE_BRIDGE, SCOPE_IOAPIC };

struct scope {
	uint8_t type, bus, steps;
	uint8_t devfn[SCOPE_PATH]; /* the path from that bus on, through bridges */
};

struct scopes {
	unsigned units;
	struct {
		uint64_t base;
		bool rest; /* it has all devices that belong to no other unit */
		unsigned n;
		struct scope scope[SCOPES];
	} unit[GUEST_UNITS];
};

/*
 * A byte of a device's configuration space; 0xff: no such device. Software numbers the buses behind
 * bridges.
 */
typedef uint8_t scopes_config_fn(uint8_t bus, uint8_t devfn, unsigned at);

/* One unit with all devices. */
void scopes_single(struct scopes *s, uint64_t base);

/* Parse a table. False: *error says what is wrong with it. */
bool scopes_parse(struct scopes *s, const uint8_t *table, size_t bytes, char *error, size_t size);
bool scopes_read(struct scopes *s, const char *path, char *error, size_t size);

/* The number of the device's unit; if there is none, that of the last unit. */
unsigned scopes_find(const struct scopes *s, uint16_t sid, scopes_config_fn *config);

/* The same for the IOAPIC, and the source id of its messages. */
unsigned scopes_ioapic(const struct scopes *s, uint16_t *sid);

#endif
