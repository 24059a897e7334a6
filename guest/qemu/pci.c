/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* pci.c - gives each PCI device and the IOAPIC an address space that the unit translates. */
#include "plugin.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include <qinval/regs.h>

#define TYPE "qinval-vtd-iommu-memory-region"
#define INTERRUPTS 0xfee00000ULL
#define INTERRUPT_BYTES 0x100000ULL

/* PCI capabilities, and extended capabilities of PCI Express. */
#define CAPABILITIES 0x34
#define EXPRESS 0x10
#define FIRST_CAPABILITY 0x100
#define ATS 0xf
#define ATS_CONTROL 6
#define ATS_ENABLE 0x8000U

struct device {
	_Alignas(16) char iommu[QEMU_REGION_BYTES];
	_Alignas(16) char interrupts[QEMU_REGION_BYTES];
	_Alignas(16) char root[QEMU_REGION_BYTES];
	_Alignas(16) char space[QEMU_SPACE_BYTES];
	struct unit *unit; /* the unit of `sid`; NULL: not looked up yet */
	uint16_t sid;
	PCIBus *bus; /* NULL: the IOAPIC */
	uint8_t devfn;
	unsigned ats; /* offset of the capability; 0: not looked up yet, 1: there is none */
	struct device *next;
};

static struct device *devices;
static PCIBus *root_bus;
static struct unit *units;
static const struct scopes *scopes;

/* The guest assigns the bus number, and may change it. */
static uint16_t source_id(const struct device *d)
{
	return d->bus ? (uint16_t)(qemu.pci_bus_num(d->bus) << 8 | d->devfn) : d->sid;
}

static uint8_t config(uint8_t bus, uint8_t devfn, unsigned at)
{
	void *pci = qemu.pci_find_device(root_bus, bus, devfn);

	return pci ? (uint8_t)qemu.pci_default_read_config(pci, at, 1) : 0xff;
}

static struct unit *unit_of(struct device *d)
{
	uint16_t sid = source_id(d);

	if (!d->unit || d->sid != sid) {
		d->sid = sid;
		d->unit = &units[scopes_find(scopes, sid, config)];
	}
	return d->unit;
}

/* ---- device TLBs ---- */

/* Other devices have no extended capabilities, and QEMU aborts if they are read. */
static bool is_express(void *pci)
{
	uint32_t at = qemu.pci_default_read_config(pci, CAPABILITIES, 1);

	for (unsigned n = 0; n < 64 && at >= 0x40; n++) {
		if (qemu.pci_default_read_config(pci, at, 1) == EXPRESS)
			return true;
		at = qemu.pci_default_read_config(pci, at + 1, 1);
	}
	return false;
}

static void find_ats(struct device *d, void *pci)
{
	unsigned at = FIRST_CAPABILITY;

	d->ats = 1;
	if (!is_express(pci))
		return;
	for (unsigned n = 0; n < 64 && at >= FIRST_CAPABILITY; n++) {
		uint32_t head = qemu.pci_default_read_config(pci, at, 4);

		if (!head || head == UINT32_MAX)
			return;
		if ((head & 0xffff) == ATS) {
			d->ats = at;
			return;
		}
		at = head >> 20 & ~3U;
	}
}

static bool has_tlb(struct device *d)
{
	uint16_t sid = source_id(d);
	void *pci = d->bus && d->ats != 1 ? qemu.pci_find_device(root_bus, sid >> 8, (uint8_t)sid)
					  : NULL;

	if (!pci)
		return false;
	if (!d->ats)
		find_ats(d, pci);
	return d->ats > 1 &&
	       qemu.pci_default_read_config(pci, d->ats + ATS_CONTROL, 2) & ATS_ENABLE;
}

/* ---- Translation ---- */

static void tell_blocked(struct device *d, uint64_t addr, const struct vtd_result *r)
{
	struct guest_event *e;

	guest_add(&d->unit->share->blocked);
	e = observe_event(d->unit, GUEST_BLOCKED);
	if (!e)
		return;
	observe_device(e, source_id(d));
	e->did = r->did;
	e->iova = addr;
	e->code = r->reason;
	observe_event_done(d->unit);
}

/* Hits in a device's own TLB do not reach the unit; its misses do. */
static void count(struct device *d, const struct vtd_result *r)
{
	bool own = has_tlb(d);

	if (r->cached)
		guest_add(&d->unit->share->hits);
	if (r->cached && own)
		return;
	counters_add(d->unit, COUNT_REQUEST);
	counters_add(d->unit, COUNT_IOTLB_LOOKUP);
	if (r->cached)
		counters_add(d->unit, COUNT_IOTLB_HIT);
}

/* QEMU's flags equal the unit's: 1 for reading, 2 for writing. */
static IOMMUTLBEntry translate(MemoryRegion *mr, hwaddr addr, int flag, int index)
{
	struct device *d = (struct device *)((char *)mr - offsetof(struct device, iommu));
	struct unit *u = unit_of(d);
	IOMMUTLBEntry e = { qemu.address_space_memory, addr & ~0xfffULL, addr & ~0xfffULL, 0xfff,
			    VTD_READ | VTD_WRITE };
	const struct vtd_request q = {
		.addr = addr,
		.pasid = VTD_NO_PASID,
		.sid = source_id(d),
		.access = (uint8_t)(flag & (VTD_READ | VTD_WRITE)),
	};
	struct vtd_result r;
	bool ok;

	(void)index;
	if (!(u->vtd.gsts & VTD_GSTS_TES))
		return e;
	guest_add(&u->share->translations);
	if (has_tlb(d))
		ok = vtd_device_translate(&u->translation, &q, &r);
	else
		ok = vtd_translate(&u->translation, &q, &r);
	count(d, &r);
	if (!ok)
		tell_blocked(d, addr, &r);
	e.translated = r.addr & ~0xfffULL;
	e.perm = ok ? r.access & (VTD_READ | VTD_WRITE) : 0;
	return e;
}

