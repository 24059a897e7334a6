/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "session.h"

#include "disks.h"
#include "ready.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MEGABYTES 1024 /* of the guest's memory */
#define END_SECONDS 30 /* time limit from the end of the work to the end of QEMU */

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

/* The symbols of the kernel; those of modules arrive later. */
static void read_symbols(struct session *s)
{
	struct talk *t = &s->vm.talk;

	if (t->whole == s->symbols_bytes)
		return;
	symbols_free(s->symbols);
	s->symbols = symbols_read(t->symbols.data);
	s->symbols_bytes = t->whole;
}

static struct sample_names names(const struct session *s)
{
	const char *module = s->vm.talk.module;

	return (struct sample_names){ s->symbols, s->cfg->module && *module ? module : NULL };
}

/* Add an explanation to QEMU's last message, if there is one. */
static void explain_end(char *why, size_t size)
{
	if (strstr(why, "-plugin") && strstr(why, "invalid option"))
		snprintf(why, size,
			 "this QEMU has been built without plugins, which our unit is loaded by; "
			 "Debian's has them");
}

/* The work is done: judge how the guest ended. */
static void conclude(struct session *s)
{
	const struct talk *t = &s->vm.talk;

	s->end = t->result || *t->stays ? SESSION_FAILED : SESSION_DONE;
	if (t->result)
		snprintf(s->why, sizeof(s->why), "the work says that it failed: %d", t->result);
	else if (*t->stays)
		snprintf(s->why, sizeof(s->why), "the kernel does not let go of the module %s",
			 t->stays);
}

/* True if QEMU or the guest has ended. */
static bool has_ended(struct session *s)
{
	struct vm *m = &s->vm;
	bool gone = process_ended(&m->process) || m->qmp.failed;

	/* Their last messages may have arrived before that. */
	if (gone)
		vm_listen(m, 0);
	if ((gone && m->talk.done) ||
	    (m->qmp.shutdown && (m->talk.done || (s->cfg->initrd && !m->qmp.reset)))) {
		conclude(s);
		if (!m->talk.done)
			snprintf(s->why, sizeof(s->why), "the guest has ended by itself");
		return true;
	}
	if (m->qmp.shutdown) {
		s->end = m->talk.working || (s->cfg->initrd && m->share->submissions)
				 ? SESSION_ENDED
				 : SESSION_UNUSABLE;
		snprintf(s->why, sizeof(s->why), "the guest has %s before its work %s",
			 m->qmp.reset ? "reset itself, as after a panic or where no kernel boots,"
				      : "ended",
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

/* The guest's init has reported the guest's state. False: it cannot be used. */
static bool is_usable(struct session *s)
{
	struct talk *t = &s->vm.talk;

	if (t->told_units && !t->units)
		snprintf(s->why, sizeof(s->why),
			 "this kernel does not use the IOMMU: is it built without it, or is it off "
			 "by --append?");
	else if (*t->refused)
		snprintf(s->why, sizeof(s->why), "the kernel does not load the module %s",
			 t->refused);
	else
		return true;
	s->end = SESSION_UNUSABLE;
	return false;
}

static bool is_stuck(struct session *s)
{
	const struct sample_names by = names(s);
	struct vm *m = &s->vm;

	if (!hang_suspect(&s->hang, m->share))
		return false;
	if (!hang_look(&s->hang, &m->qmp, &by, m->process.pid, m->share)) {
		/* A script of the user may sleep. */
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

static void note_times(struct session *s)
{
	if (s->vm.talk.working && !(s->to_work > 0)) {
		s->to_work = now() - s->started;
		s->cpu_at_work = -sample_seconds(s->vm.process.pid);
	}
	if (s->vm.talk.done && !(s->at_work > 0)) {
		s->at_work = now() - s->started - s->to_work;
		s->cpu_at_work += sample_seconds(s->vm.process.pid);
	}
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
		note_times(s);
		if (has_ended(s) || !is_usable(s))
			return;
		if (s->vm.talk.done && !ends)
			ends = now() + END_SECONDS;
		if (ends && now() > ends) {
			conclude(s);
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
			const struct sample_names by = names(s);

			s->end = SESSION_TIME;
			sample_take(&s->last, &s->vm.qmp, &by, s->vm.process.pid);
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

	*s = (struct session){
		.cfg = cfg,
		.damaged = -1,
		.started = now(),
		.folder = { .lock = -1 },
	};
	s->vm.channel = s->vm.share_fd = s->vm.qmp.fd = -1;
	process_init(&s->vm.process);
	for (unsigned i = 0; i < 3; i++)
		sigaction(signals[i], &action, &old[i]);
	s->end = SESSION_UNUSABLE;
	if (ready_make(s) && !interrupted && start(s)) {
		watch(s);
		process_kill(&s->vm.process);
		if (s->end == SESSION_DONE && s->copies)
			s->damaged =
				disks_damaged(s->disk[0], s->disk[1], READY_MEGABYTES, cfg->seed);
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

void session_close(struct session *s)
{
	vm_stop(&s->vm);
	symbols_free(s->symbols);
	folder_remove(&s->folder);
}
