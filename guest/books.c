/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "books.h"

#include "sample.h"
#include "share.h"

#include <bpf/btf.h>
#include <stdio.h>
#include <string.h>

#define WAIT 5

/* The offset of a member in bytes; -1: there is none. */
static long offset_of(const struct btf *btf, const char *type, const char *member)
{
	int id = btf__find_by_name_kind(btf, type, BTF_KIND_STRUCT);
	const struct btf_type *t = id < 0 ? NULL : btf__type_by_id(btf, (unsigned)id);

	for (unsigned i = 0; t && i < btf_vlen(t); i++) {
		const char *name = btf__name_by_offset(btf, btf_members(t)[i].name_off);

		if (name && !strcmp(name, member))
			return (long)btf_member_bit_offset(t, i) / 8;
	}
	return -1;
}

struct layout {
	long list, iommu, base;		      /* in dmar_drhd_unit */
	long qi;			      /* in intel_iommu */
	long desc, status, head, tail, count; /* in q_inval */
};

static bool find_layout(struct layout *l, const void *data, size_t bytes)
{
	struct btf *btf = bytes ? btf__new(data, (unsigned)bytes) : NULL;

	if (!btf)
		return false;
	l->list = offset_of(btf, "dmar_drhd_unit", "list");
	l->iommu = offset_of(btf, "dmar_drhd_unit", "iommu");
	l->base = offset_of(btf, "dmar_drhd_unit", "reg_base_addr");
	l->qi = offset_of(btf, "intel_iommu", "qi");
	l->desc = offset_of(btf, "q_inval", "desc");
	l->status = offset_of(btf, "q_inval", "desc_status");
	l->head = offset_of(btf, "q_inval", "free_head");
	l->tail = offset_of(btf, "q_inval", "free_tail");
	l->count = offset_of(btf, "q_inval", "free_cnt");
	btf__free(btf);
	return l->list >= 0 && l->iommu >= 0 && l->base >= 0 && l->qi >= 0 && l->desc >= 0 &&
	       l->status >= 0 && l->head >= 0 && l->tail >= 0 && l->count >= 0;
}

static bool follow(struct qmp *q, uint64_t *addr, long offset)
{
	return sample_read(q, 0, *addr + (uint64_t)offset, addr, sizeof(*addr)) && *addr;
}

static void count(struct books *b)
{
	for (unsigned i = 0; i < BOOKS_SLOTS; i++) {
		bool wait = (b->qw0[i] & 0xf) == WAIT;

		if (b->status[i] > BOOKS_ABORT) {
			b->other++;
			continue;
		}
		b->count[b->status[i]]++;
		b->in_use_waits += wait && b->status[i] == BOOKS_IN_USE;
		b->done_waits += wait && b->status[i] == BOOKS_DONE;
	}
}

/*
 * The kernel's structure for the unit with these registers, from its list of units. 0: not there.
 */
static uint64_t find_unit(struct qmp *q, uint64_t list, const struct layout *l, uint64_t base)
{
	uint64_t at = list, found;

	for (unsigned i = 0; i < GUEST_UNITS && follow(q, &at, 0) && at != list; i++)
		if (sample_read(q, 0, at - (uint64_t)l->list + (uint64_t)l->base, &found,
				sizeof(found)) &&
		    found == base)
			return at - (uint64_t)l->list;
	return 0;
}

bool books_read(struct books *b, struct qmp *q, const struct symbols *symbols, uint64_t base,
		const void *btf, size_t btf_bytes, char *why, size_t size)
{
	uint64_t unit = symbols_find(symbols, "dmar_drhd_units"), desc, status;
	uint64_t slot[2 * BOOKS_SLOTS];
	struct layout l;

	*b = (struct books){ .free_cnt = 0 };
	if (!find_layout(&l, btf, btf_bytes)) {
		snprintf(why, size, "the guest has sent no BTF that names the queue's structures");
		return false;
	}
	unit = unit ? find_unit(q, unit, &l, base) : 0;
	if (!unit) {
		snprintf(why, size, "the unit is not in the kernel's list of units");
		return false;
	}
	if (!follow(q, &unit, l.iommu) || !follow(q, &unit, l.qi)) {
		snprintf(why, size, "the kernel has no queue for the unit");
		return false;
	}
	desc = status = unit;
	if (!follow(q, &desc, l.desc) || !follow(q, &status, l.status) ||
	    !sample_read(q, 0, unit + (uint64_t)l.head, &b->free_head, sizeof(int)) ||
	    !sample_read(q, 0, unit + (uint64_t)l.tail, &b->free_tail, sizeof(int)) ||
	    !sample_read(q, 0, unit + (uint64_t)l.count, &b->free_cnt, sizeof(int)) ||
	    !sample_read(q, 0, status, b->status, sizeof(b->status)) ||
	    !sample_read(q, 0, desc, slot, sizeof(slot))) {
		snprintf(why, size, "the kernel's queue cannot be read");
		return false;
	}
	for (unsigned i = 0; i < BOOKS_SLOTS; i++)
		b->qw0[i] = slot[2 * i];
	count(b);
	return true;
}
