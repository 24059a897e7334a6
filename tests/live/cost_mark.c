/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Runs in the guest, and marks the moment at which cost_plugin.c writes its count. */
#include "cost.h"

#define TEXT(...) #__VA_ARGS__
#define BYTES(...) TEXT(__VA_ARGS__)

int main(void)
{
	__asm__ volatile(".byte " BYTES(COST_MARK));
	return 0;
}
