/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "session.h"

#include "disks.h"
#include "dmar.h"
#include "initrd.h"

#include <errno.h>
#include <fts.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <tool/own.h>
#include <unistd.h>

#define MEGABYTES 1024 /* of the guest's memory */
#define DISK_MEGABYTES 32
#define END_SECONDS 30			/* from the end of the work to QEMU's */
#define NO_TIMER_CHECK "no_timer_check" /* which a busy host would fail */

static volatile sig_atomic_t interrupted;

static void interrupt(int signal)
{
	(void)signal;
	interrupted = 1;
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* ---- making it ready ---- */

static bool make_folder(struct session *s)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(s->folder, sizeof(s->folder), "%s/qinval-guest-XXXXXX",
		 tmp && *tmp ? tmp : "/tmp");
	if (!mkdtemp(s->folder)) {
		snprintf(s->why, sizeof(s->why), "cannot make a folder %s: %s", s->folder,
			 strerror(errno));
		s->folder[0] = '\0';
		return false;
	}
	snprintf(s->initrd, sizeof(s->initrd), "%s/initrd", s->folder);
	snprintf(s->dmar, sizeof(s->dmar), "%s/dmar", s->folder);
	snprintf(s->console, sizeof(s->console), "%s/console", s->folder);
	for (unsigned i = 0; i < VM_DISKS; i++)
		snprintf(s->disk[i], sizeof(s->disk[i]), "%s/disk%u", s->folder, i);
	return true;
}

/* A script of the user's has a / or is a file; else it is one of ours. */
static void work_path(const char *work, char *path, size_t size)
{
	char name[100];

	snprintf(name, sizeof(name), "guest/work-%s", work);
	snprintf(path, size, "%s", strchr(work, '/') ? work : own_file(name));
}

static bool make_initrd(struct session *s)
{
	char busybox[PATH_MAX], program[PATH_MAX + 20], work[PATH_MAX], init[PATH_MAX],
		works[PATH_MAX];
	const struct initrd_config cfg = {
		.busybox = program,
		.modules = s->kernel.modules,
		.init = init,
		.works = works,
		.work = work,
	};

	work_path(s->cfg->work, work, sizeof(work));
	snprintf(init, sizeof(init), "%s", own_file("guest/init"));
	snprintf(works, sizeof(works), "%s", own_file("guest/works"));
	if (access(work, R_OK)) {
		snprintf(s->why, sizeof(s->why),
			 "no work is called \"%s\"; a script of your own has a / in its name",
			 s->cfg->work);
		return false;
	}
	if (!*s->kernel.modules) {
		snprintf(s->why, sizeof(s->why),
			 "there are no modules for this kernel, %s, neither beside it nor below "
			 "/lib/modules; give --initrd, or the kernel's package",
			 s->kernel.release);
		return false;
	}
	if (!kernel_fetch("busybox", busybox, sizeof(busybox), s->why, sizeof(s->why)))
		return false;
	snprintf(program, sizeof(program), "%s/bin/busybox", busybox);
	return initrd_make(s->initrd, &cfg, s->why, sizeof(s->why));
}

static bool prepare(struct session *s)
{
	const struct session_config *cfg = s->cfg;

	if (!make_folder(s) ||
	    !kernel_find(&s->kernel, cfg->kernel, s->folder, s->why, sizeof(s->why)) ||
	    !dmar_write(s->dmar, DMAR_PLAIN, s->why, sizeof(s->why)))
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
	return disks_make(s->disk[0], s->disk[1], DISK_MEGABYTES, cfg->seed, s->why,
			  sizeof(s->why)) &&
	       disks_make_empty(s->disk[2], DISK_MEGABYTES, s->why, sizeof(s->why));
}

