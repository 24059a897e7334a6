/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "mpi.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "install/own.h"

#define WORDS 40

static struct told told;

/* ---- starting the ranks ---- */

/*
 * Ranks are bound to no core, and yield while they wait, as others may use the machine. Shared
 * memory between ranks gains nothing for small batches, and containers forbid it. A host that is
 * cut off is noticed after half a minute instead of eight.
 */
static const char *const settings[] = {
	"--bind-to",
	"none",
	"--mca",
	"mpi_yield_when_idle",
	"1",
	"--mca",
	"btl_vader_single_copy_mechanism",
	"none",
	"--mca",
	"oob_tcp_keepalive_time",
	"10",
	"--mca",
	"oob_tcp_keepalive_intvl",
	"5",
	"--mca",
	"oob_tcp_keepalive_probes",
	"4",
};

/* Tests use rank programs of their own. */
static const char *rank_program(void)
{
	const char *named = getenv("QINVAL_RANK");

	return named ? named : own_rank();
}

static void command(const struct mpi_job *job, const struct told_arguments *a,
		    const char *word[WORDS])
{
	static char ranks[16];
	unsigned n = 0, i;

	snprintf(ranks, sizeof(ranks), "%u", job->ranks);
	word[n++] = "mpirun";
	word[n++] = "-np";
	word[n++] = ranks;
	if (job->hosts) {
		word[n++] = "--hostfile";
		word[n++] = job->hosts;
	}
	for (i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
		word[n++] = settings[i];
	word[n++] = rank_program();
	told_words(a, word + n);
	n += TOLD_ARGUMENTS;
	word[n] = NULL;
}

/*
 * In the child: mpirun gets a process group of its own, so that this process passes ctrl-C on. It
 * ends when this process ends.
 */
static void be_mpirun(const char *const *word, int out)
{
	int nothing = open("/dev/null", O_RDONLY);

	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	signal(SIGINT, SIG_DFL);
	dup2(nothing, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	execvp(word[0], (char *const *)(uintptr_t)word);
	fprintf(stderr, "qinval explore: mpirun: %s; install Open MPI (openmpi-bin)\n",
		strerror(errno));
	_exit(127);
}

static pid_t start(const char *const *word, int *from)
{
	int ends[2];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC))
		return -1;
	fflush(NULL);
	pid = fork();
	if (!pid)
		be_mpirun(word, ends[1]);
	close(ends[1]);
	*from = ends[0];
	return pid;
}

/* ---- reading their output ---- */

static void show(const struct rank_told *t, unsigned ranks)
{
	char again[32] = "";

	if (t->restarts)
		snprintf(again, sizeof(again), "start %u: ", t->restarts + 1);
	fprintf(stderr,
		"\rexplore: %s%llu states, frontier %llu, depth %u, %llu MiB, %u ranks\033[K",
		again, (unsigned long long)t->states, (unsigned long long)t->frontier, t->depth,
		(unsigned long long)t->bytes >> 20, ranks);
}

/* Handle complete lines. Returns the number of bytes that are left over. */
static size_t hear(char *text, size_t n)
{
	char *line = text, *end;

	while ((end = memchr(line, '\n', n - (size_t)(line - text)))) {
		*end = 0;
		told_hear(&told, line);
		line = end + 1;
	}
	n -= (size_t)(line - text);
	memmove(text, line, n);
	return n;
}

/* Read all output. On ctrl-C mpirun gets a signal, which it passes on to the ranks. */
static void listen(int from, pid_t pid, const struct explore_limits *l, unsigned ranks)
{
	size_t room = 1 << 16, n = 0;
	char *text = malloc(room), *more;
	bool passed_on = false;
	ssize_t got = 1;

	while (text && got > 0) {
		struct pollfd p = { .fd = from, .events = POLLIN };

		if (explore_is_interrupted(l) && !passed_on)
			passed_on = !kill(pid, SIGUSR1);
		if (poll(&p, 1, 200) <= 0)
			continue;
		got = read(from, text + n, room - n);
		if (got > 0)
			n = hear(text, n + (size_t)got);
		if (n == room) {
			more = realloc(text, room *= 2);
			if (!more)
				break;
			text = more;
		}
		if (l->progress && told.at.states)
			show(&told.at, ranks);
	}
	if (l->progress && told.at.states)
		fprintf(stderr, "\r\033[K");
	free(text);
}

/* Note the last known progress of a job that has ended too early. */
static void note_coverage(struct explore_result *r)
{
	const struct rank_told *t = &told.at;

	*r = (struct explore_result){ .verdict = INCONCLUSIVE,
				      .bound = "lost ranks",
				      .states = t->states,
				      .transitions = t->transitions,
				      .frontier = t->frontier,
				      .bytes = t->bytes,
				      .on_disk = t->on_disk,
				      .depth = t->depth,
				      .restarts = t->restarts };
}

/* Open MPI's own message is long, and does not mention containers and CI. */
static const char *why_not_as_root(void)
{
	if (geteuid() ||
	    (getenv("OMPI_ALLOW_RUN_AS_ROOT") && getenv("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM")))
		return NULL;
	return "Open MPI does not run as root by default: use another account, or, in "
	       "a "
	       "container of your own, set OMPI_ALLOW_RUN_AS_ROOT=1 and "
	       "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1";
}

const char *mpi_explore(const struct mpi_job *job, const struct told_arguments *a,
			const struct explore_limits *limits, struct rank_result *r)
{
	const char *word[WORDS], *why = why_not_as_root();
	int from, status = 0;
	bool ended;
	pid_t pid;

	if (!why && access(rank_program(), X_OK))
		why = "this program was built without Open MPI; install libopenmpi-dev and "
		      "openmpi-bin, "
		      "and build it again";
	if (why)
		return why;
	command(job, a, word);
	pid = start(word, &from);
	if (pid < 0)
		return strerror(errno);
	listen(from, pid, limits, job->ranks);
	close(from);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	ended = WIFEXITED(status) && !WEXITSTATUS(status) && told.end;
	*r = told.result;
	/*
	 * A counterexample can be replayed, so it counts even if the job ended early. A result
	 * without one counts only if all ranks have finished.
	 */
	if (told_is_complete(&told) && (ended || r->all.verdict == VIOLATED))
		return r->all.verdict == VIOLATED ? script_parse(told.steps, &r->run) : NULL;
	if (!told.begun)
		return "mpirun could not run it: see above";
	note_coverage(&r->all);
	r->ranks = job->ranks;
	return NULL;
}
