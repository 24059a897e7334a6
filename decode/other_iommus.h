/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* other_iommus.h - messages of IOMMUs other than VT-d, and their meaning. */
#ifndef DECODE_OTHER_IOMMUS_H
#define DECODE_OTHER_IOMMUS_H

#include "decode.h"

struct other {
	const char *system;   /* NULL ends the list */
	const char *words[2]; /* words of the line, in this order */
	const char *text;
	struct finding finding;
};

extern const struct other others[];

#endif
