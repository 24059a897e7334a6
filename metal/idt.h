/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * idt.h - which function handles an interrupt. An exception ends the run, and says where it was.
 */
#ifndef METAL_IDT_H
#define METAL_IDT_H

/* On the first CPU; then each CPU loads it. */
void idt_init(void);
void idt_load(void);

/* With interrupts off, after the end of the interrupt has been signalled. */
void idt_handle(unsigned vector, void (*handler)(void *arg), void *arg);

/* Unexpected interrupts. */
unsigned idt_unexpected(void);

#endif
