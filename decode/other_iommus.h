/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* other_iommus.h - lines of what is not VT-d, and what they mean. */
#ifndef DECODE_OTHER_IOMMUS_H
#define DECODE_OTHER_IOMMUS_H

#include "decode.h"

struct other {
	const char *system;   /* NULL behind the last */
	const char *words[2]; /* of the line, in this order */
	const char *text;
	struct finding finding;
};

extern const struct other others[];

#endif
