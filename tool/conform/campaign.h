/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * campaign.h - qinval conform --fuzz and --translate: random input for a device and for a model of
 * it.
 */
#ifndef TOOL_CONFORM_CAMPAIGN_H
#define TOOL_CONFORM_CAMPAIGN_H

#include "device.h"

#include <device/vtd.h>
#include <jansson.h>

struct campaign {
	const struct device *device;
	const char *profile; /* of the model */
	uint64_t seed, n;    /* number of descriptors or requests */
	bool json;
};

struct campaign_end {
	bool differs, stopped;
	const char *difference; /* as text */
};

/* A kind of campaign, with a result type of its own. */
struct campaign_kind {
	size_t result; /* size of the result in bytes */
	/* False: the device has failed, or there is no memory. */
	bool (*run)(const struct campaign *c, enum vtd_profile profile,
		    bool (*go_on)(uint64_t done, uint64_t all), void *result);
	struct campaign_end (*end)(const void *result);

	/* Print how much was tried and, if there is a difference, what leads to it. */
	void (*say)(const struct campaign *c, const void *result, double seconds);
	void (*say_way)(const struct campaign *c, const void *result);
	void (*add)(json_t *o, const void *result);
	void (*add_way)(json_t *o, const struct campaign *c, const void *result);
};

extern const struct campaign_kind campaign_fuzz, campaign_tables;

/* Returns the exit code. */
int campaign_run(const struct campaign_kind *kind, const struct campaign *c);

void campaign_set(json_t *o, const char *key, uint64_t value);

#endif
