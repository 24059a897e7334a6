/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "probes.h"

#include "source.h"
#include "tracing.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define FUNCTION "qi_submit_sync"
#define INSTANCE "qinval-"
#define GROUP "qinval_"
#define TRACEPOINT "intel_iommu/qi_submit"

/*
 * When a process dies, the kernel closes its files one after another. Until it has closed them, the
 * events are busy.
 */
#define TRIES 500
#define TRY_NS 10000000

static void file_of(const struct probes *p, char path[PATH_MAX], const char *file)
{
	snprintf(path, PATH_MAX, "instances/%s/%s", p->instance, file);
}

static bool write_to(const struct probes *p, const char *file, const char *text)
{
	char path[PATH_MAX];

	file_of(p, path, file);
	return tracing_write(path, text, false);
}

static void name_after(struct probes *p, long pid)
{
	snprintf(p->instance, sizeof(p->instance), INSTANCE "%ld", pid);
	snprintf(p->group, sizeof(p->group), GROUP "%ld", pid);
}

/* ---- removing ---- */

static bool instance_path(const struct probes *p, char path[PATH_MAX])
{
	const char *directory = tracing_directory();

	if (!directory)
		return false;
	snprintf(path, PATH_MAX, "%s/instances/%s", directory, p->instance);
	return true;
}

static void remove_probe(const struct probes *p, const char *event)
{
	char text[2 * PROBES_NAME];

	snprintf(text, sizeof(text), "-:%s/%s\n", p->group, event);
	tracing_write("kprobe_events", text, true);
}

static bool probe_is_left(const struct probes *p)
{
	char *text = tracing_read("kprobe_events"), name[PROBES_NAME + 2];
	bool left;

	snprintf(name, sizeof(name), ":%s/", p->group);
	left = text && strstr(text, name);
	free(text);
	return left;
}

/* The instance is removed first: events that it has enabled cannot be removed. */
static bool remove_now(const struct probes *p)
{
	char path[PATH_MAX];

	if (!instance_path(p, path))
		return true;
	write_to(p, "tracing_on", "0");
	write_to(p, "events/enable", "0");
	if (rmdir(path) && errno != ENOENT)
		return false;
	remove_probe(p, PROBES_ENTER);
	remove_probe(p, PROBES_LEAVE);
	return !probe_is_left(p);
}

static void remove_all(const struct probes *p)
{
	const struct timespec wait = { .tv_nsec = TRY_NS };

	for (int i = 0; i < TRIES && !remove_now(p); i++)
		nanosleep(&wait, NULL);
}

/*
 * The process is alive if it is still called qinval: the number may belong to another program by
 * now.
 */
static bool is_alive(long pid)
{
	char path[40], *name;
	bool alive;

	snprintf(path, sizeof(path), "/proc/%ld/comm", pid);
	name = read_whole(path, NULL);
	alive = pid == getpid() || (name && !strncmp(name, "qinval", 6));
	free(name);
	return alive;
}

static void remove_of(long pid)
{
	struct probes p;

	if (pid <= 0 || is_alive(pid))
		return;
	name_after(&p, pid);
	remove_now(&p);
}

void probes_sweep(void)
{
	const char *directory = tracing_directory();
	char path[PATH_MAX], *text;
	struct dirent *e;
	DIR *d;

	if (!directory)
		return;
	snprintf(path, sizeof(path), "%s/instances", directory);
	d = opendir(path);
	while (d && (e = readdir(d)))
		if (!strncmp(e->d_name, INSTANCE, strlen(INSTANCE)))
			remove_of(atol(e->d_name + strlen(INSTANCE)));
	if (d)
		closedir(d);
	text = tracing_read("kprobe_events");
	for (char *s = text; s && (s = strstr(s, ":" GROUP)); s++)
		remove_of(atol(s + strlen(":" GROUP)));
	free(text);
}

/* ---- the guard ---- */

__attribute__((noreturn)) static void be_guard(const struct probes *p, int end)
{
	int null = open("/dev/null", O_RDWR);
	sigset_t all;
	char byte;

	setsid();
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	prctl(PR_SET_NAME, "qinval-guard");
	/*
	 * The guard must not keep standard input and output open: another process may wait for
	 * their end of file.
	 */
	for (int fd = 0; fd < 3; fd++)
		dup2(null, fd);
	if (end != 3)
		dup2(end, 3);
	close_range(4, UINT_MAX, 0);
	while (read(3, &byte, 1) < 0 && errno == EINTR)
		;
	remove_all(p);
	_exit(0);
}

static bool start_guard(struct probes *p)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC))
		return false;
	fflush(NULL);
	p->guard = fork();
	if (!p->guard) {
		close(ends[1]);
		be_guard(p, ends[0]);
	}
	close(ends[0]);
	p->pipe = ends[1];
	if (p->guard > 0)
		return true;
	close(ends[1]);
	return false;
}

