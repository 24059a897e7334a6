// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * hook.c - four ways to redirect calls.
 *
 * direct: ftrace's call at the function's entry goes to a few instructions of ours. A function has
 * at most one such call: BPF programs that need it (fentry, fexit) are refused while the module is
 * loaded, and the hook is refused where such a program was first.
 *
 * ftrace: the call goes to ftrace's own trampoline, which changes the instruction pointer, as for
 * live patches. On kernels before 6.12 a BPF program that is attached to such a function makes
 * ftrace disable itself, and the machine hangs; so `auto` does not use it there.
 *
 * kprobe: a breakpoint at the instruction after ftrace's call, where the function has not begun
 * yet. It costs a trap per call, and is independent of ftrace and BPF. The kernel passes a probe by
 * that is hit within the handler of another one, and an interrupt there may make a call.
 *
 * livepatch: the kernel redirects calls by a live patch, and keeps the books of it; see patch.h.
 *
 * The original function is entered after ftrace's call, so that none of the four redirects that
 * call.
 */
#define pr_fmt(fmt) "qinval: " fmt
#include <linux/ftrace.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/string.h>
#include <linux/version.h>
#include <asm/cpufeature.h>
#include <asm/ibt.h>
#include <asm/linkage.h>
#include "hook.h"
#include "patch.h"
#include "stock.h"

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 2, 0)
#define set_ip ftrace_regs_set_instruction_pointer
#else
#define set_ip ftrace_instruction_pointer_set
#endif

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 4, 0)
#define register_direct register_ftrace_direct
#define unregister_direct(ops, address) unregister_ftrace_direct(ops, address, true)
#else
#define register_direct register_ftrace_direct_multi
#define unregister_direct unregister_ftrace_direct_multi
#endif

/* What `auto` uses if there is no direct call. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
#define FALLBACK BY_FTRACE
#else
#define FALLBACK BY_KPROBE
#endif

#if defined(CONFIG_HAVE_DYNAMIC_FTRACE_WITH_ARGS)
#define REGISTERS 0 /* arguments and instruction pointer are always passed */
#else
#define REGISTERS FTRACE_OPS_FL_SAVE_REGS
#endif

enum way { BY_DIRECT, BY_FTRACE, BY_KPROBE, BY_LIVEPATCH };

static const char *const names[] = { "direct", "ftrace", "kprobe", "livepatch" };

static unsigned long target;
static hook_fn *original;
static hook_fn *replacement __used; /* used in detour(), too */
static enum way way;
static bool automatic;

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
	return names[way];
}

/*
 * Find ftrace's call, or the nop in its place; 0: there is none. What comes before it depends on
 * the kernel.
 */
static unsigned long find_site(unsigned long at)
{
	unsigned long (*location)(unsigned long at) = (void *)hook_symbol("ftrace_location");

	return at && location ? location(at) : 0;
}

static int choose(const char *how)
{
	int i = match_string(names, ARRAY_SIZE(names), how);

	automatic = !strcmp(how, "auto");
	if (i < 0 && !automatic)
		return i;
	way = automatic ? BY_DIRECT : i;
	return 0;
}

int hook_prepare(const char *how)
{
	unsigned long site;

	if (choose(how)) {
		pr_err("hook=%s is unknown; choose auto, direct, ftrace, kprobe or livepatch\n",
		       how);
		return -EINVAL;
	}
	if (IS_ENABLED(CONFIG_X86_KERNEL_IBT) && boot_cpu_has(X86_FEATURE_IBT)) {
		pr_err("this CPU has indirect branch tracking (IBT) turned on, which does not "
		       "allow "
		       "the module to call the kernel's own " STOCK_SUBMIT
		       "(); boot with ibt=off\n");
		return -EOPNOTSUPP;
	}
	if (IS_ENABLED(CONFIG_CFI_CLANG)) {
		pr_err("this kernel is built with CONFIG_CFI_CLANG, which does not allow the "
		       "module "
		       "to call the kernel's own " STOCK_SUBMIT "(); use another kernel\n");
		return -EOPNOTSUPP;
	}
	target = hook_symbol(STOCK_SUBMIT);
	site = find_site(target);
	if (!site) {
		pr_err("this kernel has no function " STOCK_SUBMIT "() that ftrace knows "
		       "(CONFIG_KALLSYMS, CONFIG_FUNCTION_TRACER, CONFIG_INTEL_IOMMU)\n");
		return -ENOENT;
	}
	original = (hook_fn *)(site + MCOUNT_INSN_SIZE);
	return 0;
}

