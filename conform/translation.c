/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * translation.c - where requests of devices arrive, which fault is recorded when they do not, and
 * which invalidation makes a change seen.
 */
#include "trial.h"

#include <string.h>

#define SECTION_LEGACY "9.1 to 9.3 Root Entry, Context Entry"
#define SECTION_PAGING "9.8 Second-Stage Paging Entries"
#define SECTION_SCALABLE "9.4 to 9.6 Scalable-Mode Context Entry, PASID Entries"
#define SECTION_RECORD "11.4.11 Fault Recording Registers"
#define SECTION_INVALIDATION "6.5.3 IOTLB and Paging-Structure Caches"
#define SECTION_REGISTER "6.5.1 Register-based Invalidation Interface"

/* Offsets in the device's memory. */
#define ROOT 0x10000
#define OTHER_ROOT 0x11000
#define CONTEXTS 0x12000
#define DIRECTORY 0x13000
#define PASIDS 0x14000
#define TABLES 0x15000 /* one a level, the first is the top; then the other space's */
#define OTHER_TABLES 0x1a000
#define END 0x1f000

#define READER CONFORM_READER
#define WRITER CONFORM_WRITER
#define DID 1
#define OTHER_DID 2
#define IOVA 0x40201000ULL /* an entry of its own at each level */

#define R 1ULL
#define W 2ULL
#define LARGE (1ULL << 7)
#define PRESENT 1ULL
#define FPD (1ULL << 1)
#define F (1ULL << 63)

#define IOTLB_REG(t) (VTD_ECAP_IRO((t)->ecap) * 16 + 8)
#define CCMD_REG 0x28

/* ---- Tables ---- */

static uint64_t at(const struct trial *t, uint64_t offset)
{
	return t->dev->memory + offset;
}

static void store(struct trial *t, uint64_t offset, uint64_t value)
{
	t->dev->store(t->dev->ctx, at(t, offset), &value, sizeof(value));
}

static uint64_t load(struct trial *t, uint64_t offset)
{
	uint64_t value;

	t->dev->load(t->dev->ctx, at(t, offset), &value, sizeof(value));
	return value;
}

static uint64_t frame(const struct trial *t, unsigned i)
{
	return at(t, CONFORM_FRAMES + i * 0x1000);
}

static unsigned shift_of(unsigned level)
{
	return 12 + 9 * (level - 1);
}

/* The fewest levels that there are. */
static unsigned levels(const struct trial *t)
{
	unsigned aw = 1;

	while (aw < 3 && !(VTD_CAP_SAGAW(t->cap) >> aw & 1))
		aw++;
	return aw + 2;
}

static uint64_t entry(unsigned tables, unsigned top, unsigned level)
{
	return tables + (top - level) * 0x1000 + (IOVA >> shift_of(level) & 0x1ff) * 8;
}

/* IOVA leads to a frame, and to no other page. */
static void map(struct trial *t, unsigned tables, unsigned top, unsigned i)
{
	for (unsigned level = top; level > 1; level--)
		store(t, entry(tables, top, level),
		      at(t, tables + (top - level + 1) * 0x1000) | R | W);
	store(t, entry(tables, top, 1), frame(t, i) | R | W);
}

static void attach(struct trial *t, uint16_t sid, uint16_t did, unsigned tables, unsigned top)
{
	store(t, CONTEXTS + sid * 16, at(t, tables) | PRESENT);
	store(t, CONTEXTS + sid * 16 + 8, (uint64_t)did << 8 | (top - 2));
}

static void set_root(struct trial *t, uint64_t root)
{
	trial_write(t, DMAR_RTADDR_REG, root);
	trial_command(t, VTD_GCMD_SRTP, true);
}

static bool has_devices(struct trial *t)
{
	return trial_needs(t, t->dev->dma, "no devices whose requests could be seen");
}

/* Legacy mode. Queue and translation are on. */
static bool start(struct trial *t)
{
	static const char zeros[END - ROOT];

	if (!has_devices(t))
		return false;
	t->dev->store(t->dev->ctx, at(t, ROOT), zeros, sizeof(zeros));
	store(t, ROOT, at(t, CONTEXTS) | PRESENT);
	map(t, TABLES, levels(t), 0);
	attach(t, READER, DID, TABLES, levels(t));
	attach(t, WRITER, DID, TABLES, levels(t));
	if (!trial_queue_on(t, 0))
		return false;
	set_root(t, at(t, ROOT));
	trial_command(t, VTD_GCMD_TE, true);
	return true;
}

