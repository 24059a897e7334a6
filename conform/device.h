/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * device.h - the interface of the conformance suite to a VT-d remapping unit.
 *
 * To test a model of your own:
 *
 * 1. Fill in a struct conform_device for it. Leave out optional functions that the model cannot
 *    have: the cases that need them are then not applicable.
 * 2. Export one function from a shared object:
 *
 * const struct conform_device *conform_device(void);
 *
 *    It returns the structure; or NULL, and says on stderr why. It is called once.
 * 3. qinval conform --device ./mine.so
 *
 * This header needs only a C library. examples/conform/toy.c is a complete example.
 *
 * All functions are called by one thread, and not from within each other.
 */
#ifndef CONFORM_DEVICE_H
#define CONFORM_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Bytes of memory that the suite needs. */
#define CONFORM_MEMORY (1U << 20)

struct conform_message {
	uint64_t addr;
	uint32_t data;
};

enum conform_cache {
	CONFORM_CONTEXT, /* did, sid */
	CONFORM_PASID,	 /* did, pasid */
	CONFORM_IOTLB,	 /* did, pasid, addr */
	CONFORM_IEC,	 /* addr: the index */
	CONFORM_DEVTLB,	 /* sid, pasid, addr */
	CONFORM_CACHES
};

#define CONFORM_NO_PASID 0xffffffffU /* a translation without PASID */

/* A translation that may be cached. Members that its kind does not use are 0. */
struct conform_entry {
	enum conform_cache kind;
	uint16_t did, sid;
	uint32_t pasid;
	uint64_t addr; /* the address of the 4 KiB page */
};

/* How a device answers its invalidation requests. */
enum conform_answer {
	CONFORM_ANSWERS, /* as it should */
	CONFORM_SILENT,	 /* never: a time-out */
	CONFORM_WRONG,	 /* with an invalid completion, and with nothing else */
};

/* A device's request: it reads or writes at most 64 bytes. */
struct conform_request {
	uint64_t addr; /* a multiple of 64 */
	uint16_t sid;
	bool write;
};

#define CONFORM_UNTRANSLATED 0
#define CONFORM_TRANSLATION 1 /* it asks for a translation, and moves no data */
#define CONFORM_TRANSLATED 2

/* A transaction of a device that may use PASIDs and ATS. */
struct conform_transaction {
	uint64_t addr;
	uint32_t pasid; /* or CONFORM_NO_PASID */
	uint16_t sid;
	uint8_t at; /* PCIe's AT field: one of the values above */
	bool read, write, execute, privileged;
	/*
	 * untranslated, from a device with a TLB: the device looks in its TLB, fills it if
	 * necessary, and sends the request translated
	 */
	bool tlb;
};

struct conform_completion {
	uint64_t addr;		   /* the address in memory that it reaches */
	bool read, write, execute; /* of a translation request: what is permitted there ... */
	unsigned shift;		   /* ... and in the aligned 2^shift bytes around */
};

struct conform_page_request {
	uint64_t addr;
	uint32_t pasid; /* or CONFORM_NO_PASID */
	uint16_t sid, group;
	bool read, write, last;
};

struct conform_page_response {
	uint16_t sid, group;
	uint8_t code; /* 0 success, 1 invalid request, 15 failure */
};

enum conform_arrival {
	CONFORM_NO_DEVICE, /* there is no device with this source id that can do it */
	CONFORM_NOWHERE,   /* it is blocked, or arrives in none of the frames */
	CONFORM_ARRIVES,
};

/*
 * Requests arrive in frames: the pages of the suite's memory from this offset on. The device
 * decides what frames contain, as far as that shows where a request arrived; a write leaves zeros.
 */
#define CONFORM_FRAMES 0xc0000
#define CONFORM_NFRAMES 16

/* Devices on bus 0. Readers only read, writers only write, and the sender sends interrupts. */
#define CONFORM_READER 0x10 /* and 0x11, 0x12, 0x14, 0x18 */
#define CONFORM_WRITER 0x20 /* and 0x21 */
#define CONFORM_SENDER 0x28

struct conform_device {
	const char *name;
	void *ctx; /* passed to each function */

	/*
	 * Power on: registers have their reset values, caches are empty, devices answer. Memory may
	 * keep its contents. Called before each case, and when the unit no longer answers. False:
	 * that is impossible, which ends the suite; say on stderr why.
	 */
	bool (*reset)(void *ctx);

	/*
	 * Access a register with @size bytes, 4 or 8. A unit that does not answer reads as all
	 * ones.
	 */
	uint64_t (*read)(void *ctx, unsigned reg, unsigned size);
	void (*write)(void *ctx, unsigned reg, uint64_t value, unsigned size);

	/*
	 * CONFORM_MEMORY bytes, which the unit reaches at @memory, a multiple of 4096 below 2^32,
	 * and which have no other use. @nowhere: the address of a page without memory; 0: none is
	 * known.
	 */
	uint64_t memory, nowhere;
	void (*store)(void *ctx, uint64_t addr, const void *from, size_t len);
	void (*load)(void *ctx, uint64_t addr, void *to, size_t len);

	/*
	 * Return when the unit has done all that it can do without software: the queue is empty or
	 * stopped, devices have answered, and all writes are done.
	 */
	void (*settle)(void *ctx);

	/* ---- optional ---- */

	/*
	 * The messages (interrupts) that the unit has sent since the last call or reset, oldest
	 * first; at most @room are stored, the others are dropped. Returns their number.
	 */
	unsigned (*messages)(void *ctx, struct conform_message *to, unsigned room);

	/*
	 * Let the unit, or a device, cache a translation. False: it caches none of this kind, or
	 * cannot be made to cache this one.
	 */
	bool (*touch)(void *ctx, const struct conform_entry *e);

	/*
	 * True if it is still cached. Asked only for entries that touch() has cached since the last
	 * reset.
	 */
	bool (*cached)(void *ctx, const struct conform_entry *e);

	/* From now on the device answers in this way. False: that is not possible. */
	bool (*answer)(void *ctx, uint16_t sid, enum conform_answer how);

	/* A device sends a request through the unit. @to: the address in memory that it reaches. */
	enum conform_arrival (*dma)(void *ctx, const struct conform_request *q, uint64_t *to);

	/*
	 * A device sends an interrupt: it writes @data to @addr, 0xfee00000 .. 0xfeefffff. The
	 * resulting message, if any, is returned by messages(). False: there is no such device.
	 */
	bool (*interrupt)(void *ctx, uint16_t sid, uint64_t addr, uint32_t data);

	/*
	 * A transaction of any device. A translation request "arrives" if it is answered, whatever
	 * the permissions; @c is the completion.
	 */
	enum conform_arrival (*transact)(void *ctx, const struct conform_transaction *x,
					 struct conform_completion *c);

	/*
	 * A device sends a page request; settle() waits until it is in the queue. False: not
	 * possible.
	 */
	bool (*page_request)(void *ctx, const struct conform_page_request *p);

	/* The responses that devices have received since the last call or reset; as messages(). */
	unsigned (*responses)(void *ctx, struct conform_page_response *to, unsigned room);
};

typedef const struct conform_device *conform_device_fn(void);
conform_device_fn conform_device; /* your function */

#ifdef __cplusplus
}
#endif

#endif
