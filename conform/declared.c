/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* declared.c - what known implementations do differently: the profiles of device/profile.c. */
#include "conform.h"

#include <string.h>

static const struct conform_declared spec[] = { { 0 } };

static const struct conform_declared qemu_7_2[] = { { 0 } };

const struct conform_declared *conform_declared(const char *profile)
{
	if (!strcmp(profile, "spec"))
		return spec;
	if (!strcmp(profile, "qemu-7.2"))
		return qemu_7_2;
	return NULL;
}

const char *conform_declares(const struct conform_declared *list, const char *name)
{
	for (; list->name; list++)
		if (!strcmp(list->name, name))
			return list->detail;
	return NULL;
}
