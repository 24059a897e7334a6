/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * tables.h - entries of translation tables that a kernel has dumped after a fault: their meaning,
 * and whether the fault can result from them.
 */
#ifndef DECODE_TABLES_H
#define DECODE_TABLES_H

#include "faults.h"

enum table { TABLE_ROOT, TABLE_CONTEXT, TABLE_PASID_DIR, TABLE_PASID, TABLE_PTE, TABLES };

struct tables {
	bool scalable;
	bool has[TABLES], present[TABLES];
	bool pass_through;
	bool first_stage; /* paging entries belong to the first stage */
	bool read, write; /* what all paging entries together permit */
	unsigned lowest;  /* level of the lowest paging entry; 0: none */
	bool leaf;	  /* that entry leads to memory */
};

#define TABLE_TEXT 200

/* Write the entry's meaning to @to. @hi is 0 for entries of 64 bits. */
void table_root(struct tables *t, uint64_t low, uint64_t hi, unsigned sid, char to[TABLE_TEXT]);
void table_context(struct tables *t, uint64_t low, uint64_t hi, char to[TABLE_TEXT]);
void table_pasid_dir(struct tables *t, uint64_t entry, char to[TABLE_TEXT]);
void table_pasid(struct tables *t, unsigned word, uint64_t value, char to[TABLE_TEXT]);
void table_pte(struct tables *t, unsigned level, uint64_t entry, char to[TABLE_TEXT]);

/* Report it if the fault cannot result from these tables. */
void tables_judge(struct decode *d, const struct tables *t, const struct fault *f);

#endif
