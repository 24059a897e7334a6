/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * faults.h - the lists of --faults and --plant: what a unit or a device is to do wrongly, and how
 * the guest's requests are to be altered. Used by the program and by the unit in QEMU.
 */
#ifndef GUEST_FAULTS_H
#define GUEST_FAULTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum guest_fault_kind {
	/* of the unit */
	GUEST_REFUSE, /* IQE for a valid descriptor */
	GUEST_FETCH,  /* IQE: the descriptor could not be read */
	GUEST_STALL,
	GUEST_GONE,
	GUEST_RESET, /* the unit loses its registers */
	GUEST_SLOW_WRITE,
	GUEST_LOSE_WRITE,
	GUEST_TWICE,
	GUEST_LOSE_INTERRUPT,
	/* of devices */
	GUEST_SILENT,
	GUEST_LATE,
	GUEST_LATE_ITE,
	GUEST_WRONG,
	GUEST_REMOVED,
	/* in the guest's requests */
	GUEST_WRONG_DOMAIN,
	GUEST_SHORT,
	GUEST_WRONG_MASK,
	GUEST_DROPPED,
	GUEST_IH,
	GUEST_FAULT_KINDS
};

/* The position of a descriptor in its submission. */
enum guest_position {
	GUEST_ANYWHERE,
	GUEST_FIRST,
	GUEST_LATER, /* an invalidation, but not the first */
	GUEST_LAST,  /* before the wait, and not the first */
	GUEST_WAIT,
};

struct guest_fault {
	enum guest_fault_kind kind;
	uint32_t every; /* it strikes one in so many occasions, at random; 1: each */
	uint32_t from;	/* not before this number of submissions */
	uint32_t times; /* at most so often; 0: no limit */
	enum guest_position position;
	uint8_t type; /* only descriptors of this type; 0: any type */
	uint8_t code; /* IQEI of a refusal */
	uint16_t sid; /* of a device fault; 0xffff: any */
	bool no_sid;  /* the unit does not report the device */
	uint32_t steps;
};

#define GUEST_FAULTS 16

struct guest_faults {
	unsigned n;
	struct guest_fault fault[GUEST_FAULTS];
};

const char *guest_fault_name(enum guest_fault_kind kind);
const char *guest_fault_does(enum guest_fault_kind kind); /* for --help */
bool guest_fault_is_plant(enum guest_fault_kind kind);

/*
 * Parse a list and add it: KIND[:KEY[=VALUE]]...[,KIND...]. False: *error says what is wrong.
 * Plants are refused in a list of faults, and faults in a list of plants.
 */
bool guest_faults_parse(struct guest_faults *f, const char *list, bool plants, char *error,
			size_t size);

#endif