static bool start(struct session *s)
{
	const struct session_config *cfg = s->cfg;
	const struct vm_config machine = {
		.qemu = cfg->qemu,
		.firmware = cfg->firmware,
		.kernel = s->kernel.image,
		.initrd = s->initrd,
		.append = s->append,
		.dmar = s->dmar,
		.console = s->console,
		.disk = { s->disk[0], s->disk[1], s->disk[2] },
		.qemus_own = cfg->qemus_own,
		.faults = cfg->faults,
		.plants = cfg->plants,
		.seed = cfg->seed,
		.cpus = cfg->cpus,
		.megabytes = MEGABYTES,
		.more = cfg->more,
	};

	return vm_start(&s->vm, &machine, s->why, sizeof(s->why));
}

/* ---- watching it ---- */

static void tell_progress(const struct session *s)
{
	const struct guest_share *share = s->vm.share;

	if (!s->cfg->progress)
		return;
	fprintf(stderr,
		"\r\033[K%.0f s, %s: %" PRIu64 " submissions, %" PRIu64 " translations, %" PRIu64
		" stale, %" PRIu64 " faults",
		now() - s->started,
		s->vm.talk.done	       ? "ending"
		: s->vm.talk.working   ? "at work"
		: s->cfg->initrd       ? "running"
		: s->vm.talk.kernel[0] ? "telling its symbols"
				       : "booting",
		guest_count(&share->submissions), guest_count(&share->translations),
		guest_count(&share->stale), guest_count(&share->injected));
}

static void read_symbols(struct session *s)
{
	struct talk *t = &s->vm.talk;

	if (!s->symbols && t->symbols.bytes && !t->in_symbols)
		s->symbols = symbols_read(t->symbols.data);
}

/* What QEMU means by its last words, where they are known. */
static void explain_end(char *why, size_t size)
{
	if (strstr(why, "-plugin") && strstr(why, "invalid option"))
		snprintf(why, size,
			 "this QEMU has been built without plugins, which our unit is loaded by; "
			 "Debian's has them");
}

/* QEMU has gone, or the guest has. False: neither. */
static bool has_ended(struct session *s)
{
	struct vm *m = &s->vm;
	bool gone = process_ended(&m->process) || m->qmp.failed;

	/* What they have said last has come before that. */
	if (gone)
		vm_listen(m, 0);
	if ((gone && m->talk.done) ||
	    (m->qmp.shutdown && (m->talk.done || (s->cfg->initrd && !m->qmp.reset)))) {
		s->end = m->talk.result ? SESSION_FAILED : SESSION_DONE;
		if (m->talk.result)
			snprintf(s->why, sizeof(s->why), "the work says that it failed: %d",
				 m->talk.result);
		return true;
	}
	if (m->qmp.shutdown) {
		s->end = m->talk.working || s->cfg->initrd ? SESSION_ENDED : SESSION_UNUSABLE;
		snprintf(s->why, sizeof(s->why), "the guest has %s before its work %s",
			 m->qmp.reset ? "reset itself, as after a panic," : "ended",
			 m->talk.working ? "was done" : "began");
		return true;
	}
	if (!gone)
		return false;
	s->end = m->talk.kernel[0] ? SESSION_ENDED : SESSION_UNUSABLE;
	process_end(&m->process, s->why, sizeof(s->why));
	explain_end(s->why, sizeof(s->why));
	return true;
}

/* Its init has told what it has found. */
static bool is_usable(struct session *s)
{
	struct talk *t = &s->vm.talk;

	if (!t->told_units || t->units)
		return true;
	s->end = SESSION_UNUSABLE;
	snprintf(s->why, sizeof(s->why),
		 "this kernel does not use the IOMMU: is it built without it, or is it off by "
		 "--append?");
	return false;
}

