/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "peers.h"

#include <mpi.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define FULL 8192   /* words that fill a batch */
#define UNDER_WAY 4 /* batches under way to each rank; more wait */
/* Polls without a message, after which other processes may have the processor. */
#define IDLE 200

struct peers peers;

struct gathered {
	struct words head, items;
};

/* A batch that MPI may still be sending. */
struct sent {
	MPI_Request request;
	uint32_t *words; /* NULL: free */
};

static struct gathered *gathered; /* indexed by rank and kind */
static struct sent *sent;	  /* indexed by rank, UNDER_WAY each */

/* Batches of this phase to and from each rank, and the number that each rank says it has sent. */
static uint64_t *to_rank, *from_rank, *promised;

double peers_cpu_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

bool words_add(struct words *w, uint32_t word)
{
	size_t room = w->room ? 2 * w->room : 256;
	uint32_t *more;

	if (w->n == w->room) {
		more = realloc(w->at, room * sizeof(*more));
		if (!more)
			return false;
		w->at = more;
		w->room = room;
	}
	w->at[w->n++] = word;
	return true;
}

bool peers_open(void)
{
	int rank, n;

	MPI_Comm_rank(MPI_COMM_WORLD, &rank);
	MPI_Comm_size(MPI_COMM_WORLD, &n);
	peers.rank = (unsigned)rank;
	peers.n = (unsigned)n;
	gathered = calloc(peers.n * PEERS_KINDS, sizeof(*gathered));
	sent = calloc(peers.n * UNDER_WAY, sizeof(*sent));
	to_rank = calloc(peers.n, sizeof(*to_rank));
	from_rank = calloc(peers.n, sizeof(*from_rank));
	promised = calloc(peers.n, sizeof(*promised));
	return gathered && sent && to_rank && from_rank && promised;
}

static struct gathered *of(unsigned to, enum peers_kind kind)
{
	return &gathered[to * PEERS_KINDS + kind];
}

struct words *peers_head(unsigned to, enum peers_kind kind)
{
	return &of(to, kind)->head;
}

/* ---- receiving ---- */

static bool take_one(void)
{
	MPI_Message message;
	MPI_Status status;
	struct batch b;
	uint32_t *words;
	int any, n;

	MPI_Improbe(MPI_ANY_SOURCE, MPI_ANY_TAG, MPI_COMM_WORLD, &any, &message, &status);
	if (!any)
		return false;
	MPI_Get_count(&status, MPI_UINT32_T, &n);
	words = malloc((size_t)n * sizeof(*words));
	if (!words) {
		peers.failed = true;
		MPI_Abort(MPI_COMM_WORLD, 3);
	}
	MPI_Mrecv(words, n, MPI_UINT32_T, &message, MPI_STATUS_IGNORE);
	b = (struct batch){ .from = (unsigned)status.MPI_SOURCE,
			    .head = words + 1,
			    .nhead = words[0],
			    .item = words + 1 + words[0],
			    .nitems = (size_t)n - 1 - words[0] };
	from_rank[b.from]++;
	peers.take[status.MPI_TAG](&b);
	free(words);
	return true;
}

void peers_poll(void)
{
	while (take_one())
		;
}

/* Yield the processor after a while: the rank that is waited for may need it. */
static void wait_a_little(unsigned *looks)
{
	const struct timespec little = { .tv_nsec = 50000 };

	if (take_one())
		*looks = 0;
	else if (++*looks >= IDLE)
		nanosleep(&little, NULL);
}

/* ---- sending ---- */

static struct sent *look_for_place(unsigned to)
{
	struct sent *s = &sent[to * UNDER_WAY];
	unsigned i;
	int done;

	for (i = 0; i < UNDER_WAY && s[i].words; i++) {
		MPI_Test(&s[i].request, &done, MPI_STATUS_IGNORE);
		if (!done)
			continue;
		free(s[i].words);
		s[i].words = NULL;
		break;
	}
	return i < UNDER_WAY ? &s[i] : NULL;
}

static struct sent *free_place(unsigned to)
{
	struct sent *s = look_for_place(to);
	double since = peers_cpu_seconds();
	unsigned looks = 0;

