/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* dmesg_qi.h - the messages of Linux about one error of an invalidation queue. */
#ifndef DECODE_DMESG_QI_H
#define DECODE_DMESG_QI_H

#include "decode.h"

enum { QI_IQE, QI_ITE, QI_ICE, QI_ERRORS };

/* The messages: what was detected and, by the same numbers after QI_CLEARED, what was cleared. */
enum { QI_CLEARED = QI_ERRORS, QI_HEAD = 2 * QI_ERRORS, QI_PRIOR, QI_OLD, QI_MESSAGES };

/* Find the first message from @s on, at @at up to @behind. Returns its number, or QI_MESSAGES. */
unsigned qi_first_message(const struct line *l, const char *s, const char **at,
			  const char **behind);
/* True if the line ends within the first words of a message. */
bool qi_message_begun(const struct line *l);

struct qi_error {
	struct block *block;
	bool seen[QI_ERRORS], cut[QI_ERRORS]; /* cut: its value is truncated */
	uint64_t value[QI_ERRORS];	      /* IQEI, ITESID, ICESID */
	bool cleared[QI_ERRORS];
	/* Mixed with lines of others: it is not known which error HEAD and PRIOR belong to. */
	bool mixed;
	bool old; /* of Linux before 5.13, which prints the descriptor only */
	struct decode_event gone, reset; /* the last such events before it */
	unsigned boot;
	unsigned stage;
	uint64_t line; /* of its latest message */
	uint64_t more; /* how often its first message was repeated (by syslog) */
	bool again;    /* it consists of such a repetition only */
};

/*
 * True if at most @most passed between two times of a log. Lines of other CPUs may be slightly
 * late; an earlier time means another boot.
 */
bool qi_within(double earlier, double later, double most);

/* The meaning of IQERCD.IQEI. */
const char *qi_iqei_text(uint64_t reason);

/* HEAD or PRIOR; NULL: missing, or not known to belong to this error. */
struct row *qi_row(const struct qi_error *e, const char *role);
/* True if all words are zero: the slot has not been written yet. */
bool qi_row_blank(const struct row *r);
/* True if the wait is one as Linux builds it, so that its status address gives its slot. */
bool qi_linux_wait(const struct row *r);

/* Compute the rows' slots from the status address of a wait among them. */
void qi_slots(struct block *b);

/* Interpret the error together with earlier ones. */
void qi_error_history(struct decode *d, const struct qi_error *e);

/* Findings about an IQE. */
void qi_find_refused(struct decode *d, const struct qi_error *e);

/* The error is complete: report all findings. */
void qi_error_findings(struct decode *d, const struct qi_error *e);

#endif
