/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * vtd.h - the invalidation side of a VT-d remapping unit, in software.
 *
 * For tests and simulators of drivers, and for virtual machine monitors. It needs only this
 * directory and <qinval/regs.h>: cc -ffreestanding -Iinclude -c, with every .c file in here.
 *
 * In a virtual machine monitor:
 *
 *  1. Give the unit memory for its caches and a struct vtd_ops, which reaches guest memory, sends
 *     interrupts and decides where the specification leaves the hardware a choice (return 0 for the
 *     plainest behaviour). Call vtd_init().
 *  2. Route the guest's register accesses to vtd_read() and vtd_write().
 *  3. After each write, and whenever there is time, call vtd_step() until it returns VTD_IDLE. Each
 *     call does one piece of hardware work that is atomic for software, so the guest's other
 *     processors may run between any two calls.
 *  4. Translate devices' requests: see the four steps in translation.h. A monitor with tables and
 *     caches of its own does its own invalidation in vtd_ops.executed(), or fills the unit's caches
 *     with vtd_touch() and looks translations up with vtd_cached().
 *
 * The unit alone has caches, but no tables. translation.h adds what fills the caches: DMA and
 * interrupt remapping, their faults, page requests, and invalidation by register. Without it a wait
 * with PD drains nothing, a page group response is only reported, and IH has no effect, as there
 * are no paging-structure caches. Not modelled at all: the limit MIP on requests to a device.
 *
 * A struct vtd_unit is a plain value: it may be copied, compared and hashed. (Its caches are in
 * memory of the caller's.) There is no lock: only one thread at a time may call these functions.
 */
#ifndef VTD_H
#define VTD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- What the caller supplies ---- */

struct vtd_event;	/* below */
struct vtd_translation; /* translation.h */

struct vtd_ops {
	/* Read `len` bytes (8, 16 or 32) of memory, coherently. False: no such memory. */
	bool (*dma_read)(void *ctx, uint64_t addr, void *buf, size_t len);

	/*
	 * Write a status word: one 32-bit store, visible after all stores before it. False: no such
	 * memory.
	 */
	bool (*dma_write32)(void *ctx, uint64_t addr, uint32_t value);

	/* Send the message of an interrupt. Must not call back into the unit. */
	void (*msi)(void *ctx, uint64_t addr, uint32_t data);

	/*
	 * Return one of 0 .. n - 1, n >= 2, where the specification leaves a choice. NULL: always
	 * 0.
	 */
	unsigned (*choose)(void *ctx, unsigned n);

	/*
	 * Tells an observer that a descriptor has been executed, or that a wait has completed (just
	 * before its status is written). May be NULL.
	 */
	void (*executed)(void *ctx, const struct vtd_event *ev);

	/* The translation beside this unit (translation.h). NULL, or returning NULL: none. */
	struct vtd_translation *(*translation)(void *ctx);
};

struct vtd_event {
	uint64_t qw[4]; /* the descriptor */
	uint32_t slot;	/* the slot of the ring from which it was fetched */
	uint32_t lap;	/* how often the ring had wrapped since QIE was set */
};

/* The implementations. VTD_SPEC does what the specification says. */
enum vtd_profile {
	VTD_SPEC,
	VTD_QEMU_7_2,  /* intel-iommu of QEMU 7.2: see the table in device/profile.c */
	VTD_QEMU_10_0, /* intel-iommu of QEMU 10.0, which checks more of a descriptor */
	VTD_PROFILES
};

const char *vtd_profile_name(enum vtd_profile p);	      /* "spec", "qemu-7.2", "qemu-10.0" */
bool vtd_profile_find(const char *name, enum vtd_profile *p); /* false: no such profile */
/* The capabilities that it reports. */
void vtd_profile_caps(enum vtd_profile p, uint64_t *cap, uint64_t *ecap);

/*
 * True of QEMU's units: devices always answer at once, IQERCD reads 0, and a wait with SW and IF
 * stops the unit.
 */
bool vtd_profile_is_qemu(enum vtd_profile p);

/* ---- Caches ---- */

enum vtd_cache { VTD_CONTEXT, VTD_PASID, VTD_IOTLB, VTD_IEC, VTD_DEVTLB, VTD_CACHES };

#define VTD_NO_PASID 0xffffffffU /* a translation without PASID */

/* A cached entry. Members that its kind does not use are 0. */
struct vtd_entry {
	uint8_t kind;	/* enum vtd_cache */
	uint8_t fm;	/* context: the mask of functions beside sid, as FM of type 1; normally 0 */
	uint16_t did;	/* domain: context, PASID, IOTLB */
	uint16_t sid;	/* source: context, device TLB */
	uint32_t pasid; /* PASID, IOTLB, device TLB: or VTD_NO_PASID */
	uint64_t addr;	/* IOTLB, device TLB: first byte of the 4 KiB page; IEC: index */
	uint64_t stamp; /* the touch that cached it: tells it from an earlier, equal entry */
};

/* ---- The unit ---- */

#define VTD_WINDOW 32 /* descriptors that are fetched but not complete, at most */
#define VTD_FAULTS 16 /* faults that can be armed at once */

struct vtd_config {
	enum vtd_profile profile;
	uint64_t cap, ecap; /* both 0: vtd_profile_caps(). Without ECAP.QI, GCMD.QIE is ignored */
	const struct vtd_ops *ops;
	void *ctx;
	struct vtd_entry *cache; /* memory for the cached entries of all kinds */
	unsigned cache_room;	 /* when it is full, the oldest entry is replaced */
	unsigned window;	 /* 1 .. VTD_WINDOW: how far fetch may run ahead; 0: VTD_WINDOW */
	/* 4, 8, 16: a small ring of so many slots instead of IQA.QS; 0: IQA.QS */
	unsigned slots;
};

/* ---- Faults, by name ---- */

/*
 * A device's fault applies to requests that are sent while it is armed: arming or clearing it later
 * does not change requests under way. Faults apply in the order of arming. Among the faults of
 * a status write, LOSE_WRITE precedes SLOW_WRITE, which precedes TWICE.
 */
enum vtd_fault_kind {
	VTD_FAULT_NONE,

	/* Device `sid` never answers: ITE. */
	VTD_FAULT_SILENT,
	/* Device `sid` answers after `steps` steps of the unit. */
	VTD_FAULT_LATE,
	/* Device `sid` answers only after it has timed out: ITE, and ICE `steps` steps later. */
	VTD_FAULT_LATE_ITE,
	/* Device `sid` answers wrongly (ICE), and then never properly (ITE). */
	VTD_FAULT_WRONG,

	/*
	 * The next `count` otherwise valid descriptors of `type` (0: any) with `qw1`'s bits under
	 * `qw1_mask` are refused: IQE with code `iqei`.
	 */
	VTD_FAULT_REFUSE,
	/* The next `count` fetches fail: IQE, code 2. */
	VTD_FAULT_FETCH,
	/* The unit stops fetching. Disarmed when QIES is cleared. */
	VTD_FAULT_STALL,
	/* All registers read as all ones, writes have no effect, and the unit does nothing. */
	VTD_FAULT_GONE,

	/*
	 * The next `count` status writes land only after `steps` steps, even if QIE is cleared
	 * meanwhile, but before a later write of the same word. For the unit the wait is complete
	 * at once. Its interrupt follows the write.
	 */
	VTD_FAULT_SLOW_WRITE,
	/* The next `count` status writes are stored twice, the second time a step later. */
	VTD_FAULT_TWICE,
	/* The next `count` status writes never land. */
	VTD_FAULT_LOSE_WRITE,

	VTD_FAULT_KINDS
};

struct vtd_fault {
	enum vtd_fault_kind kind;
	uint16_t sid; /* of the device faults; VTD_ANY_SID for all */
	bool no_sid;  /* the unit reports 0 as ITESID and ICESID */
	uint8_t iqei; /* VTD_FAULT_REFUSE */
	uint8_t type;
	uint64_t qw1, qw1_mask;
	uint32_t count; /* how often; 0: until vtd_fault_clear() */
	uint32_t steps;
};

#define VTD_ANY_SID 0xffff

const char *vtd_fault_name(enum vtd_fault_kind k); /* "silent", "late", ...; NULL: no such kind */

/* ---- State: read-only for callers ---- */

enum vtd_pending_state {
	VTD_P_FETCHED, /* not started */
	VTD_P_SENT,    /* device TLB: the request is at the device */
	VTD_P_WRITTEN, /* wait: complete except for its interrupt */
	VTD_P_DRAINS,  /* IOTLB: its entries are removed, it waits for DMA that used them */
};

struct vtd_pending {
	uint64_t qw[4];
	uint32_t slot, lap;
	uint32_t steps; /* VTD_FAULT_LATE: steps until the device answers */
	uint8_t state;
	uint8_t fault; /* enum vtd_fault_kind: how the device will behave */
	bool no_sid;
};

/* An event that comes late: a status write, or a device's answer. */
struct vtd_late {
	uint64_t addr;
	uint32_t data, steps;
	uint16_t sid; /* reported with the ICE of an answer */
	bool answer;
	bool interrupt; /* the wait has IF: the interrupt follows the write */
};

#define VTD_LATE 32 /* at most; one more makes the oldest happen at once */

struct vtd_unit {
	struct vtd_config cfg;

	/* registers */
	uint32_t gsts, fsts, fectl, fedata, feaddr, feuaddr;
	uint32_t ics, iectl, iedata, ieaddr, ieuaddr;
	uint64_t rtaddr, iqh, iqt, iqa, iqercd, irta;

	uint64_t root, irt; /* RTADDR and IRTA as they were at the last SRTP and SIRTP */
	uint64_t iqa_on;    /* IQA as of the last setting of QIE */
	uint64_t tail;	    /* in slots, for profiles that convert IQT when it is written */
	uint32_t lap;
	/* QIE is cleared, QIES is not yet: it follows when nothing is under way */
	uint32_t qie_pending;
	uint32_t gone;	    /* see VTD_FAULT_GONE */
	uint32_t last_type; /* of the descriptor that was fetched last */
	unsigned npending;
	struct vtd_pending pending[VTD_WINDOW]; /* in order of fetch */
	unsigned nlate;
	struct vtd_late late[VTD_LATE]; /* in order of arrival */
	unsigned nfault;
	struct vtd_fault fault[VTD_FAULTS]; /* in order of arming */

	unsigned ncache;
	uint64_t stamp;
};

/*
 * Returns false if cfg is invalid: a required operation is NULL, the profile or ring size does not
 * exist, the window is too large, or there is room for cached entries but no memory.
 */
bool vtd_init(struct vtd_unit *u, const struct vtd_config *cfg);

/*
 * Access a register by offset. `size` is 4 or 8, and `reg` a multiple of it. Halves of 64-bit
 * registers may be accessed with size 4, neighbouring 32-bit registers with size 8. Registers that
 * do not exist or are not modelled read 0 and ignore writes.
 */
uint64_t vtd_read(struct vtd_unit *u, unsigned reg, unsigned size);
void vtd_write(struct vtd_unit *u, unsigned reg, uint64_t value, unsigned size);

enum vtd_did {
	VTD_IDLE,    /* nothing to do until software or a device acts */
	VTD_FETCHED, /* a descriptor was fetched, or IQE was raised for it */
	/*
	 * A descriptor took effect, a request was sent to a device, a device's request was queued,
	 * or the queue was turned off (QIES is clear).
	 */
	VTD_EXECUTED,
	VTD_COMPLETED, /* a wait completed, wholly or in part: its write, its interrupt */
	VTD_FAULTED,   /* ITE or ICE was raised */
	VTD_WAITED,    /* time passed for a late device or a slow status write */
};

/*
 * Do one piece of work. If several are possible, choose() selects one. Alternative 0 is the oldest:
 * late events that are due, then what was fetched first, then the next fetch; time-outs come last.
 * Each call is also one step of the time in which faults count.
 */
enum vtd_did vtd_step(struct vtd_unit *u);

/*
 * A device uses a translation, or the unit does for it: cache it. e->kind and the members of that
 * kind are read; the unit sets the stamp. Returns the stamp, a new one if the entry was not cached
 * before; 0 if the unit has no room for entries.
 */
uint64_t vtd_touch(struct vtd_unit *u, const struct vtd_entry *e);

/* The stamp of the cached entry that equals *e in all but the stamp; 0: none. */
uint64_t vtd_cached(const struct vtd_unit *u, const struct vtd_entry *e);

/*
 * True if a use of such an entry is stale. The caller vouches that *e was cached, with its stamp,
 * when software changed its table entry, that software then submitted an invalidation which covers
 * it, and that a wait of that submission has completed. An entry cached since then has another
 * stamp. With a translation beside the unit, the oracle (stale.c) checks all this by itself.
 */
bool vtd_stale(const struct vtd_unit *u, const struct vtd_entry *e);

/*
 * Arm a fault; false: no room, or no such kind. vtd_fault_clear(): clear all faults of `kind`, or
 * of all kinds with VTD_FAULT_NONE.
 */
bool vtd_fault_arm(struct vtd_unit *u, const struct vtd_fault *f);
void vtd_fault_clear(struct vtd_unit *u, enum vtd_fault_kind kind);

#ifdef __cplusplus
}
#endif

#endif
