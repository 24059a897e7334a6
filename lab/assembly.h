/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* assembly.h - accesses in assembly, which compilers do not report to the lab. */
#ifndef LAB_ASSEMBLY_H
#define LAB_ASSEMBLY_H

#include <stddef.h>
#include <stdint.h>

/*
 * Find the first fence or locked instruction. With -fsanitize=thread compilers emit none, so it is
 * assembly. NULL: there is none.
 */
const uint8_t *assembly_find(const uint8_t *code, size_t n);

#endif
