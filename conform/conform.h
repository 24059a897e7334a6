/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * conform.h - the conformance suite: named cases, each a rule of the specification that software
 * can observe, tried on a device.
 */
#ifndef CONFORM_H
#define CONFORM_H

#include "device.h"

#define CONFORM_NAME 48
#define CONFORM_DETAIL 240

enum conform_outcome { CONFORM_PASS, CONFORM_DEVIATES, CONFORM_NOT_APPLICABLE, CONFORM_OUTCOMES };

const char *conform_outcome_name(enum conform_outcome o);

struct conform_result {
	char name[CONFORM_NAME]; /* "wait.sw-fn/256": the case, and the descriptors' width */
	const char *rule;
	const char *section; /* of the specification: chapter and title */
	enum conform_outcome outcome;

	/*
	 * What deviates, in the words of the case, which are the same whenever the same is seen;
	 * why it is not applicable; or of a pass a remark, mostly empty.
	 */
	char detail[CONFORM_DETAIL];
};

/* Called with each result. False: try no more. */
typedef bool conform_report_fn(void *ctx, const struct conform_result *r);

struct conform_counts {
	unsigned outcome[CONFORM_OUTCOMES];
};

/*
 * Try all cases whose names begin with @prefix ("": all), until @report wants no more. False: the
 * device could not be reset, or is no VT-d unit with an invalidation queue, and *error says so.
 */
bool conform_run(const struct conform_device *dev, const char *prefix, conform_report_fn *report,
		 void *ctx, struct conform_counts *counts, const char **error);

/* How many cases begin with @prefix. */
unsigned conform_cases(const char *prefix);

/*
 * For a test program with cases of its own making: their names, in order; one of them by its name.
 */
typedef void conform_name_fn(void *ctx, const char *name);
void conform_names(conform_name_fn *fn, void *ctx);
bool conform_try(const struct conform_device *dev, const char *name, struct conform_result *result,
		 const char **error);

/*
 * What is wrong with a device that another program has filled in, in one line: a function that is
 * not optional and not there, memory where device.h does not want it. NULL: nothing.
 */
const char *conform_device_wrong(const struct conform_device *dev);

/* ---- Declared deviations: what an implementation is known to do differently ---- */

struct conform_declared;

/* By the profile with this name; NULL: there is no such profile. */
const struct conform_declared *conform_declared(const char *profile);

/* Is it declared that this case deviates? NULL: no; else how, as in struct conform_result. */
const char *conform_declares(const struct conform_declared *d, const char *name);

/* The number of cases that are declared to deviate. */
unsigned conform_declarations(const struct conform_declared *d);

#endif
