/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "learnt.h"

#include <lab/memory.h>
#include <mpi.h>
#include <stdlib.h>
#include <string.h>

static uint32_t *before, *together;
static MPI_Op both;

static void both_of_each(void *in, void *inout, int *n, MPI_Datatype *type)
{
	const uint32_t *a = in;
	uint32_t *b = inout;
	int i;

	(void)type;
	for (i = 0; i < *n; i++)
		b[i] = memory_both(a[i], b[i]);
}

static size_t size(void)
{
	return lab_memory.ngranules * sizeof(*before);
}

bool learnt_open(void)
{
	before = calloc(1, size());
	together = calloc(1, size());
	return before && together && MPI_Op_create(both_of_each, 1, &both) == MPI_SUCCESS;
}

bool learnt_something(void)
{
	return memcmp(before, lab_memory.granule, size()) != 0;
}

bool learnt_together(void)
{
	uint32_t publications = *lab_memory.publications;
	int shared;
	bool anew;

	MPI_Allreduce(lab_memory.granule, together, (int)lab_memory.ngranules, MPI_UINT32_T, both,
		      MPI_COMM_WORLD);
	shared = memory_learn(together, &anew);
	memcpy(before, together, size());
	MPI_Allreduce(MPI_IN_PLACE, &publications, 1, MPI_UINT32_T, MPI_MAX, MPI_COMM_WORLD);
	/* Old counts must not match, as they stood for other words. */
	*lab_memory.publications = publications + 1;
	MPI_Allreduce(MPI_IN_PLACE, &shared, 1, MPI_INT, MPI_LOR, MPI_COMM_WORLD);
	return shared;
}
