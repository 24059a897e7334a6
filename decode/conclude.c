/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* What follows from all that was read: devices, memory and faults together. */
#include "machine.h"

void conclude(struct decode *d)
{
	(void)d;
}
