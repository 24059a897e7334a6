/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* decode.c - the subcommand: options, raw words or a file, exit codes. */
#include "decode/decode.h"
#include "tool.h"

#include <argp.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define WORDS_MAX 1024

struct arguments {
	const char *path;
	uint64_t word[WORDS_MAX];
	unsigned words;
	bool json;
	unsigned width;
	bool has_cap, has_ecap;
	uint64_t cap, ecap;
};

enum { OPT_WIDTH = 256, OPT_CAP, OPT_ECAP, OPT_JSON };

static const struct argp_option options[] = {
	{ "width", OPT_WIDTH, "BITS", 0, "descriptors have 128 or 256 bits", 0 },
	{ "cap", OPT_CAP, "HEX", 0, "the unit's CAP register, to judge descriptors by", 0 },
	{ "ecap", OPT_ECAP, "HEX", 0, "its ECAP register", 0 },
	{ "json", OPT_JSON, NULL, 0, "print one JSON object instead of text", 0 },
	{ 0 }
};

/* Hexadecimal, with or without 0x. */
static bool word(const char *text, uint64_t *value)
{
	const char *digits = text + 2 * (text[0] == '0' && (text[1] == 'x' || text[1] == 'X'));
	const size_t n = strspn(digits, "0123456789abcdefABCDEF");

	*value = strtoull(digits, NULL, 16);
	return n && n <= 16 && !digits[n];
}

static uint64_t option_word(struct argp_state *state, const char *name, const char *text)
{
	uint64_t value;

	if (!word(text, &value))
		argp_failure(state, EXIT_UNUSABLE, 0,
			     "--%s %s: expected a hexadecimal number of at most 16 digits", name,
			     text);
	return value;
}

/* What stands between words that were copied from a log. */
static const char *bare(const char *text, char *to, size_t room)
{
	static const char *const names[] = { "qw0", "qw1", "qw2", "qw3", "low", "high" };

	for (unsigned i = 0; i < sizeof(names) / sizeof(*names); i++) {
		const size_t n = strlen(names[i]);

		if (!strncmp(text, names[i], n) && (text[n] == '=' || !text[n]))
			text += n;
	}
	text += *text == '=';
	snprintf(to, room, "%s", text);
	if (*to && strchr(",;", to[strlen(to) - 1]))
		to[strlen(to) - 1] = '\0';
	return to;
}

static void argument(struct argp_state *state, struct arguments *a, const char *given)
{
	char room[200];
	const char *text = access(given, F_OK) ? bare(given, room, sizeof(room)) : given;
	uint64_t value;

	if (!*text && *given)
		return;
	/* Without 0x it is a word too, unless there is a file of that name. */
	if (word(text, &value) && (!strncasecmp(text, "0x", 2) || access(text, F_OK))) {
		if (a->words == WORDS_MAX)
			argp_failure(state, EXIT_UNUSABLE, 0,
				     "at most %d words; put more into a file", WORDS_MAX);
		a->word[a->words++] = value;
	} else if (!strncasecmp(text, "0x", 2)) {
		argp_failure(state, EXIT_UNUSABLE, 0,
			     "%s: expected a hexadecimal number of at most 16 digits", text);
	} else if (a->path) {
		argp_failure(state, EXIT_UNUSABLE, 0, "%s: one file at a time", text);
	} else {
		a->path = given;
	}
	if (a->path && a->words)
		argp_failure(state, EXIT_UNUSABLE, 0, "%s: a file or raw words, not both", text);
}

