// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * main.c - the module's parameters, and the order of its initialisation. README.md describes the
 * module.
 */
#define pr_fmt(fmt) "qinval: " fmt
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/reboot.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/sysfs.h>
#include <linux/syscore_ops.h>
#include "calls.h"
#include "devices.h"
#include "failure.h"
#include "hook.h"
#include "layout.h"
#include "owner.h"
#include "retake.h"
#include "stock.h"
#include "trace.h"
#include "units.h"

static struct layout layout;
static DEFINE_MUTEX(lock); /* protects all variables below, and the owner */
static bool loaded, wish = true;

static char *hook = "auto";
module_param(hook, charp, 0444);
MODULE_PARM_DESC(hook, "how calls are caught: direct, ftrace, kprobe, livepatch; auto: direct, or "
		       "what works beside a BPF program");

static char *btf = "/sys/kernel/btf/vmlinux";
module_param(btf, charp, 0444);
MODULE_PARM_DESC(btf, "file with the kernel's types (BTF), if the kernel has none itself");

/* A virtual machine's unit may have to wait for a processor. */
static unsigned int timeout_ms = 10000;
module_param(timeout_ms, uint, 0444);
MODULE_PARM_DESC(timeout_ms, "how long a unit may take, in ms");

static unsigned int ats_timeout_ms;
module_param(ats_timeout_ms, uint, 0444);
MODULE_PARM_DESC(ats_timeout_ms,
		 "how long devices may take to answer, in ms (0: 100000; PCIe allows 90000)");

static unsigned int retries = 1;
module_param(retries, uint, 0444);
MODULE_PARM_DESC(retries, "further tries of a device that does not answer");

/* ---- on_failure ---- */

static char on_failure[8] = "stop";

static int set_failure(const char *value, const struct kernel_param *kp)
{
	char text[sizeof(on_failure)];
	int err;

	if (strscpy(text, value, sizeof(text)) < 0)
		return -EINVAL;
	strim(text);
	err = failure_choose(text);
	if (!err)
		strscpy(on_failure, text, sizeof(on_failure));
	return err;
}

static int get_failure(char *buf, const struct kernel_param *kp)
{
	return sysfs_emit(buf, "%s\n", on_failure);
}

static const struct kernel_param_ops failure_ops = { .set = set_failure, .get = get_failure };
module_param_cb(on_failure, &failure_ops, NULL, 0644);
MODULE_PARM_DESC(
	on_failure,
	"if an invalidation cannot be done: stop the device (no bus mastering), warn, panic");

/* ---- owner ---- */

static int take(void)
{
	if (hook_catches_all())
		return owner_take();
	pr_err("no queue was taken over: the live patch is not complete, or is disabled; see "
	       "/sys/kernel/livepatch/qinval\n");
	return -EAGAIN;
}

static void hook_leaves(void)
{
	mutex_lock(&lock);
	owner_give_back();
	mutex_unlock(&lock);
}

static int set_owner(const char *value, const struct kernel_param *kp)
{
	bool ours = sysfs_streq(value, "qinval");
	int err = 0;

	if (!ours && !sysfs_streq(value, "stock"))
		return -EINVAL;
	mutex_lock(&lock);
	if (loaded)
		err = ours ? take() : owner_give_back();
	else
		wish = ours;
	mutex_unlock(&lock);
	return err;
}

static int get_owner(char *buf, const struct kernel_param *kp)
{
	return sysfs_emit(buf, "%s\n", owner_is_ours() ? "qinval" : "stock");
}

static const struct kernel_param_ops owner_ops = { .set = set_owner, .get = get_owner };
module_param_cb(owner, &owner_ops, NULL, 0644);
MODULE_PARM_DESC(owner, "which serves the queues: qinval (default), stock");

static bool measure;

static int set_measure(const char *value, const struct kernel_param *kp)
{
	int err = param_set_bool(value, kp);

	if (!err)
		calls_measure(measure);
	return err;
}

