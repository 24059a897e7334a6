/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Reads behind the end of an allocation, for AddressSanitizer to report. */
#include <stdlib.h>

int main(int argc, char **argv)
{
	volatile char *p = malloc(4);
	int c;

	(void)argv;
	if (!p)
		return 0;
	c = p[4 * argc];
	free((void *)p);
	return c & 0;
}
