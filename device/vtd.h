/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * vtd.h - the invalidation side of a VT-d remapping unit, in software.
 *
 * For tests and simulators of drivers, and for virtual machine monitors. It needs nothing but this
 * directory and <qinval/regs.h>: cc -ffreestanding -Iinclude -c, with every .c file in here.
 *
 * In a virtual machine monitor:
 *  1. Give the unit memory for its caches and a struct vtd_ops that reaches guest memory, sends
 *     interrupts and, where the specification leaves the hardware free, decides (return 0 for the
 *     plainest behaviour). vtd_init().
 *  2. Route the guest's register accesses to vtd_read() and vtd_write().
 *  3. After each write, and whenever there is time, call vtd_step() until it returns VTD_IDLE.
 *     Each call does one piece of hardware work that is atomic for software, so the guest's other
 *     processors may run between any two of them.
 *  4. Have devices' requests translated: translation.h, in four steps again. A monitor with tables
 *     and caches of its own does its own invalidation in vtd_ops.executed(), or fills the unit's
 *     caches with vtd_touch() and looks translations up with vtd_cached().
 *
 * By itself it knows caches, and no tables. translation.h puts beside it what fills them: DMA and
 * interrupt remapping, the faults of both, page requests, invalidation by register. Without that a
 * wait with PD has nothing to drain, a page group response is only reported, and there are no
 * paging-structure caches for IH to spare. Not modelled at all: the limit MIP on requests to a
 * device.
 *
 * A struct vtd_unit is a plain value: it may be copied, compared and hashed (its caches are
 * outside, in memory of the caller's). Nothing is locked: one thread at a time may call in.
 */
#ifndef VTD_H
#define VTD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- What the surroundings supply ---- */

struct vtd_event;	/* below */
struct vtd_translation; /* translation.h */

struct vtd_ops {
	/* Read `len` bytes (8, 16 or 32) of memory, coherently. False: no such memory. */
	bool (*dma_read)(void *ctx, uint64_t addr, void *buf, size_t len);

	/* Write a status word: one 32-bit store, visible after all before it. False: as above. */
	bool (*dma_write32)(void *ctx, uint64_t addr, uint32_t value);

	/* Send the message of an interrupt. Must not call back into the unit. */
	void (*msi)(void *ctx, uint64_t addr, uint32_t data);

	/* One of 0 .. n - 1, n >= 2: wherever the specification leaves a choice. NULL: always 0. */
	unsigned (*choose)(void *ctx, unsigned n);

	/*
	 * Tells an observer that a descriptor has been executed, or that a wait has completed:
	 * just before its status is written. May be NULL.
	 */
	void (*executed)(void *ctx, const struct vtd_event *ev);

	/* What translates beside this unit (translation.h). NULL, or returning NULL: nothing. */
	struct vtd_translation *(*translation)(void *ctx);
};

struct vtd_event {
	uint64_t qw[4]; /* the descriptor */
	uint32_t slot;	/* where in the ring it was fetched */
	uint32_t lap;	/* how often the ring had wrapped since QIE was set */
};

/* What a particular implementation does. VTD_SPEC is the specification's behaviour. */
enum vtd_profile {
	VTD_SPEC,
	VTD_QEMU_7_2,  /* intel-iommu of QEMU 7.2: see the table in device/profile.c */
	VTD_QEMU_10_0, /* of QEMU 10.0, which looks at more of a descriptor */
	VTD_PROFILES
};

const char *vtd_profile_name(enum vtd_profile p);	      /* "spec", "qemu-7.2", "qemu-10.0" */
bool vtd_profile_find(const char *name, enum vtd_profile *p); /* false: no such profile */
void vtd_profile_caps(enum vtd_profile p, uint64_t *cap, uint64_t *ecap); /* what it reports */

/*
 * QEMU's: its devices are always done at once, IQERCD reads 0, and a wait with SW and IF ends it.
 */
bool vtd_profile_is_qemu(enum vtd_profile p);

/* ---- Caches ---- */

enum vtd_cache { VTD_CONTEXT, VTD_PASID, VTD_IOTLB, VTD_IEC, VTD_DEVTLB, VTD_CACHES };

#define VTD_NO_PASID 0xffffffffU /* a translation without PASID */

/* A cached entry; members that its kind has no use for are 0. */
struct vtd_entry {
	uint8_t kind;	/* enum vtd_cache */
	uint8_t fm;	/* context: functions it serves besides sid, as FM of type 1; normally 0 */
	uint16_t did;	/* domain: context, PASID, IOTLB */
	uint16_t sid;	/* source: context, device TLB */
	uint32_t pasid; /* PASID, IOTLB, device TLB: or VTD_NO_PASID */
	uint64_t addr;	/* IOTLB, device TLB: first byte of the 4 KiB page; IEC: index */
	uint64_t stamp; /* counts touches: tells an entry from its predecessor */
};

/* ---- The unit ---- */

#define VTD_WINDOW 32 /* descriptors that can be fetched and not yet complete */
#define VTD_FAULTS 16 /* faults that can be armed at once */

struct vtd_config {
	enum vtd_profile profile;
	uint64_t cap, ecap; /* both 0: vtd_profile_caps(). Without ECAP.QI, GCMD.QIE is ignored */
	const struct vtd_ops *ops;
	void *ctx;
	struct vtd_entry *cache; /* room for the cached entries of all kinds */
	unsigned cache_room;	 /* when it is full, the oldest entry makes room */
	unsigned window;	 /* 1 .. VTD_WINDOW: how far fetch may run ahead; 0: VTD_WINDOW */
	unsigned slots;		 /* 0: from IQA.QS; 4, 8, 16: a small ring, in place of IQA.QS */
};

/* ---- Faults, by name ---- */

/*
 * The faults of devices strike a request when it is sent: arming or clearing one afterwards does
 * not change what becomes of a request that is under way. Faults strike in the order of arming;
 * of those of a status write, LOSE_WRITE comes before SLOW_WRITE and that before TWICE.
 */
enum vtd_fault_kind {
	VTD_FAULT_NONE,

	/* Device `sid` never answers: ITE. */
	VTD_FAULT_SILENT,
	/* Device `sid` answers after `steps` steps of the unit. */
	VTD_FAULT_LATE,
	/* Device `sid` answers only after it has timed out: ITE, and ICE `steps` steps later. */
	VTD_FAULT_LATE_ITE,
	/* Device `sid` answers wrongly: ICE, then never properly: ITE. */
	VTD_FAULT_WRONG,

	/*
	 * The next `count` otherwise valid descriptors of `type` (0: any) with `qw1`'s bits under
	 * `qw1_mask` are refused: IQE with code `iqei`.
	 */
	VTD_FAULT_REFUSE,
	/* The next `count` fetches fail: IQE, code 2. */
	VTD_FAULT_FETCH,
	/* The unit stops fetching. Disarmed when QIES goes off. */
	VTD_FAULT_STALL,
	/* All registers read as all ones, writes are lost, nothing is done. */
	VTD_FAULT_GONE,

	/*
	 * The next `count` status writes land only after `steps` steps, also when QIE has been
	 * cleared meanwhile, but before a later write of the same word. For the unit the wait is
	 * complete at once; its interrupt follows the write.
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
	bool no_sid;  /* the unit does not report the source id: ITESID, ICESID 0 */
	uint8_t iqei; /* VTD_FAULT_REFUSE */
	uint8_t type;
	uint64_t qw1, qw1_mask;
	uint32_t count; /* how often, 0: until vtd_fault_clear() */
	uint32_t steps;
};

#define VTD_ANY_SID 0xffff

const char *vtd_fault_name(enum vtd_fault_kind k); /* "silent", "late", ...; NULL: no such kind */

/* ---- State, private but for reading ---- */

enum vtd_pending_state {
	VTD_P_FETCHED, /* not started */
	VTD_P_SENT,    /* device TLB: request is with the device */
	VTD_P_WRITTEN, /* wait: complete but for its interrupt */
	VTD_P_DRAINS,  /* IOTLB: has removed what it covers, waits for DMA that used it */
};

struct vtd_pending {
	uint64_t qw[4];
	uint32_t slot, lap;
	uint32_t steps; /* VTD_FAULT_LATE: until the device answers */
	uint8_t state;
	uint8_t fault; /* enum vtd_fault_kind: how the device will behave */
	bool no_sid;
};

/* What comes after its time: a status write, or a device's answer. */
struct vtd_late {
	uint64_t addr;
	uint32_t data, steps;
	uint16_t sid; /* reported with the ICE of an answer */
	bool answer;
	bool interrupt; /* the write's wait has IF */
};

#define VTD_LATE 32 /* when there are more, the oldest comes at once */

struct vtd_unit {
	struct vtd_config cfg;

	/* registers */
	uint32_t gsts, fsts, fectl, fedata, feaddr, feuaddr;
	uint32_t ics, iectl, iedata, ieaddr, ieuaddr;
	uint64_t rtaddr, iqh, iqt, iqa, iqercd, irta;

	uint64_t root, irt; /* RTADDR and IRTA as they were at the last SRTP and SIRTP */
	uint64_t iqa_on;    /* IQA as it was when QIE was last set */
	uint64_t tail;	    /* in slots, of profiles that note it when IQT is written */
	uint32_t lap;
	uint32_t qie_pending; /* QIE is being cleared: QIES follows when nothing is under way */
	uint32_t gone;	      /* see VTD_FAULT_GONE */
	uint32_t last_type;   /* of the descriptor that was fetched last */
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
 * Checks cfg; false if it makes no sense: an operation that may not be NULL is, no such profile or
 * ring size, the window too large, room for cached entries without memory.
 */
bool vtd_init(struct vtd_unit *u, const struct vtd_config *cfg);

/*
 * Registers, by offset; `size` is 4 or 8, and `reg` a multiple of it. Halves of 64-bit registers
 * may be accessed by 4, neighbouring 32-bit registers by 8. Anything else reads 0 and writes
 * nothing, as does what is not modelled.
 */
uint64_t vtd_read(struct vtd_unit *u, unsigned reg, unsigned size);
void vtd_write(struct vtd_unit *u, unsigned reg, uint64_t value, unsigned size);

enum vtd_did {
	VTD_IDLE,      /* nothing to do until software or a device acts */
	VTD_FETCHED,   /* a descriptor was fetched, or IQE was raised for it */
	VTD_EXECUTED,  /* a descriptor took effect, a request was sent to a device, one of a device
			 * was queued, or the queue was turned off: QIES is clear */
	VTD_COMPLETED, /* a wait completed, or a piece of that: its write, its interrupt */
	VTD_FAULTED,   /* ITE or ICE was raised */
	VTD_WAITED,    /* time passed for a device that is late, or for a slow status write */
};

/*
 * Do one piece of work. Which one, where several are possible, is choose()'s to say. Alternative 0
 * is the oldest: what is late and due, then what was fetched first, then the next fetch; time-outs
 * come last. Each call is also one step of the time that faults count.
 */
enum vtd_did vtd_step(struct vtd_unit *u);

/*
 * A device, or the unit on its behalf, uses a translation, which is cached: e->kind and the members
 * it uses; the stamp is the unit's. Returns the stamp, new if the entry was not cached before; 0 if
 * the unit has no room for any.
 */
uint64_t vtd_touch(struct vtd_unit *u, const struct vtd_entry *e);

/* Stamp of the cached entry that equals *e in all but the stamp; 0 if there is none. */
uint64_t vtd_cached(const struct vtd_unit *u, const struct vtd_entry *e);

/*
 * Is a use of such an entry stale? *e was cached, with its stamp, when its table entry changed;
 * then software rang for a submission that covers it, and a wait of that has completed. What has
 * come into the cache since is another entry. The caller vouches for the change and the cover;
 * where a translation lies beside, the same oracle (stale.c) finds both by itself.
 */
bool vtd_stale(const struct vtd_unit *u, const struct vtd_entry *e);

/*
 * Arm a fault; false if there is no room or no such kind. Clear all faults of `kind`, or of all
 * kinds with NONE.
 */
bool vtd_fault_arm(struct vtd_unit *u, const struct vtd_fault *f);
void vtd_fault_clear(struct vtd_unit *u, enum vtd_fault_kind kind);

#ifdef __cplusplus
}
#endif

#endif