/* ---- direct ---- */

/*
 * Called at the original's entry, with its arguments. It continues at the replacement as if that
 * had been called instead. It gets there by a return, which keeps the processor's return stack
 * balanced.
 */
void detour(void);
asm(".pushsection .text, \"ax\"\n"
    ".type detour, @function\n"
    "detour:\n\t" ASM_ENDBR "movq replacement(%rip), %rax\n\t"
    "movq %rax, (%rsp)\n\t" ASM_RET ".size detour, . - detour\n"
    ".popsection\n");

static struct ftrace_ops direct_ops;

/* For a function of this module; it does nothing. See install_direct(). */
static void notrace ignore(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *ops,
			   struct ftrace_regs *fregs)
{
}

static struct ftrace_ops guard = { .func = ignore, .flags = FTRACE_OPS_FL_PERMANENT };

static void remove_guard(void)
{
	unregister_ftrace_function(&guard);
	ftrace_set_filter_ip(&guard, (unsigned long)hook_install, 1, 0);
}

/*
 * While kernel.ftrace_enabled is 0 ftrace makes no direct call, and a registered direct call does
 * not keep ftrace_enabled from becoming 0. The guard does: it has to be registered before, and for
 * as long.
 */
static int install_direct(void)
{
	int err;

	err = ftrace_set_filter_ip(&guard, (unsigned long)hook_install, 0, 0)
		      ?: register_ftrace_function(&guard);
	if (err)
		return err;
	err = ftrace_set_filter_ip(&direct_ops, target, 0, 0)
		      ?: register_direct(&direct_ops, (unsigned long)detour);
	if (!err)
		return 0;
	ftrace_set_filter_ip(&direct_ops, target, 1, 0);
	remove_guard();
	return err;
}

static int remove_direct(void)
{
	int err = unregister_direct(&direct_ops, (unsigned long)detour);

	if (!err)
		remove_guard();
	return err;
}

/* ---- ftrace ---- */

static void notrace redirect(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *ops,
			     struct ftrace_regs *fregs)
{
	set_ip(fregs, (unsigned long)replacement);
}

/* PERMANENT: ftrace_enabled cannot be set to 0 meanwhile. */
static struct ftrace_ops ops = {
	.func = redirect,
	.flags = FTRACE_OPS_FL_IPMODIFY | FTRACE_OPS_FL_PERMANENT | REGISTERS,
};

static int install_ftrace(void)
{
	int err = ftrace_set_filter_ip(&ops, target, 0, 0) ?: register_ftrace_function(&ops);

	if (err)
		ftrace_set_filter_ip(&ops, target, 1, 0);
	return err;
}

static int remove_ftrace(void)
{
	int err = unregister_ftrace_function(&ops);

	if (!err)
		ftrace_set_filter_ip(&ops, target, 1, 0);
	return err;
}

/* ---- kprobe ---- */

/* The module's own calls of the original come here, too, and must not be redirected. */
static int redirect_probe(struct kprobe *p, struct pt_regs *regs)
{
	if (within_module(*(unsigned long *)regs->sp, THIS_MODULE))
		return 0;
	regs->ip = (unsigned long)replacement;
	return 1;
}
NOKPROBE_SYMBOL(redirect_probe);

/*
 * With this handler the probe is not optimised into a jump, which would ignore the return value of
 * the other.
 */
static void after_probe(struct kprobe *p, struct pt_regs *regs, unsigned long flags)
{
}

