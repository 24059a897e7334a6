/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "tables.h"
#include "fault_reasons.h"

#include <inttypes.h>
#include <stdio.h>

#define ADDRESS(entry) ((entry)&0xffffffffff000)
#define BIT(entry, n) ((entry) >> (n)&1)
#define PT_TT 2	  /* PT: translation type pass-through */
#define PT_PGTT 4 /* the same in a PASID entry */

void table_root(struct tables *t, uint64_t low, uint64_t hi, unsigned sid, char to[TABLE_TEXT])
{
	const bool upper = t->scalable && sid & 0x80;
	const uint64_t half = upper ? hi : low;

	t->has[TABLE_ROOT] = true;
	t->present[TABLE_ROOT] = BIT(half, 0);
	if (!BIT(half, 0))
		snprintf(to, TABLE_TEXT, "not present%s",
			 t->scalable ? upper ? " for devices 10h to 1Fh" : " for devices 0 to Fh"
				     : "");
	else
		snprintf(to, TABLE_TEXT, "present, context table at 0x%" PRIx64, ADDRESS(half));
}

static const char *levels(unsigned aw)
{
	static const char *const names[] = { "2 levels (reserved)", "3 levels, 39 bits",
					     "4 levels, 48 bits", "5 levels, 57 bits" };

	return aw < 4 ? names[aw] : "reserved";
}

static void legacy_context(struct tables *t, uint64_t low, uint64_t hi, char to[TABLE_TEXT])
{
	static const char *const types[] = { "second stage", "second stage, and ATS",
					     "pass-through", "reserved type" };
	const unsigned tt = (unsigned)(low >> 2 & 3);

	t->pass_through = tt == PT_TT;
	snprintf(to, TABLE_TEXT,
		 "present, TT %u: %s, AW %u: %s, domain %u, page table at 0x%" PRIx64 "%s", tt,
		 types[tt], (unsigned)(hi & 7), levels((unsigned)(hi & 7)),
		 (unsigned)(hi >> 8 & 0xffff), ADDRESS(low),
		 BIT(low, 1) ? ", faults not recorded (FPD)" : "");
}

void table_context(struct tables *t, uint64_t low, uint64_t hi, char to[TABLE_TEXT])
{
	t->has[TABLE_CONTEXT] = true;
	t->present[TABLE_CONTEXT] = BIT(low, 0);
	if (!BIT(low, 0))
		snprintf(to, TABLE_TEXT, "not present");
	else if (!t->scalable)
		legacy_context(t, low, hi, to);
	else
		snprintf(to, TABLE_TEXT,
			 "present, PASID directory at 0x%" PRIx64
			 " (PDTS %u: %u entries)%s%s%s, RID_PASID 0x%x",
			 ADDRESS(low), (unsigned)(low >> 9 & 7), 1U << ((low >> 9 & 7) + 7),
			 BIT(low, 2) ? ", device TLB (DTE)" : "",
			 BIT(low, 3) ? ", PASIDs (PASIDE)" : "",
			 BIT(low, 4) ? ", page requests (PRE)" : "", (unsigned)(hi & 0xfffff));
}

void table_pasid_dir(struct tables *t, uint64_t entry, char to[TABLE_TEXT])
{
	t->has[TABLE_PASID_DIR] = true;
	t->present[TABLE_PASID_DIR] = BIT(entry, 0);
	if (BIT(entry, 0))
		snprintf(to, TABLE_TEXT, "present, PASID table at 0x%" PRIx64, ADDRESS(entry));
	else
		snprintf(to, TABLE_TEXT, "not present");
}

static void first_pasid_word(struct tables *t, uint64_t v, char to[TABLE_TEXT])
{
	static const char *const types[] = { "reserved", "first stage",	 "second stage",
					     "nested",	 "pass-through", "reserved",
					     "reserved", "reserved" };
	const unsigned pgtt = (unsigned)(v >> 6 & 7);

	t->has[TABLE_PASID] = true;
	t->present[TABLE_PASID] = BIT(v, 0);
	t->pass_through = pgtt == PT_PGTT;
	t->first_stage = pgtt == 1 || pgtt == 3;
	if (!BIT(v, 0))
		snprintf(to, TABLE_TEXT, "not present");
	else
		snprintf(to, TABLE_TEXT, "present, PGTT %u: %s, AW %u: %s%s%s", pgtt, types[pgtt],
			 (unsigned)(v >> 2 & 7), levels((unsigned)(v >> 2 & 7)),
			 BIT(v, 9) ? ", accessed and dirty bits" : "",
			 BIT(v, 1) ? ", faults not recorded (FPD)" : "");
	if (BIT(v, 0) && (pgtt == 2 || pgtt == 3))
		snprintf(to, TABLE_TEXT,
			 "present, PGTT %u: %s, AW %u: %s, second-stage table at 0x%" PRIx64, pgtt,
			 types[pgtt], (unsigned)(v >> 2 & 7), levels((unsigned)(v >> 2 & 7)),
			 ADDRESS(v));
}