static void attach_scalable(struct trial *t, uint16_t sid)
{
	store(t, CONTEXTS + sid * 32, at(t, DIRECTORY) | PRESENT);
}

/* Scalable mode: PASID 0, the second stage. */
static bool start_scalable(struct trial *t)
{
	if (!trial_needs(t, has_ecap(t, VTD_ECAP_SMTS | 1ULL << 46),
			 "no second stage in scalable mode: ECAP.SMTS, ECAP.SSTS") ||
	    !has_devices(t))
		return false;
	t->width = 256;
	if (!start(t))
		return false;
	for (unsigned sid = 0; sid < 0x40; sid++) {
		store(t, CONTEXTS + sid * 16, 0);
		store(t, CONTEXTS + sid * 16 + 8, 0);
	}
	attach_scalable(t, READER);
	attach_scalable(t, WRITER);
	store(t, DIRECTORY, at(t, PASIDS) | PRESENT);
	store(t, PASIDS + 8, DID);
	store(t, PASIDS, at(t, TABLES) | (uint64_t)(levels(t) - 2) << 2 | 2 << 6 | PRESENT);
	set_root(t, at(t, ROOT) | VTD_TTM_SCALABLE << 10);
	return true;
}

/* ---- Requests ---- */

static enum conform_arrival request(struct trial *t, uint64_t addr, bool write, uint64_t *to)
{
	const struct conform_request q = { addr, write ? WRITER : READER, write };

	*to = 0;
	return t->dev->dma(t->dev->ctx, &q, to);
}

static void arrives(struct trial *t, uint64_t addr, bool write, uint64_t expected)
{
	uint64_t to;

	if (request(t, addr, write, &to) != CONFORM_ARRIVES)
		trial_deviates(t, "the request does not arrive");
	else if (to != expected)
		trial_deviates(t, "the request arrives elsewhere");
}

static unsigned record(const struct trial *t, unsigned i)
{
	return (VTD_CAP_FRO(t->cap) + i) * 16;
}

static uint64_t record_upper(struct trial *t, unsigned i)
{
	return t->dev->read(t->dev->ctx, record(t, i) + 8, 8);
}

static void clear_record(struct trial *t, unsigned i)
{
	t->dev->write(t->dev->ctx, record(t, i) + 12, F >> 32, 4);
}

static void faults(struct trial *t, uint64_t addr, bool write, unsigned reason)
{
	unsigned found;
	uint64_t to;

	if (request(t, addr, write, &to) == CONFORM_ARRIVES) {
		trial_deviates(t, "the request arrives");
		return;
	}
	if (!(record_upper(t, 0) & F)) {
		trial_deviates(t, "no fault is recorded");
		return;
	}
	found = record_upper(t, 0) >> 32 & 0xff;
	if (found != reason)
		trial_deviates(t, "the fault's reason is 0x%x", found);
}

/* ---- Faults: one word of good tables is wrong ---- */

enum word {
	ROOT_LOW,
	ROOT_HIGH,
	CONTEXT_LOW,
	CONTEXT_HIGH,
	TOP,
	LAST_TABLE,
	LEAF,
	SCALABLE_CONTEXT,
	RID_PASID,
	DIRECTORY_ENTRY,
	PASID_ENTRY,
	PASID_UPPER,
};

#define NOTHING ~0ULL  /* the word becomes 0 */
#define NOWHERE ~1ULL  /* its address: a page that does not exist */
#define MESSAGES ~2ULL /* its address: interrupts */
#define NO_READ ~3ULL  /* R goes, ... */
#define NO_WRITE ~4ULL /* ... or W */
#define NO_WIDTH ~5ULL /* AW 0 */
#define NO_STAGE ~6ULL /* PGTT 0 */

