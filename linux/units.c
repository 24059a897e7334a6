// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#define pr_fmt(fmt) "qinval: " fmt
#include <linux/dmar.h>
#include <linux/kernel.h>
#include <linux/printk.h>
#include <linux/rwsem.h>
#include "hook.h"
#include "units.h"

struct unit *units[UNITS_MOST];
unsigned int nunits;

static int add(const struct dmar_drhd_unit *drhd, const struct layout *l,
	       const struct unit_options *o)
{
	struct unit *u;
	const char *why;

	if (nunits == UNITS_MOST) {
		pr_err("this machine has more than %u remapping units; nothing was changed\n",
		       UNITS_MOST);
		return -ENOSPC;
	}
	u = unit_new(drhd, l, o, &why);
	if (!u) {
		pr_err("the unit at 0x%llx: %s; nothing was changed\n", drhd->reg_base_addr, why);
		return -ENODEV;
	}
	/* A handler of retake.c may look at them already. */
	units[nunits] = u;
	smp_store_release(&nunits, nunits + 1);
	pr_info("%s: CAP %016llx ECAP %016llx, %u-bit descriptors\n", u->name, u->cap, u->ecap,
		u->q.cfg.width);
	return 0;
}

int units_find(const struct layout *l, const struct unit_options *o)
{
	struct list_head *list = (void *)hook_symbol("dmar_drhd_units");
	struct rw_semaphore *lock = (void *)hook_symbol("dmar_global_lock");
	struct dmar_drhd_unit *drhd;
	int err = 0;

	if (!list || !lock) {
		pr_err("the kernel's list of remapping units (dmar_drhd_units) is not in its "
		       "kallsyms, which needs CONFIG_KALLSYMS_ALL; nothing was changed\n");
		return -ENOENT;
	}
	down_read(lock);
	list_for_each_entry(drhd, list, list) if (!err && drhd->iommu) err = add(drhd, l, o);
	up_read(lock);
	if (!err && !nunits) {
		pr_err("this kernel uses no remapping unit: boot with intel_iommu=on, and turn "
		       "VT-d "
		       "on in the firmware's setup\n");
		err = -ENODEV;
	}
	return err;
}

void units_free(void)
{
	while (nunits)
		unit_free(units[--nunits]);
}

int units_show(char *buf, size_t size)
{
	unsigned int i;
	int n = 0;

	for (i = 0; i < nunits; i++) {
		struct unit *u = units[i];
		struct unit_counts *c = &u->counts;

		n += scnprintf(buf + n, size - n,
			       "%s owner=%s state=%s unaligned=%ld refused=%ld repaired=%ld "
			       "silent=%ld stopped=%ld resets=%ld failed=%ld longest_us=%ld\n",
			       u->name, u->taken ? "qinval" : "stock", u->lost ? "lost" : "alive",
			       atomic_long_read(&c->unaligned), atomic_long_read(&c->refused),
			       atomic_long_read(&c->repaired), atomic_long_read(&c->silent),
			       atomic_long_read(&c->stopped), atomic_long_read(&c->resets),
			       atomic_long_read(&c->failed), atomic_long_read(&c->longest) / 1000);
	}
	return n;
}
