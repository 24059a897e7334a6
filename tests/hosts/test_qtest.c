/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The qtest host alone: QEMU starts and ends, and nothing is left behind; failures have a reason.
 */
#include "qemu.h"

#include "../patience.h"

#include <pthread.h>
#include <qinval/regs.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static const struct qtest_config queue = { .slots = 256, .width = 128 };

static struct qi_desc page(unsigned n)
{
	return qi_desc_iotlb(QI_IOTLB_PAGE, 1, n * 4096ULL, 0, false, 0);
}

static void pass_ms(unsigned ms)
{
	struct timespec ts = { ms / 1000, ms % 1000 * 1000000L };

	nanosleep(&ts, NULL);
}

/* ---- processes ---- */

static bool is_gone(pid_t pid)
{
	uint64_t end = patience_begin();

	while (qemu_lives(pid))
		if (!patience_lasts(end))
			return false;
	return true;
}

/* ---- normal operation ---- */

static void submissions_are_counted(void **state)
{
	struct rig *r = rig_start(&queue);
	struct qtest_counts before = qtest_counts(r->host), after;
	uint64_t reads = r->stats.register_reads;

	(void)state;
	assert_int_equal(before.reads, reads);
	assert_int_equal(qtest_rung(r->host), 0);
	for (unsigned i = 0; i < 1000; i++) {
		struct qi_desc d = page(i);

		assert_int_equal(qi_submit_sync(&r->q, &d, 1, 0), 0);
		assert_int_equal(qtest_rung(r->host), 2 * i + 2);
	}
	assert_int_equal(qtest_fetched(r->host), 2000);
	after = qtest_counts(r->host);
	assert_int_equal(after.doorbells - before.doorbells, 1000);
	assert_int_equal(after.reads - before.reads, r->stats.register_reads - reads);
	rig_stop(r);
}

static void only_its_memory_is_reached(void **state)
{
	struct rig *r = rig_start(&queue);
	struct qi_mem m = qtest_memory(r->host, 100), n = qtest_memory(r->host, 1);

	(void)state;
	assert_non_null(m.virt);
	assert_int_equal(m.phys % 4096, 0);
	assert_true(n.phys >= m.phys + 2 * 4096);
	assert_ptr_equal(qtest_reach(r->host, m.phys, 100), m.virt);
	assert_null(qtest_reach(r->host, 0, 1));
	assert_null(qtest_reach(r->host, QTEST_RAM_BYTES - 4, 8));
	assert_null(qtest_reach(r->host, QTEST_RAM_BYTES, 1));
	assert_null(qtest_memory(r->host, QTEST_RAM_BYTES).virt);
	while (qtest_memory(r->host, 1 << 20).virt)
		;
	/* The memory is the guest's. */
	qtest_store(r->host, m.phys, 0x1122334455667788, 8);
	assert_int_equal(qtest_load(r->host, m.phys + 4, 4), 0x11223344);
	assert_int_equal(*(uint64_t *)m.virt, 0x1122334455667788);
	rig_stop(r);
}

/* Far more bytes than the socket holds. */
static void writes_do_not_wait_for_each_other(void **state)
{
	struct rig *r = rig_start(&queue);
	struct qi_mem m = qtest_memory(r->host, 4096);

	(void)state;
	for (unsigned i = 0; i < 50000; i++)
		qtest_store(r->host, m.phys, i, 4);
	qtest_settle(r->host);
	assert_int_equal(*(uint32_t *)m.virt, 49999);
	rig_stop(r);
}

static void *start_and_end(void *arg)
{
	struct rig **r = arg;

	*r = rig_start(&queue);
	return NULL;
}

/* Linux ends a child with the thread that started it, if it was asked to end it with its parent. */
static void it_survives_the_thread_that_started_it(void **state)
{
	struct qi_desc d = page(1);
	pthread_t thread;
	struct rig *r;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, start_and_end, &r), 0);
	pthread_join(thread, NULL);
	pass_ms(50);
	assert_int_equal(qi_submit_sync(&r->q, &d, 1, 0), 0);
	rig_stop(r);
}

/* ---- nothing is left ---- */

