/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * qemu_stress.c - many threads, one queue, QEMU's unit, and from time to time a descriptor that
 * QEMU refuses. Each refusal must reach its submitter, with the index, and no other submission may
 * fail. Or the queue is turned off and on, suspended and reset meanwhile, and all threads go on.
 */
#include "spoil.h"

#include "../patience.h"

#include <argp.h>
#include <pthread.h>
#include <qinval/regs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MAX_THREADS 64
#define MAX_COUNT 6
#define TICKETS 4 /* outstanding tickets of a thread */

struct stress {
	unsigned threads, slots, width, peace;
	uint64_t submissions;
	bool life; /* instead of refusals */

	struct spoiler spoiler;
	struct rig rig;
	uint64_t left;				 /* atomic: submissions to make */
	uint64_t succeeded, told, wrong, blamed; /* atomic */
	/* Atomic: because the queue was turned off or reset. */
	uint64_t interrupted;
};

static uint64_t next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static double seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

static void add(uint64_t *counter)
{
	__atomic_fetch_add(counter, 1, __ATOMIC_RELAXED);
}

/* True if the bad descriptor is blamed. The next one is armed only after this one was reported. */
static bool is_bad_one(const struct stress *s, const struct qi_ticket *t)
{
	uint32_t slot = __atomic_load_n(&s->spoiler.slot, __ATOMIC_RELAXED);

	return t->error.code == -QI_ERR_IQE &&
	       ((t->first + t->error.index) & (s->slots - 1)) == slot;
}

struct submission {
	struct qi_desc desc[MAX_COUNT];
	unsigned count;
	struct qi_ticket ticket;
};

static void judge(struct stress *s, const struct submission *sub, int err)
{
	if (!err) {
		add(&s->succeeded);
	} else if (s->life && (err == -QI_ERR_OFF || err == -QI_ERR_DEAD)) {
		/* It does not count; the queue will soon be on again. */
		add(&s->interrupted);
		if (!__atomic_load_n(&s->wrong, __ATOMIC_RELAXED))
			add(&s->left);
		nanosleep(&(struct timespec){ 0, 50000 }, NULL);
	} else {
		if (is_bad_one(s, &sub->ticket))
			add(&s->blamed);
		else
			add(&s->wrong);
		add(&s->told);
	}
}

static void fill(struct submission *sub, uint64_t *random)
{
	sub->count = next_random(random) % MAX_COUNT;
	for (unsigned i = 0; i < sub->count; i++)
		sub->desc[i] = qi_desc_iotlb(QI_IOTLB_PAGE, next_random(random) % 4,
					     next_random(random) & 0x3ffffff000, 0, false, 0);
}

/* Several tickets at once, collected in the order of submission or in the reverse. */
static void some(struct stress *s, uint64_t *random, unsigned n)
{
	struct submission sub[TICKETS];
	bool backwards = next_random(random) & 1;
	int err[TICKETS];

	for (unsigned i = 0; i < n; i++) {
		fill(&sub[i], random);
		err[i] = qi_submit(&s->rig.q, sub[i].desc, sub[i].count, 0, &sub[i].ticket);
	}
	for (unsigned k = 0; k < n; k++) {
		unsigned i = backwards ? n - 1 - k : k;

		judge(s, &sub[i], err[i] ? err[i] : qi_wait(&s->rig.q, &sub[i].ticket));
	}
}

static void *submit(void *arg)
{
	struct stress *s = arg;
	uint64_t random = (uintptr_t)&random | 1;
	unsigned n = 1;

	while ((int64_t)__atomic_sub_fetch(&s->left, n, __ATOMIC_RELAXED) >= 0) {
		some(s, &random, n);
		n = 1 + next_random(&random) % TICKETS;
	}
	return NULL;
}

static void dump(struct stress *s)
{
	struct qi_snapshot snap = { .slot = NULL };

	qi_snapshot(&s->rig.q, &snap);
	fprintf(stderr,
		"mode %d dead %d head %u tail %u used %u queued %u FSTS 0x%x IQH 0x%llx IQT "
		"0x%llx\n",
		snap.mode, snap.dead, snap.head, snap.tail, snap.used, snap.queued,
		qtest_read32(s->rig.host, DMAR_FSTS_REG),
		(unsigned long long)qtest_read64(s->rig.host, DMAR_IQH_REG),
		(unsigned long long)qtest_read64(s->rig.host, DMAR_IQT_REG));
}

/*
 * A reset is refused while tickets are uncollected, and then leaves the queue dead; the other
 * operations leave it on.
 */
static int live(struct qi *q, unsigned turn)
{
	int err = -QI_ERR_BUSY;

	switch (turn % 3) {
	case 0:
		while (err == -QI_ERR_BUSY)
			err = qi_reset(q);
		return err;
	case 1:
		err = qi_disable(q);
		return err ? err : qi_enable(q);
	default:
		err = qi_suspend(q);
		return err ? err : qi_resume(q);
	}
}

/* Off and on, suspended and resumed, reset, every few milliseconds. */
static void lead_a_life(struct stress *s)
{
	const struct timespec pause = { 0, 5000000 };

	for (unsigned turn = 0; (int64_t)__atomic_load_n(&s->left, __ATOMIC_RELAXED) > 0; turn++) {
		int err = live(&s->rig.q, turn);

		if (err && err != -QI_ERR_BUSY) {
			fprintf(stderr, "life, turn %u: %s\n", turn, qi_strerror(err));
			dump(s);
			add(&s->wrong);
			return;
		}
		nanosleep(&pause, NULL);
	}
}

