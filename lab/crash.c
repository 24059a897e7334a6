/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "crash.h"

#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <ucontext.h>

#include "machine.h"
#include "op.h"

#define OWN_STACK 65536
#define WATCH_US 200000
#define LONG_SETUP 50 /* turns of this clock */

static const int signals[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT };

static bool in_setup;
static sigjmp_buf setup_ends;

/* The actor ends here, as if it had called lab_trap() with this. */
static void leave(ucontext_t *uc, int signal, uintptr_t addr)
{
	greg_t *regs = uc->uc_mcontext.gregs;

	memset(&lab_op, 0, sizeof(lab_op));
	lab_op.kind = OP_CRASH;
	lab_op.a = (uint64_t)signal;
	lab_op.addr = addr;
	lab_op.pc = (uint64_t)regs[REG_RIP] + 1;
	/* Some of its registers, perhaps, but nobody will go on with them. */
	regs[REG_RAX] = regs[REG_RSP];
	regs[REG_RIP] = (greg_t)(uintptr_t)lab_leave;
}

static void crashed(int signal, siginfo_t *info, void *context)
{
	if (in_setup)
		siglongjmp(setup_ends, signal);
	if (!lab_mode) {
		sigaction(signal, &(struct sigaction){ .sa_handler = SIG_DFL }, NULL);
		raise(signal);
		return;
	}
	leave(context, signal, (uintptr_t)info->si_addr);
}

/* An actor that has run for whole turns of this clock without an access will never make one. */
static void watch(int signal, siginfo_t *info, void *context)
{
	static unsigned seen, turns;

	(void)info;
	if (in_setup && ++turns == LONG_SETUP)
		siglongjmp(setup_ends, signal);
	if (in_setup)
		return;
	if (!lab_mode || machine.ops_total != seen) {
		seen = machine.ops_total;
		turns = 0;
	} else if (++turns == 3) {
		leave(context, signal, 0);
	}
}

void crash_expect(void)
{
	struct itimerval tick = { { 0, WATCH_US }, { 0, WATCH_US } };
	struct sigaction act = { .sa_flags = SA_SIGINFO | SA_ONSTACK };
	static char own_stack[OWN_STACK];
	stack_t stack = { .ss_sp = own_stack, .ss_size = OWN_STACK };
	unsigned i;

	sigaltstack(&stack, NULL);
	act.sa_sigaction = crashed;
	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaction(signals[i], &act, NULL);
	act.sa_sigaction = watch;
	act.sa_flags |= SA_RESTART;
	sigaction(SIGVTALRM, &act, NULL);
	setitimer(ITIMER_VIRTUAL, &tick, NULL);
}

const char *crash_guard_setup(const struct lab_scenario *s, const struct lab_params *p)
{
	static char text[128];
	const char *why;
	int signal;

	crash_expect();
	signal = sigsetjmp(setup_ends, 1);
	if (!signal) {
		in_setup = true;
		why = s->setup(p);
		in_setup = false;
		return why;
	}
	in_setup = false;
	if (signal == SIGVTALRM)
		return "its setup() does not return";
	snprintf(text, sizeof(text), "its setup() crashes: %s", strsignal(signal));
	return text;
}
