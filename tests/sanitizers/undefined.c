/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Shifts by the width of the type, for UndefinedBehaviorSanitizer to report. */
int main(int argc, char **argv)
{
	volatile unsigned width = 31 + (unsigned)argc;
	volatile unsigned shifted = 1U << width;

	(void)argv;
	return shifted & 0;
}
