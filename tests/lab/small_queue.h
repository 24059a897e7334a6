/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * small_queue.h - a minimal queue for the scenarios of told.c and larger.c.
 *
 * The names that drivers similar to Linux's define are defined here, before lab.h: the two must not
 * collide.
 */
#ifndef SMALL_QUEUE_H
#define SMALL_QUEUE_H

#include <stdint.h>

#define QI_IOTLB_TYPE 0x2
#define QI_IWD_TYPE 0x5
#define QI_IWD_STATUS_WRITE (1ULL << 5)
#define QI_DONE 2
#define DMAR_GCMD_REG 0x18
#define DMAR_IQH_REG 0x80
#define DMAR_IQT_REG 0x88
#define DMAR_IQA_REG 0x90
#define QI_LENGTH 8

struct qi_desc {
	uint64_t qw0, qw1;
};

struct qi_host {
	int of_my_own;
};

#include <lab/lab.h>

#define LOAD(word) __atomic_load_n(&(word), __ATOMIC_ACQUIRE)
#define STORE(word, value) __atomic_store_n(&(word), (value), __ATOMIC_RELEASE)

static inline struct qi_desc wait_for(uint32_t *at)
{
	return (struct qi_desc){ QI_IWD_TYPE | QI_IWD_STATUS_WRITE | (uint64_t)QI_DONE << 32,
				 (uintptr_t)at };
}

static inline struct qi_desc page_of(unsigned domain)
{
	return (struct qi_desc){ QI_IOTLB_TYPE | 3 << 4 | (uint64_t)domain << 16, 0x1000 };
}

static inline struct vtd_entry entry_of(unsigned domain)
{
	return (struct vtd_entry){
		.kind = VTD_IOTLB, .did = (uint16_t)domain, .pasid = VTD_NO_PASID, .addr = 0x1000
	};
}

static inline void start(unsigned regs, const struct qi_desc *at)
{
	lab_write64(regs + DMAR_IQT_REG, 0);
	lab_write64(regs + DMAR_IQA_REG, (uintptr_t)at);
	lab_write32(regs + DMAR_GCMD_REG, 1U << 26);
}

#define ENTRY(name, ticks)                                       \
	{                                                        \
#name, "see " __FILE__, setup_##name, 0, (ticks) \
	}

#endif
