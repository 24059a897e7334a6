/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * params.c - the costs of each preset. docs/design/virtual-time.md names the sources of the
 * figures, and those that are assumptions.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "timed.h"

const struct timed_preset_info timed_presets[TIMED_PRESETS] = {
	{ "server", "two-socket-class cores at 3 GHz, the unit on the package" },
	{ "virtual", "the same in a virtual machine: each register access is a VM exit" },
	{ "slow-device", "the same, and each descriptor needs a device's answer over PCIe" },
};

/* server, virtual, slow-device */
const struct timed_param_info timed_params[TIMED_PARAMS] = {
	[TIMED_HIT] = { "hit",
			"ns",
			{ 0.5, 0.5, 0.5 },
			"an access that the CPU's own cache serves, with the code around it" },
	[TIMED_ATOMIC] = { "atomic",
			   "ns",
			   { 6.5, 6.5, 6.5 },
			   "what a locked instruction takes beyond that" },
	[TIMED_PAUSE] = { "pause", "ns", { 45, 45, 45 }, "a turn of a wait loop: PAUSE" },
	[TIMED_CLOCK] = { "clock", "ns", { 10, 10, 10 }, "a reading of the clock" },
	[TIMED_STEAL] = { "steal",
			  "ns",
			  { 0, 0, 0 },
			  "a CPU is stopped for so long, wherever it is, ..." },
	[TIMED_STEAL_EVERY] = { "steal-every",
				"ns",
				{ 1e6, 1e6, 1e6 },
				"... after having run for so long, on average" },
	[TIMED_SHARED] = { "shared",
			   "ns",
			   { 25, 25, 25 },
			   "a line from the shared cache, which no CPU has changed" },
	[TIMED_REMOTE] = { "remote",
			   "ns",
			   { 55, 55, 55 },
			   "a line from, or taken away from, another CPU of the package" },
	[TIMED_FAR] = { "far", "ns", { 120, 120, 120 }, "the same between packages" },
	[TIMED_PACKAGE] = { "package", "", { 64, 64, 64 }, "CPUs of a package" },
	[TIMED_MEMORY] = { "memory", "ns", { 90, 90, 90 }, "a line that no cache has" },
	[TIMED_SERVE] = { "serve",
			  "ns",
			  { 4, 4, 4 },
			  "a copy of a line for each of many who read it at once" },
	[TIMED_JITTER] = { "jitter",
			   "%",
			   { 10, 10, 10 },
			   "by so much up or down any of these is off, at random" },
	[TIMED_READ] = { "register-read", "ns", { 330, 330, 330 }, "the CPU waits so long" },
	[TIMED_WRITE] = { "register-write",
			  "ns",
			  { 100, 100, 100 },
			  "posted: the CPU's later stores wait so long behind it" },
	[TIMED_EXIT] = { "exit",
			 "ns",
			 { 0, 3000, 0 },
			 "VM exit and entry, with each register access" },
	[TIMED_DOORBELL] = { "doorbell",
			     "ns",
			     { 50, 50, 50 },
			     "from a register write's leaving the CPU until the unit acts on it" },
	[TIMED_LATENCY] = { "fetch-latency",
			    "ns",
			    { 100, 100, 100 },
			    "from asking for a descriptor to having it" },
	[TIMED_FETCH] = { "fetch", "ns", { 10, 10, 10 }, "from asking for one to the next" },
	[TIMED_PREFETCH] = { "prefetch",
			     "",
			     { 16, 16, 16 },
			     "descriptors that the unit can have under way, up to 32" },
	[TIMED_EXECUTE] = { "execute", "ns", { 300, 500, 2000 }, "an invalidation" },
	[TIMED_PARALLEL] = { "parallel", "", { 1, 1, 1 }, "invalidations at once" },
	[TIMED_WAIT] = { "wait", "ns", { 20, 20, 20 }, "a wait descriptor" },
	[TIMED_STATUS] = { "status",
			   "ns",
			   { 50, 50, 50 },
			   "from a wait's end until its status can be seen" },
};

bool timed_preset(struct timed_costs *c, const char *name)
{
	unsigned p, i;

	for (p = 0; p < TIMED_PRESETS; p++) {
		if (strcmp(timed_presets[p].name, name))
			continue;
		for (i = 0; i < TIMED_PARAMS; i++)
			c->value[i] = timed_params[i].value[p];
		return true;
	}
	return false;
}

static const char *check(enum timed_param i, double v)
{
	static char why[128];
	const char *unit = timed_params[i].unit;
	bool whole = !*unit;
	double most = i == TIMED_PREFETCH ? VTD_WINDOW
		      : whole		  ? TIMED_CPUS
		      : *unit == '%'	  ? 100
					  : 1e9;

	if (v >= (whole ? 1 : 0) && v <= most && (!whole || v == floor(v)))
		return NULL;
	snprintf(why, sizeof(why), "%s is a %snumber from %d to %.0f%s%s", timed_params[i].name,
		 whole ? "whole " : "", whole, most, whole ? "" : " ", unit);
	return why;
}

const char *timed_set(struct timed_costs *c, const char *assignment)
{
	const char *equal = strchr(assignment, '=');
	const char *why;
	unsigned i;
	double v;
	char *end;

	if (!equal)
		return "expected NAME=VALUE";
	for (i = 0; i < TIMED_PARAMS; i++) {
		const char *name = timed_params[i].name;

		if (strlen(name) == (size_t)(equal - assignment) &&
		    !strncmp(name, assignment, strlen(name)))
			break;
	}
	if (i == TIMED_PARAMS)
		return "no such parameter; --list shows them";
	v = strtod(equal + 1, &end);
	if (end == equal + 1 || *end)
		return "the value is no number";
	why = check((enum timed_param)i, v);
	if (!why)
		c->value[i] = v;
	return why;
}

double timed_limit(const struct timed_costs *c, unsigned count)
{
	double fetch = (count + 1) * c->value[TIMED_FETCH];
	double execute = count * c->value[TIMED_EXECUTE] / c->value[TIMED_PARALLEL];

	return 1e9 / fmax(fmax(fetch, execute), c->value[TIMED_WAIT]);
}