static const struct wrong {
	enum word word;
	uint64_t bits; /* are set, or see above */
	bool scalable, write;
	uint8_t reason;
} wrongs[] = {
	{ ROOT_LOW, NOTHING, false, false, 0x1 },
	{ CONTEXT_LOW, NOTHING, false, false, 0x2 },
	{ CONTEXT_LOW, 3 << 2, false, false, 0x3 },
	{ CONTEXT_HIGH, NO_WIDTH, false, false, 0x3 },
	{ LEAF, NO_WRITE, false, true, 0x5 },
	{ LAST_TABLE, NO_WRITE, false, true, 0x5 },
	{ LEAF, NO_READ, false, false, 0x6 },
	{ LAST_TABLE, NO_READ, false, false, 0x6 },
	{ LEAF, NOTHING, false, true, 0x5 },
	{ LEAF, NOTHING, false, false, 0x6 },
	{ LAST_TABLE, NOWHERE, false, false, 0x7 },
	{ CONTEXT_LOW, NOWHERE, false, false, 0x7 },
	{ ROOT_LOW, NOWHERE, false, false, 0x9 },
	{ ROOT_LOW, 1 << 1, false, false, 0xa },
	{ ROOT_HIGH, 1, false, false, 0xa },
	{ CONTEXT_LOW, 1 << 4, false, false, 0xb },
	{ CONTEXT_HIGH, 1 << 24, false, false, 0xb },
	{ LAST_TABLE, 1 << 11, false, false, 0xc },
	{ TOP, 1ULL << 62, false, false, 0xc },
	{ LEAF, MESSAGES, false, true, 0xe },
	{ ROOT_LOW, NOTHING, true, false, 0x39 },
	{ ROOT_LOW, 1 << 1, true, false, 0x3a },
	{ ROOT_LOW, NOWHERE, true, false, 0x40 },
	{ SCALABLE_CONTEXT, NOTHING, true, false, 0x41 },
	{ SCALABLE_CONTEXT, 1 << 5, true, false, 0x42 },
	{ RID_PASID, 1 << 19, true, false, 0x48 },
	{ SCALABLE_CONTEXT, NOWHERE, true, false, 0x50 },
	{ DIRECTORY_ENTRY, NOTHING, true, false, 0x51 },
	{ DIRECTORY_ENTRY, 1 << 2, true, false, 0x52 },
	{ DIRECTORY_ENTRY, NOWHERE, true, false, 0x58 },
	{ PASID_ENTRY, NOTHING, true, false, 0x59 },
	{ PASID_UPPER, 1ULL << 32, true, false, 0x5a },
	{ PASID_ENTRY, NO_STAGE, true, false, 0x5b },
	{ PASID_ENTRY, NO_WIDTH, true, false, 0x5b },
	{ LAST_TABLE, NOWHERE, true, false, 0x78 },
	{ LEAF, NOTHING, true, false, 0x79 },
	{ LAST_TABLE, 1 << 11, true, false, 0x7a },
	{ PASID_ENTRY, NOWHERE, true, false, 0x7b },
	{ LEAF, NO_WRITE, true, true, 0x85 },
	{ LEAF, NO_READ, true, false, 0x86 },
	{ LEAF, MESSAGES, true, true, 0x87 },
};

static uint64_t where(const struct trial *t, const struct wrong *w)
{
	unsigned sid = w->write ? WRITER : READER, top = levels(t);

	switch (w->word) {
	case ROOT_LOW:
		return ROOT;
	case ROOT_HIGH:
		return ROOT + 8;
	case CONTEXT_LOW:
		return CONTEXTS + sid * 16;
	case CONTEXT_HIGH:
		return CONTEXTS + sid * 16 + 8;
	case TOP:
		return entry(TABLES, top, top);
	case LAST_TABLE:
		return entry(TABLES, top, 2);
	case LEAF:
		return entry(TABLES, top, 1);
	case SCALABLE_CONTEXT:
		return CONTEXTS + sid * 32;
	case RID_PASID:
		return CONTEXTS + sid * 32 + 8;
	case DIRECTORY_ENTRY:
		return DIRECTORY;
	case PASID_ENTRY:
		return PASIDS;
	default: /* PASID_UPPER */
		return PASIDS + 8;
	}
}

static uint64_t spoilt(const struct trial *t, const struct wrong *w, uint64_t good)
{
	switch (w->bits) {
	case NOTHING:
		return 0;
	case NOWHERE:
		return t->dev->nowhere | (good & 0xfff);
	case MESSAGES:
		return 0xfee00000 | (good & 0xfff);
	case NO_READ:
		return good & ~R;
	case NO_WRITE:
		return good & ~W;
	case NO_WIDTH:
		return w->word == CONTEXT_HIGH ? good & ~7ULL : good & ~(7ULL << 2);
	case NO_STAGE:
		return good & ~(7ULL << 6);
	default:
		return good | w->bits;
	}
}

