/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * translation.h - the translation side of a VT-d unit, beside the invalidation side of vtd.h: DMA
 * remapping, interrupt remapping, device TLBs, page requests, and what is cached of all these.
 *
 * A struct vtd_unit without a struct vtd_translation is what it always was. With one:
 *
 *  1. Give the translation memory for what it caches (struct vtd_line, a power of two of them, 4096
 *     make a fair unit) and let vtd_ops.translation() return it. vtd_init() the unit, then
 *     vtd_translation_init().
 *  2. Registers and work stay with vtd_read(), vtd_write() and vtd_step(): they now know the
 *     registers and the work of translation, too.
 *  3. For each DMA of a device fill in a struct vtd_request and call vtd_translate(). True: go to
 *     result.addr. False: the request is blocked; what had to be recorded and reported has been.
 *     Interrupt messages (writes of 4 bytes to 0xfeexxxxx) go to vtd_remap() instead. Between two
 *     calls of any of these, and of those of vtd.h, nothing is under way.
 *  4. Optional: vtd_hold() and vtd_release() around a DMA that takes time, so that DR and DW have
 *     something to drain; vtd_device_translate() for a device that has a TLB; vtd_page_request()
 *     for one that faults; config.judge, to be told of uses of what should be gone (stale.c).
 *
 * It needs nothing but this directory and <qinval/regs.h>, allocates nothing, and is a plain value
 * as the unit is. Where the specification leaves the hardware free, vtd_ops.choose() decides; the
 * first alternative is the plainest: everything is cached that may be, and stays while it may.
 *
 * What others have driven: both stages without PASID, contexts, faults and interrupt remapping have
 * been compared with QEMU's unit, and Linux 6.1 and 6.12 run on the second stage. Nesting, requests
 * with PASID, five levels, device TLBs, page requests and posted interrupts no kernel and no other
 * model has driven here: only this project's own tests and cases of conformance.
 *
 * Not modelled: protected memory (PMEN), advanced fault logging, performance monitoring, and the
 * memory types and snooping that no observer on this side of the bus can tell.
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

/* Whose a line is, and what it permits. */
struct vtd_owner {
	uint32_t pasid; /* VTD_NO_PASID: of a second stage */
	uint32_t via;	/* the request that filled it had this PASID ... */
	uint16_t sid;	/* ... and came from here */
	uint16_t did;
	uint8_t kind, shift;
	uint8_t rights; /* VTD_SS_*, VTD_FS_* in walk.h */
	uint8_t nested; /* first and second stage */
};

struct vtd_line {
	uint64_t key;	   /* address >> shift, or the index */
	uint64_t tag;	   /* line.c: kind, shift, and whose it is, in one word */
	uint64_t value[3]; /* where it leads; of an entry of a table, its contents */
	uint64_t stamp;	   /* grows with each new line */
	uint64_t due; /* stale.c: 1 + position in the ring of what is to remove it; 0: nothing */
	struct vtd_owner of;
};

/* ---- Requests ---- */

/* What a request wants; both READ and WRITE: an atomic operation. */
#define VTD_READ 1U
#define VTD_WRITE 2U
#define VTD_EXECUTE 4U /* with READ, of a request with PASID */

enum vtd_at { VTD_UNTRANSLATED, VTD_TRANSLATION, VTD_TRANSLATED }; /* PCIe's AT field */

struct vtd_request {
	uint64_t addr;
	uint32_t pasid; /* VTD_NO_PASID: none */
	uint16_t sid;
	uint8_t at;	/* enum vtd_at */
	uint8_t access; /* of a translation request: without WRITE the device asks for no writes */
	bool privileged;
};

/* How a translation came to be. */
enum vtd_use {
	VTD_USE_FRESH,	/* what the tables say now; or nobody judges */
	VTD_USE_WINDOW, /* cached, the tables lead elsewhere, and it may still be so */
	VTD_USE_STALE,	/* cached, the tables lead elsewhere, and it had to be gone */
};

struct vtd_result {
	uint64_t addr;	/* where the request goes */
	uint8_t shift;	/* the 2^shift aligned bytes around it lead to the same around addr */
	uint8_t access; /* what is permitted there; 0, too, where a translation gets nothing */
	uint8_t reason; /* why it is blocked: the fault reason, 0 in abort mode */
	uint8_t use;	/* enum vtd_use, the worst of all that was used */
	bool cached;	/* the last step came from a cache */
	bool recorded;	/* the fault is in a record, or was lost for want of one */
	bool interrupt; /* the address is an interrupt's: see vtd_remap() */
	uint16_t did;	/* by which invalidations know it, ... */
	uint32_t pasid; /* ... and by this, or VTD_NO_PASID */
	bool nested;
};

/* ---- Interrupts ---- */

struct vtd_message {
	uint64_t addr;
	uint32_t data;
	uint16_t sid;
};

