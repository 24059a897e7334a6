// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#include <linux/dmar.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <qinval/regs.h>
#include "devices.h"
#include "log.h"
#include "unit.h"

#define SLOTS 256 /* as many as the kernel's own ring has */
#define NS_PER_MS 1000000ULL

/* Read a member of a kernel structure; a wrong address is an error and no crash. */
#define FETCH(to, base, offset) \
	copy_from_kernel_nofault(&(to), (const char *)(base) + (offset), sizeof(to))

static void report(void *ctx, const struct qi_error *e)
{
	log_report(container_of(ctx, struct unit, machine)->name, e);
}

static bool device_present(void *ctx, uint16_t sid)
{
	const struct unit *u = container_of(ctx, struct unit, machine);

	return !devices_known_stopped(u->segment, sid);
}

static const struct qi_host host = {
	.report = report,
	.device_present = device_present,
};

/* ---- memory ---- */

static int get_memory(struct qi_mem *m, size_t size, int node)
{
	struct page *p = alloc_pages_node(node, GFP_KERNEL | __GFP_ZERO, get_order(size));

	if (!p)
		return -ENOMEM;
	m->virt = page_address(p);
	m->phys = page_to_phys(p);
	m->size = PAGE_SIZE << get_order(size);
	return 0;
}

static void put_memory(struct qi_mem *m)
{
	if (m->virt)
		free_pages((unsigned long)m->virt, get_order(m->size));
}

void unit_free(struct unit *u)
{
	if (!u)
		return;
	put_memory(&u->ring);
	put_memory(&u->status);
	kfree(u->slots);
	kfree(u);
}

static const char *make_queue(struct unit *u, const struct unit_options *o, int node)
{
	struct qi_config c = {
		.host = &host,
		.ctx = &u->machine,
		.slots = SLOTS,
		.width = u->ecap & VTD_ECAP_SMTS ? 256 : 128,
		.cap = u->cap,
		/*
		 * ECAP.C is about tables. Units snoop when they read their queue and write a
		 * status, and the kernel's own function flushes nothing for them.
		 */
		.ecap = u->ecap | VTD_ECAP_C,
		.timeout_ns = o->timeout_ms * NS_PER_MS,
		.ats_timeout_ns = o->ats_timeout_ms * NS_PER_MS,
		.retries = o->retries,
	};
	const char *why = NULL;

	u->slots = kcalloc_node(SLOTS, sizeof(*u->slots), GFP_KERNEL, node);
	if (!u->slots || get_memory(&u->ring, QI_RING_BYTES(SLOTS, c.width), node) ||
	    get_memory(&u->status, QI_STATUS_BYTES_SPREAD(SLOTS), node))
		return "out of memory for its queue";
	c.ring = u->ring;
	c.status = u->status;
	c.slot = u->slots;
	qi_init_why(&u->q, &c, &why);
	return why;
}

/* ---- checks of the kernel's bookkeeping ---- */

static const char *read_kernels(struct unit *u, const struct dmar_drhd_unit *drhd,
				const struct layout *l, int *node)
{
	const void *iommu = drhd->iommu;
	u64 phys;

	if (FETCH(u->machine.regs, iommu, l->reg) || FETCH(phys, iommu, l->reg_phys) ||
	    FETCH(u->cap, iommu, l->cap) || FETCH(u->ecap, iommu, l->ecap) ||
	    FETCH(u->name, iommu, l->name) || FETCH(*node, iommu, l->node))
		return "the kernel's struct intel_iommu cannot be read at the offsets that its BTF "
		       "gives";
	u->name[sizeof(u->name) - 1] = '\0';
	if (strncmp(u->name, "dmar", 4))
		return "the name in the kernel's struct intel_iommu does not begin with dmar, so "
		       "its layout is another";
	if (phys != drhd->reg_base_addr)
		return "the kernel's struct intel_iommu has another register address than the "
		       "firmware's DMAR table";
	if (!is_vmalloc_addr((const void __force *)u->machine.regs))
		return "the kernel's pointer to its registers is no mapping of registers";
	if (*node != NUMA_NO_NODE && (*node < 0 || *node >= MAX_NUMNODES || !node_online(*node)))
		return "the NUMA node in the kernel's struct intel_iommu is not online, so its "
		       "layout is another";
	return NULL;
}

