/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* plugin.h - what the files of the plugin share. All of it is used with QEMU's big lock held. */
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
#define LINES 1024	 /* of what is cached */

/* The fate of the descriptor that was fetched last from a slot. */
struct slot {
	uint64_t rung; /* when the doorbell passed it, ns */
	uint64_t qw[2];
	uint64_t plant; /* its number, if it was altered */
	bool fetched, done, repeated, wait;
};

/* What a wait has completed in spite of: if it is submitted again soon, nothing was lost. */
#define DROPPED 256
struct dropped {
	uint64_t qw[2];
	uint64_t until; /* so many submissions; 0: none */
};

#define COUNTERS 3

/* The registers of the unit's performance counters, as software sets and reads them. */
struct counters {
	uint64_t config[COUNTERS], count[COUNTERS], interrupt[2];
	bool enabled[COUNTERS], frozen;
};

struct options {
	uint64_t seed, cap, ecap;
	struct scopes scopes;
	unsigned pace;	  /* the longest rest of the unit between two steps, in us */
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
	uint64_t judged;   /* lap and IQH of the descriptor that has been judged last, + 1 */
	unsigned position; /* position of the next descriptor in its submission */
	bool lose_interrupt;
	bool resumes; /* software has cleared an error */
};

/* ---- unit.c ---- */

/*
 * The unit of that number. Units take turns by QEMU's big lock, so that they share what they count.
 */
bool unit_start(struct unit *u, unsigned number, const struct options *opt,
		struct guest_share *share);

/* ---- strike.c: what was asked for, done to the unit and to what it reads ---- */

/* Before the unit's next step: look at the descriptor that it will fetch, and arm faults. */
void strike_before_fetch(struct unit *u);

/* A descriptor has been read from the ring: alter it if a plant says so. */
void strike_request(struct unit *u, unsigned slot, uint64_t qw[2]);

/* ---- counters.c: performance counters, where the capabilities tell of some ---- */

enum counted { COUNT_REQUEST, COUNT_IOTLB_LOOKUP, COUNT_IOTLB_HIT };

void counters_add(struct unit *u, enum counted what);

/* False: @addr is none of their registers. */
bool counters_read(const struct unit *u, hwaddr addr, unsigned size, uint64_t *value);
bool counters_write(struct unit *u, hwaddr addr, uint64_t value, unsigned size);

/* ---- judge.c ---- */

/* The unit's oracle tells of a use that is not fresh. */
void judge_use(void *ctx, const struct vtd_judgement *j);

/* ---- observe.c: what is told to the program ---- */

uint64_t observe_now(void);						       /* ns */
struct guest_event *observe_event(struct unit *u, enum guest_event_kind kind); /* NULL: no room */
void observe_event_done(struct unit *u);
void observe_device(struct guest_event *e, uint16_t sid); /* it is about this one */
void observe_doorbell(struct unit *u, uint64_t from, uint64_t to);
void observe_fetch(struct unit *u, unsigned slot, const uint64_t qw[2]);
void observe_executed(struct unit *u, const struct vtd_event *ev);
void observe_registers(struct unit *u, bool idle);
void observe_summary(const struct guest_share *s); /* to stderr */

/* ---- pci.c: address spaces of devices ---- */

void pci_register_types(void);

/* From now on the units translate for all devices. What is said is why it cannot be so. */
const char *pci_start(struct unit *units, const struct scopes *scopes);

/* QEMU's name for the kind of device; empty: there is no device. */
const char *pci_kind(uint16_t sid);

/* Pull the device out without telling the guest. False: there is none, or it is no card. */
bool pci_pull(uint16_t sid);

/* ---- memory ---- */

bool guest_read(uint64_t addr, void *buf, size_t len);
bool guest_write32(uint64_t addr, uint32_t value);

/* A number of 0 .. n - 1, chosen by the seed. */
unsigned unit_choose(struct unit *u, unsigned n);

#endif
