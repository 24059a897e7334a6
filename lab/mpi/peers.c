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

/*
 * A batch begins with these words. NUMBER: the batches of this rank to that one are numbered. LAST:
 * 1 for the last one of a phase; SAYS: the two halves of what the rank says then.
 */
enum { HEAD_WORDS, NUMBER, LAST, SAYS, START = SAYS + 2 };

static struct gathered *gathered; /* indexed by rank and kind */
static struct sent *sent;	  /* indexed by rank, UNDER_WAY each */

/*
 * Phases use these in turn. A rank that is a phase ahead sends by the other one, from which nothing
 * is received yet. No rank can be two phases ahead, as it would have to have our last batch of the
 * phase in between.
 */
static MPI_Comm lane[2];
static uint64_t phase;

static uint32_t *to_rank, *from_rank; /* the numbers of the batches to and from each rank */
static unsigned ended;		      /* other ranks whose last batch of this phase has come */
static uint64_t largest;	      /* what they said */

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
	MPI_Comm_dup(MPI_COMM_WORLD, &lane[0]);
	MPI_Comm_dup(MPI_COMM_WORLD, &lane[1]);
	return gathered && sent && to_rank && from_rank;
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

static void note_header(unsigned from, const uint32_t *words)
{
	uint64_t says = words[SAYS] | (uint64_t)words[SAYS + 1] << 32;

	peers.missed |= words[NUMBER] != ++from_rank[from];
	if (!words[LAST])
		return;
	ended++;
	if (says > largest)
		largest = says;
}

static bool take_from(MPI_Comm comm)
{
	MPI_Message message;
	MPI_Status status;
	struct batch b;
	uint32_t *words;
	int any, n;

	MPI_Improbe(MPI_ANY_SOURCE, MPI_ANY_TAG, comm, &any, &message, &status);
	if (!any)
		return false;
	MPI_Get_count(&status, MPI_UINT32_T, &n);
	words = malloc((size_t)n * sizeof(*words));
	if (!words)
		MPI_Abort(MPI_COMM_WORLD, 3);
	MPI_Mrecv(words, n, MPI_UINT32_T, &message, MPI_STATUS_IGNORE);
	b = (struct batch){ .from = (unsigned)status.MPI_SOURCE,
			    .head = words + START,
			    .nhead = words[HEAD_WORDS],
			    .item = words + START + words[HEAD_WORDS],
			    .nitems = (size_t)n - START - words[HEAD_WORDS] };
	note_header(b.from, words);
	if (b.nhead + b.nitems)
		peers.take[status.MPI_TAG](&b);
	free(words);
	return true;
}

static bool take_one(void)
{
	return take_from(lane[phase % 2]);
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

/* Send what has been gathered. A last batch may be empty. */
static void send(unsigned to, enum peers_kind kind, bool last, uint64_t says)
{
	struct gathered *g = of(to, kind);
	size_t n = START + g->head.n + g->items.n;
	uint32_t *words = malloc(n * sizeof(*words));
	struct sent *s;

	/* The others would wait for it. */
	if (!words)
		MPI_Abort(MPI_COMM_WORLD, 3);
	words[HEAD_WORDS] = (uint32_t)g->head.n;
	words[NUMBER] = ++to_rank[to];
	words[LAST] = last;
	words[SAYS] = (uint32_t)says;
	words[SAYS + 1] = (uint32_t)(says >> 32);
	if (g->head.n)
		memcpy(words + START, g->head.at, g->head.n * sizeof(*words));
	if (g->items.n)
		memcpy(words + START + g->head.n, g->items.at, g->items.n * sizeof(*words));
	g->head.n = g->items.n = 0;
	peers.messages++;
	peers.bytes += n * sizeof(*words);
	/* What is received while we wait may be answered only after this phase. */
	s = free_place(to);
	s->words = words;
	MPI_Isend(words, (int)n, MPI_UINT32_T, (int)to, kind, lane[phase % 2], &s->request);
}

static bool is_gathered(unsigned to, unsigned kind)
{
	const struct gathered *g = of(to, (enum peers_kind)kind);

	return g->head.n + g->items.n;
}

/* For tests: it counts as sent. */
static void lose(unsigned to, enum peers_kind kind)
{
	peers.planted_loss = 0;
	of(to, kind)->head.n = of(to, kind)->items.n = 0;
	to_rank[to]++;
}

void peers_flush(unsigned to, enum peers_kind kind)
{
	if (is_gathered(to, kind))
		send(to, kind, false, 0);
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

/* Send all that is left for this rank; the last batch says that it is the last one. */
static void send_last(unsigned to, uint64_t says)
{
	unsigned last = PEERS_KINDS - 1, kind;

	while (last > 0 && !is_gathered(to, last))
		last--;
	for (kind = 0; kind < last; kind++)
		peers_flush(to, (enum peers_kind)kind);
	if (peers.planted_loss == last + 1 && is_gathered(to, last))
		lose(to, (enum peers_kind)last);
	send(to, (enum peers_kind)last, true, says);
}

/* Nothing is received meanwhile, as it would belong to the next phase. */
static void wait_for(MPI_Request *request)
{
	const struct timespec little = { .tv_nsec = 50000 };
	unsigned looks = 0;
	int done = 0;

	for (MPI_Test(request, &done, MPI_STATUS_IGNORE); !done;
	     MPI_Test(request, &done, MPI_STATUS_IGNORE)) {
		if (++looks >= IDLE)
			nanosleep(&little, NULL);
	}
}

uint64_t peers_finish(uint64_t says)
{
	unsigned looks = 0, to;
	uint64_t result;
	double since;

	for (to = 0; to < peers.n; to++) {
		if (to != peers.rank)
			send_last(to, says);
	}
	since = peers_cpu_seconds();
	while (ended < peers.n - 1 && !peers.planted_haste)
		wait_a_little(&looks);
	result = largest > says ? largest : says;
	phase++;
	ended = 0;
	largest = 0;
	peers.waits++;
	peers.waited += peers_cpu_seconds() - since;
	return result;
}

void peers_sum(uint64_t *numbers, unsigned n)
{
	double since = peers_cpu_seconds();
	MPI_Request request;

	MPI_Iallreduce(MPI_IN_PLACE, numbers, (int)n, MPI_UINT64_T, MPI_SUM, MPI_COMM_WORLD,
		       &request);
	wait_for(&request);
	peers.waits++;
	peers.waited += peers_cpu_seconds() - since;
}

void peers_close(void)
{
	MPI_Request request;
	unsigned i;

	for (i = 0; i < peers.n * UNDER_WAY; i++) {
		/* Only then is anything left to be received. */
		while (peers.planted_haste && (take_from(lane[0]) || take_from(lane[1])))
			;
		if (sent[i].words)
			wait_for(&sent[i].request);
		free(sent[i].words);
	}
	MPI_Ibarrier(MPI_COMM_WORLD, &request);
	wait_for(&request);
}
