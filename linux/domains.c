// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * domains.c - the tables are read as the unit reads them, by the specification, and not the
 * kernel's own structures, which are more, private, and under locks. Reading what is being freed
 * gives an error or a wrong answer about a device that is just being removed.
 */
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/uaccess.h>
#include <qinval/regs.h>
#include "domains.h"

#define PRESENT 1
#define DIRECTORY_SIZE(context) (1U << (7 + ((context) >> 9 & 7))) /* entries */
#define TABLE_SIZE 64
#define TABLE_ENTRY 8 /* quadwords */

/* Entry @index of @words quadwords, of the table that another entry or RTADDR has in 63:12. */
static bool fetch(u64 table, unsigned int index, unsigned int words, u64 *entry)
{
	u64 at = (table & PAGE_MASK) + (u64)index * words * sizeof(u64);

	return pfn_valid(at >> PAGE_SHIFT) &&
	       !copy_from_kernel_nofault(entry, phys_to_virt(at), words * sizeof(u64));
}

static bool legacy_may_have(u64 context_table, u8 devfn, u16 did)
{
	u64 context[2];

	if (!fetch(context_table, devfn, 2, context))
		return true;
	return context[0] & PRESENT && (u16)(context[1] >> 8) == did;
}

static bool pasids_may_have(u64 table, u16 did)
{
	u64 entry[TABLE_ENTRY];
	unsigned int i;

	for (i = 0; i < TABLE_SIZE; i++)
		if (!fetch(table, i, TABLE_ENTRY, entry) ||
		    (entry[0] & PRESENT && (u16)entry[1] == did))
			return true;
	return false;
}

static bool scalable_may_have(u64 context_table, u8 index, u16 did)
{
	u64 context[4], table;
	unsigned int i;

	if (!fetch(context_table, index, 4, context))
		return true;
	if (!(context[0] & PRESENT))
		return false;
	for (i = 0; i < DIRECTORY_SIZE(context[0]); i++)
		if (!fetch(context[0], i, 1, &table) ||
		    (table & PRESENT && pasids_may_have(table, did)))
			return true;
	return false;
}

bool domains_may_have(u64 rtaddr, u16 sid, u16 did)
{
	unsigned int mode = VTD_RTADDR_TTM(rtaddr);
	u8 bus = sid >> 8, devfn = sid;
	u64 root[2], table;

	if ((mode != VTD_TTM_LEGACY && mode != VTD_TTM_SCALABLE) || !(rtaddr & PAGE_MASK) ||
	    !fetch(rtaddr, bus, 2, root))
		return true;
	/* In scalable mode there is one table for each half of a bus. */
	table = root[mode == VTD_TTM_SCALABLE ? devfn >> 7 : 0];
	if (!(table & PRESENT))
		return false;
	if (mode == VTD_TTM_LEGACY)
		return legacy_may_have(table, devfn, did);
	return scalable_may_have(table, devfn & 0x7f, did);
}
