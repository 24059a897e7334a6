/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* walk.h - declarations shared by the files of translation. */
#ifndef VTD_WALK_H
#define VTD_WALK_H

#include "internal.h"
#include "translation.h"

/* Capabilities and registers that only translation uses. */
#define VTD_CAP_SSLPS(c) ((unsigned)((c) >> 34) & 0xf)
#define VTD_CAP_FS1GP (1ULL << 56)
#define VTD_CAP_PI (1ULL << 59)
#define VTD_CAP_FS5LP (1ULL << 60)
#define VTD_ECAP_NEST (1ULL << 26)
#define VTD_ECAP_ERS (1ULL << 30)
#define VTD_ECAP_SRS (1ULL << 31)
#define VTD_ECAP_EAFS (1ULL << 34)
#define VTD_ECAP_SSADS (1ULL << 45)
#define VTD_ECAP_SSTS (1ULL << 46)
#define VTD_ECAP_FSTS (1ULL << 47)
#define VTD_ECAP_SMPWCS (1ULL << 48)

#define VTD_ADDR (~0xfffULL) /* the address in a pointer to a table; its width is checked before */

/* Rights that a line or a walk grants, by stage. A stage that is not in use permits everything. */
#define VTD_SS_READ 0x01
#define VTD_SS_WRITE 0x02
#define VTD_SS_DIRTY 0x04 /* the entry's D is set, or A and D are not in use */
#define VTD_FS_WRITE 0x08
#define VTD_FS_USER 0x10
#define VTD_FS_EXECUTE 0x20
#define VTD_FS_DIRTY 0x40
#define VTD_FS_PRESENT 0x80
#define VTD_SS_ALL (VTD_SS_READ | VTD_SS_WRITE | VTD_SS_DIRTY)
#define VTD_FS_ALL (VTD_FS_WRITE | VTD_FS_USER | VTD_FS_EXECUTE | VTD_FS_DIRTY | VTD_FS_PRESENT)

/* How a request is translated; the values are those of PGTT. */
enum vtd_stage { VTD_FIRST = 1, VTD_SECOND, VTD_NESTED, VTD_PASS };

/* One request during its walk through the tables. */
struct vtd_walk {
	struct vtd_translation *t;
	const struct vtd_request *q;
	uint64_t due;	     /* stale.c: the smallest `due` of the lines used; 0: none */
	uint64_t context[2]; /* the context's entry */
	uint64_t entry[3];   /* the PASID's entry, in scalable mode */

	/* Decoded from these. */
	uint64_t ss_root;
	uint32_t pasid; /* the PASID with which first-stage results are tagged */
	uint16_t did;
	uint8_t stage;
	uint8_t ss_levels, fs_levels;
	bool ss_ad, fs_ea, fs_wpe;
	bool privileged;

	bool peek; /* look at the tables only: neither use nor fill caches, change nothing */
	bool scalable;
	bool fpd; /* faults are not recorded */
	bool hit; /* the last lookup hit a cache */
	uint8_t use;
};

/* No table has more levels than this. */
#define VTD_LEVELS 5

/* The lowest bit of the address's index into a table of this level. */
static inline unsigned vtd_shift(unsigned level)
{
	return 3 + 9 * level;
}

/* The translation of an address. */
struct vtd_leaf {
	uint64_t addr; /* of the page's first byte */
	uint8_t shift, rights;
};

struct vtd_translation *vtd_translation_of(const struct vtd_unit *u);

static inline bool vtd_has_cap(const struct vtd_translation *t, uint64_t bits)
{
	return !(bits & ~t->cfg.unit->cfg.cap);
}

static inline bool vtd_has_ecap(const struct vtd_translation *t, uint64_t bits)
{
	return !(bits & ~t->cfg.unit->cfg.ecap);
}

static inline bool vtd_dma(const struct vtd_translation *t, uint64_t addr, void *buf, size_t len)
{
	const struct vtd_unit *u = t->cfg.unit;

	return u->cfg.ops->dma_read(u->cfg.ctx, addr, buf, len);
}

static inline unsigned vtd_choose(const struct vtd_translation *t, unsigned n)
{
	const struct vtd_unit *u = t->cfg.unit;

	return u->cfg.ops->choose ? u->cfg.ops->choose(u->cfg.ctx, n) : 0;
}

/* True if faults are reported with scalable mode's reasons. */
static inline bool vtd_scalable_reasons(const struct vtd_walk *w)
{
	return w->scalable && !(w->t->quirks & VTD_Q_LEGACY_REASONS);
}

/* ---- context.c, pasid.c: from a requester to the tables. Each returns a fault reason or 0 ---- */

