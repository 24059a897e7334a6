/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* verdict.h - the answer in one to three sentences: what is wrong, which device, what to try. */
#ifndef DECODE_VERDICT_H
#define DECODE_VERDICT_H

#include "decode.h"

#define VERDICT_TEXT 1600

struct verdict {
	enum decode_result result;
	char what[VERDICT_TEXT];
	char device[VERDICT_TEXT]; /* "" if no device is concerned, or it is not known */
	char try[VERDICT_TEXT];	   /* "" if there is nothing to do */
	/* What should be attached to a report, beside this input; "" if nothing is missing. */
	char attach[VERDICT_TEXT];
};

void verdict_of(struct verdict *v, const struct decode *d);

#endif
