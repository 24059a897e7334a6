/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* tool.h - the subcommands of qinval. Each gets its own argv and returns the exit code. */
#ifndef TOOL_H
#define TOOL_H

enum {
	EXIT_FINE = 0,
	EXIT_UNUSABLE = 1,     /* bad usage, unreadable input */
	EXIT_VIOLATION = 2,    /* a violation was found */
	EXIT_INCONCLUSIVE = 3, /* a limit was reached before the answer was known */
};

/* The entry points and argp tables of the subcommands. */
struct argp;
extern const struct argp bench_argp, conform_argp, decode_argp, explore_argp, guest_argp,
	replay_argp, simulate_argp, top_argp, record_argp;

int replay_main(int argc, char **argv);
int bench_main(int argc, char **argv);
int decode_main(int argc, char **argv);
int cc_main(int argc, char **argv);
int conform_main(int argc, char **argv);
int explore_main(int argc, char **argv);
int guest_main(int argc, char **argv);
int simulate_main(int argc, char **argv);
int top_main(int argc, char **argv);
int record_main(int argc, char **argv);

#endif
