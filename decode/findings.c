/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "findings.h"

#include <stdlib.h>
#include <string.h>

static void add_line(struct found *f, uint64_t line)
{
	for (unsigned i = 0; line && i < f->lines; i++)
		if (f->line[i] == line)
			return;
	f->count++;
	if (line && f->lines < FINDING_LINES)
		f->line[f->lines++] = line;
}

void findings_add(struct findings *all, const struct finding *f, uint64_t line, char *text)
{
	for (unsigned i = 0; i < all->n; i++) {
		struct found *old = &all->found[i];

		if (strcmp(old->is.id, f->id) || strcmp(old->text, text))
			continue;
		add_line(old, line);
		free(text);
		return;
	}
	if (all->n == FINDINGS) {
		all->more++;
		free(text);
		return;
	}
	all->found[all->n] = (struct found){ .is = *f, .text = text };
	add_line(&all->found[all->n++], line);
}

/* Insertion, as it keeps the order of equals, and there are few. */
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

bool findings_problem(const struct findings *all)
{
	for (unsigned i = 0; i < all->n; i++)
		if (all->found[i].is.weight < NOTE)
			return true;
	return false;
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
