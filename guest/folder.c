/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "folder.h"

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAME "qinval-guest-"

static const char *root(void)
{
	const char *tmp = getenv("TMPDIR");

	return tmp && *tmp ? tmp : "/tmp";
}

static void remove_tree(const char *path)
{
	char *roots[] = { (char *)path, NULL };
	FTS *walk = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);

	if (!walk)
		return;
	for (FTSENT *e; (e = fts_read(walk));)
		if (e->fts_info != FTS_D)
			remove(e->fts_accpath);
	fts_close(walk);
}

/* Open a folder of this user that is no symbolic link. -1: it is not, or does not exist. */
static int open_own(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	if (fd >= 0 && !fstat(fd, &st) && st.st_uid == geteuid())
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

static void sweep(void)
{
	char pattern[PATH_MAX];
	glob_t found;

	snprintf(pattern, sizeof(pattern), "%s/" NAME "??????", root());
	if (!glob(pattern, 0, NULL, &found))
		for (size_t i = 0; i < found.gl_pathc; i++) {
			int fd = open_own(found.gl_pathv[i]);

			if (fd < 0)
				continue;
			if (!flock(fd, LOCK_EX | LOCK_NB))
				remove_tree(found.gl_pathv[i]);
			close(fd);
		}
	globfree(&found);
}

/* Another run may have removed it before it was locked. False: it does not exist any more. */
static bool lock(struct folder *f)
{
	struct stat st;

	f->lock = open_own(f->path);
	if (f->lock < 0)
		return false;
	if (!flock(f->lock, LOCK_EX) && !stat(f->path, &st))
		return true;
	close(f->lock);
	f->lock = -1;
	return false;
}

static bool make(struct folder *f)
{
	if (snprintf(f->path, sizeof(f->path), "%s/" NAME "XXXXXX", root()) < (int)sizeof(f->path))
		return mkdtemp(f->path);
	errno = ENAMETOOLONG;
	return false;
}

bool folder_make(struct folder *f, char *error, size_t size)
{
	sweep();
	while (make(f))
		if (lock(f))
			return true;
	snprintf(error, size, "cannot make a folder in %s: %s", root(), strerror(errno));
	f->path[0] = '\0';
	return false;
}

void folder_remove(struct folder *f)
{
	if (!f->path[0])
		return;
	remove_tree(f->path);
	close(f->lock);
	f->path[0] = '\0';
}
