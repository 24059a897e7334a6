/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * clock.h - the time stamp counter, in nanoseconds.
 */
#ifndef METAL_CLOCK_H
#define METAL_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

/*
 * @pm_timer: the ACPI timer's port, or 0. Returns false if the counter's frequency cannot be found
 * out.
 */
bool clock_init(uint16_t pm_timer);

uint64_t clock_hz(void);
uint64_t clock_now(void); /* nanoseconds */
uint64_t clock_ns(uint64_t cycles);
void clock_delay(uint64_t ns);

#endif
