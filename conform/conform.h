/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * conform.h - the conformance suite: named cases, each of which tries on a device a rule of the
 * specification that software can observe.
 */
#ifndef CONFORM_H
#define CONFORM_H

#include "device.h"

#define CONFORM_NAME 48
#define CONFORM_DETAIL 240

enum conform_outcome { CONFORM_PASS, CONFORM_DEVIATES, CONFORM_NOT_APPLICABLE, CONFORM_OUTCOMES };

const char *conform_outcome_name(enum conform_outcome o);

struct conform_result {
	char name[CONFORM_NAME]; /* "wait.sw-fn/256": the case, and the descriptor width */
	const char *rule;
	const char *section; /* chapter and title of the specification */
	enum conform_outcome outcome;

	/*
	 * How the device deviates, in words of the case that are the same whenever the device does
	 * the same; why the case is not applicable; or a remark about a pass, usually empty.
	 */
	char detail[CONFORM_DETAIL];
};

/* Called with each result. False: stop. */
typedef bool conform_report_fn(void *ctx, const struct conform_result *r);

struct conform_counts {
	unsigned outcome[CONFORM_OUTCOMES];
};

/*
 * Try all cases whose names begin with @prefix ("": all), until @report returns false. False: the
 * device could not be reset, or is no VT-d unit with an invalidation queue, and *error says so.
 */
bool conform_run(const struct conform_device *dev, const char *prefix, conform_report_fn *report,
		 void *ctx, struct conform_counts *counts, const char **error);

/* The number of cases whose names begin with @prefix. */
unsigned conform_cases(const char *prefix);

/*
 * For test programs with one test for each case: conform_names(): call @fn for each case, in
 * order. conform_try(): try the case of this name.
 */
typedef void conform_name_fn(void *ctx, const char *name);
void conform_names(conform_name_fn *fn, void *ctx);
bool conform_try(const struct conform_device *dev, const char *name, struct conform_result *result,
		 const char **error);

/*
 * Check a device that another program has filled in. Returns one line: a required function is
 * missing, or memory is not as device.h demands. NULL: it is valid.
 */
const char *conform_device_wrong(const struct conform_device *dev);

/* ---- Declared deviations: known differences of implementations ---- */

struct conform_declared;

/* The declaration for the profile of this name; NULL: no such profile. */
const struct conform_declared *conform_declared(const char *profile);

/* If this case is declared to deviate: how, as in struct conform_result. Otherwise NULL. */
const char *conform_declares(const struct conform_declared *d, const char *name);

/* The number of cases that are declared to deviate. */
unsigned conform_declarations(const struct conform_declared *d);

#endif
