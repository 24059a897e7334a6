/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * apic.h - this CPU's interrupt controller, in either of its modes.
 */
#ifndef METAL_APIC_H
#define METAL_APIC_H

#include <stdbool.h>
#include <stdint.h>

struct acpi;

/* Once, on the first CPU: choose the mode, and silence the controllers of devices. */
void apic_init(const struct acpi *a);
/* On every CPU. */
void apic_init_cpu(void);

bool apic_x2(void);
uint32_t apic_id(void);
void apic_eoi(void);

/* Interrupt commands to one CPU. */
void apic_send(uint32_t to, uint8_t vector);
void apic_send_init(uint32_t to);
void apic_send_startup(uint32_t to, uint8_t page);

/* One timer interrupt on this CPU, VECTOR_TIMER, after so long; 0: none. */
void apic_timer(uint64_t ns);

/* How a device has to address a message to that CPU; false if it cannot. */
bool apic_message(uint32_t to, uint32_t *address);

#endif
