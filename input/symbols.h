/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* symbols.h - a kernel's /proc/kallsyms: which function an address is in. */
#ifndef INPUT_SYMBOLS_H
#define INPUT_SYMBOLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct symbols;

/* Returns NULL if the text has no symbols. */
struct symbols *symbols_read(const char *text);
void symbols_free(struct symbols *s);

/* The name of the function at `addr`, and the offset in it; NULL if there is none. */
const char *symbols_name(const struct symbols *s, uint64_t addr, uint64_t *offset);

/* True if the address is in a function of this module. */
bool symbols_in_module(const struct symbols *s, uint64_t addr, const char *module);

/* The address of a symbol; 0 if there is none. */
uint64_t symbols_find(const struct symbols *s, const char *name);

#endif
