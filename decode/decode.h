/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * decode.h - finds out from pasted text what is wrong. README.md says how to add a format.
 *
 * Lines are passed to recognisers, one for each format. A recogniser produces blocks, which are
 * reported as they come, and findings, which are collected and reported at the end. Memory does not
 * grow with the input: a recogniser may keep one block and a few words about the lines before.
 */
#ifndef DECODE_H
#define DECODE_H

#include "block.h"
#include "line.h"

#include <stdio.h>

struct decode;

#define FIRST_LINES 100

/* ---- Recognisers ---- */

struct recogniser {
	const char *name;
	/*
	 * The recogniser gets a line if the line has one of these words, or is one of the first
	 * FIRST_LINES. A word has at least four bytes and no blank, because a blank may be the end
	 * of a wrapped line. Ends with NULL.
	 */
	const char *const *words;
	size_t size; /* of its state, which is zero at first */
	/* Returns true to get the next line too, whatever that contains. */
	bool (*line)(struct decode *d, void *state, const struct line *l);
	void (*end)(struct decode *d, void *state); /* or NULL */
	/*
	 * There is a state for each caller id, because CPUs print at the same time. Each state gets
	 * the lines of one caller.
	 */
	bool by_caller;
};

/* A file that is not text: its recogniser reads the whole file. */
struct whole {
	const char *name;
	bool (*is)(const unsigned char *head, size_t size);
	/*
	 * Reads the bytes by lines_head(); @path may be "-". Returns NULL, or why the file cannot
	 * be read, in static memory.
	 */
	const char *(*read)(struct decode *d, struct lines *r, const char *path);
};

/* In formats.c; each ends with NULL. */
extern const struct recogniser *const decode_recognisers[];
extern const struct whole *const decode_wholes[];

/* True if the line has one of the recogniser's words; false if it was only asked for. */
bool decode_named(const struct decode *d);

/*
 * Mark this line as part of a format, so that the recognisers of unmarked text (raw words) ignore
 * it.
 */
void decode_take(struct decode *d);
bool decode_taken(const struct decode *d);
/*
 * Lines that differ from this one only in times and addresses (numbers with 0x and five digits or
 * more) have no further information. If many follow each other, they are counted without being
 * read.
 */
void decode_alike(struct decode *d);
/* True if the recogniser of this name has taken a line. */
bool decode_took(const struct decode *d, const char *recogniser);

/* Report @b and free it. Equal blocks in a row are reported once, with their number. */
void decode_block(struct decode *d, struct block *b);

/* ---- facts about the machine, which recognisers and findings share ---- */

#define DECODE_UNITS 64

/* The state of a queue when a file of debugfs was read. */
struct decode_dump {
	bool known;
	uint64_t base, line;
	long head, tail; /* slots */
	uint64_t fsts;
	bool has_desc;
	struct qi_desc desc; /* the descriptor at the head */
};

struct decode_unit {
	char name[16]; /* "dmar0", "" */
	uint64_t base; /* address of its registers; 0: not known */
	uint64_t cap, ecap;
	bool has_caps;
	bool given; /* by --cap and --ecap */
	uint64_t line;
	struct decode_dump registers, ring; /* the last one of each */
};

/* Another event in the log that may be the cause of later ones. */
struct decode_event {
	uint64_t line; /* 0: none */
	bool timed;
	double time;
	char what[100]; /* the log's words */
};

/* The last report of Linux's watchdog that a CPU is stuck. */
struct decode_watchdog {
	unsigned event; /* a value of lockup.h's enum */
	uint64_t line;	/* 0: never */
	bool timed;
	double time;
	char what[120];
};

#define QI_RETRIED 8 /* devices */

/* Earlier errors of Linux's queues, with which later ones are compared. */
struct qi_history {
	struct qi_retries {
		unsigned sid; /* the device that did not answer, 0: not known */
		unsigned count;
		uint64_t line; /* the first one's */
		double time;   /* the last one's */
	} retries[QI_RETRIED];
	uint64_t ice_line; /* the last one's, 0: none */
	bool ice_timed;
	double ice_time;
	uint64_t ice_sid; /* 0: not known */
};

struct decode_facts {
	unsigned boots;	 /* boots of Linux in the log */
	unsigned kernel; /* Linux's version: major * 1000 + minor, 0: not known */
	int loglevel;	 /* the console's, -1: not known */
	struct decode_unit unit[DECODE_UNITS];
	unsigned units;
	unsigned width;	     /* 128, 256; 0: not known */
	uint64_t qi_line[3]; /* the last IQE's, ITE's and ICE's of Linux, 0: none */
	struct qi_history qi_history;
	struct decode_watchdog watchdog;
	uint64_t waiter_line; /* where a CPU was stuck in qi_submit_sync, 0: none */
	bool waiter_requests; /* the stack shows an invalidation */
	uint64_t idle_line;   /* where a ring was idle */
	uint64_t fault_line;  /* the last fault's, 0: none */
	/* Where this kernel took over the tables of the kernel before, 0: it did not. */
	uint64_t copied_line;
	/* The last device that was gone, the last link that was reset. */
	struct decode_event gone, reset;
	struct decode_event timed_out; /* the last ITE without a known device */
};

