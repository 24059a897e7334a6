/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* test_timed.c - simulations: the times of accesses, and the detection of errors. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <lab/timed/timed.h>

static const char *own, *planted; /* shared objects */

static struct timed_config config(const char *engine, unsigned cpus, unsigned count)
{
	struct timed_config cfg = { .engine = engine,
				    .cpus = cpus,
				    .slots = 256,
				    .width = 128,
				    .count = count,
				    .submissions = 500,
				    .seed = 1 };

	assert_true(timed_preset(&cfg.costs, "server"));
	return cfg;
}

static void child(const char *object, const struct timed_config *cfg, int to)
{
	struct loaded loaded;
	struct timed_result r;
	const char *why = load_object(object, &loaded);

	signal(SIGSEGV, SIG_DFL); /* cmocka has a handler of its own */
	memset(&r, 0, sizeof(r));
	if (!why)
		why = timed_run(&loaded, cfg, &r);
	if (why)
		snprintf(r.problem, sizeof(r.problem), "%s", why);
	_exit(write(to, &r, sizeof(r)) != sizeof(r));
}

/* One run in a process of its own. */
static struct timed_result run(const char *object, const struct timed_config *cfg)
{
	struct timed_result r = { 0 };
	int ends[2], status;
	pid_t pid;

	assert_int_equal(pipe(ends), 0);
	pid = fork();
	if (!pid)
		child(object, cfg, ends[1]);
	close(ends[1]);
	if (read(ends[0], &r, sizeof(r)) != sizeof(r))
		snprintf(r.problem, sizeof(r.problem), "no result");
	close(ends[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return r;
}

static struct timed_result run_well(const char *object, const struct timed_config *cfg)
{
	struct timed_result r = run(object, cfg);

	if (*r.problem)
		fail_msg("%s, %u CPUs: %s", cfg->engine, cfg->cpus, r.problem);
	return r;
}

static void expect_near(double is, double expected, double share)
{
	if (!(is >= expected * (1 - share) && is <= expected * (1 + share)))
		fail_msg("%g, expected %g within %g %%", is, expected, 100 * share);
}

/* Laws that hold for every run without think time. */
static void check_laws(const struct timed_config *cfg, const struct timed_result *r)
{
	unsigned i;
	assert_true(r->submissions >= cfg->submissions * cfg->cpus);
	assert_true(r->utilisation >= 0 && r->utilisation <= 1);
	assert_true(r->p50 <= r->p90 && r->p90 <= r->p99 && r->p99 <= r->p999 && r->p999 <= r->max);
	assert_true(r->fairness > 0 && r->fairness <= 1);
	for (i = 0; i < TIMED_HOT; i++)
		assert_true(r->hot[i].use >= 0 && r->hot[i].use <= 1 &&
			    (!i || r->hot[i].use <= r->hot[i - 1].use));
	/* Little's law: a CPU that is not between two submissions is in one. */
	expect_near(r->throughput * r->mean / 1e9, cfg->cpus, 0.05);
	/* CPUs that come together may share a wait. */
	if (strcmp(cfg->engine, "ticketed"))
		assert_true(r->throughput <= 1.02 * timed_limit(&cfg->costs, cfg->count));
}

/* ---- lines ---- */

static double mean(const char *load, unsigned cpus, const char *set)
{
	struct timed_config cfg = config(load, cpus, 0);

	if (set)
		assert_null(timed_set(&cfg.costs, set));
	return run_well(planted, &cfg).mean;
}

/* server: hit 0.5, atomic 6.5, remote 55, far 120 */
static void lines(void **state)
{
	double nothing = mean("nothing", 1, NULL);

	(void)state;
	expect_near(mean("add", 1, NULL) - nothing, 7, 1e-9);
	expect_near(mean("add-own", 8, NULL) - nothing, 7, 1e-9);
	expect_near(mean("read", 8, NULL) - nothing, 0.5, 0.2); /* first ones are misses */
	/* CPUs take turns: each waits for the others' transfers and its own. */
	expect_near(mean("add", 8, NULL), 8 * 55, 0.02);
	expect_near(mean("add", 8, "package=1"), 8 * 120, 0.02);
	expect_near(mean("add", 8, "remote=77"), 8 * 77, 0.02);
}

static void locks_are_fair(void **state)
{
	struct timed_config cfg = config("lock", 16, 0);
	struct timed_result r = run_well(planted, &cfg);

	(void)state;
	assert_true(r.fairness > 0.98);
	assert_string_equal(r.hot[0].name, "lock");
	assert_string_equal(r.hot[1].name, "lock, held");
	expect_near(r.hot[1].transfers, 1, 0.01);
	/* At least two transfers for each hand-over, and one for each new waiter. */
	assert_true(r.mean > 16 * 2 * 55 && r.mean < 16 * 5 * 55);
}

/* Not even a CPU that begins to wait at the moment at which the lock is released. */
static void nobody_waits_for_a_free_lock(void **state)
{
	struct timed_config cfg = config("lock", 3, 0);

	(void)state;
	assert_null(timed_set(&cfg.costs, "hit=20"));
	cfg.think = 300;
	for (cfg.seed = 1; cfg.seed <= 10; cfg.seed++)
		run_well(planted, &cfg);
}

/* ---- one CPU ---- */

/* Costs without unknowns: a turn of a loop takes a nanosecond, and hits take no time. */
static struct timed_config plain(void)
{
	static const char *const set[] = { "hit=0",    "atomic=0", "pause=1",  "clock=0",
					   "shared=0", "remote=0", "memory=0", "jitter=0" };
	struct timed_config cfg = config("right", 1, 1);
	unsigned i;

	for (i = 0; i < sizeof(set) / sizeof(*set); i++)
		assert_null(timed_set(&cfg.costs, set[i]));
	cfg.submissions = 100; /* the ring does not fill up */
	return cfg;
}

/* How often each cost occurs in the latency of one submission. */
static void latency_is_the_sum_of_costs(void **state)
{
	static const struct {
		enum timed_param param;
		unsigned times;
	} costs[] = {
		{ TIMED_WRITE, 1 },   { TIMED_EXIT, 1 },    { TIMED_DOORBELL, 1 },
		{ TIMED_LATENCY, 1 }, { TIMED_EXECUTE, 1 }, { TIMED_WAIT, 1 },
		{ TIMED_STATUS, 1 },  { TIMED_SHARED, 1 },  { TIMED_ATOMIC, 1 },
		{ TIMED_FETCH, 0 },   { TIMED_READ, 0 },    { TIMED_CLOCK, 0 },
		{ TIMED_REMOTE, 0 },  { TIMED_FAR, 0 },	    { TIMED_SERVE, 0 },
	};
	struct timed_config cfg = plain();
	const double *v = cfg.costs.value;
	double base = v[TIMED_WRITE] + v[TIMED_DOORBELL] + v[TIMED_LATENCY] + v[TIMED_EXECUTE] +
		      v[TIMED_WAIT] + v[TIMED_STATUS];
	unsigned i;

	(void)state;
	expect_near(run_well(planted, &cfg).mean, base, 1e-9);
	for (i = 0; i < sizeof(costs) / sizeof(*costs); i++) {
		cfg = plain();
		cfg.costs.value[costs[i].param] += 64;
		expect_near(run_well(planted, &cfg).mean, base + 64 * costs[i].times, 1e-9);
	}
}

static void executors_share_the_work(void **state)
{
	struct timed_config cfg = plain();
	double one, four;

	(void)state;
	cfg.count = 8;
	one = run_well(planted, &cfg).mean;
	assert_null(timed_set(&cfg.costs, "parallel=4"));
	four = run_well(planted, &cfg).mean;
	expect_near(one - four, 6 * cfg.costs.value[TIMED_EXECUTE], 0.02);
}

/* ---- many ---- */

static void the_unit_sets_the_limit(void **state)
{
	static const unsigned cpus[] = { 4, 16, 64 };
	unsigned i;

	(void)state;
	for (i = 0; i < 3; i++) {
		struct timed_config cfg = config("ticketed", cpus[i], 1);
		struct timed_result r;

		assert_true(timed_preset(&cfg.costs, "slow-device"));
		r = run_well(own, &cfg);
		check_laws(&cfg, &r);
		expect_near(r.utilisation, 1, 0.005);
		expect_near(r.throughput, timed_limit(&cfg.costs, 1), 0.005);
		expect_near(r.p50, cpus[i] * cfg.costs.value[TIMED_EXECUTE], 0.02);
	}
}

static uint64_t random_next(uint64_t *state)
{
	uint64_t x = *state += 0x9e3779b97f4a7c15ULL;

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ULL;
	return (x ^ x >> 27) * 0x94d049bb133111ebULL >> 8;
}

static void laws_hold_whatever_things_cost(void **state)
{
	static const char *const engines[] = { "smmuv3", "ticketed", "linux-2024", "amd" };
	uint64_t seed = 1;
	unsigned n, i;

	(void)state;
	for (n = 0; n < 60; n++) {
		struct timed_config cfg = config(engines[n % 4], 1 + random_next(&seed) % 20,
						 (unsigned)(random_next(&seed) % 5));
		struct timed_result r;

		cfg.seed = n;
		for (i = 0; i < TIMED_PARAMS; i++) {
			bool whole = strcmp(timed_params[i].unit, "ns");

			cfg.costs.value[i] = whole ? 1 + (double)(random_next(&seed) % 32)
						   : (double)(1 << random_next(&seed) % 10);
		}
		cfg.costs.value[TIMED_HIT] = 0.05; /* what is between submissions is no latency */
		r = run_well(own, &cfg);
		check_laws(&cfg, &r);
	}
}

static void equal_seeds_give_equal_results(void **state)
{
	struct timed_config cfg = config("ticketed", 12, 1), other;
	struct timed_result a, b, c;

	(void)state;
	cfg.think = 1000;
	other = cfg;
	other.seed = 2;
	a = run_well(own, &cfg);
	b = run_well(own, &cfg);
	c = run_well(own, &other);
	a.seconds = b.seconds = 0;
	assert_memory_equal(&a, &b, sizeof(a));
	assert_true(a.mean != c.mean);
	expect_near(c.mean, a.mean, 0.2);
}

static void thinking_takes_its_time(void **state)
{
	struct timed_config cfg = config("ticketed", 4, 1);
	struct timed_result r;

	(void)state;
	cfg.think = 100000;
	cfg.submissions = 5000;
	r = run_well(own, &cfg);
	expect_near(r.throughput, 4e9 / (cfg.think + r.mean), 0.03);
}

/* ---- wait loops ---- */

/*
 * Skipping turns changes nothing: exactly so for one CPU, and for several except for which CPU
 * reads a line first.
 */
static void skipped_turns_change_nothing(void **state)
{
	static const struct {
		const char *engine, *preset;
		unsigned cpus;
		double share;
	} cases[] = {
		{ "ticketed", "server", 1, 1e-12 },	{ "ticketed", "slow-device", 1, 1e-12 },
		{ "ticketed", "virtual", 1, 1e-12 },	{ "ticketed", "server", 2, 0.04 },
		{ "ticketed", "server", 8, 0.04 },	{ "ticketed", "server", 48, 0.04 },
		{ "ticketed", "slow-device", 6, 0.04 }, { "ticketed", "server", 3, 0.04 },
		{ "ticketed", "server", 24, 0.04 },	{ "ticketed", "virtual", 16, 0.04 },
	};
	unsigned i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct timed_config cfg = config(cases[i].engine, cases[i].cpus, 1);
		struct timed_result skipped, made;

		assert_true(timed_preset(&cfg.costs, cases[i].preset));
		skipped = run_well(own, &cfg);
		cfg.every_turn = true;
		made = run_well(own, &cfg);
		assert_int_equal(made.skipped_turns, 0);
		assert_true(skipped.skipped_turns > 0 && skipped.steps < made.steps);
		expect_near(skipped.throughput, made.throughput, cases[i].share);
		expect_near(skipped.mean, made.mean, cases[i].share);
	}
}

/*
 * Waiting CPUs read a line again if something beside their word is written, although they do not
 * wake up: the writer then loses exclusive access, unless its next write comes before the next turn
 * of any.
 */
static void sleepers_take_part(void **state)
{
	static const double think[] = { 2, 1000 };
	struct timed_result skipped, made;
	unsigned i;

	(void)state;
	for (i = 0; i < 2; i++) {
		struct timed_config cfg = config("beside", 6, 0);

		cfg.think = think[i];
		skipped = run_well(planted, &cfg);
		cfg.every_turn = true;
		made = run_well(planted, &cfg);
		assert_true(skipped.steps < made.steps / 2);
		expect_near(skipped.mean, made.mean, 0.15);
	}
	assert_true(made.mean > 55);
}

static void waiting_costs_no_steps(void **state)
{
	struct timed_config cfg = config("right", 4, 1);
	struct timed_result brief, lengthy;

	(void)state;
	cfg.submissions = 2000;
	assert_null(timed_set(&cfg.costs, "execute=2000"));
	brief = run_well(planted, &cfg);
	assert_null(timed_set(&cfg.costs, "execute=40000"));
	lengthy = run_well(planted, &cfg);
	assert_true(lengthy.skipped_turns > 10 * brief.skipped_turns);
	expect_near((double)lengthy.steps, (double)brief.steps, 0.1);
}

/* A loop that counts in a register and acts at 30 is not skipped over at 30. */
static void counted_turns_are_seen(void **state)
{
	static const char *const execute[] = { "execute=500", "execute=5000" };
	unsigned i;

	(void)state;
	for (i = 0; i < 2; i++) {
		struct timed_config cfg = config("looks", 1, 1);
		struct timed_result r;

		assert_null(timed_set(&cfg.costs, execute[i]));
		r = run_well(planted, &cfg);
		expect_near(r.register_reads, i, 1e-9);
		assert_true(r.skipped_turns > 1000);
	}
}

/* A loop that sometimes reads elsewhere is not skipped over then. */
static void rare_looks_are_made(void **state)
{
	struct timed_config cfg = config("peeks", 5, 1);
	struct timed_result skipped, made;

	(void)state;
	assert_null(timed_set(&cfg.costs, "execute=2000"));
	skipped = run_well(planted, &cfg);
	cfg.every_turn = true;
	made = run_well(planted, &cfg);
	assert_true(made.register_reads > 0.1);
	assert_true(skipped.steps < made.steps / 2);
	expect_near(skipped.register_reads, made.register_reads, 0.05);
	expect_near(skipped.mean, made.mean, 0.02);
}

/* ---- errors ---- */

static void problems_are_noticed(void **state)
{
	static const struct {
		const char *engine, *says;
	} cases[] = {
		{ "right", "" },
		{ "early", "over, and the unit has executed 0 of 3 descriptors" },
		{ "twice", "twice" },
		{ "fails", "submission 0: queue is off" },
		{ "waits-for-nobody", "all CPUs wait" },
		{ "keeps-lock", "all CPUs wait" },
		{ "drops-lock", "drops a lock that it does not hold" },
		{ "crashes", "no result" },
		{ "refuses", "it does not want to" },
	};
	unsigned i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct timed_config cfg = config(cases[i].engine, 4, 3);
		struct timed_result r = run(planted, &cfg);

		if (!strstr(r.problem, cases[i].says) || (!*cases[i].says && *r.problem))
			fail_msg("%s: \"%s\"", cases[i].engine, r.problem);
	}
}

