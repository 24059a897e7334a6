/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "unit.h"

#include <qinval/regs.h>

#include "apic.h"
#include "clock.h"
#include "idt.h"
#include "vectors.h"
#include "memory.h"
#include "smp.h"
#include "x86.h"

#define REGISTER_BYTES 4096
#define ALL_ONES32 0xffffffffU
#define SECOND 1000000000ULL

static void fault_interrupt(void *arg)
{
	struct unit *u = arg;

	__atomic_fetch_add(&u->fault_interrupts, 1, __ATOMIC_RELAXED);
	qi_fault_interrupt(&u->q);
}

static void completion_interrupt(void *arg)
{
	struct unit *u = arg;

	__atomic_fetch_add(&u->completion_interrupts, 1, __ATOMIC_RELAXED);
	qi_completion_interrupt(&u->q);
}

static const char *refusal(const struct unit *u)
{
	uint32_t gsts = unit_read32(u, DMAR_GSTS_REG);

	if (u->version == ALL_ONES32 || gsts == ALL_ONES32)
		return "its registers do not answer (all ones)";
	if (!u->version && !u->ecap)
		return "there are no registers at its address (all zero)";
	if (!(u->ecap & VTD_ECAP_QI))
		return "it has no queued invalidation (ECAP.QI is 0)";
	if (gsts & VTD_GSTS_TES)
		return "firmware left DMA remapping on (GSTS.TES); turn off pre-boot DMA "
		       "protection "
		       "in the firmware's setup";
	return NULL;
}

void unit_find(struct unit *u, unsigned number, const struct acpi_unit *where)
{
	*u = (struct unit){ .number = number, .where = *where };
	/* If firmware has turned a unit off, its entry may still be in the table. */
	if (!where->base) {
		u->refused = "firmware gives no address for it";
		return;
	}
	u->regs = memory_map(where->base, REGISTER_BYTES, MAP_DEVICE);
	if (!u->regs) {
		u->refused = "its registers cannot be mapped";
		return;
	}
	u->version = unit_read32(u, DMAR_VER_REG);
	u->cap = unit_read64(u, DMAR_CAP_REG);
	u->ecap = unit_read64(u, DMAR_ECAP_REG);
	u->refused = refusal(u);
}

/* Programming the fault event is the embedder's task: the core only handles it. */
static void program_fault_event(struct unit *u, uint32_t address)
{
	unit_write32(u, DMAR_FECTL_REG, VTD_IECTL_IM);
	unit_write32(u, DMAR_FEDATA_REG, VECTOR_UNIT + 2 * u->number);
	unit_write32(u, DMAR_FEADDR_REG, address);
	unit_write32(u, DMAR_FEUADDR_REG, 0);
	unit_write32(u, DMAR_FECTL_REG, 0);
}

int unit_open(struct unit *u, unsigned slots, unsigned width, unsigned options)
{
	size_t ring = QI_RING_BYTES(slots, width), status = QI_STATUS_BYTES(slots);
	struct qi_config c = { .host = &metal_host, .ctx = u, .slots = slots, .width = width };
	uint32_t address;
	int err;

	c.ring = (struct qi_mem){ memory_alloc(ring), 0, ring };
	c.ring.phys = (uintptr_t)c.ring.virt;
	c.status = (struct qi_mem){ memory_alloc(status), 0, status };
	c.status.phys = (uintptr_t)c.status.virt;
	c.slot = memory_alloc(slots * sizeof(struct qi_slot));
	if (options & UNIT_STATS)
		c.stats = u->stats = memory_alloc(sizeof(struct qi_stats));
	u->interrupts = options & UNIT_INTERRUPTS && apic_message(smp_cpu(0)->apic_id, &address);
	if (u->interrupts) {
		c.interrupt.enable = true;
		c.interrupt.data = VECTOR_UNIT + 2 * u->number + 1;
		c.interrupt.addr = address;
	}
	err = qi_init(&u->q, &c);
	if (err)
		return err;
	if (u->interrupts) {
		idt_handle(VECTOR_UNIT + 2 * u->number, fault_interrupt, u);
		idt_handle(VECTOR_UNIT + 2 * u->number + 1, completion_interrupt, u);
		program_fault_event(u, address);
	}
	err = qi_enable(&u->q);
	u->broken = err != 0;
	return err;
}

int unit_close(struct unit *u)
{
	int err = qi_disable(&u->q);

	unit_write32(u, DMAR_FECTL_REG, VTD_IECTL_IM);
	unit_write32(u, DMAR_IECTL_REG, VTD_IECTL_IM);
	u->broken = err != 0;
	return err;
}

bool unit_command(const struct unit *u, uint32_t bit)
{
	uint32_t gsts = unit_read32(u, DMAR_GSTS_REG) & ~VTD_GCMD_ONESHOT;
	uint64_t end = clock_now() + SECOND;

	unit_write32(u, DMAR_GCMD_REG, gsts | bit);
	while (!(unit_read32(u, DMAR_GSTS_REG) & bit))
		if (clock_now() > end)
			return false;
		else
			pause();
	return true;
}

bool unit_set_scalable(struct unit *u, bool scalable)
{
	uint64_t mode = scalable ? VTD_TTM_SCALABLE : VTD_TTM_LEGACY;

	unit_write64(u, DMAR_RTADDR_REG, (uintptr_t)memory_alloc(4096) | mode << 10);
	if (!unit_command(u, VTD_GCMD_SRTP))
		return false;
	u->scalable = scalable;
	return true;
}
