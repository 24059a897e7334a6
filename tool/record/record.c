/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* record.c - the subcommand: records the kernel's events of the queue in a trace.dat file. */
#include "live/dat_write.h"
#include "live/probes.h"
#include "live/source.h"
#include "live/stop.h"
#include "live/tracing.h"

#include "tool/option.h"
#include "tool/tool.h"

#include <argp.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libgen.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define POLL_MS 50
#define NOT_FOUND 127 /* exit status, as of a shell, if a command cannot be started */

struct arguments {
	const char *output;
	char **command; /* NULL: record until ctrl-C */
	bool tracepoint;
};

struct recorder {
	struct probes probes;
	int output;
	bool created; /* the output file did not exist before */
	unsigned cpus;
	int *raw;   /* per CPU: the kernel's pages; -1: none */
	int *pages; /* per CPU: pages read so far, in unnamed files */
	char *page;
	size_t page_size;
	uint64_t bytes;
	char error[SOURCE_ERROR];
};

/* ---- command line ---- */

enum { OPT_BY = 256 };

static const struct argp_option options[] = {
	{ "output", 'o', "FILE", 0, "write the events there (trace.dat)", 0 },
	{ "by", OPT_BY, "SOURCE", 0,
	  "with kprobes, or by the tracepoint alone, without completions (kprobes, if the kernel "
	  "allows them)",
	  0 },
	{ 0 }
};

static const struct option_place places[] = {
	{ 'o', OPTION_TEXT, offsetof(struct arguments, output), 0, 0 }, { 0 }
};

static error_t parse_option(int key, char *text, struct argp_state *state)
{
	struct arguments *a = state->input;

	switch (key) {
	case OPT_BY:
		a->tracepoint = !strcmp(text, "tracepoint");
		if (!a->tracepoint && strcmp(text, "kprobes"))
			argp_failure(state, EXIT_UNUSABLE, 0,
				     "--by %s: there are kprobes and tracepoint", text);
		break;
	case ARGP_KEY_ARG:
		/* The rest of the arguments belongs to the command, including its options. */
		a->command = state->argv + state->next - 1;
		state->next = state->argc;
		break;
	default:
		return option_store(places, options, key, text, state);
	}
	return 0;
}

const struct argp record_argp = {
	options,
	parse_option,
	"[COMMAND [ARGUMENT...]]",
	"Record what is submitted to the invalidation queues of this machine, and when each call "
	"has "
	"returned, until COMMAND ends, or without one until ctrl-C.\vThe file is for qinval top "
	"--input, qinval replay, qinval decode and trace-cmd report. This takes root, and a kernel "
	"with CONFIG_INTEL_IOMMU. Exit status: 0 recorded, whatever COMMAND's was; 1 bad usage, "
	"not "
	"recorded, or events lost on the way to the file.",
	NULL,
	NULL,
	NULL
};

/* ---- the kernel's pages ---- */

__attribute__((format(printf, 2, 3))) static bool cannot(struct recorder *r, const char *format,
							 ...)
{
	int err = errno;
	va_list ap;
	int n;

	va_start(ap, format);
	n = vsnprintf(r->error, sizeof(r->error), format, ap);
	va_end(ap);
	snprintf(r->error + n, sizeof(r->error) - n, ": %s", strerror(err));
	return false;
}

/* In the output's directory, as that needs the same room anyway. */
static int nameless_file(const char *beside)
{
	char path[PATH_MAX], copy[PATH_MAX];
	int fd;

	snprintf(copy, sizeof(copy), "%s", beside);
	snprintf(path, sizeof(path), "%s/.qinval-XXXXXX", dirname(copy));
	fd = mkostemp(path, O_CLOEXEC);
	if (fd >= 0)
		unlink(path);
	return fd;
}

static int open_raw(const struct recorder *r, unsigned cpu)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/instances/%s/per_cpu/cpu%u/trace_pipe_raw",
		 tracing_directory(), r->probes.instance, cpu);
	return open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
}

static bool open_files(struct recorder *r, const char *output)
{
	r->cpus = sysconf(_SC_NPROCESSORS_CONF);
	r->page_size = sysconf(_SC_PAGESIZE);
	r->raw = malloc(r->cpus * sizeof(*r->raw));
	r->pages = malloc(r->cpus * sizeof(*r->pages));
	r->page = malloc(r->page_size);
	if (!r->raw || !r->pages || !r->page)
		return cannot(r, "starting");
	for (unsigned i = 0; i < r->cpus; i++) {
		r->raw[i] = open_raw(r, i);
		if (r->raw[i] < 0 && errno != ENOENT)
			return cannot(r, "reading the events of CPU %u", i);
		r->pages[i] = nameless_file(output);
		if (r->pages[i] < 0)
			return cannot(r, "writing beside %s", output);
	}
	return true;
}

/* Read all that is there now. The last page of each CPU may be partly filled. */
static bool drain(struct recorder *r)
{
	ssize_t n;

	for (unsigned i = 0; i < r->cpus; i++) {
		if (r->raw[i] < 0)
			continue;
		while ((n = read(r->raw[i], r->page, r->page_size)) > 0) {
			if (write(r->pages[i], r->page, n) != n)
				return cannot(r, "writing events");
			r->bytes += n;
		}
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return cannot(r, "reading the events of CPU %u", i);
	}
	return true;
}

