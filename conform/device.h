/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * device.h - a VT-d remapping unit as the conformance suite sees it.
 *
 * To judge a model of your own:
 *  1. Fill in a struct conform_device around it. Of the optional functions leave out what there is
 *     no way to do: the cases that need it are then not applicable.
 *  2. Export one function from a shared object:
 *
 *	const struct conform_device *conform_device(void);
 *
 *     which returns it, or NULL and says on stderr why not. It is called once.
 *  3. qinval conform --device ./mine.so
 *
 * This header needs nothing but a C library's. examples/conform/toy.c is a complete one.
 *
 * One thread calls; none of the functions is called from another of them.
 */
#ifndef CONFORM_DEVICE_H
#define CONFORM_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Memory that the suite needs, in bytes. */
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

/* A translation that may be cached; members that its kind has no use for are 0. */
struct conform_entry {
	enum conform_cache kind;
	uint16_t did, sid;
	uint32_t pasid;
	uint64_t addr; /* of 4 KiB */
};

/* How the device with some source id answers its invalidation requests. */
enum conform_answer {
	CONFORM_ANSWERS, /* as it should */
	CONFORM_SILENT,	 /* never: a time-out */
	CONFORM_WRONG,	 /* with an invalid completion, and nothing else */
};

/* A request of a device: it reads, or writes, at most 64 bytes. */
struct conform_request {
	uint64_t addr; /* a multiple of 64 */
	uint16_t sid;
	bool write;
};

#define CONFORM_UNTRANSLATED 0
#define CONFORM_TRANSLATION 1 /* asks for a translation, and moves no data */
#define CONFORM_TRANSLATED 2

/* What devices can do that know PASIDs and ATS. */
struct conform_transaction {
	uint64_t addr;
	uint32_t pasid; /* or CONFORM_NO_PASID */
	uint16_t sid;
	uint8_t at; /* PCIe's AT field: see above */
	bool read, write, execute, privileged;
	bool tlb; /* untranslated, of a device with a TLB: it asks that first, fills it, and sends
		     the request translated */
};

struct conform_completion {
	uint64_t addr;		   /* the byte of memory that it reaches */
	bool read, write, execute; /* of a translation request: what is permitted there */
	unsigned shift;		   /* ... and of 2^shift bytes around */
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
	CONFORM_NO_DEVICE, /* there is none with this source id that can do it */
	CONFORM_NOWHERE,   /* it is blocked, or arrives in none of the frames */
	CONFORM_ARRIVES,
};

/*
 * Where requests arrive: the pages of the suite's memory from this offset on. What is in them is
 * the device's, to see that; a write leaves zeros.
 */
#define CONFORM_FRAMES 0xc0000
#define CONFORM_NFRAMES 16

/* Of bus 0. Readers do reads alone, writers writes alone, and the sender sends interrupts. */
#define CONFORM_READER 0x10 /* and 0x11, 0x12, 0x14, 0x18 */
#define CONFORM_WRITER 0x20 /* and 0x21 */
#define CONFORM_SENDER 0x28

struct conform_device {
	const char *name;
	void *ctx; /* what every function gets */

	/*
	 * Power on: registers as after reset, caches empty, devices answer. Memory may keep its
	 * contents. Called before each case, and when the unit has stopped answering. False: it
	 * cannot be had, which ends the suite; say on stderr why.
	 */
	bool (*reset)(void *ctx);

	/* One access of @size bytes, 4 or 8. A unit that does not answer reads as all ones. */
	uint64_t (*read)(void *ctx, unsigned reg, unsigned size);
	void (*write)(void *ctx, unsigned reg, uint64_t value, unsigned size);

	/*
	 * CONFORM_MEMORY bytes that the unit reaches at @memory, a multiple of 4096 and below
	 * 2^32, and that nothing else uses; and an address of a page without memory, 0: none known.
	 */
	uint64_t memory, nowhere;
	void (*store)(void *ctx, uint64_t addr, const void *from, size_t len);
	void (*load)(void *ctx, uint64_t addr, void *to, size_t len);

	/*
	 * Return when the unit has done all that it will do without software: the queue is empty
	 * or stopped, nothing is with a device, everything is written.
	 */
	void (*settle)(void *ctx);

	/* ---- optional ---- */

	/*
	 * The messages (interrupts) that the unit has sent since the last call or reset, oldest
	 * first, @room at most; the others are dropped. Returns how many there were.
	 */
	unsigned (*messages)(void *ctx, struct conform_message *to, unsigned room);

	/*
	 * Have the unit, or a device, cache a translation. False: it keeps none of this kind, or
	 * cannot be made to keep this one.
	 */
	bool (*touch)(void *ctx, const struct conform_entry *e);

	/* Is it still cached? Asked only of entries that touch() has taken since the last reset. */
	bool (*cached)(void *ctx, const struct conform_entry *e);

	/* From now on a device answers so. False: it cannot be made to. */
	bool (*answer)(void *ctx, uint16_t sid, enum conform_answer how);

	/* A device's request, by way of the unit. @to: the byte of memory that it reaches. */
	enum conform_arrival (*dma)(void *ctx, const struct conform_request *q, uint64_t *to);

	/*
	 * A device sends an interrupt: it writes @data to @addr, 0xfee00000 .. 0xfeefffff. What
	 * comes of it, if anything, is the next of messages(). False: there is no such device.
	 */
	bool (*interrupt)(void *ctx, uint16_t sid, uint64_t addr, uint32_t data);

	/*
	 * A transaction of any device. A translation request arrives if it is answered, with
	 * whatever permissions; @c says what has become of it.
	 */
	enum conform_arrival (*transact)(void *ctx, const struct conform_transaction *x,
					 struct conform_completion *c);

	/* A device asks for a page. settle() brings that into the queue. False: it cannot. */
	bool (*page_request)(void *ctx, const struct conform_page_request *p);

	/* The responses that devices have got since the last call or reset, as messages() does. */
	unsigned (*responses)(void *ctx, struct conform_page_response *to, unsigned room);
};

typedef const struct conform_device *conform_device_fn(void);
conform_device_fn conform_device; /* yours */

#ifdef __cplusplus
}
#endif

#endif
