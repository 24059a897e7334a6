/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* device.h - the device that qinval conform tries, opened by its name. */
#ifndef TOOL_CONFORM_DEVICE_H
#define TOOL_CONFORM_DEVICE_H

#include <conform/device.h>
#include <stdint.h>

/* Room for the reason of a failure: see below. */
#define CONFORM_FAILURE 500

struct device {
	const struct conform_device *dev;
	void (*stop)(const struct conform_device *dev);

	/*
	 * The number of times that it has ended by itself and was restarted, and how it ended the
	 * last time; NULL: it cannot.
	 */
	unsigned (*ends)(const struct conform_device *dev, const char **how);

	/*
	 * NULL as long as it works; otherwise what is wrong, and its results do not count. NULL
	 * pointer: it cannot fail.
	 */
	const char *(*failure)(const struct conform_device *dev);
};

/*
 * @name: as given to --device. @profile, which may be NULL, and @seed are for our own unit;
 * @patience is for a model behind a socket: seconds per answer. False: a message says why there is
 * no device.
 */
bool conform_open(struct device *d, const char *name, const char *profile, uint64_t seed,
		  double patience);
void conform_close(struct device *d);

/* See struct device; 0 and NULL if the device has no such function. */
unsigned conform_ends(const struct device *d, const char **how);
const char *conform_failure(const struct device *d);

/* Print on stderr why the run has no result. */
void conform_say_failure(const struct device *d);

#endif
