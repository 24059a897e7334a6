/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* /proc/iomem, the firmware's memory map in a boot log, the command line, uname. */
#include "machine.h"
#include "scan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void told(struct decode *d, const struct line *l, const char *kind, const char *title)
{
	decode_take(d);
	decode_block(d, block_new(kind, l->number, title));
}

/* "7b800000-7fffffff : Reserved" */
static bool iomem_line(struct decode *d, const struct line *l)
{
	static const struct {
		const char *name;
		enum region_kind kind;
	} kinds[] = {
		{ "Reserved", REGION_RESERVED },
		{ "reserved", REGION_RESERVED },
		{ "System RAM", REGION_RAM },
		{ "Graphics Stolen", REGION_STOLEN },
		{ "ACPI Non-volatile", REGION_RESERVED },
	};
	const char *s = l->text;
	uint64_t first, last;

	if (scan_digits(&s, &first) < 8 || *s++ != '-' || scan_digits(&s, &last) < 8 ||
	    strncmp(s, " : ", 3))
		return false;
	s += 3;
	told(d, l, "memory-map", "memory map (/proc/iomem)");
	for (unsigned i = 0; last && i < sizeof(kinds) / sizeof(*kinds); i++)
		if (!strncmp(s, kinds[i].name, strlen(kinds[i].name)))
			machine_region(decode_machine(d), kinds[i].kind, first, last, NO_SID,
				       l->number);
	return true;
}

/* "[mem 0x000000007b800000-0x000000007fffffff]" */
static bool range(const struct line *l, const char *s, uint64_t *first, uint64_t *last)
{
	return scan_find(l, s, "[mem 0x", &s) && scan_digits(&s, first) && *s++ == '-' &&
	       !strncmp(s, "0x", 2) && (s += 2) && scan_digits(&s, last) && *s == ']';
}

/* "BIOS-e820: [mem 0x..-0x..] reserved", "Reserving Intel graphics memory at [mem 0x..-0x..]" */
static bool boot_map_line(struct decode *d, const struct line *l)
{
	const char *at;
	uint64_t first, last;

	if ((at = scan_find(l, l->text, "BIOS-e820:", NULL)) && range(l, at, &first, &last)) {
		if (scan_find(l, at, "reserved", NULL))
			machine_region(decode_machine(d), REGION_RESERVED, first, last, NO_SID,
				       l->number);
		return true;
	}
	if ((at = scan_find(l, l->text, "graphics memory at", NULL)) &&
	    range(l, at, &first, &last)) {
		machine_region(decode_machine(d), REGION_STOLEN, first, last, NO_SID, l->number);
		return true;
	}
	return false;
}

static void command_line(struct decode *d, const struct line *l)
{
	struct machine *m = decode_machine(d);
	const char *s = l->text + l->body, *end = l->text + l->len;

	if (scan_find(l, s, "ommand line: ", &s) == NULL) {
		if (strncmp(s, "BOOT_IMAGE=", 11) && strncmp(s, "root=", 5))
			return;
		told(d, l, "command-line", "the kernel's command line");
	}
	if ((size_t)(end - s) >= sizeof(m->command_line))
		end = s + sizeof(m->command_line) - 1;
	memcpy(m->command_line, s, (size_t)(end - s));
	m->command_line[end - s] = '\0';
}

/* `uname -a`: "Linux host 6.1.0-18-amd64 #1 SMP PREEMPT_DYNAMIC Debian ... x86_64 GNU/Linux" */
static void uname_line(struct decode *d, const struct line *l)
{
	const char *s = l->text + l->body;
	unsigned long major, minor;
	char *end;

	if (strncmp(s, "Linux ", 6) || !strncmp(s, "Linux version", 13) ||
	    !scan_find(l, s, " #", NULL) || !scan_find(l, s, "SMP", NULL))
		return;
	s += 6;
	s += scan_word(s, "");
	s += *s == ' ';
	major = strtoul(s, &end, 10);
	if (end == s || *end != '.')
		return;
	minor = strtoul(end + 1, NULL, 10);
	if (major < 2 || major > 99 || minor > 99)
		return;
	told(d, l, "kernel", "Linux, by uname");
	decode_facts(d)->kernel = (unsigned)(major * 1000 + minor);
	snprintf(decode_machine(d)->kernel, sizeof(decode_machine(d)->kernel), "%.*s",
		 (int)scan_word(s, ""), s);
}

static bool line(struct decode *d, void *state, const struct line *l)
{
	(void)state;
	if (decode_taken(d))
		return false;
	if (iomem_line(d, l))
		return true; /* the next line may be one, too */
	if (boot_map_line(d, l))
		return false;
	command_line(d, l);
	uname_line(d, l);
	return false;
}

static const char *const words[] = { "BOOT_IMAGE", "GNU/Linux", "Stolen", NULL };

const struct recogniser memory_map_recogniser = { "memory-map", words, 0, line, NULL, false };
