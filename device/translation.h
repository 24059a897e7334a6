/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * translation.h - the translation side of a VT-d unit: DMA remapping, interrupt remapping, device
 * TLBs, page requests, and the caches of all these. The invalidation side is vtd.h.
 *
 * A struct vtd_unit works without a struct vtd_translation. To use one:
 *
 *  1. Give the translation memory for its cache (an array of struct vtd_line; the number is a power
 *     of two, 4096 is reasonable) and let vtd_ops.translation() return the translation. Call
 *     vtd_init() for the unit, then vtd_translation_init().
 *  2. Registers and work still go through vtd_read(), vtd_write() and vtd_step(), which now include
 *     the registers and the work of translation.
 *  3. For each DMA of a device fill in a struct vtd_request and call vtd_translate(). True: the
 *     request goes to result.addr. False: it is blocked, and the fault has been recorded and
 *     reported as necessary. Interrupt messages (writes of 4 bytes to 0xfeexxxxx) go to vtd_remap()
 *     instead. A request takes no time: none is under way between two calls.
 *  4. Optional: vtd_hold() and vtd_release() around a DMA that takes time, so that DR and DW have
 *     something to drain; vtd_device_translate() for a device with a TLB; vtd_page_request() for a
 *     device with page requests; config.judge, to report uses of stale translations (stale.c).
 *
 * It needs only this directory and <qinval/regs.h>, allocates nothing, and is a plain value as the
 * unit is. Where the specification leaves a choice to the hardware, vtd_ops.choose() decides;
 * alternative 0 is the plainest behaviour: everything that may be cached is, and stays as long as
 * it may.
 *
 * Tried with code that others wrote: both stages without PASID, contexts, faults and interrupt
 * remapping have been compared with QEMU's unit, and Linux 6.1 and 6.12 run on the second stage.
 * Tried only by this project's own tests and conformance cases: nesting, requests with PASID, five
 * levels, device TLBs, page requests and posted interrupts.
 *
 * Not modelled: protected memory (PMEN), advanced fault logging, performance monitoring, memory
 * types and snooping.
 */
#ifndef VTD_TRANSLATION_H
#define VTD_TRANSLATION_H

#include "vtd.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- What is cached ---- */

enum vtd_line_kind {
	VTD_LINE_FREE,
	VTD_LINE_CONTEXT,   /* by sid */
	VTD_LINE_PASID,	    /* by sid, pasid */
	VTD_LINE_LEAF,	    /* IOTLB: by did, pasid, address and size */
	VTD_LINE_TABLE,	    /* paging-structure cache: the same; it leads to the next table */
	VTD_LINE_INTERRUPT, /* IEC: by index */
	VTD_LINE_DEVICE,    /* a device's TLB: by sid, pasid, address and size */
	VTD_LINE_KINDS
};

/* The ids by which invalidations match a line, and what it permits. */
struct vtd_owner {
	uint32_t pasid; /* VTD_NO_PASID: a second stage's */
	uint32_t via;	/* PASID of the request that filled the line ... */
	uint16_t sid;	/* ... and its requester */
	uint16_t did;
	uint8_t kind, shift;
	uint8_t rights; /* VTD_SS_*, VTD_FS_* in walk.h */
	uint8_t nested; /* the result of both stages */
};

struct vtd_line {
	uint64_t key;	   /* address >> shift, or the index */
	uint64_t tag;	   /* kind, shift and ids in one word: see vtd_tag() */
	uint64_t value[3]; /* where it leads; of a context, PASID or interrupt: the table's entry */
	uint64_t stamp;	   /* grows with each new line */
	uint64_t due; /* stale.c: 1 + position of the descriptor that has to remove it; 0: none */
	struct vtd_owner of;
};

/* ---- Requests ---- */

/* The access; READ and WRITE together are an atomic operation. */
#define VTD_READ 1U
#define VTD_WRITE 2U
#define VTD_EXECUTE 4U /* with READ, in a request with PASID */

enum vtd_at { VTD_UNTRANSLATED, VTD_TRANSLATION, VTD_TRANSLATED }; /* PCIe's AT field */

struct vtd_request {
	uint64_t addr;
	uint32_t pasid; /* VTD_NO_PASID: none */
	uint16_t sid;
	uint8_t at;	/* enum vtd_at */
	uint8_t access; /* a translation request without WRITE asks for read access only */
	bool privileged;
};

