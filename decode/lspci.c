/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The output of lspci with any number of -v, and with -t: devices, drivers, ATS, bridges. */
#include "machine.h"
#include "scan.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH 64 /* columns of a tree that can have a bus */
#define AWAY 200 /* lines of one device */

struct lspci {
	unsigned segment, sid;
	uint64_t line; /* of the present device's first line; 0: none */
	struct {
		size_t column;
		unsigned bus;
	} level[DEPTH];
	unsigned levels;
	bool tree;
	unsigned domain; /* of the tree */
};

static struct machine_device *current(struct decode *d, const struct lspci *s)
{
	return s->line ? machine_add(decode_machine(d), s->segment, s->sid) : NULL;
}

/* "53:00.0 VGA compatible controller: Intel Corporation Device e223 (prog-if 00 ...)" */
static bool device_line(struct decode *d, struct lspci *s, const struct line *l)
{
	const char *t = l->text, *name, *rest, *end = l->text + l->own;
	struct machine_device *dev;
	struct block *b;

	if (!scan_bdf(&t, &s->segment, &s->sid) || *t != ' ' || !isupper((unsigned char)t[1]))
		return false;
	name = scan_find(l, t, ": ", &name) ? name : NULL;
	if (!name || name > end)
		return false;
	dev = machine_add(decode_machine(d), s->segment, s->sid);
	s->line = l->number;
	decode_take(d);
	if (!dev)
		return true;
	rest = memmem(name, (size_t)(end - name), " (prog-if", 9);
	end = rest ? rest : end;
	if ((size_t)(end - name) >= sizeof(dev->name))
		end = name + sizeof(dev->name) - 1;
	memcpy(dev->name, name, (size_t)(end - name));
	dev->name[end - name] = '\0';
	dev->line = l->number;
	b = block_new("devices", l->number, "devices, in lspci's words");
	decode_block(d, b);
	return true;
}

static const char *after(const struct line *l, const char *words)
{
	const char *s;

	if (!scan_find(l, l->text, words, &s))
		return NULL;
	return s + strspn(s, " \t");
}

/* An indented line below a device. */
static void detail(struct decode *d, const struct lspci *s, const struct line *l)
{
	struct machine_device *dev = current(d, s);
	const char *t;

	if (!dev)
		return;
	if (after(l, "Address Translation Service"))
		dev->has_ats = true;
	if ((t = after(l, "ATSCtl:"))) {
		dev->has_ats = true;
		dev->ats = !strncmp(t, "Enable+", 7)   ? YES
			   : !strncmp(t, "Enable-", 7) ? NO
						       : UNKNOWN;
		decode_machine(d)->lspci |= dev->ats != UNKNOWN;
	}
	if ((t = after(l, "driver in use:"))) {
		const size_t n = scan_word(t, "");

		if (n < sizeof(dev->driver)) {
			memcpy(dev->driver, t, n);
			dev->driver[n] = '\0';
		}
	}
	if (after(l, "Bridge (PCI-X") || after(l, "PCI-Express to PCI"))
		dev->to_pci = true;
	if ((t = after(l, "secondary="))) {
		dev->bridge = true;
		dev->secondary = (unsigned)strtoul(t, NULL, 16);
		if ((t = after(l, "subordinate=")))
			dev->subordinate = (unsigned)strtoul(t, NULL, 16);
	}
	decode_take(d);
}

/* ---- lspci -t ---- */

static void set_level(struct lspci *s, size_t column, unsigned bus)
{
	while (s->levels && s->level[s->levels - 1].column >= column)
		s->levels--;
	if (s->levels < DEPTH) {
		s->level[s->levels].column = column;
		s->level[s->levels++].bus = bus;
	}
}

static bool bus_of(const struct lspci *s, size_t column, unsigned *bus)
{
	for (unsigned i = 0; i < s->levels; i++)
		if (s->level[i].column == column) {
			*bus = s->level[i].bus;
			return true;
		}
	return false;
}

/* "1c.0-[05-06]--", or "1c.0" alone: a device on @bus. *behind: the bus behind it, or @bus. */
static const char *node(struct decode *d, const struct lspci *s, const char *t, unsigned bus,
			unsigned *behind)
{
	struct machine_device *dev;
	uint64_t number, function;

	*behind = bus;
	if (scan_digits(&t, &number) != 2 || *t++ != '.' || scan_digits(&t, &function) != 1 ||
	    number > 0x1f || function > 7)
		return NULL;
	dev = machine_add(decode_machine(d), s->domain,
			  bus << 8 | (unsigned)(number << 3 | function));
	if (strncmp(t, "-[", 2))
		return t;
	t += 2;
	*behind = (unsigned)strtoul(t, NULL, 16) & 0xff;
	if (dev) {
		dev->bridge = true;
		dev->secondary = dev->subordinate = *behind;
		if (t[2] == '-')
			dev->subordinate = (unsigned)strtoul(t + 3, NULL, 16) & 0xff;
	}
	t += strcspn(t, "]");
	return *t ? t + 1 : t;
}

/* "-[0000:00]-+-00.0", "           +-1c.0-[05]----00.0", "           \-1f.3" */
static bool tree_line(struct decode *d, struct lspci *s, const struct line *l)
{
	const char *t = l->text;
	unsigned bus = 0;

	if (!strncmp(t, "-[", 2) && strspn(t + 2, "0123456789abcdef:-") >= 7) {
		const char *colon = strchr(t, ':');

		s->domain = colon ? (unsigned)strtoul(t + 2, NULL, 16) : 0;
		bus = (unsigned)strtoul(colon ? colon + 1 : t + 2, NULL, 16) & 0xff;
		t += strcspn(t, "]");
		t += *t == ']';
		s->levels = 0;
		s->tree = true;
		decode_block(d, block_new("devices", l->number, "devices, as lspci's tree"));
	} else if (!s->tree || (*t != '+' && *t != '\\') || t[1] != '-' ||
		   !bus_of(s, l->indent, &bus)) {
		return false;
	}
	decode_take(d);
	while (*t && t < l->text + l->own) {
		const size_t column = l->indent + (size_t)(t - l->text);

		if (*t == '+' || (*t == '\\' && t[1] == '-')) {
			set_level(s, column, bus);
			t++;
		} else if (isxdigit((unsigned char)*t) && (t == l->text || t[-1] == '-')) {
			const char *rest = node(d, s, t, bus, &bus);

			if (!rest)
				break;
			t = rest;
			if (*t == ' ') /* a name, as with -v */
				break;
		} else {
			t++;
		}
	}
	return true;
}

static bool line(struct decode *d, void *state, const struct line *l)
{
	struct lspci *s = state;

	if (decode_taken(d))
		return s->line || s->tree;
	if (!l->body && tree_line(d, s, l))
		return true;
	s->tree = false;
	if (!l->body && device_line(d, s, l))
		return true;
	if (s->line && !l->own)
		return l->number <= s->line + AWAY; /* the next line may be another device */
	if (s->line && (l->body || l->number > s->line + AWAY))
		s->line = 0;
	if (s->line)
		detail(d, s, l);
	return s->line;
}

static const char *const words[] = { "ridge:",	 "(prog-if",	 "ATSCtl", "]-+-",
				     "VGA comp", "Non-Volatile", NULL };

const struct recogniser lspci_recogniser = {
	"lspci", words, sizeof(struct lspci), line, NULL, false
};