unsigned vtd_find_context(struct vtd_walk *w);
unsigned vtd_read_context(struct vtd_walk *w); /* from memory */
unsigned vtd_find_pasid(struct vtd_walk *w);
unsigned vtd_read_pasid(struct vtd_walk *w);

/* ---- second.c, first.c: from an address to a page ---- */

/*
 * `need`: rights without which a cached leaf is ignored; if they include VTD_SS_DIRTY the walk sets
 * D. A page with fewer rights is returned as well: the caller decides. `stop`: the lowest level to
 * read, normally 1; to find a table, pass the level of the entry that leads to it; the leaf then
 * has no size.
 */
unsigned vtd_second(struct vtd_walk *w, uint64_t addr, unsigned need, unsigned stop,
		    struct vtd_leaf *leaf);
unsigned vtd_first(struct vtd_walk *w, uint64_t addr, unsigned need, unsigned stop,
		   struct vtd_leaf *leaf);

/* Fault reasons that differ between the modes. */
unsigned vtd_reason_missing(const struct vtd_walk *w, bool write); /* permission */

/*
 * vtd_check_rights(): 0 if these rights permit the access, or the fault reason. vtd_permitted():
 * all that they permit.
 */
unsigned vtd_check_rights(const struct vtd_walk *w, unsigned access, unsigned rights);
/*
 * The access that is checked. A translation request is content with less than it asks for, if it
 * may read.
 */
static inline unsigned vtd_wanted(const struct vtd_walk *w)
{
	return w->q->at == VTD_TRANSLATION ? VTD_READ : w->q->access;
}
uint8_t vtd_permitted(const struct vtd_walk *w, unsigned rights);

/* The context is known: translate the address, without a check of the access. */
unsigned vtd_resolve(struct vtd_walk *w, struct vtd_leaf *leaf);

/* The reserved bits of an entry of this level that leads to a page (`leaf`) or to a table. */
uint64_t vtd_second_reserved(const struct vtd_translation *t, unsigned level, bool leaf);
uint64_t vtd_first_reserved(const struct vtd_translation *t, unsigned level, bool leaf);

/* Set bits of an entry. 0: done; 1: the entry has changed; 2: it cannot be updated. */
unsigned vtd_set_bits(struct vtd_walk *w, uint64_t addr, uint64_t entry, uint64_t bits);

/* ---- line.c ---- */

/* Kind, size and ids in one word. No tag equals that of a free line. */
static inline uint64_t vtd_tag(unsigned kind, unsigned shift, uint16_t id, uint32_t pasid)
{
	return (uint64_t)kind << 54 | (uint64_t)shift << 48 | (uint64_t)id << 32 | pasid;
}

static inline bool vtd_line_is(const struct vtd_line *l, uint64_t key, uint64_t tag)
{
	return l->key == key && l->tag == tag;
}

/* The set depends on key, kind, size and this value of the owner, which is computed once a walk. */
static inline uint64_t vtd_spread(uint64_t tag)
{
	return (tag & ~(~0ULL << 48)) * 0x9e3779b97f4a7c15;
}

static inline struct vtd_line *vtd_line_set(const struct vtd_translation *t, uint64_t key,
					    unsigned kind, unsigned shift, uint64_t spread)
{
	uint64_t x = ((key + (kind << 6 | shift)) ^ spread) * 0xbf58476d1ce4e5b9;

	return &t->cfg.line[x >> 40 & (t->cfg.lines - 4)];
}

/*
 * Look for a line in the four of a set; NULL: none. Translation spends most of its time here, so
 * this is inlined and has no loop.
 */
static inline struct vtd_line *vtd_line_in(struct vtd_line *l, uint64_t key, uint64_t tag)
{
	if (vtd_line_is(l, key, tag) || vtd_line_is(++l, key, tag) || vtd_line_is(++l, key, tag) ||
	    vtd_line_is(++l, key, tag))
		return l;
	return NULL;
}

static inline struct vtd_line *vtd_line_look(const struct vtd_translation *t, uint64_t key,
					     uint64_t tag)
{
	unsigned kind = (unsigned)(tag >> 54), shift = tag >> 48 & 0x3f;

	return vtd_line_in(vtd_line_set(t, key, kind, shift, vtd_spread(tag)), key, tag);
}

void vtd_line_drop(struct vtd_translation *t, struct vtd_line *l);
struct vtd_line *vtd_line_evict(struct vtd_translation *t, struct vtd_line *set); /* the oldest */

/* A free line of this set; if there is none, the oldest is evicted. */
static inline struct vtd_line *vtd_line_room(struct vtd_translation *t, struct vtd_line *set)
{
	return set->of.kind == VTD_LINE_FREE ? set : vtd_line_evict(t, set);
}

