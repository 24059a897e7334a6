/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Lockups, stalls and panics of Linux whose call trace runs through the invalidation queue. */
#include "lockup.h"
#include "scan.h"

#include <ctype.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define MOST_LINES 160 /* of a report, counted from its first line */
#define FOREIGN 4      /* lines of other CPUs between those of a trace */

static const struct {
	enum event event;
	const char *words, *title;
} events[] = {
	{ HARD, "hard LOCKUP", "hard lockup" },
	{ HARD, "Hard LOCKUP", "hard lockup" },
	/*
	 * The words are longer than the titles, because prose contains "soft lockup", "detected
	 * stalls" and "blocked for more than", too.
	 */
	{ SOFT, "soft lockup - CPU", "soft lockup" },
	{ STALL, "detected stall on", "RCU stall" },
	{ STALL, "detected stalls on", "RCU stall" },
	{ STALL, "detected expedited stalls on", "RCU stall" },
	{ HUNG, "blocked for more than ", "hung task" },
	{ KCSAN, "BUG: KCSAN: data-race in", "KCSAN report" },
	{ HARDWARE, "DMAR hardware is malfunctioning", "panic" },
	{ TRACE, "Call Trace:", "call trace" },
	{ TRACE, "Call trace:", "call trace" },
	{ TRACE, "RIP:", "call trace" },
	{ TRACE, WAITER, "call trace" },
};

static enum event event_of(const struct line *l)
{
	const char *behind;

	for (unsigned i = 0; i < sizeof(events) / sizeof(*events); i++)
		if (scan_find(l, l->text, events[i].words, &behind) &&
		    (events[i].event != HUNG || isdigit((unsigned char)*behind)))
			return events[i].event;
	return lockup_is_flush(l) ? TRACE : NOTHING;
}

/* ---- lines of a report ---- */

static void cpu_line(struct lockup *k, const struct line *l)
{
	const char *s, *e;

	if (*k->cpu && k->event == HARD && scan_find(l, l->text, "CPU: ", &s) &&
	    (strncmp(s, k->cpu, strlen(k->cpu)) || isdigit((unsigned char)s[strlen(k->cpu)])))
		k->reporter = true;
	if (!*k->cpu &&
	    (scan_find(l, l->text, "CPU: ", &s) || scan_find(l, l->text, "on cpu ", &s) ||
	     scan_find(l, l->text, "CPU#", &s) || scan_find(l, l->text, "on CPU ", &s)))
		lockup_copy(k->cpu, sizeof(k->cpu), s, strspn(s, "0123456789"));
	if (!*k->task && scan_find(l, l->text, "Comm: ", &s)) {
		lockup_copy(k->task, sizeof(k->task), s, strcspn(s, " \n"));
		if ((scan_find(l, s, "Not tainted ", &e) || scan_find(l, s, "Tainted: ", &e)) &&
		    !*k->kernel) {
			/*
			 * The version is the word with a digit first. Words about tainting have
			 * none.
			 */
			for (; *e && *e != '\n'; e += strcspn(e, " \n"), e += *e == ' ')
				if (isdigit((unsigned char)e[0]) && strchr("0123456789.", e[1])) {
					lockup_copy(k->kernel, sizeof(k->kernel), e,
						    strcspn(e, " \n"));
					break;
				}
		}
	}
}

static bool rip_line(struct lockup *k, const struct line *l)
{
	const char *s;

	if (!scan_find(l, l->text, "RIP:", &s))
		return false;
	s += strspn(s, " ");
	s += strspn(s, "0123456789abcdef"); /* the code segment, "0010:" */
	s += *s == ':';
	lockup_frames(k, s, l->text + l->own);
	return true;
}

/* True if the line belongs to a report but has no frame. */
static bool report_line(struct lockup *k, const struct line *l, bool named)
{
	static const char *const starts[] = {
		"Code:",    "Hardware name", "RSP:",	    "RAX:",
		"RDX:",	    "RBP:",	     "R10:",	    "R13:",
		"FS:",	    "CS:",	     "CR2:",	    "DR0:",
		"DR3:",	    "PKRU:",	     "Call Trace",  "Call trace",
		"<TASK>",   "</TASK>",	     "<IRQ>",	    "</IRQ>",
		"<NMI>",    "</NMI>",	     "<EOI>",	    "Modules linked",
		"CPU:",	    "NMI backtrace", "Stack:",	    "task:",
		"rcu:",	    "Workqueue:",    "Sending NMI", "race at",
		"read to",  "write to",	     "Reported by", "irq event",
		"Tainted:", "PID:",	     "...",	    "[...]"
	};
	const char *body = l->text + l->body, *s;
	bool known = false;

	/* Most lines are frames. These have no colon and none of the words. */
	if (named || strchr(body, ':')) {
		if (scan_find(l, l->text, "Code: ", &s))
			code_read(&k->code, s);
		code_registers(&k->code, body);
		if (!k->has_address && scan_find(l, l->text, "read to ", &s) &&
		    !strncmp(s, "0x", 2))
			k->has_address = scan_hex(l, &s, &k->address) == SCAN_OK;
		cpu_line(k, l);
	}
	for (unsigned i = 0; i < sizeof(starts) / sizeof(*starts); i++)
		known |= *body == *starts[i] && !strncmp(body, starts[i], strlen(starts[i]));
	return known || (k->event == KCSAN && l->own == 0);
}

