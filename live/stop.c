/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "stop.h"

#include <signal.h>
#include <stddef.h>

static volatile sig_atomic_t wanted;

static void note_signal(int signal)
{
	(void)signal;
	wanted = 1;
}

void stop_on_signals(void)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
	/* Without SA_RESTART, so that a sleep ends. */
	struct sigaction action = { .sa_handler = note_signal };

	for (unsigned i = 0; i < sizeof(signals) / sizeof(*signals); i++)
		sigaction(signals[i], &action, NULL);
	signal(SIGPIPE, SIG_IGN);
}

bool stop_wanted(void)
{
	return wanted;
}
