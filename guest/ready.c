/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "ready.h"

#include "command.h"
#include "disks.h"
#include "dmar.h"
#include "initrd.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <install/own.h>
#include <unistd.h>

#define NO_TIMER_CHECK "no_timer_check" /* without it the check fails on a busy host */

static bool make_folder(struct session *s)
{
	const char *folder = s->folder.path;

	if (!folder_make(&s->folder, s->why, sizeof(s->why)))
		return false;
	snprintf(s->initrd, sizeof(s->initrd), "%s/initrd", folder);
	snprintf(s->dmar, sizeof(s->dmar), "%s/dmar", folder);
	snprintf(s->console, sizeof(s->console), "%s/console", folder);
	for (unsigned i = 0; i < VM_DISKS; i++)
		snprintf(s->disk[i], sizeof(s->disk[i]), "%s/disk%u", folder, i);
	return true;
}

/*
 * The path of a work: a name with a / or of an existing file is the user's script, otherwise it is
 * ours.
 */
static void work_path(const char *work, char *path, size_t size)
{
	char name[100];

	snprintf(name, sizeof(name), "guest/work-%s", work);
	snprintf(path, size, "%s", strchr(work, '/') ? work : own_file(name));
}

/* True if a line that begins with `start` contains this word. */
static bool says(const char *work, const char *start, const char *name)
{
	FILE *f = fopen(work, "re");
	char line[300], *rest;
	bool found = false;

	while (f && !found && fgets(line, sizeof(line), f)) {
		if (strncmp(line, start, strlen(start)) != 0)
			continue;
		for (char *word = strtok_r(line + strlen(start), " \n", &rest); word;
		     word = strtok_r(NULL, " \n", &rest))
			found = found || !strcmp(word, name);
	}
	if (f)
		fclose(f);
	return found;
}

static bool can_work(struct session *s, const char *work)
{
	FILE *f = fopen(work, "re");

	if (f)
		fclose(f);
	else
		snprintf(s->why, sizeof(s->why),
			 "no work is called \"%s\"; a script of your own has a / in its name",
			 s->cfg->work);
	if (f && !*s->kernel.modules)
		snprintf(s->why, sizeof(s->why),
			 "there are no modules for this kernel, %s, neither beside it nor below "
			 "/lib/modules; give --initrd, or the kernel's package",
			 s->kernel.release);
	return f && *s->kernel.modules;
}

/* Build, for this kernel, the module that submits nothing but waits. */
static bool build_drain(struct session *s, char *path, size_t size)
{
	char script[PATH_MAX], source[PATH_MAX], folder[PATH_MAX];
	const char *argv[] = { script, s->kernel.release, source, folder, NULL };

	snprintf(script, sizeof(script), "%s", own_file("guest/build-module"));
	snprintf(source, sizeof(source), "%s", own_file("guest/drain.c"));
	snprintf(folder, sizeof(folder), "%s/drain", s->folder.path);
	return command_run(argv, path, size, s->why, sizeof(s->why));
}

static bool make_initrd(struct session *s)
{
	char busybox[PATH_MAX], program[PATH_MAX + 20], work[PATH_MAX], init[PATH_MAX],
		works[PATH_MAX], tools[PATH_MAX], drain[PATH_MAX];
	struct initrd_config cfg = {
		.busybox = program,
		.modules = s->kernel.modules,
		.release = s->kernel.release,
		.init = init,
		.works = works,
		.work = work,
	};

	work_path(s->cfg->work, work, sizeof(work));
	snprintf(init, sizeof(init), "%s", own_file("guest/init"));
	snprintf(works, sizeof(works), "%s", own_file("guest/works"));
	if (!can_work(s, work) ||
	    !kernel_fetch("busybox", busybox, sizeof(busybox), s->why, sizeof(s->why)))
		return false;
	snprintf(program, sizeof(program), "%s/bin/busybox", busybox);
	s->copies = says(work, "# data: ", "compared");
	if (says(work, "# needs: ", "fio")) {
		if (!kernel_fetch("fio", tools, sizeof(tools), s->why, sizeof(s->why)))
			return false;
		cfg.tools = tools;
	}
	if (s->cfg->module)
		cfg.extra[cfg.extras++] =
			(struct initrd_module){ s->cfg->module, s->cfg->parameters };
	if (says(work, "# needs: ", "drain")) {
		if (!build_drain(s, drain, sizeof(drain)))
			return false;
		cfg.extra[cfg.extras++] = (struct initrd_module){ drain, NULL };
	}
	return initrd_make(s->initrd, &cfg, s->why, sizeof(s->why));
}

/* The devices of each unit, if there are several. */
static const char *const units[READY_UNITS] = {
	DMAR_PLAIN,
	"intr,drhd=0xfed91000:+00." VM_PORT_SLOT ".0,drhd=0xfed90000,atsr",
	"intr,drhd=0xfed91000:+00." VM_PORT_SLOT ".0,drhd=0xfed92000:00." VM_NVME_SLOT
	".0,drhd=0xfed90000,atsr",
};

bool ready_make(struct session *s)
{
	const struct session_config *cfg = s->cfg;

	if (!make_folder(s) ||
	    !kernel_find(&s->kernel, cfg->kernel, s->folder.path, s->why, sizeof(s->why)) ||
	    !dmar_write(s->dmar, units[cfg->units - 1], s->why, sizeof(s->why)))
		return false;
	if (cfg->initrd) {
		snprintf(s->initrd, sizeof(s->initrd), "%s", cfg->initrd);
		if (access(s->initrd, R_OK)) {
			snprintf(s->why, sizeof(s->why), "cannot read %s: %s", cfg->initrd,
				 strerror(errno));
			return false;
		}
	} else if (!make_initrd(s)) {
		return false;
	}
	snprintf(s->append, sizeof(s->append),
		 "console=ttyS0 quiet panic=-1 intel_iommu=on iommu.strict=1 " NO_TIMER_CHECK
		 " net.ifnames=0 %s",
		 cfg->append ? cfg->append : "");
	return disks_make(s->disk[0], s->disk[1], READY_MEGABYTES, cfg->seed, s->why,
			  sizeof(s->why)) &&
	       disks_make_empty(s->disk[2], READY_MEGABYTES, s->why, sizeof(s->why));
}
