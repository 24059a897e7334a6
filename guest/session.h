/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* session.h - one run of a guest: made ready, booted, watched, judged, cleaned up. */
#ifndef GUEST_SESSION_H
#define GUEST_SESSION_H

#include "folder.h"
#include "hang.h"
#include "kernel.h"
#include "vm.h"

struct session_config {
	const char *kernel, *initrd, *append, *qemu, *firmware, *faults, *plants, *work, *log;
	unsigned cpus, seconds, units;
	uint64_t seed;
	char *const *more;
	const char *module, *parameters; /* the user's module, loaded before the work; or NULL */
	bool progress;
	bool qemus_own; /* QEMU's intel-iommu, to compare with: nothing is counted or judged */
};

enum session_end {
	SESSION_UNUSABLE, /* it could not be started, or did not reach its work: `why` */
	SESSION_DONE, /* the work was done; or, with an initrd of the user's, the guest has ended */
	SESSION_FAILED, /* the work says that it failed */
	SESSION_ENDED,	/* the guest or QEMU ended before its work did: `why` */
	SESSION_HANG,
	SESSION_IDLE, /* the work is not done, and nothing happens any more */
	SESSION_TIME,
	SESSION_INTERRUPTED,
};

struct session {
	const struct session_config *cfg;
	struct folder folder;
	char initrd[PATH_MAX], dmar[PATH_MAX], console[PATH_MAX], disk[VM_DISKS][PATH_MAX];
	char append[2000];
	struct kernel kernel;
	struct vm vm;
	struct symbols *symbols;
	size_t symbols_bytes; /* the names of the files that they were read from */
	struct hang hang;
	struct sample last; /* where the processors were when time was up */
	double started, seconds;
	double to_work;	    /* seconds until the work began; 0: it did not */
	double at_work;	    /* seconds that it took */
	double cpu_at_work; /* processor time that QEMU took for it */
	enum session_end end;
	bool copies;  /* the work says that it makes the second disk equal to the first */
	long damaged; /* blocks; -1: not compared */
	char why[700];
};

void session_run(struct session *s, const struct session_config *cfg);

/* The machine's counts are there until then. */
void session_close(struct session *s);

#endif