/*
 * Find a requester's line, whose key is 0, or an interrupt's, whose key is the index and whose id
 * is 0.
 */
struct vtd_line *vtd_line_find(const struct vtd_translation *t, unsigned kind, uint64_t key,
			       uint16_t id, uint32_t pasid);
/* Not for leaves and tables. */
void vtd_line_fill(struct vtd_translation *t, const struct vtd_line *line);
void vtd_lines_invalidate(struct vtd_translation *t, const uint64_t qw[4]);
bool vtd_line_goes(const struct vtd_translation *t, const uint64_t qw[4], const struct vtd_line *l);
/* True: IH may spare this line. */
bool vtd_line_spared(const uint64_t qw[4], const struct vtd_line *l);

/* Find the line of this size, of a leaf or a table, that contains addr. */
static inline struct vtd_line *vtd_line_around(const struct vtd_translation *t, unsigned kind,
					       uint64_t addr, unsigned shift, uint16_t id,
					       uint32_t pasid)
{
	if (!(t->sizes[kind] >> shift & 1))
		return NULL;
	return vtd_line_look(t, addr >> shift, vtd_tag(kind, shift, id, pasid));
}

/* ---- record.c ---- */

/* The type of the request: T1 and T2 of a record. */
enum vtd_recorded_as {
	VTD_AS_WRITE = 0,
	VTD_AS_PAGE_REQUEST = 1,
	VTD_AS_READ = 2,
	VTD_AS_ATOMIC = 3
};

struct vtd_record {
	uint64_t info;	 /* the page's address; of an interrupt, the index in 63:48 */
	uint32_t pasid;	 /* VTD_NO_PASID: none, the record then has `filler` */
	uint16_t filler; /* normally 0 */
	uint16_t sid;
	uint8_t type, at, reason;
	bool privileged, execute;
};

void vtd_record(struct vtd_translation *t, const struct vtd_record *r);
uint64_t vtd_read_record(const struct vtd_translation *t, unsigned offset);
void vtd_write_record(struct vtd_translation *t, unsigned offset, uint64_t value, uint64_t lanes);

/* ---- beside.c: the registers of translation; `reg` is a multiple of 8 ---- */

uint64_t vtd_translation_read(const struct vtd_translation *t, unsigned reg);
void vtd_translation_write(struct vtd_translation *t, unsigned reg, uint64_t value, uint64_t lanes);

/* The unit has new tables, of DMA or of interrupts. */
void vtd_tables_set(struct vtd_translation *t, bool root, bool interrupts);

/* ---- drain.c ---- */

/*
 * True if this invalidation has to wait for a DMA that is under way. vtd_drain_begin() marks those
 * DMAs.
 */
bool vtd_drain_begin(struct vtd_translation *t, const uint64_t qw[4]);
bool vtd_draining(const struct vtd_translation *t, const uint64_t qw[4]);

/* ---- remap.c ---- */

bool vtd_same_interrupt_entry(const struct vtd_translation *t, const struct vtd_line *l);

/* ---- page_request.c ---- */

void vtd_page_request_post(struct vtd_translation *t); /* put the oldest into the queue */
void vtd_page_request_clear(struct vtd_translation *t, uint32_t prs);	  /* a write of PRS */
void vtd_page_request_control(struct vtd_translation *t, uint32_t value); /* of PECTL */
void vtd_page_response_sent(struct vtd_translation *t, const uint64_t qw[4]);

/* ---- stale.c ---- */

/* A line is used at this address: judge the use. */
void vtd_judge_walk(struct vtd_walk *w, const struct vtd_line *l, uint64_t addr);

static inline void vtd_judge(struct vtd_walk *w, const struct vtd_line *l, uint64_t addr)
{
	if (w->t->cfg.judge)
		vtd_judge_walk(w, l, addr);
}

/* The walk used a line that is due: returns by when `line`, which it fills, is due; 0: never. */
uint64_t vtd_stale_due(struct vtd_walk *w, const struct vtd_line *line);
uint8_t vtd_judge_use(struct vtd_translation *t, const struct vtd_line *l, uint64_t addr,
		      uint16_t sid);
void vtd_stale_started(struct vtd_translation *t);
void vtd_stale_submitted(struct vtd_translation *t, uint64_t tail, uint64_t slots, unsigned shift);
void vtd_stale_wait(struct vtd_translation *t, uint64_t position);
void vtd_stale_refused(struct vtd_translation *t, uint64_t position);
void vtd_stale_covered(struct vtd_translation *t, const uint64_t qw[4], uint64_t position);

#endif
