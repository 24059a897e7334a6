/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * symbol.h - names for addresses, from debug information. All texts are kept until the program
 * ends.
 */
#ifndef LAB_SYMBOL_H
#define LAB_SYMBOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct symbol_place {
	const char *file; /* without directories; NULL: unknown */
	const char *path; /* of the file, relative to `dir` unless it is absolute; NULL: unknown */
	const char *dir;  /* where it was compiled; NULL: unknown */
	int line;
	const char *function; /* NULL: unknown */
};

/* The place of the code before this return address. */
struct symbol_place symbol_place(uint64_t pc);

/* The variable at this address: "numbers", "qi.free_head", "table+8"; false: none. */
bool symbol_variable(uint64_t addr, char *name, size_t room);

/* The member of structure `type` at this offset: "cfg.slots"; false: no such type or member. */
bool symbol_member(const char *type, size_t offset, char *name, size_t room);

#endif
