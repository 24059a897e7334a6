/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* run.c - runs a simulation from its configuration to its result; CPUs enter the lab here. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include <lab/machine.h>
#include <lab/setup.h>

#include "sim.h"

struct sim sim;

static const struct timed_load *load;

void sim_fail(const char *format, ...)
{
	uint64_t here;
	va_list args;

	if (!*sim.problem) {
		va_start(args, format);
		vsnprintf(sim.problem, sizeof(((struct timed_result *)0)->problem), format, args);
		va_end(args);
	}
	if (sim.running)
		lab_switch(&here, sim.main_sp);
}

/* ---- calls from the code under test ---- */

/*
 * The hypervisor takes the processor away for a while. If the CPU waits longer than that anyway, it
 * has no effect.
 */
static void steal(struct cpu *c)
{
	const uint64_t length = sim.cost[TIMED_STEAL];

	do {
		if (c->clock < c->stolen + length) {
			c->clock = c->stolen + length;
			spin_acts(c);
		}
		c->stolen += length + sim_until_steal();
	} while (c->stolen <= c->clock);
}

static uint64_t make(struct cpu *c, const struct op *op)
{
	uint64_t value = 0;

	switch (op->kind) {
	case OP_FENCE:
		access_fence(c);
		break;
	case OP_REG_READ:
	case OP_REG_WRITE:
		value = access_register(c, op);
		break;
	case OP_LOCK:
		lock_take(c, (struct lab_lock *)op->addr);
		break;
	case OP_UNLOCK:
		lock_drop(c, (struct lab_lock *)op->addr);
		break;
	case OP_NOW:
		spin_acts(c);
		c->clock += sim.cost[TIMED_CLOCK];
		value = c->clock / PS_PER_NS;
		break;
	case OP_BEGIN:
		measure_begin(c, op);
		break;
	case OP_OVER:
		value = measure_over(c, (int)(int64_t)op->a);
		break;
	case OP_FAIL:
		sim_fail("CPU %u: %s", sim_number(c), (const char *)op->addr);
		break;
	case OP_FOREIGN:
		sim_fail("CPU %u calls %s(), which the lab cannot see into", sim_number(c),
			 (const char *)op->addr);
		break;
	default:
		if (op_is_memory(op))
			value = access_memory(c, op);
		else
			sim_fail("CPU %u does what takes no time: operation %u", sim_number(c),
				 op->kind);
		break;
	}
	return value;
}

/*
 * The next access of a CPU. Functions that are called from here must not enter the lab again, as
 * memcpy() would.
 */
uint64_t timed_trap(uint64_t what, uint64_t addr, uint64_t a, uint64_t b, const void *pc)
{
	struct cpu *c = sim.running;
	uint64_t value;
	struct op op;

	lab_mode = LAB_DIRECT;
	if (sim.cost[TIMED_STEAL] && c->clock >= c->stolen)
		steal(c);
	op = (struct op){ .kind = (uint8_t)what,
			  .size = (uint8_t)(what >> 8),
			  .length = (uint32_t)(what >> 32),
			  .addr = addr,
			  .a = a,
			  .b = b,
			  .pc = (uintptr_t)pc };
	sim.steps++;
	value = make(c, &op);
	lab_mode = LAB_TIMED;
	return value;
}

void timed_relax(uint64_t sp)
{
	struct cpu *c = sim.running;

	lab_mode = LAB_DIRECT;
	sim.steps++;
	c->clock += sim.cost[TIMED_PAUSE];
	spin_turn(c, sp);
	lab_mode = LAB_TIMED;
}

static void enter(void)
{
	struct cpu *c = sim.running;

	lab_mode = LAB_TIMED;
	load->run(sim_number(c));
	lab_mode = LAB_DIRECT;
	c->state = CPU_ENDED;
	sim.ended++;
	schedule_stop(c);
}

/* ---- setting up ---- */

/* Make a stack on which lab_switch() finds six registers and enter(). */
static bool prepare_stack(struct cpu *c)
{
	uintptr_t base = SIM_STACKS + sim_number(c) * SIM_STACK_SIZE;
	uint64_t *top = (uint64_t *)(base + SIM_STACK_SIZE);

	if (mprotect((void *)base, LAB_PAGE, PROT_NONE))
		return false;
	top[-2] = (uintptr_t)enter;
	c->sp = (uintptr_t)(top - 8);
	return true;
}

static bool prepare_cpus(void)
{
	unsigned i;

	sim.stacks = sim.cfg->cpus * SIM_STACK_SIZE;
	if (mmap((void *)SIM_STACKS, sim.stacks, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1,
		 0) != (void *)SIM_STACKS)
		return false;
	sim.cpu = calloc(sim.cfg->cpus, sizeof(*sim.cpu));
	for (i = 0; sim.cpu && i < sim.cfg->cpus; i++) {
		if (!prepare_stack(&sim.cpu[i]))
			return false;
	}
	return sim.cpu;
}

static void take_costs(const struct timed_costs *costs)
{
	unsigned i;

	for (i = 0; i < TIMED_PARAMS; i++) {
		bool ns = !strcmp(timed_params[i].unit, "ns");

		sim.cost[i] = (uint64_t)(costs->value[i] * (ns ? PS_PER_NS : 1) + 0.5);
	}
}

static const char *prepare(const struct loaded *object, const struct timed_config *cfg)
{
	const struct lab_params p = { cfg->engine, cfg->slots, cfg->width, 0 };
	const char *why;

	sim.cfg = cfg;
	sim.unit_next = NEVER;
	load = object->load;
	take_costs(&cfg->costs);
	if (!load)
		return "it defines no lab_load";
	if (!memory_map(object->variables, object->nvariables) ||
	    !memory_alloc(sizeof(struct control), LAB_PAGE) || !prepare_cpus() ||
	    !line_init(object) || !profile_init())
		return strerror(errno);
	why = load->setup(&p, cfg->count);
	if (!why)
		why = setup.wrong;
	if (!why && machine.violation[0])
		why = machine.violation;
	return why;
}

static double seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

const char *timed_run(const struct loaded *object, const struct timed_config *cfg,
		      struct timed_result *r)
{
	double start = seconds();
	const char *why;

	*r = (struct timed_result){ 0 };
	sim.problem = r->problem;
	why = prepare(object, cfg);
	if (why)
		return why;
	unit_init(machine.unit[0]);
	measure_init();
	schedule_start();
	if (!*r->problem)
		measure_result(r);
	r->seconds = seconds() - start;
	return NULL;
}
