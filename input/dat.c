/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The process that reads the file, as the process that wants its text sees it. */
#include "dat.h"
#include "dat_text.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* If libtracecmd is busy with a file for longer than this, it is taken to be in an endless loop. */
#define SECONDS 20
#define BYTES_PER_SECOND (1 << 20)

struct dat {
	int pipe;
	pid_t child;
	char *said; /* the reason of a failure; shared with the child: DAT_ERROR bytes */
	char error[DAT_ERROR];
};

bool dat_is(const void *start, size_t size)
{
	return size >= DAT_MAGIC_SIZE && !memcmp(start, DAT_MAGIC, DAT_MAGIC_SIZE);
}

static void limit_time(int fd)
{
	struct rlimit limit;
	struct stat st;

	if (fstat(fd, &st))
		return;
	limit.rlim_cur = SECONDS + st.st_size / BYTES_PER_SECOND;
	limit.rlim_max = limit.rlim_cur + 1;
	setrlimit(RLIMIT_CPU, &limit);
}

/* A crash must end the child, so the program's own handlers of these signals are removed. */
static void crash_plainly(void)
{
	static const int signals[] = { SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL };

	for (unsigned i = 0; i < sizeof(signals) / sizeof(*signals); i++)
		signal(signals[i], SIG_DFL);
}

__attribute__((noreturn)) static void read_file(int fd, int to, char *said)
{
	static const struct rlimit no_core;
	int null = open("/dev/null", O_WRONLY);
	FILE *out = fdopen(to, "w");
	bool read;

	crash_plainly();
	/* libtracecmd prints much about a damaged file; we print one line. */
	if (null >= 0)
		dup2(null, STDERR_FILENO);
	setrlimit(RLIMIT_CORE, &no_core);
	limit_time(fd);
	lseek(fd, 0, SEEK_SET);
	if (!out)
		_exit(1);
	read = dat_text(fd, out, said);
	_exit(!fflush(out) && read ? 0 : 1);
}

static bool start(struct dat *d, int fd)
{
	int ends[2];

	d->said = mmap(NULL, DAT_ERROR, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (d->said == MAP_FAILED)
		return false;
	if (pipe2(ends, O_CLOEXEC))
		goto unmap;
	d->pipe = ends[0];
	fflush(NULL);
	d->child = fork();
	if (!d->child) {
		close(ends[0]);
		read_file(fd, ends[1], d->said);
	}
	close(ends[1]);
	if (d->child > 0)
		return true;
	close(ends[0]);
unmap:
	munmap(d->said, DAT_ERROR);
	return false;
}

struct dat *dat_open(int fd)
{
	struct dat *d = calloc(1, sizeof(*d));

	if (d && start(d, fd))
		return d;
	free(d);
	return NULL;
}

/* Wait for the child, once. */
static int reap(struct dat *d)
{
	int status = 0;

	while (waitpid(d->child, &status, 0) < 0 && errno == EINTR)
		;
	d->child = 0;
	return status;
}

static long ended(struct dat *d)
{
	int status = d->child ? reap(d) : 0;

	if (!status)
		return d->error[0] ? -1 : 0;
	if (WIFEXITED(status) && memchr(d->said, '\0', DAT_ERROR) && d->said[0])
		memcpy(d->error, d->said, DAT_ERROR);
	else if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU)
		strcpy(d->error, "is a damaged trace.dat file: libtracecmd does not end with it");
	else
		strcpy(d->error, "is a trace.dat file that is damaged or cut off: libtracecmd"
				 " crashed on it; was it copied completely?");
	return -1;
}

long dat_read(struct dat *d, void *to, size_t size)
{
	ssize_t n;

	do {
		n = read(d->pipe, to, size);
	} while (n < 0 && errno == EINTR);
	if (n > 0)
		return n;
	return ended(d);
}

const char *dat_error(const struct dat *d)
{
	return d->error;
}

void dat_close(struct dat *d)
{
	close(d->pipe);
	if (d->child) {
		kill(d->child, SIGKILL);
		reap(d);
	}
	munmap(d->said, DAT_ERROR);
	free(d);
}
