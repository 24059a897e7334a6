/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "load.h"

#include <dlfcn.h>
#include <link.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "assembly.h"
#include "foreign.h"

static char why[1024];

/* Find the object's variables: segments that are writable and stay so after relocation. */
static int find_variables(struct dl_phdr_info *info, size_t size, void *arg)
{
	const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	struct loaded *out = arg;
	uintptr_t relro_end = 0;
	unsigned i;

	(void)size;
	if (info->dlpi_addr != out->base)
		return 0;
	for (i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *p = &info->dlpi_phdr[i];

		out->thread_local |= p->p_type == PT_TLS;
		if (p->p_type == PT_GNU_RELRO)
			relro_end = (out->base + p->p_vaddr + p->p_memsz) & ~(page - 1);
	}
	for (i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *p = &info->dlpi_phdr[i];
		uintptr_t from = (out->base + p->p_vaddr) & ~(page - 1);
		uintptr_t end = (out->base + p->p_vaddr + p->p_memsz + page - 1) & ~(page - 1);

		if (p->p_type == PT_LOAD && p->p_flags & PF_X && !out->assembly)
			out->assembly = assembly_find((const uint8_t *)(out->base + p->p_vaddr),
						      p->p_memsz);
		if (p->p_type != PT_LOAD || !(p->p_flags & PF_W))
			continue;
		if (from < relro_end && relro_end <= end)
			from = relro_end;
		if (from < end && out->nvariables < LAB_RANGES)
			out->variables[out->nvariables++] = (struct lab_range){ from, end - from };
	}
	return 1;
}

struct strings {
	const char *start;
	size_t size;
	const ElfW(Dyn) * dynamic;
};

static struct strings strings_of(const struct link_map *map)
{
	struct strings s = { .dynamic = map->l_ld };
	const ElfW(Dyn) * d;

	for (d = map->l_ld; d->d_tag != DT_NULL; d++) {
		if (d->d_tag == DT_STRTAB)
			s.start = (const char *)d->d_un.d_ptr;
		if (d->d_tag == DT_STRSZ)
			s.size = d->d_un.d_val;
	}
	return s;
}

/* True if the object needs the sanitizer's runtime, which defines the same functions as the lab. */
static bool needs_runtime(const struct strings *s)
{
	const ElfW(Dyn) * d;

	for (d = s->dynamic; d->d_tag != DT_NULL; d++) {
		if (d->d_tag == DT_NEEDED && strstr(s->start + d->d_un.d_val, "libtsan"))
			return true;
	}
	return false;
}

/* True if the object was compiled with -fsanitize=thread: such code calls this function. */
static bool is_observed(const struct strings *s)
{
	return memmem(s->start, s->size, "__tsan_init", sizeof("__tsan_init"));
}

/* "undefined symbol: NAME" */
static const char *explain(const char *error)
{
	const char *name = strstr(error, "undefined symbol: ");

	snprintf(why, sizeof(why), "%s", error);
	if (strstr(why, "libtsan"))
		return "it is linked with the sanitizer's runtime; link it with qinval cc";
	if (strstr(why, "invalid ELF header") || strstr(why, "file too short"))
		return "it is no shared object; make one of its source with qinval cc";
	if (!name)
		return why;
	name += strlen("undefined symbol: ");
	if (strstr(name, "__tsan_atomic128"))
		return "it has atomic accesses of 16 bytes, which the lab does not know; use two "
		       "of 8, "
		       "or a lock";
	if (!strncmp(name, "__tsan_", strlen("__tsan_")))
		snprintf(why, sizeof(why),
			 "the compiler's code calls %s(), which the lab does not know; try another "
			 "compiler (CC=clang qinval cc), or another -O",
			 name);
	else
		snprintf(why, sizeof(why),
			 "it uses %s, which is not defined; compile its source along, or define a "
			 "stand-in, as the drivers in examples/lab do",
			 name);
	return why;
}

const char *load_object(const char *path, struct loaded *out)
{
	struct link_map *map;
	struct strings strings;
	void *object;

	*out = (struct loaded){ .path = path };
	/* Resolve all symbols now: a later resolution would change the object's memory. */
	object = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!object) {
		const char *error = dlerror();
		size_t n = strlen(path);

		/* The caller names the path. */
		if (!strncmp(error, path, n) && !strncmp(error + n, ": ", 2))
			error += n + 2;
		return explain(error);
	}
	if (dlinfo(object, RTLD_DI_LINKMAP, &map))
		return dlerror();
	strings = strings_of(map);
	if (needs_runtime(&strings))
		return "it is linked with the sanitizer's runtime; link it with qinval cc";
	out->scenarios = dlsym(object, "lab_scenarios");
	out->engines = dlsym(object, "engines");
	out->load = dlsym(object, "lab_load");
	if (!out->scenarios)
		return "it defines no lab_scenarios; see lab/lab.h";
	if (!is_observed(&strings))
		return "it has not been compiled with -fsanitize=thread; compile it with qinval cc";
	out->base = map->l_addr;
	dl_iterate_phdr(find_variables, out);
	if (out->thread_local)
		return "it has thread-local variables, which the lab does not know; words of a CPU "
		       "are lab_this_cpu()'s";
	return foreign_guard(map);
}
