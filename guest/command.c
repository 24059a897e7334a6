/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "command.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static void last_line(FILE *f, char *buf, size_t size)
{
	char line[1000];

	*buf = '\0';
	rewind(f);
	while (fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		if (*line)
			snprintf(buf, size, "%s", line);
	}
}

bool command_run(const char *const *argv, char *out, size_t out_size, char *error, size_t size)
{
	FILE *o = tmpfile(), *e = tmpfile();
	posix_spawn_file_actions_t files;
	int status = 0, why;
	pid_t pid;

	if (!o || !e) {
		snprintf(error, size, "cannot make a file: %s", strerror(errno));
		if (o)
			fclose(o);
		if (e)
			fclose(e);
		return false;
	}
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&files, fileno(o), 1);
	posix_spawn_file_actions_adddup2(&files, fileno(e), 2);
	why = posix_spawnp(&pid, argv[0], &files, NULL, (char *const *)argv, environ);
	posix_spawn_file_actions_destroy(&files);
	while (!why && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	last_line(o, out, out_size);
	if (why)
		snprintf(error, size, "cannot run %s: %s", argv[0], strerror(why));
	else if (status)
		last_line(e, error, size);
	if (!why && status && !*error)
		snprintf(error, size, "%s has failed", argv[0]);
	fclose(o);
	fclose(e);
	return !why && !status;
}