/* ---- lost events ---- */

static uint64_t number_after(const char *text, const char *name)
{
	const char *s = text ? strstr(text, name) : NULL;

	return s ? strtoull(s + strlen(name), NULL, 10) : 0;
}

static uint64_t lost(const struct recorder *r)
{
	uint64_t sum = probes_missed(&r->probes);
	char file[PATH_MAX], *text;

	for (unsigned i = 0; i < r->cpus; i++) {
		snprintf(file, sizeof(file), "instances/%s/per_cpu/cpu%u/stats", r->probes.instance,
			 i);
		text = tracing_read(file);
		sum += number_after(text, "\noverrun: ") + number_after(text, "dropped events: ");
		free(text);
	}
	return sum;
}

/* ---- the command ---- */

static pid_t start_command(char **command)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	signal(SIGPIPE, SIG_DFL);
	execvp(*command, command);
	fprintf(stderr, "qinval record: %s: %s\n", *command, strerror(errno));
	_exit(NOT_FOUND);
}

static void tell_status(const char *name, int status)
{
	if (WIFSIGNALED(status))
		fprintf(stderr, "qinval record: %s was ended by signal %d\n", name,
			WTERMSIG(status));
	else if (WEXITSTATUS(status) && WEXITSTATUS(status) != NOT_FOUND)
		fprintf(stderr, "qinval record: %s ended with status %d\n", name,
			WEXITSTATUS(status));
}

/* Record until the command has ended. A signal is passed on to the command. */
static bool record(struct recorder *r, char **command)
{
	const struct timespec wait = { .tv_nsec = POLL_MS * 1000000L };
	pid_t pid = command ? start_command(command) : 0;
	int status = 0;

	if (pid < 0)
		return cannot(r, "starting %s", *command);
	while (drain(r)) {
		if (pid && waitpid(pid, &status, WNOHANG) == pid) {
			tell_status(*command, status);
			return true;
		}
		if (stop_wanted()) {
			if (pid)
				kill(pid, SIGTERM);
			if (!pid || waitpid(pid, &status, 0) == pid)
				return true;
		}
		nanosleep(&wait, NULL);
	}
	return false;
}

/* ---- the whole recording ---- */

static bool start(struct recorder *r, const struct arguments *a)
{
	char why[SOURCE_ERROR];

	if (a->tracepoint)
		return probes_start(&r->probes, false, r->error);
	if (probes_start(&r->probes, true, r->error))
		return true;
	if (!probes_start(&r->probes, false, why))
		return false;
	fprintf(stderr, "qinval record: %s; so by the tracepoint alone, without completions\n",
		r->error);
	*r->error = '\0';
	return true;
}

static bool write_file(struct recorder *r, const char *output)
{
	const struct dat_event events[] = {
		{ "intel_iommu", "qi_submit" },
		{ r->probes.calls ? r->probes.group : NULL, PROBES_ENTER },
		{ r->probes.group, PROBES_LEAVE },
		{ NULL, NULL },
	};

	/* A file that is not a regular file has no old contents. */
	if (ftruncate(r->output, 0) && errno != EINVAL)
		return cannot(r, "%s", output);
	return dat_write(r->output, events, r->pages, r->cpus) ? true : cannot(r, "%s", output);
}

static void close_files(struct recorder *r)
{
	for (unsigned i = 0; r->raw && r->pages && i < r->cpus; i++) {
		if (r->raw[i] >= 0)
			close(r->raw[i]);
		close(r->pages[i]);
	}
	free(r->raw);
	free(r->pages);
	free(r->page);
}

/*
 * Report an output that cannot be opened before doing anything. The old contents of a file are kept
 * until there is something to write.
 */
static bool open_output(struct recorder *r, const char *output)
{
	r->output = open(output, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	r->created = r->output >= 0;
	if (!r->created)
		r->output = open(output, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	return r->output >= 0 ? true : cannot(r, "%s", output);
}

static bool run(struct recorder *r, const struct arguments *a, uint64_t *missing)
{
	bool good;

	if (!start(r, a))
		return false;
	good = open_files(r, a->output) && record(r, a->command);
	probes_stop(&r->probes);
	/* Even after a failure, keep what was recorded. */
	good = r->raw && r->pages && drain(r) && good;
	*missing = lost(r);
	good = write_file(r, a->output) && good;
	close_files(r);
	probes_remove(&r->probes);
	return good;
}

int record_main(int argc, char **argv)
{
	struct arguments a = { .output = "trace.dat" };
	static struct recorder r;
	uint64_t missing = 0;

	argp_parse(&record_argp, argc, argv, ARGP_IN_ORDER, NULL, &a);
	stop_on_signals();
	if (!open_output(&r, a.output) || !run(&r, &a, &missing)) {
		fprintf(stderr, "%s: %s\n", argv[0], r.error);
		if (r.created && !r.bytes)
			unlink(a.output);
		return EXIT_UNUSABLE;
	}
	fprintf(stderr, "qinval record: %s: %" PRIu64 " KiB of events%s; %" PRIu64 " lost\n",
		a.output, r.bytes / 1024, r.probes.calls ? "" : ", without completions", missing);
	return missing ? EXIT_UNUSABLE : EXIT_FINE;
}
