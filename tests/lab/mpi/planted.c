/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * planted.c - a rank with a defect, which the comparison with a single process has to find.
 *
 * PLANTED=termination: a level ends while states are under way. PLANTED=backward: only one backward
 * sweep is made. PLANTED=loss: a batch of states does not arrive. PLANTED=loss-backward: one
 * that says which states are safe.
 */
#include <lab/mpi/doom.h>
#include <lab/mpi/peers.h>
#include <stdlib.h>
#include <string.h>

__attribute__((constructor)) static void plant(void)
{
	const char *what = getenv("PLANTED");

	peers.planted_haste = what && !strcmp(what, "termination");
	if (what && !strcmp(what, "loss"))
		peers.planted_loss = 1 + PEERS_STATES;
	if (what && !strcmp(what, "loss-backward"))
		peers.planted_loss = 1 + PEERS_SAFE;
	doom_planted = what && !strcmp(what, "backward");
}
