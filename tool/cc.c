/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* cc.c - the subcommand: the compiler, told what a scenario for the lab needs. */
#include "tool.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define OWN 16 /* arguments of ours, and the NULL */

static const char usage[] = "Usage: qinval cc [ARGUMENT...]\n"
			    "Compile a scenario and its driver into a shared object for `qinval "
			    "explore`: run $CC, or cc,\n"
			    "with -fsanitize=thread -g -fPIC -shared -nostdlib -fno-builtin, the "
			    "headers' directories, and\n"
			    "ARGUMENTs.\n\n"
			    "  qinval cc -O2 -o mine.so mine.c && qinval explore ./mine.so\n";

/*
 * No runtime of the sanitizer, which the lab replaces; and no builtins, as compilers turn memcpy()
 * into accesses that they do not tell of.
 */

/* The headers of this build, or those installed. */
static const char *headers(void)
{
	return access(QINVAL_SOURCE "/lab/lab.h", R_OK) ? "-I" QINVAL_INCLUDEDIR
							: "-I" QINVAL_SOURCE;
}

/*
 * clang does not tell of a read that a write of the same word follows, as in x++, unless asked to;
 * then nobody could come between the two.
 */
static bool is_clang(const char *cc)
{
	char command[256], line[256];
	bool found = false;
	FILE *version;

	if ((size_t)snprintf(command, sizeof(command), "%s --version", cc) >= sizeof(command))
		return false;
	version = popen(command, "r");
	while (version && fgets(line, sizeof(line), version))
		found |= strstr(line, "clang") != NULL;
	if (version)
		pclose(version);
	return found;
}

int cc_main(int argc, char **argv)
{
	const char *cc = getenv("CC") ? getenv("CC") : "cc";
	char **args = calloc((size_t)argc + OWN, sizeof(*args));
	const char *own[] = { cc,
			      "-fsanitize=thread",
			      "-g",
			      "-fPIC",
			      "-shared",
			      "-nostdlib",
			      "-fno-builtin",
			      "-Wl,-Bsymbolic",
			      headers(),
			      "-I" QINVAL_SOURCE "/include" };
	static const char *const clang[] = { "-mllvm", "-tsan-instrument-read-before-write=1" };
	size_t n = sizeof(own) / sizeof(*own);

	if (argc < 2 || !strcmp(argv[1], "--help")) {
		fputs(usage, argc < 2 ? stderr : stdout);
		return argc < 2 ? EXIT_UNUSABLE : EXIT_FINE;
	}
	if (args) {
		memcpy(args, own, sizeof(own));
		if (is_clang(cc)) {
			memcpy(args + n, clang, sizeof(clang));
			n += sizeof(clang) / sizeof(*clang);
		}
		memcpy(args + n, argv + 1, (size_t)argc * sizeof(*argv));
		execvp(cc, args);
	}
	fprintf(stderr, "qinval cc: %s: %s\n", cc, strerror(errno));
	return EXIT_UNUSABLE;
}
