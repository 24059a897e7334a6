/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "device.h"
#include "tool/option.h"

#include <conform/conform.h>
#include <conform/qemu.h>
#include <conform/sim.h>
#include <conform/socket.h>
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

static bool open_sim(struct device *d, const char *profile, uint64_t seed)
{
	struct conform_sim_config cfg = { .seed = seed };

	if (profile && !vtd_profile_find(profile, &cfg.profile))
		return false;
	d->dev = conform_sim_start(&cfg);
	d->stop = conform_sim_stop;
	if (!d->dev)
		fputs("qinval conform: out of memory\n", stderr);
	return d->dev;
}

/* @properties: those of its intel-iommu, after "qemu,"; NULL: the default. */
static bool open_qemu(struct device *d, const char *properties)
{
	char error[CONFORM_FAILURE];

	d->dev = conform_qemu_start(properties, error, sizeof(error));
	d->stop = conform_qemu_stop;
	d->ends = conform_qemu_ends;
	if (!d->dev)
		fprintf(stderr, "qinval conform: %s\n", error);
	return d->dev;
}

/* Check what another program has filled in. */
static bool is_right(const struct device *d, const char *name)
{
	const char *wrong = d->dev ? conform_device_wrong(d->dev) : "it gives no device";

	if (wrong)
		fprintf(stderr, "qinval conform: %s: %s\n", name, wrong);
	return !wrong;
}

static bool open_object(struct device *d, const char *path)
{
	void *object = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	conform_device_fn *get;

	if (!object) {
		fprintf(stderr, "qinval conform: %s\n", dlerror());
		return false;
	}
	*(void **)&get = dlsym(object, "conform_device");
	if (!get) {
		fprintf(stderr, "qinval conform: %s has no function conform_device()\n", path);
		return false;
	}
	d->dev = get();
	return is_right(d, path);
}

static bool open_socket(struct device *d, const char *address, double patience)
{
	char error[CONFORM_FAILURE];

	d->dev = conform_socket_start(address, patience * option_patience(), error, sizeof(error));
	if (!d->dev) {
		fprintf(stderr, "qinval conform: %s\n", error);
		return false;
	}
	d->stop = conform_socket_stop;
	d->failure = conform_socket_failure;
	if (is_right(d, address))
		return true;
	conform_close(d);
	return false;
}

bool conform_open(struct device *d, const char *name, const char *profile, uint64_t seed,
		  double patience)
{
	*d = (struct device){ 0 };
	if (!strcmp(name, "sim"))
		return open_sim(d, profile, seed);
	if (!strcmp(name, "qemu"))
		return open_qemu(d, NULL);
	if (!strncmp(name, "qemu,", 5))
		return open_qemu(d, name + 5);
	if (!strncmp(name, "unix:", 5) || !strncmp(name, "tcp:", 4))
		return open_socket(d, name, patience);
	if (strchr(name, '/'))
		return open_object(d, name);
	fprintf(stderr,
		"qinval conform: --device %s: there are sim and qemu; a file of your own has a / "
		"in its name, and a model behind a socket is unix:PATH or tcp:HOST:PORT\n",
		name);
	return false;
}

void conform_close(struct device *d)
{
	if (d->stop)
		d->stop(d->dev);
}

unsigned conform_ends(const struct device *d, const char **how)
{
	return d->ends ? d->ends(d->dev, how) : 0;
}

const char *conform_failure(const struct device *d)
{
	return d->failure ? d->failure(d->dev) : NULL;
}

void conform_say_failure(const struct device *d)
{
	const char *why = conform_failure(d);

	fprintf(stderr, "qinval conform: %s\n",
		why ? why : "the device cannot be reset, or out of memory");
}
