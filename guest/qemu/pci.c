/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* pci.c - each PCI device gets an address space that the unit translates. */
#include "plugin.h"

#include <guest/walk.h>
#include <stdlib.h>
#include <string.h>

#include <qinval/regs.h>

#define TYPE "qinval-vtd-iommu-memory-region"
#define FIRST_INTERRUPT 0xfee00000ULL
#define INTERRUPT_BYTES 0x100000ULL

struct device {
	_Alignas(16) char region[QEMU_REGION_BYTES];
	_Alignas(16) char space[QEMU_SPACE_BYTES];
	struct unit *unit;
	PCIBus *bus;
	uint8_t devfn;
	struct device *next;
};

static struct device *devices;
static PCIBus *root_bus;

/* The bus has its number from the guest, who may change it. */
static uint16_t source_id(const struct device *d)
{
	return (uint16_t)(qemu.pci_bus_num(d->bus) << 8 | d->devfn);
}

static void tell_use(struct device *d, enum oracle_use use, uint64_t iova, uint64_t table,
		     const struct oracle_page *used)
{
	struct unit *u = d->unit;
	const struct oracle_request *r = NULL, *nearest;
	struct guest_event *e;
	bool new_one = false;

	guest_add(use == ORACLE_STALE ? &u->share->stale : &u->share->window);
	if (use == ORACLE_STALE)
		r = oracle_reveal(&u->oracle, used->did, iova, &new_one);
	if (new_one)
		guest_add(&u->share->found);
	e = observe_event(u, use == ORACLE_STALE ? GUEST_STALE : GUEST_WINDOW);
	if (!e)
		return;
	e->sid = source_id(d);
	e->did = used->did;
	e->iova = iova & ~0xfffULL;
	e->cached = used->frame;
	e->table = table;
	e->planted = r ? (uint32_t)r->plant : 0;
	nearest = r ? r : oracle_nearest(&u->oracle, used->did, iova);
	if (nearest) {
		e->qw[0] = nearest->qw[0];
		e->qw[1] = nearest->qw[1];
	}
	observe_event_done(u);
}

static void tell_blocked(struct device *d, uint64_t iova, uint16_t did)
{
	struct guest_event *e;

	guest_add(&d->unit->share->blocked);
	e = observe_event(d->unit, GUEST_BLOCKED);
	if (!e)
		return;
	e->sid = source_id(d);
	e->did = did;
	e->iova = iova;
	observe_event_done(d->unit);
}

static IOMMUTLBEntry translate(MemoryRegion *mr, hwaddr addr, int flag, int index)
{
	struct device *d = (struct device *)((char *)mr - offsetof(struct device, region));
	struct unit *u = d->unit;
	IOMMUTLBEntry e = { qemu.address_space_memory, addr & ~0xfffULL, addr & ~0xfffULL, 0xfff,
			    3 };
	struct oracle_page page;
	enum oracle_use use;
	uint64_t table;
	bool context;

	(void)index;
	if (!(u->vtd.gsts & VTD_GSTS_TES) || addr - FIRST_INTERRUPT < INTERRUPT_BYTES)
		return e;
	guest_add(&u->share->translations);
	walk(&u->vtd, source_id(d), addr, &page, &context);
	table = page.present ? page.frame : 0;
	use = context ? oracle_use(&u->oracle, &u->vtd, addr, &page) : ORACLE_MISS;
	if (use != ORACLE_MISS)
		guest_add(&u->share->hits);
	if (use == ORACLE_STALE || use == ORACLE_WINDOW)
		tell_use(d, use, addr, table, &page);
	if (!page.present || flag & ~page.perm)
		tell_blocked(d, addr, page.did);
	e.translated = page.frame;
	e.perm = page.present ? page.perm : 0;
	return e;
}

static struct unit *the_unit;

static AddressSpace *space_of(PCIBus *bus, void *opaque, int devfn)
{
	struct device *d;

	(void)opaque;
	for (d = devices; d; d = d->next)
		if (d->bus == bus && d->devfn == devfn)
			return (AddressSpace *)d->space;
	d = calloc(1, sizeof(*d));
	if (!d)
		abort();
	d->unit = the_unit;
	d->bus = bus;
	d->devfn = (uint8_t)devfn;
	d->next = devices;
	devices = d;
	qemu.memory_region_init_iommu(d->region, sizeof(d->region), TYPE, NULL, "qinval-vtd",
				      UINT64_MAX);
	qemu.address_space_init((AddressSpace *)d->space, (MemoryRegion *)d->region, "qinval-vtd");
	return (AddressSpace *)d->space;
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

bool pci_start(struct unit *u)
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
		return false;
	the_unit = u;
	if (!qemu.version->ops)
		memcpy(&how, &fn, sizeof(how));
	qemu.pci_setup_iommu(root_bus, how, u);
	return true;
}

bool pci_pull(uint16_t sid)
{
	Object *device = qemu.pci_find_device(root_bus, sid >> 8, (uint8_t)sid);

	/* What is on the root bus is soldered. */
	if (!device || !(sid >> 8))
		return false;
	qemu.object_unparent(device);
	return true;
}
