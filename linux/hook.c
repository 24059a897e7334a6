// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * hook.c - two ways to send calls elsewhere.
 *
 * ftrace: its call at the function's entry moves the instruction pointer, as live patches do. On
 * kernels before 6.12 a BPF program (fentry, fexit) that is attached to such a function makes
 * ftrace end itself, and the machine hangs; so `auto` does not take it there.
 *
 * kprobe: a breakpoint at the instruction behind ftrace's, where the function has not begun yet. It
 * costs a trap a call, and is apart from whatever ftrace and BPF do.
 *
 * The original is entered behind ftrace's call, so that neither sends it round again.
 */
#define pr_fmt(fmt) "qinval: " fmt
#include <linux/ftrace.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/string.h>
#include <linux/version.h>
#include <asm/cpufeature.h>
#include "hook.h"

#define TARGET "qi_submit_sync"

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 2, 0)
#define set_ip ftrace_regs_set_instruction_pointer
#else
#define set_ip ftrace_instruction_pointer_set
#endif

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
#define DEFAULT_IS_PROBE false
#else
#define DEFAULT_IS_PROBE true
#endif

#if defined(CONFIG_HAVE_DYNAMIC_FTRACE_WITH_ARGS)
#define REGISTERS 0 /* the arguments and the instruction pointer are always there */
#else
#define REGISTERS FTRACE_OPS_FL_SAVE_REGS
#endif

static unsigned long target;
static hook_fn *original, *replacement;
static bool by_probe;

unsigned long hook_symbol(const char *name)
{
	static unsigned long (*lookup)(const char *name);
	struct kprobe probe = { .symbol_name = "kallsyms_lookup_name" };

	if (!lookup && !register_kprobe(&probe)) {
		lookup = (void *)probe.addr;
		unregister_kprobe(&probe);
	}
	return lookup ? lookup(name) : 0;
}

const char *hook_name(void)
{
	return by_probe ? "kprobe" : "ftrace";
}

/* ftrace's call, or the nop in its place; 0: none. What stands before differs by kernel. */
static unsigned long find_site(unsigned long at)
{
	unsigned long (*location)(unsigned long at) = (void *)hook_symbol("ftrace_location");

	return at && location ? location(at) : 0;
}

static int choose(const char *how)
{
	if (!strcmp(how, "ftrace"))
		by_probe = false;
	else if (!strcmp(how, "kprobe"))
		by_probe = true;
	else if (!strcmp(how, "auto"))
		by_probe = DEFAULT_IS_PROBE;
	else
		return -EINVAL;
	return 0;
}

int hook_prepare(const char *how)
{
	unsigned long site;

	if (choose(how)) {
		pr_err("hook=%s: there are auto, ftrace and kprobe\n", how);
		return -EINVAL;
	}
	if (IS_ENABLED(CONFIG_X86_KERNEL_IBT) && boot_cpu_has(X86_FEATURE_IBT)) {
		pr_err("this CPU tracks indirect branches (IBT), which a call of the kernel's "
		       "own " TARGET "() would violate; boot with ibt=off\n");
		return -EOPNOTSUPP;
	}
	if (IS_ENABLED(CONFIG_CFI_CLANG)) {
		pr_err("this kernel checks indirect calls (CFI), which a call of its own " TARGET
		       "() would violate\n");
		return -EOPNOTSUPP;
	}
	target = hook_symbol(TARGET);
	site = find_site(target);
	if (!site) {
		pr_err("this kernel has no function " TARGET "() that can be traced\n");
		return -ENOENT;
	}
	original = (hook_fn *)(site + MCOUNT_INSN_SIZE);
	return 0;
}

static void notrace redirect(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *ops,
			     struct ftrace_regs *fregs)
{
	set_ip(fregs, (unsigned long)replacement);
}

/* PERMANENT: kernel.ftrace_enabled=0 is refused meanwhile. */
static struct ftrace_ops ops = {
	.func = redirect,
	.flags = FTRACE_OPS_FL_IPMODIFY | FTRACE_OPS_FL_PERMANENT | REGISTERS,
};

/* The module's own calls of the original come by here, too, and go on. */
static int redirect_probe(struct kprobe *p, struct pt_regs *regs)
{
	if (within_module(*(unsigned long *)regs->sp, THIS_MODULE))
		return 0;
	regs->ip = (unsigned long)replacement;
	return 1;
}
NOKPROBE_SYMBOL(redirect_probe);

/* Its being there keeps the probe from becoming a jump, which would not heed what we return. */
static void after_probe(struct kprobe *p, struct pt_regs *regs, unsigned long flags)
{
}

static struct kprobe probe = {
	.pre_handler = redirect_probe,
	.post_handler = after_probe,
};

/* Nobody is left in code that no task sleeps in: tasks that lost their CPU there, idle ones too. */
static void wait_for_stragglers(void)
{
	synchronize_rcu_tasks();
	synchronize_rcu_tasks_rude();
}

static int install_probe(void)
{
	int err;

	probe.addr = (kprobe_opcode_t *)original;
	err = register_kprobe(&probe);
	if (err)
		pr_err(TARGET "() cannot have a kprobe: error %d\n", err);
	return err;
}

static int install_ftrace(void)
{
	int err = ftrace_set_filter_ip(&ops, target, 0, 0);

	if (err) {
		pr_err("ftrace does not know " TARGET "(): error %d\n", err);
		return err;
	}
	err = register_ftrace_function(&ops);
	if (err)
		pr_err(TARGET "() cannot be hooked: error %d%s\n", err,
		       err == -EBUSY	? ", somebody else has: a live patch?"
		       : err == -ENODEV ? ", ftrace has been turned off"
					: "");
	if (err)
		ftrace_set_filter_ip(&ops, target, 1, 0);
	return err;
}

int hook_install(hook_fn *fn)
{
	int err;

	replacement = fn;
	err = by_probe ? install_probe() : install_ftrace();
	if (!err)
		wait_for_stragglers();
	return err;
}

int hook_remove(void)
{
	int err = 0;

	if (by_probe)
		unregister_kprobe(&probe);
	else
		err = unregister_ftrace_function(&ops);
	if (err)
		return err;
	if (!by_probe)
		ftrace_set_filter_ip(&ops, target, 1, 0);
	wait_for_stragglers();
	return 0;
}

int hook_original(struct intel_iommu *iommu, struct qi_desc *desc, unsigned int count,
		  unsigned long options)
{
	return original(iommu, desc, count, options);
}