/* How fresh a translation was. */
enum vtd_use {
	VTD_USE_FRESH,	/* equal to the tables; also if uses are not judged */
	VTD_USE_WINDOW, /* cached and outdated, but its invalidation is not complete yet */
	VTD_USE_STALE,	/* cached and outdated, though its invalidation has completed */
};

struct vtd_result {
	uint64_t addr;	/* where the request goes */
	uint8_t shift;	/* the translation holds for the aligned block of 2^shift bytes around it */
	uint8_t access; /* the permitted accesses; 0 if a translation request is granted nothing */
	uint8_t reason; /* why it is blocked: the fault reason, 0 in abort mode */
	uint8_t use;	/* enum vtd_use: the worst of all lines used */
	bool cached;	/* the last step came from a cache */
	bool recorded;	/* the fault was recorded, or lost because there was no free record */
	bool interrupt; /* the address is in the interrupt range: call vtd_remap() */
	uint16_t did;	/* invalidations match the request by this domain ... */
	uint32_t pasid; /* ... and this PASID, or VTD_NO_PASID */
	bool nested;
};

/* ---- Interrupts ---- */

struct vtd_message {
	uint64_t addr;
	uint32_t data;
	uint16_t sid;
};

struct vtd_interrupt {
	uint64_t addr; /* the address of the equivalent message that is not remapped */
	uint32_t data;
	uint32_t destination;
	uint8_t vector, delivery; /* delivery: DLM */
	bool logical, redirect, level;
	bool posted; /* posted; if `notify` is set, the members above are the notification */
	bool notify;
	uint8_t reason; /* why it is blocked */
	uint8_t use;	/* enum vtd_use */
	bool cached, recorded;
};

/* ---- Page requests ---- */

struct vtd_page_request {
	uint64_t addr;
	uint64_t private_data[2];
	uint32_t pasid; /* or VTD_NO_PASID */
	uint16_t sid;
	uint16_t group; /* 9 bits */
	uint8_t access;
	bool privileged, last, has_private_data;
};

/* The response to a group: software's page group response, or the unit's own. */
struct vtd_page_response {
	uint32_t pasid;
	uint16_t sid, group;
	uint8_t code; /* 0 success, 1 invalid request, 15 failure */
	bool automatic;
};

/* ---- Judging ---- */

/* A use of a line that differs from the tables. */
struct vtd_judgement {
	enum vtd_use use; /* VTD_USE_WINDOW, VTD_USE_STALE */
	uint64_t addr;	  /* of the request */
	uint16_t sid;
	const struct vtd_line *line; /* line->due: see struct vtd_line */
};

/* ---- The translation ---- */

#define VTD_RECORDS 256	 /* fault records at most; CAP.NFR says how many there are */
#define VTD_HELD 16	 /* DMAs under way at once */
#define VTD_PAGE_ROOM 16 /* page requests under way at once */

struct vtd_translation_config {
	struct vtd_unit *unit;
	struct vtd_line *line;
	unsigned lines; /* a power of two, at least 4 */
	unsigned haw;	/* host address width, 32 .. 52; 0: 52, or MGAW + 1 if that is less */

	/*
	 * Compare and swap 8 bytes: if they equal *expected, store `value`; otherwise store their
	 * value in *expected. Used for A and D bits and posted interrupts. False: no such memory.
	 * NULL: no memory can be updated.
	 */
	bool (*dma_swap)(void *ctx, uint64_t addr, uint64_t *expected, uint64_t value);

	/*
	 * Write the 32 bytes of a page request. May be NULL without ECAP.PRS. False: no such
	 * memory.
	 */
	bool (*dma_write)(void *ctx, uint64_t addr, const void *buf, size_t len);

	/* Deliver a page group response to a device. May be NULL. */
	void (*respond)(void *ctx, const struct vtd_page_response *r);

	/*
	 * Compare each line that is used with the tables, at the cost of one walk per use. judged()
	 * is told of all uses that are not fresh; it may be NULL. peek() reads the descriptors that
	 * software submitted; NULL: vtd_ops.dma_read() does. If dma_read() plants errors in
	 * descriptors, peek() has to return the originals.
	 */
	bool judge;
	void (*judged)(void *ctx, const struct vtd_judgement *j);
	bool (*peek)(void *ctx, uint64_t addr, void *buf, size_t len);
};

