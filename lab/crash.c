/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "crash.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <ucontext.h>

#include "machine.h"
#include "op.h"

#define OWN_STACK 65536
#define WATCH_US 50000
#define LONG_SETUP 200 /* ticks of the timer */

static const int signals[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT };

static bool in_setup;
static sigjmp_buf setup_ends;
static unsigned turns; /* ticks of the timer without progress */

/*
 * The thread that runs setup() and the actors. MPI has threads of its own, and a timer's signal
 * goes to the thread that runs when it expires. Only the context of this thread may be changed.
 */
static pthread_t mine;

/* End the actor as if it had called lab_trap() with OP_CRASH. */
static void leave(ucontext_t *uc, int signal, uintptr_t addr, bool privileged)
{
	greg_t *regs = uc->uc_mcontext.gregs;

	memset(&lab_op, 0, sizeof(lab_op));
	lab_op.kind = OP_CRASH;
	lab_op.a = (uint64_t)signal;
	lab_op.addr = addr;
	lab_op.b = privileged;
	lab_op.pc = (uint64_t)regs[REG_RIP] + 1;
	/* This may overwrite a register of the actor, but the actor never continues. */
	regs[REG_RAX] = regs[REG_RSP];
	regs[REG_RIP] = (greg_t)(uintptr_t)lab_leave;
}

/*
 * True at CLI, STI, HLT, IN, OUT, or a two-byte instruction: WBINVD, INVLPG, RDMSR, WRMSR, moves of
 * CRn.
 */
static bool is_privileged(const ucontext_t *uc)
{
	const uint8_t *at = (const uint8_t *)uc->uc_mcontext.gregs[REG_RIP];

	while (*at == 0x66 || *at == 0xf3 || *at == 0xf2 || (*at & 0xf0) == 0x40)
		at++;
	if (*at == 0x0f)
		return strchr("\x01\x08\x09\x20\x22\x30\x32\x06", at[1]) && at[1];
	return *at && strchr("\xfa\xfb\xf4\xe4\xe5\xe6\xe7\xec\xed\xee\xef", *at);
}

static void crashed(int signal, siginfo_t *info, void *context)
{
	bool is_mine = pthread_equal(pthread_self(), mine);

	if (in_setup && is_mine)
		siglongjmp(setup_ends, signal);
	if (!lab_mode || !is_mine) {
		sigaction(signal, &(struct sigaction){ .sa_handler = SIG_DFL }, NULL);
		raise(signal);
		return;
	}
	/* Non-canonical addresses come here as well: the processor reports both in the same way. */
	leave(context, signal, (uintptr_t)info->si_addr,
	      signal == SIGSEGV && info->si_code == SI_KERNEL && is_privileged(context));
}

/* An actor that runs for several ticks of the timer without an access is taken to loop for ever. */
static void watch(int signal, siginfo_t *info, void *context)
{
	static unsigned seen;

	(void)info;
	if (!pthread_equal(pthread_self(), mine)) {
		pthread_kill(mine, signal);
		return;
	}
	if (in_setup && ++turns == LONG_SETUP)
		siglongjmp(setup_ends, signal);
	if (in_setup)
		return;
	if (!lab_mode || machine.ops_total != seen) {
		seen = machine.ops_total;
		turns = 0;
	} else if (++turns == 3) {
		leave(context, signal, 0, false);
	}
}

void crash_expect(void)
{
	struct itimerval tick = { { 0, WATCH_US }, { 0, WATCH_US } };
	struct sigaction act = { .sa_flags = SA_SIGINFO | SA_ONSTACK };
	static char own_stack[OWN_STACK];
	stack_t stack = { .ss_sp = own_stack, .ss_size = OWN_STACK };
	unsigned i;

	mine = pthread_self();
	turns = 0;
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
		turns = 0;
		return why;
	}
	in_setup = false;
	turns = 0;
	if (signal == SIGVTALRM)
		return "its setup() does not return";
	snprintf(text, sizeof(text), "its setup() crashes: %s", strsignal(signal));
	return text;
}
