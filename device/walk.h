/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* walk.h - what the files of translation share. */
#ifndef VTD_WALK_H
#define VTD_WALK_H

#include "internal.h"
#include "translation.h"

/* Capabilities and registers of translation alone. */
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

#define VTD_ADDR (~0xfffULL) /* of a pointer to a table; the width is checked before */

/* What a line or a walk permits, by stage. A stage that is not there permits everything. */
#define VTD_SS_READ 0x01
#define VTD_SS_WRITE 0x02
#define VTD_SS_DIRTY 0x04 /* the entry's D is set, or not in use */
#define VTD_FS_WRITE 0x08
#define VTD_FS_USER 0x10
#define VTD_FS_EXECUTE 0x20
#define VTD_FS_DIRTY 0x40
#define VTD_FS_PRESENT 0x80
#define VTD_SS_ALL (VTD_SS_READ | VTD_SS_WRITE | VTD_SS_DIRTY)
#define VTD_FS_ALL (VTD_FS_WRITE | VTD_FS_USER | VTD_FS_EXECUTE | VTD_FS_DIRTY | VTD_FS_PRESENT)

/* How requests are translated; the numbers are PGTT's. */
enum vtd_stage { VTD_FIRST = 1, VTD_SECOND, VTD_NESTED, VTD_PASS };

/* One request on its way through the tables. */
struct vtd_walk {
	struct vtd_translation *t;
	const struct vtd_request *q;
	bool peek; /* look at the tables alone: use and fill no cache, change nothing */

	bool scalable;
	bool fpd; /* faults are not recorded */
	uint8_t use;
	bool hit;     /* the last step came from a cache */
	uint64_t due; /* stale.c: the earliest of the lines used; 0: none is due */

	/* the context, as it is in the table */
	uint64_t context[2];
	bool privileged;

	/* what it, and in scalable mode the PASID entry, says */
	uint8_t stage;
	uint32_t pasid; /* by which first-stage results are known; the PASID entry's */
	uint64_t entry[3];
	uint16_t did;
	uint64_t ss_root, fs_root;
	unsigned ss_levels, fs_levels;
	bool ss_ad, fs_ea, fs_wpe;
};

/* More levels than this no table has. */
#define VTD_LEVELS 5
#define VTD_TRIES 8 /* against software that changes an entry all the time */

/* Of an address, the bits below those that choose an entry at this level. */
static inline unsigned vtd_shift(unsigned level)
{
	return 3 + 9 * level;
}

/* Where an address leads. */
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

/* Are faults told by the numbers of scalable mode? */
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
 * `need`: rights without which a cached leaf is not worth anything; the walk sets D if they include
 * VTD_SS_DIRTY. A page with fewer rights is found, too: the caller judges.
 */
unsigned vtd_second(struct vtd_walk *w, uint64_t addr, unsigned need, struct vtd_leaf *leaf);
unsigned vtd_first(struct vtd_walk *w, uint64_t addr, unsigned need, struct vtd_leaf *leaf);

/* Reasons by which second.c and translate.c name what has two numbers. */
unsigned vtd_reason_missing(const struct vtd_walk *w, bool write); /* permission */

/* Do these rights permit this? 0, or the reason why not. And what do they permit in all? */
unsigned vtd_check_rights(const struct vtd_walk *w, unsigned access, unsigned rights);
/* A translation request takes what there is, if it may read at all. */
static inline unsigned vtd_wanted(const struct vtd_walk *w)
{
	return w->q->at == VTD_TRANSLATION ? VTD_READ : w->q->access;
}
uint8_t vtd_permitted(const struct vtd_walk *w, unsigned rights);

/* The table that the entry of this level leads to, by the tables alone. Not 0: none. */
unsigned vtd_second_table(struct vtd_walk *w, uint64_t addr, unsigned level, uint64_t *table);
unsigned vtd_first_table(struct vtd_walk *w, uint64_t addr, unsigned level, uint64_t *table);

