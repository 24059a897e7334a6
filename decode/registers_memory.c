/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Registers that were read by address, as the decoder recommends: with devmem, devmem2, QEMU's
 * monitor, crash, gdb. If the base of no unit is known, values count as registers if they are at
 * several of the queue's offsets.
 */
#include "machine.h"
#include "registers_by_hand.h"
#include "scan.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#define APART 8	       /* the most lines between values of one reading */
#define READINGS 64    /* values in one reading */
#define PAGE_BITS 12   /* a unit's registers are in one page */
#define MMIO (1 << 28) /* no unit is below this address */
#define CLIENTS 0xfed90000ULL

struct reading {
	uint64_t address, value, line;
	unsigned width; /* in bits; 0: not said */
};

struct memory {
	struct reading reading[READINGS];
	unsigned n;
	bool asked; /* the last line was a command: the value is in the next line */
	struct reading question;
	uint64_t line;
};

/* ---- which unit ---- */

static bool same_page(uint64_t a, uint64_t b)
{
	return a >> PAGE_BITS == b >> PAGE_BITS;
}

static bool is_unit(struct decode *d, uint64_t address)
{
	const struct decode_facts *f = decode_facts(d);
	const struct machine *m = decode_machine(d);

	if ((address & ~0xf000ULL) >> PAGE_BITS == CLIENTS >> PAGE_BITS)
		return true;
	for (unsigned i = 0; i < f->units; i++)
		if (f->unit[i].base && same_page(f->unit[i].base, address))
			return true;
	for (unsigned i = 0; i < m->scopes; i++)
		if (same_page(m->scope[i].base, address))
			return true;
	return false;
}

/*
 * True if the values in one page are at two offsets of the queue's registers or error registers,
 * and one of them is a 64-bit register that was read as such. Few other devices have this.
 */
static bool looks_like_unit(const struct memory *m, uint64_t address)
{
	static const struct {
		uint16_t offset, width;
	} registers[] = { { 0x1c, 32 }, { 0x34, 32 }, { 0x80, 64 },
			  { 0x88, 64 }, { 0x90, 64 }, { 0xb0, 64 } };
	unsigned n = 0, wide = 0;

	for (unsigned i = 0; i < sizeof(registers) / sizeof(*registers); i++)
		for (unsigned j = 0; j < m->n; j++)
			if (m->reading[j].address ==
				    ((address & ~0xfffULL) | registers[i].offset) &&
			    m->reading[j].width == registers[i].width) {
				n++;
				wide += registers[i].width == 64;
				break;
			}
	return n >= 2 && wide;
}

/* ---- the result ---- */

/*
 * A register that was read in two halves is combined; @half is the first reading of its upper half.
 */
static const struct reading *upper_half(const struct memory *m, unsigned i)
{
	for (unsigned j = 0; j < m->n; j++)
		if (m->reading[j].address == m->reading[i].address + 4 && m->reading[j].width != 64)
			return &m->reading[j];
	return NULL;
}

static void keep_one(struct decode *d, struct by_hand *h, const struct memory *m, unsigned i)
{
	const struct reading *r = &m->reading[i], *upper;
	uint64_t value = r->value;
	unsigned width;
	const char *name = register_name_at(r->address & 0xfff, &width);

	if (!name) { /* an upper half alone; that of IQERCD has the source ids */
		name = (r->address & 0xfff) == 0xb4 ? "IQERCD" : NULL;
		value <<= 32;
		for (unsigned j = 0; j < m->n; j++)
			if (m->reading[j].address == r->address - 4)
				name = NULL;
	} else if (width == 64 && r->width == 32) {
		upper = upper_half(m, i);
		if (upper)
			value |= upper->value << 32;
		else if (strncmp(name, "IQ", 2) || !strcmp(name, "IQA"))
			name = NULL;
	} else if (width == 32 && r->width == 64) {
		value = (uint32_t)value;
	}
	if (name)
		by_hand_keep(d, h, r->line, name, value);
}

static void finish(struct decode *d, struct memory *m)
{
	bool done[READINGS] = { false };

	for (unsigned i = 0; i < m->n; i++) {
		struct by_hand h = { .block = NULL };
		const uint64_t page = m->reading[i].address;

		if (done[i])
			continue;
		for (unsigned j = i; j < m->n; j++) {
			if (!same_page(m->reading[j].address, page))
				continue;
			done[j] = true;
			if (is_unit(d, page) || looks_like_unit(m, page))
				keep_one(d, &h, m, j);
		}
		if (h.block)
			block_hex(h.block, "base", page & ~0xfffULL, NULL);
		by_hand_finish(d, &h);
	}
	m->n = 0;
	m->asked = false;
}

