/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "campaign.h"
#include "report.h"
#include "tool/progress.h"
#include "tool/tool.h"

#include <stdio.h>
#include <stdlib.h>

static struct progress progress;
static const volatile sig_atomic_t *interrupt;

static bool go_on(uint64_t done, uint64_t all)
{
	progress_show(&progress, (double)done / (double)all, "");
	return !*interrupt;
}

static void print_text(const struct campaign_kind *kind, const struct campaign *c, const void *r)
{
	struct campaign_end end = kind->end(r);
	const char *how = NULL;
	unsigned ends = conform_ends(c->device, &how);

	kind->say(c, r, progress_seconds(&progress));
	conform_report_ends(ends, how);
	if (!end.differs) {
		puts(end.stopped ? "no difference so far: interrupted" : "no difference");
		return;
	}
	kind->say_way(c, r);
	printf("%s\n", end.difference);
}

void campaign_set(json_t *o, const char *key, uint64_t value)
{
	json_object_set_new(o, key, json_integer((json_int_t)value));
}

static const char *verdict(const struct campaign_end *end)
{
	if (end->differs)
		return "different";
	return end->stopped ? "interrupted" : "no difference";
}

static void print_json(const struct campaign_kind *kind, const struct campaign *c, const void *r)
{
	struct campaign_end end = kind->end(r);
	json_t *o = json_object();
	const char *how = NULL;
	unsigned ends = conform_ends(c->device, &how);

	json_object_set_new(o, "device", json_string(c->device->dev->name));
	json_object_set_new(o, "profile", json_string(c->profile));
	campaign_set(o, "seed", c->seed);
	json_object_set_new(o, "verdict", json_string(verdict(&end)));
	kind->add(o, r);
	campaign_set(o, "ends", ends);
	if (ends)
		json_object_set_new(o, "end", json_string(how));
	if (end.differs) {
		json_object_set_new(o, "difference", json_string(end.difference));
		kind->add_way(o, c, r);
	}
	json_object_set_new(o, "seconds", json_real(progress_seconds(&progress)));
	json_dumpf(o, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(6));
	putchar('\n');
	json_decref(o);
}

static int report(const struct campaign_kind *kind, const struct campaign *c, const void *r)
{
	struct campaign_end end = kind->end(r);

	(c->json ? print_json : print_text)(kind, c, r);
	if (end.differs)
		return EXIT_VIOLATION;
	return end.stopped ? EXIT_INCONCLUSIVE : EXIT_FINE;
}

int campaign_run(const struct campaign_kind *kind, const struct campaign *c)
{
	void *r = calloc(1, kind->result);
	enum vtd_profile profile;
	int code = EXIT_UNUSABLE;
	bool ok;

	interrupt = progress_interrupt();
	progress_begin(&progress);
	ok = r && vtd_profile_find(c->profile, &profile) && kind->run(c, profile, go_on, r);
	progress_clear(&progress);
	if (!ok || conform_failure(c->device))
		conform_say_failure(c->device);
	else
		code = report(kind, c, r);
	free(r);
	return code;
}