/* The context is known: where does the request go, whatever it may do there? */
unsigned vtd_resolve(struct vtd_walk *w, struct vtd_leaf *leaf);

/* What of an entry is reserved does not change while there is a unit. */
void vtd_second_init(struct vtd_translation *t);
void vtd_first_init(struct vtd_translation *t);

/* Set bits of an entry: 0 done, 1 it has changed meanwhile, 2 it cannot be. */
unsigned vtd_set_bits(struct vtd_walk *w, uint64_t addr, uint64_t entry, uint64_t bits);

/* ---- line.c ---- */

/* Kind, size, and whose it is. No line that is free has the tag of another. */
static inline uint64_t vtd_tag(unsigned kind, unsigned shift, uint16_t id, uint32_t pasid)
{
	return (uint64_t)kind << 54 | (uint64_t)shift << 48 | (uint64_t)id << 32 | pasid;
}

static inline bool vtd_line_is(const struct vtd_line *l, uint64_t key, uint64_t tag)
{
	return l->key == key && l->tag == tag;
}

/*
 * Look for a line among the four of its set. NULL: it is not there, but would be one of *set. This
 * is what translation spends most on, so it is inlined, and no loop.
 */
static inline struct vtd_line *vtd_line_look(const struct vtd_translation *t, struct vtd_line **set,
					     uint64_t key, uint64_t tag)
{
	uint64_t x = (key ^ tag * 0x9e3779b97f4a7c15) * 0xbf58476d1ce4e5b9;
	struct vtd_line *l = &t->cfg.line[x >> 40 & (t->cfg.lines - 4)];

	if (set)
		*set = l;
	if (vtd_line_is(l, key, tag) || vtd_line_is(++l, key, tag) || vtd_line_is(++l, key, tag) ||
	    vtd_line_is(++l, key, tag))
		return l;
	return NULL;
}

static inline struct vtd_line *vtd_older(struct vtd_line *a, struct vtd_line *b)
{
	return a->stamp <= b->stamp ? a : b;
}

/* Of a set a free line, whose stamp is 0, or the oldest. */
static inline struct vtd_line *vtd_line_oldest(struct vtd_line *set)
{
	return vtd_older(vtd_older(set, set + 1), vtd_older(set + 2, set + 3));
}

void vtd_line_drop(struct vtd_translation *t, struct vtd_line *l);

/* Make it a new line, with this key and tag; the rest is 0, and the caller's to fill in. */
static inline void vtd_line_begin(struct vtd_translation *t, struct vtd_line *l, uint64_t key,
				  uint64_t tag)
{
	if (l->kind != VTD_LINE_FREE)
		vtd_line_drop(t, l);
	l->key = key;
	l->tag = tag;
	l->stamp = ++t->stamp;
	l->kind = (uint8_t)(tag >> 54);
	l->shift = tag >> 48 & 0x3f;
	t->count[l->kind]++;
	t->sizes[l->kind] |= 1ULL << l->shift;
}

/* Of a requester, with the key 0, or of an interrupt: id 0, and the index is the key. */
struct vtd_line *vtd_line_find(const struct vtd_translation *t, unsigned kind, uint64_t key,
			       uint16_t id, uint32_t pasid);
void vtd_line_fill(struct vtd_translation *t, const struct vtd_line *line); /* no leaf, no table */
void vtd_lines_invalidate(struct vtd_translation *t, const uint64_t qw[4]);
bool vtd_line_goes(const struct vtd_translation *t, const uint64_t qw[4], const struct vtd_line *l);
bool vtd_line_spared(const uint64_t qw[4], const struct vtd_line *l); /* by IH, or may be */

/* Pages, leaves and tables: the line of this size around addr. */
static inline struct vtd_line *vtd_line_around(const struct vtd_translation *t, unsigned kind,
					       uint64_t addr, unsigned shift, uint16_t id,
					       uint32_t pasid)
{
	if (!(t->sizes[kind] >> shift & 1))
		return NULL;
	return vtd_line_look(t, NULL, addr >> shift, vtd_tag(kind, shift, id, pasid));
}