const char *unit_suspicious(const struct unit *u, const struct layout *l)
{
	void __iomem *regs = u->machine.regs;
	void *qi, *ring;
	u64 iqa;

	if (readq(regs + DMAR_CAP_REG) != u->cap || readq(regs + DMAR_ECAP_REG) != u->ecap)
		return "the CAP or ECAP register differs from the kernel's copy";
	if (!(u->ecap & VTD_ECAP_QI))
		return "ECAP says that it has no queued invalidation";
	if (FETCH(qi, u->iommu, l->qi) || !qi || FETCH(ring, qi, l->desc) || !virt_addr_valid(ring))
		return "the kernel has no ring for its queue (it may use register-based "
		       "invalidation)";
	if (!(readl(regs + DMAR_GSTS_REG) & VTD_GSTS_QIES))
		return "GSTS says that its queue is off";
	iqa = readq(regs + DMAR_IQA_REG);
	if ((iqa & PAGE_MASK) != virt_to_phys(ring))
		return "IQA does not have the address of the kernel's ring";
	if (readl(regs + DMAR_FSTS_REG) & VTD_FSTS_QI)
		return "FSTS has an error of the queue (IQE, ITE or ICE) that the kernel has not "
		       "cleared; try again later, or reboot";
	return NULL;
}

struct unit *unit_new(const struct dmar_drhd_unit *drhd, const struct layout *l,
		      const struct unit_options *o, const char **why)
{
	struct unit *u = kzalloc(sizeof(*u), GFP_KERNEL);
	int node = NUMA_NO_NODE;

	*why = "out of memory";
	if (!u)
		return NULL;
	u->iommu = drhd->iommu;
	u->device = (void *)((char *)u->iommu + l->iommu);
	u->registers = (void *)((char *)u->iommu + l->register_lock);
	u->segment = drhd->segment;
	raw_spin_lock_init(&u->machine.lock);
	raw_spin_lock_init(&u->reviving);
	*why = read_kernels(u, drhd, l, &node) ?: unit_suspicious(u, l) ?: make_queue(u, o, node);
	if (!*why)
		return u;
	unit_free(u);
	return NULL;
}

/* ---- ownership ---- */

/*
 * A call that enters the kernel's function in spite of the hook finds no room in the ring, and
 * waits. So it does not write IQT while the core owns the queue. The function by which the kernel
 * gets its queue back resets this count.
 */
static void take_room(struct unit *u, const struct layout *l)
{
	char *qi;

	if (!FETCH(qi, u->iommu, l->qi))
		WRITE_ONCE(*(int *)(qi + l->free_cnt), 0);
}

static void hurry(struct unit *u, bool on)
{
	u->machine.hurry = on ? ktime_get_mono_fast_ns() : 0;
}

int unit_take(struct unit *u, const struct layout *l)
{
	int err;

	hurry(u, true);
	err = qi_enable(&u->q);
	hurry(u, false);
	if (!err)
		take_room(u, l);
	u->rtaddr = readq(u->machine.regs + DMAR_RTADDR_REG);
	u->taken = !err;
	u->lost = false;
	return err;
}

/* The kernel panics if a unit does not obey: so such a unit is not given back. */
int unit_give_back(struct unit *u, int (*reenable)(struct intel_iommu *iommu))
{
	int err;

	if (!u->taken)
		return 0;
	hurry(u, true);
	err = qi_disable(&u->q);
	if (err && readl(u->machine.regs + DMAR_GSTS_REG) != ~0U)
		err = qi_reset(&u->q) ?: qi_disable(&u->q);
	hurry(u, false);
	if (err)
		return err;
	u->taken = false;
	return reenable(u->iommu) ? -QI_ERR_INVALID : 0;
}
