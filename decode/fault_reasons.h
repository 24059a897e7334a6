/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* fault_reasons.h - the fault reasons of the specification (FRCD.FR), with advice. */
#ifndef DECODE_FAULT_REASONS_H
#define DECODE_FAULT_REASONS_H

#include <stdbool.h>
#include <stdint.h>

struct fault_reason {
	uint8_t code;
	const char *meaning; /* the end of a sentence: "there is no root entry for its bus" */
	const char *causes;  /* a sentence with the usual causes */
	const char *next;    /* advice */
};

/* NULL: the specification has no such reason. */
const struct fault_reason *fault_reason_of(uint64_t code);

/* True for 20h to 26h, and the corresponding ones of scalable mode. */
bool fault_reason_is_interrupt(uint64_t code);

/* True if there is no root or context entry: the device is not attached to a domain. */
bool fault_reason_is_unattached(uint64_t code);

/* True if the address was looked up, and the page or the permission is missing. */
bool fault_reason_is_permission(uint64_t code);

#endif
