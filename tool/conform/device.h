/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* device.h - the device that qinval conform tries, by the name that it was given. */
#ifndef TOOL_CONFORM_DEVICE_H
#define TOOL_CONFORM_DEVICE_H

#include <conform/device.h>
#include <stdint.h>

/* Why it is none any more: see below. */
#define CONFORM_FAILURE 500

struct device {
	const struct conform_device *dev;
	void (*stop)(const struct conform_device *dev);

	/*
	 * NULL, or how often it has ended by itself and was started again, and how the last time.
	 */
	unsigned (*ends)(const struct conform_device *dev, const char **how);

	/*
	 * NULL, or: NULL while it is well, else what is wrong with it; then nothing it says counts.
	 */
	const char *(*failure)(const struct conform_device *dev);
};

/*
 * @name: as --device has it. @profile, which may be NULL, and @seed are for our own unit, @patience
 * is for a model behind a socket: seconds for each answer. False: it has said on stderr why there
 * is none.
 */
bool conform_open(struct device *d, const char *name, const char *profile, uint64_t seed,
		  double patience);
void conform_close(struct device *d);

/* See struct device; 0 and NULL where it tells none. */
unsigned conform_ends(const struct device *d, const char **how);
const char *conform_failure(const struct device *d);

/* On stderr, why a run of it has come to nothing. */
void conform_say_failure(const struct device *d);

#endif
