/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* unit.h - the remapping units of this machine, each with a queue. */
#ifndef METAL_UNIT_H
#define METAL_UNIT_H

#include <qinval/qi.h>

#include "acpi.h"

struct unit {
	unsigned number;
	struct acpi_unit where;
	volatile uint8_t *regs;
	uint32_t version;
	uint64_t cap, ecap;
	const char *refused; /* why it must not be tested, as text; NULL if it may be */
	bool interrupts;     /* its interrupts can reach the first CPU */

	bool scalable; /* it is in scalable mode, which 256-bit descriptors need */

	struct qi q;
	bool broken; /* its queue cannot be turned on any more, so it must not be used */
	struct qi_stats *stats;

	/* The queue's lock: each CPU that wants it takes a number. */
	uint32_t lock_next, lock_now;

	/* For plant.c, in the CPU that writes the doorbell. */
	bool plant;
	uint64_t planted_to; /* the tail at its last call */

	uint32_t fault_interrupts, completion_interrupts; /* numbers of interrupts that have come */
};

/*
 * Map the unit's registers, read its capabilities, and decide whether it may be used. Writes no
 * register.
 */
void unit_find(struct unit *u, unsigned number, const struct acpi_unit *where);

/* Print its capabilities and its state in words, as notes. */
void unit_describe(const struct unit *u);

enum unit_options { UNIT_PLAIN = 0, UNIT_STATS = 1, UNIT_INTERRUPTS = 2 };

/* A new queue in new memory, turned on. 0 or -QI_ERR_*. */
int unit_open(struct unit *u, unsigned slots, unsigned width, unsigned options);
int unit_close(struct unit *u);

/*
 * Turn scalable mode on or off, while the unit's queue is off. An empty root table selects it: as
 * long as DMA remapping is off, the unit reads nothing from this table.
 */
bool unit_set_scalable(struct unit *u, bool scalable);

/* Write GCMD, and wait until the unit has obeyed. False if it does not. */
bool unit_command(const struct unit *u, uint32_t bit);

uint32_t unit_read32(const struct unit *u, unsigned reg);
uint64_t unit_read64(const struct unit *u, unsigned reg);
void unit_write32(const struct unit *u, unsigned reg, uint32_t value);
void unit_write64(const struct unit *u, unsigned reg, uint64_t value);

/* host.c: what the core is given; its context is the struct unit. */
extern const struct qi_host metal_host;

/*
 * plant.c: while u->plant is set, each IOTLB invalidation of this domain is replaced by a
 * descriptor of a reserved type. The core has checked the descriptor before that, and the unit has
 * not read it yet.
 */
#define PLANT_DOMAIN 0xbad
struct qi_desc plant_desc(void);
void plant_start(struct unit *u);
void plant_stop(struct unit *u);
void plant_before_doorbell(struct unit *u, uint64_t tail);

#endif
