// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * drain.c - as long as the module is loaded, threads submit nothing but a wait to each unit in
 * turn: submissions with a count of zero, which a kernel without shared virtual memory never makes.
 * They call the kernel's own qi_submit_sync(), whichever code serves it. With pages=1 they submit a
 * page of a domain that does not exist instead, as an unmap does.
 */
#include <linux/delay.h>
#include <linux/dmar.h>
#include <linux/kprobes.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/sched.h>
#include <linux/sysfs.h>

#define MOST 64

struct descriptor {
	u64 qw[4];
};

static unsigned int threads = 2;
module_param(threads, uint, 0444);
static unsigned int pause; /* us between two submissions of a thread */
module_param(pause, uint, 0444);
static bool pages;
module_param(pages, bool, 0444);

static int (*submit)(struct intel_iommu *iommu, struct descriptor *desc, unsigned int count,
		     unsigned long options);
static struct list_head *units;
static struct task_struct *task[MOST];

/* Each is written by one thread only. */
static struct {
	unsigned long calls;
} ____cacheline_aligned done[MOST];

/* Read only: the number of calls that have returned. */
static int get_calls(char *buf, const struct kernel_param *kp)
{
	unsigned long n = 0;
	unsigned int i;

	for (i = 0; i < MOST; i++)
		n += READ_ONCE(done[i].calls);
	return sysfs_emit(buf, "%lu\n", n);
}

static const struct kernel_param_ops calls_ops = { .get = get_calls };
module_param_cb(calls, &calls_ops, NULL, 0444);

/* Neither function is exported. */
static void *find(const char *name)
{
	struct kprobe probe = { .symbol_name = name };
	void *address;

	if (register_kprobe(&probe))
		return NULL;
	address = probe.addr;
	unregister_kprobe(&probe);
	return address;
}

static int drain(void *arg)
{
	unsigned long *calls = arg;
	struct descriptor page = { { 0x32 | 0xfff0ULL << 16, 0x1000 } };
	struct dmar_drhd_unit *unit;

	while (!kthread_should_stop()) {
		list_for_each_entry(unit, units, list) if (unit->iommu)
		{
			submit(unit->iommu, &page, pages, 0);
			WRITE_ONCE(*calls, *calls + 1);
		}
		if (pause)
			usleep_range(pause, 2 * pause);
		cond_resched();
	}
	return 0;
}

static void stop(void)
{
	unsigned int i;

	for (i = 0; i < MOST && task[i]; i++)
		kthread_stop(task[i]);
}

static int __init drain_init(void)
{
	unsigned long (*lookup)(const char *name) = find("kallsyms_lookup_name");
	unsigned int i;

	submit = find("qi_submit_sync");
	units = lookup ? (struct list_head *)lookup("dmar_drhd_units") : NULL;
	if (!submit || !units || threads > MOST)
		return -EINVAL;
	for (i = 0; i < threads; i++) {
		struct task_struct *t = kthread_run(drain, &done[i].calls, "drain/%u", i);

		if (IS_ERR(t)) {
			stop();
			return PTR_ERR(t);
		}
		task[i] = t;
	}
	return 0;
}

static void __exit drain_exit(void)
{
	stop();
}

module_init(drain_init);
module_exit(drain_exit);
MODULE_DESCRIPTION("Submissions of nothing but a wait");
MODULE_LICENSE("Dual BSD/GPL");
