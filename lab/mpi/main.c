/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * main.c - a rank of `qinval explore --mpi`, started by mpirun and not by users. tool/explore/mpi.c
 * passes the arguments and reads the output of the first rank. told.h specifies both.
 */
#include <errno.h>
#include <inttypes.h>
#include <lab/engine.h>
#include <lab/load.h>
#include <lab/setup.h>
#include <lab/space.h>
#include <lab/table.h>
#include <mpi.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <unistd.h>

#include "rank.h"
#include "told.h"

static volatile sig_atomic_t interrupted;

static void interrupt(int signal)
{
	(void)signal;
	interrupted = 1;
}

static int fail(const char *what, const char *why)
{
	fprintf(stderr, "qinval explore: %s: %s\n", what, why);
	return 1;
}

/*
 * States contain addresses of code and variables, so these must be equal on all ranks. They are,
 * for the same program and libraries, if address randomisation is off. False: it cannot be turned
 * off.
 */
static bool be_where_others_are(char **argv)
{
	int is = personality(0xffffffff);

	if (is >= 0 && is & ADDR_NO_RANDOMIZE)
		return true;
	if (is < 0 || personality((unsigned)is | ADDR_NO_RANDOMIZE) < 0)
		return false;
	execv("/proc/self/exe", argv);
	return false;
}

/* ---- check that all ranks agree ---- */

enum same { SAME_PROGRAM, SAME_OBJECT, SAME_STATE, SAMES };

static uint64_t hash_of_file(const char *path)
{
	static uint64_t block[8192];
	FILE *file = fopen(path, "rb");
	uint64_t hash = 1;
	size_t n;

	while (file && (n = fread(block, 1, sizeof(block), file))) {
		memset((char *)block + n, 0, sizeof(block) - n);
		hash = mix(hash, hash_of(block, (n + 7) / 8 * 8));
	}
	if (file)
		fclose(file);
	return hash;
}

static const char *const differs[] = {
	[SAME_PROGRAM] =
		"the program is another one than the first rank's; install the same on all hosts",
	[SAME_OBJECT] = "the shared object is another one than the first rank's; copy the same to "
			"all hosts",
	[SAME_STATE] =
		"the first state is not the first rank's: other libraries or another `ulimit -s` "
		"there, or code that was compiled with -fstack-protector",
};

/* All ranks call it together. */
static bool is_same_everywhere(const char *object)
{
	uint64_t mine[SAMES] = { hash_of_file("/proc/self/exe"), hash_of_file(object),
				 rank_first_hash() };
	uint64_t first[SAMES];
	char host[MPI_MAX_PROCESSOR_NAME];
	int same = 1, n, i;

	memcpy(first, mine, sizeof(first));
	MPI_Bcast(first, SAMES, MPI_UINT64_T, 0, MPI_COMM_WORLD);
	for (i = 0; i < SAMES && same; i++) {
		if (mine[i] == first[i])
			continue;
		same = 0;
		MPI_Get_processor_name(host, &n);
		fprintf(stderr, "qinval explore: rank %u on %s: %s\n", peers.rank, host,
			differs[i]);
	}
	MPI_Allreduce(MPI_IN_PLACE, &same, 1, MPI_INT, MPI_LAND, MPI_COMM_WORLD);
	return same;
}

/* ---- the exploration ---- */

static const struct lab_scenario *find(const struct loaded *object, const char *name)
{
	const struct lab_scenario *s = object->scenarios;

	while (s->name && strcmp(s->name, name))
		s++;
	return s->name ? s : NULL;
}

/* Returns NULL, or why it failed. */
static const char *set_up(const struct told_arguments *a, struct loaded *object)
{
	const struct lab_params p = { a->engine, a->slots, a->width, a->laps };
	const struct lab_scenario *s;
	const char *why = load_object(a->object, object);

	if (why)
		return why;
	s = find(object, a->scenario);
	if (!s)
		return "no such scenario";
	if (!memory_map(object->variables, object->nvariables))
		return strerror(errno);
	machine.tso = a->tso;
	return setup_scenario(s, &p);
}

static unsigned ranks_of_this_host(void)
{
	MPI_Comm host;
	int n;

	MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &host);
	MPI_Comm_size(host, &n);
	MPI_Comm_free(&host);
	return (unsigned)n;
}

static uint64_t half_of_memory(void)
{
	return (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE) / 2;
}

static void show_progress(const struct rank_told *told)
{
	told_progress(told, stdout);
}

static int explore_with(const struct told_arguments *a)
{
	struct rank_limits limits = { .all = { .max_states = a->max_states,
					       .max_bytes = a->max_bytes,
					       .seconds = a->seconds,
					       .disk = *a->disk ? a->disk : NULL,
					       .workers = 1,
					       .no_reduction = a->no_reduction,
					       .interrupt = &interrupted },
				      .progress = show_progress };
	struct rank_result r;

	if (!limits.all.max_bytes)
		limits.all.max_bytes = half_of_memory();
	limits.all.max_bytes /= ranks_of_this_host();
	if (!peers.rank)
		show_progress(&(struct rank_told){ 0 });
	if (!rank_explore(&limits, &r)) {
		fail(a->scenario,
		     "the counterexample cannot be made again, or there is no memory for it");
		return 1;
	}
	if (!peers.rank)
		told_result(&r, stdout);
	return 0;
}

int main(int argc, char **argv)
{
	struct told_arguments a;
	struct loaded object;
	const char *why;
	int code = 1;

	if (!told_arguments(argc, argv, &a))
		return fail("qinval-rank", "`qinval explore --mpi N` starts it");
	if (!be_where_others_are(argv))
		return fail("addresses cannot be the same in all ranks",
			    "personality(ADDR_NO_RANDOMIZE) is forbidden here; in a container, "
			    "allow it in "
			    "its seccomp profile");
	signal(SIGUSR1, interrupt);
	why = set_up(&a, &object);
	MPI_Init(NULL, NULL);
	if (why || (*a.disk && !space_use_directory(a.disk)) || !peers_open() || !rank_open()) {
		fail(why ? a.scenario : *a.disk ? a.disk : a.scenario, why ? why : strerror(errno));
		MPI_Abort(MPI_COMM_WORLD, 1);
	}
	told_base = object.base;
	if (is_same_everywhere(a.object))
		code = explore_with(&a);
	/* No rank may report success before all have finished. */
	peers_finish(0);
	peers_close();
	if (!peers.rank && !code)
		told_end(stdout);
	MPI_Finalize();
	return code;
}
