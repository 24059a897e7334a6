/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * A plugin for QEMU that counts the guest's instructions inside a function of its kernel, from its
 * first one to the one after the call, and those of programs, recognised by their addresses. It
 * writes the counts each time that the guest executes the instruction of cost_mark.c.
 *
 * For one processor. The interface (version 1, which is stable) is declared by hand, as Debian has
 * no header for it.
 */
#include "cost.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct qemu_plugin_tb;
struct qemu_plugin_insn;
enum { INLINE_ADD_U64, NO_REGISTERS = 0 };

size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t n);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *insn);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *insn);
const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *insn);
void qemu_plugin_register_vcpu_tb_trans_cb(uint64_t id,
					   void (*fn)(uint64_t id, struct qemu_plugin_tb *tb));
void qemu_plugin_register_vcpu_insn_exec_inline(struct qemu_plugin_insn *insn, int op, void *ptr,
						uint64_t value);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn,
					    void (*fn)(unsigned cpu, void *ctx), int flags,
					    void *ctx);

__attribute__((visibility("default"))) int qemu_plugin_version = 1;
__attribute__((visibility("default"))) int qemu_plugin_install(uint64_t id, const void *info,
							       int argc, char **argv);

/* Where Linux puts programs and libraries if it does not randomize; busybox is below. */
#define PROGRAMS 0x550000000000ULL
#define KERNEL (1ULL << 63)
#define SITES 256 /* known return addresses after calls of the function */

static const unsigned char mark[] = { COST_MARK };
static uint64_t function, site[SITES];
static unsigned sites;
static uint64_t total, programs, inside, calls, entered;
static bool within;
static FILE *out;

static void marked(unsigned cpu, void *ctx)
{
	(void)cpu;
	(void)ctx;
	fprintf(out, "%" PRIu64 " %" PRIu64 " %" PRIu64 "\n", calls, inside, programs);
	fflush(out);
}

static void enter(unsigned cpu, void *ctx)
{
	(void)cpu;
	(void)ctx;
	within = true;
	entered = total;
}

static void leave(unsigned cpu, void *ctx)
{
	(void)cpu;
	(void)ctx;
	if (!within)
		return;
	within = false;
	inside += total - entered;
	calls++;
}

/* A call is translated before the instruction after it. */
static void note_call(const struct qemu_plugin_insn *insn, uint64_t at)
{
	const unsigned char *code = qemu_plugin_insn_data(insn);
	int32_t distance;

	if (qemu_plugin_insn_size(insn) != 5 || code[0] != 0xe8 || sites == SITES)
		return;
	memcpy(&distance, code + 1, sizeof(distance));
	if (at + 5 + (int64_t)distance == function)
		site[sites++] = at + 5;
}

static bool is_site(uint64_t at)
{
	for (unsigned i = 0; i < sites; i++)
		if (site[i] == at)
			return true;
	return false;
}

static void translate(uint64_t id, struct qemu_plugin_tb *tb)
{
	size_t n = qemu_plugin_tb_n_insns(tb);

	(void)id;
	for (size_t i = 0; i < n; i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
		uint64_t at = qemu_plugin_insn_vaddr(insn);

		if (is_site(at))
			qemu_plugin_register_vcpu_insn_exec_cb(insn, leave, NO_REGISTERS, NULL);
		if (at == function)
			qemu_plugin_register_vcpu_insn_exec_cb(insn, enter, NO_REGISTERS, NULL);
		qemu_plugin_register_vcpu_insn_exec_inline(insn, INLINE_ADD_U64, &total, 1);
		if (at >= PROGRAMS && at < KERNEL)
			qemu_plugin_register_vcpu_insn_exec_inline(insn, INLINE_ADD_U64, &programs,
								   1);
		if (at >= KERNEL)
			note_call(insn, at);
		if (qemu_plugin_insn_size(insn) == sizeof(mark) &&
		    !memcmp(qemu_plugin_insn_data(insn), mark, sizeof(mark)))
			qemu_plugin_register_vcpu_insn_exec_cb(insn, marked, NO_REGISTERS, NULL);
	}
}

/* The arguments are out=FILE and function=ADDRESS, hexadecimal. */
int qemu_plugin_install(uint64_t id, const void *info, int argc, char **argv)
{
	(void)info;
	if (argc != 2 || strncmp(argv[0], "out=", 4) || strncmp(argv[1], "function=", 9))
		return -1;
	function = strtoull(argv[1] + 9, NULL, 16);
	out = fopen(argv[0] + 4, "w");
	if (!out)
		return -1;
	qemu_plugin_register_vcpu_tb_trans_cb(id, translate);
	return 0;
}
