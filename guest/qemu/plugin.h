/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * plugin.h - declarations shared by the plugin's files. All functions are called with QEMU's big
 * lock held.
 */
#ifndef GUEST_QEMU_PLUGIN_H
#define GUEST_QEMU_PLUGIN_H

#include "api.h"
#include "requests.h"
#include "scopes.h"

#include <device/translation.h>
#include <guest/faults.h>
#include <guest/share.h>
#include <semaphore.h>

#define REGISTER_BYTES 0x1000
#define RING_SLOTS 32768 /* of the largest ring */
#define LINES 1024	 /* of the caches */

/* The history of the descriptor that was fetched last from a slot. */
struct slot {
	uint64_t rung; /* ns: when the doorbell covered it */
	uint64_t qw[2];
	uint64_t plant; /* the number of the plant that altered it; 0: none */
	bool fetched, done, repeated, wait;
};

/*
 * A descriptor that was dropped although a wait behind it completed. If it is submitted again soon,
 * nothing is lost.
 */
#define DROPPED 256
struct dropped {
	uint64_t qw[2];
	/* The number of submissions until which a repetition counts; 0: none expected. */
	uint64_t until;
};

#define COUNTERS 3

/* The registers of the unit's performance counters, as software accesses them. */
struct counters {
	uint64_t config[COUNTERS], count[COUNTERS], interrupt[2];
	bool enabled[COUNTERS], frozen;
};

struct options {
	uint64_t seed, cap, ecap;
	struct scopes scopes;
	unsigned pace;	  /* the longest pause of the unit between two steps, in us */
	unsigned overlap; /* one doorbell in so many is left to the thread; 0: none */
	struct guest_faults faults, plants;
};

struct unit {
	struct vtd_unit vtd;
	struct vtd_translation translation;
	struct vtd_line line[LINES];
	unsigned number;
	_Alignas(16) char region[QEMU_REGION_BYTES];
	const struct options *opt;
	struct guest_share *share;
	struct requests requests;
	uint64_t random;
	sem_t work; /* posted when software has written a register */
	struct counters counters;

	struct slot slot[RING_SLOTS];
	struct dropped dropped[DROPPED];
	uint64_t judged;   /* 1 + lap and IQH of the last descriptor that was judged */
	unsigned position; /* position of the next descriptor in its submission */
	bool lose_interrupt;
	bool resumes; /* software has cleared an error */
};

/* ---- unit.c ---- */

/*
 * Start the unit with this number. Units are serialised by QEMU's big lock, and share what they
 * count.
 */
bool unit_start(struct unit *u, unsigned number, const struct options *opt,
		struct guest_share *share);

/* ---- strike.c: faults and plants ---- */

/* Called before the unit's next step: looks at the next descriptor, and arms faults. */
void strike_before_fetch(struct unit *u);

/* A descriptor was read from the ring: alter it if a plant applies. */
void strike_request(struct unit *u, unsigned slot, uint64_t qw[2]);

/* ---- counters.c: performance counters, if the capabilities have them ---- */

enum counted { COUNT_REQUEST, COUNT_IOTLB_LOOKUP, COUNT_IOTLB_HIT };

void counters_add(struct unit *u, enum counted what);

/* False: @addr is not one of their registers. */
bool counters_read(const struct unit *u, hwaddr addr, unsigned size, uint64_t *value);
bool counters_write(struct unit *u, hwaddr addr, uint64_t value, unsigned size);

/* ---- judge.c ---- */

/* The unit's oracle reports a use that is not fresh. */
void judge_use(void *ctx, const struct vtd_judgement *j);

/* ---- observe.c: reports to the program ---- */

uint64_t observe_now(void);						       /* ns */
struct guest_event *observe_event(struct unit *u, enum guest_event_kind kind); /* NULL: no room */
void observe_event_done(struct unit *u);
void observe_device(struct guest_event *e, uint16_t sid); /* the event is about this device */
void observe_doorbell(struct unit *u, uint64_t from, uint64_t to);
void observe_fetch(struct unit *u, unsigned slot, const uint64_t qw[2]);
void observe_executed(struct unit *u, const struct vtd_event *ev);
void observe_registers(struct unit *u, bool idle);
void observe_summary(const struct guest_share *s); /* to stderr */

/* ---- pci.c: address spaces of devices ---- */

void pci_register_types(void);

/* Let the units translate for all devices. Returns NULL, or why that is impossible. */
const char *pci_start(struct unit *units, const struct scopes *scopes);

/* QEMU's name for the type of the device; empty: no such device. */
const char *pci_kind(uint16_t sid);

/* Unplug the device without notice to the guest. False: no such device, or it is no card. */
bool pci_pull(uint16_t sid);

/* ---- memory ---- */

bool guest_read(uint64_t addr, void *buf, size_t len);
bool guest_write32(uint64_t addr, uint32_t value);

/* A number from 0 to n - 1, which the seed determines. */
unsigned unit_choose(struct unit *u, unsigned n);

#endif
