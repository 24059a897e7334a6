/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "gather.h"

#include <describe/describe.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROWS_KEPT 8   /* rows kept of a trace: the first ones ... */
#define NOTES_KEPT 16 /* ... and so many with notes */

/*
 * Fields that may differ between blocks about the same event of a device: addresses, and numbers of
 * events.
 */
static bool is_place(const char *name)
{
	static const char *const places[] = {
		"fault address", "fault index",	   "address",	 "page",  "physical address",
		"seq",		 "PRGI",	   "first",	 "last",  "pages",
		"mask",		 "size",	   "references", "entry", "words",
		"numbers",	 "sequence number"
	};

	for (unsigned i = 0; i < sizeof(places) / sizeof(*places); i++)
		if (!strcmp(name, places[i]))
			return true;
	return false;
}

static uint64_t add_bytes(uint64_t hash, const void *bytes, size_t size)
{
	const unsigned char *s = bytes;

	while (size--)
		hash = (hash ^ *s++) * 0x100000001b3;
	return hash;
}

static uint64_t add_text(uint64_t hash, const char *s)
{
	return s ? add_bytes(hash, s, strlen(s) + 1) : add_bytes(hash, "\1", 1);
}

static bool is_trace(const struct block *b)
{
	return !strcmp(b->kind, "qi_submit");
}

/* Which device a descriptor names, and its type; its address does not matter. */
static uint64_t add_row(uint64_t hash, const struct block *b, const struct row *r)
{
	const uint64_t place = QI_IWD_TYPE == qi_desc_type(&r->desc) ? 0xff : ~0ULL;
	uint64_t qw0 = r->desc.qw0 & place;

	hash = add_bytes(hash, &r->known, sizeof(r->known));
	hash = add_text(hash, r->role);
	hash = add_bytes(hash, &qw0, sizeof(qw0));
	if (strcmp(b->kind, "qi-error"))
		hash = add_bytes(hash, &r->desc, sizeof(r->desc));
	return hash;
}

static uint64_t hash_of(const struct block *b)
{
	uint64_t hash =
		add_text(add_text(add_text(0xcbf29ce484222325, b->kind), b->title), b->unit);

	if (is_trace(b))
		return hash;
	for (unsigned i = 0; i < b->fields; i++) {
		const struct field *f = &b->field[i];

		hash = add_bytes(add_text(hash, f->name), &f->form, sizeof(f->form));
		if (is_place(f->name))
			continue;
		hash = add_text(add_bytes(hash, &f->value, sizeof(f->value)), f->text);
	}
	for (unsigned i = 0; i < b->rows; i++)
		hash = add_row(hash, b, &b->row[i]);
	return add_bytes(add_bytes(hash, &b->head, sizeof(b->head)), &b->tail, sizeof(b->tail));
}

/* ---- rows of a trace ---- */

static void count_rows(struct group *g, const struct block *b)
{
	for (unsigned i = 0; i < b->rows; i++)
		if (b->row[i].known & 1)
			g->types[qi_desc_type(&b->row[i].desc) % QI_TYPE_CODES]++;
}

static void keep_some(struct block *b)
{
	unsigned kept = 0, notes = 0;
	const unsigned rows = b->rows;
	struct row *to = b->row;

	for (unsigned i = 0; i < rows; i++) {
		struct row *r = &b->row[i];

		if (r->note ? notes < NOTES_KEPT : kept < ROWS_KEPT) {
			notes += r->note != NULL;
			kept += !r->note;
			*to++ = *r;
		} else {
			free(r->note);
			b->left_out++;
		}
	}
	b->rows = (unsigned)(to - b->row);
}

/* Move interesting rows of @b to @all. */
static void take_rows(struct block *all, struct block *b)
{
	unsigned notes = 0;

	for (unsigned i = 0; i < all->rows; i++)
		notes += all->row[i].note != NULL;
	all->left_out += b->left_out;
	for (unsigned i = 0; i < b->rows; i++) {
		if (!b->row[i].note || notes == NOTES_KEPT) {
			all->left_out++;
			continue;
		}
		*block_row(all, b->row[i].line, NULL) = b->row[i];
		b->row[i].note = NULL;
		notes++;
	}
}

/* ---- groups ---- */

static void spread(struct block *all, const struct block *b)
{
	for (unsigned i = 0; i < b->fields && i < all->fields; i++) {
		const struct field *f = &b->field[i];

		if (!is_place(f->name) || (f->form != FIELD_HEX && f->form != FIELD_NUMBER) ||
		    strcmp(f->name, all->field[i].name))
			continue;
		if (!all->spread && f->value != all->field[i].value) {
			all->spread = all->field[i].name;
			all->least = all->most = all->field[i].value;
		}
		if (!all->spread || strcmp(all->spread, f->name))
			return;
		all->least = f->value < all->least ? f->value : all->least;
		all->most = f->value > all->most ? f->value : all->most;
		return;
	}
}

static void join(struct group *g, struct block *b)
{
	struct block *all = g->block;

	all->count += b->count;
	all->last = b->last > all->last ? b->last : all->last;
	if (b->timed && b->time > all->until)
		all->until = b->time;
	spread(all, b);
	if (is_trace(b)) {
		count_rows(g, b);
		keep_some(b);
		take_rows(all, b);
	}
	block_free(b);
}

/* False: there are enough groups of this kind, or in all. */
static bool has_room(struct gathered *g, const char *kind)
{
	unsigned i = 0;

	while (i < g->kinds && strcmp(g->kind[i].kind, kind))
		i++;
	if (i == GATHER_KINDS)
		return false;
	if (i == g->kinds) {
		g->kinds++;
		g->kind[i].kind = kind;
	}
	if (g->n < GATHER_GROUPS && g->kind[i].groups < GATHER_OF_KIND) {
		g->kind[i].groups++;
		return true;
	}
	g->kind[i].more++;
	return false;
}

void gather_add(struct gathered *g, struct block *b)
{
	const uint64_t hash = hash_of(b);
	struct group *new;

	for (unsigned i = g->n; i--;)
		if (g->group[i].hash == hash && !g->group[i].shown) {
			join(&g->group[i], b);
			return;
		}
	if (!has_room(g, b->kind)) {
		block_free(b);
		return;
	}
	new = &g->group[g->n++];
	*new = (struct group){ .block = b, .hash = hash };
	b->until = b->time;
	if (is_trace(b)) {
		count_rows(new, b);
		keep_some(b);
	}
}

void gather_finish(struct gathered *g)
{
	for (unsigned i = 0; i < g->n; i++) {
		struct block *b = g->group[i].block;

		if (!is_trace(b) || g->group[i].shown || !b->left_out)
			continue;
		for (unsigned t = 0; t < QI_TYPE_CODES; t++)
			if (g->group[i].types[t])
				block_number(b, qi_type_name(t), g->group[i].types[t], NULL);
	}
}

void gather_clear(struct gathered *g)
{
	for (unsigned i = 0; i < g->n; i++)
		block_free(g->group[i].block);
	memset(g, 0, sizeof(*g));
}
