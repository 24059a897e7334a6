/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The formats, one file each. The order is that in which they see a line. */
#include "decode.h"

#include <stddef.h>

extern const struct recogniser dmesg_qi_recogniser, words_recogniser;

const struct recogniser *const decode_recognisers[] = {
	&dmesg_qi_recogniser,
	&words_recogniser, /* last: takes what nobody else has taken */
	NULL,
};

const struct whole *const decode_wholes[] = { NULL };
