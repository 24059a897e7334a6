/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* faults.h - a fault of DMA or of an interrupt, in the words of any system. */
#ifndef DECODE_FAULTS_H
#define DECODE_FAULTS_H

#include "decode.h"

enum access { ACCESS_UNKNOWN, ACCESS_READ, ACCESS_WRITE };

struct fault {
	struct block *block; /* the report so far; NULL: no fault is open */
	uint64_t line, times;
	bool interrupt;
	unsigned segment, sid;
	enum access access;
	bool has_address, has_reason, has_pasid;
	uint64_t address, reason;
};

/* Begin a fault, with the fields for time and device. */
void fault_begin(struct fault *f, const struct line *l, bool interrupt, unsigned segment,
		 unsigned sid);
void fault_access(struct fault *f, enum access access);
/* The address, or the index of an interrupt. */
void fault_address(struct fault *f, uint64_t address);
void fault_address_cut(struct fault *f);
/* @words: the system's text up to the end of the line; may be empty. */
void fault_reason(struct fault *f, uint64_t reason, const char *words);

/* The fault is complete: report it and its findings. Afterwards no fault is open. */
void fault_end(struct decode *d, struct fault *f);

#endif
