/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * helped.c - a violation that a helper's scout finds must end an exploration like any other.
 *
 * usage: helped OBJECT SCENARIO [sc|tso [ENGINE [SLOTS]]]
 *
 * All rounds are helped, and which process takes the first states is chance. So the scenario is
 * explored repeatedly, each time in a process of its own. Each exploration has to find what one
 * process finds: a violation that a scout meets.
 */
#include <lab/explore.h>
#include <lab/workers.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "scene.h"

#define TIMES 10

/* Explore in a child process. Its exit status is the verdict. */
static int explored(unsigned workers)
{
	const struct explore_limits limits = { .max_bytes = 4ULL << 30, .workers = workers };
	struct explore_result r;
	pid_t pid = fork();
	int status;

	if (!pid) {
		workers_worth_help = 1;
		_exit(explore(&limits, &r) ? 10 + (int)r.verdict : 1);
	}
	return waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int main(int argc, char **argv)
{
	int i, alone, helped;

	if (!scene_set_up(argc, argv))
		return 1;
	alone = explored(1);
	for (i = 0; i < TIMES; i++) {
		helped = explored(4);
		if (helped != alone || helped != 10 + (int)VIOLATED) {
			printf("%s: exit %d, alone %d\n", argv[2], helped, alone);
			return 2;
		}
	}
	return 0;
}