static void check_wrong(struct trial *t, unsigned which)
{
	const struct wrong *w = &wrongs[which];
	uint64_t offset;

	if (!trial_needs(t, w->bits != NOWHERE || t->dev->nowhere, "no address without memory"))
		return;
	if (w->scalable ? !start_scalable(t) : !start(t))
		return;
	offset = where(t, w);
	store(t, offset, spoilt(t, w, load(t, offset)));
	faults(t, IOVA, w->write, w->reason);
}

static void check_no_root(struct trial *t, unsigned arg)
{
	(void)arg;
	if (!trial_needs(t, t->dev->nowhere, "no address without memory") || !start(t))
		return;
	set_root(t, t->dev->nowhere);
	faults(t, IOVA, false, 0x8);
}

static void check_width(struct trial *t, unsigned arg)
{
	(void)arg;
	if (start(t))
		faults(t, IOVA | 1ULL << (shift_of(levels(t)) + 9), false, 0x4);
}

/* ---- Arrivals ---- */

static void check_page(struct trial *t, unsigned scalable)
{
	if (scalable ? !start_scalable(t) : !start(t))
		return;
	arrives(t, IOVA, false, frame(t, 0));
	arrives(t, IOVA + 0xfc0, true, frame(t, 0) + 0xfc0);
	trial_expect(t, !(trial_read(t, DMAR_FSTS_REG) & VTD_FSTS_PPF), "a fault is recorded");
}

static void check_levels(struct trial *t, unsigned top)
{
	if (!trial_needs(t, VTD_CAP_SAGAW(t->cap) >> (top - 2) & 1,
			 "not so many levels: CAP.SAGAW") ||
	    !start(t))
		return;
	map(t, TABLES, top, 0);
	attach(t, READER, DID, TABLES, top);
	arrives(t, IOVA, false, frame(t, 0));
}

/* A large page has one frame somewhere, and we go there. */
static void check_large(struct trial *t, unsigned level)
{
	uint64_t size = 1ULL << shift_of(level), to = frame(t, 2);

	if (!trial_needs(t, t->cap >> (32 + level) & 1, "no such large pages: CAP.SSLPS") ||
	    !start(t))
		return;
	store(t, entry(TABLES, levels(t), level), (to & ~(size - 1)) | R | W | LARGE);
	arrives(t, (IOVA & ~(size - 1)) | (to & (size - 1)), false, to);
	arrives(t, (IOVA & ~(size - 1)) | (to & (size - 1)), true, to);
}

static void check_pass_through(struct trial *t, unsigned scalable)
{
	if (!trial_needs(t, has_ecap(t, VTD_ECAP_PT), "no pass-through: ECAP.PT") ||
	    (scalable ? !start_scalable(t) : !start(t)))
		return;
	if (scalable)
		store(t, PASIDS, (uint64_t)(levels(t) - 2) << 2 | 4 << 6 | PRESENT);
	else
		store(t, CONTEXTS + READER * 16, 2 << 2 | PRESENT);
	arrives(t, frame(t, 3), false, frame(t, 3));
}

static void check_off(struct trial *t, unsigned arg)
{
	(void)arg;
	if (!start(t))
		return;
	trial_command(t, VTD_GCMD_TE, false);
	arrives(t, frame(t, 4), false, frame(t, 4));
	arrives(t, frame(t, 5), true, frame(t, 5));
}

/* ---- Records ---- */

static bool fault(struct trial *t, bool write)
{
	uint64_t to;

	return request(t, IOVA + 0x1040, write, &to) == CONFORM_NOWHERE;
}

static void check_record(struct trial *t, unsigned write)
{
	uint64_t upper;

	if (!start(t) || !trial_expect(t, fault(t, write), "the request arrives"))
		return;
	upper = record_upper(t, 0);
	trial_expect(t, upper & F, "F is clear");
	trial_expect(t, (upper & 0xffff) == (write ? WRITER : READER), "SID is another one");
	trial_expect(t, (upper >> 62 & 1) != write, "T1 is wrong");
	trial_expect(t, !(upper & (1ULL << 31)), "PP is set without a PASID");
	trial_expect(t, t->dev->read(t->dev->ctx, record(t, 0), 8) == IOVA + 0x1000,
		     "FI is not the page");
	trial_expect(t, (trial_read(t, DMAR_FSTS_REG) & ~VTD_FSTS_QI) == VTD_FSTS_PPF,
		     "FSTS is not PPF with FRI 0");
}

