/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Linux's messages about errors of the invalidation queue, from 2.6 to today. */
#include "dmesg_qi.h"
#include "scan.h"

#include <describe/describe.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* The most lines between those of one error, as other CPUs print in between. */
#define LINES_APART 40
#define SECONDS_APART 2.0

/*
 * The lines of an error come in this order. A line of an earlier stage belongs to the next error.
 */
enum { STAGE_HEAD = QI_ERRORS + 1, STAGE_PRIOR, STAGE_CLEARED };

static const char *const iqei_text[] = {
	"no information: the unit does not say why",
	"invalid tail pointer",
	"the descriptor could not be fetched",
	"invalid descriptor type",
	"a reserved field is set",
	"descriptor width and translation mode do not agree",
	"the tail is misaligned: bit 4 of IQT is set with 256-bit descriptors",
	"invalid translation table mode",
};

static const char *const value_field[QI_ERRORS] = { "IQEI", "ITESID", "ICESID" };

static const char *const cleared_field[QI_ERRORS] = { "IQE cleared", "ITE cleared", "ICE cleared" };

/*
 * The open errors of one caller, in the order of their beginnings. Lines go to the last one. An
 * error before it was not complete when the next one began: lines are missing, or two CPUs print at
 * once and the log does not say which CPU printed a line.
 */
#define OPEN 4

struct qi_log {
	struct qi_error error[OPEN];
	unsigned n;
};

/* ---- begin and end of an error ---- */

static void finish_one(struct decode *d, struct qi_error *e)
{
	/* A log that begins later may have only the last line, which names the error, too. */
	for (unsigned i = 0; i < QI_ERRORS; i++)
		if (e->cleared[i] && !e->seen[QI_IQE] && !e->seen[QI_ITE] && !e->seen[QI_ICE])
			e->seen[i] = e->cut[i] = true;
	if (!e->mixed)
		qi_slots(e->block);
	e->block->last = e->line;
	e->block->count += e->more;
	decode_count(d, e->block->count);
	qi_error_findings(d, e);
	decode_count(d, 1);
	decode_block(d, e->block);
}

static void finish(struct decode *d, struct qi_log *log)
{
	for (unsigned i = 0; i < log->n; i++)
		finish_one(d, &log->error[i]);
	memset(log, 0, sizeof(*log));
}

static bool far_away(const struct qi_log *log, const struct line *l)
{
	const struct qi_error *e = log->error + log->n - 1;

	if (!log->n)
		return false;
	if (l->number > e->line + LINES_APART)
		return true;
	return l->timed && e->block->timed && !qi_within(e->block->time, l->time, SECONDS_APART);
}

static struct qi_error *begin(struct decode *d, struct qi_log *log, const struct line *l)
{
	struct qi_error *e;

	if (log->n == OPEN) {
		finish_one(d, log->error);
		memmove(log->error, log->error + 1, --log->n * sizeof(*log->error));
	}
	e = memset(&log->error[log->n++], 0, sizeof(*log->error));
	e->block = block_new("qi-error", l->number, "invalidation queue error");
	e->block->timed = l->timed;
	e->block->time = l->time;
	e->gone = decode_facts(d)->gone;
	e->reset = decode_facts(d)->reset;
	e->boot = decode_facts(d)->boots;
	return e;
}

/*
 * True if the line cannot belong to this error, but may belong to an earlier one with missing
 * lines.
 */
static bool mix(struct qi_log *log, unsigned stage)
{
	if (log->n < 2 || stage < STAGE_HEAD)
		return false;
	for (unsigned i = 0; i < log->n; i++)
		log->error[i].mixed = true;
	return true;
}

/* The error to which a line of this stage belongs. */
static struct qi_error *join(struct decode *d, struct qi_log *log, const struct line *l,
			     unsigned stage)
{
	struct qi_error *e = log->n ? &log->error[log->n - 1] : NULL;

	decode_take(d);
	if (e && stage <= e->stage && !(stage == STAGE_CLEARED && e->stage == stage) &&
	    !mix(log, stage)) {
		/* An incomplete error may still get its lines. */
		if (stage >= STAGE_HEAD || e->stage >= STAGE_PRIOR)
			finish(d, log);
		e = NULL;
	}
	if (!e)
		e = begin(d, log, l);
	if (!e->mixed)
		e->stage = stage;
	e->line = l->last;
	return e;
}

/* ---- the lines of an error ---- */

const char *qi_iqei_text(uint64_t reason)
{
	return reason < 8      ? iqei_text[reason]
	       : reason == 0xf ? "not defined; all ones"
			       : "not defined";
}

static void error_value(struct qi_error *e, unsigned error, uint64_t value)
{
	char sid[SID_TEXT];

	e->value[error] = value;
	if (error == QI_IQE)
		block_number(e->block, "IQEI", value, "%s", qi_iqei_text(value));
	else if (!value)
		block_hex(e->block, value_field[error], value, "the unit does not report it");
	else if (value == 0xffff)
		block_hex(e->block, value_field[error], value, "all ones");
	else
		block_hex(e->block, value_field[error], value, "%s",
			  sid_text(sid, (unsigned)value));
}

/*
 * "message repeated 52 times": applies to the open error, without the other lines of each
 * repetition.
 */
static bool count_again(struct decode *d, struct qi_log *log, const struct line *l, unsigned error)
{
	struct qi_error *e = log->n ? &log->error[log->n - 1] : NULL;

	if (!e || !e->seen[error])
		return false;
	decode_take(d);
	e->more += l->times;
	e->line = l->last;
	return true;
}

