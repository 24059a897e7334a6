/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "initrd.h"

#include "modules.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * Modules that the guest's init and its works use, besides those on which they depend. Not every
 * kernel has all of them.
 */
static const char *const wanted[] = { "virtio_pci", "virtio_blk", "virtio_console",
				      "virtio_net", "nvme",	  "e1000e" };

struct maker {
	struct archive *a;
	char *error;
	size_t size;
};

static bool add(struct maker *m, const char *name, const void *data, size_t bytes, unsigned mode)
{
	struct archive_entry *e = archive_entry_new();
	bool ok;

	if (!e)
		return false;
	archive_entry_set_pathname(e, name);
	archive_entry_set_filetype(e, S_ISDIR(mode) ? AE_IFDIR : AE_IFREG);
	archive_entry_set_perm(e, mode & 0777);
	archive_entry_set_size(e, (int64_t)bytes);
	ok = archive_write_header(m->a, e) == ARCHIVE_OK &&
	     (!bytes || archive_write_data(m->a, data, bytes) == (ssize_t)bytes);
	archive_entry_free(e);
	if (!ok)
		snprintf(m->error, m->size, "cannot write the guest's initrd: %s",
			 archive_error_string(m->a));
	return ok;
}

static char *read_file(const char *path, size_t *bytes, char *error, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	char *data = NULL;

	if (fd >= 0 && !fstat(fd, &st) && S_ISREG(st.st_mode)) {
		*bytes = (size_t)st.st_size;
		data = malloc(*bytes + 1);
	}
	if (data && read(fd, data, *bytes) != (ssize_t)*bytes) {
		free(data);
		data = NULL;
	}
	if (!data)
		snprintf(error, size, "cannot read %s: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return data;
}

static bool add_file(struct maker *m, const char *name, const char *path, unsigned mode)
{
	size_t bytes;
	char *data = read_file(path, &bytes, m->error, m->size);
	bool ok = data && add(m, name, data, bytes, mode);

	free(data);
	return ok;
}

static bool add_module(struct maker *m, const struct module *module)
{
	char name[100];

	snprintf(name, sizeof(name), "m/%s.ko", module->name);
	return add(m, name, module->data, module->bytes, 0644);
}

/* True if the user's module was built for this kernel. */
static bool fits(struct maker *m, const struct module *module, const char *file,
		 const char *release)
{
	char magic[200];

	if (!modules_field(module, "vermagic", magic, sizeof(magic))) {
		snprintf(m->error, m->size, "%s is no kernel module", file);
		return false;
	}
	magic[strcspn(magic, " ")] = '\0';
	if (!strcmp(magic, release))
		return true;
	snprintf(m->error, m->size, "%s is for the kernel %s, and this one is %s", file, magic,
		 release);
	return false;
}

/* Write m/extra: a line with the name and the parameters of each module. */
static bool add_extras(struct maker *m, struct modules *all, const struct initrd_config *cfg)
{
	char list[4000] = "";
	size_t n = 0;
	bool ok = true;

	for (unsigned i = 0; ok && i < cfg->extras; i++) {
		const struct initrd_module *extra = &cfg->extra[i];
		struct module module;

		if (!modules_read(all, extra->file, &module, m->error, m->size))
			return false;
		ok = fits(m, &module, extra->file, cfg->release) && add_module(m, &module);
		n += (size_t)snprintf(list + n, sizeof(list) - n, "%s %s\n", module.name,
				      extra->parameters ? extra->parameters : "");
		free(module.data);
		if (ok && n >= sizeof(list)) {
			snprintf(m->error, m->size, "%s: its parameters are too long", extra->file);
			return false;
		}
	}
	return ok && add(m, "m/extra", list, n, 0644);
}

/* Add the modules, and write m/order: the order in which they can be loaded. */
static bool add_modules(struct maker *m, const struct initrd_config *cfg)
{
	struct modules *all = modules_open(cfg->modules, m->error, m->size);
	char order[4000];
	size_t n = 0;
	bool ok = all;

	for (unsigned i = 0; ok && i < sizeof(wanted) / sizeof(*wanted); i++)
		ok = modules_want(all, wanted[i], m->error, m->size);
	ok = ok && add_extras(m, all, cfg);
	for (unsigned i = 0; ok && i < modules_count(all); i++) {
		const struct module *module = modules_get(all, i);

		n += (size_t)snprintf(order + n, sizeof(order) - n, "%s\n", module->name);
		ok = n < sizeof(order) && add_module(m, module);
	}
	ok = ok && add(m, "m/order", order, n, 0644);
	modules_close(all);
	return ok;
}

/* Add all files of a folder under the same paths: programs with their libraries. */
static bool add_tree(struct maker *m, const char *folder)
{
	char *roots[] = { (char *)folder, NULL };
	FTS *walk = fts_open(roots, FTS_LOGICAL | FTS_NOCHDIR, NULL);
	size_t skip = strlen(folder) + 1;
	bool ok = walk;

	for (FTSENT *e; ok && (e = fts_read(walk));) {
		if (e->fts_info == FTS_D && e->fts_level)
			ok = add(m, e->fts_path + skip, NULL, 0, S_IFDIR | 0755);
		else if (e->fts_info == FTS_F)
			ok = add_file(m, e->fts_path + skip, e->fts_path, 0755);
	}
	if (walk)
		fts_close(walk);
	return ok;
}

static bool fill(struct maker *m, const struct initrd_config *cfg)
{
	static const char *const folders[] = { "bin", "dev", "m", "proc", "sys", "tmp" };

	for (unsigned i = 0; i < sizeof(folders) / sizeof(*folders); i++)
		if (!add(m, folders[i], NULL, 0, S_IFDIR | 0755))
			return false;
	return add_file(m, "bin/busybox", cfg->busybox, 0755) &&
	       add_file(m, "init", cfg->init, 0755) && add_file(m, "works.sh", cfg->works, 0644) &&
	       add_file(m, "work.sh", cfg->work, 0644) && add_modules(m, cfg) &&
	       (!cfg->tools || add_tree(m, cfg->tools));
}

bool initrd_make(const char *path, const struct initrd_config *cfg, char *error, size_t size)
{
	struct maker m = { archive_write_new(), error, size };
	bool ok = m.a && archive_write_set_format_cpio_newc(m.a) == ARCHIVE_OK &&
		  archive_write_open_filename(m.a, path) == ARCHIVE_OK;

	if (!ok)
		snprintf(error, size, "cannot write %s: %s", path,
			 m.a ? archive_error_string(m.a) : "out of memory");
	ok = ok && fill(&m, cfg);
	if (ok && archive_write_close(m.a) != ARCHIVE_OK) {
		snprintf(error, size, "cannot write %s: %s", path, archive_error_string(m.a));
		ok = false;
	}
	if (m.a)
		archive_write_free(m.a);
	return ok;
}