static void check_clear(struct trial *t, unsigned arg)
{
	(void)arg;
	if (!start(t) || !trial_expect(t, fault(t, false), "the request arrives"))
		return;
	trial_write(t, DMAR_FSTS_REG, VTD_FSTS_PPF);
	trial_expect(t, trial_read(t, DMAR_FSTS_REG) & VTD_FSTS_PPF, "a write of FSTS clears PPF");
	clear_record(t, 0);
	trial_expect(t, !(record_upper(t, 0) & F), "F stays set when 1 is written");
	trial_expect(t, !(trial_read(t, DMAR_FSTS_REG) & VTD_FSTS_PPF),
		     "PPF stays set when no record has F");
}

/* From different requesters, as those of one may be taken together. */
static void check_overflow(struct trial *t, unsigned arg)
{
	unsigned n = VTD_CAP_NFR(t->cap) + 1;

	(void)arg;
	if (!start(t))
		return;
	for (unsigned i = 0; i <= n; i++)
		fault(t, i & 1);
	trial_expect(t, trial_read(t, DMAR_FSTS_REG) & VTD_FSTS_PFO,
		     "PFO is clear when a fault was lost");
	trial_write(t, DMAR_FSTS_REG, VTD_FSTS_PFO);
	trial_expect(t, !(trial_read(t, DMAR_FSTS_REG) & VTD_FSTS_PFO),
		     "PFO stays set when 1 is written");
}

static void check_fpd(struct trial *t, unsigned arg)
{
	uint64_t to;

	(void)arg;
	if (!start(t))
		return;
	store(t, CONTEXTS + READER * 16, load(t, CONTEXTS + READER * 16) | FPD);
	trial_expect(t, request(t, IOVA + 0x1000, false, &to) == CONFORM_NOWHERE,
		     "the request arrives");
	trial_expect(t, !(record_upper(t, 0) & F), "a fault is recorded");
	store(t, CONTEXTS + WRITER * 16, 0);
	faults(t, IOVA, true, 2);
}

static void check_event(struct trial *t, unsigned masked)
{
	struct conform_message m = { 0 };
	unsigned n;

	if (!trial_needs(t, t->dev->messages, "messages cannot be seen") || !start(t))
		return;
	trial_write(t, DMAR_FEDATA_REG, 0x47);
	trial_write(t, DMAR_FEADDR_REG, 0xfee00000);
	trial_write(t, DMAR_FECTL_REG, masked ? VTD_IECTL_IM : 0);
	fault(t, false);
	n = t->dev->messages(t->dev->ctx, &m, 1);
	if (!masked) {
		trial_expect(t, n == 1 && m.addr == 0xfee00000 && m.data == 0x47,
			     "the fault event's message is not sent");
		return;
	}
	trial_expect(t, n == 0, "a message is sent though IM is set");
	trial_expect(t, trial_read(t, DMAR_FECTL_REG) & VTD_IECTL_IP, "IP stays clear");
	trial_write(t, DMAR_FECTL_REG, 0);
	t->dev->settle(t->dev->ctx);
	trial_expect(t, t->dev->messages(t->dev->ctx, &m, 1) == 1,
		     "the message does not follow when IM is cleared");
}

/* ---- Which invalidation makes a change seen ---- */

enum seen { BY_PAGE, BY_DOMAIN, BY_GLOBAL, BY_TABLE, BY_CONTEXT, BY_PASID, BY_SRTP };

static void submit(struct trial *t, struct qi_desc d)
{
	trial_put(t, d);
	trial_submit(t);
}

static struct qi_desc iotlb(unsigned granularity, bool ih)
{
	return qi_desc_iotlb(granularity, DID, granularity == QI_IOTLB_PAGE ? IOVA : 0, 0, ih, 0);
}

static void change_leaf(struct trial *t)
{
	store(t, entry(TABLES, levels(t), 1), frame(t, 1) | R | W);
}

