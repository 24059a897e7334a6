/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * api.h - parts of QEMU that do not belong to its plugin interface, and that the plugin uses:
 * functions that the program exports to its own modules, and structures, declared here by hand.
 *
 * The differences between versions are in one file for each (v7_2.c, ...). To add a version, copy
 * the file of the nearest one, compare each member with that version's headers, and add it to
 * `versions` in api.c. Before anything is used it is compared with known contents.
 */
#ifndef GUEST_QEMU_API_H
#define GUEST_QEMU_API_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- The same in all versions ---- */

typedef uint64_t hwaddr;
typedef struct MemoryRegion MemoryRegion; /* opaque: memory of `region_bytes` */
typedef struct AddressSpace AddressSpace; /* opaque: memory of `space_bytes` */
typedef struct Object Object;
typedef struct PCIBus PCIBus;

/* Passed by value in a register: 4 or 8 bytes. */
typedef struct {
	uint64_t bits;
} MemTxAttrs;

typedef struct {
	uint64_t (*read)(void *opaque, hwaddr addr, unsigned size);
	void (*write)(void *opaque, hwaddr addr, uint64_t data, unsigned size);
	void *read_with_attrs, *write_with_attrs;
	int endianness;
	struct {
		unsigned min, max;
		bool unaligned;
		void *accepts;
	} valid;
	struct {
		unsigned min, max;
		bool unaligned;
	} impl;
} MemoryRegionOps;

#define DEVICE_LITTLE_ENDIAN 2

typedef struct {
	const char *name, *parent;
	size_t instance_size, instance_align;
	void (*instance_init)(Object *);
	void (*instance_post_init)(Object *);
	void (*instance_finalize)(Object *);
	bool abstract;
	size_t class_size;
	void (*class_init)(void *class, const void *data);
	void (*class_base_init)(void *class, const void *data);
	const void *class_data;
	const void *interfaces;
} TypeInfo;

typedef struct {
	AddressSpace *target;
	hwaddr iova, translated, mask;
	int perm; /* 1: read, 2: write */
} IOMMUTLBEntry;

typedef IOMMUTLBEntry translate_fn(MemoryRegion *mr, hwaddr addr, int flag, int index);
typedef void realize_fn(void *device, void **error);
typedef AddressSpace *space_fn(PCIBus *bus, void *opaque, int devfn);

/* ---- Different between versions ---- */

struct qemu_version {
	int64_t major, minor;
	int interface;		   /* the version of QEMU's plugin interface */
	const char *lock, *unlock; /* names of the functions for the big lock */
	bool ops;		   /* pci_setup_iommu() takes a structure instead of a function */
	size_t translate;	   /* offset in IOMMUMemoryRegionClass */
	size_t realize;		   /* offset in DeviceClass */
};

extern const struct qemu_version qemu_v7_2, qemu_v10_0;

/* ---- Functions; NULL before qemu_find() ---- */

struct qemu {
	const struct qemu_version *version;
	void (*lock)(const char *file, int line);
	void (*unlock)(void);
	void *(*type_register_static)(const TypeInfo *info);
	void *(*object_class_by_name)(const char *name);
	Object *(*object_resolve_path)(const char *path, bool *ambiguous);
	void (*object_unparent)(Object *obj);
	const char *(*object_get_typename)(const Object *obj);
	void (*error_setg_internal)(void **error, const char *file, int line, const char *func,
				    const char *format, ...);
	MemoryRegion *(*get_system_memory)(void);
	void (*memory_region_init)(MemoryRegion *mr, Object *owner, const char *name,
				   uint64_t size);
	void (*memory_region_init_io)(MemoryRegion *mr, Object *owner, const MemoryRegionOps *ops,
				      void *opaque, const char *name, uint64_t size);
	void (*memory_region_init_iommu)(void *mr, size_t size, const char *type, Object *owner,
					 const char *name, uint64_t bytes);
	void (*memory_region_add_subregion_overlap)(MemoryRegion *mr, hwaddr offset,
						    MemoryRegion *sub, int priority);
	void (*address_space_init)(AddressSpace *as, MemoryRegion *root, const char *name);
	void (*address_space_stl_le)(AddressSpace *as, hwaddr addr, uint32_t value,
				     MemTxAttrs attrs, uint32_t *result);
	uint32_t (*address_space_rw)(AddressSpace *as, hwaddr addr, MemTxAttrs attrs, void *buf,
				     hwaddr len, bool write);
	void (*pci_setup_iommu)(PCIBus *bus, const void *fn_or_ops, void *opaque);
	int (*pci_bus_num)(PCIBus *bus);
	void *(*pci_find_device)(PCIBus *bus, int bus_num, uint8_t devfn);
	uint32_t (*pci_default_read_config)(void *device, uint32_t addr, int len);
	void (*rcu_register_thread)(void);
	AddressSpace *address_space_memory;
};

extern struct qemu qemu;

/* More than in any version. QEMU itself checks that its largest kind of region fits. */
#define QEMU_REGION_BYTES 4096
#define QEMU_SPACE_BYTES 4096

/* The version of the plugin interface to declare; called before QEMU has types. */
int qemu_interface(void);

/* Find all of this. False: *error says what is missing, and which versions are known. */
bool qemu_find(char *error, size_t size);

#define qemu_error(errp, ...) \
	qemu.error_setg_internal(errp, __FILE__, __LINE__, __func__, __VA_ARGS__)

#endif
