/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "object.h"

#include <lab/engine.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "complain.h"
#include "report.h"
#include "install/own.h"

static bool is_path(const char *name)
{
	return strchr(name, '/') || strstr(name, ".so");
}

/* Split "./mine.so:NAME"; *scenario NULL: no name is given. */
static const char *object_of(char *name, const char **scenario)
{
	char *colon;

	if (!is_path(name)) {
		*scenario = name;
		return own_scenarios();
	}
	colon = strrchr(name, ':');
	*scenario = colon ? colon + 1 : NULL;
	if (colon)
		*colon = 0;
	return name;
}

static const struct lab_scenario *find(const struct loaded *object, const char *name)
{
	const struct lab_scenario *s = object->scenarios;

	if (!name)
		return s->name && !s[1].name ? s : NULL;
	while (s->name && strcmp(s->name, name))
		s++;
	return s->name ? s : NULL;
}

const struct lab_scenario *explore_open(const struct explore_arguments *a, struct loaded *object)
{
	const struct lab_scenario *s;
	static char name[PATH_MAX + 256]; /* `object` keeps a pointer to it */
	const char *scenario, *path, *why;

	/* Look in the present directory, and not where libraries are. */
	snprintf(name, sizeof(name), "%s%s",
		 a->name && is_path(a->name) && !strchr(a->name, '/') ? "./" : "",
		 a->name ? a->name : "");
	path = object_of(name, &scenario);
	why = load_object(path, object);
	if (why) {
		explore_unusable(path, why);
		return NULL;
	}
	s = a->list ? object->scenarios : find(object, scenario);
	if (s)
		return s;
	explore_unusable(a->name,
			 scenario ? "no such scenario; there are" : "say which, as in FILE:NAME");
	explore_list(stderr, object);
	return NULL;
}

bool explore_has_engine(const struct loaded *object, const char *name)
{
	const struct engine *e = object->engines;

	while (e->name && strcmp(e->name, name))
		e++;
	return e->name;
}