static const struct kernel_param_ops measure_ops = { .set = set_measure, .get = param_get_bool };
module_param_cb(measure, &measure_ops, &measure, 0644);
MODULE_PARM_DESC(measure, "measure how long calls take; the longest is in units");

static int get_units(char *buf, const struct kernel_param *kp)
{
	int n;

	mutex_lock(&lock);
	n = units_show(buf, PAGE_SIZE);
	mutex_unlock(&lock);
	return n;
}

static const struct kernel_param_ops units_ops = { .get = get_units };
module_param_cb(units, &units_ops, NULL, 0444);
MODULE_PARM_DESC(units, "read only: a line with counters for each unit");

/* ---- when the machine goes down, or sleeps ---- */

static int before_reboot(struct notifier_block *nb, unsigned long event, void *data)
{
	mutex_lock(&lock);
	owner_give_back();
	mutex_unlock(&lock);
	return NOTIFY_DONE;
}

static struct notifier_block reboot = { .notifier_call = before_reboot };

static int before_sleep(void)
{
	owner_suspend();
	return 0;
}

/*
 * Registered after the IOMMU driver's operations: so that driver suspends after this module, and
 * resumes before it.
 */
static struct syscore_ops sleep = { .suspend = before_sleep, .resume = owner_resume };

/* ---- */

static const char hook_stays[] =
	"the hook of " STOCK_SUBMIT "() cannot be removed: the module stays loaded until the next "
	"boot, and the kernel's calls go on through it (a live patch: write 0 to "
	"/sys/kernel/livepatch/qinval/enabled, then rmmod)";
static const char queue_stays[] =
	"a unit does not stop, so its queue cannot be given back: the module stays loaded until "
	"the next boot, and serves it";

static int __init hook_and_take(void)
{
	int err = hook_install(owner_submit, hook_leaves);

	if (err || !wish)
		return err;
	err = take();
	/* Nothing may be freed while calls may still come to this module. */
	if (err && hook_remove()) {
		pr_err("%s\n", hook_stays);
		return 0;
	}
	return err;
}

static int __init qinval_init(void)
{
	const struct unit_options o = {
		.timeout_ms = timeout_ms,
		.ats_timeout_ms = ats_timeout_ms,
		.retries = retries,
	};
	int err;

	mutex_lock(&lock);
	err = hook_prepare(hook) ?: layout_read(&layout, btf) ?: owner_open(&layout) ?:
	      retake_open();
	if (err)
		goto unlock;
	err = units_find(&layout, &o);
	if (err)
		goto close_retake;
	trace_open(layout.event_known);
	err = devices_open();
	if (err)
		goto close_retake;
	err = hook_and_take();
	if (err)
		goto close_devices;
	register_reboot_notifier(&reboot);
	register_syscore_ops(&sleep);
	loaded = true;
	pr_info("calls come by %s\n", hook_name());
	mutex_unlock(&lock);
	return 0;
close_devices:
	devices_close();
close_retake:
	retake_close();
	units_free();
unlock:
	mutex_unlock(&lock);
	return err;
}

/*
 * Code and data that calls may still use must not be freed, nor may a queue that the module owns.
 * The task idles, so that it does not count as hung; without the lock, so that `units` can be read.
 */
static void stay(const char *why)
{
	pr_err("%s\n", why);
	mutex_unlock(&lock);
	for (;;)
		schedule_timeout_idle(MAX_SCHEDULE_TIMEOUT);
}

static void __exit qinval_exit(void)
{
	unregister_syscore_ops(&sleep);
	unregister_reboot_notifier(&reboot);
	mutex_lock(&lock);
	loaded = false;
	if (owner_give_back())
		stay(queue_stays);
	if (hook_remove())
		stay(hook_stays);
	mutex_unlock(&lock);
	retake_close();
	devices_close();
	units_free();
}

module_init(qinval_init);
module_exit(qinval_exit);
MODULE_LICENSE("Dual BSD/GPL");
MODULE_DESCRIPTION("VT-d's invalidation queues, served by the qinval core");
