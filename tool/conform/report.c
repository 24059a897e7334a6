/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "report.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* NULL: as declared; otherwise what is different. */
static const char *unexpected(const struct conform_report *r, const struct conform_result *result,
			      char text[2 * CONFORM_DETAIL])
{
	const char *declared = conform_declares(r->declared, result->name);

	/* A case that is not applicable does not contradict a declaration. */
	if (result->outcome == CONFORM_NOT_APPLICABLE)
		return NULL;
	if (result->outcome != CONFORM_DEVIATES && !declared)
		return NULL;
	if (result->outcome != CONFORM_DEVIATES)
		snprintf(text, 2 * CONFORM_DETAIL, "declared to deviate: %s", declared);
	else if (!declared)
		snprintf(text, 2 * CONFORM_DETAIL, "not declared");
	else if (strcmp(declared, result->detail) != 0)
		snprintf(text, 2 * CONFORM_DETAIL, "declared to deviate otherwise: %s", declared);
	else
		return NULL;
	return text;
}

void conform_report_add(struct conform_report *r, const struct conform_result *result)
{
	char text[2 * CONFORM_DETAIL];

	if (r->results == r->room) {
		r->room = r->room ? 2 * r->room : 512;
		r->result = realloc(r->result, r->room * sizeof(*r->result));
		if (!r->result)
			abort();
	}
	r->result[r->results++] = *result;
	if (unexpected(r, result, text))
		r->unexpected++;
}

void conform_report_free(struct conform_report *r)
{
	free(r->result);
}

/* ---- Text ---- */

void conform_report_row(const struct conform_report *r, const struct conform_result *result,
			bool all)
{
	char text[2 * CONFORM_DETAIL];
	const char *wrong = unexpected(r, result, text);

	if (!all && !wrong && result->outcome != CONFORM_DEVIATES)
		return;
	printf("%-14s  %s: %s [%s]\n", conform_outcome_name(result->outcome), result->name,
	       result->rule, result->section);
	if (*result->detail)
		printf("%16s%s\n", "", result->detail);
	if (wrong && r->profile)
		printf("%16sUNEXPECTED of %s: %s\n", "", r->profile, wrong);
	fflush(stdout);
}

void conform_report_ends(unsigned ends, const char *how)
{
	if (ends == 1)
		printf("QEMU has ended once and was started again: %s\n", how);
	else if (ends)
		printf("QEMU has ended %u times and was started again; the last time: %s\n", ends,
		       how);
}

void conform_report_summary(const struct conform_report *r)
{
	printf("\n%s: %u cases in %.1f s: %u pass, %u deviate, %u not applicable\n", r->device,
	       r->results, r->seconds, r->counts.outcome[CONFORM_PASS],
	       r->counts.outcome[CONFORM_DEVIATES], r->counts.outcome[CONFORM_NOT_APPLICABLE]);
	conform_report_ends(r->ends, r->how);
	if (r->interrupted)
		puts("interrupted: the other cases were not tried");
	if (r->profile && r->unexpected)
		printf("%u of them are not as the profile %s declares them\n", r->unexpected,
		       r->profile);
	else if (r->profile && !r->interrupted)
		printf("all as the profile %s declares them\n", r->profile);
}

/* ---- JSON ---- */

static const char *verdict(const struct conform_report *r)
{
	if (r->unexpected)
		return r->profile ? "unexpected" : "deviates";
	if (r->interrupted)
		return "interrupted";
	return r->counts.outcome[CONFORM_DEVIATES] ? "as declared" : "conforms";
}

static json_t *result_json(const struct conform_report *r, const struct conform_result *result)
{
	char text[2 * CONFORM_DETAIL];
	const char *wrong = unexpected(r, result, text);
	json_t *o = json_pack("{ssssssss}", "name", result->name, "outcome",
			      conform_outcome_name(result->outcome), "rule", result->rule,
			      "section", result->section);

	if (*result->detail)
		json_object_set_new(o, "detail", json_string(result->detail));
	if (wrong && r->profile)
		json_object_set_new(o, "unexpected", json_string(wrong));
	return o;
}

void conform_report_json(const struct conform_report *r)
{
	json_t *o = json_object(), *list = json_array();

	for (unsigned i = 0; i < r->results; i++)
		json_array_append_new(list, result_json(r, &r->result[i]));
	json_object_set_new(o, "device", json_string(r->device));
	json_object_set_new(o, "profile", r->profile ? json_string(r->profile) : json_null());
	json_object_set_new(o, "verdict", json_string(verdict(r)));
	json_object_set_new(o, "cases", json_integer(r->results));
	json_object_set_new(o, "pass", json_integer(r->counts.outcome[CONFORM_PASS]));
	json_object_set_new(o, "deviates", json_integer(r->counts.outcome[CONFORM_DEVIATES]));
	json_object_set_new(o, "not_applicable",
			    json_integer(r->counts.outcome[CONFORM_NOT_APPLICABLE]));
	json_object_set_new(o, "unexpected", json_integer(r->unexpected));
	json_object_set_new(o, "ends", json_integer(r->ends));
	if (r->ends)
		json_object_set_new(o, "end", json_string(r->how));
	json_object_set_new(o, "seconds", json_real(r->seconds));
	json_object_set_new(o, "results", list);
	json_dumpf(o, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(6));
	putchar('\n');
	json_decref(o);
}