/*
 * Remember a time-out whose device is unknown, as a removal that is reported later may explain it.
 */
static void remember_timeout(struct decode *d, const struct line *l, uint64_t sid)
{
	struct decode_event *e = &decode_facts(d)->timed_out;

	e->line = sid ? 0 : l->number;
	e->timed = l->timed;
	e->time = l->time;
}

/* "VT-d detected Invalidation Queue Error: Reason 3", "... Time-out Error: SID 300" */
static void error_line(struct decode *d, struct qi_log *log, const struct line *l, unsigned error,
		       const char *s)
{
	struct qi_error *e;
	uint64_t value;

	if (l->repeated && count_again(d, log, l, error))
		return;
	e = join(d, log, l, error + 1);
	if (l->repeated) {
		e->again = true;
		e->more = l->times - 1;
	}
	decode_facts(d)->qi_line[error] = l->number;
	e->seen[error] = true;
	scan_words(&s, ":");
	scan_blanks(&s);
	if (!scan_words(&s, error == QI_IQE ? "Reason " : "SID ") ||
	    scan_hex(l, &s, &value) != SCAN_OK) {
		e->cut[error] = true;
		block_cut(e->block, value_field[error]);
		value = 0;
	} else {
		error_value(e, error, value);
	}
	if (error == QI_ITE)
		remember_timeout(d, l, value);
}

/* "qw0 = 0x100000002, qw1 = 0x0"; its end may be missing. */
static void quadwords(struct row *r, const struct line *l, const char *s, const char *const *name,
		      bool prefixed)
{
	for (unsigned i = 0; i < 2; i++) {
		uint64_t value;

		scan_blanks(&s);
		if (!scan_words(&s, name[i]))
			return;
		scan_equals(&s);
		/*
		 * In a format that always has 0x, a single "0" is the beginning of a truncated
		 * number.
		 */
		if ((prefixed && strncmp(s, "0x", 2)) || scan_hex(l, &s, &value) != SCAN_OK)
			return;
		/* The kernel prints a comma here: without it the number is truncated. */
		if (!i && *s != ',')
			return;
		row_word(r, i, value);
		r->open = scan_open(l, s);
		s++;
	}
}

static const char *const qw[] = { "qw0", "qw1" };
static const char *const low_high[] = { "low", "high" };

/* "QI HEAD: IOTLB Invalidation qw0 = ...": the type in Linux's words, which agree with qw0. */
static void descriptor_line(struct decode *d, struct qi_log *log, const struct line *l,
			    unsigned stage, const char *s)
{
	struct qi_error *e = join(d, log, l, stage);
	const char *name, *own_name;
	struct row *r;

	r = block_row(e->block, l->number, stage == STAGE_HEAD ? "HEAD" : "PRIOR");
	if (*s == ':')
		s++;
	scan_blanks(&s);
	name = s;
	while (*s && strncmp(s, "qw0", 3))
		s++;
	quadwords(r, l, s, qw, true);
	if (!(r->known & 1))
		return;
	own_name = qi_type_name((unsigned)(r->desc.qw0 & 0xf));
	if (!scan_words(&name, own_name))
		r->note = text_print("damaged line: its words for the type are not those of qw0, "
				     "\"%s\"",
				     own_name);
}

/* Until 5.12: "VT-d detected invalid descriptor: low=..., high=..." or "qw0 = ..., qw1 = ..." */
static void old_line(struct decode *d, struct qi_log *log, const struct line *l, const char *s)
{
	struct qi_error *e;
	struct row *r;

	finish(d, log);
	e = join(d, log, l, QI_IQE + 1);
	decode_facts(d)->qi_line[QI_IQE] = l->number;
	e->old = e->seen[QI_IQE] = e->cut[QI_IQE] = true;
	r = block_row(e->block, l->number, "HEAD");
	if (*s == ':')
		s++;
	scan_blanks(&s);
	quadwords(r, l, s, !strncmp(s, "low", 3) ? low_high : qw, false);
}

static void cleared_line(struct decode *d, struct qi_log *log, const struct line *l, unsigned error)
{
	struct qi_error *e = join(d, log, l, STAGE_CLEARED);

	if (!e->cleared[error])
		block_text(e->block, cleared_field[error], "by the kernel");
	e->cleared[error] = true;
	if (error == QI_ITE)
		remember_timeout(d, l, e->value[error]);
}

static bool line(struct decode *d, void *state, const struct line *l)
{
	struct qi_log *log = state;
	const char *s = l->text, *at, *behind;
	unsigned i;

	if (far_away(log, l))
		finish(d, log);
	while ((i = qi_first_message(l, s, &at, &behind)) < QI_MESSAGES) {
		if (i < QI_ERRORS)
			error_line(d, log, l, i, behind);
		else if (i < QI_HEAD)
			cleared_line(d, log, l, i - QI_CLEARED);
		else if (i == QI_OLD)
			old_line(d, log, l, behind);
		else
			descriptor_line(d, log, l, i == QI_HEAD ? STAGE_HEAD : STAGE_PRIOR, behind);
		s = behind;
	}
	if (s == l->text && qi_message_begun(l)) {
		decode_take(d);
		decode_cut(d, l);
	}
	return log->n;
}

static void end(struct decode *d, void *state)
{
	finish(d, state);
}

static const char *const words[] = { "VT-d", "HEAD:", "PRIOR:", "Invalidation", "DMAR:", NULL };

const struct recogniser dmesg_qi_recogniser = { "linux-qi", words, sizeof(struct qi_log),
						line,	    end,   true };
