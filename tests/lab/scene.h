/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * scene.h - for tests that explore by themselves: arguments OBJECT SCENARIO [sc|tso [ENGINE [SLOTS
 * ...]]].
 */
#ifndef TESTS_LAB_SCENE_H
#define TESTS_LAB_SCENE_H

#include <lab/load.h>
#include <lab/setup.h>
#include <stdlib.h>
#include <string.h>

/* False: there is no such scenario, or it cannot be set up. */
static inline bool scene_set_up(int argc, char **argv)
{
	struct lab_params p = { argc > 4 ? argv[4] : "ticketed",
				argc > 5 ? (unsigned)atoi(argv[5]) : 0, 128, 0 };
	const struct lab_scenario *s;
	struct loaded object;

	if (argc < 3 || load_object(argv[1], &object) ||
	    !memory_map(object.variables, object.nvariables))
		return false;
	machine.tso = argc > 3 && !strcmp(argv[3], "tso");
	for (s = object.scenarios; s->name && strcmp(s->name, argv[2]); s++)
		;
	if (!p.slots)
		p.slots = s->slots ? s->slots : 4;
	return s->name && !setup_scenario(s, &p);
}

#endif
