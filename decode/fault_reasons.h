/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* fault_reasons.h - the fault reasons of the specification (FRCD.FR), and what to try. */
#ifndef DECODE_FAULT_REASONS_H
#define DECODE_FAULT_REASONS_H

#include <stdbool.h>
#include <stdint.h>

struct fault_reason {
	uint8_t code;
	const char *meaning; /* the rest of a sentence: "there is no root entry for its bus" */
	const char *causes;  /* a sentence: the usual ones */
	const char *next;    /* what to try */
};

/* NULL: not in the specification. */
const struct fault_reason *fault_reason_of(uint64_t code);

/* 20h to 26h, and the scalable mode's relatives of them. */
bool fault_reason_is_interrupt(uint64_t code);

/* There is no root or context entry: the device is not attached. */
bool fault_reason_is_unattached(uint64_t code);

/* An address that was translated and found without permission, or without a page. */
bool fault_reason_is_permission(uint64_t code);

#endif