/* A DMA under way. */
struct vtd_held {
	uint64_t addr;
	uint32_t pasid;
	uint16_t did;
	uint8_t access; /* 0: free */
	bool nested;
	bool draining; /* an invalidation waits for this DMA */
};

/*
 * Recent requests and their results, valid until a line is removed: a small cache in front of the
 * lines.
 */
#define VTD_RECENT 64 /* a power of two */

struct vtd_recent {
	uint64_t generation; /* vtd_translation.generation at that time; 0: empty */
	struct vtd_request request;
	struct vtd_result result; /* addr is the page's */
};

struct vtd_translation {
	struct vtd_translation_config cfg;
	uint64_t haw_reserved; /* address bits above the host address width */
	uint64_t haw_address;  /* bits 12 to 51 within the host address width */
	unsigned mgaw;	       /* width of second-stage addresses */
	uint64_t quirks;       /* the profile's */
	/* [level][1 for a page, 0 for a table] */
	uint64_t second_reserved[6][2], first_reserved[6][2];

	/* Registers that are not in struct vtd_unit. */
	uint64_t ccmd, iva, iotlb;
	uint64_t pqh, pqt, pqa;
	uint32_t prs, pectl, pedata, peaddr, peuaddr;
	uint64_t frcd[VTD_RECORDS][2];
	unsigned next_record;

	uint64_t stamp;
	/* Incremented when a line is removed or a register changes translations. */
	uint64_t generation;
	struct vtd_recent recent[VTD_RECENT];
	unsigned count[VTD_LINE_KINDS]; /* lines of each kind */
	uint64_t sizes[VTD_LINE_KINDS]; /* bit n: lines with shift n have been filled */
	struct vtd_held held[VTD_HELD];
	struct vtd_page_request request[VTD_PAGE_ROOM]; /* received, not yet in the queue */
	unsigned nrequest;

	/* Used by stale.c. */
	uint64_t submitted; /* descriptors since QIE was set */
	uint64_t completed; /* 1 + position of the last wait that completed */

	/* statistics */
	uint64_t translations, hits, walks, faults, used[3]; /* used: indexed by enum vtd_use */
};

/*
 * Returns false if cfg is invalid. Initialise the unit first: its CAP and ECAP decide what the
 * translation offers. The caller's lines are cleared.
 */
bool vtd_translation_init(struct vtd_translation *t, const struct vtd_translation_config *cfg);

/*
 * Translate a request. False: it is blocked. A translation request (AT 01) is answered with
 * result.access, possibly 0, and true; false means that it is refused. While translation is off
 * every request passes.
 */
bool vtd_translate(struct vtd_translation *t, const struct vtd_request *q, struct vtd_result *r);

/*
 * Likewise for a device with a TLB, which asks the unit only on a miss; the answer fills the TLB.
 */
bool vtd_device_translate(struct vtd_translation *t, const struct vtd_request *q,
			  struct vtd_result *r);

/*
 * A translated DMA begins; it ends with vtd_release() of the returned number. 0: VTD_HELD DMAs are
 * under way already. An invalidation with DR or DW that covers the DMA waits for it.
 */
unsigned vtd_hold(struct vtd_translation *t, const struct vtd_request *q,
		  const struct vtd_result *r);
void vtd_release(struct vtd_translation *t, unsigned hold);

/* Remap or post an interrupt message. False: it is blocked. */
bool vtd_remap(struct vtd_translation *t, const struct vtd_message *m, struct vtd_interrupt *i);

/*
 * A device sends a page request. True: accepted, vtd_step() will put it into the queue. False:
 * VTD_PAGE_ROOM requests are under way, try again later. The response to a refused request goes to
 * config.respond().
 */
bool vtd_page_request(struct vtd_translation *t, const struct vtd_page_request *p);

/* Remove all lines of one kind, or with VTD_LINE_FREE all lines: hardware may do so at any time. */
void vtd_forget(struct vtd_translation *t, enum vtd_line_kind kind);

#ifdef __cplusplus
}
#endif

#endif