void table_pasid(struct tables *t, unsigned word, uint64_t value, char to[TABLE_TEXT])
{
	*to = '\0';
	if (word == 0)
		first_pasid_word(t, value, to);
	else if (word == 1)
		snprintf(to, TABLE_TEXT, "domain %u%s%s", (unsigned)(value & 0xffff),
			 BIT(value, 23) ? ", PWSNP" : "", BIT(value, 24) ? ", PGSNP" : "");
	else if (word == 2 && value)
		snprintf(to, TABLE_TEXT, "first-stage table at 0x%" PRIx64 ", %s levels%s%s%s",
			 ADDRESS(value), value >> 2 & 3 ? "5" : "4",
			 BIT(value, 0) ? ", supervisor requests (SRE)" : "",
			 BIT(value, 1) ? ", execute requests (ERE)" : "",
			 BIT(value, 4) ? ", write protection (WPE)" : "");
}

void table_pte(struct tables *t, unsigned level, uint64_t entry, char to[TABLE_TEXT])
{
	/* First stage: present, writable. Second stage: readable, writable. */
	const bool read = BIT(entry, 0), write = BIT(entry, 1) && (!t->first_stage || read);
	const bool leaf = level == 1 || BIT(entry, 7);

	if (!t->has[TABLE_PTE]) {
		t->read = t->write = true;
		t->has[TABLE_PTE] = true;
	}
	t->read &= read;
	t->write &= write;
	t->lowest = level;
	t->leaf = leaf;
	t->present[TABLE_PTE] = t->read || t->write;
	if (!read && !write)
		snprintf(to, TABLE_TEXT, "not present");
	else
		snprintf(to, TABLE_TEXT, "%s, %s at 0x%" PRIx64 "%s",
			 read && write ? "read and write"
			 : read	       ? "read only"
				       : "write only",
			 leaf ? "page" : "next table", ADDRESS(entry),
			 leaf && level == 2   ? ", 2 MiB"
			 : leaf && level == 3 ? ", 1 GiB"
					      : "");
}

/* ---- comparison with the fault ---- */

static const struct finding contradiction = {
	.id = "fault-contradicts-tables",
	.weight = SUSPECT,
	.certainty = LIKELY,
	.from = "the entries that the kernel has dumped; it read them a moment after the fault",
	.next = "Look for a cache that was not invalidated (context cache, PASID cache, IOTLB) "
		"after this entry was written, and for a hypervisor or firmware that gives the "
		"unit other tables; if the entry was written just then, the device was only too "
		"early.",
};

static const char *const table_name[TABLES] = { "root entry", "context entry",
						"PASID directory entry", "PASID table entry",
						"page-table entry" };

/*
 * The table whose entry was not present, according to the fault's reason; TABLES: another reason.
 */
static enum table absent(uint64_t reason)
{
	switch (reason) {
	case 0x1:
	case 0x39:
		return TABLE_ROOT;
	case 0x2:
	case 0x41:
		return TABLE_CONTEXT;
	case 0x51:
		return TABLE_PASID_DIR;
	case 0x59:
		return TABLE_PASID;
	case 0x71:
		return TABLE_PTE;
	default:
		return TABLES;
	}
}

void tables_judge(struct decode *d, const struct tables *t, const struct fault *f)
{
	const enum table of = f->has_reason ? absent(f->reason) : TABLES;
	const bool permission = f->has_reason && fault_reason_is_permission(f->reason);

	if (permission && t->pass_through)
		decode_find_of(d, &contradiction, f->line, f->sid,
			       "The tables in memory say pass-through for this device, with which "
			       "a fault of permission (reason 0x%" PRIx64
			       ") cannot happen. What the unit used is not what is in memory: a "
			       "stale %s or IOTLB, or other tables.",
			       f->reason, t->scalable ? "PASID cache" : "context cache");
	else if (of != TABLES && t->has[of] && t->present[of] && (of != TABLE_PTE || t->leaf))
		decode_find_of(d, &contradiction, f->line, f->sid,
			       "The unit found no %s (reason 0x%" PRIx64
			       "), and there is one in memory: the unit had a stale one in its "
			       "cache, or it was written after the fault.",
			       table_name[of], f->reason);
	else if (permission && t->leaf &&
		 (f->access == ACCESS_READ ? t->read : f->access == ACCESS_WRITE && t->write))
		decode_find_of(d, &contradiction, f->line, f->sid,
			       "The page tables in memory allow this %s. The unit had a stale "
			       "entry in its IOTLB, or the page was mapped after the fault.",
			       f->access == ACCESS_READ ? "read" : "write");
}
