/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "story_say.h"

#include <stdio.h>
#include <string.h>

#include <qinval/regs.h>

#include "setup.h"

static const char *register_name(unsigned reg)
{
	switch (reg) {
	case DMAR_GCMD_REG:
		return "GCMD";
	case DMAR_GSTS_REG:
		return "GSTS";
	case DMAR_FSTS_REG:
		return "FSTS";
	case DMAR_FECTL_REG:
		return "FECTL";
	case DMAR_IQH_REG:
		return "IQH";
	case DMAR_IQT_REG:
		return "IQT";
	case DMAR_IQA_REG:
		return "IQA";
	case DMAR_ICS_REG:
		return "ICS";
	case DMAR_IQERCD_REG:
		return "IQERCD";
	default:
		return NULL;
	}
}

void say_register(uint64_t addr, char *text)
{
	unsigned reg = hardware_offset(addr), unit = (unsigned)(addr >> LAB_UNIT_SHIFT);
	const char *name = register_name(reg);
	char of[32] = "";

	if (machine.nunits > 1)
		snprintf(of, sizeof(of), " of unit %u", unit);
	if (name)
		snprintf(text, STORY_TEXT, "%s%s", name, of);
	else
		snprintf(text, STORY_TEXT, "register %#x%s", reg, of);
}

void say_faults(uint64_t fsts, char *text)
{
	snprintf(text, STORY_TEXT, "%s%s%s", fsts & VTD_FSTS_IQE ? " IQE" : "",
		 fsts & VTD_FSTS_ITE ? " ITE" : "", fsts & VTD_FSTS_ICE ? " ICE" : "");
	if (*text)
		memmove(text, text + 1, strlen(text));
}

void say_register_value(uint64_t addr, uint64_t value, char *text)
{
	if (hardware_offset(addr) == DMAR_FSTS_REG && value & VTD_FSTS_QI)
		say_faults(value, text);
	else
		snprintf(text, STORY_TEXT, "%#llx", (unsigned long long)value);
}

bool story_address(uint64_t addr, char *text)
{
	int owner = memory_stack_of(addr);

	if (owner < 0)
		return setup_describe(addr, text, STORY_TEXT);
	snprintf(text, STORY_TEXT, "%s's stack", machine.info[owner].name);
	return true;
}

void say_value(uint64_t addr, uint64_t value, char *text)
{
	const struct named *n = setup_name_of(addr);
	const char *name = NULL;

	if (n && n->show && (addr - n->addr) % n->element == 0)
		name = n->show(value);
	if (name)
		snprintf(text, STORY_TEXT, "%s", name);
	else
		snprintf(text, STORY_TEXT, value < 1000 ? "%llu" : "%#llx",
			 (unsigned long long)value);
}

void say_place(const struct symbol_place *p, char *text)
{
	text[0] = 0;
	if (p->file)
		snprintf(text, STORY_TEXT, "%s:%d %s", p->file, p->line,
			 p->function ? p->function : "");
}

const char *story_lane(unsigned lane)
{
	static const char *const units[LAB_UNITS] = { "unit 0", "unit 1", "unit 2", "unit 3" };

	if (lane < machine.nactors)
		return machine.info[lane].name;
	return machine.nunits > 1 ? units[lane - machine.nactors] : "hardware";
}

/* The clock needs a lane even without a unit. */
unsigned story_lanes(void)
{
	return machine.nactors + (machine.nunits ? machine.nunits : 1);
}
