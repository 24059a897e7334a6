/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "boot.h"
#include "mem.h"

#define FREE_MEMORY 1 /* this type is the same in both kinds of memory map */

static const struct screen vga_text = { SCREEN_TEXT, 0xb8000, 160, 80, 25, 0 };

static void add_range(struct boot_info *b, uint64_t start, uint64_t size, uint32_t type)
{
	if (type == FREE_MEMORY && size && b->ranges < BOOT_RANGES)
		b->range[b->ranges++] = (struct boot_range){ start, start + size };
}

/* ---- PVH ---- */

struct pvh_info {
	uint32_t magic, version, flags, modules;
	uint64_t module_list, command_line, rsdp, map;
	uint32_t map_entries, reserved;
};

struct pvh_range {
	uint64_t start, size;
	uint32_t type, reserved;
};

static void read_pvh(struct boot_info *b, const struct pvh_info *info)
{
	const struct pvh_range *r = (const void *)(uintptr_t)info->map;
	uint32_t i;

	b->loader = "PVH";
	b->rsdp = info->rsdp;
	/*
	 * PVH does not describe a screen. QEMU's firmware, if there is any, has left it in text
	 * mode.
	 */
	b->screen = vga_text;
	for (i = 0; info->version >= 1 && i < info->map_entries; i++)
		add_range(b, r[i].start, r[i].size, r[i].type);
}

/* ---- multiboot2 ---- */

enum { TAG_END = 0, TAG_MAP = 6, TAG_SCREEN = 8, TAG_RSDP_1 = 14, TAG_RSDP_2 = 15 };

struct tag {
	uint32_t type, size;
};

struct tag_map {
	struct tag tag;
	uint32_t entry_size, version;
};

struct tag_range {
	uint64_t start, size;
	uint32_t type, reserved;
};

struct tag_screen {
	struct tag tag;
	uint64_t base;
	uint32_t pitch, width, height;
	uint8_t bits, kind; /* kind 1: pixels, 2: text */
};

static void read_map(struct boot_info *b, const struct tag_map *m)
{
	const char *at = (const char *)(m + 1), *end = (const char *)m + m->tag.size;

	for (; at + sizeof(struct tag_range) <= end && m->entry_size; at += m->entry_size) {
		const struct tag_range *r = (const void *)at;

		add_range(b, r->start, r->size, r->type);
	}
}

static void read_screen(struct boot_info *b, const struct tag_screen *s)
{
	struct screen screen = {
		SCREEN_NONE, s->base, s->pitch, s->width, s->height, s->bits / 8U,
	};

	if (s->kind == 2)
		screen.kind = SCREEN_TEXT;
	else if (s->kind == 1 && (s->bits == 24 || s->bits == 32))
		screen.kind = SCREEN_PIXELS;
	b->screen = screen;
}

/*
 * The tag has a copy of the pointer structure. It is copied again, because the tag may be
 * overwritten.
 */
static void read_rsdp(struct boot_info *b, const struct tag *t)
{
	static _Alignas(16) char copy[64];

	if (t->size - sizeof(*t) <= sizeof(copy)) {
		memcpy(copy, t + 1, t->size - sizeof(*t));
		b->rsdp = (uintptr_t)copy;
	}
}

static void read_multiboot2(struct boot_info *b, const char *info)
{
	const struct tag *t = (const void *)(info + 8);

	b->loader = "multiboot2";
	for (; t->type != TAG_END; t = (const void *)((const char *)t + ((t->size + 7) & ~7U))) {
		if (t->type == TAG_MAP)
			read_map(b, (const void *)t);
		else if (t->type == TAG_SCREEN)
			read_screen(b, (const void *)t);
		else if (t->type == TAG_RSDP_2 || (t->type == TAG_RSDP_1 && !b->rsdp))
			read_rsdp(b, t);
	}
}

void boot_read(struct boot_info *b, unsigned way, uint64_t info)
{
	if (way)
		read_multiboot2(b, (const char *)(uintptr_t)info);
	else
		read_pvh(b, (const void *)(uintptr_t)info);
}
