/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "qemu.h"

#include "../patience.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

bool qemu_is_here(void)
{
	bool here = !system("command -v " QTEST_PROGRAM " >/dev/null");

	if (!here)
		not_tested("no " QTEST_PROGRAM " (Debian: qemu-system-x86)");
	return here;
}

struct process {
	char state; /* 'Z': it has ended, and its parent has not waited for it */
	int parent;
};

static bool look_up(const char *pid, struct process *p)
{
	char path[300];
	bool found;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%s/stat", pid);
	f = fopen(path, "r");
	if (!f)
		return false;
	found = fscanf(f, "%*d (%*[^)]) %c %d", &p->state, &p->parent) == 2 && p->state != 'Z';
	fclose(f);
	return found;
}

pid_t qemu_child_of(pid_t parent)
{
	DIR *proc = opendir("/proc");
	struct process p;
	struct dirent *e;
	pid_t found = 0;

	assert_non_null(proc);
	while (!found && (e = readdir(proc)))
		if (look_up(e->d_name, &p) && p.parent == parent)
			found = atoi(e->d_name);
	closedir(proc);
	return found;
}

bool qemu_lives(pid_t pid)
{
	struct process p;
	char name[20];

	snprintf(name, sizeof(name), "%d", (int)pid);
	return look_up(name, &p);
}

struct rig *rig_start(const struct qtest_config *cfg)
{
	struct rig *r = calloc(1, sizeof(*r));
	char error[500];
	const char *why;

	assert_non_null(r);
	r->host = qtest_start(cfg, error, sizeof(error));
	if (!r->host)
		fail_msg("%s", error);
	r->qc.stats = &r->stats;
	r->qc.timeout_ns = r->qc.ats_timeout_ns = patience_ns(PATIENCE_S);
	/* A little longer than the host's wait loop spins: after that each turn sleeps. */
	r->qc.poll_budget = 1100;
	qtest_configure(r->host, &r->qc);
	if (qi_init_why(&r->q, &r->qc, &why))
		fail_msg("%s", why);
	assert_int_equal(qi_enable(&r->q), 0);
	return r;
}

void rig_stop(struct rig *r)
{
	assert_int_equal(qi_disable(&r->q), 0);
	if (qtest_failure(r->host))
		fail_msg("%s", qtest_failure(r->host));
	qtest_stop(r->host);
	free(r);
}