static bool is_stuck(struct session *s)
{
	struct vm *m = &s->vm;

	if (!hang_suspect(&s->hang, m->share))
		return false;
	if (!hang_look(&s->hang, &m->qmp, s->symbols, m->process.pid, m->share)) {
		/* A script of the user's may sleep. */
		unsigned patience = m->share->stale ? HANG_IDLE_LOOKS / 8 : HANG_IDLE_LOOKS;

		if (s->hang.idle < patience || !m->talk.working ||
		    (strchr(s->cfg->work, '/') && !m->share->stale))
			return false;
		s->end = SESSION_IDLE;
		snprintf(
			s->why, sizeof(s->why),
			"all processors are idle, and the work is not done: what it waits for does "
			"not come");
		return true;
	}
	hang_diagnose(&s->hang, &m->qmp, s->symbols, m->talk.btf.data, m->talk.btf.bytes, m->share);
	s->end = SESSION_HANG;
	return true;
}

static void watch(struct session *s)
{
	double look = now() + 1, until = s->started + s->cfg->seconds, ends = 0;

	for (;;) {
		vm_listen(&s->vm, 100);
		if (interrupted) {
			s->end = SESSION_INTERRUPTED;
			return;
		}
		if (s->vm.talk.working && !(s->to_work > 0))
			s->to_work = now() - s->started;
		if (s->vm.talk.done && !(s->at_work > 0))
			s->at_work = now() - s->started - s->to_work;
		if (has_ended(s) || !is_usable(s))
			return;
		if (s->vm.talk.done && !ends)
			ends = now() + END_SECONDS;
		if (ends && now() > ends) {
			s->end = s->vm.talk.result ? SESSION_FAILED : SESSION_DONE;
			return;
		}
		if (now() < look)
			continue;
		look = now() + 1;
		read_symbols(s);
		tell_progress(s);
		if (is_stuck(s))
			return;
		if (now() > until) {
			s->end = SESSION_TIME;
			sample_take(&s->last, &s->vm.qmp, s->symbols, s->vm.process.pid);
			return;
		}
	}
}

static void keep_log(struct session *s)
{
	FILE *from, *to;
	char buf[65536];
	size_t n;
	bool ok;

	if (!s->cfg->log)
		return;
	from = fopen(s->console, "re");
	if (!from)
		return;
	to = fopen(s->cfg->log, "we");
	ok = to;
	while (ok && (n = fread(buf, 1, sizeof(buf), from)) > 0)
		ok = fwrite(buf, 1, n, to) == n;
	fclose(from);
	if (to && fclose(to))
		ok = false;
	if (!ok)
		fprintf(stderr, "qinval guest: cannot write the log %s: %s\n", s->cfg->log,
			strerror(errno));
}

void session_run(struct session *s, const struct session_config *cfg)
{
	struct sigaction action = { .sa_handler = interrupt }, old[3];
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };

	*s = (struct session){ .cfg = cfg, .damaged = -1, .started = now() };
	s->vm.channel = s->vm.share_fd = s->vm.qmp.fd = -1;
	process_init(&s->vm.process);
	for (unsigned i = 0; i < 3; i++)
		sigaction(signals[i], &action, &old[i]);
	s->end = SESSION_UNUSABLE;
	if (prepare(s) && !interrupted && start(s)) {
		watch(s);
		process_kill(&s->vm.process);
		if (s->end == SESSION_DONE && !cfg->initrd)
			s->damaged =
				disks_damaged(s->disk[0], s->disk[1], DISK_MEGABYTES, cfg->seed);
		keep_log(s);
	}
	if (interrupted)
		s->end = SESSION_INTERRUPTED;
	if (cfg->progress)
		fputs("\r\033[K", stderr);
	s->seconds = now() - s->started;
	for (unsigned i = 0; i < 3; i++)
		sigaction(signals[i], &old[i], NULL);
}

static void remove_folder(const char *folder)
{
	char *roots[] = { (char *)folder, NULL };
	FTS *walk = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);

	if (!walk)
		return;
	for (FTSENT *e; (e = fts_read(walk));)
		if (e->fts_info != FTS_D)
			remove(e->fts_accpath);
	fts_close(walk);
}

void session_close(struct session *s)
{
	vm_stop(&s->vm);
	symbols_free(s->symbols);
	if (s->folder[0])
		remove_folder(s->folder);
}
