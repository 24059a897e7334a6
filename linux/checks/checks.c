// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * checks.c - a test build (make CHECKS=1) has two more parameters. A word written to `checks`
 * starts a check, which calls the kernel's own functions as its driver does and compares the
 * results.
 *
 *  calls    descriptors that units execute, descriptors that they refuse, and none
 *  silence  an invalidation for the first network card, which the unit is told does not answer
 *  answer   the same for a card that answers
 *  domain   a failure that names only the first network card's domain
 *  removal  the kernel turns each queue off and on again
 *  unmapped each unit's registers are unmapped with its queue on, as when it is removed; then the
 *           kernel turns its queue off and on again
 *  nested   a call from a kprobe's handler, as an interrupt during one may make it
 *  astray   a thread calls the kernel's function past the hook. It has to wait while other calls
 *           are served, and neither to use the kernel's ring nor to write IQT
 *  returned this call has returned, now that the queue is the kernel's
 *  stay     from now on the module cannot be removed, so it is loaded when the machine goes down
 *
 * `ibt` makes the kernel take its CPU for one that tracks indirect branches, or not.
 */
#define pr_fmt(fmt) "qinval: checks: " fmt
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/errno.h>
#include <linux/io.h>
#include <linux/kprobes.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/pci.h>
#include <linux/printk.h>
#include <linux/sched.h>
#include <linux/stop_machine.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <asm/cpufeature.h>
#include <qinval/regs.h>
#include "domains.h"
#include "failure.h"
#include "hook.h"
#include "owner.h"
#include "stock.h"
#include "units.h"

#define PAGE (0x32 | 0xfff0ULL << 16) /* of a domain that is not in use */

static const struct {
	const char *name;
	unsigned int count;
	struct qi_desc desc[2];
	int result;
	unsigned int unaligned;
} calls[] = {
	{ .name = "nothing but a wait" },
	{ .name = "one page", .count = 1, .desc = { { PAGE, 0x1000 } } },
	{ .name = "an address that is not aligned",
	  .count = 1,
	  .desc = { { PAGE, 0x1001 } },
	  .unaligned = 1 },
	{ .name = "no type", .count = 1, .desc = { { 0x0f } }, .result = -EINVAL },
	{ .name = "a reserved bit beside what is good",
	  .count = 2,
	  .desc = { { PAGE, 0x2000 }, { 0x12 | 1ULL << 63 } },
	  .result = -EINVAL },
};

static int check_calls(struct unit *u)
{
	hook_fn *submit = (void *)hook_symbol(STOCK_SUBMIT);
	struct qi_desc desc[2];
	long unaligned;
	unsigned int i;
	int err;

	for (i = 0; i < ARRAY_SIZE(calls); i++) {
		memcpy(desc, calls[i].desc, sizeof(desc));
		unaligned = atomic_long_read(&u->counts.unaligned) + calls[i].unaligned;
		err = submit(u->iommu, desc, calls[i].count, 0);
		if (err == calls[i].result && atomic_long_read(&u->counts.unaligned) == unaligned)
			continue;
		pr_err("%s: %s: %d\n", u->name, calls[i].name, err);
		return -EBADE;
	}
	return 0;
}

static int check_card(struct unit *u, int result)
{
	hook_fn *submit = (void *)hook_symbol(STOCK_SUBMIT);
	struct pci_dev *card = pci_get_class(PCI_CLASS_NETWORK_ETHERNET << 8, NULL);
	struct qi_desc desc;
	int err;

	if (!card)
		return -ENODEV;
	desc = qi_desc_dev_tlb(pci_dev_id(card), 0, 0, 0x1000, 0);
	pci_dev_put(card);
	err = submit(u->iommu, &desc, 1, 0);
	return err == result ? 0 : -EBADE;
}

static int check_silence(struct unit *u)
{
	return check_card(u, -ETIMEDOUT);
}

static int check_answer(struct unit *u)
{
	return check_card(u, 0);
}

