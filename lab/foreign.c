/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * foreign.c - changes the table through which a shared object calls functions of other objects: a
 * function that actors must not call is replaced by a stub in fibre.S, which checks the caller.
 */
#include "foreign.h"

#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "op.h"

/* Functions that actors may call. */
static const char *const allowed[] = {
	"memcpy",	   "memmove",	   "memset",	      "lab_arm",       "lab_begin",
	"lab_cached",	   "lab_choose",   "lab_cpu",	      "lab_fail",      "lab_irq_save",
	"lab_irq_restore", "lab_join",	   "lab_lock",	      "lab_now",       "lab_over",
	"lab_read32",	   "lab_read64",   "lab_sleep",	      "lab_sleep_for", "lab_spin_lock",
	"lab_spin_unlock", "lab_unit_arm", "lab_unit_cached", "lab_unlock",    "lab_wake",
	"lab_write32",	   "lab_write64",
};

/* Functions that are replaced for actors. */
static const struct {
	const char *name;
	uintptr_t function;
} replaced[] = {
	{ "memcmp", (uintptr_t)foreign_memcmp },
	{ "bcmp", (uintptr_t)foreign_memcmp },
	{ "__assert_fail", (uintptr_t)foreign_assert },
};

/* Used by the stubs in fibre.S. */
uintptr_t foreign_function[FOREIGN_STUBS];
const char *foreign_name[FOREIGN_STUBS];

static unsigned nstubs;

static bool is_allowed(const char *name)
{
	unsigned i;

	if (!strncmp(name, "__tsan_", strlen("__tsan_")))
		return true;
	for (i = 0; i < sizeof(allowed) / sizeof(*allowed); i++) {
		if (!strcmp(name, allowed[i]))
			return true;
	}
	return false;
}

bool foreign_is_ours(const char *name)
{
	return !strncmp(name, "lab_", strlen("lab_")) || !strncmp(name, "vtd_", strlen("vtd_"));
}

/* Advice by the beginning of a function's name. */
static const struct {
	const char *name, *advice;
} advices[] = {
	{ "malloc", "take memory from lab_alloc() in setup()" },
	{ "calloc", "take memory from lab_alloc() in setup()" },
	{ "realloc", "take memory from lab_alloc() in setup()" },
	{ "free", "keep memory: setup() takes it from lab_alloc()" },
	{ "posix_memalign", "take memory from lab_alloc_dma() in setup()" },
	{ "aligned_alloc", "take memory from lab_alloc_dma() in setup()" },
	{ "mmap", "take memory from lab_alloc_dma() in setup()" },
	{ "pthread_mutex", "lock with lab_lock(), or with atomics of your own" },
	{ "pthread_spin", "lock with lab_lock(), or with atomics of your own" },
	{ "pthread", "threads are lab_actor(), and sleep by lab_sleep()" },
	{ "nanosleep", "sleep by lab_sleep_for()" },
	{ "usleep", "sleep by lab_sleep_for()" },
	{ "sleep", "sleep by lab_sleep_for()" },
	{ "sched_yield", "leave it out: every order is tried anyway" },
	{ "clock", "the time is lab_now()" },
	{ "gettimeofday", "the time is lab_now()" },
	{ "time", "the time is lab_now()" },
	{ "rand", "any number is lab_choose()'s" },
	{ "printf", "leave it out: the counterexample tells what happens" },
	{ "puts", "leave it out: the counterexample tells what happens" },
	{ "putchar", "leave it out: the counterexample tells what happens" },
	{ "fprintf", "leave it out: the counterexample tells what happens" },
	{ "abort", "say lab_fail(), or assert()" },
	{ "__tls_get_addr", "words of a CPU are lab_this_cpu()'s" },
};

const char *foreign_advice(const char *name)
{
	unsigned i;

	for (i = 0; i < sizeof(advices) / sizeof(*advices); i++) {
		if (!strncmp(name, advices[i].name, strlen(advices[i].name)))
			return advices[i].advice;
	}
	return "call it in setup(), or compile it along with qinval cc";
}

