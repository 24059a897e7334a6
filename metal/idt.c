/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "idt.h"

#include "vectors.h"

#include <stdint.h>

#include "apic.h"
#include "tap.h"

#define VECTORS 256
#define EXCEPTIONS 32

struct gate {
	uint16_t low, selector;
	uint8_t stack, type;
	uint16_t middle;
	uint32_t high, reserved;
};

/* The layout in which vectors.S pushes it. */
struct frame {
	uint64_t rbx, r11, r10, r9, r8, rdi, rsi, rdx, rcx, rax;
	uint64_t vector, error, rip, cs, rflags, rsp, ss;
};

extern const char vectors[VECTORS][16];
void idt_interrupt(const struct frame *f);

static _Alignas(16) struct gate idt[VECTORS];
static struct {
	void (*handle)(void *arg);
	void *arg;
} handler[VECTORS];
static unsigned unexpected;

void idt_init(void)
{
	uint64_t at;
	unsigned i;

	for (i = 0; i < VECTORS; i++) {
		at = (uintptr_t)vectors[i];
		idt[i] = (struct gate){
			.low = (uint16_t)at,
			.selector = 8,
			.type = 0x8e, /* present, interrupt gate */
			.middle = (uint16_t)(at >> 16),
			.high = (uint32_t)(at >> 32),
		};
	}
}

void idt_load(void)
{
	struct {
		uint16_t limit;
		uint64_t base;
	} __attribute__((packed)) pointer = { sizeof(idt) - 1, (uintptr_t)idt };

	__asm__ volatile("lidt %0" : : "m"(pointer));
}

void idt_handle(unsigned vector, void (*handle)(void *arg), void *arg)
{
	handler[vector].arg = arg;
	handler[vector].handle = handle;
}

unsigned idt_unexpected(void)
{
	return __atomic_load_n(&unexpected, __ATOMIC_RELAXED);
}

static _Noreturn void die(const struct frame *f)
{
	uint64_t cr2;

	__asm__ volatile("mov %%cr2, %0" : "=r"(cr2));
	tap_bail_out("exception %u, error %lx, at %lx, address %lx, stack %lx, on the CPU with "
		     "APIC id %u",
		     (unsigned)f->vector, f->error, f->rip, cr2, f->rsp, apic_id());
}

void idt_interrupt(const struct frame *f)
{
	if (f->vector < EXCEPTIONS)
		die(f);
	if (f->vector == VECTOR_SPURIOUS)
		return;
	/*
	 * The interrupt is acknowledged first, so that another one during the handler is not lost.
	 */
	apic_eoi();
	if (handler[f->vector].handle)
		handler[f->vector].handle(handler[f->vector].arg);
	else
		__atomic_fetch_add(&unexpected, 1, __ATOMIC_RELAXED);
}
