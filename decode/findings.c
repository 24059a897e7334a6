/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "findings.h"

#include <stdlib.h>
#include <string.h>

static void add_line(struct found *f, uint64_t line, uint64_t times)
{
	for (unsigned i = 0; line && times == 1 && i < f->lines; i++)
		if (f->line[i] == line)
			return;
	f->count += times;
	if (line && f->lines < FINDING_LINES)
		f->line[f->lines++] = line;
}

static unsigned of_id(const struct findings *all, const char *id)
{
	unsigned n = 0;

	for (unsigned i = 0; i < all->n; i++)
		n += !strcmp(all->found[i].is.id, id);
	return n;
}

void findings_add(struct findings *all, const struct finding *f, uint64_t line, unsigned sid,
		  uint64_t times, char *text)
{
	for (unsigned i = 0; i < all->n; i++) {
		struct found *old = &all->found[i];

		if (strcmp(old->is.id, f->id) || strcmp(old->text, text))
			continue;
		add_line(old, line, times);
		free(text);
		return;
	}
	if (all->n == FINDINGS || of_id(all, f->id) == FINDINGS_OF_ID) {
		all->more++;
		free(text);
		return;
	}
	all->found[all->n] = (struct found){ .is = *f, .text = text, .sid = sid };
	add_line(&all->found[all->n++], line, times);
}

/* Insertion sort: it is stable, and there are few findings. */
void findings_sort(struct findings *all)
{
	for (unsigned i = 1; i < all->n; i++) {
		const struct found f = all->found[i];
		unsigned at = i;

		for (; at && all->found[at - 1].is.weight > f.is.weight; at--)
			all->found[at] = all->found[at - 1];
		all->found[at] = f;
	}
}

enum weight findings_weight(const struct findings *all)
{
	enum weight least = NOTE;

	for (unsigned i = 0; i < all->n; i++)
		if (all->found[i].is.weight < least)
			least = all->found[i].is.weight;
	return least;
}

const struct found *findings_of(const struct findings *all, const char *id)
{
	for (unsigned i = 0; i < all->n; i++)
		if (!strcmp(all->found[i].is.id, id))
			return &all->found[i];
	return NULL;
}

void findings_clear(struct findings *all)
{
	for (unsigned i = 0; i < all->n; i++)
		free(all->found[i].text);
	all->n = 0;
}

const char *certainty_name(enum certainty c)
{
	static const char *const names[] = { "certain", "likely", "inferred" };

	return names[c];
}
