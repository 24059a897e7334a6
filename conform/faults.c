/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* faults.c - one word of valid tables is wrong: which fault is recorded. */
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

/* A change of a word: the number of a reserved bit, which is set, or: */
enum change {
	NOTHING = 64, /* the word becomes 0 */
	TYPE_3,	      /* an undefined translation type */
	NOWHERE,      /* its address becomes that of a page that does not exist */
	MESSAGES,     /* its address becomes one for interrupts */
	NO_READ,      /* R is cleared, ... */
	NO_WRITE,     /* ... or W is */
	NO_WIDTH,     /* AW becomes 0 */
	NO_STAGE,     /* PGTT becomes 0 */
};
#define BIT(n) (n)

enum mode { LEGACY, SCALABLE };
enum access { READ, WRITE };

/* A case's argument: the word, its change, the mode, the access that finds it, and the reason. */
#define WRONG(word, change, mode, access, reason)                                     \
	((unsigned)(word) | (unsigned)(change) << 4 | (mode) << 12 | (access) << 13 | \
	 (reason) << 16)

struct wrong {
	enum word word;
	unsigned change;
	bool scalable, write;
	uint8_t reason;
};

static struct wrong wrong_of(unsigned arg)
{
	return (struct wrong){ .word = arg & 0xf,
			       .change = arg >> 4 & 0xff,
			       .scalable = arg >> 12 & 1,
			       .write = arg >> 13 & 1,
			       .reason = (uint8_t)(arg >> 16) };
}

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
	switch (w->change) {
	case NOTHING:
		return 0;
	case TYPE_3:
		return good | 3 << 2;
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
		return good | 1ULL << w->change;
	}
}

