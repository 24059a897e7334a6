/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* decode.c - the subcommand: options, words or a file, exit codes. */
#include "decode/decode.h"
#include "tool/option.h"
#include "tool/tool.h"

#include <argp.h>
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define WORDS_MAX 1024
#define FILES_MAX 1024
#define DEPTH_MAX 6 /* depth of nested directories */

struct arguments {
	const char *path[FILES_MAX];
	unsigned paths;
	uint64_t word[WORDS_MAX];
	unsigned words;
	bool json, brief, blocks;
	const char *html;
	unsigned width;
	bool has_cap, has_ecap;
	uint64_t cap, ecap;
};

enum { OPT_WIDTH = 256, OPT_CAP, OPT_ECAP, OPT_JSON, OPT_BRIEF, OPT_BLOCKS, OPT_HTML };

static const struct argp_option options[] = {
	{ "width", OPT_WIDTH, "BITS", 0, "descriptors have 128 or 256 bits", 0 },
	{ "cap", OPT_CAP, "HEX", 0, "the unit's CAP register, to judge descriptors by", 0 },
	{ "ecap", OPT_ECAP, "HEX", 0, "its ECAP register", 0 },
	{ "brief", OPT_BRIEF, NULL, 0, "the answer alone: what is wrong, which device, what to try",
	  0 },
	{ "blocks", OPT_BLOCKS, NULL, 0,
	  "every block by itself, where otherwise equal ones are gathered", 0 },
	{ "json", OPT_JSON, NULL, 0, "print one JSON object instead of text", 0 },
	{ "html", OPT_HTML, "FILE", 0, "write a page, too, to be attached to a report", 0 },
	{ 0 }
};

/* Parse hexadecimal digits, with or without 0x. */
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

/* Remove characters around words that were copied from a log. */
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
	/* Without 0x it is a word, too, unless there is a file of this name. */
	if (word(text, &value) && (!strncasecmp(text, "0x", 2) || access(text, F_OK))) {
		if (a->words == WORDS_MAX)
			argp_failure(state, EXIT_UNUSABLE, 0,
				     "at most %d words; put more into a file", WORDS_MAX);
		a->word[a->words++] = value;
	} else if (!strncasecmp(text, "0x", 2)) {
		argp_failure(state, EXIT_UNUSABLE, 0,
			     "%s: expected a hexadecimal number of at most 16 digits", given);
	} else if (a->paths == FILES_MAX) {
		argp_failure(state, EXIT_UNUSABLE, 0, "at most %d files", FILES_MAX);
	} else {
		a->path[a->paths++] = given;
	}
	if (a->paths && a->words)
		argp_failure(state, EXIT_UNUSABLE, 0, "%s: a file or raw words, not both", given);
}

static const struct option_place places[] = {
	{ OPT_JSON, OPTION_FLAG, offsetof(struct arguments, json), 0, 0 },
	{ OPT_BRIEF, OPTION_FLAG, offsetof(struct arguments, brief), 0, 0 },
	{ OPT_BLOCKS, OPTION_FLAG, offsetof(struct arguments, blocks), 0, 0 },
	{ OPT_HTML, OPTION_TEXT, offsetof(struct arguments, html), 0, 0 },
	{ 0 }
};

static error_t parse_option(int key, char *text, struct argp_state *state)
{
	struct arguments *a = state->input;

	switch (key) {
	case OPT_WIDTH:
		a->width = option_width(state, text);
		break;
	case OPT_CAP:
		a->cap = option_word(state, "cap", text);
		a->has_cap = true;
		break;
	case OPT_ECAP:
		a->ecap = option_word(state, "ecap", text);
		a->has_ecap = true;
		break;
	case ARGP_KEY_ARG:
		argument(state, a, text);
		break;
	case ARGP_KEY_END:
		if (!a->paths && !a->words)
			a->path[a->paths++] = "-";
		if (a->brief && a->blocks)
			argp_failure(state, EXIT_UNUSABLE, 0, "--brief or --blocks, not both");
		if (a->has_cap != a->has_ecap)
			argp_failure(
				state, EXIT_UNUSABLE, 0,
				"--cap and --ecap go together: the kernel prints both in one line");
		break;
	default:
		return option_store(places, options, key, text, state);
	}
	return 0;
}