struct vtd_interrupt {
	uint64_t addr; /* as a message in the format without remapping, for those who want one */
	uint32_t data;
	uint32_t destination;
	uint8_t vector, delivery; /* delivery: DLM */
	bool logical, redirect, level;
	bool posted; /* it has been posted; what is above is its notification, if `notify` */
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

/* The answer to a group: a page group response of software's, or one of the unit's own. */
struct vtd_page_response {
	uint32_t pasid;
	uint16_t sid, group;
	uint8_t code; /* 0 success, 1 invalid request, 15 failure */
	bool automatic;
};

/* ---- Judging ---- */

/* A use of a line that the tables no longer lead to. */
struct vtd_judgement {
	enum vtd_use use; /* VTD_USE_WINDOW, VTD_USE_STALE */
	uint64_t addr;	  /* of the request */
	uint16_t sid;
	const struct vtd_line *line; /* line->due: see there */
};

/* ---- The translation ---- */

#define VTD_RECORDS 256	 /* fault records at most; CAP.NFR says how many there are */
#define VTD_HELD 16	 /* DMAs under way at once */
#define VTD_PAGE_ROOM 16 /* page requests under way at once */

struct vtd_translation_config {
	struct vtd_unit *unit;
	struct vtd_line *line;
	unsigned lines; /* a power of two, at least 4 */
	unsigned haw;	/* bits of a host address, 32 .. 52; 0: 52, or MGAW + 1 if that is less */

	/*
	 * Compare and swap 8 bytes: if they are *expected, they become `value`, else *expected
	 * becomes what they are. For accessed and dirty bits, and posted interrupts. False: no such
	 * memory. May be NULL: then there is none that can be updated.
	 */
	bool (*dma_swap)(void *ctx, uint64_t addr, uint64_t *expected, uint64_t value);

	/* Write 32 bytes, a page request. May be NULL without ECAP.PRS. False: no such memory. */
	bool (*dma_write)(void *ctx, uint64_t addr, const void *buf, size_t len);

	/* A page group response for a device. May be NULL. */
	void (*respond)(void *ctx, const struct vtd_page_response *r);

	/*
	 * Judge each use of a line by the tables. It costs a walk a use. judged() may be NULL, and
	 * is told of all uses but fresh ones. What software has submitted is read by peek(), or, if
	 * that is NULL, by vtd_ops.dma_read(): to plant errors in requests, let the two differ.
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
	bool draining; /* an invalidation waits for it */
};

/* What a request was answered, for as long as no line goes: a cache before those of lines. */
#define VTD_RECENT 64 /* a power of two */

struct vtd_recent {
	uint64_t generation; /* vtd_translation's at that time; 0: nothing is kept here */
	struct vtd_request request;
	struct vtd_result result; /* addr: the page's */
};

struct vtd_translation {
	struct vtd_translation_config cfg;
	uint64_t haw_reserved; /* address bits that do not exist */
	uint64_t haw_address;  /* bits 12 to 51 of those that do */
	unsigned mgaw;	       /* bits of an address of the second stage */
	uint64_t quirks;       /* the profile's */
	uint64_t second_reserved[6][2], first_reserved[6][2]; /* by level, and whether a page's */

	/* registers beside the unit's */
	uint64_t ccmd, iva, iotlb;
	uint64_t pqh, pqt, pqa;
	uint32_t prs, pectl, pedata, peaddr, peuaddr;
	uint64_t frcd[VTD_RECORDS][2];
	unsigned next_record;

	uint64_t stamp;
	uint64_t generation; /* grows when a line goes, or what requests mean changes */
	struct vtd_recent recent[VTD_RECENT];
	unsigned count[VTD_LINE_KINDS]; /* lines of each kind */
	uint64_t sizes[VTD_LINE_KINDS]; /* shifts that have been filled, a bit each */
	struct vtd_held held[VTD_HELD];
	struct vtd_page_request request[VTD_PAGE_ROOM]; /* received, not yet in the queue */
	unsigned nrequest;

	/* stale.c */
	uint64_t submitted; /* descriptors since QIE was set */
	uint64_t completed; /* 1 + position of the last wait that has completed */

	/* for reports */
	uint64_t translations, hits, walks, faults, used[3]; /* used: by enum vtd_use */
};

/*
 * Checks cfg; false if it makes no sense. The unit is initialised first: its CAP and ECAP say what
 * there is, and stay. The caller's lines are cleared.
 */
bool vtd_translation_init(struct vtd_translation *t, const struct vtd_translation_config *cfg);

/*
 * Where does this request go? False: it is blocked. A translation request (AT 01) is answered with
 * result.access, which may be nothing, and true; false means that it is refused. While translation
 * is off every request passes.
 */
bool vtd_translate(struct vtd_translation *t, const struct vtd_request *q, struct vtd_result *r);

/*
 * The same for a device with a TLB: what is in it is not asked for again. A miss sends a
 * translation request, whose answer fills the TLB.
 */
bool vtd_device_translate(struct vtd_translation *t, const struct vtd_request *q,
			  struct vtd_result *r);

/*
 * A translated DMA has begun, and is not over before vtd_release() of the number returned. 0:
 * VTD_HELD are under way. An invalidation with DR or DW that covers it waits.
 */
unsigned vtd_hold(struct vtd_translation *t, const struct vtd_request *q,
		  const struct vtd_result *r);
void vtd_release(struct vtd_translation *t, unsigned hold);

/* What becomes of an interrupt message? False: it is blocked. */
bool vtd_remap(struct vtd_translation *t, const struct vtd_message *m, struct vtd_interrupt *i);

/*
 * A device asks for a page. True: it is taken, and vtd_step() brings it into the queue; false: as
 * many as there is room for are under way, try again later. A request that is refused is answered
 * by config.respond().
 */
bool vtd_page_request(struct vtd_translation *t, const struct vtd_page_request *p);

/* Drop all that is cached of one kind, or with VTD_LINE_FREE of all kinds: any unit may. */
void vtd_forget(struct vtd_translation *t, enum vtd_line_kind kind);

#ifdef __cplusplus
}
#endif

#endif
