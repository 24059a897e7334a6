/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * qemu_stress.c - many threads, one queue, QEMU's unit, and a descriptor that it refuses now and then.
 * Every refusal has to reach its owner, with its index, and nobody else may notice.
 */
#include "spoil.h"

#include <argp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MAX_THREADS 64
#define MAX_COUNT 6

struct stress {
	unsigned threads, slots, width, peace;
	uint64_t submissions;
	enum qi_engine engine;

	struct spoiler spoiler;
	struct rig rig;
	uint64_t left;				 /* atomic: submissions to make */
	uint64_t succeeded, told, wrong, blamed; /* atomic */
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

/* Is it the bad one that is blamed? The next one is armed only when this one has been told. */
static bool is_bad_one(const struct stress *s, const struct qi_ticket *t, unsigned count)
{
	uint32_t slot = __atomic_load_n(&s->spoiler.slot, __ATOMIC_RELAXED);

	return t->error.code == -QI_ERR_IQE &&
	       ((t->wait - count + t->error.index) & (s->slots - 1)) == slot;
}

static void one(struct stress *s, uint64_t *random)
{
	unsigned count = next_random(random) % MAX_COUNT;
	struct qi_desc d[MAX_COUNT];
	struct qi_ticket t;

	for (unsigned i = 0; i < count; i++)
		d[i] = qi_desc_iotlb(QI_IOTLB_PAGE, next_random(random) % 4,
				     next_random(random) & 0x3ffffff000, 0, false, 0);
	if (qi_submit(&s->rig.q, d, count, 0, &t) || !qi_wait(&s->rig.q, &t)) {
		add(t.error.code ? &s->wrong : &s->succeeded);
		return;
	}
	add(is_bad_one(s, &t, count) ? &s->blamed : &s->wrong);
	add(&s->told);
}

static void *submit(void *arg)
{
	struct stress *s = arg;
	uint64_t random = (uintptr_t)&random | 1;

	while ((int64_t)__atomic_sub_fetch(&s->left, 1, __ATOMIC_RELAXED) >= 0)
		one(s, &random);
	return NULL;
}

/* Arm a bad descriptor, or wait, whenever the last one's owner has been told. */
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
	uint64_t planted;
	int err;

	s->left = s->submissions;
	for (unsigned i = 0; i < s->threads; i++)
		if (pthread_create(&thread[i], NULL, submit, s)) {
			fputs("cannot start threads\n", stderr);
			_Exit(1);
		}
	planted = plant(s);
	for (unsigned i = 0; i < s->threads; i++)
		pthread_join(thread[i], NULL);
	took = seconds() - start;
	/* The last one may not have been reached. */
	planted -= spoil_is_armed(&s->spoiler);
	spoil_arm(&s->spoiler, &(struct qi_desc){ 0 }, false, 0);
	err = qi_disable(&s->rig.q);
	if (err)
		fprintf(stderr, "the queue cannot be turned off at the end: %s\n",
			qi_strerror(err));
	if (qtest_failure(s->rig.host))
		fprintf(stderr, "%s\n", qtest_failure(s->rig.host));
	printf("engine=%s threads=%u slots=%u width=%u submissions=%llu per-second=%.0f "
	       "succeeded=%llu "
	       "refused=%llu told=%llu rightly=%llu wrong=%llu\n",
	       qi_engine_name(s->engine), s->threads, s->slots, s->width,
	       (unsigned long long)s->submissions, s->submissions / took,
	       (unsigned long long)s->succeeded, (unsigned long long)planted,
	       (unsigned long long)s->told, (unsigned long long)s->blamed,
	       (unsigned long long)s->wrong);
	return s->wrong || err || s->told != planted || s->blamed != planted ||
			       s->succeeded + s->told != s->submissions
		       ? 2
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
	r->qc.engine = s->engine;
	r->qc.poll_budget = 1100;
	r->qc.timeout_ns = r->qc.ats_timeout_ns = 20000000000;
	qtest_configure(r->host, &r->qc);
	if (!qi_init_why(&r->q, &r->qc, &why) && !qi_enable(&r->q))
		return true;
	fprintf(stderr, "no queue of %u slots of %u bits\n", s->slots, s->width);
	return false;
}

static const struct argp_option options[] = {
	{ "threads", 't', "N", 0, "submitting threads (8)", 0 },
	{ "engine", 'e', "ENGINE", 0, "ticketed (default) or locked", 0 },
	{ "submissions", 'c', "N", 0, "to make (3000000)", 0 },
	{ "slots", 'n', "N", 0, "of the ring (256)", 0 },
	{ "width", 'w', "BITS", 0, "of a descriptor: 128 (default) or 256", 0 },
	{ "peace", 'f', "N", 0, "descriptors between refusals, at most; 0: none (2000)", 0 },
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
	case 'e':
		s->engine = strcmp(arg, "locked") ? QI_ENGINE_TICKETED : QI_ENGINE_LOCKED;
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