	/* Receive meanwhile, as the other rank may wait for us in the same way. */
	for (; !s; s = look_for_place(to))
		wait_a_little(&looks);
	peers.waited += peers_cpu_seconds() - since;
	return s;
}

void peers_flush(unsigned to, enum peers_kind kind)
{
	struct gathered *g = of(to, kind);
	size_t n = 1 + g->head.n + g->items.n;
	uint32_t *words;
	struct sent *s;

	if (n == 1)
		return;
	words = malloc(n * sizeof(*words));
	if (!words) {
		peers.failed = true;
		return;
	}
	words[0] = (uint32_t)g->head.n;
	if (g->head.n)
		memcpy(words + 1, g->head.at, g->head.n * sizeof(*words));
	if (g->items.n)
		memcpy(words + 1 + g->head.n, g->items.at, g->items.n * sizeof(*words));
	g->head.n = g->items.n = 0;
	to_rank[to]++;
	peers.messages++;
	peers.bytes += n * sizeof(*words);
	/* What is received while we wait may be answered only after this phase. */
	s = free_place(to);
	s->words = words;
	MPI_Isend(words, (int)n, MPI_UINT32_T, (int)to, kind, MPI_COMM_WORLD, &s->request);
}

void peers_put(unsigned to, enum peers_kind kind, const uint32_t *item, unsigned words)
{
	struct gathered *g = of(to, kind);

	for (; words; words--)
		peers.failed |= !words_add(&g->items, *item++);
	if (g->items.n + g->head.n >= FULL)
		peers_flush(to, kind);
}

/* ---- the end of a phase ---- */

static void send_all(void)
{
	unsigned to, kind;

	for (to = 0; to < peers.n; to++) {
		for (kind = 0; kind < PEERS_KINDS; kind++)
			peers_flush(to, (enum peers_kind)kind);
	}
}

static bool all_have_come(void)
{
	unsigned i;

	for (i = 0; i < peers.n && from_rank[i] >= promised[i]; i++)
		;
	return i == peers.n || peers.planted;
}

static void wait_for(MPI_Request *request, bool taking)
{
	const struct timespec little = { .tv_nsec = 50000 };
	unsigned looks = 0;
	int done = 0;

	for (;;) {
		MPI_Test(request, &done, MPI_STATUS_IGNORE);
		if (done)
			return;
		if (taking)
			wait_a_little(&looks);
		else if (++looks >= IDLE)
			nanosleep(&little, NULL);
	}
}

void peers_finish(void)
{
	MPI_Request request;
	unsigned looks = 0;

	double since;

	send_all();
	since = peers_cpu_seconds();
	MPI_Ialltoall(to_rank, 1, MPI_UINT64_T, promised, 1, MPI_UINT64_T, MPI_COMM_WORLD,
		      &request);
	wait_for(&request, true);
	while (!all_have_come())
		wait_a_little(&looks);
	memset(to_rank, 0, peers.n * sizeof(*to_rank));
	memset(from_rank, 0, peers.n * sizeof(*from_rank));
	/* Do not receive messages of the next phase in this one. */
	MPI_Ibarrier(MPI_COMM_WORLD, &request);
	wait_for(&request, false);
	peers.waited += peers_cpu_seconds() - since;
}

void peers_sum(uint64_t *numbers, unsigned n)
{
	double since = peers_cpu_seconds();
	MPI_Request request;

	MPI_Iallreduce(MPI_IN_PLACE, numbers, (int)n, MPI_UINT64_T, MPI_SUM, MPI_COMM_WORLD,
		       &request);
	wait_for(&request, false);
	peers.waited += peers_cpu_seconds() - since;
}

void peers_close(void)
{
	MPI_Request request;
	unsigned i;

	for (i = 0; i < peers.n * UNDER_WAY; i++) {
		if (!sent[i].words)
			continue;
		wait_for(&sent[i].request, true);
		free(sent[i].words);
	}
	MPI_Ibarrier(MPI_COMM_WORLD, &request);
	wait_for(&request, true);
}
