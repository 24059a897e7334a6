// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#define pr_fmt(fmt) "qinval: " fmt
#include <linux/kernel.h>
#include <linux/errno.h>
#include <linux/printk.h>
#include "btf_file.h"
#include "layout.h"
#include "stock.h"

#define EVENT_PARAMETERS 6  /* the probe's own data, the unit, four quadwords */
#define DESCRIPTOR_BYTES 32 /* four quadwords, also if the ring's descriptors have two */

static int read_members(const struct btf_file *b, struct layout *l)
{
	const struct {
		int *offset;
		const char *structure, *member;
	} wanted[] = {
		{ &l->reg, "intel_iommu", "reg" },
		{ &l->reg_phys, "intel_iommu", "reg_phys" },
		{ &l->cap, "intel_iommu", "cap" },
		{ &l->ecap, "intel_iommu", "ecap" },
		{ &l->name, "intel_iommu", "name" },
		{ &l->node, "intel_iommu", "node" },
		{ &l->qi, "intel_iommu", "qi" },
		{ &l->iommu, "intel_iommu", "iommu" },
		{ &l->register_lock, "intel_iommu", "register_lock" },
		{ &l->desc, "q_inval", "desc" },
		{ &l->free_cnt, "q_inval", "free_cnt" },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(wanted); i++) {
		*wanted[i].offset = btf_file_member(b, wanted[i].structure, wanted[i].member);
		if (*wanted[i].offset >= 0)
			continue;
		pr_err("this kernel's struct %s has no %s; nothing was changed\n",
		       wanted[i].structure, wanted[i].member);
		return -ENOENT;
	}
	return 0;
}

static int check_functions(const struct btf_file *b)
{
	static const char *const pointers[] = { "intel_iommu", STOCK_DESC };

	if (!btf_file_function(b, STOCK_SUBMIT, 4, pointers, 2)) {
		pr_err("this kernel's " STOCK_SUBMIT "() takes other parameters; nothing was "
		       "changed\n");
		return -EINVAL;
	}
	if (!btf_file_function(b, "dmar_reenable_qi", 1, pointers, 1)) {
		pr_err("this kernel's dmar_reenable_qi() takes other parameters; nothing was "
		       "changed\n");
		return -EINVAL;
	}
	if (btf_file_size(b, STOCK_DESC) != DESCRIPTOR_BYTES) {
		pr_err("this kernel's struct " STOCK_DESC
		       " has %u bytes, not %u; nothing was changed\n",
		       btf_file_size(b, STOCK_DESC), DESCRIPTOR_BYTES);
		return -EINVAL;
	}
	return 0;
}

int layout_read(struct layout *l, const char *path)
{
	struct btf_file b;
	int err = btf_file_open(&b, path);

	if (err == -ENOENT)
		pr_err("%s does not exist, so the layout of the kernel's structures is not known: "
		       "it needs CONFIG_DEBUG_INFO_BTF, or btf=FILE; nothing was changed\n",
		       path);
	else if (err == -EINVAL)
		pr_err("%s has no BTF in it; nothing was changed\n", path);
	else if (err)
		pr_err("cannot read %s: error %d; nothing was changed\n", path, err);
	if (err)
		return err;
	err = check_functions(&b) ?: read_members(&b, l);
	l->event_known = btf_file_event(&b, "btf_trace_qi_submit", EVENT_PARAMETERS);
	btf_file_close(&b);
	return err;
}
