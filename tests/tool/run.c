/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "run.h"

#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static char directory[] = "/tmp/qinval-test-XXXXXX";
static bool made;

const char *run_directory(void)
{
	if (!made)
		assert_non_null(mkdtemp(directory));
	made = true;
	return directory;
}

const char *run_file(const char *name, const void *bytes, size_t size)
{
	static char path[PATH_MAX];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", run_directory(), name);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, size, f), size);
	assert_int_equal(fclose(f), 0);
	return path;
}

void run_put(const char *directory_above, const char *file, const char *text)
{
	char path[PATH_MAX];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", directory_above, file);
	for (char *s = path + strlen(directory_above) + 1; (s = strchr(s, '/')); *s++ = '/') {
		*s = '\0';
		mkdir(path, 0700);
	}
	f = fopen(path, "w");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

void run_clean(void)
{
	char command[100];

	snprintf(command, sizeof(command), "rm -r %s", directory);
	if (made)
		assert_int_equal(system(command), 0);
	made = false;
	strcpy(directory + strlen(directory) - 6, "XXXXXX");
}

int run_end(void **state)
{
	(void)state;
	run_clean();
	return 0;
}

const char *run_source(const char *path)
{
	static char full[PATH_MAX];
	const char *top = getenv("QINVAL_SOURCE");

	snprintf(full, sizeof(full), "%s/%s", top ? top : ".", path);
	return full;
}

/* An unnamed file that contains @text. */
static int scratch(const char *text)
{
	char path[] = "/tmp/qinval-scratch-XXXXXX";
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	unlink(path);
	if (text)
		assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	lseek(fd, 0, SEEK_SET);
	return fd;
}

static void slurp(int fd, char *to)
{
	ssize_t n = pread(fd, to, RUN_OUTPUT - 1, 0);

	assert_true(n >= 0);
	to[n] = '\0';
	close(fd);
}

static void run_to(int out, struct run *r, const char *const *args, const char *input)
{
	const char *program = getenv("QINVAL"), *argv[32] = { "qinval" };
	int in = scratch(input), err = scratch(NULL), status;
	pid_t pid;

	assert_non_null(program);
	for (unsigned i = 0; args[i]; i++)
		argv[i + 1] = args[i];
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		dup2(in, STDIN_FILENO);
		dup2(out, STDOUT_FILENO);
		dup2(err, STDERR_FILENO);
		execv(program, (char *const *)argv);
		_exit(127);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	r->code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	slurp(err, r->err);
	close(in);
}

void run_qinval(struct run *r, const char *const *args, const char *input)
{
	int out = scratch(NULL);

	run_to(out, r, args, input);
	slurp(out, r->out);
}

void run_qinval_on_full_disk(struct run *r, const char *const *args)
{
	int out = open("/dev/full", O_WRONLY);

	assert_true(out >= 0);
	run_to(out, r, args, NULL);
	close(out);
	r->out[0] = '\0';
}