/* ---- Interrupts ---- */

static uint64_t interrupt_read(void *opaque, hwaddr addr, unsigned size)
{
	(void)opaque;
	(void)addr;
	(void)size;
	return 0;
}

static void interrupt_write(void *opaque, hwaddr addr, uint64_t data, unsigned size)
{
	struct device *d = opaque;
	struct unit *u = unit_of(d);
	const struct vtd_message m = {
		.addr = INTERRUPTS + addr,
		.data = (uint32_t)data,
		.sid = source_id(d),
	};
	struct vtd_interrupt i;

	(void)size;
	if (!vtd_remap(&u->translation, &m, &i)) {
		const struct vtd_result r = { .reason = i.reason };

		tell_blocked(d, m.addr, &r);
		return;
	}
	if (u->vtd.gsts & VTD_GSTS_IRES)
		guest_add(&u->share->remapped);
	if (!i.posted || i.notify)
		guest_write32(i.addr, i.data);
}

static const MemoryRegionOps interrupt_ops = {
	.read = interrupt_read,
	.write = interrupt_write,
	.endianness = DEVICE_LITTLE_ENDIAN,
	.valid = { .min = 4, .max = 4 },
	.impl = { .min = 4, .max = 4 },
};

/* ---- Address spaces ---- */

static AddressSpace *new_space(PCIBus *bus, uint8_t devfn)
{
	struct device *d = calloc(1, sizeof(*d));

	if (!d)
		abort();
	d->bus = bus;
	d->devfn = devfn;
	d->next = devices;
	devices = d;
	qemu.memory_region_init((MemoryRegion *)d->root, NULL, "qinval-vtd", UINT64_MAX);
	qemu.memory_region_init_iommu(d->iommu, sizeof(d->iommu), TYPE, NULL, "qinval-vtd-dma",
				      UINT64_MAX);
	qemu.memory_region_init_io((MemoryRegion *)d->interrupts, NULL, &interrupt_ops, d,
				   "qinval-vtd-interrupts", INTERRUPT_BYTES);
	qemu.memory_region_add_subregion_overlap((MemoryRegion *)d->root, 0,
						 (MemoryRegion *)d->iommu, 0);
	qemu.memory_region_add_subregion_overlap((MemoryRegion *)d->root, INTERRUPTS,
						 (MemoryRegion *)d->interrupts, 1);
	qemu.address_space_init((AddressSpace *)d->space, (MemoryRegion *)d->root, "qinval-vtd");
	return (AddressSpace *)d->space;
}

static AddressSpace *space_of(PCIBus *bus, void *opaque, int devfn)
{
	(void)opaque;
	for (struct device *d = devices; d; d = d->next)
		if (d->bus == bus && d->devfn == devfn)
			return (AddressSpace *)d->space;
	return new_space(bus, (uint8_t)devfn);
}

/*
 * The IOAPIC sends its messages to an address space to which the machine has a pointer. It is found
 * as the only pointer to system memory in the machine; if there are several, nothing is changed.
 */
static bool take_ioapic(void)
{
	Object *machine = qemu.object_resolve_path("/machine", NULL);
	size_t n = malloc_usable_size(machine) / sizeof(void *);
	AddressSpace **word = (AddressSpace **)machine, **found = NULL;

	for (size_t i = 0; i < n; i++) {
		if (word[i] != qemu.address_space_memory)
			continue;
		if (found)
			return false;
		found = &word[i];
	}
	if (found) {
		*found = new_space(NULL, 0);
		devices->unit = &units[scopes_ioapic(scopes, &devices->sid)];
	}
	return found;
}

static void init_class(void *class, const void *data)
{
	translate_fn *fn = translate;

	(void)data;
	memcpy((char *)class + qemu.version->translate, &fn, sizeof(fn));
}

void pci_register_types(void)
{
	static const TypeInfo type = {
		.name = TYPE,
		.parent = "iommu-memory-region",
		.class_init = init_class,
	};

	qemu.type_register_static(&type);
}

const char *pci_start(struct unit *of, const struct scopes *by)
{
	static const struct {
		space_fn *get_address_space;
		void *set_iommu_device, *unset_iommu_device, *reserved[8];
	} iommu_ops = { .get_address_space = space_of };
	bool ambiguous = false;
	space_fn *fn = space_of;
	const void *how = &iommu_ops;

	root_bus = (PCIBus *)qemu.object_resolve_path("/machine/q35/pcie.0", &ambiguous);
	if (!root_bus)
		return "qinval-vtd needs a bus pcie.0: -machine q35";
	units = of;
	scopes = by;
	if (!take_ioapic())
		return "qinval-vtd does not find where this machine's IOAPIC sends its messages";
	if (!qemu.version->ops)
		memcpy(&how, &fn, sizeof(how));
	qemu.pci_setup_iommu(root_bus, how, of);
	return NULL;
}

const char *pci_kind(uint16_t sid)
{
	Object *device = qemu.pci_find_device(root_bus, sid >> 8, (uint8_t)sid);

	return device ? qemu.object_get_typename(device) : "";
}

bool pci_pull(uint16_t sid)
{
	Object *device = qemu.pci_find_device(root_bus, sid >> 8, (uint8_t)sid);

	/* Devices on the root bus cannot be unplugged. */
	if (!device || !(sid >> 8))
		return false;
	qemu.object_unparent(device);
	return true;
}