/* The report contains the kernel's version, which the log may not contain otherwise. */
static void learn_kernel(struct decode *d, const char *version)
{
	char *end;
	const unsigned long major = strtoul(version, &end, 10);

	if (!decode_facts(d)->kernel && *end == '.' && major >= 2 && major < 100)
		decode_facts(d)->kernel =
			(unsigned)(major * 1000 + strtoul(end + 1, NULL, 10) % 1000);
}

/* ---- conclusions ---- */

const char *lockup_title(enum event event)
{
	for (unsigned i = 0; i < sizeof(events) / sizeof(*events); i++)
		if (events[i].event == event)
			return events[i].title;
	return "call trace";
}

static void add_facts(const struct lockup *k, struct block *b)
{
	unsigned slot;
	uint32_t fsts;

	if (*k->what)
		block_text(b, "report", "%s", k->what);
	if (k->mixed) {
		block_text(b, "mixed",
			   "with another CPU's report: whose these lines are is not "
			   "known");
		return;
	}
	if (*k->cpu)
		block_text(b, "CPU", "%s", k->cpu);
	if (*k->task)
		block_text(b, "task", "%s", k->task);
	if (*k->kernel)
		block_text(b, "kernel", "%s", k->kernel);
	if (*k->frames)
		block_text(b, "calls", "%s", k->frames);
	if (k->has_address && k->event == KCSAN)
		block_number(b, "slot", (k->address & 0x3ff) >> 2,
			     "inferred from the address 0x%" PRIx64
			     " of the status word, by Linux's layout",
			     k->address);
	else if (code_slot(&k->code, &slot))
		block_number(b, "slot", slot,
			     "inferred from the code bytes: it is compared with QI_ABORT");
	if (code_fault_status(&k->code, &fsts))
		block_hex(b, "FSTS", fsts, "inferred from the code bytes");
}

static void finish(struct decode *d, struct lockup *k)
{
	struct block *b;
	char path[200];

	if (!k->open)
		return;
	learn_kernel(d, k->kernel);
	if (k->waits || k->mentioned || k->path & PATH_FLUSH ||
	    (k->event != TRACE && !k->reporter)) {
		b = block_new(k->event == KCSAN ? "kcsan" : "call-trace", k->line,
			      lockup_title(k->event));
		b->last = k->last;
		b->timed = k->timed;
		b->time = k->time;
		add_facts(k, b);
		if ((k->waits || k->path & PATH_FLUSH) && !k->mixed && k->event != HARDWARE) {
			lockup_way(k, path, sizeof(path));
			block_text(b, "way", "%s", path);
		}
		decode_block(d, b);
	}
	lockup_findings(d, k);
	memset(k, 0, offsetof(struct lockup, lock_line));
}

/* ---- beginning and end of a report ---- */

static void open(struct decode *d, struct lockup *k, enum event event, const struct line *l)
{
	struct decode_watchdog *w = &decode_facts(d)->watchdog;
	size_t n = l->own - l->body;

	memset(k, 0, offsetof(struct lockup, lock_line));
	k->code.at = -1;
	k->open = true;
	k->event = event;
	k->in_trace = event == KCSAN || event == TRACE;
	k->line = l->number;
	k->timed = l->timed;
	k->time = l->time;
	if (event != TRACE)
		lockup_copy(k->what, sizeof(k->what), l->text + l->body, n);
	if (event != HARD && event != STALL)
		return;
	*w = (struct decode_watchdog){ .event = event, .line = l->number };
	w->timed = l->timed;
	w->time = l->time;
	strcpy(w->what, k->what);
}

/* True if the watchdog's last report is recent and about this CPU. */
static bool concerns(const struct decode_watchdog *w, const char *cpu, const struct line *l)
{
	const char *named = strcasestr(w->what, "on cpu ");
	const size_t n = strlen(cpu);

	if (!w->line || l->number > w->line + MOST_LINES)
		return false;
	return w->event == STALL ||
	       (named && !strncmp(named + 7, cpu, n) && !isdigit((unsigned char)named[7 + n]));
}

/*
 * "NMI backtrace for cpu 5": this CPU prints its trace because another CPU's watchdog has asked for
 * it.
 */
