/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* apic.h - this CPU's interrupt controller, in xAPIC or x2APIC mode. */
#ifndef METAL_APIC_H
#define METAL_APIC_H

#include <stdbool.h>
#include <stdint.h>

struct acpi;

/* Call once, on the first CPU: chooses the mode, and turns off the controllers of devices. */
void apic_init(const struct acpi *a);
/* Call on every CPU. */
void apic_init_cpu(void);

bool apic_x2(void);
uint32_t apic_id(void);
void apic_eoi(void);

/* Send an interrupt command to one CPU. */
void apic_send(uint32_t to, uint8_t vector);
void apic_send_init(uint32_t to);
void apic_send_startup(uint32_t to, uint8_t page);

/* One timer interrupt on this CPU, VECTOR_TIMER, after @ns; 0: none. */
void apic_timer(uint64_t ns);

/* The address that a device has to use for messages to that CPU. Returns false if there is none. */
bool apic_message(uint32_t to, uint32_t *address);

#endif
