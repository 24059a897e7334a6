/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * decode.h - from pasted text to what is wrong. README.md says how to add a format.
 *
 * Lines go to recognisers, one for each format; these hand over blocks, which are reported as they
 * come, and findings, which are gathered and reported in the end. Memory does not depend on how
 * much input there is: a recogniser may keep one block, and a few words of what it has seen.
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
	 * A line is shown if it holds one of these words, or is one of the first FIRST_LINES. A
	 * word has at least four bytes and no blank, as a blank may be the end of a wrapped line.
	 * Ends with NULL.
	 */
	const char *const *words;
	size_t size; /* of its state, all zeroes in the beginning */
	/* True: show the next line too, whatever it holds. */
	bool (*line)(struct decode *d, void *state, const struct line *l);
	void (*end)(struct decode *d, void *state); /* or NULL */
	/*
	 * A state for each caller id, as CPUs print at once; of a caller it is told his own lines.
	 */
	bool by_caller;
};

/* A file that is no text: its recogniser reads it by itself. */
struct whole {
	const char *name;
	bool (*is)(const unsigned char *head, size_t size);
	/*
	 * Get the bytes by lines_head(); @path may be "-". Returns NULL or, in static memory, why
	 * this cannot be read.
	 */
	const char *(*read)(struct decode *d, struct lines *r, const char *path);
};

/* In formats.c; each ends with NULL. */
extern const struct recogniser *const decode_recognisers[];
extern const struct whole *const decode_wholes[];

/* The line has one of the recogniser's words: it is shown not only because it was asked for. */
bool decode_named(const struct decode *d);

/* This line belongs to a format: the ones that take what is left (raw words) keep off it. */
void decode_take(struct decode *d);
bool decode_taken(const struct decode *d);
/*
 * Lines like this one, but for times and addresses (numbers with 0x and five digits or more), say
 * nothing more by themselves: in a storm they are counted, and not read.
 */
void decode_alike(struct decode *d);
/* True if the recogniser of this name has taken a line. */
bool decode_took(const struct decode *d, const char *recogniser);

/* Report @b and free it. Equal blocks in a row are reported once, with their number. */
void decode_block(struct decode *d, struct block *b);

/* ---- What is known of the machine, for recognisers and findings to share ---- */

#define DECODE_UNITS 64

/* Where a queue stood when a file of debugfs was read. */
struct decode_dump {
	bool known;
	uint64_t base, line;
	long head, tail; /* slots */
	uint64_t fsts;
	bool has_desc;
	struct qi_desc desc; /* at the head */
};

struct decode_unit {
	char name[16]; /* "dmar0", "" */
	uint64_t base; /* of its registers; 0: not said */
	uint64_t cap, ecap;
	bool has_caps;
	bool given; /* by --cap and --ecap */
	uint64_t line;
	struct decode_dump registers, ring; /* its last ones */
};

/* Something else in the log that may be the reason for what comes. */
struct decode_event {
	uint64_t line; /* 0: none */
	bool timed;
	double time;
	char what[100]; /* in the log's words */
};

/* The last time that a watchdog of Linux said that a CPU is stuck. */
struct decode_watchdog {
	unsigned event; /* as in lockup.h */
	uint64_t line;	/* 0: never */
	bool timed;
	double time;
	char what[120];
};

#define QI_RETRIED 8 /* devices */

/* What earlier errors of Linux's queues leave to be compared with. */
struct qi_history {
	struct qi_retries {
		unsigned sid; /* of the device that did not answer, 0: not said */
		unsigned count;
		uint64_t line; /* of the first */
		double time;   /* of the last */
	} retries[QI_RETRIED];
	uint64_t ice_line; /* of the last one, 0: none */
	bool ice_timed;
	double ice_time;
	uint64_t ice_sid; /* 0: not said */
};

struct decode_facts {
	unsigned boots;	 /* of Linux, that the log has seen */
	unsigned kernel; /* of Linux: major * 1000 + minor, 0: not said */
	int loglevel;	 /* of the console, -1: not said */
	struct decode_unit unit[DECODE_UNITS];
	unsigned units;
	unsigned width;	     /* 128, 256; 0: not said */
	uint64_t qi_line[3]; /* of Linux's last IQE, ITE, ICE: 0: none */
	struct qi_history qi_history;
	struct decode_watchdog watchdog;
	uint64_t waiter_line; /* a CPU was stuck in qi_submit_sync, 0: none */
	bool waiter_requests; /* its trace says that it invalidates something */
	uint64_t idle_line;   /* a ring was idle */
	uint64_t fault_line;  /* of the last fault, 0: none */
	uint64_t copied_line; /* the tables of the kernel before were taken over, 0: no */
	struct decode_event gone, reset; /* the last device or link that was */
	struct decode_event timed_out;	 /* the last ITE whose device is not known */
};

