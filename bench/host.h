/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * host.h - the host's functions of bench/instructions.c. With -DQI_HOST_HEADER='"bench/host.h"' the
 * core calls them directly, by these names.
 */
#ifndef BENCH_HOST_H
#define BENCH_HOST_H

#include <stdint.h>

uint32_t host_read32(void *ctx, unsigned reg);
uint64_t host_read64(void *ctx, unsigned reg);
void host_write32(void *ctx, unsigned reg, uint32_t value);
void host_write64(void *ctx, unsigned reg, uint64_t value);
unsigned long host_lock(void *ctx);
void host_unlock(void *ctx, unsigned long flags);
void host_relax(void *ctx);
uint64_t host_now(void *ctx);

#define qi_host_read32 host_read32
#define qi_host_read64 host_read64
#define qi_host_write32 host_write32
#define qi_host_write64 host_write64
#define qi_host_lock host_lock
#define qi_host_unlock host_unlock
#define qi_host_irq_save host_lock
#define qi_host_irq_restore host_unlock
#define qi_host_relax host_relax
#define qi_host_now host_now

#endif