/* Arm a bad descriptor or wait when the last one's submitter has been told. */
static uint64_t plant(struct stress *s)
{
	static const struct qi_desc bad[] = {
		{ .qw0 = 0 },		{ .qw0 = 15 },
		{ .qw0 = QI_CC_TYPE },	{ .qw0 = QI_IOTLB_TYPE | 0x30, .qw1 = 19 },
		{ .qw0 = QI_IWD_TYPE },
	};
	const struct timespec pause = { 0, 200000 };
	uint64_t planted = 0, random = 1;

	while ((int64_t)__atomic_load_n(&s->left, __ATOMIC_RELAXED) > 0) {
		if (s->peace && !spoil_is_armed(&s->spoiler) &&
		    __atomic_load_n(&s->told, __ATOMIC_RELAXED) == planted) {
			spoil_arm(&s->spoiler, &bad[planted % 5], planted % 7 == 0,
				  1 + next_random(&random) % s->peace);
			planted++;
		}
		nanosleep(&pause, NULL);
	}
	return planted;
}

static int run(struct stress *s)
{
	pthread_t thread[MAX_THREADS];
	double start = seconds(), took;
	uint64_t planted = 0;
	int err;

	s->left = s->submissions;
	for (unsigned i = 0; i < s->threads; i++)
		if (pthread_create(&thread[i], NULL, submit, s)) {
			fputs("cannot start threads\n", stderr);
			_Exit(1);
		}
	if (s->life)
		lead_a_life(s);
	else
		planted = plant(s);
	for (unsigned i = 0; i < s->threads; i++)
		pthread_join(thread[i], NULL);
	took = seconds() - start;
	/* The last one may not have been submitted. */
	planted -= spoil_is_armed(&s->spoiler);
	spoil_arm(&s->spoiler, &(struct qi_desc){ 0 }, false, 0);
	err = qi_disable(&s->rig.q);
	if (err)
		fprintf(stderr, "the queue cannot be turned off at the end: %s\n",
			qi_strerror(err));
	if (qtest_failure(s->rig.host))
		fprintf(stderr, "%s\n", qtest_failure(s->rig.host));
	printf("threads=%u slots=%u width=%u submissions=%llu per-second=%.0f "
	       "succeeded=%llu "
	       "refused=%llu told=%llu rightly=%llu interrupted=%llu wrong=%llu\n",
	       s->threads, s->slots, s->width, (unsigned long long)s->submissions,
	       s->submissions / took, (unsigned long long)s->succeeded, (unsigned long long)planted,
	       (unsigned long long)s->told, (unsigned long long)s->blamed,
	       (unsigned long long)s->interrupted, (unsigned long long)s->wrong);
	return s->wrong || err || s->told != planted || s->blamed != planted || !s->succeeded ? 2
											      : 0;
}

static bool start(struct stress *s)
{
	const struct qtest_config cfg = {
		.slots = s->slots, .width = s->width, .doorbell = spoil, .ctx = &s->spoiler
	};
	struct rig *r = &s->rig;
	char error[500];
	const char *why;

	r->host = qtest_start(&cfg, error, sizeof(error));
	if (!r->host) {
		fprintf(stderr, "%s\n", error);
		return false;
	}
	s->spoiler.r = r;
	r->qc.poll_budget = 1100;
	r->qc.timeout_ns = r->qc.ats_timeout_ns = patience_ns(PATIENCE_S);
	qtest_configure(r->host, &r->qc);
	if (!qi_init_why(&r->q, &r->qc, &why) && !qi_enable(&r->q))
		return true;
	fprintf(stderr, "no queue of %u slots of %u bits\n", s->slots, s->width);
	return false;
}

static const struct argp_option options[] = {
	{ "threads", 't', "N", 0, "submitting threads (8)", 0 },
	{ "submissions", 'c', "N", 0, "to make (3000000)", 0 },
	{ "slots", 'n', "N", 0, "of the ring (256)", 0 },
	{ "width", 'w', "BITS", 0, "of a descriptor: 128 (default) or 256", 0 },
	{ "peace", 'f', "N", 0, "descriptors between refusals, at most; 0: none (2000)", 0 },
	{ "life", 'l', NULL, 0, "no refusals, but the queue off, on, suspended, reset", 0 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct stress *s = state->input;
	uint64_t value = arg ? strtoull(arg, NULL, 0) : 0;

	switch (key) {
	case 't':
		if (!value || value > MAX_THREADS)
			argp_error(state, "1 to %u threads", MAX_THREADS);
		s->threads = value;
		return 0;
	case 'c':
		s->submissions = value;
		return 0;
	case 'n':
		s->slots = value;
		return 0;
	case 'w':
		s->width = value;
		return 0;
	case 'l':
		s->life = true;
		return 0;
	case 'f':
		s->peace = value;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

int main(int argc, char **argv)
{
	static const struct argp argp = {
		options, parse, NULL, "Many threads, one queue, and QEMU's unit.", NULL, NULL, NULL
	};
	static struct stress s = {
		.threads = 8, .submissions = 3000000, .slots = 256, .width = 128, .peace = 2000
	};
	int result;

	argp_parse(&argp, argc, argv, 0, NULL, &s);
	if (!qemu_is_here())
		return SKIPPED;
	if (!start(&s))
		return 1;
	result = run(&s);
	qtest_stop(s.rig.host);
	return result;
}
