/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Two habits of QEMU's unit that a driver has to tolerate: it stores a status word twice, and after
 * an error it fetches nothing before IQT is written again. The core does tolerate them. To show
 * that the test means something, an old kind of driver is tried in the same way, and fails.
 */
#include "spoil.h"

#include "../patience.h"

#include <errno.h>
#include <pthread.h>
#include <qinval/regs.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define SLOTS 256

static struct qi_desc page(unsigned n)
{
	return qi_desc_iotlb(QI_IOTLB_PAGE, 1, n * 4096ULL, 0, false, 0);
}

/* ---- an old kind of driver: one word means "completed" and "may be freed" ---- */

enum { FREE, IN_USE, DONE };

struct naive {
	struct qtest_host *host;
	uint64_t (*ring)[2];
	volatile uint32_t *state; /* by slot; the unit stores DONE in that of the wait */
	uint64_t state_addr;
	unsigned free_head, free_tail, free_count;
};

static struct naive naive_start(struct qtest_host *h)
{
	struct qi_mem ring = qtest_memory(h, SLOTS * 16), state = qtest_memory(h, SLOTS * 4);

	qtest_write64(h, DMAR_IQT_REG, 0);
	qtest_write64(h, DMAR_IQA_REG, ring.phys);
	qtest_write32(h, DMAR_GCMD_REG, VTD_GCMD_QIE);
	qtest_settle(h);
	return (struct naive){
		.host = h,
		.ring = ring.virt,
		.state = state.virt,
		.state_addr = state.phys,
		.free_count = SLOTS,
	};
}

static void naive_put(struct naive *n, const struct qi_desc *d)
{
	n->ring[n->free_head][0] = d->qw0;
	n->ring[n->free_head][1] = d->qw1;
	n->state[n->free_head] = IN_USE;
	n->free_head = (n->free_head + 1) % SLOTS;
	n->free_count--;
}

static void naive_ring(struct naive *n)
{
	qtest_write64(n->host, DMAR_IQT_REG, 16 * n->free_head);
}

/* Submit @d and a wait. Returns the wait's slot; -1: the ring is full. */
static int naive_submit(struct naive *n, const struct qi_desc *d)
{
	unsigned wait = (n->free_head + 1) % SLOTS;
	struct qi_desc w = qi_desc_wait(QI_IWD_SW, n->state_addr + 4 * wait, DONE);

	if (n->free_count < 3)
		return -1;
	naive_put(n, d);
	naive_put(n, &w);
	naive_ring(n);
	return wait;
}

/* The submitter frees its slots when it has seen DONE. */
static void naive_free(struct naive *n, unsigned wait)
{
	n->state[(wait + SLOTS - 1) % SLOTS] = FREE;
	n->state[wait] = FREE;
	while (n->free_count < SLOTS && n->state[n->free_tail] == FREE) {
		n->free_tail = (n->free_tail + 1) % SLOTS;
		n->free_count++;
	}
}

static bool naive_completes(struct naive *n)
{
	struct qi_desc d = page(1);
	int wait = naive_submit(n, &d);

	qtest_settle(n->host);
	if (wait < 0 || n->state[wait] != DONE)
		return false;
	naive_free(n, wait);
	return true;
}

/* ---- QEMU, stopped between two stores ---- */

/* The address of the guest's memory in QEMU's process. */
static uint64_t ram_of(pid_t pid)
{
	char path[40], line[400];
	unsigned long long start, found = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/maps", (int)pid);
	f = fopen(path, "r");
	assert_non_null(f);
	while (!found && fgets(line, sizeof(line), f))
		if (strstr(line, "qinval-ram") && sscanf(line, "%llx", &start) == 1)
			found = start;
	fclose(f);
	assert_true(found);
	return found;
}

static bool debug_register(pid_t pid, unsigned n, uint64_t value)
{
	size_t at = offsetof(struct user, u_debugreg) + n * sizeof(uint64_t);

	return !ptrace(PTRACE_POKEUSER, pid, (void *)at, (void *)value);
}

/* Set and enable debug register 0, for stores of 4 bytes. */
static bool set_watchpoint(pid_t pid, uint64_t at)
{
	return debug_register(pid, 0, at) && debug_register(pid, 7, 0xd0001);
}

static volatile uint32_t stored_by_child;

/*
 * Tried in a child process, as some virtual machines accept the registers' values without effect.
 */
