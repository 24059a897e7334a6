/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "process.h"
#include "waiting.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/*
 * How long a process may take to end after its connection is lost, and how often this is checked.
 */
#define END_NS 10000000000ULL
#define LOOK_NS 2000000

/* ---- the end of the process ---- */

void process_init(struct process *p)
{
	memset(p, 0, sizeof(*p));
	p->words = -1;
	p->life = -1;
}

/*
 * The process has ended, or is being killed: end all processes in its group, too. Do this before
 * waitpid(), as another process may get the same number afterwards.
 */
static void reap(struct process *p)
{
	kill(-p->pid, SIGKILL);
	while (waitpid(p->pid, &p->status, 0) < 0 && errno == EINTR)
		;
	p->pid = 0;
}

bool process_ended(struct process *p)
{
	siginfo_t info = { .si_pid = 0 };

	if (p->pid && !waitid(P_PID, p->pid, &info, WEXITED | WNOHANG | WNOWAIT) && info.si_pid)
		reap(p);
	return !p->pid;
}

/* The last line that it has printed, without the program's name in front. */
static const char *last_words(struct process *p, char *buf, size_t size)
{
	off_t end = lseek(p->words, 0, SEEK_END);
	ssize_t n =
		pread(p->words, buf, size - 1, end > (off_t)size - 1 ? end - (off_t)size + 1 : 0);
	char *line;

	buf[n > 0 ? n : 0] = '\0';
	while (n > 0 && buf[n - 1] == '\n')
		buf[--n] = '\0';
	line = strrchr(buf, '\n');
	line = line ? line + 1 : buf;
	for (char *c = line; *c; c++)
		if ((unsigned char)*c < ' ')
			*c = '?';
	if (!strncmp(line, p->name, strlen(p->name)) && !strncmp(line + strlen(p->name), ": ", 2))
		line += strlen(p->name) + 2;
	return line;
}

void process_end(struct process *p, char *how, size_t size)
{
	uint64_t until = waiting_now() + END_NS;
	const struct timespec look = { 0, LOOK_NS };
	char buf[400];
	const char *words;
	bool ended;
	int n;

	while (!(ended = process_ended(p)) && waiting_now() < until)
		nanosleep(&look, NULL);
	if (!ended)
		n = snprintf(how, size, "%s has closed the connection", p->name);
	else if (WIFSIGNALED(p->status))
		n = snprintf(how, size, "%s was ended by signal %d (%s)", p->name,
			     WTERMSIG(p->status), strsignal(WTERMSIG(p->status)));
	else
		n = snprintf(how, size, "%s has ended with exit status %d", p->name,
			     WEXITSTATUS(p->status));
	words = last_words(p, buf, sizeof(buf));
	if (*words && n > 0 && (size_t)n < size)
		snprintf(how + n, size - n, ": %s", words);
}

void process_kill(struct process *p)
{
	if (p->pid)
		reap(p);
	if (p->words >= 0)
		close(p->words);
	if (p->life >= 0)
		close(p->life);
	p->words = p->life = -1;
}

/* ---- the start of the process ---- */

/*
 * Wait until this process ends, and then end the group. The signal on the parent's death reaches
 * QEMU only, and not a QEMU that was started by a script in its place.
 */
static void guard(int life)
{
	char byte;

	if (_Fork() != 0)
		return;
	dup2(life, 0);
	close_range(1, ~0U, 0);
	while (read(0, &byte, 1) < 0 && errno == EINTR)
		;
	kill(0, SIGKILL);
}

/*
 * Runs in the child, and calls only what is allowed between fork() and exec(). Returns only if it
 * fails.
 */
static void become(const struct process *p, const char *const *argv, const int *files, int life,
		   pid_t parent)
{
	int null = open("/dev/null", O_RDONLY);

	/*
	 * The parent handles a terminal's interrupt, and decides whether QEMU ends. The group also
	 * contains what a script in QEMU's place starts.
	 */
	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	guard(life);
	dup2(null, STDIN_FILENO);
	dup2(p->words, STDOUT_FILENO);
	dup2(p->words, STDERR_FILENO);
	for (; *files >= 0; files++)
		fcntl(*files, F_SETFD, 0);
	execvp(argv[0], (char *const *)argv);
}

static bool spawn(struct process *p, const char *const *argv, const int *files, int life,
		  char *error, size_t size)
{
	pid_t parent = getpid();
	int report[2], why = 0;

	if (pipe2(report, O_CLOEXEC)) {
		snprintf(error, size, "cannot start %s: %s", argv[0], strerror(errno));
		return false;
	}
	p->pid = fork();
	if (!p->pid) {
		become(p, argv, files, life, parent);
		why = errno;
		_exit(write(report[1], &why, sizeof(why)) != sizeof(why));
	}
	why = p->pid < 0 ? errno : 0;
	close(report[1]);
	if (p->pid < 0)
		p->pid = 0;
	/* read() returns 0 when exec() has closed the other side, or when the child has ended. */
	else if (read(report[0], &why, sizeof(why)) != sizeof(why))
		why = 0;
	close(report[0]);
	if (why == ENOENT)
		snprintf(error, size, "there is no %s here; on Debian: apt install qemu-system-x86",
			 argv[0]);
	else if (why)
		snprintf(error, size, "cannot start %s: %s", argv[0], strerror(why));
	return !why;
}

bool process_start(struct process *p, const char *const *argv, const int *files, char *error,
		   size_t size)
{
	const char *slash = strrchr(argv[0], '/');
	int life[2] = { -1, -1 };
	bool ok;

	snprintf(p->name, sizeof(p->name), "%s", slash ? slash + 1 : argv[0]);
	p->words = memfd_create("qinval-words", MFD_CLOEXEC);
	ok = p->words >= 0 && !pipe2(life, O_CLOEXEC);
	if (!ok)
		snprintf(error, size, "cannot start %s: %s", argv[0], strerror(errno));
	p->life = life[1];
	ok = ok && spawn(p, argv, files, life[0], error, size);
	if (life[0] >= 0)
		close(life[0]);
	return ok;
}