static void check_seen(struct trial *t, unsigned how)
{
	unsigned top = levels(t);

	if (!trial_needs(t, (how != BY_PAGE && how != BY_TABLE) || has_cap(t, VTD_CAP_PSI),
			 "no page-selective invalidation: CAP.PSI") ||
	    (how == BY_PASID ? !start_scalable(t) : !start(t)))
		return;
	map(t, OTHER_TABLES, top, 1);
	arrives(t, IOVA, false, frame(t, 0));
	switch (how) {
	case BY_TABLE:
		store(t, entry(TABLES, top, 2), load(t, entry(OTHER_TABLES, top, 2)));
		submit(t, iotlb(QI_IOTLB_PAGE, false));
		break;
	case BY_CONTEXT:
		attach(t, READER, OTHER_DID, OTHER_TABLES, top);
		submit(t, qi_desc_context(QI_CC_DEVICE, DID, READER, 0));
		submit(t, iotlb(QI_IOTLB_DOMAIN, false));
		break;
	case BY_PASID:
		store(t, PASIDS, load(t, PASIDS) + OTHER_TABLES - TABLES);
		submit(t, qi_desc_pasid_cache(QI_PC_PASID, DID, 0));
		submit(t, iotlb(QI_IOTLB_DOMAIN, false));
		break;
	case BY_SRTP:
		/* The other root's contexts are in what was the directory's place. */
		store(t, OTHER_ROOT, at(t, DIRECTORY) | PRESENT);
		store(t, DIRECTORY + READER * 16, at(t, OTHER_TABLES) | PRESENT);
		store(t, DIRECTORY + READER * 16 + 8, (uint64_t)OTHER_DID << 8 | (top - 2));
		set_root(t, at(t, OTHER_ROOT));
		submit(t, qi_desc_context(QI_CC_GLOBAL, 0, 0, 0));
		submit(t, iotlb(QI_IOTLB_GLOBAL, false));
		break;
	default:
		change_leaf(t);
		submit(t, iotlb(how == BY_PAGE	   ? QI_IOTLB_PAGE
				: how == BY_DOMAIN ? QI_IOTLB_DOMAIN
						   : QI_IOTLB_GLOBAL,
				how == BY_PAGE));
		break;
	}
	arrives(t, IOVA, false, frame(t, 1));
}

/* What has been blocked is looked up again: without CAP.CM nothing is cached of it. */
static void check_becomes_present(struct trial *t, unsigned arg)
{
	uint64_t to;

	(void)arg;
	if (!trial_needs(t, !has_cap(t, VTD_CAP_CM), "what is not present may be cached: CAP.CM") ||
	    !start(t))
		return;
	store(t, entry(TABLES, levels(t), 1), 0);
	request(t, IOVA, false, &to);
	change_leaf(t);
	arrives(t, IOVA, false, frame(t, 1));
	store(t, CONTEXTS + WRITER * 16, 0);
	request(t, IOVA, true, &to);
	attach(t, WRITER, DID, TABLES, levels(t));
	arrives(t, IOVA, true, frame(t, 1));
}

/* By register, with the queue off. */
static void check_register(struct trial *t, unsigned context)
{
	unsigned reg = context ? CCMD_REG : IOTLB_REG(t), top = levels(t);
	uint64_t done;

	if (!start(t))
		return;
	map(t, OTHER_TABLES, top, 1);
	arrives(t, IOVA, false, frame(t, 0));
	/* QEMU's unit lets the queue be turned off behind a wait alone. */
	submit(t, trial_wait(t, QI_IWD_SW, 0, 1));
	trial_command(t, VTD_GCMD_QIE, false);
	if (context) {
		attach(t, READER, OTHER_DID, OTHER_TABLES, top);
		t->dev->write(t->dev->ctx, CCMD_REG, 1ULL << 63 | 1ULL << 61, 8);
	} else {
		change_leaf(t);
	}
	t->dev->write(t->dev->ctx, IOTLB_REG(t), 1ULL << 63 | 1ULL << 60, 8);
	t->dev->settle(t->dev->ctx);
	done = t->dev->read(t->dev->ctx, reg, 8);
	trial_expect(t, !(done >> 63), "the command is never done");
	trial_expect(t, (done >> (context ? 59 : 57) & 3) == 1, "another granularity is reported");
	arrives(t, IOVA, false, frame(t, 1));
}

/* ---- */

#define FAULT(name, rule, section, which)                           \
	{                                                           \
		"fault." name, rule, section, check_wrong, which, 0 \
	}

