/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* faults.c - one word of good tables is wrong: which fault is recorded. */
#include "trial_tables.h"

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
	unsigned sid = w->write ? WRITER : READER, top = trial_levels(t);

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
		return trial_entry(TABLES, top, top);
	case LAST_TABLE:
		return trial_entry(TABLES, top, 2);
	case LEAF:
		return trial_entry(TABLES, top, 1);
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
	if (w->scalable ? !trial_start_scalable(t) : !trial_start(t))
		return;
	offset = where(t, w);
	trial_store(t, offset, spoilt(t, w, trial_load(t, offset)));
	trial_faults(t, IOVA, w->write, w->reason);
}

static void check_no_root(struct trial *t, unsigned arg)
{
	(void)arg;
	if (!trial_needs(t, t->dev->nowhere, "no address without memory") || !trial_start(t))
		return;
	trial_set_root(t, t->dev->nowhere);
	trial_faults(t, IOVA, false, 0x8);
}

static void check_width(struct trial *t, unsigned arg)
{
	(void)arg;
	if (trial_start(t))
		trial_faults(t, IOVA | 1ULL << (trial_shift_of(trial_levels(t)) + 9), false, 0x4);
}

#define FAULT(name, rule, section, which)                           \
	{                                                           \
		"fault." name, rule, section, check_wrong, which, 0 \
	}

const struct conform_case conform_faults[] = {
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
	{ 0 }
};
