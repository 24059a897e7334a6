/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * code_bytes.h - registers of a CPU that spins in qi_submit_sync(), interpreted by its code bytes.
 */
#ifndef DECODE_CODE_BYTES_H
#define DECODE_CODE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CODE_REGISTERS 16 /* in encoding order: RAX RCX RDX RBX RSP RBP RSI RDI R8.. */
#define CODE_BYTES 64

struct code {
	uint8_t byte[CODE_BYTES];
	unsigned bytes;
	int at; /* index of the next instruction; -1: not marked */
	uint64_t reg[CODE_REGISTERS];
	bool known[CODE_REGISTERS];
};

/* Parse "48 be 00 ... <40> f6"; stops at what is no code byte. */
void code_read(struct code *c, const char *s);
/* Parse "RBX: 0000000000000014" anywhere in @s. */
void code_registers(struct code *c, const char *s);

/*
 * The slot whose status is compared with QI_ABORT. Assumes that status words are aligned as in
 * Linux.
 */
bool code_slot(const struct code *c, unsigned *slot);
/* FSTS, if it was read directly before. */
bool code_fault_status(const struct code *c, uint32_t *fsts);

/*
 * True if the CPU is in the loop that aborts waits after a time-out: it goes back from *head by two
 * slots until it reaches *tail. The registers have both, or only *head; then *tail is CODE_NO_SLOT.
 */
#define CODE_NO_SLOT ~0U
bool code_abort_walk(const struct code *c, unsigned *head, unsigned *tail);

#endif