const struct conform_case conform_translation[] = {
	{ "translate.page", "a page's address leads to its frame", SECTION_PAGING, check_page, 0,
	  0 },
	{ "translate.scalable", "so it does in scalable mode", SECTION_SCALABLE, check_page, 1, 0 },
	{ "translate.levels-3", "tables of 3 levels", SECTION_PAGING, check_levels, 3, 0 },
	{ "translate.levels-4", "tables of 4 levels", SECTION_PAGING, check_levels, 4, 0 },
	{ "translate.levels-5", "tables of 5 levels", SECTION_PAGING, check_levels, 5, 0 },
	{ "translate.large-2m", "pages of 2 MiB", SECTION_PAGING, check_large, 2, 0 },
	{ "translate.large-1g", "pages of 1 GiB", SECTION_PAGING, check_large, 3, 0 },
	{ "translate.pass", "pass-through leads to the same address", SECTION_LEGACY,
	  check_pass_through, 0, 0 },
	{ "translate.pass-scalable", "so it does in scalable mode", SECTION_SCALABLE,
	  check_pass_through, 1, 0 },
	{ "translate.off", "without GCMD.TE addresses are what they are", SECTION_LEGACY, check_off,
	  0, 0 },
	FAULT("root-absent", "a root entry that is not present: reason 1", SECTION_LEGACY, 0),
	FAULT("context-absent", "a context that is not present: reason 2", SECTION_LEGACY, 1),
	FAULT("context-type", "a reserved translation type: reason 3", SECTION_LEGACY, 2),
	FAULT("context-width", "a width that there is not: reason 3", SECTION_LEGACY, 3),
	{ "fault.width", "an address beyond the width: reason 4", SECTION_PAGING, check_width, 0,
	  0 },
	FAULT("write", "a write without W: reason 5", SECTION_PAGING, 4),
	FAULT("write-above", "a write without W in a table above: reason 5", SECTION_PAGING, 5),
	FAULT("read", "a read without R: reason 6", SECTION_PAGING, 6),
	FAULT("read-above", "a read without R in a table above: reason 6", SECTION_PAGING, 7),
	FAULT("write-absent", "a write to a page that is not there: reason 5", SECTION_PAGING, 8),
	FAULT("read-absent", "a read of a page that is not there: reason 6", SECTION_PAGING, 9),
	FAULT("table-nowhere", "a table that cannot be read: reason 7", SECTION_PAGING, 10),
	FAULT("top-nowhere", "a first table that cannot be read: reason 7", SECTION_PAGING, 11),
	{ "fault.root-nowhere", "a root table that cannot be read: reason 8", SECTION_LEGACY,
	  check_no_root, 0, 0 },
	FAULT("contexts-nowhere", "contexts that cannot be read: reason 9", SECTION_LEGACY, 12),
	FAULT("root-reserved", "reserved bits in a root entry: reason Ah", SECTION_LEGACY, 13),
	FAULT("root-upper", "its upper half is reserved: reason Ah", SECTION_LEGACY, 14),
	FAULT("context-reserved", "reserved bits in a context: reason Bh", SECTION_LEGACY, 15),
	FAULT("context-upper", "in its upper half: reason Bh", SECTION_LEGACY, 16),
	FAULT("table-snoop", "SNP is reserved above pages: reason Ch", SECTION_PAGING, 17),
	FAULT("table-transient", "TM is reserved above pages: reason Ch", SECTION_PAGING, 18),
	FAULT("interrupts", "no page leads to interrupts: reason Eh", SECTION_PAGING, 19),
	FAULT("scalable-root-absent",
	      "in scalable mode, a root entry that is not present: reason 39h", SECTION_SCALABLE,
	      20),
	FAULT("scalable-root-reserved",
	      "in scalable mode, reserved bits in a root entry: reason 3Ah", SECTION_SCALABLE, 21),
	FAULT("scalable-contexts-nowhere",
	      "in scalable mode, contexts that cannot be read: reason 40h", SECTION_SCALABLE, 22),
	FAULT("scalable-context-absent",
	      "in scalable mode, a context that is not present: reason 41h", SECTION_SCALABLE, 23),
	FAULT("scalable-context-reserved",
	      "in scalable mode, reserved bits in a context: reason 42h", SECTION_SCALABLE, 24),
	FAULT("rid-pasid", "RID_PASID beyond the directory: reason 48h", SECTION_SCALABLE, 25),
	FAULT("directory-nowhere", "a PASID directory that cannot be read: reason 50h",
	      SECTION_SCALABLE, 26),
	FAULT("directory-absent", "a directory entry that is not present: reason 51h",
	      SECTION_SCALABLE, 27),
	FAULT("directory-reserved", "reserved bits in a directory entry: reason 52h",
	      SECTION_SCALABLE, 28),
	FAULT("pasids-nowhere", "a PASID table that cannot be read: reason 58h", SECTION_SCALABLE,
	      29),
	FAULT("pasid-absent", "a PASID entry that is not present: reason 59h", SECTION_SCALABLE,
	      30),
	FAULT("pasid-reserved", "reserved bits in a PASID entry: reason 5Ah", SECTION_SCALABLE, 31),
	FAULT("pasid-type", "a reserved PGTT: reason 5Bh", SECTION_SCALABLE, 32),
	FAULT("pasid-width", "a width that there is not: reason 5Bh", SECTION_SCALABLE, 33),
	FAULT("scalable-table-nowhere", "in scalable mode, a table that cannot be read: reason 78h",
	      SECTION_SCALABLE, 34),
	FAULT("scalable-absent", "in scalable mode, a page that is not there: reason 79h",
	      SECTION_SCALABLE, 35),
	FAULT("scalable-table-reserved", "in scalable mode, reserved bits in an entry: reason 7Ah",
	      SECTION_SCALABLE, 36),
	FAULT("scalable-top-nowhere",
	      "in scalable mode, a first table that cannot be read: reason 7Bh", SECTION_SCALABLE,
	      37),
	FAULT("scalable-write", "in scalable mode, a write without W: reason 85h", SECTION_SCALABLE,
	      38),
	FAULT("scalable-read", "in scalable mode, a read without R: reason 86h", SECTION_SCALABLE,
	      39),
	FAULT("scalable-interrupts",
	      "in scalable mode, a page that leads to interrupts: reason 87h", SECTION_SCALABLE,
	      40),
	{ "record.read", "a read's record: page, source, T1", SECTION_RECORD, check_record, 0, 0 },
	{ "record.write", "a write's record", SECTION_RECORD, check_record, 1, 0 },
	{ "record.clear", "F is cleared by 1, and PPF with the last", SECTION_RECORD, check_clear,
	  0, 0 },
	{ "record.overflow", "PFO says that there was no free record", SECTION_RECORD,
	  check_overflow, 0, 0 },
	{ "record.fpd", "with FPD faults are not recorded", SECTION_LEGACY, check_fpd, 0, 0 },
	{ "record.event", "the fault event", SECTION_RECORD, check_event, 0, 0 },
	{ "record.event-masked", "it waits for IM to be cleared", SECTION_RECORD, check_event, 1,
	  0 },
	{ "seen.page", "a page is looked up anew behind an invalidation of it, with IH too",
	  SECTION_INVALIDATION, check_seen, BY_PAGE, 0 },
	{ "seen.domain", "and behind one of the domain", SECTION_INVALIDATION, check_seen,
	  BY_DOMAIN, 0 },
	{ "seen.global", "and behind one of all", SECTION_INVALIDATION, check_seen, BY_GLOBAL, 0 },
	{ "seen.table", "without IH the tables above, too", SECTION_INVALIDATION, check_seen,
	  BY_TABLE, 0 },
	{ "seen.context", "a context behind an invalidation of it and of its domain",
	  SECTION_INVALIDATION, check_seen, BY_CONTEXT, 0 },
	{ "seen.pasid", "a PASID's entry behind an invalidation of it and of its domain",
	  SECTION_INVALIDATION, check_seen, BY_PASID, 0 },
	{ "seen.root", "another root table behind SRTP and invalidations of all",
	  SECTION_INVALIDATION, check_seen, BY_SRTP, 0 },
	{ "seen.present", "what was not present needs none", SECTION_INVALIDATION,
	  check_becomes_present, 0, 0 },
	{ "seen.iotlb-register", "by register: the IOTLB", SECTION_REGISTER, check_register, 0, 0 },
	{ "seen.context-register", "by register: contexts", SECTION_REGISTER, check_register, 1,
	  0 },
	{ 0 }
};
