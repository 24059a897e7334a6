/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "faults.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <qinval/regs.h>

static const struct {
	const char *name, *does;
} kinds[GUEST_FAULT_KINDS] = {
	[GUEST_REFUSE] = { "refuse", "a valid descriptor is refused: IQE" },
	[GUEST_FETCH] = { "fetch", "a descriptor cannot be read: IQE, code 2" },
	[GUEST_STALL] = { "stall", "the unit stops fetching" },
	[GUEST_GONE] = { "gone", "registers read as all ones, nothing is done" },
	[GUEST_RESET] = { "reset", "the unit loses its registers" },
	[GUEST_SLOW_WRITE] = { "slow-write", "a status write comes late" },
	[GUEST_LOSE_WRITE] = { "lose-write", "a status write never comes" },
	[GUEST_TWICE] = { "twice", "a status write comes twice" },
	[GUEST_LOSE_INTERRUPT] = { "lose-interrupt", "an interrupt of the unit never comes" },
	[GUEST_SILENT] = { "silent", "a device does not answer: ITE" },
	[GUEST_LATE] = { "late", "a device answers late" },
	[GUEST_LATE_ITE] = { "late-ite", "a device answers after its time-out: ITE, then ICE" },
	[GUEST_WRONG] = { "wrong", "a device answers wrongly: ICE, then ITE" },
	[GUEST_REMOVED] = { "removed", "a device is pulled out while its request is under way" },
	[GUEST_WRONG_DOMAIN] = { "wrong-domain", "an invalidation names another domain" },
	[GUEST_SHORT] = { "short", "an invalidation of several pages leaves the last ones out" },
	[GUEST_WRONG_MASK] = { "wrong-mask", "an invalidation has an address mask of 0" },
	[GUEST_DROPPED] = { "dropped", "an invalidation invalidates nothing" },
	[GUEST_IH] = { "ih", "an invalidation spares the paging-structure caches" },
};

static const char *const positions[] = { "any", "first", "later", "last", "wait" };

static const char *const types[] = { "any",  "context",	    "iotlb", "devtlb",	    "iec",
				     "wait", "pasid-iotlb", "pasid", "pasid-devtlb" };

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

const char *guest_fault_name(enum guest_fault_kind kind)
{
	return (unsigned)kind < GUEST_FAULT_KINDS ? kinds[kind].name : "?";
}

const char *guest_fault_does(enum guest_fault_kind kind)
{
	return (unsigned)kind < GUEST_FAULT_KINDS ? kinds[kind].does : "?";
}

bool guest_fault_is_plant(enum guest_fault_kind kind)
{
	return kind >= GUEST_WRONG_DOMAIN;
}

static bool find(const char *const *names, unsigned n, const char *text, unsigned *i)
{
	for (*i = 0; *i < n; ++*i)
		if (!strcmp(names[*i], text))
			return true;
	return false;
}

static bool number(const char *text, uint32_t most, uint32_t *n)
{
	unsigned long long value;
	char *end;

	errno = 0;
	value = strtoull(text, &end, 0);
	*n = (uint32_t)value;
	return *text >= '0' && *text <= '9' && !*end && !errno && value <= most;
}

/* BB.DD.F instead of BB:DD.F, as colons separate keys. */
static bool source_id(const char *text, uint16_t *sid)
{
	unsigned bus, slot, function;
	char end;

	if (sscanf(text, "%x.%x.%u%c", &bus, &slot, &function, &end) != 3)
		return false;
	*sid = (uint16_t)(bus << 8 | slot << 3 | function);
	return bus < 256 && slot < 32 && function < 8;
}

static bool set(struct guest_fault *f, const char *key, const char *value)
{
	unsigned i;
	uint32_t n;

	if (!strcmp(key, "every"))
		return number(value, 1U << 30, &f->every) && f->every;
	if (!strcmp(key, "from"))
		return number(value, UINT32_MAX, &f->from);
	if (!strcmp(key, "times"))
		return number(value, UINT32_MAX, &f->times);
	if (!strcmp(key, "steps"))
		return number(value, 1U << 30, &f->steps);
	if (!strcmp(key, "code")) {
		f->code = (uint8_t)(number(value, 15, &n) ? n : 16);
		return f->code < 16;
	}
	if (!strcmp(key, "position")) {
		i = 0;
		if (!find(positions, COUNT(positions), value, &i))
			return false;
		f->position = (enum guest_position)i;
		return true;
	}
	if (!strcmp(key, "type")) {
		if (!find(types, COUNT(types), value, &i))
			return false;
		f->type = (uint8_t)i;
		return true;
	}
	if (!strcmp(key, "sid"))
		return source_id(value, &f->sid);
	if (!strcmp(key, "nosid") && !*value)
		return f->no_sid = true;
	return false;
}

static bool find_kind(struct guest_fault *f, const char *name, bool plants)
{
	for (unsigned i = 0; i < GUEST_FAULT_KINDS; i++) {
		f->kind = (enum guest_fault_kind)i;
		if (!strcmp(kinds[i].name, name) && guest_fault_is_plant(f->kind) == plants)
			return true;
	}
	return false;
}

/* The names of all kinds, for a message. */
static void name_kinds(char *buf, size_t size, bool plants)
{
	size_t n = 0;

	for (unsigned i = 0; i < GUEST_FAULT_KINDS && n < size; i++)
		if (guest_fault_is_plant((enum guest_fault_kind)i) == plants)
			n += (size_t)snprintf(buf + n, size - n, "%s%s", n ? ", " : "",
					      kinds[i].name);
}

static bool parse_one(struct guest_fault *f, char *text, bool plants, char *error, size_t size)
{
	char *rest, *key = strtok_r(text, ":", &rest), names[400];

	*f = (struct guest_fault){ .every = plants ? 50 : 100,
				   .from = 1000,
				   .sid = 0xffff,
				   .code = VTD_IQEI_RESERVED,
				   .steps = 100 };
	if (!key || !find_kind(f, key, plants)) {
		name_kinds(names, sizeof(names), plants);
		snprintf(error, size, "no %s is called \"%s\"; there are %s",
			 plants ? "plant" : "fault", key ? key : "", names);
		return false;
	}
	if (f->kind == GUEST_STALL || f->kind == GUEST_GONE || f->kind == GUEST_RESET ||
	    f->kind == GUEST_REMOVED)
		f->times = 1;
	while ((key = strtok_r(NULL, ":", &rest))) {
		char *value = strchr(key, '=');

		if (value)
			*value++ = '\0';
		if (!set(f, key, value ? value : "")) {
			snprintf(error, size,
				 "%s: \"%s%s%s\" is none of every=N, from=N, times=N, steps=N, "
				 "code=0..15, position=first|later|last|wait, "
				 "type=iotlb|devtlb|..., "
				 "sid=BB.DD.F, nosid",
				 kinds[f->kind].name, key, value ? "=" : "", value ? value : "");
			return false;
		}
	}
	return true;
}

bool guest_faults_parse(struct guest_faults *f, const char *list, bool plants, char *error,
			size_t size)
{
	char *copy = strdup(list), *rest, *one;
	bool ok = copy;

	if (!copy)
		snprintf(error, size, "out of memory");
	for (one = ok ? strtok_r(copy, ",", &rest) : NULL; ok && one;
	     one = strtok_r(NULL, ",", &rest)) {
		if (f->n == GUEST_FAULTS) {
			snprintf(error, size, "more than %u faults and plants", GUEST_FAULTS);
			ok = false;
		} else {
			ok = parse_one(&f->fault[f->n], one, plants, error, size);
			f->n += ok;
		}
	}
	free(copy);
	return ok;
}
