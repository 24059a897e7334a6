/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * rig.h - a unit with memory, for the tests of device/.
 *
 * The rig logs what leaves the unit, one letter each: x executed, w status write, m message. It
 * answers choose() from a script, and notes the number of alternatives.
 */
#ifndef TESTS_DEVICE_RIG_H
#define TESTS_DEVICE_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "device/vtd.h"

#include <qinval/desc.h>
#include <qinval/regs.h>

#define RIG_MEM 0x100000ULL /* first address, of the ring */
#define RIG_STATUS (RIG_MEM + 0x4000)
#define RIG_BYTES 0x5000
#define RIG_ROOM 8
#define RIG_LOG 256

struct rig {
	struct vtd_unit u;
	struct vtd_ops ops;
	struct vtd_config cfg;
	struct vtd_entry cache[RIG_ROOM];
	uint64_t mem[RIG_BYTES / 8];
	unsigned tail; /* in slots */

	char log[RIG_LOG];
	unsigned nlog;
	struct vtd_event event[RIG_LOG];
	unsigned nevent;
	uint64_t msi_addr;
	uint32_t msi_data;

	/* `asked`: the number of alternatives of each choice. */
	unsigned script[RIG_LOG], asked[RIG_LOG];
	unsigned nasked;
};

/*
 * rig_config(): a configuration, which a test may change. rig_init(): a unit with this
 * configuration, with the queue off.
 */
void rig_config(struct rig *r, enum vtd_profile profile);
void rig_init(struct rig *r);

/* Do both, and turn the queue on with 256 slots of `width` bits. */
void rig_start(struct rig *r, unsigned width);
void rig_start_as(struct rig *r, enum vtd_profile profile, unsigned width);

/* Registers, with their natural width. */
uint64_t rig_read(struct rig *r, unsigned reg);
void rig_write(struct rig *r, unsigned reg, uint64_t value);

/* Write GCMD, with `bits` changed to on or off. */
void rig_command(struct rig *r, uint32_t bits, bool on);

/* Put a descriptor at the tail; ring the doorbell; step until the unit is idle. */
void rig_put(struct rig *r, struct qi_desc d);
void rig_put_wait(struct rig *r, uint64_t flags, unsigned word, uint32_t data);
void rig_doorbell(struct rig *r);
void rig_run(struct rig *r);
void rig_submit(struct rig *r); /* rig_doorbell() and rig_run() */

void rig_arm(struct rig *r, struct vtd_fault f);

/* Submit one descriptor. Returns the code with which it was refused, or -1. */
int rig_try(struct rig *r, struct qi_desc d);

/* Overwrite a slot with a wait that does nothing. */
void rig_defuse(struct rig *r, unsigned slot);

uint32_t rig_status(const struct rig *r, unsigned word);
void rig_forget_log(struct rig *r);

/*
 * Start the rig and run `scene`, once for each sequence of choices of the unit. Returns the number
 * of sequences.
 */
unsigned rig_explore(struct rig *r, unsigned width, void (*scene)(struct rig *r));

struct vtd_entry rig_page(enum vtd_cache kind, uint16_t did_or_sid, uint32_t pasid, uint64_t addr);

#endif