static bool watchpoints_strike(void)
{
	bool struck = false;
	int status = 0;
	pid_t pid = fork();

	if (!pid) {
		if (!ptrace(PTRACE_TRACEME, 0, NULL, NULL))
			raise(SIGSTOP);
		stored_by_child = 1;
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (!WIFSTOPPED(status))
		return false;
	if (set_watchpoint(pid, (uintptr_t)&stored_by_child) &&
	    !ptrace(PTRACE_CONT, pid, NULL, NULL)) {
		assert_int_equal(waitpid(pid, &status, 0), pid);
		struck = WIFSTOPPED(status) && WSTOPSIG(status) == SIGTRAP;
	}
	if (!WIFEXITED(status)) {
		kill(pid, SIGKILL);
		assert_int_equal(waitpid(pid, NULL, 0), pid);
	}
	return struck;
}

struct watched {
	struct qtest_host *host;
	pid_t pid;
	/* Waits for QEMU's answer to a read, which comes when QEMU has done all earlier work. */
	pthread_t asking;
	bool asked;
	uint32_t answered; /* atomic */
};

/* Stop QEMU's thread after each store of 4 bytes at @addr. If that is impossible, skip the test. */
static struct watched watch(struct qtest_host *h, pid_t pid, uint64_t addr)
{
	if (!watchpoints_strike()) {
		not_tested("no hardware watchpoints here, or no ptrace()");
	} else if (ptrace(PTRACE_SEIZE, pid, NULL, NULL)) {
		printf("SKIPPED, not tested: QEMU may not be traced here: %s\n", strerror(errno));
	} else {
		assert_int_equal(ptrace(PTRACE_INTERRUPT, pid, NULL, NULL), 0);
		assert_int_equal(waitpid(pid, NULL, 0), pid);
		assert_true(set_watchpoint(pid, ram_of(pid) + addr));
		assert_int_equal(ptrace(PTRACE_CONT, pid, NULL, NULL), 0);
		return (struct watched){ .host = h, .pid = pid };
	}
	qtest_stop(h);
	skip();
	abort(); /* skip() does not return */
}

static void *ask(void *arg)
{
	struct watched *w = arg;

	qtest_settle(w->host);
	__atomic_store_n(&w->answered, 1, __ATOMIC_RELEASE);
	return NULL;
}

/* Wait for a store. False: QEMU has done all its work, and there was none. */
static bool await_store(struct watched *w)
{
	const struct timespec look = { 0, 1000000 };
	int status = 0;

	if (!w->asked)
		assert_int_equal(pthread_create(&w->asking, NULL, ask, w), 0);
	w->asked = true;
	while (waitpid(w->pid, &status, WNOHANG) != w->pid) {
		if (__atomic_load_n(&w->answered, __ATOMIC_ACQUIRE))
			return false;
		nanosleep(&look, NULL);
	}
	return WIFSTOPPED(status) && WSTOPSIG(status) == SIGTRAP;
}

static void go_on(const struct watched *w)
{
	assert_int_equal(ptrace(PTRACE_CONT, w->pid, NULL, NULL), 0);
}

static void unwatch(const struct watched *w)
{
	assert_true(debug_register(w->pid, 7, 0));
	assert_int_equal(ptrace(PTRACE_DETACH, w->pid, NULL, NULL), 0);
	pthread_join(w->asking, NULL);
}

static void skip_without_second_store(const struct watched *w)
{
	not_tested("this QEMU, or its libc, stores a status word once");
	pthread_join(w->asking, NULL);
	qtest_stop(w->host);
	skip();
}

/*
 * Two submissions are complete. The first one's submitter has not looked yet. The second one's has,
 * and frees its slots before the unit stores DONE again. From then on that slot is DONE: no thread
 * will free it, and reclaim, which goes in order, never gets past it.
 */
static void stored_twice_ends_the_old_way(void **state)
{
	const struct qtest_config cfg = { .slots = 0 };
	char error[500];
	struct qtest_host *h = qtest_start(&cfg, error, sizeof(error));
	struct qi_desc d = page(1);
	pid_t pid = qemu_child_of(getpid());
	struct watched w;
	struct naive n;
	unsigned more = 0;
	int first, second, wait;

	(void)state;
	assert_non_null(h);
	n = naive_start(h);
	for (unsigned i = 0; i < 3 * SLOTS; i++)
		assert_true(naive_completes(&n));
	w = watch(h, pid, n.state_addr + 4 * ((n.free_head + 3) % SLOTS));
	first = naive_submit(&n, &d);
	second = naive_submit(&n, &d);
	assert_true(await_store(&w));
	assert_int_equal(n.state[first], DONE);
	assert_int_equal(n.state[second], DONE);
	naive_free(&n, second);
	go_on(&w);
	if (!await_store(&w))
		skip_without_second_store(&w);
	assert_int_equal(n.state[second], DONE);
	unwatch(&w);

	naive_free(&n, first);
	while ((wait = naive_submit(&n, &d)) >= 0) {
		qtest_settle(h);
		assert_int_equal(n.state[wait], DONE);
		naive_free(&n, wait);
		assert_true(++more < SLOTS);
	}
	assert_int_equal(n.free_tail, second);
	qtest_stop(h);
}

static void stored_twice_is_nothing_to_the_core(void **state)
{
	const struct qtest_config cfg = { .slots = SLOTS, .width = 128 };
	struct rig *r = rig_start(&cfg);
	struct qi_desc d = page(1);
	struct qi_ticket first, second, third;
	volatile uint32_t *word;
	pid_t pid = qemu_child_of(getpid());
	struct watched w;
	uint32_t tag;

	(void)state;
	for (unsigned i = 0; i < 3 * SLOTS / 2; i++)
		assert_int_equal(qi_submit_sync(&r->q, &d, 1, 0), 0);
	word = (uint32_t *)r->qc.status.virt + 2;
	w = watch(r->host, pid, r->qc.status.phys + 4 * 2);
	tag = *word;
	assert_int_equal(qi_submit(&r->q, &d, 1, 0, &first), 0);
	assert_int_equal((first.first + first.n) % SLOTS, 1);
	assert_int_equal(qi_submit(&r->q, &d, 1, 0, &second), 0);
	assert_true(await_store(&w));
	assert_int_not_equal(*word, tag);
	tag = *word;
	assert_int_equal(qi_poll(&r->q, &second), 0);
	assert_int_equal(qi_submit(&r->q, &d, 1, 0, &third), 0);
	go_on(&w);
	if (!await_store(&w))
		skip_without_second_store(&w);
	assert_int_equal(*word, tag);
	unwatch(&w);

	assert_int_equal(qi_poll(&r->q, &first), 0);
	assert_int_equal(qi_wait(&r->q, &third), 0);
	for (unsigned i = 0; i < 3 * SLOTS; i++)
		assert_int_equal(qi_submit_sync(&r->q, &d, 1, 0), 0);
	rig_stop(r);
}

/* ---- after an error ---- */

/*
 * The error is repaired as the specification says, and the queue stands still until IQT is written
 * again.
 */
static void an_error_ends_the_old_way(void **state)
{
	const struct qtest_config cfg = { .slots = 0 };
	char error[500];
	struct qtest_host *h = qtest_start(&cfg, error, sizeof(error));
	struct qi_desc bad = { .qw0 = 15 };
	struct naive n;
	int wait;

	(void)state;
	assert_non_null(h);
	n = naive_start(h);
	assert_true(naive_completes(&n));
	wait = naive_submit(&n, &bad);
	assert_int_equal(qtest_read32(h, DMAR_FSTS_REG), VTD_FSTS_IQE);
	memcpy(n.ring[wait - 1], n.ring[wait], 16);
	qtest_write32(h, DMAR_FSTS_REG, VTD_FSTS_IQE);
	for (unsigned i = 0; i < 1000; i++)
		assert_int_equal(qtest_read32(h, DMAR_FSTS_REG), 0);
	assert_int_equal(n.state[wait], IN_USE);
	assert_int_equal(qtest_read64(h, DMAR_IQH_REG), 16 * (wait - 1));

	naive_ring(&n);
	qtest_settle(h);
	assert_int_equal(n.state[wait], DONE);
	naive_free(&n, wait);
	assert_true(naive_completes(&n));
	qtest_stop(h);
}

/* The submission after the refused one completes although no thread submits any more. */
static void an_error_is_nothing_to_the_core(void **state)
{
	const struct qi_desc bad = { .qw0 = 15 };
	struct spoiler s = { .r = NULL };
	const struct qtest_config cfg = {
		.slots = SLOTS, .width = 128, .doorbell = spoil, .ctx = &s
	};
	struct rig *r = rig_start(&cfg);
	struct qi_desc d = page(1);
	struct qi_ticket t[3];

	(void)state;
	s.r = r;
	for (unsigned i = 0; i < 20; i++) {
		spoil_arm(&s, &bad, false, 1 + i % 2);
		for (unsigned k = 0; k < 3; k++)
			assert_int_equal(qi_submit(&r->q, &d, 1, 0, &t[k]), 0);
		for (unsigned k = 0; k < 3; k++)
			assert_int_equal(qi_wait(&r->q, &t[k]), k == i % 2 ? -QI_ERR_IQE : 0);
	}
	rig_stop(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stored_twice_ends_the_old_way),
		cmocka_unit_test(stored_twice_is_nothing_to_the_core),
		cmocka_unit_test(an_error_ends_the_old_way),
		cmocka_unit_test(an_error_is_nothing_to_the_core),
	};

	if (!qemu_is_here())
		return SKIPPED;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
