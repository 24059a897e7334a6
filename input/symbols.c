/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "symbols.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

struct symbol {
	uint64_t addr;
	const char *name, *module; /* the module is empty for the kernel's own */
	bool function;
};

struct symbols {
	size_t n, room;
	struct symbol *symbol; /* by address */
	char *text;	       /* the names point into it */
};

/* No function is longer. An address further behind a symbol is not in that function. */
#define LONGEST 0x20000

static int by_address(const void *a, const void *b)
{
	const struct symbol *x = a, *y = b;

	return x->addr < y->addr ? -1 : x->addr > y->addr;
}

/* "ffffffff81000000 T _text", optionally followed by a tab and [module] */
static bool read_line(char *line, struct symbol *s)
{
	char *end, *name;

	s->addr = strtoull(line, &end, 16);
	if (end == line || *end != ' ' || !isalpha((unsigned char)end[1]) || end[2] != ' ')
		return false;
	s->function = end[1] == 't' || end[1] == 'T' || end[1] == 'w' || end[1] == 'W';
	s->name = name = end + 3;
	name += strcspn(name, "\t");
	if (*name)
		*name++ = '\0';
	s->module = name;
	return *s->name && s->addr;
}

struct symbols *symbols_read(const char *text)
{
	struct symbols *s = calloc(1, sizeof(*s));
	char *rest;

	if (!s)
		return NULL;
	s->text = strdup(text);
	for (char *line = s->text ? strtok_r(s->text, "\n", &rest) : NULL; line;
	     line = strtok_r(NULL, "\n", &rest)) {
		if (s->n == s->room) {
			size_t room = s->room ? 2 * s->room : 65536;
			struct symbol *more = reallocarray(s->symbol, room, sizeof(*more));

			if (!more)
				break;
			s->symbol = more;
			s->room = room;
		}
		s->n += read_line(line, &s->symbol[s->n]);
	}
	if (!s->n) {
		symbols_free(s);
		return NULL;
	}
	qsort(s->symbol, s->n, sizeof(*s->symbol), by_address);
	return s;
}

void symbols_free(struct symbols *s)
{
	if (!s)
		return;
	free(s->symbol);
	free(s->text);
	free(s);
}

static const struct symbol *find(const struct symbols *s, uint64_t addr)
{
	size_t low = 0, high = s ? s->n : 0;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (s->symbol[middle].addr <= addr)
			low = middle + 1;
		else
			high = middle;
	}
	while (low && !s->symbol[low - 1].function)
		low--;
	return low && addr - s->symbol[low - 1].addr < LONGEST ? &s->symbol[low - 1] : NULL;
}

const char *symbols_name(const struct symbols *s, uint64_t addr, uint64_t *offset)
{
	const struct symbol *found = find(s, addr);

	if (found)
		*offset = addr - found->addr;
	return found ? found->name : NULL;
}

bool symbols_in_module(const struct symbols *s, uint64_t addr, const char *module)
{
	const struct symbol *found = find(s, addr);
	size_t n = strlen(module);

	return found && *found->module == '[' && !strncmp(found->module + 1, module, n) &&
	       found->module[1 + n] == ']';
}

uint64_t symbols_find(const struct symbols *s, const char *name)
{
	for (size_t i = 0; s && i < s->n; i++)
		if (!strcmp(s->symbol[i].name, name))
			return s->symbol[i].addr;
	return 0;
}
