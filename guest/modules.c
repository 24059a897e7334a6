/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "modules.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST 64 /* modules that are wanted */

struct file {
	char *path;
	char name[64];
};

struct modules {
	struct file *file;
	size_t files, room;
	struct module module[MOST];
	unsigned count;
};

/* The kernel's form of a module's name: _ instead of -. */
static void kernel_name(char *name, size_t size, const char *text, size_t n)
{
	if (n >= size)
		n = size - 1;
	for (size_t i = 0; i < n; i++)
		name[i] = text[i] == '-' ? '_' : text[i];
	name[n] = '\0';
}

/* The module's name from a file name like nvme-core.ko.xz. False: the file is no module. */
static bool module_name(const char *file, char *name, size_t size)
{
	const char *end = strstr(file, ".ko");

	if (!end || end == file || (end[3] && end[3] != '.'))
		return false;
	kernel_name(name, size, file, (size_t)(end - file));
	return true;
}

static bool note(struct modules *m, const char *path, const char *file)
{
	struct file *f;

	if (m->files == m->room) {
		m->room = m->room ? 2 * m->room : 1024;
		f = reallocarray(m->file, m->room, sizeof(*f));
		if (!f)
			return false;
		m->file = f;
	}
	f = &m->file[m->files];
	if (!module_name(file, f->name, sizeof(f->name)))
		return true;
	f->path = strdup(path);
	m->files += f->path != NULL;
	return f->path;
}

struct modules *modules_open(const char *folder, char *error, size_t size)
{
	struct modules *m = calloc(1, sizeof(*m));
	char *roots[] = { (char *)folder, NULL };
	FTS *walk = m ? fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL) : NULL;
	bool ok = walk;

	for (FTSENT *e; ok && (e = fts_read(walk));)
		if (e->fts_info == FTS_F)
			ok = note(m, e->fts_path, e->fts_name);
	if (walk)
		fts_close(walk);
	if (ok && m->files)
		return m;
	snprintf(error, size, "%s: %s", folder,
		 ok ? "there are no kernel modules" : strerror(errno));
	if (m)
		modules_close(m);
	return NULL;
}

/* Read a module, with any compression. */
static bool read_module(struct module *module, const char *path, char *error, size_t size)
{
	struct archive *a = archive_read_new();
	struct archive_entry *entry;
	size_t room = 1 << 20;
	ssize_t n = -1;

	module->data = malloc(room);
	if (a && module->data && archive_read_support_filter_all(a) == ARCHIVE_OK &&
	    archive_read_support_format_raw(a) == ARCHIVE_OK &&
	    archive_read_open_filename(a, path, 65536) == ARCHIVE_OK &&
	    archive_read_next_header(a, &entry) == ARCHIVE_OK)
		while ((n = archive_read_data(a, module->data + module->bytes,
					      room - module->bytes)) > 0) {
			module->bytes += (size_t)n;
			if (module->bytes < room)
				continue;
			room *= 2;
			module->data = realloc(module->data, room);
			if (!module->data)
				break;
		}
	if (n < 0 || !module->data)
		snprintf(error, size, "cannot read %s: %s", path,
			 a ? archive_error_string(a) : strerror(errno));
	if (a)
		archive_read_free(a);
	return !n && module->data;
}

bool modules_field(const struct module *module, const char *key, char *text, size_t size)
{
	char *found, pattern[40];
	int n = snprintf(pattern, sizeof(pattern), "%c%s=", 0, key);
	size_t left;

	found = module->bytes ? memmem(module->data, module->bytes, pattern, (size_t)n) : NULL;
	if (!found)
		return false;
	found += n;
	left = module->bytes - (size_t)(found - module->data);
	snprintf(text, size, "%.*s", (int)strnlen(found, left), found);
	return true;
}

/* "a,b": want each of these modules before this one. */
static bool want_needed(struct modules *m, const struct module *module, char *error, size_t size)
{
	char list[1000], *rest;
	bool ok = true;

	if (!modules_field(module, "depends", list, sizeof(list)))
		return true;
	for (char *name = strtok_r(list, ",", &rest); ok && name; name = strtok_r(NULL, ",", &rest))
		ok = modules_want(m, name, error, size);
	return ok;
}

bool modules_read(struct modules *m, const char *path, struct module *module, char *error,
		  size_t size)
{
	const char *file = strrchr(path, '/');

	*module = (struct module){ .bytes = 0 };
	file = file ? file + 1 : path;
	kernel_name(module->name, sizeof(module->name), file, strcspn(file, "."));
	if (!read_module(module, path, error, size) || !want_needed(m, module, error, size)) {
		free(module->data);
		return false;
	}
	modules_field(module, "name", module->name, sizeof(module->name));
	return true;
}

bool modules_want(struct modules *m, const char *name, char *error, size_t size)
{
	struct module module = { .bytes = 0 };
	size_t i = 0;

	kernel_name(module.name, sizeof(module.name), name, strlen(name));
	for (unsigned k = 0; k < m->count; k++)
		if (!strcmp(m->module[k].name, module.name))
			return true;
	while (i < m->files && strcmp(m->file[i].name, module.name))
		i++;
	if (i == m->files)
		return true;
	if (m->count == MOST) {
		snprintf(error, size, "more than %d modules", MOST);
		return false;
	}
	if (!read_module(&module, m->file[i].path, error, size) ||
	    !want_needed(m, &module, error, size)) {
		free(module.data);
		return false;
	}
	m->module[m->count++] = module;
	return true;
}

unsigned modules_count(const struct modules *m)
{
	return m->count;
}

const struct module *modules_get(const struct modules *m, unsigned i)
{
	return &m->module[i];
}

void modules_close(struct modules *m)
{
	if (!m)
		return;
	for (size_t i = 0; i < m->files; i++)
		free(m->file[i].path);
	for (unsigned i = 0; i < m->count; i++)
		free(m->module[i].data);
	free(m->file);
	free(m);
}