static struct kprobe probe = {
	.pre_handler = redirect_probe,
	.post_handler = after_probe,
};

/* Calls then go from the function's entry to the patch, and do not come to the probe. */
static bool is_live_patched(void)
{
	void *(*find)(void *function) = (void *)hook_symbol("klp_find_ops");
	struct mutex *patches = (void *)hook_symbol("klp_mutex");
	bool patched;

	if (!find || !patches)
		return false;
	mutex_lock(patches);
	patched = find((void *)target);
	mutex_unlock(patches);
	return patched;
}

static int install_kprobe(void)
{
	int err;

	probe.addr = (kprobe_opcode_t *)original;
	err = is_live_patched() ? -EBUSY : register_kprobe(&probe);
	if (!err)
		pr_warn("use no other kprobes (perf probe, bpftrace, kprobe events) while qinval "
			"is loaded: a call that an interrupt makes during one of them misses this "
			"hook, and waits for ever\n");
	return err;
}

/* ---- */

/*
 * Wait until no task is in the code that was replaced or removed: no task sleeps there, but a task
 * may have been preempted there, and idle tasks count, too.
 */
static void wait_for_stragglers(void)
{
	synchronize_rcu_tasks();
	synchronize_rcu_tasks_rude();
}

/*
 * Another live patch of the function would be skipped while the kernel owns the queues. The kernel
 * allows several, but refuses a hook of ftrace beside one.
 */
static int install_live_patch(void (*leaving)(void))
{
	int err = install_ftrace() ?: remove_ftrace();

	if (err)
		return err;
	wait_for_stragglers();
	return patch_install(replacement, leaving);
}

static int install(void (*leaving)(void))
{
	switch (way) {
	case BY_DIRECT:
		return install_direct();
	case BY_FTRACE:
		return install_ftrace();
	case BY_LIVEPATCH:
		return install_live_patch(leaving);
	default:
		return install_kprobe();
	}
}

/*
 * True if a BPF program has the direct call. The other reason for EBUSY is a live patch, behind
 * which a probe would not be reached.
 */
static bool has_direct_call(void)
{
	unsigned long (*find)(unsigned long at) = (void *)hook_symbol("ftrace_find_rec_direct");

	return find && find((unsigned long)original - MCOUNT_INSN_SIZE);
}

static const char *explain(int err)
{
	switch (err) {
	case -EBUSY:
		return ": a live patch or a BPF program is attached to it, or the sysctl "
		       "kernel.ftrace_enabled is 0; remove the one, or set the other to 1";
	case -ENODEV:
		return ": the kernel has turned ftrace off after an error; see earlier messages, "
		       "and boot again";
	case -EOPNOTSUPP:
		return ": the module has to be built for it, by make LIVEPATCH=1";
	}
	return "";
}

int hook_install(hook_fn *fn, void (*leaving)(void))
{
	int err;

	replacement = fn;
	err = install(leaving);
	if (err && automatic && (err != -EBUSY || has_direct_call())) {
		way = FALLBACK;
		err = install(leaving);
	}
	if (err)
		pr_err(STOCK_SUBMIT "() cannot be hooked by %s: error %d%s\n", names[way], err,
		       explain(err));
	else
		wait_for_stragglers();
	return err;
}

bool hook_catches_all(void)
{
	return way != BY_LIVEPATCH || patch_is_complete();
}

static int remove(void)
{
	switch (way) {
	case BY_DIRECT:
		return remove_direct();
	case BY_FTRACE:
		return remove_ftrace();
	case BY_LIVEPATCH:
		return patch_is_gone() ? 0 : -EBUSY;
	default:
		unregister_kprobe(&probe);
		return 0;
	}
}

int hook_remove(void)
{
	int err = remove();

	if (!err)
		wait_for_stragglers();
	return err;
}

int hook_original(struct intel_iommu *iommu, struct qi_desc *desc, unsigned int count,
		  unsigned long options)
{
	return original(iommu, desc, count, options);
}
