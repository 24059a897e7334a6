/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#ifndef METAL_MEM_H
#define METAL_MEM_H

#include <stddef.h>

void *memcpy(void *to, const void *from, size_t n);
void *memmove(void *to, const void *from, size_t n);
void *memset(void *to, int value, size_t n);
int memcmp(const void *a, const void *b, size_t n);

#endif
