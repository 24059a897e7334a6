/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "story_source.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_LINES 100000

/* Kept until the program ends, as a story has few. */
static struct source {
	const char *path; /* as in struct symbol_place */
	char **line;
	int nlines;
} * sources;

static unsigned nsources;

static FILE *open_in(const char *dir, const char *path)
{
	char name[PATH_MAX];
	int n = snprintf(name, sizeof(name), "%s%s%s", dir, *dir ? "/" : "", path);

	return n > 0 && (size_t)n < sizeof(name) ? fopen(name, "r") : NULL;
}

/* Remove what a build may have left at the beginning of the path: "../lab/x.c". */
static const char *below_root(const char *path)
{
	while (!strncmp(path, "../", 3) || !strncmp(path, "./", 2))
		path = strchr(path, '/') + 1;
	return path;
}

static FILE *open_source(const struct symbol_place *p, const char *root)
{
	FILE *file = NULL;

	if (p->path[0] == '/')
		return fopen(p->path, "r");
	if (p->dir && p->dir[0] == '/')
		file = open_in(p->dir, p->path);
	if (!file && root)
		file = open_in(root, below_root(p->path));
	return file ? file : open_in("", p->path);
}

static void read_lines(struct source *s, FILE *file)
{
	char *line = NULL;
	size_t room = 0;
	char **more;

	while (s->nlines < MOST_LINES && getline(&line, &room, file) >= 0) {
		line[strcspn(line, "\r\n")] = 0;
		more = realloc(s->line, (size_t)(s->nlines + 1) * sizeof(*more));
		if (!more)
			break;
		s->line = more;
		s->line[s->nlines] = strdup(line);
		if (!s->line[s->nlines])
			break;
		s->nlines++;
	}
	free(line);
}

static const struct source *source_of(const struct symbol_place *p, const char *root)
{
	struct source *more, *s;
	unsigned i;
	FILE *file;

	for (i = 0; i < nsources; i++) {
		if (!strcmp(sources[i].path, p->path))
			return &sources[i];
	}
	more = realloc(sources, (nsources + 1) * sizeof(*more));
	if (!more)
		return NULL;
	sources = more;
	s = &sources[nsources++];
	*s = (struct source){ .path = p->path };
	file = open_source(p, root);
	if (file) {
		read_lines(s, file);
		fclose(file);
	}
	return s;
}

const char *story_source(const struct symbol_place *place, int line, const char *root)
{
	const struct source *s = place->path ? source_of(place, root) : NULL;

	return s && line > 0 && line <= s->nlines ? s->line[line - 1] : NULL;
}