/* ---- the spellings ---- */

static void add(struct memory *m, const struct line *l, struct reading r)
{
	r.line = m->line = l->number;
	if (m->n < READINGS && r.address >= MMIO)
		m->reading[m->n++] = r;
}

/* "devmem 0xfed90034 32", "devmem2 0xfed900b0 l"; the value may follow. */
static bool command(struct memory *m, const struct line *l)
{
	struct reading r = { .width = 32 };
	const char *s;
	uint64_t bits;

	if (!scan_find(l, l->text, "devmem", &s))
		return false;
	s += *s == '2';
	scan_blanks(&s);
	if (scan_0x(l, &s, &r.address) != SCAN_OK)
		return false;
	while (*s == ' ')
		s++;
	if (isdigit((unsigned char)*s) && strncmp(s, "0x", 2) &&
	    scan_dec(l, &s, &bits) == SCAN_OK && (bits == 32 || bits == 64))
		r.width = (unsigned)bits;
	else if (strchr("wl", *s) && *s && !isalnum((unsigned char)s[1]))
		r.width = *s++ == 'l' ? 64 : 32;
	s += strspn(s, " \t:=->");
	m->asked = false;
	if (!strncmp(s, "0x", 2)) {
		if (scan_0x(l, &s, &r.value) == SCAN_OK)
			add(m, l, r);
	} else {
		m->asked = true;
		m->question = r;
		m->line = l->number;
	}
	return true;
}

/* "0x00000052", alone in the line after a command */
static bool answer(struct memory *m, const struct line *l)
{
	const char *s = l->text + l->body;

	if (!m->asked || scan_0x(l, &s, &m->question.value) != SCAN_OK || s < l->text + l->own)
		return false;
	m->asked = false;
	add(m, l, m->question);
	return true;
}

/* devmem2 begins with "/dev/mem opened."; the value comes later. */
static bool opened(struct memory *m, const struct line *l)
{
	if (!scan_find(l, l->text, "/dev/mem opened", NULL))
		return false;
	if (!m->asked)
		m->question = (struct reading){ .width = 0 };
	m->asked = true;
	m->line = l->number;
	return true;
}

/* devmem2: "Value at address 0xFED90034 (0x7f4c5bdc5034): 0x52", "Read at address  ..." */
static bool sentence(struct memory *m, const struct line *l)
{
	struct reading r = { .width = 0 };
	const char *s;

	if (!scan_find(l, l->text, "alue at address ", &s) &&
	    !scan_find(l, l->text, "Read at address ", &s))
		return false;
	if (scan_0x(l, &s, &r.address) != SCAN_OK)
		return false;
	s = strchr(s, ':');
	if (!s)
		return false;
	s++;
	scan_blanks(&s);
	if (scan_0x(l, &s, &r.value) != SCAN_OK)
		return false;
	r.width = m->asked && m->question.address == r.address ? m->question.width : 0;
	m->asked = false;
	add(m, l, r);
	return true;
}

/* "00000000fed90034: 0x00000052", "fed90080:  0000000000000460 0000000000000480  ........" */
static bool row(struct decode *d, struct memory *m, const struct line *l)
{
	const char *s = l->text + l->body, *end = l->text + l->own;
	struct reading r = { .width = 0 };
	unsigned n = 0;

	if (scan_hex(l, &s, &r.address) != SCAN_OK || *s != ':' || !is_unit(d, r.address))
		return false;
	for (s++; s < end; n++) {
		const char *digits;

		s += strspn(s, " \t");
		digits = s += strncmp(s, "0x", 2) ? 0 : 2;
		if (scan_hex(l, &s, &r.value) != SCAN_OK || (s - digits != 8 && s - digits != 16))
			break;
		r.width = s - digits == 8 ? 32 : 64;
		add(m, l, r);
		r.address += r.width / 8;
	}
	return n;
}

static bool line(struct decode *d, void *state, const struct line *l)
{
	struct memory *m = state;

	if ((m->n || m->asked) && l->number > m->line + APART)
		finish(d, m);
	if (!decode_taken(d) && !l->record &&
	    (opened(m, l) || answer(m, l) || command(m, l) || sentence(m, l) || row(d, m, l)))
		decode_take(d);
	return m->n || m->asked;
}

static void end(struct decode *d, void *state)
{
	finish(d, state);
}

static const char *const words[] = { "devmem", "/dev/mem", "(qemu)", "crash>", "(gdb)", NULL };

const struct recogniser registers_memory_recogniser = {
	"registers-by-address", words, sizeof(struct memory), line, end, false
};
