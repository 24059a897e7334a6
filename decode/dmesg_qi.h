/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* dmesg_qi.h - what Linux prints of one error of an invalidation queue. */
#ifndef DECODE_DMESG_QI_H
#define DECODE_DMESG_QI_H

#include "decode.h"

enum { QI_IQE, QI_ITE, QI_ICE, QI_ERRORS };

/* Its messages: what was detected, and, by the same numbers behind QI_CLEARED, what was cleared. */
enum { QI_CLEARED = QI_ERRORS, QI_HEAD = 2 * QI_ERRORS, QI_PRIOR, QI_OLD, QI_MESSAGES };

/* The first one at or behind @s in the line, from @at up to @behind: its number, or QI_MESSAGES. */
unsigned qi_first_message(const struct line *l, const char *s, const char **at,
			  const char **behind);
/* Does the line end within the first words of one? */
bool qi_message_begun(const struct line *l);

struct qi_error {
	struct block *block;
	bool seen[QI_ERRORS], cut[QI_ERRORS]; /* cut: without its value */
	uint64_t value[QI_ERRORS];	      /* IQEI, ITESID, ICESID */
	bool cleared[QI_ERRORS];
	bool mixed; /* with the lines of others: it is not known whose HEAD and PRIOR are */
	bool old;   /* of Linux before 5.13, which prints the descriptor alone */
	struct decode_event gone, reset; /* the last ones before it */
	unsigned boot;
	unsigned stage;
	uint64_t line; /* of the latest of its lines */
	uint64_t more; /* so often its first line came again, by itself (syslog) */
	bool again;    /* it is nothing but such a line */
};

/*
 * Has no more than @most passed between two times of a log? Lines of other CPUs may be a little
 * late; a clock that was set back is that of another boot.
 */
bool qi_within(double earlier, double later, double most);

/* What IQERCD.IQEI says. */
const char *qi_iqei_text(uint64_t reason);

/* HEAD or PRIOR; NULL: it is not there, or of which error it is is not known. */
struct row *qi_row(const struct qi_error *e, const char *role);
/* All zero: the slot has not been written yet. */
bool qi_row_blank(const struct row *r);
/* A wait as Linux builds it, from whose status address its slot can be told. */
bool qi_linux_wait(const struct row *r);

/* Work out the rows' slots from the status address of a wait among them. */
void qi_slots(struct block *b);

/* What it means together with earlier ones. */
void qi_error_history(struct decode *d, const struct qi_error *e);

/* A part of what it means: IQE. */
void qi_find_refused(struct decode *d, const struct qi_error *e);

/* The error is complete: say what it means. */
void qi_error_findings(struct decode *d, const struct qi_error *e);

#endif
