/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* cc.c - the subcommand: calls the compiler with the options that a scenario for the lab needs. */
#include "install/own.h"
#include "tool/tool.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define CC_WORDS 8
#define OWN (CC_WORDS + 17) /* ours, and the terminating NULL */

static const char usage[] = "Usage: qinval cc [ARGUMENT...]\n"
			    "Compile a scenario and its driver into a shared object for `qinval "
			    "explore`: run $CC, or cc,\n"
			    "with -fsanitize=thread -g -fPIC -shared -nostdlib -fno-builtin "
			    "-fstack-clash-protection -fno-stack-protector, the\n"
			    "headers' directories, ARGUMENTs, and -lgcc.\n\n"
			    "  qinval cc -O2 -o mine.so mine.c && qinval explore ./mine.so\n";

/*
 * No runtime of the sanitizer, as the lab replaces it. No builtins, as compilers turn memcpy() into
 * accesses that they do not report. Stack overflows must be noticed. No stack protector, as its
 * random numbers would make states differ between the processes of --mpi.
 */

/* The include options: two directories of the source tree, or the installed ones. */
static void find_headers(char *lab, char *core, size_t size)
{
	const char *source = own_source();

	snprintf(lab, size, "-I%s", source ? source : own_headers());
	snprintf(core, size, "-I%s%s", source ? source : own_headers(), source ? "/include" : "");
}

/*
 * Without this option clang does not report a read that is followed by a write of the same word, as
 * in x++; then no other CPU could come in between.
 */
static bool is_clang(const char *cc)
{
	char command[256], line[256];
	bool found = false;
	FILE *version;

	if ((size_t)snprintf(command, sizeof(command), "%s --version 2>/dev/null", cc) >=
	    sizeof(command))
		return false;
	version = popen(command, "r");
	while (version && fgets(line, sizeof(line), version))
		found |= strstr(line, "clang") != NULL;
	if (version)
		pclose(version);
	return found;
}

/* Split $CC, which may be "ccache gcc". Returns the number of words, at most `room`. */
static size_t words_of(char *cc, char **word, size_t room)
{
	char *at, *save = NULL;
	size_t n = 0;

	for (at = strtok_r(cc, " \t", &save); at && n < room; at = strtok_r(NULL, " \t", &save))
		word[n++] = at;
	return n;
}

static void add(char **args, size_t *n, const char *const *more, size_t nmore)
{
	memcpy(args + *n, more, nmore * sizeof(*more));
	*n += nmore;
}

/* The compiler's messages repeat its arguments, so these must be printable. */
static bool printable_arguments(char **argv)
{
	for (; *argv; argv++)
		for (const char *s = *argv; *s; s++)
			if (iscntrl((unsigned char)*s))
				return false;
	return true;
}

#define BROKEN 4 /* compilers exit with this or more if they fail themselves */

/* Run the compiler. Returns the exit code. */
static int run(const char *cc, char **args)
{
	pid_t child = fork();
	int status;

	if (!child) {
		execvp(args[0], args);
		fprintf(stderr, "qinval cc: %s: %s\n", cc, strerror(errno));
		_exit(EXIT_UNUSABLE);
	}
	if (child < 0 || waitpid(child, &status, 0) < 0) {
		fprintf(stderr, "qinval cc: %s: %s\n", cc, strerror(errno));
		return EXIT_UNUSABLE;
	}
	if (WIFEXITED(status) && WEXITSTATUS(status) < BROKEN)
		return WEXITSTATUS(status);
	fprintf(stderr,
		"qinval cc: %s itself has failed, perhaps at what -fsanitize=thread adds. Try "
		"another one (CC=clang, CC=gcc), another -O, or keep the function where it fails "
		"from being observed, if it touches nothing that others use: "
		"__attribute__((no_sanitize(\"thread\")))\n",
		cc);
	return EXIT_UNUSABLE;
}

int cc_main(int argc, char **argv)
{
	const char *cc = getenv("CC") && *getenv("CC") ? getenv("CC") : "cc";
	char lab[PATH_MAX], core[PATH_MAX];
	char **args = calloc((size_t)argc + OWN, sizeof(*args)), *copy = strdup(cc);
	const char *const own[] = { "-fsanitize=thread",
				    "-g",
				    "-fPIC",
				    "-shared",
				    "-nostdlib",
				    "-fno-builtin",
				    "-fstack-clash-protection",
				    "-fno-stack-protector",
				    "-Wl,-Bsymbolic",
				    lab,
				    core };
	static const char *const clang[] = { "-mllvm", "-tsan-instrument-read-before-write=1" };
	/*
	 * No warnings of fences, which gcc's own runtime does not support. The exit status must
	 * tell whether the code is wrong or the compiler has failed.
	 */
	static const char *const gcc[] = { "-Wno-tsan", "-pass-exit-codes" };
	static const char *const last[] = { "-lgcc" };
	int code = EXIT_UNUSABLE;
	size_t n;

	if (argc < 2 || !strcmp(argv[1], "--help")) {
		fputs(usage, argc < 2 ? stderr : stdout);
		return argc < 2 ? EXIT_UNUSABLE : EXIT_FINE;
	}
	if (!printable_arguments(argv)) {
		fputs("qinval cc: an argument with a control character\n", stderr);
		return EXIT_UNUSABLE;
	}
	find_headers(lab, core, sizeof(lab));
	if (args && copy) {
		n = words_of(copy, args, CC_WORDS);
		add(args, &n, own, sizeof(own) / sizeof(*own));
		if (is_clang(cc))
			add(args, &n, clang, sizeof(clang) / sizeof(*clang));
		else
			add(args, &n, gcc, sizeof(gcc) / sizeof(*gcc));
		add(args, &n, (const char *const *)argv + 1, (size_t)argc - 1);
		add(args, &n, last, sizeof(last) / sizeof(*last));
		code = run(cc, args);
	} else {
		fprintf(stderr, "qinval cc: %s\n", strerror(errno));
	}
	free(args);
	free(copy);
	return code;
}