static void nmi_line(struct decode *d, struct lockup *k, const struct line *l, const char *s)
{
	const struct decode_watchdog *w = &decode_facts(d)->watchdog;

	/* The watchdog's report is shown together with the trace that it has asked for. */
	if (k->open && !k->shown && !k->mixed && k->event != TRACE)
		k->open = false;
	finish(d, k);
	open(d, k, TRACE, l);
	k->in_trace = false;
	lockup_copy(k->cpu, sizeof(k->cpu), s, strspn(s, "0123456789"));
	if (!concerns(w, k->cpu, l))
		return;
	k->event = w->event;
	k->line = w->line;
	k->timed = w->timed;
	k->time = w->time;
	strcpy(k->what, w->what);
}

/* True if the line has qi_submit_sync only after a "?". */
static bool only_asked(const struct line *l)
{
	const char *s;

	return scan_find(l, l->text + l->body, "? " WAITER, &s) && !scan_find(l, s, WAITER, NULL);
}

/* True if this line begins another report than the open one. */
static bool another(const struct lockup *k, enum event event, const struct line *l)
{
	if (event == NOTHING || event == TRACE)
		return event == TRACE && !k->mixed && k->open && !lockup_is_flush(l) && k->waits &&
		       k->event != TRACE && k->shown > 2 && !only_asked(l);
	return !k->open || k->event != event || k->shown;
}

/*
 * True if two soft lockups follow each other without a trace between them. CPUs print at the same
 * time, so it is not known which of the following lines belongs to which CPU.
 */
static bool mixes(const struct lockup *k, enum event event, const struct line *l)
{
	const char *s;

	return event == SOFT && k->event == SOFT && !k->shown &&
	       scan_find(l, l->text, "CPU#", &s) &&
	       (strncmp(s, k->cpu, strlen(k->cpu)) || isdigit((unsigned char)s[strlen(k->cpu)]));
}

/*
 * Prose and source code contain qi_submit_sync, too. In a frame it has an offset, or is alone on
 * the line.
 */
static bool looks_like_frame(const struct line *l)
{
	const char *s, *behind;

	for (s = l->text; (s = scan_find(l, s, WAITER, &behind)); s = behind)
		if (lockup_has_offset(s, strlen(WAITER)))
			return true;
	return lockup_only_symbols(l->text + l->body, l->text + l->own);
}

static bool line(struct decode *d, void *state, const struct line *l)
{
	struct lockup *k = state;
	/* A line without one of the words begins no report, but may continue one. */
	const bool named = decode_named(d);
	const enum event event = named ? event_of(l) : NOTHING;
	const char *s;
	bool known;

	if (lockup_leak_line(k, l))
		return true;
	if (lockup_lock_line(k, l)) {
		finish(d, k);
		return true; /* other lines of the list follow */
	}
	if (!decode_taken(d)) {
		if (lockup_profile_sign(k, l))
			finish(d, k);
		if (lockup_profile(d, k, l, event != NOTHING))
			return false;
	}

	if (event == TRACE && !k->open && scan_find(l, l->text, WAITER, NULL) &&
	    !scan_find(l, l->text, "RIP:", NULL) && !scan_find(l, l->text, "all Trace", NULL) &&
	    !looks_like_frame(l))
		return false;
	if (another(k, event, l))
		finish(d, k);
	k->mixed |= k->open && mixes(k, event, l);
	if (named && scan_find(l, l->text, "NMI backtrace for cpu ", &s))
		nmi_line(d, k, l, s);
	else if (event != NOTHING && !k->open)
		open(d, k, event, l);
	if (!k->open)
		return false;
	if (k->lines++ > MOST_LINES) {
		finish(d, k);
		return false;
	}
	k->in_trace |= named && (scan_find(l, l->text, "all Trace:", NULL) ||
				 scan_find(l, l->text, "all trace:", NULL));
	known = report_line(k, l, named);
	known |= named && rip_line(k, l);
	if (known || event == KCSAN) {
		k->foreign = 0;
		if (scan_find(l, l->text, "Trace:", &s))
			lockup_frames(k, s, l->text + l->own);
	} else if (lockup_frames(k, l->text + l->body, l->text + l->own)) {
		k->foreign = 0;
	} else if (event == NOTHING && ++k->foreign > FOREIGN) {
		finish(d, k);
		return false;
	}
	if (!k->foreign) {
		k->last = l->last;
		if (k->waits)
			decode_take(d);
	}
	return true;
}

static void end(struct decode *d, void *state)
{
	finish(d, state);
}

static const char *const words[] = { "qi_flush_",
				     "fq_flush",
				     "iommu_flush_",
				     "flush_iotlb",
				     "cache_tag_flush",
				     "unreferenced",
				     "held by",
				     "# Ov",
				     "LOCKUP",
				     "soft lockup",
				     "detected stall",
				     "detected expedited",
				     "blocked for more",
				     "KCSAN",
				     "malfunctioning",
				     "Call Trace",
				     "Call trace",
				     "qi_submit_sync",
				     "RIP:",
				     "backtrace",
				     NULL };

const struct recogniser lockup_recogniser = { "lockup", words, sizeof(struct lockup),
					      line,	end,   true };
