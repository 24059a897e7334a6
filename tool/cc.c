/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* cc.c - the subcommand: the compiler, told what a scenario for the lab needs. */
#include "tool.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define OWN 10 /* arguments of ours, and the NULL */

static const char usage[] =
	"Usage: qinval cc [ARGUMENT...]\n"
	"Compile a scenario and its driver into a shared object for `qinval explore`: run $CC, or cc,\n"
	"with -fsanitize=thread -g -fPIC -shared -nostdlib, the headers' directories, and ARGUMENTs.\n\n"
	"  qinval cc -O2 -o mine.so mine.c && qinval explore ./mine.so\n";

/* The headers of this build, or those installed. */
static const char *headers(void)
{
	return access(QINVAL_SOURCE "/lab/lab.h", R_OK) ? "-I" QINVAL_INCLUDEDIR :
							  "-I" QINVAL_SOURCE;
}

int cc_main(int argc, char **argv)
{
	const char *cc = getenv("CC") ? getenv("CC") : "cc";
	char **args = calloc((size_t)argc + OWN, sizeof(*args));
	const char *own[] = { cc, "-fsanitize=thread", "-g", "-fPIC", "-shared", "-nostdlib",
			      "-Wl,-Bsymbolic", headers(), "-I" QINVAL_SOURCE "/include" };
	size_t n = sizeof(own) / sizeof(*own);

	if (argc < 2 || !strcmp(argv[1], "--help")) {
		fputs(usage, argc < 2 ? stderr : stdout);
		return argc < 2 ? EXIT_UNUSABLE : EXIT_FINE;
	}
	if (args) {
		memcpy(args, own, sizeof(own));
		memcpy(args + n, argv + 1, (size_t)argc * sizeof(*argv));
		execvp(cc, args);
	}
	fprintf(stderr, "qinval cc: %s: %s\n", cc, strerror(errno));
	return EXIT_UNUSABLE;
}