static void costs_are_checked(void **state)
{
	static const char *const wrong[] = { "hit",	  "hit=",     "hit=x",	    "hit=-1",
					     "nothing=1", "hit=1e10", "parallel=0", "parallel=1.5",
					     "hit=nan",	  "=1",	      "prefetch=33" };
	struct timed_costs c;
	unsigned i;

	(void)state;
	assert_false(timed_preset(&c, "laptop"));
	assert_true(timed_preset(&c, "virtual"));
	for (i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		if (!timed_set(&c, wrong[i]))
			fail_msg("%s is accepted", wrong[i]);
	}
	assert_null(timed_set(&c, "execute=12.5"));
	assert_true(c.value[TIMED_EXECUTE] == 12.5);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines),
		cmocka_unit_test(locks_are_fair),
		cmocka_unit_test(nobody_waits_for_a_free_lock),
		cmocka_unit_test(latency_is_the_sum_of_costs),
		cmocka_unit_test(executors_share_the_work),
		cmocka_unit_test(the_unit_sets_the_limit),
		cmocka_unit_test(laws_hold_whatever_things_cost),
		cmocka_unit_test(equal_seeds_give_equal_results),
		cmocka_unit_test(thinking_takes_its_time),
		cmocka_unit_test(skipped_turns_change_nothing),
		cmocka_unit_test(sleepers_take_part),
		cmocka_unit_test(waiting_costs_no_steps),
		cmocka_unit_test(counted_turns_are_seen),
		cmocka_unit_test(rare_looks_are_made),
		cmocka_unit_test(problems_are_noticed),
		cmocka_unit_test(costs_are_checked),
	};

	if (argc != 3)
		return 1;
	own = argv[1];
	planted = argv[2];
	return cmocka_run_group_tests(tests, NULL, NULL);
}
