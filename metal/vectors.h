/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* vectors.h - the numbers of the interrupts. */
#ifndef METAL_VECTORS_H
#define METAL_VECTORS_H

#define VECTOR_TIMER 0x40
#define VECTOR_WAKE 0x41
#define VECTOR_UNIT 0x50 /* two for each unit: fault, completion */
#define VECTOR_SPURIOUS 0xff

#endif