/* By the tables of a running kernel the first network card is in exactly one domain. */
static int check_domain(struct unit *u)
{
	struct pci_dev *card = pci_get_class(PCI_CLASS_NETWORK_ETHERNET << 8, NULL);
	struct qi_desc desc = {};
	unsigned int did, n = 0;

	if (!card)
		return -ENODEV;
	for (did = 0; did <= U16_MAX; did++)
		if (domains_may_have(u->rtaddr, pci_dev_id(card), did)) {
			desc = qi_desc_iotlb(QI_IOTLB_PAGE, did, 0x1000, 0, false, 0);
			n++;
		}
	pci_dev_put(card);
	if (n != 1) {
		pr_err("%s: the card is in %u domains\n", u->name, n);
		return -EBADE;
	}
	failure_of_unit(u, &desc, "this is a check");
	return 0;
}

/* After this the unit belongs to the kernel, and works. */
static int check_removal(struct unit *u)
{
	hook_fn *submit = (void *)hook_symbol(STOCK_SUBMIT);
	int (*reenable)(struct intel_iommu * iommu) = (void *)hook_symbol("dmar_reenable_qi");
	struct qi_desc desc = calls[1].desc[0];
	int err;

	err = reenable(u->iommu) ?: submit(u->iommu, &desc, 1, 0);
	if (!err && !u->taken && u->left)
		return 0;
	pr_err("%s: after its queue was off and on: %d\n", u->name, err);
	return -EBADE;
}

static int check_unmapped(struct unit *u)
{
	int (*reenable)(struct intel_iommu * iommu) = (void *)hook_symbol("dmar_reenable_qi");
	struct layout l;
	u64 at;
	int err =
		layout_read(&l, "/sys/kernel/btf/vmlinux")
			?: copy_from_kernel_nofault(&at, (char *)u->iommu + l.reg_phys, sizeof(at));

	if (err)
		return err;
	/* In place of the kernel's own mapping, which it still needs. */
	u->machine.regs = ioremap(at, PAGE_SIZE);
	if (!u->machine.regs)
		return -ENOMEM;
	iounmap(u->machine.regs);
	if (u->taken || !u->left) {
		pr_err("%s: its registers are unmapped, and the module has its queue\n", u->name);
		return -EBADE;
	}
	return reenable(u->iommu);
}

/* ---- calls that an interrupt may make during a kprobe ---- */

static struct {
	struct unit *unit;
	hook_fn *submit;
	int result;
} nested;

static noinline int probed(void)
{
	barrier();
	return nested.result;
}

static int call_within(struct kprobe *p, struct pt_regs *regs)
{
	struct qi_desc desc = calls[1].desc[0];

	nested.result = nested.submit(nested.unit->iommu, &desc, 1, 0);
	return 0;
}

static int check_nested(struct unit *u)
{
	struct kprobe probe = { .addr = (kprobe_opcode_t *)probed, .pre_handler = call_within };
	int err;

	nested.unit = u;
	nested.submit = (void *)hook_symbol(STOCK_SUBMIT);
	nested.result = -EBADE;
	err = register_kprobe(&probe);
	if (err)
		return err;
	err = probed();
	unregister_kprobe(&probe);
	return err;
}

/* ---- a call that misses the hook ---- */

#define ASTRAY_NS (50 * NSEC_PER_MSEC) /* of a processor: enough to do what it must not do */

static struct {
	struct unit *unit;
	struct completion returned;
	int result;
	const char *wrong;
	const int *room;
} astray;

static int go_astray(void *unused)
{
	struct qi_desc desc = calls[1].desc[0];

	astray.result = hook_original(astray.unit->iommu, &desc, 1, 0);
	kthread_complete_and_exit(&astray.returned, 0);
}

/* With all CPUs stopped, so that no call is under way in the core. */
static int look_at_queue(void *unused)
{
	struct qi *q = &astray.unit->q;
	u64 tail = (q->rung & q->mask) << q->shift;

	if (READ_ONCE(*astray.room))
		astray.wrong = "the kernel's ring has room";
	else if (readq(astray.unit->machine.regs + DMAR_IQT_REG) != tail)
		astray.wrong = "IQT is not as the core wrote it";
	return 0;
}

