/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "symbol.h"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <elfutils/libdwfl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static Dwfl *opened(void)
{
	static const Dwfl_Callbacks callbacks = {
		.find_elf = dwfl_linux_proc_find_elf,
		.find_debuginfo = dwfl_standard_find_debuginfo,
	};
	static Dwfl *dwfl;

	if (dwfl)
		return dwfl;
	dwfl = dwfl_begin(&callbacks);
	if (dwfl && (dwfl_linux_proc_report(dwfl, getpid()) || dwfl_report_end(dwfl, NULL, NULL))) {
		dwfl_end(dwfl);
		dwfl = NULL;
	}
	return dwfl;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/*
 * The compilation unit of this address. All units are searched, as clang writes no table of their
 * addresses.
 */
static Dwarf_Die *unit_of(Dwfl_Module *mod, Dwarf_Addr addr, Dwarf_Addr *bias)
{
	Dwarf_Die *cu = NULL;

	while ((cu = dwfl_module_nextcu(mod, cu, bias))) {
		if (dwarf_haspc(cu, addr - *bias) == 1)
			return cu;
	}
	return NULL;
}

/* The innermost function, which may be an inlined one. */
static const char *function_at(Dwarf_Die *cu, Dwarf_Addr addr)
{
	Dwarf_Die *scopes = NULL;
	const char *name = NULL;
	int n = dwarf_getscopes(cu, addr, &scopes), i;

	for (i = 0; i < n && !name; i++) {
		int tag = dwarf_tag(&scopes[i]);

		if (tag == DW_TAG_subprogram || tag == DW_TAG_inlined_subroutine)
			name = dwarf_diename(&scopes[i]);
	}
	free(scopes);
	return name;
}

static const char *text_of(Dwarf_Die *die, unsigned name)
{
	Dwarf_Attribute attr;

	return dwarf_attr(die, name, &attr) ? dwarf_formstring(&attr) : NULL;
}

struct symbol_place symbol_place(uint64_t pc)
{
	struct symbol_place place = { 0 };
	Dwfl *dwfl = opened();
	Dwfl_Module *mod = dwfl && pc ? dwfl_addrmodule(dwfl, pc - 1) : NULL;
	Dwarf_Addr bias;
	Dwarf_Die *cu = mod ? unit_of(mod, pc - 1, &bias) : NULL;
	Dwarf_Line *line = cu ? dwarf_getsrc_die(cu, pc - 1 - bias) : NULL;
	const char *file = line ? dwarf_linesrc(line, NULL, NULL) : NULL;

	if (file && !dwarf_lineno(line, &place.line)) {
		place.file = base_name(file);
		place.path = file;
		place.dir = text_of(cu, DW_AT_comp_dir);
	}
	if (cu)
		place.function = function_at(cu, pc - 1 - bias);
	return place;
}

/* ---- members ---- */

static bool type_of(Dwarf_Die *die, Dwarf_Die *type)
{
	Dwarf_Attribute attr;
	int tag;

	if (!dwarf_attr_integrate(die, DW_AT_type, &attr) || !dwarf_formref_die(&attr, type))
		return false;
	tag = dwarf_tag(type);
	if (tag == DW_TAG_typedef || tag == DW_TAG_const_type || tag == DW_TAG_volatile_type) {
		Dwarf_Die inner = *type;

		return type_of(&inner, type);
	}
	return true;
}

static size_t offset_of(Dwarf_Die *member)
{
	Dwarf_Attribute attr;
	Dwarf_Word offset = 0;

	if (dwarf_attr(member, DW_AT_data_member_location, &attr))
		dwarf_formudata(&attr, &offset);
	return offset;
}

static bool name_in(Dwarf_Die *type, size_t offset, char *name, size_t room);

static bool name_element(Dwarf_Die *array, size_t offset, char *name, size_t room)
{
	Dwarf_Die element;
	Dwarf_Word size;
	int n;

	if (!type_of(array, &element) || dwarf_aggregate_size(&element, &size) || !size)
		return false;
	n = snprintf(name, room, "[%zu]", offset / (size_t)size);
	return n > 0 && (size_t)n < room &&
	       name_in(&element, offset % (size_t)size, name + n, room - (size_t)n);
}

static bool name_member(Dwarf_Die *structure, size_t offset, char *name, size_t room)
{
	Dwarf_Die member, type;
	Dwarf_Word size;
	const char *text;
	size_t at;
	int n;

	if (dwarf_child(structure, &member))
		return false;
	do {
		at = offset_of(&member);
		text = dwarf_diename(&member);
		if (dwarf_tag(&member) != DW_TAG_member || !type_of(&member, &type) ||
		    dwarf_aggregate_size(&type, &size) || offset < at || offset >= at + size)
			continue;
		n = snprintf(name, room, "%s%s", text ? "." : "", text ? text : "");
		return n >= 0 && (size_t)n < room &&
		       name_in(&type, offset - at, name + n, room - (size_t)n);
	} while (!dwarf_siblingof(&member, &member));
	return false;
}

static bool name_in(Dwarf_Die *type, size_t offset, char *name, size_t room)
{
	switch (dwarf_tag(type)) {
	case DW_TAG_structure_type:
	case DW_TAG_union_type:
		return name_member(type, offset, name, room);
	case DW_TAG_array_type:
		return name_element(type, offset, name, room);
	default:
		name[0] = 0;
		return true;
	}
}

/* ---- variables ---- */

static bool address_of(Dwarf_Attribute *where, const Dwarf_Op *op, Dwarf_Addr *addr)
{
	Dwarf_Attribute indirect;

	if (op->atom == DW_OP_addr) {
		*addr = op->number;
		return true;
	}
	return !dwarf_getlocation_attr(where, op, &indirect) && !dwarf_formaddr(&indirect, addr);
}

/*
 * Compilers may place parts of a structure separately. False: `addr` is in no part of this
 * variable.
 */
static bool offset_in(Dwarf_Die *variable, Dwarf_Addr addr, size_t *offset)
{
	Dwarf_Attribute where;
	Dwarf_Die type;
	Dwarf_Word size;
	Dwarf_Op *op;
	Dwarf_Addr at;
	size_t n, i, before = 0;

	if (!dwarf_attr(variable, DW_AT_location, &where) || dwarf_getlocation(&where, &op, &n) ||
	    !type_of(variable, &type) || dwarf_aggregate_size(&type, &size))
		return false;
	for (i = 0; i < n; i++) {
		bool found = address_of(&where, &op[i], &at);
		bool whole = i + 1 == n || op[i + 1].atom != DW_OP_piece;

		if (op[i].atom == DW_OP_piece)
			before += op[i].number;
		if (!found || addr - at >= (whole ? size : op[i + 1].number))
			continue;
		*offset = before + (addr - at);
		return true;
	}
	return false;
}

/* "qi.free_head", from debug information. */
static bool name_variable(Dwfl_Module *mod, Dwarf_Addr addr, char *name, size_t room)
{
	Dwarf_Die *cu = NULL, die, type;
	Dwarf_Addr bias;
	size_t offset;
	int n;

	while ((cu = dwfl_module_nextcu(mod, cu, &bias))) {
		if (dwarf_child(cu, &die))
			continue;
		do {
			if (dwarf_tag(&die) != DW_TAG_variable || !dwarf_diename(&die) ||
			    !offset_in(&die, addr - bias, &offset) || !type_of(&die, &type))
				continue;
			n = snprintf(name, room, "%s", dwarf_diename(&die));
			return (size_t)n < room &&
			       name_in(&type, offset, name + n, room - (size_t)n);
		} while (!dwarf_siblingof(&die, &die));
	}
	return false;
}

bool symbol_variable(uint64_t addr, char *name, size_t room)
{
	Dwfl *dwfl = opened();
	Dwfl_Module *mod = dwfl ? dwfl_addrmodule(dwfl, addr) : NULL;
	const char *text;
	GElf_Off offset;
	GElf_Sym sym;

	if (mod && name_variable(mod, addr, name, room))
		return true;
	text = mod ? dwfl_module_addrinfo(mod, addr, &offset, &sym, NULL, NULL, NULL) : NULL;
	if (!text || offset >= sym.st_size)
		return false;
	if (offset)
		snprintf(name, room, "%s+%llu", text, (unsigned long long)offset);
	else
		snprintf(name, room, "%s", text);
	return true;
}

/* ---- structures by name ---- */

static bool find_type(Dwarf *dwarf, const char *name, Dwarf_Die *out)
{
	Dwarf_Off off = 0, next;
	size_t header;

	for (; !dwarf_nextcu(dwarf, off, &next, &header, NULL, NULL, NULL); off = next) {
		Dwarf_Die cu, die;
		const char *is;

		if (!dwarf_offdie(dwarf, off + header, &cu) || dwarf_child(&cu, &die))
			continue;
		do {
			is = dwarf_tag(&die) == DW_TAG_structure_type ? dwarf_diename(&die) : NULL;
			if (is && !strcmp(is, name) && !dwarf_hasattr(&die, DW_AT_declaration)) {
				*out = die;
				return true;
			}
		} while (!dwarf_siblingof(&die, &die));
	}
	return false;
}

struct wanted {
	const char *name;
	Dwarf_Die die;
	bool found;
};

static int look_in(Dwfl_Module *mod, void **user, const char *name, Dwarf_Addr start, void *arg)
{
	struct wanted *w = arg;
	Dwarf_Addr bias;
	Dwarf *dwarf = dwfl_module_getdwarf(mod, &bias);

	(void)user;
	(void)name;
	(void)start;
	w->found = dwarf && find_type(dwarf, w->name, &w->die);
	return w->found ? DWARF_CB_ABORT : DWARF_CB_OK;
}

bool symbol_member(const char *type, size_t offset, char *name, size_t room)
{
	static struct wanted last;
	Dwfl *dwfl = opened();

	if (!last.name || strcmp(last.name, type)) {
		last = (struct wanted){ .name = type };
		if (dwfl)
			dwfl_getmodules(dwfl, look_in, &last, 0);
	}
	return last.found && name_in(&last.die, offset, name, room);
}