static error_t parse_option(int key, char *text, struct argp_state *state)
{
	struct arguments *a = state->input;

	switch (key) {
	case OPT_WIDTH:
		if (strcmp(text, "128") && strcmp(text, "256"))
			argp_failure(state, EXIT_UNUSABLE, 0,
				     "--width %s: descriptors have 128 or 256 bits", text);
		a->width = (unsigned)atoi(text);
		break;
	case OPT_CAP:
		a->cap = option_word(state, "cap", text);
		a->has_cap = true;
		break;
	case OPT_ECAP:
		a->ecap = option_word(state, "ecap", text);
		a->has_ecap = true;
		break;
	case OPT_JSON:
		a->json = true;
		break;
	case ARGP_KEY_ARG:
		argument(state, a, text);
		break;
	case ARGP_KEY_END:
		if (!a->path && !a->words)
			a->path = "-";
		if (a->has_cap != a->has_ecap)
			argp_failure(
				state, EXIT_UNUSABLE, 0,
				"--cap and --ecap go together: the kernel prints both in one line");
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static const struct argp parser = {
	options,
	parse_option,
	"[FILE|-]\nWORD...",
	"Recognise what FILE, or standard input, has of VT-d invalidation queues, decode every "
	"word "
	"of it, and say what is wrong, how certain that is, and what to look at next."
	"\vFILE is whatever somebody pasted: logs of Linux, Xen, QEMU, FreeBSD or ESXi, debugfs "
	"files "
	"of intel_iommu, its traces, ACPI DMAR tables; mixed, quoted, wrapped or cut; as it is or "
	"compressed with gzip, xz or zstd. WORDs are the raw words of descriptors, hexadecimal. "
	"Exit status: 0 nothing wrong was found; 1 bad usage or unreadable input; 2 a problem was "
	"found.",
	NULL,
	NULL,
	NULL
};

static time_t started;
static bool shown;

static void show_progress(uint64_t bytes)
{
	if (time(NULL) < started + 2)
		return;
	fprintf(stderr, "\r%" PRIu64 " MiB ", bytes >> 20);
	shown = true;
}

/* The capabilities of the command line are those of every unit. */
static void give_facts(struct decode *d, const struct arguments *a)
{
	struct decode_facts *f = decode_facts(d);
	struct decode_unit *u;

	f->width = a->width;
	if (!a->has_cap)
		return;
	u = decode_unit(d, "", 0);
	u->cap = a->cap;
	u->ecap = a->ecap;
	u->has_caps = u->given = true;
}

/* The input ends here, so that what was found in it is told. The next signal ends the program. */
static void end_input(int signal)
{
	const int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC), error = errno;

	(void)signal;
	if (nothing < 0)
		_exit(EXIT_UNUSABLE);
	dup2(nothing, STDIN_FILENO);
	close(nothing);
	errno = error;
}

/* Of `dmesg -w | qinval decode -` there is no other end than ctrl-C. */
static void end_at_interrupt(void)
{
	const struct sigaction end = { .sa_handler = end_input, .sa_flags = (int)SA_RESETHAND };
	struct stat st;

	if (!fstat(STDIN_FILENO, &st) && !S_ISREG(st.st_mode))
		sigaction(SIGINT, &end, NULL);
}

static bool run(struct decode *d, const struct arguments *a)
{
	if (!a->words)
		return decode_file(d, a->path);
	decode_words(d, a->word, a->words);
	return true;
}

int decode_main(int argc, char **argv)
{
	static struct arguments a;
	struct decode *d;
	bool ok, problem;

	argp_parse(&parser, argc, argv, 0, NULL, &a);
	if (a.path && !strcmp(a.path, "-") && isatty(STDIN_FILENO))
		fprintf(stderr, "%s: reading standard input; paste, and end with ctrl-D\n",
			argv[0]);
	if (a.path && !strcmp(a.path, "-"))
		end_at_interrupt();
	d = decode_new(a.json ? &decode_json : &decode_text, stdout);
	give_facts(d, &a);
	if (isatty(STDERR_FILENO) && a.path)
		decode_progress(d, show_progress);
	started = time(NULL);
	ok = run(d, &a);
	if (shown)
		fputc('\n', stderr);
	problem = decode_end(d);
	if (!ok)
		fprintf(stderr, "%s: %s\n", argv[0], decode_error(d));
	decode_free(d);
	if (fflush(stdout) || ferror(stdout)) {
		fprintf(stderr, "%s: cannot write the report: %s\n", argv[0], strerror(errno));
		return EXIT_UNUSABLE;
	}
	return !ok ? EXIT_UNUSABLE : problem ? EXIT_VIOLATION : EXIT_FINE;
}
