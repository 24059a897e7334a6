/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* idt.h - assigns functions to interrupts. An exception ends the run, and prints where it was. */
#ifndef METAL_IDT_H
#define METAL_IDT_H

/* Call on the first CPU; then every CPU loads the table. */
void idt_init(void);
void idt_load(void);

/* @handler is called with interrupts off, after the interrupt has been acknowledged. */
void idt_handle(unsigned vector, void (*handler)(void *arg), void *arg);

/* The number of unexpected interrupts. */
unsigned idt_unexpected(void);

#endif