static int find_room(struct unit *u)
{
	struct layout l;
	char *qi;
	int err = layout_read(&l, "/sys/kernel/btf/vmlinux")
			  ?: copy_from_kernel_nofault(&qi, (char *)u->iommu + l.qi, sizeof(qi));

	astray.room = (const int *)(qi + l.free_cnt);
	return err;
}

static int submit_beside(struct unit *u)
{
	hook_fn *submit = (void *)hook_symbol(STOCK_SUBMIT);
	struct qi_desc desc = calls[1].desc[0];
	int i, err = 0;

	for (i = 0; i < 100 && !err; i++)
		err = submit(u->iommu, &desc, 1, 0);
	return err;
}

static int check_astray(struct unit *u)
{
	struct task_struct *task;
	int err = find_room(u);

	if (err)
		return err;
	astray.unit = u;
	astray.wrong = NULL;
	if (owner_is_ours())
		stop_machine(look_at_queue, NULL, NULL);
	/* A call that used this room would never return, nor leave its CPU. */
	if (astray.wrong) {
		pr_err("%s: %s before a call past the hook\n", u->name, astray.wrong);
		return -EBADE;
	}
	init_completion(&astray.returned);
	task = kthread_create(go_astray, NULL, "qinval_astray");
	if (IS_ERR(task))
		return PTR_ERR(task);
	get_task_struct(task);
	wake_up_process(task);
	while (READ_ONCE(task->se.sum_exec_runtime) < ASTRAY_NS &&
	       !completion_done(&astray.returned))
		msleep(1);
	put_task_struct(task);
	stop_machine(look_at_queue, NULL, NULL);
	if (!astray.wrong) {
		err = submit_beside(u);
		stop_machine(look_at_queue, NULL, NULL);
	}
	if (completion_done(&astray.returned))
		pr_err("%s: a call past the hook has returned: %d\n", u->name, astray.result);
	if (astray.wrong)
		pr_err("%s: after a call past the hook: %s\n", u->name, astray.wrong);
	return completion_done(&astray.returned) || astray.wrong ? -EBADE : err;
}

static int check_returned(struct unit *u)
{
	wait_for_completion(&astray.returned);
	return astray.result;
}

/* As if the module had no exit function. */
static int check_stay(struct unit *u)
{
	THIS_MODULE->exit = NULL;
	return 0;
}

static const struct {
	const char *name;
	int (*check)(struct unit *u);
} checks[] = {
	{ "calls", check_calls },   { "silence", check_silence }, { "answer", check_answer },
	{ "domain", check_domain }, { "removal", check_removal }, { "unmapped", check_unmapped },
	{ "nested", check_nested }, { "astray", check_astray },	  { "returned", check_returned },
	{ "stay", check_stay },
};

static int check(const char *value, const struct kernel_param *kp)
{
	unsigned int i, n;
	int err = 0;

	for (n = 0; n < ARRAY_SIZE(checks) && !sysfs_streq(value, checks[n].name); n++)
		;
	if (n == ARRAY_SIZE(checks))
		return -EINVAL;
	for (i = 0; i < nunits && !err; i++)
		err = checks[n].check(units[i]);
	return err;
}

static const struct kernel_param_ops ops = { .set = check };
module_param_cb(checks, &ops, NULL, 0200);

/* Parameters are read before the module is started. A kernel that was built without it stays so. */
static int set_ibt(const char *value, const struct kernel_param *kp)
{
	bool on;
	int err = kstrtobool(value, &on);

	if (!err && on)
		set_cpu_cap(&boot_cpu_data, X86_FEATURE_IBT);
	else if (!err)
		clear_bit(X86_FEATURE_IBT, (unsigned long *)boot_cpu_data.x86_capability);
	return err;
}

static const struct kernel_param_ops ibt_ops = { .set = set_ibt };
module_param_cb(ibt, &ibt_ops, NULL, 0200);