/* ---- functions and variables ---- */

struct place {
	uintptr_t addr;
	bool executable;
};

static int find_place(struct dl_phdr_info *info, size_t size, void *arg)
{
	struct place *place = arg;
	unsigned i;

	(void)size;
	for (i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *p = &info->dlpi_phdr[i];

		if (p->p_type == PT_LOAD && place->addr - info->dlpi_addr - p->p_vaddr < p->p_memsz)
			place->executable = p->p_flags & PF_X;
	}
	return 0;
}

static bool is_function(uintptr_t addr)
{
	struct place place = { .addr = addr };

	dl_iterate_phdr(find_place, &place);
	return place.executable;
}

/* ---- the table ---- */

static bool put(uintptr_t *at, uintptr_t value)
{
	uintptr_t size = (uintptr_t)sysconf(_SC_PAGESIZE);
	void *page = (void *)((uintptr_t)at & ~(size - 1));

	/*
	 * The table is read-only after relocation; otherwise it would count as one of the
	 * variables.
	 */
	if (mprotect(page, size, PROT_READ | PROT_WRITE))
		return false;
	*at = value;
	return true;
}

static uintptr_t instead_of(const char *name, uintptr_t function)
{
	unsigned i;

	for (i = 0; i < sizeof(replaced) / sizeof(*replaced); i++) {
		if (!strcmp(name, replaced[i].name))
			return replaced[i].function;
	}
	for (i = 0; i < nstubs; i++) {
		if (foreign_function[i] == function)
			break;
	}
	if (i == FOREIGN_STUBS)
		return 0;
	if (i == nstubs)
		nstubs++;
	foreign_function[i] = function;
	foreign_name[i] = name;
	return (uintptr_t)foreign_stubs + i * FOREIGN_STUB_SIZE;
}

static const char *detour(const struct link_map *object, const ElfW(Rela) * r,
			  const ElfW(Sym) * symbols, const char *strings)
{
	uintptr_t *at = (uintptr_t *)(object->l_addr + r->r_offset), to;
	const ElfW(Sym) *symbol = &symbols[ELF64_R_SYM(r->r_info)];
	unsigned type = ELF64_R_TYPE(r->r_info);
	const char *name = strings + symbol->st_name;

	if (type != R_X86_64_JUMP_SLOT && type != R_X86_64_GLOB_DAT && type != R_X86_64_64)
		return NULL;
	if (symbol->st_shndx != SHN_UNDEF || is_allowed(name) || !is_function(*at))
		return NULL;
	to = instead_of(name, *at);
	if (!to)
		return "it calls too many functions of others";
	return put(at, to) ? NULL : "its table of functions cannot be changed";
}

/* An entry of the dynamic section. */
static ElfW(Addr) dynamic(const struct link_map *object, ElfW(Sxword) tag)
{
	const ElfW(Dyn) * d;

	for (d = object->l_ld; d->d_tag != DT_NULL; d++) {
		if (d->d_tag == tag)
			return d->d_un.d_ptr;
	}
	return 0;
}

const char *foreign_guard(const struct link_map *object)
{
	static const ElfW(Sxword)
		tables[][2] = { { DT_RELA, DT_RELASZ }, { DT_JMPREL, DT_PLTRELSZ } };
	const ElfW(Sym) *symbols = (const void *)dynamic(object, DT_SYMTAB);
	const char *strings = (const char *)dynamic(object, DT_STRTAB), *why;
	unsigned t, i;

	for (t = 0; t < sizeof(tables) / sizeof(*tables); t++) {
		const ElfW(Rela) *r = (const void *)dynamic(object, tables[t][0]);
		size_t n = dynamic(object, tables[t][1]) / sizeof(*r);

		for (i = 0; i < n; i++) {
			why = detour(object, &r[i], symbols, strings);
			if (why)
				return why;
		}
	}
	return NULL;
}