static void check_wrong(struct trial *t, unsigned arg)
{
	const struct wrong w = wrong_of(arg);
	uint64_t offset;

	if (!trial_needs(t, w.change != NOWHERE || t->dev->nowhere, "no address without memory"))
		return;
	if (w.scalable ? !trial_start_scalable(t) : !trial_start(t))
		return;
	offset = where(t, &w);
	trial_store(t, offset, spoilt(t, &w, trial_load(t, offset)));
	trial_faults(t, IOVA, w.write, w.reason);
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

#define FAULT(name, rule, section, word, change, mode, access, reason) \
	{                                                              \
		"fault." name, rule, section, check_wrong,             \
			WRONG(word, change, mode, access, reason), 0   \
	}

const struct conform_case conform_faults[] = {
	FAULT("root-absent", "a root entry that is not present: reason 1", SECTION_LEGACY, ROOT_LOW,
	      NOTHING, LEGACY, READ, 0x1),
	FAULT("context-absent", "a context that is not present: reason 2", SECTION_LEGACY,
	      CONTEXT_LOW, NOTHING, LEGACY, READ, 0x2),
	FAULT("context-type", "a reserved translation type: reason 3", SECTION_LEGACY, CONTEXT_LOW,
	      TYPE_3, LEGACY, READ, 0x3),
	FAULT("context-width", "a width that there is not: reason 3", SECTION_LEGACY, CONTEXT_HIGH,
	      NO_WIDTH, LEGACY, READ, 0x3),
	{ "fault.width", "an address beyond the width: reason 4", SECTION_PAGING, check_width, 0,
	  0 },
	FAULT("write", "a write without W: reason 5", SECTION_PAGING, LEAF, NO_WRITE, LEGACY, WRITE,
	      0x5),
	FAULT("write-above", "a write without W in a table above: reason 5", SECTION_PAGING,
	      LAST_TABLE, NO_WRITE, LEGACY, WRITE, 0x5),
	FAULT("read", "a read without R: reason 6", SECTION_PAGING, LEAF, NO_READ, LEGACY, READ,
	      0x6),
	FAULT("read-above", "a read without R in a table above: reason 6", SECTION_PAGING,
	      LAST_TABLE, NO_READ, LEGACY, READ, 0x6),
	FAULT("write-absent", "a write to a page that is not there: reason 5", SECTION_PAGING, LEAF,
	      NOTHING, LEGACY, WRITE, 0x5),
	FAULT("read-absent", "a read of a page that is not there: reason 6", SECTION_PAGING, LEAF,
	      NOTHING, LEGACY, READ, 0x6),
	FAULT("table-nowhere", "a table that cannot be read: reason 7", SECTION_PAGING, LAST_TABLE,
	      NOWHERE, LEGACY, READ, 0x7),
	FAULT("top-nowhere", "a first table that cannot be read: reason 7", SECTION_PAGING,
	      CONTEXT_LOW, NOWHERE, LEGACY, READ, 0x7),
	{ "fault.root-nowhere", "a root table that cannot be read: reason 8", SECTION_LEGACY,
	  check_no_root, 0, 0 },
	FAULT("contexts-nowhere", "contexts that cannot be read: reason 9", SECTION_LEGACY,
	      ROOT_LOW, NOWHERE, LEGACY, READ, 0x9),
	FAULT("root-reserved", "reserved bits in a root entry: reason Ah", SECTION_LEGACY, ROOT_LOW,
	      BIT(1), LEGACY, READ, 0xa),
	FAULT("root-upper", "its upper half is reserved: reason Ah", SECTION_LEGACY, ROOT_HIGH,
	      BIT(0), LEGACY, READ, 0xa),
	FAULT("context-reserved", "reserved bits in a context: reason Bh", SECTION_LEGACY,
	      CONTEXT_LOW, BIT(4), LEGACY, READ, 0xb),
	FAULT("context-upper", "in its upper half: reason Bh", SECTION_LEGACY, CONTEXT_HIGH,
	      BIT(24), LEGACY, READ, 0xb),
	FAULT("table-snoop", "SNP is reserved above pages: reason Ch", SECTION_PAGING, LAST_TABLE,
	      BIT(11), LEGACY, READ, 0xc),
	FAULT("table-transient", "TM is reserved above pages: reason Ch", SECTION_PAGING, TOP,
	      BIT(62), LEGACY, READ, 0xc),
	FAULT("interrupts", "no page leads to interrupts: reason Eh", SECTION_PAGING, LEAF,
	      MESSAGES, LEGACY, WRITE, 0xe),
	FAULT("scalable-root-absent",
	      "in scalable mode, a root entry that is not present: reason 39h", SECTION_SCALABLE,
	      ROOT_LOW, NOTHING, SCALABLE, READ, 0x39),
	FAULT("scalable-root-reserved",
	      "in scalable mode, reserved bits in a root entry: reason 3Ah", SECTION_SCALABLE,
	      ROOT_LOW, BIT(1), SCALABLE, READ, 0x3a),
	FAULT("scalable-contexts-nowhere",
	      "in scalable mode, contexts that cannot be read: reason 40h", SECTION_SCALABLE,
	      ROOT_LOW, NOWHERE, SCALABLE, READ, 0x40),
	FAULT("scalable-context-absent",
	      "in scalable mode, a context that is not present: reason 41h", SECTION_SCALABLE,
	      SCALABLE_CONTEXT, NOTHING, SCALABLE, READ, 0x41),
	FAULT("scalable-context-reserved",
	      "in scalable mode, reserved bits in a context: reason 42h", SECTION_SCALABLE,
	      SCALABLE_CONTEXT, BIT(5), SCALABLE, READ, 0x42),
	FAULT("rid-pasid", "RID_PASID beyond the directory: reason 48h", SECTION_SCALABLE,
	      RID_PASID, BIT(19), SCALABLE, READ, 0x48),
	FAULT("directory-nowhere", "a PASID directory that cannot be read: reason 50h",
	      SECTION_SCALABLE, SCALABLE_CONTEXT, NOWHERE, SCALABLE, READ, 0x50),
	FAULT("directory-absent", "a directory entry that is not present: reason 51h",
	      SECTION_SCALABLE, DIRECTORY_ENTRY, NOTHING, SCALABLE, READ, 0x51),
	FAULT("directory-reserved", "reserved bits in a directory entry: reason 52h",
	      SECTION_SCALABLE, DIRECTORY_ENTRY, BIT(2), SCALABLE, READ, 0x52),
	FAULT("pasids-nowhere", "a PASID table that cannot be read: reason 58h", SECTION_SCALABLE,
	      DIRECTORY_ENTRY, NOWHERE, SCALABLE, READ, 0x58),
	FAULT("pasid-absent", "a PASID entry that is not present: reason 59h", SECTION_SCALABLE,
	      PASID_ENTRY, NOTHING, SCALABLE, READ, 0x59),
	FAULT("pasid-reserved", "reserved bits in a PASID entry: reason 5Ah", SECTION_SCALABLE,
	      PASID_UPPER, BIT(32), SCALABLE, READ, 0x5a),
	FAULT("pasid-type", "a reserved PGTT: reason 5Bh", SECTION_SCALABLE, PASID_ENTRY, NO_STAGE,
	      SCALABLE, READ, 0x5b),
	FAULT("pasid-width", "a width that there is not: reason 5Bh", SECTION_SCALABLE, PASID_ENTRY,
	      NO_WIDTH, SCALABLE, READ, 0x5b),
	FAULT("scalable-table-nowhere", "in scalable mode, a table that cannot be read: reason 78h",
	      SECTION_SCALABLE, LAST_TABLE, NOWHERE, SCALABLE, READ, 0x78),
	FAULT("scalable-absent", "in scalable mode, a page that is not there: reason 79h",
	      SECTION_SCALABLE, LEAF, NOTHING, SCALABLE, READ, 0x79),
	FAULT("scalable-table-reserved", "in scalable mode, reserved bits in an entry: reason 7Ah",
	      SECTION_SCALABLE, LAST_TABLE, BIT(11), SCALABLE, READ, 0x7a),
	FAULT("scalable-top-nowhere",
	      "in scalable mode, a first table that cannot be read: reason 7Bh", SECTION_SCALABLE,
	      PASID_ENTRY, NOWHERE, SCALABLE, READ, 0x7b),
	FAULT("scalable-write", "in scalable mode, a write without W: reason 85h", SECTION_SCALABLE,
	      LEAF, NO_WRITE, SCALABLE, WRITE, 0x85),
	FAULT("scalable-read", "in scalable mode, a read without R: reason 86h", SECTION_SCALABLE,
	      LEAF, NO_READ, SCALABLE, READ, 0x86),
	FAULT("scalable-interrupts",
	      "in scalable mode, a page that leads to interrupts: reason 87h", SECTION_SCALABLE,
	      LEAF, MESSAGES, SCALABLE, WRITE, 0x87),
	{ 0 }
};