/* ---- paging.c ---- */

/* A walk through one stage's levels. PASID: VTD_NO_PASID of a second stage. */
struct vtd_path {
	uint64_t addr;
	uint32_t pasid;
	bool nested;

	/* where it begins: at the root, or at the lowest table that is cached */
	uint64_t table;
	unsigned top; /* its level */
	uint8_t rights;

	unsigned last; /* the level of the lowest entry that has been read */

	struct vtd_leaf at[VTD_LEVELS + 1];   /* by level: the table that the entry leads to */
	struct vtd_line *set[VTD_LEVELS + 1]; /* where lines of that would be; 1: of a page */
	struct vtd_line *page;		      /* there is one, but its rights are not enough */
};

/* Is the page cached, with the rights needed? If not, begin at the lowest cached table. */
bool vtd_path_begin(struct vtd_walk *w, struct vtd_path *path, unsigned need,
		    struct vtd_leaf *leaf);

/* Cache the tables on the way to the last entry; the page; that there is none (caching mode). */
void vtd_path_keep(struct vtd_walk *w, const struct vtd_path *path);
void vtd_page_keep(struct vtd_walk *w, const struct vtd_path *path, const struct vtd_leaf *leaf);
void vtd_missing_keep(struct vtd_walk *w, const struct vtd_path *path);

/* ---- record.c ---- */

/* What the request was: T1 and T2 of a record. */
enum vtd_recorded_as {
	VTD_AS_WRITE = 0,
	VTD_AS_PAGE_REQUEST = 1,
	VTD_AS_READ = 2,
	VTD_AS_ATOMIC = 3
};

struct vtd_record {
	uint64_t info;	 /* the page, or of interrupts the index in 63:48 */
	uint32_t pasid;	 /* VTD_NO_PASID: none, and `filler` in place of it */
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

/* The unit has new tables: of DMA, of interrupts. */
void vtd_tables_set(struct vtd_translation *t, bool root, bool interrupts);

/* ---- drain.c ---- */

/* Is a DMA under way that this invalidation has to wait for? The first time marks those. */
bool vtd_drain_begin(struct vtd_translation *t, const uint64_t qw[4]);
bool vtd_draining(const struct vtd_translation *t, const uint64_t qw[4]);

/* ---- remap.c ---- */

bool vtd_same_interrupt_entry(const struct vtd_translation *t, const struct vtd_line *l);

/* ---- page_request.c ---- */

void vtd_page_request_post(struct vtd_translation *t); /* the oldest, into the queue */
void vtd_page_request_clear(struct vtd_translation *t, uint32_t prs);	  /* a write of PRS */
void vtd_page_request_control(struct vtd_translation *t, uint32_t value); /* of PECTL */
void vtd_page_response_sent(struct vtd_translation *t, const uint64_t qw[4]);

/* ---- stale.c ---- */

/* A line is used at this address. */
void vtd_judge_walk(struct vtd_walk *w, const struct vtd_line *l, uint64_t addr);

static inline void vtd_judge(struct vtd_walk *w, const struct vtd_line *l, uint64_t addr)
{
	if (w->t->cfg.judge)
		vtd_judge_walk(w, l, addr);
}

/* The walk has come by a line that is due. By when is this one, which it fills? 0: never. */
uint64_t vtd_stale_due(struct vtd_walk *w, const struct vtd_line *line);
uint8_t vtd_judge_use(struct vtd_translation *t, const struct vtd_line *l, uint64_t addr,
		      uint16_t sid);
void vtd_stale_started(struct vtd_translation *t);
void vtd_stale_submitted(struct vtd_translation *t, uint64_t tail, uint64_t slots, unsigned shift);
void vtd_stale_wait(struct vtd_translation *t, uint64_t position);
void vtd_stale_refused(struct vtd_translation *t, uint64_t position);
void vtd_stale_covered(struct vtd_translation *t, const uint64_t qw[4], uint64_t position);

#endif
