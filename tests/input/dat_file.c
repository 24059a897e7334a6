/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "dat_file.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#define COMMON 8 /* bytes of the fields that every event has */
#define PAGE_HEADER 16
#define MISSED_EVENTS (1u << 31)
#define MISSED_STORED (1u << 30)

static const char header_page[] = "\tfield: u64 timestamp;\toffset:0;\tsize:8;\tsigned:0;\n"
				  "\tfield: local_t commit;\toffset:8;\tsize:8;\tsigned:1;\n"
				  "\tfield: int overwrite;\toffset:8;\tsize:1;\tsigned:1;\n"
				  "\tfield: char data;\toffset:16;\tsize:4080;\tsigned:1;\n";

static const char header_event[] = "# compressed entry header\n"
				   "\ttype_len    :    5 bits\n"
				   "\ttime_delta  :   27 bits\n"
				   "\tarray       :   32 bits\n"
				   "\n"
				   "\tpadding     : type == 29\n"
				   "\ttime_extend : type == 30\n"
				   "\ttime_stamp : type == 31\n"
				   "\tdata max type_len  == 28\n";

static const char common[] =
	"\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n"
	"\tfield:unsigned char common_flags;\toffset:2;\tsize:1;\tsigned:0;\n"
	"\tfield:unsigned char common_preempt_count;\toffset:3;\tsize:1;\tsigned:0;\n"
	"\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n"
	"\n";

void dat_file_put(const struct dat_file *f, void *to, uint64_t value, unsigned size)
{
	unsigned char *p = to;

	for (unsigned i = 0; i < size; i++)
		p[f->big ? size - 1 - i : i] = value >> 8 * i;
}

static void bytes(struct dat_file *f, const void *from, size_t size)
{
	assert(f->size + size <= DAT_FILE_SIZE);
	memcpy(f->bytes + f->size, from, size);
	f->size += size;
}

static void number(struct dat_file *f, uint64_t value, unsigned size)
{
	unsigned char p[8];

	dat_file_put(f, p, value, size);
	bytes(f, p, size);
}

static void sized(struct dat_file *f, const char *text)
{
	number(f, strlen(text), 8);
	bytes(f, text, strlen(text));
}

static void formats_of(struct dat_file *f, const struct dat_format *first)
{
	const struct dat_format *of = first;
	char text[4096];
	unsigned n = 0;

	while (of[n].system && !strcmp(of[n].system, first->system))
		n++;
	bytes(f, first->system, strlen(first->system) + 1);
	number(f, n, 4);
	for (; n--; of++) {
		snprintf(text, sizeof(text), "name: %s\nID: %d\nformat:\n%s%s\nprint fmt: \"\"\n",
			 of->name, of->id, common, of->fields);
		sized(f, text);
	}
}

static void systems(struct dat_file *f, const struct dat_format *formats)
{
	const struct dat_format *of;
	unsigned n = 0;

	for (of = formats; of->system; of++)
		n += of == formats || strcmp(of->system, of[-1].system) != 0;
	number(f, n, 4);
	for (of = formats; of->system; of++)
		if (of == formats || strcmp(of->system, of[-1].system) != 0)
			formats_of(f, of);
}

void dat_file_begin(struct dat_file *f, bool big, const struct dat_format *formats)
{
	memset(f, 0, sizeof(*f));
	f->big = big;
	bytes(f, "\x17\x08\x44tracing6", 12);
	number(f, big, 1);
	number(f, 8, 1);
	number(f, DAT_FILE_PAGE, 4);
	bytes(f, "header_page", 12);
	sized(f, header_page);
	bytes(f, "header_event", 13);
	sized(f, header_event);
	number(f, 0, 4); /* formats of ftrace itself */
	systems(f, formats);
	number(f, 0, 4); /* kallsyms */
	number(f, 0, 4); /* printk formats */
	sized(f, "77 task\n");
	f->used = PAGE_HEADER;
}

void dat_file_record(struct dat_file *f, int id, const void *payload, size_t size)
{
	unsigned char *p = f->page + f->used;
	size_t padded = (COMMON + size + 3) & ~(size_t)3;
	bool first = f->used == PAGE_HEADER;
	uint32_t delta = first ? 0 : 1000;

	assert(f->used + 8 + padded + 8 <= DAT_FILE_PAGE);
	/* The header's two parts change places with the byte order. */
	dat_file_put(f, p, f->big ? delta : delta << 5, 4);
	dat_file_put(f, p + 4, padded + 4, 4);
	dat_file_put(f, p + 8, id, 2);
	dat_file_put(f, p + 12, 77, 4);
	memcpy(p + 8 + COMMON, payload, size);
	f->used += 8 + padded;
}

void dat_file_end(struct dat_file *f, long lost)
{
	uint64_t commit = f->used - PAGE_HEADER;
	size_t table;

	dat_file_put(f, f->page, 1500000000, 8);
	if (lost)
		commit |= MISSED_EVENTS;
	if (lost > 0) {
		commit |= MISSED_STORED;
		dat_file_put(f, f->page + f->used, lost, 8);
	}
	dat_file_put(f, f->page + 8, commit, 8);
	number(f, 1, 4); /* CPUs */
	bytes(f, "flyrecord", 10);
	table = f->size;
	f->size = (table + 16 + DAT_FILE_PAGE - 1) / DAT_FILE_PAGE * DAT_FILE_PAGE;
	assert(f->size + DAT_FILE_PAGE <= DAT_FILE_SIZE);
	dat_file_put(f, f->bytes + table, f->size, 8);
	dat_file_put(f, f->bytes + table + 8, DAT_FILE_PAGE, 8);
	bytes(f, f->page, DAT_FILE_PAGE);
}