struct decode_facts *decode_facts(struct decode *d);

struct machine;
/* What is known of its devices and memory: machine.h. */
struct machine *decode_machine(const struct decode *d);

/* How often the message of the line that is being shown was there: "message repeated 52 times". */
uint64_t decode_times(const struct decode *d);
/* What is found from here on, of what a record said that was there so often. 1: as usual. */
void decode_count(struct decode *d, uint64_t times);

/*
 * A line number in the order of all files is made of the file's and of the line's in it. In the
 * file itself the line may have another one, as its newest may come first.
 */
#define DECODE_FILES 64
#define DECODE_FILE_SHIFT 48
uint64_t decode_line_in_file(const struct decode *d, uint64_t line);
/* The file's name if there are several, else NULL. */
const char *decode_line_file(const struct decode *d, uint64_t line);

/* The unit of this name, added if there is room; NULL if not. */
struct decode_unit *decode_unit(struct decode *d, const char *name, size_t length);

/*
 * The capabilities by which descriptors of @unit (NULL: not said) are to be judged: its own, those
 * of --cap and --ecap, or if all units that the input names have the same, theirs. NULL: not known.
 */
const struct decode_unit *decode_caps(const struct decode *d, const char *unit);

/* ---- Findings ---- */

enum certainty { CERTAIN, LIKELY, INFERRED };

/*
 * Most important first: errors of the queue before damage that has to do with other things. From
 * UNCLEAR on it is no problem. UNCLEAR: whether there is one cannot be known from this input.
 */
enum weight { CAUSE, ERROR, DAMAGE, SUSPECT, HINT, UNCLEAR, NOTE };

struct finding {
	const char *id; /* a constant: SPEC.md lists them */
	enum weight weight;
	enum certainty certainty;
	const char *from; /* what the certainty rests on, a constant; NULL with CERTAIN */
	const char *next; /* the next step, a constant */
};

#define NO_SID (~0U)

/*
 * Something was found, at @line (0: nowhere in particular). The text is one or two sentences. A
 * finding with the same id and text as an earlier one adds its line to it.
 */
void decode_find(struct decode *d, const struct finding *f, uint64_t line, const char *text, ...)
	__attribute__((format(printf, 4, 5)));

/* The same of a device, by its source id. */
void decode_find_of(struct decode *d, const struct finding *f, uint64_t line, unsigned sid,
		    const char *text, ...) __attribute__((format(printf, 5, 6)));

/*
 * Note that the line is cut within what the format has; cut values and descriptors are noted by
 * themselves.
 */
void decode_cut(struct decode *d, const struct line *l);

/* ---- Running ---- */

/*
 * begin() comes first, end() last. Blocks are gathered, and end() reports them; with all of them
 * wanted, or while a log is followed that is being written, block() gets each as it comes.
 */
struct report {
	void (*begin)(struct report *r); /* or NULL, as block and pause */
	void (*block)(struct report *r, const struct decode *d, const struct block *b);
	void (*pause)(struct report *r); /* show what there is */
	void (*end)(struct report *r, const struct decode *d);
	FILE *to, *spool;
	unsigned blocks; /* that block() was given */
	bool brief;	 /* the verdict alone */
	bool colour;
};

extern const struct report decode_text, decode_json, decode_html;

struct decode *decode_new(const struct report *r, FILE *to);
/* One more report of the same. */
void decode_also(struct decode *d, const struct report *r, FILE *to);
/* Every block is reported, and none gathered with others. */
void decode_all_blocks(struct decode *d);
void decode_free(struct decode *d);

/* False: it cannot be read; decode_error() says why. Reports nothing by itself of the end. */
bool decode_file(struct decode *d, const char *path);
/* The raw words of a command line, in one go. */
void decode_words(struct decode *d, const uint64_t *word, unsigned count);

enum decode_result {
	DECODE_FINE,	/* nothing wrong was found */
	DECODE_PROBLEM, /* something was */
	DECODE_UNCLEAR, /* nothing was recognised, or a value that decides is cut */
};

/* Draw conclusions from all that was read, and report. */
enum decode_result decode_end(struct decode *d);
enum decode_result decode_result(const struct decode *d);
const char *decode_error(const struct decode *d);
/* Called now and then with the bytes read so far. */
void decode_progress(struct decode *d, void (*progress)(uint64_t bytes));

#endif