static void stopping_leaves_nothing(void **state)
{
	char error[500];
	struct qtest_host *h;
	pid_t pid;

	(void)state;
	assert_int_equal(qemu_child_of(getpid()), 0);
	h = qtest_start(&queue, error, sizeof(error));
	assert_non_null(h);
	pid = qemu_child_of(getpid());
	assert_true(pid > 0);
	qtest_stop(h);
	assert_true(is_gone(pid));
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

/* The child has a QEMU, and ends by @signal; 0: by exit(); -1: by returning from a thread. */
static void end_child(int report, int signal)
{
	char error[500];
	pid_t pid;

	if (!qtest_start(&queue, error, sizeof(error)))
		_exit(1);
	pid = qemu_child_of(getpid());
	if (write(report, &pid, sizeof(pid)) != sizeof(pid))
		_exit(1);
	close(report);
	if (signal)
		raise(signal);
	exit(0);
}

static void no_end_of_ours_leaves_it(void **state)
{
	static const int signals[] = { 0, SIGKILL, SIGTERM, SIGINT, SIGHUP, SIGABRT, SIGSEGV };

	(void)state;
	for (unsigned i = 0; i < sizeof(signals) / sizeof(*signals); i++) {
		pid_t child, qemu = 0;
		int report[2], status;

		assert_int_equal(pipe(report), 0);
		child = fork();
		if (!child) {
			signal(signals[i] ? signals[i] : SIGTERM, SIG_DFL);
			end_child(report[1], signals[i]);
		}
		close(report[1]);
		assert_int_equal(read(report[0], &qemu, sizeof(qemu)), sizeof(qemu));
		close(report[0]);
		assert_true(qemu > 0);
		assert_int_equal(waitpid(child, &status, 0), child);
		if (!is_gone(qemu))
			fail_msg("signal %d leaves QEMU", signals[i]);
	}
}

/* ---- failures to start ---- */

/* Write this shell script, which removes itself, as a program. */
static const char *script(const char *text)
{
	static char path[60];
	FILE *f;

	snprintf(path, sizeof(path), "/tmp/qinval-qtest-%d", (int)getpid());
	f = fopen(path, "w");
	assert_non_null(f);
	fprintf(f, "#!/bin/sh\nrm \"$0\"\n%s\n", text);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(path, 0700), 0);
	return path;
}

static void does_not_start(const struct qtest_config *cfg, const char *because)
{
	char error[500] = "";

	assert_null(qtest_start(cfg, error, sizeof(error)));
	if (!strstr(error, because))
		fail_msg("not \"%s\": %s", because, error);
	assert_null(strchr(error, '\n'));
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

static void what_is_not_there_is_said(void **state)
{
	struct qtest_config cfg = queue;

	(void)state;
	cfg.program = "/nowhere/qemu";
	does_not_start(&cfg, "there is no /nowhere/qemu here; on Debian: apt install");
	cfg.program = "/etc/passwd";
	does_not_start(&cfg, "cannot start /etc/passwd: Permission denied");
}

static void an_end_at_once_is_said(void **state)
{
	static const char *const nonsense[] = { "-nonsense", NULL };
	struct qtest_config cfg = queue;

	(void)state;
	cfg.program = "false";
	does_not_start(&cfg, "false has ended with exit status 1");
	cfg.program = script("echo 'no room left' >&2; exit 7");
	does_not_start(&cfg, "has ended with exit status 7: no room left");
	cfg.program = script("kill -9 $$");
	does_not_start(&cfg, "was ended by signal 9 (Killed)");
	cfg = queue;
	cfg.arguments = nonsense;
	does_not_start(&cfg, "exit status 1: -nonsense: invalid option");
	cfg = queue;
	cfg.properties = "no-such=on";
	does_not_start(&cfg, "no-such");
}

/* The socket's number follows "fd=". */
#define SOCKET "fd=$(echo \"$*\" | sed 's/.*id=qtest,fd=\\([0-9]*\\).*/\\1/')\n"

/*
 * A script named like QEMU that does not exec it: its children end with it. Its answers are
 * malformed, so that no thread waits for more.
 */
static void what_a_script_starts_ends_with_it(void **state)
{
	struct qtest_config cfg = queue;
	char error[500];
	int report[2];

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		char text[200], pid[20] = "";

		/* Not closed on exec, so that the script can write to it. */
		assert_int_equal(pipe(report), 0);
		snprintf(text, sizeof(text),
			 SOCKET "sleep 3600 & echo $! >&%d\n"
				"eval \"echo no >&$fd\"; %s",
			 report[1], i ? "wait" : "exit 3");
		cfg.program = script(text);
		assert_null(qtest_start(&cfg, error, sizeof(error)));
		assert_true(read(report[0], pid, sizeof(pid) - 1) > 0);
		close(report[0]);
		close(report[1]);
		assert_true(atoi(pid) > 0);
		assert_true(is_gone(atoi(pid)));
	}
}

