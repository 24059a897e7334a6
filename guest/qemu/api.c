/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* api.c - find QEMU's functions, and check that its structures are as declared here. */
#include "api.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

struct qemu qemu;

static const struct qemu_version *const versions[] = { &qemu_v7_2, &qemu_v10_0 };

#define VERSIONS (sizeof(versions) / sizeof(*versions))

/* The result of qmp_query_version(). */
struct version_info {
	struct {
		int64_t major, minor, micro;
	} * qemu;
	char *package;
};

static const struct version_info *(*query_version)(void **error);

#define MEMBER(name) #name, &qemu.name

/* The functions that all versions have. */
static const struct {
	const char *name;
	void *pointer;
} wanted[] = {
	{ "qmp_query_version", &query_version },
	{ MEMBER(type_register_static) },
	{ MEMBER(object_class_by_name) },
	{ MEMBER(object_resolve_path) },
	{ MEMBER(object_unparent) },
	{ MEMBER(object_get_typename) },
	{ MEMBER(error_setg_internal) },
	{ MEMBER(get_system_memory) },
	{ MEMBER(memory_region_init) },
	{ MEMBER(memory_region_init_io) },
	{ MEMBER(memory_region_init_iommu) },
	{ MEMBER(memory_region_add_subregion_overlap) },
	{ MEMBER(address_space_init) },
	{ MEMBER(address_space_rw) },
	{ MEMBER(address_space_stl_le) },
	{ MEMBER(pci_setup_iommu) },
	{ MEMBER(pci_bus_num) },
	{ MEMBER(pci_find_device) },
	{ MEMBER(pci_default_read_config) },
	{ MEMBER(rcu_register_thread) },
	{ MEMBER(address_space_memory) },
};

static bool find(const char *name, void *pointer, char *error, size_t size)
{
	void *symbol = dlsym(RTLD_DEFAULT, name);

	if (!symbol)
		snprintf(error, size,
			 "this QEMU does not export %s; builds with modules do (Debian's)", name);
	memcpy(pointer, &symbol, sizeof(symbol));
	return symbol;
}

static const struct version_info *find_version(void)
{
	const struct version_info *info = query_version(NULL);

	for (unsigned i = 0; i < VERSIONS; i++)
		if (info->qemu->major == versions[i]->major &&
		    info->qemu->minor == versions[i]->minor)
			qemu.version = versions[i];
	return info;
}

static bool version_is_known(char *error, size_t size)
{
	const struct version_info *info = find_version();

	if (!qemu.version)
		snprintf(
			error, size,
			"QEMU %d.%d is not known here, but 7.2 and 10.0; guest/qemu/api.h says how "
			"to add a version",
			(int)info->qemu->major, (int)info->qemu->minor);
	return qemu.version;
}

int qemu_interface(void)
{
	char error[300];

	if (!find("qmp_query_version", &query_version, error, sizeof(error)))
		return 1;
	if (!version_is_known(error, sizeof(error)))
		fprintf(stderr, "qinval-qemu.so: %s\n", error);
	return qemu.version ? qemu.version->interface : 1;
}

/* True if it points into QEMU's program. */
static bool is_function(const void *pointer)
{
	Dl_info known, this;
	void *symbol;

	memcpy(&symbol, &qemu.type_register_static, sizeof(symbol));
	return dladdr(symbol, &known) && dladdr(pointer, &this) &&
	       known.dli_fbase == this.dli_fbase;
}

static void *member(const char *class, size_t offset)
{
	char *c = qemu.object_class_by_name(class);
	void *value = NULL;

	if (c)
		memcpy(&value, c + offset, sizeof(value));
	return value;
}

/*
 * In QEMU's own classes, functions must be where our versions' files say: a class that overrides or
 * adds a function differs there from its parent.
 */
static bool structures_are_known(char *error, size_t size)
{
	const struct qemu_version *v = qemu.version;
	void *translate = member("intel-iommu-iommu-memory-region", v->translate);
	void *realize = member("pci-device", v->realize);

	if (is_function(translate) && !member("iommu-memory-region", v->translate) &&
	    is_function(realize) && realize != member("device", v->realize))
		return true;
	snprintf(error, size,
		 "the structures of this QEMU %d.%d are not those of the file guest/qemu/v%d_%d.c",
		 (int)v->major, (int)v->minor, (int)v->major, (int)v->minor);
	return false;
}

bool qemu_find(char *error, size_t size)
{
	for (unsigned i = 0; i < sizeof(wanted) / sizeof(*wanted); i++)
		if (!find(wanted[i].name, wanted[i].pointer, error, size))
			return false;
	return version_is_known(error, size) && find(qemu.version->lock, &qemu.lock, error, size) &&
	       find(qemu.version->unlock, &qemu.unlock, error, size) &&
	       structures_are_known(error, size);
}