void probes_remove(struct probes *p)
{
	int status = 0;

	close(p->pipe);
	while (waitpid(p->guard, &status, 0) < 0 && errno == EINTR)
		;
	/* The guard was killed, so this process removes them. */
	if (!WIFEXITED(status))
		remove_all(p);
}

/* ---- making ---- */

static bool cannot(char *error, const char *what)
{
	const char *why = errno == EACCES || errno == EPERM ? "; this takes root" : "";

	snprintf(error, SOURCE_ERROR, "%s: %s%s", what, strerror(errno), why);
	return false;
}

static bool is_usable(char *error)
{
	const char *directory = tracing_directory();
	char path[PATH_MAX];

	if (!directory) {
		if (geteuid())
			snprintf(error, SOURCE_ERROR,
				 "tracefs is not mounted or cannot be read; this takes root");
		else
			snprintf(error, SOURCE_ERROR,
				 "tracefs is not mounted: mount -t tracefs tracefs "
				 "/sys/kernel/tracing");
		return false;
	}
	snprintf(path, sizeof(path), "%s/events/" TRACEPOINT, directory);
	if (!access(path, F_OK))
		return true;
	if (errno == EACCES)
		return cannot(error, directory);
	snprintf(error, SOURCE_ERROR,
		 "the kernel has no event intel_iommu:qi_submit: it is older than 5.14, or without "
		 "CONFIG_INTEL_IOMMU");
	return false;
}

static bool make_probes(const struct probes *p, char *error)
{
	char enter[200], leave[200];

	snprintf(enter, sizeof(enter),
		 "p:%s/" PROBES_ENTER " " FUNCTION " iommu=%%di:x64 count=%%dx:u32 "
		 "options=%%cx:x32\n",
		 p->group);
	snprintf(leave, sizeof(leave), "r:%s/" PROBES_LEAVE " " FUNCTION " ret=$retval:s32\n",
		 p->group);
	if (!tracing_write("kprobe_events", enter, true) ||
	    !tracing_write("kprobe_events", leave, true))
		return cannot(error, "the kernel allows no kprobe event at " FUNCTION "()");
	return true;
}

static bool enable(const struct probes *p, const char *event)
{
	char file[3 * PROBES_NAME];

	snprintf(file, sizeof(file), "events/%s/enable", event);
	return write_to(p, file, "1");
}

/* Returns are enabled first, so that the return of every call that is seen to enter is seen too. */
static bool enable_all(const struct probes *p, char *error)
{
	char leave[2 * PROBES_NAME], enter[2 * PROBES_NAME];

	snprintf(leave, sizeof(leave), "%s/" PROBES_LEAVE, p->group);
	snprintf(enter, sizeof(enter), "%s/" PROBES_ENTER, p->group);
	if ((p->calls && (!enable(p, leave) || !enable(p, enter))) || !enable(p, TRACEPOINT))
		return cannot(error, "enabling the events of the queue");
	return true;
}

/*
 * All buffers together have 64 MiB, but each at least 1 MiB, and at most 16 MiB, since one reader
 * cannot keep up with more.
 */
static unsigned buffer_kib(void)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	unsigned kib = 65536 / (cpus > 0 ? cpus : 1);

	return kib < 1024 ? 1024 : kib > 16384 ? 16384 : kib;
}

static bool make_instance(const struct probes *p, char *error)
{
	char path[PATH_MAX], size[20];

	if (!instance_path(p, path) || mkdir(path, 0700))
		return cannot(error, "making a tracing instance");
	snprintf(size, sizeof(size), "%u", buffer_kib());
	if (!write_to(p, "buffer_size_kb", size))
		return cannot(error, "making room for events");
	/* One clock for all CPUs. A kernel without this clock uses its default. */
	write_to(p, "trace_clock", "mono");
	return true;
}

bool probes_start(struct probes *p, bool calls, char *error)
{
	memset(p, 0, sizeof(*p));
	p->calls = calls;
	name_after(p, getpid());
	if (!is_usable(error))
		return false;
	probes_sweep();
	if (!start_guard(p))
		return cannot(error, "starting a process that will remove the events");
	if (make_instance(p, error) && (!calls || make_probes(p, error)) && enable_all(p, error))
		return true;
	probes_remove(p);
	return false;
}

void probes_stop(struct probes *p)
{
	write_to(p, "tracing_on", "0");
}

/* A line is "  NAME  HITS  MISSES", where NAME is without its group. */
uint64_t probes_missed(const struct probes *p)
{
	char *text = p->calls ? tracing_read("kprobe_profile") : NULL, name[64];
	uint64_t hits, misses, sum = 0;

	for (char *line = text; line && *line; line = strchr(line, '\n'), line += !!line)
		if (sscanf(line, " %63s %" SCNu64 " %" SCNu64, name, &hits, &misses) == 3 &&
		    (!strcmp(name, PROBES_ENTER) || !strcmp(name, PROBES_LEAVE)))
			sum += misses;
	free(text);
	return sum;
}