/* The signal at our end reaches the process that we have started, and no other. */
static void the_end_of_ours_ends_what_a_script_starts(void **state)
{
	static const int signals[] = { 0, SIGKILL };
	int report[2];

	(void)state;
	for (unsigned i = 0; i < sizeof(signals) / sizeof(*signals); i++) {
		struct qtest_config cfg = queue;
		char text[100], error[500], pid[20] = "";
		pid_t child;

		assert_int_equal(pipe(report), 0);
		snprintf(text, sizeof(text), "sleep 3600 & echo $! >&%d; exec %s \"$@\"", report[1],
			 QTEST_PROGRAM);
		cfg.program = script(text);
		child = fork();
		if (!child) {
			if (qtest_start(&cfg, error, sizeof(error)) && signals[i])
				raise(signals[i]);
			exit(0);
		}
		assert_true(read(report[0], pid, sizeof(pid) - 1) > 0);
		close(report[0]);
		close(report[1]);
		assert_int_equal(waitpid(child, NULL, 0), child);
		assert_true(atoi(pid) > 0);
		if (!is_gone(atoi(pid)))
			fail_msg("signal %d leaves what a script has started", signals[i]);
	}
}

static void rubbish_is_said(void **state)
{
	struct qtest_config cfg = queue;

	(void)state;
	cfg.program = script(SOCKET "eval \"echo HTTP/1.1 400 >&$fd\"; exec sleep 3600");
	does_not_start(&cfg, "not of the qtest protocol: \"HTTP/1.1 400\"");
	cfg.program = script(SOCKET "eval \"echo OK >&$fd\"; exec sleep 3600");
	does_not_start(&cfg, "not of the qtest protocol: \"OK\"");
	cfg.program = script(SOCKET "eval \"echo OK 0x1z >&$fd\"; exec sleep 3600");
	does_not_start(&cfg, "not of the qtest protocol: \"OK 0x1z\"");
	cfg.program = script(SOCKET "eval \"head -c 10000 /dev/zero >&$fd\"; exec sleep 3600");
	does_not_start(&cfg, "does not end");
	cfg.program = script(SOCKET "eval \"echo 'OK 0x1\nOK 0x2' >&$fd\"; exec sleep 3600");
	does_not_start(&cfg, "not of the qtest protocol: \"OK 0x2\"");
	cfg.program =
		script(SOCKET "eval \"exec 0<&$fd 1>&$fd\"\n"
			      "read cap; echo OK 0x1; read ecap; echo OK 0x0; exec sleep 3600");
	does_not_start(&cfg, "no unit with queued invalidation");
}

static void silence_is_said(void **state)
{
	struct qtest_config cfg = queue;

	(void)state;
	cfg.patience_ms = 200;
	cfg.program = script("exec sleep 3600");
	does_not_start(&cfg, "has not answered for 200 ms");
}

static void nonsense_is_refused(void **state)
{
	struct qtest_config cfg = { .slots = 1U << 28, .width = 256 };

	(void)state;
	does_not_start(&cfg, "no room for a queue of 268435456 slots");
}

/* ---- QEMU ends during the run ---- */

struct crowd {
	struct rig *r;
	uint32_t stop, gone, other, done; /* atomic */
};

static void *submit_until_gone(void *arg)
{
	struct crowd *c = arg;
	int err = 0;

	for (unsigned i = 0; !err && !__atomic_load_n(&c->stop, __ATOMIC_RELAXED); i++) {
		struct qi_desc d = page(i);

		err = qi_submit_sync(&c->r->q, &d, 1, 0);
		__atomic_fetch_add(&c->done, !err, __ATOMIC_RELAXED);
	}
	__atomic_fetch_add(err == -QI_ERR_GONE ? &c->gone : &c->other, 1, __ATOMIC_RELAXED);
	return NULL;
}

/*
 * All threads are told soon, including a thread that asks for the reason. False, without a failure:
 * QEMU ended before the signal.
 */
