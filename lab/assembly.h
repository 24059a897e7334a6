/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* assembly.h - accesses that come from assembly, which no compiler tells the lab of. */
#ifndef LAB_ASSEMBLY_H
#define LAB_ASSEMBLY_H

#include <stddef.h>
#include <stdint.h>

/*
 * The first instruction that is a fence or locked: with -fsanitize=thread compilers emit none.
 * NULL: there is none to be seen.
 */
const uint8_t *assembly_find(const uint8_t *code, size_t n);

#endif
