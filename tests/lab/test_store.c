/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The parts of the store with random contents: numbers of pairs, edges of states. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* After those that it needs. */
#include <cmocka.h>
#include <lab/edges.h>
#include <lab/pairs.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAIRS 100000U

static uint64_t pair_number(unsigned i)
{
	/* Many pairs that differ in one half and in few bits only. */
	return pair_of(1 + i % 317, i / 317);
}

/* Each number stands for its pair and for no other, however often the table grows. */
static void check_pairs(struct pairs *p, unsigned n)
{
	unsigned i;

	for (i = 0; i < n; i++) {
		uint32_t number = pairs_find(p, pair_number(i));

		assert_int_not_equal(number, 0);
		assert_true(number <= pairs_top(p));
		assert_int_equal(pairs_at(p, number), pair_number(i));
		assert_int_equal(pairs_add(p, pair_number(i)), number);
	}
	assert_int_equal(pairs_used(p), n);
	assert_int_equal(pairs_find(p, pair_number(n)), 0);
}

static void test_pairs(void **state)
{
	struct pairs p = { 0 };
	unsigned i;

	(void)state;
	assert_true(pairs_open(&p, 1U << 24, SPACE_MEMORY));
	for (i = 0; i < PAIRS; i++) {
		if (pairs_crowded(&p, 1))
			assert_true(pairs_grow(&p, 1));
		assert_int_not_equal(pairs_add(&p, pair_number(i)), 0);
	}
	check_pairs(&p, PAIRS);
	assert_true(pairs_reset(&p));
	assert_int_equal(pairs_used(&p), 0);
	assert_int_equal(pairs_find(&p, pair_number(1)), 0);
	assert_int_not_equal(pairs_add(&p, pair_number(1)), 0);
}

/* A full table reports that, and a search in it ends. */
static void test_full_table(void **state)
{
	struct pairs p = { 0 };
	unsigned i = 0;

	(void)state;
	assert_true(pairs_open(&p, 1U << 24, SPACE_MEMORY));
	while (pairs_add(&p, pair_number(i)))
		i++;
	assert_true(pairs_crowded(&p, 1));
	check_pairs(&p, i);
	assert_true(pairs_grow(&p, PAIRS));
	assert_int_not_equal(pairs_add(&p, pair_number(i)), 0);
	check_pairs(&p, i + 1);
}

#define RACE 400000U

/* Processes that add the same pairs at the same time agree on their numbers. */
static void test_processes(void **state)
{
	struct pairs p = { 0 };
	unsigned worker, i;
	int status;

	(void)state;
	assert_true(pairs_open(&p, 1U << 24, SPACE_MEMORY) && pairs_grow(&p, RACE + 4096));
	for (worker = 0; worker < 3; worker++) {
		if (fork())
			continue;
		for (i = 0; i < RACE; i++)
			pairs_add(&p, pair_number(worker == 2 ? RACE - 1 - i : i));
		pairs_end_round(&p);
		_exit(0);
	}
	for (worker = 0; worker < 3; worker++) {
		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
	check_pairs(&p, RACE);
}

/* ---- edges ---- */

#define STATES 5000U

static uint32_t lists[STATES][EDGES_MOST];
static unsigned counts[STATES];

static int ascending(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

/* Near and far, forward and backward, new ones in a row, none, many, and duplicates. */
static void random_list(uint32_t from, uint32_t *newest, uint32_t *to, unsigned *n)
{
	static const unsigned sizes[] = { 0, 1, 2, 2, 3, 5, 20, EDGES_MOST };
	unsigned i;

	*n = sizes[rand() % 8];
	for (i = 0; i < *n; i++) {
		switch (rand() % 5) {
		case 0:
			to[i] = 1 + (uint32_t)rand() % from;
			break;
		case 1:
			to[i] = 1 + (uint32_t)rand() % 0x7ffffffe;
			break;
		case 2:
			to[i] = i ? to[i - 1] : from;
			break;
		default:
			to[i] = ++*newest;
			break;
		}
	}
}

static unsigned sorted(uint32_t *to, unsigned n)
{
	unsigned i, k = 0;

	qsort(to, n, sizeof(*to), ascending);
	for (i = 0; i < n; i++) {
		if (!k || to[i] != to[k - 1])
			to[k++] = to[i];
	}
	return k;
}

static void check_edges(uint32_t from)
{
	const uint32_t *to;

	assert_int_equal(edges_of(from, &to), counts[from]);
	assert_memory_equal(to, lists[from], counts[from] * sizeof(*to));
}

static void test_edges(void **state)
{
	uint32_t s, newest = 1, list[EDGES_MOST];

	(void)state;
	srand(1);
	assert_true(edges_open(STATES) && edges_grow(STATES * EDGES_MOST));
	for (s = 1; s < STATES; s++) {
		random_list(s, &newest, lists[s], &counts[s]);
		memcpy(list, lists[s], sizeof(list));
		assert_true(edges_add(s, list, counts[s]));
		counts[s] = sorted(lists[s], counts[s]);
		if (rand() % 50)
			continue;
		/* A round ends anywhere in a block, and its edges can be read at once. */
		assert_true(edges_end_round());
		check_edges(s);
		s += (unsigned)rand() % 3 * (s + 3 < STATES);
	}
	assert_true(edges_end_round());
	for (s = STATES - 1; s; s--)
		check_edges(s);
	for (s = 0; s < STATES; s++)
		check_edges(1 + (uint32_t)rand() % (STATES - 1));
	assert_true(edges_reset());
	assert_int_equal(edges_of(1, &(const uint32_t *){ NULL }), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pairs),
		cmocka_unit_test(test_full_table),
		cmocka_unit_test(test_processes),
		cmocka_unit_test(test_edges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