static bool it_ends_under_way(const struct qtest_config *cfg, int signal, const char *because)
{
	struct crowd c = { .r = rig_start(cfg) };
	pthread_t thread[8];
	bool early;

	for (unsigned i = 0; i < 8; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, submit_until_gone, &c), 0);
	while (__atomic_load_n(&c.done, __ATOMIC_RELAXED) < 1000 && !qtest_failure(c.r->host))
		pass_ms(1);
	early = qtest_failure(c.r->host);
	if (!early)
		kill(qemu_child_of(getpid()), signal);
	for (unsigned i = 0; i < 8; i++)
		pthread_join(thread[i], NULL);
	assert_int_equal(c.gone, 8);
	assert_non_null(qtest_failure(c.r->host));
	if (!strstr(qtest_failure(c.r->host), because))
		fail_msg("not \"%s\": %s", because, qtest_failure(c.r->host));
	assert_int_equal(qtest_read32(c.r->host, DMAR_FSTS_REG), 0xffffffff);
	assert_int_equal(qi_disable(&c.r->q), -QI_ERR_GONE);
	assert_int_equal(qi_reset(&c.r->q), -QI_ERR_GONE);
	qtest_stop(c.r->host);
	free(c.r);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	return !early;
}

static void death_is_a_unit_that_is_gone(void **state)
{
	(void)state;
	assert_true(it_ends_under_way(&queue, SIGKILL,
				      "qemu-system-x86_64 was ended by signal 9 (Killed)"));
}

static void so_is_a_hang(void **state)
{
	struct qtest_config cfg = queue;
	uint64_t end = patience_begin();
	char because[60];

	(void)state;
	cfg.patience_ms = 500;
	/* If QEMU does not answer for so long because the machine is busy, try with more time. */
	do {
		cfg.patience_ms *= 2;
		snprintf(because, sizeof(because), "QEMU has not answered for %u ms",
			 cfg.patience_ms);
	} while (!it_ends_under_way(&cfg, SIGSTOP, because) && patience_lasts(end));
	assert_true(patience_lasts(end));
}

/* A guest can make QEMU 7.2 abort: its message is passed on. */
static void its_last_words_are_passed_on(void **state)
{
	struct rig *r = rig_start(&queue);
	struct qi_desc *slot = r->qc.ring.virt;
	const char *why;

	(void)state;
	assert_int_equal(qi_disable(&r->q), 0);
	slot[0] = qi_desc_wait(QI_IWD_SW | QI_IWD_IF, r->qc.status.phys, 1);
	qtest_write64(r->host, DMAR_IQT_REG, 0);
	qtest_write64(r->host, DMAR_IQA_REG, r->qc.ring.phys);
	qtest_write32(r->host, DMAR_GCMD_REG, VTD_GCMD_QIE);
	qtest_write64(r->host, DMAR_IQT_REG, 16);
	qtest_settle(r->host);
	why = qtest_failure(r->host);
	if (why && !(strstr(why, "signal 6 (Aborted)") && strstr(why, "Assertion")))
		fail_msg("%s", why);
	qtest_stop(r->host);
	free(r);
	if (!why) {
		puts("SKIPPED, not tested: this QEMU survives a wait with SW and IF");
		skip();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(submissions_are_counted),
		cmocka_unit_test(only_its_memory_is_reached),
		cmocka_unit_test(writes_do_not_wait_for_each_other),
		cmocka_unit_test(it_survives_the_thread_that_started_it),
		cmocka_unit_test(stopping_leaves_nothing),
		cmocka_unit_test(no_end_of_ours_leaves_it),
		cmocka_unit_test(what_is_not_there_is_said),
		cmocka_unit_test(an_end_at_once_is_said),
		cmocka_unit_test(what_a_script_starts_ends_with_it),
		cmocka_unit_test(the_end_of_ours_ends_what_a_script_starts),
		cmocka_unit_test(rubbish_is_said),
		cmocka_unit_test(silence_is_said),
		cmocka_unit_test(nonsense_is_refused),
		cmocka_unit_test(death_is_a_unit_that_is_gone),
		cmocka_unit_test(so_is_a_hang),
		cmocka_unit_test(its_last_words_are_passed_on),
	};

	if (!qemu_is_here())
		return SKIPPED;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
