/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "qtest_process.h"
#include "waiting.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* The smallest firmware that QEMU takes. */
#define FIRMWARE_BYTES 65536
#define HLT 0xf4

#define MAX_ARGUMENTS 96

/* How long a process whose connection is lost may take to end, and how often it is looked at. */
#define END_NS 10000000000ULL
#define LOOK_NS 2000000

/* What QEMU gets as open files. */
struct files {
	int socket, ram, firmware, words;
	int life; /* the side that is read */
};

/* ---- its end ---- */

void qtest_process_init(struct qtest_process *p)
{
	memset(p, 0, sizeof(*p));
	p->words = -1;
	p->life = -1;
}

/*
 * It has ended, or is being killed: whatever it has started in its group ends with it. Before it is
 * waited for, as its number may be another process's afterwards.
 */
static void reap(struct qtest_process *p)
{
	kill(-p->pid, SIGKILL);
	while (waitpid(p->pid, &p->status, 0) < 0 && errno == EINTR)
		;
	p->pid = 0;
}

bool qtest_process_ended(struct qtest_process *p)
{
	siginfo_t info = { .si_pid = 0 };

	if (p->pid && !waitid(P_PID, p->pid, &info, WEXITED | WNOHANG | WNOWAIT) && info.si_pid)
		reap(p);
	return !p->pid;
}

/* The last line of what it has printed, without the program's name in front. */
static const char *last_words(struct qtest_process *p, char *buf, size_t size)
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

void qtest_process_end(struct qtest_process *p, char *how, size_t size)
{
	uint64_t until = waiting_now() + END_NS;
	const struct timespec look = { 0, LOOK_NS };
	char buf[400];
	const char *words;
	bool ended;
	int n;

	while (!(ended = qtest_process_ended(p)) && waiting_now() < until)
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

void qtest_process_kill(struct qtest_process *p)
{
	if (p->pid)
		reap(p);
	if (p->words >= 0)
		close(p->words);
	if (p->life >= 0)
		close(p->life);
	p->words = p->life = -1;
}

/* ---- its beginning ---- */

/*
 * Waits for our end, and ends the group that it is in: the signal that comes with our end reaches
 * QEMU, but no QEMU that a script of its name has started.
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

/* In the child: only what may be called between fork() and exec(). Returns only if it fails. */
static void become(const char *const *argv, const struct files *f, pid_t parent)
{
	int null = open("/dev/null", O_RDONLY);

	/*
	 * A terminal's interrupt is for the parent to handle, which takes QEMU with it or does not;
	 * and what a script of QEMU's name starts can be found.
	 */
	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	guard(f->life);
	dup2(null, STDIN_FILENO);
	dup2(f->words, STDOUT_FILENO);
	dup2(f->words, STDERR_FILENO);
	fcntl(f->socket, F_SETFD, 0);
	fcntl(f->ram, F_SETFD, 0);
	fcntl(f->firmware, F_SETFD, 0);
	execvp(argv[0], (char *const *)argv);
}

static bool spawn(struct qtest_process *p, const char *const *argv, const struct files *f,
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
		become(argv, f, parent);
		why = errno;
		_exit(write(report[1], &why, sizeof(why)) != sizeof(why));
	}
	why = p->pid < 0 ? errno : 0;
	close(report[1]);
	if (p->pid < 0)
		p->pid = 0;
	/* The end comes when exec() has closed the other side, or the child has ended. */
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

static bool run(struct qtest_process *p, const struct qtest_config *cfg, const struct files *f,
		char *error, size_t size)
{
	char megabytes[20], memory[160], firmware[40], socket[60], unit[300];
	const char *argv[MAX_ARGUMENTS] = {
		cfg->program ? cfg->program : QTEST_PROGRAM,
		/*
		 * Debian's QEMU has no qtest accelerator; TCG and a CPU that is halted do as well.
		 */
		"-machine",
		"q35,memory-backend=ram",
		"-accel",
		"tcg",
		"-m",
		megabytes,
		"-object",
		memory,
		"-bios",
		firmware,
		"-chardev",
		socket,
		"-qtest",
		"chardev:qtest",
		"-qtest-log",
		"none",
		"-display",
		"none",
		"-nodefaults",
		"-no-user-config",
		"-device",
		unit,
	};
	unsigned n = 0;

	while (argv[n])
		n++;
	for (unsigned i = 0; cfg->arguments && cfg->arguments[i] && n < MAX_ARGUMENTS - 1; i++)
		argv[n++] = cfg->arguments[i];
	snprintf(megabytes, sizeof(megabytes), "%llu", QTEST_RAM_BYTES >> 20);
	snprintf(memory, sizeof(memory),
		 "memory-backend-file,id=ram,size=%lluM,share=on,mem-path=/proc/self/fd/%d",
		 QTEST_RAM_BYTES >> 20, f->ram);
	snprintf(firmware, sizeof(firmware), "/proc/self/fd/%d", f->firmware);
	/* QEMU 7.2 looks for the name "qtest", whatever it is told. */
	snprintf(socket, sizeof(socket), "socket,id=qtest,fd=%d", f->socket);
	snprintf(unit, sizeof(unit), "intel-iommu,%s",
		 cfg->properties ? cfg->properties : QTEST_UNIT_PROPERTIES);
	return spawn(p, argv, f, error, size);
}

static bool make_files(struct files *f, int *ours, char **ram)
{
	char hlt[FIRMWARE_BYTES];
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
		return false;
	*ours = pair[0];
	f->socket = pair[1];
	f->ram = memfd_create("qinval-ram", MFD_CLOEXEC);
	f->firmware = memfd_create("qinval-firmware", MFD_CLOEXEC);
	f->words = memfd_create("qinval-words", MFD_CLOEXEC);
	if (f->ram < 0 || f->firmware < 0 || f->words < 0 || ftruncate(f->ram, QTEST_RAM_BYTES))
		return false;
	memset(hlt, HLT, sizeof(hlt));
	if (write(f->firmware, hlt, sizeof(hlt)) != sizeof(hlt))
		return false;
	*ram = mmap(NULL, QTEST_RAM_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, f->ram, 0);
	if (*ram == MAP_FAILED)
		*ram = NULL;
	return *ram;
}

static void close_file(int fd)
{
	if (fd >= 0)
		close(fd);
}

bool qtest_process_start(struct qtest_process *p, const struct qtest_config *cfg, int *socket,
			 char **ram, char *error, size_t size)
{
	struct files f = { -1, -1, -1, -1, -1 };
	const char *path = cfg->program ? cfg->program : QTEST_PROGRAM, *slash = strrchr(path, '/');
	int life[2] = { -1, -1 };
	bool ok = !pipe2(life, O_CLOEXEC) && make_files(&f, socket, ram);

	snprintf(p->name, sizeof(p->name), "%s", slash ? slash + 1 : path);
	f.life = life[0];
	if (!ok)
		snprintf(error, size, "cannot make the guest's memory: %s", strerror(errno));
	p->words = f.words;
	p->life = life[1];
	ok = ok && run(p, cfg, &f, error, size);
	/* QEMU has its own, and the connection ends when the last one is closed. */
	close_file(f.socket);
	close_file(f.ram);
	close_file(f.firmware);
	close_file(f.life);
	return ok;
}