const struct argp decode_argp = {
	options,
	parse_option,
	"[FILE|DIRECTORY|-]...\nWORD...",
	"Recognise what is about VT-d in FILEs or in standard input, decode every word of it, and "
	"say what is wrong, with which device, how certain this is, and what to try next."
	"\vFILE may have logs of Linux, Xen, QEMU, FreeBSD or ESXi, debugfs "
	"files of intel_iommu, its traces, ACPI DMAR tables, `lspci -vv`, /proc/iomem; mixed, "
	"quoted, wrapped, cut or compressed. All files of a DIRECTORY are read. What one file says "
	"about the machine explains the errors in another. WORDs are the raw "
	"words of descriptors, hexadecimal. Exit status: 0 nothing wrong was found; 1 bad usage "
	"or unreadable input; 2 a problem was found; 3 nothing was recognised, or a value that "
	"decides is cut off.",
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

/* Capabilities on the command line apply to every unit. */
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

/* End the input, so that the findings so far are reported. The next signal ends the program. */
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

/* For `dmesg -w | qinval decode -`, which has no other end than ctrl-C. */
static void end_at_interrupt(void)
{
	const struct sigaction end = { .sa_handler = end_input, .sa_flags = (int)SA_RESETHAND };
	struct stat st;

	if (!fstat(STDIN_FILENO, &st) && !S_ISREG(st.st_mode))
		sigaction(SIGINT, &end, NULL);
}

/* ---- files ---- */

static int by_file_name(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

static bool by_name(const char *path)
{
	return strcmp(path, "-") && !access(path, F_OK);
}

/* Read a directory's files in the order of their names. Files that cannot be read are skipped. */
static bool read_directory(struct decode *d, const char *path)
{
	char *const roots[] = { (char *)path, NULL };
	FTS *tree = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, by_file_name);
	FTSENT *e;
	unsigned read = 0;

	while (tree && (e = fts_read(tree))) {
		if (e->fts_info == FTS_D && e->fts_level > DEPTH_MAX)
			fts_set(tree, e, FTS_SKIP);
		if (e->fts_info == FTS_F && read < FILES_MAX)
			read += decode_file(d, e->fts_path);
	}
	if (tree)
		fts_close(tree);
	if (!read)
		fprintf(stderr, "qinval decode: %s: no file in this directory can be read\n", path);
	return read;
}

static bool is_directory(const char *path)
{
	struct stat st;

	return by_name(path) && !stat(path, &st) && S_ISDIR(st.st_mode);
}

/* Every file is read, even if others fail. */
static bool run(struct decode *d, const struct arguments *a)
{
	bool ok = true;

	if (a->words)
		decode_words(d, a->word, a->words);
	for (unsigned i = 0; i < a->paths; i++) {
		if (is_directory(a->path[i]))
			ok &= read_directory(d, a->path[i]);
		else if (!decode_file(d, a->path[i])) {
			fprintf(stderr, "qinval decode: %s\n", decode_error(d));
			ok = false;
		}
	}
	return ok;
}

static bool standard_input(const struct arguments *a)
{
	for (unsigned i = 0; i < a->paths; i++)
		if (!strcmp(a->path[i], "-"))
			return true;
	return false;
}

/* Open the page for the same report. NULL: it cannot be written. */
static FILE *open_page(struct decode *d, const char *path)
{
	FILE *page = fopen(path, "w");

	if (page)
		decode_also(d, &decode_html, page);
	else
		fprintf(stderr, "qinval decode: %s: %s\n", path, strerror(errno));
	return page;
}

static struct report report_of(const struct arguments *a)
{
	struct report r = a->json ? decode_json : decode_text;
	const char *no_colour = getenv("NO_COLOR");

	r.brief = a->brief;
	r.colour = isatty(STDOUT_FILENO) && !(no_colour && *no_colour);
	return r;
}

static int exit_code(bool ok, enum decode_result result)
{
	if (!ok)
		return EXIT_UNUSABLE;
	return result == DECODE_PROBLEM	  ? EXIT_VIOLATION
	       : result == DECODE_UNCLEAR ? EXIT_INCONCLUSIVE
					  : EXIT_FINE;
}

int decode_main(int argc, char **argv)
{
	static struct arguments a;
	struct report r;
	struct decode *d;
	enum decode_result result;
	FILE *page = NULL;
	bool ok;

	argp_parse(&decode_argp, argc, argv, 0, NULL, &a);
	if (standard_input(&a) && isatty(STDIN_FILENO))
		fprintf(stderr, "%s: reading standard input; paste, and end with ctrl-D\n",
			argv[0]);
	if (standard_input(&a))
		end_at_interrupt();
	r = report_of(&a);
	d = decode_new(&r, stdout);
	if (a.html && !(page = open_page(d, a.html)))
		return EXIT_UNUSABLE;
	if (a.blocks)
		decode_all_blocks(d);
	give_facts(d, &a);
	if (isatty(STDERR_FILENO) && a.paths)
		decode_progress(d, show_progress);
	started = time(NULL);
	ok = run(d, &a);
	if (shown)
		fputc('\n', stderr);
	result = decode_end(d);
	decode_free(d);
	if (page && (ferror(page) | fclose(page))) {
		fprintf(stderr, "qinval decode: %s: cannot be written: %s\n", a.html,
			strerror(errno));
		return EXIT_UNUSABLE;
	}
	if (fflush(stdout) || ferror(stdout)) {
		fprintf(stderr, "%s: cannot write the report: %s\n", argv[0], strerror(errno));
		return EXIT_UNUSABLE;
	}
	return exit_code(ok, result);
}
