/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "complain.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <lab/setup.h>
#include <lab/symbol.h>
#include <stdio.h>
#include <string.h>

#include "tool/tool.h"

#define LARGE_VARIABLES                                                                       \
	"its variables take more than the 64 KiB that there are for them; take large memory " \
	"from lab_alloc()"
static_assert(LAB_VARIABLES == 64 * 1024, "says LARGE_VARIABLES");

int explore_unusable(const char *name, const char *why)
{
	fprintf(stderr, "qinval explore: %s: %s\n", name, why);
	return EXIT_UNUSABLE;
}

int explore_flushed(int code)
{
	if (fflush(stdout) || ferror(stdout))
		return explore_unusable("standard output", strerror(errno));
	return code;
}

int explore_unseen(const char *scenario, const struct explore_result *r)
{
	const struct named *named = setup_name_of(r->unseen);
	char name[128], why[512];

	if (!named && !symbol_variable(r->unseen, name, sizeof(name)))
		snprintf(name, sizeof(name), "memory at %#" PRIxPTR, r->unseen);
	snprintf(why, sizeof(why),
		 "%s changes %s without the lab's seeing it: assembly, or code that was compiled "
		 "without -fsanitize=thread? Nothing can be said. Write __atomic_...() in place of "
		 "the assembly, and compile all of it with qinval cc",
		 r->unseen_by < machine.nactors ? machine.info[r->unseen_by].name : "the unit",
		 named ? named->name : name);
	return explore_unusable(scenario, why);
}

int explore_no_disk(const char *directory)
{
	return explore_unusable(directory,
				errno == EOPNOTSUPP
					? "its file system has no files without a name, which "
					  "--disk needs"
					: strerror(errno));
}

int explore_no_variables(const char *scenario)
{
	return explore_unusable(scenario, errno == E2BIG ? LARGE_VARIABLES : strerror(errno));
}

void explore_warn_of_assembly(const char *name, const uint8_t *at)
{
	struct symbol_place p = symbol_place((uintptr_t)at + 1);

	fprintf(stderr,
		"qinval explore: %s: at %s:%d there is a fence or a locked instruction in "
		"assembly, "
		"which the lab does not see, so its verdict may be wrong; write "
		"__atomic_thread_fence(__ATOMIC_SEQ_CST), __atomic_fetch_add() and so on\n",
		name, p.file ? p.file : "?", p.line);
}