struct decode_facts *decode_facts(struct decode *d);

struct machine;
/* The machine's devices and memory: machine.h. */
struct machine *decode_machine(const struct decode *d);

/* The number of times that this line's message was logged, as "message repeated 52 times" says. */
uint64_t decode_times(const struct decode *d);
/*
 * The number of times that the findings from here on count, because a record says that its event
 * was repeated. 1 is the default.
 */
void decode_count(struct decode *d, uint64_t times);

/*
 * A line number that is ordered over all files consists of the file's number and of the line's
 * number in the order of reading. The number in the file itself may differ, because a log may have
 * its newest line first.
 */
#define DECODE_FILES 64
#define DECODE_FILE_SHIFT 48
uint64_t decode_line_in_file(const struct decode *d, uint64_t line);
/* The file's name if there are several, else NULL. */
const char *decode_line_file(const struct decode *d, uint64_t line);

/* The unit of this name, which is added if it is new. NULL if there is no room. */
struct decode_unit *decode_unit(struct decode *d, const char *name, size_t length);

/*
 * The capabilities by which descriptors of @unit (NULL: not known) are judged: the unit's own; or
 * those of --cap and --ecap; or, if all units in the input have the same, theirs. NULL: not known.
 */
const struct decode_unit *decode_caps(const struct decode *d, const char *unit);

/* ---- Findings ---- */

enum certainty { CERTAIN, LIKELY, INFERRED };

/*
 * The most important first: errors of the queue come before damage of another kind. UNCLEAR and
 * NOTE are no problems. UNCLEAR: this input cannot tell whether there is a problem.
 */
enum weight { CAUSE, ERROR, DAMAGE, SUSPECT, HINT, UNCLEAR, NOTE };

struct finding {
	const char *id; /* a constant: SPEC.md lists them */
	enum weight weight;
	enum certainty certainty;
	/* The evidence for a finding that is not CERTAIN, a constant; else NULL. */
	const char *from;
	const char *next; /* the next step, a constant */
};

#define NO_SID (~0U)

/*
 * Add a finding about @line (0: about no line). The text is one or two sentences. If an earlier
 * finding has the same id and text, the line is added to that.
 */
void decode_find(struct decode *d, const struct finding *f, uint64_t line, const char *text, ...)
	__attribute__((format(printf, 4, 5)));

/* The same, about a device by its source id. */
void decode_find_of(struct decode *d, const struct finding *f, uint64_t line, unsigned sid,
		    const char *text, ...) __attribute__((format(printf, 5, 6)));

/*
 * Note that the line is cut inside the text of its format. Cut values and descriptors are noted
 * separately.
 */
void decode_cut(struct decode *d, const struct line *l);

/* ---- Running ---- */

/*
 * begin() is called first, end() last. By default blocks are collected, and end() reports them. If
 * all blocks are wanted, or if the log is still being written, block() gets each block as it comes.
 */
struct report {
	void (*begin)(struct report *r); /* begin, block and pause may be NULL */
	void (*block)(struct report *r, const struct decode *d, const struct block *b);
	void (*pause)(struct report *r); /* the input has paused: flush the output */
	void (*end)(struct report *r, const struct decode *d);
	FILE *to, *spool;
	unsigned blocks; /* number of calls of block() */
	bool brief;	 /* only the verdict */
	bool colour;
};

extern const struct report decode_text, decode_json, decode_html;

struct decode *decode_new(const struct report *r, FILE *to);
/* Add a report of the same input. */
void decode_also(struct decode *d, const struct report *r, FILE *to);
/* Report every block by itself, and do not combine equal ones. */
void decode_all_blocks(struct decode *d);
void decode_free(struct decode *d);

/*
 * Returns false if the file cannot be read; then decode_error() says why. Does not report the end.
 */
bool decode_file(struct decode *d, const char *path);
/* Decode the raw words of a command line, all at once. */
void decode_words(struct decode *d, const uint64_t *word, unsigned count);

enum decode_result {
	DECODE_FINE,	/* nothing wrong was found */
	DECODE_PROBLEM, /* a problem was found */
	DECODE_UNCLEAR, /* nothing was recognised, or a value that would decide is cut */
};

/* Draw conclusions from the whole input, and report. */
enum decode_result decode_end(struct decode *d);
enum decode_result decode_result(const struct decode *d);
const char *decode_error(const struct decode *d);
/* @progress is called from time to time with the number of bytes read. */
void decode_progress(struct decode *d, void (*progress)(uint64_t bytes));

#endif
