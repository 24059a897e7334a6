/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * plugin.c - QEMU loads this as a TCG plugin before it creates devices. It registers a device type,
 * qinval-vtd, which is our unit. Options: see qinval-guest(1).
 */
#include "plugin.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* SAGAW: 4 levels; PSI, MAMV 18, drains, 16-bit domain ids */
#define CAP 0x00d2008040380406ULL
/* coherent, QI, device TLBs, interrupt remapping, pass-through, IOTLB registers at 0x500 */
#define ECAP 0x0000000000f0504fULL

__attribute__((visibility("default"))) int qemu_plugin_version = 1;
__attribute__((visibility("default"))) int qemu_plugin_install(uint64_t id, const void *info,
							       int argc, char **argv);

/* Not given by the user: a run with faults also gets races by default. */
#define UNSET UINT_MAX
#define OVERLAP 64
#define OVERLAP_WITH_FAULTS 4

static struct options options = {
	.seed = 1,
	.cap = CAP,
	.ecap = ECAP,
	.pace = 50,
	.overlap = UNSET,
};
static uint64_t base = 0xfed90000;
static const char *table; /* a DMAR table, or NULL */
static struct unit unit[GUEST_UNITS];
static struct guest_share own_share, *share = &own_share;

/* Declare the version of the plugin interface that QEMU has; nothing of that interface is used. */
__attribute__((constructor)) static void choose_interface(void)
{
	qemu_plugin_version = qemu_interface();
}

static void realize(void *device, void **error)
{
	const char *why =
		unit[0].share ? "there is one qinval-vtd already, which is all units of dmar=FILE"
			      : pci_start(unit, &options.scopes);

	(void)device;
	if (why)
		qemu_error(error, "%s", why);
	for (unsigned i = 0; !why && i < options.scopes.units; i++)
		if (!unit_start(&unit[i], i, &options, share)) {
			qemu_error(error, "qinval-vtd does not start: is CAP or ECAP wrong?");
			return;
		}
}

static void init_class(void *class, const void *data)
{
	realize_fn *fn = realize;

	(void)data;
	memcpy((char *)class + qemu.version->realize, &fn, sizeof(fn));
}

static void register_types(void)
{
	static const TypeInfo type = {
		.name = "qinval-vtd",
		.parent = "device",
		.instance_size = 4096,
		.class_init = init_class,
	};

	qemu.type_register_static(&type);
	pci_register_types();
}

static bool map_share(const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);
	void *map;

	if (fd < 0)
		return false;
	map = mmap(NULL, sizeof(*share), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED)
		return false;
	share = map;
	return share->magic == GUEST_SHARE_MAGIC && share->bytes == sizeof(*share);
}

static bool number(const char *text, uint64_t *n)
{
	char *end;

	*n = strtoull(text, &end, 0);
	return *text && !*end;
}

/* A comma would end QEMU's option, so + separates faults. */
static bool parse_list(struct guest_faults *f, char *list, bool plants)
{
	char error[600];

	for (char *c = list; *c; c++)
		if (*c == '+')
			*c = ',';
	if (guest_faults_parse(f, list, plants, error, sizeof(error)))
		return true;
	fprintf(stderr, "qinval-qemu.so: %s\n", error);
	return false;
}

static bool parse(char *key)
{
	char *value = strchr(key, '=');
	uint64_t n;

	if (!value)
		return false;
	*value++ = '\0';
	if (!strcmp(key, "faults"))
		return parse_list(&options.faults, value, false);
	if (!strcmp(key, "plant"))
		return parse_list(&options.plants, value, true);
	if (!strcmp(key, "share"))
		return map_share(value);
	if (!strcmp(key, "dmar")) {
		table = strdup(value);
		return table;
	}
	if (!number(value, &n))
		return false;
	if (!strcmp(key, "seed"))
		options.seed = n;
	else if (!strcmp(key, "base"))
		base = n;
	else if (!strcmp(key, "cap"))
		options.cap = n;
	else if (!strcmp(key, "ecap"))
		options.ecap = n;
	else if (!strcmp(key, "overlap"))
		options.overlap = (unsigned)n;
	else if (!strcmp(key, "pace"))
		options.pace = (unsigned)n;
	else
		return false;
	return true;
}

static void at_exit(void)
{
	if (share == &own_share && unit[0].share)
		observe_summary(share);
}

int qemu_plugin_install(uint64_t id, const void *info, int argc, char **argv)
{
	char error[300];

	(void)id;
	(void)info;
	/* Print our message, as QEMU reports only that a plugin failed. */
	if (!qemu_find(error, sizeof(error))) {
		fprintf(stderr, "qinval-qemu.so: %s\n", error);
		exit(1);
	}
	for (int i = 0; i < argc; i++) {
		char copy[1000];

		snprintf(copy, sizeof(copy), "%s", argv[i]);
		if (!parse(copy)) {
			fprintf(stderr,
				"qinval-qemu.so: \"%s\" is none of seed=N, faults=LIST, "
				"plant=LIST, overlap=N, pace=US, dmar=FILE, base=N, cap=N, "
				"ecap=N\n",
				argv[i]);
			exit(1);
		}
	}
	if (!table) {
		scopes_single(&options.scopes, base);
	} else if (!scopes_read(&options.scopes, table, error, sizeof(error))) {
		fprintf(stderr, "qinval-qemu.so: dmar=%s: %s\n", table, error);
		exit(1);
	}
	if (options.overlap == UNSET)
		options.overlap = options.faults.n ? OVERLAP_WITH_FAULTS : OVERLAP;
	register_types();
	atexit(at_exit);
	return 0;
}
