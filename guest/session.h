/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* session.h - one run of a guest: prepared, booted, watched, judged, removed. */
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
	/* The user's module, which is loaded before the work; or NULL. */
	const char *module, *parameters;
	bool progress;
	bool qemus_own; /* for comparison, use QEMU's intel-iommu: nothing is counted or judged */
};

enum session_end {
	SESSION_UNUSABLE, /* it could not be started, or did not reach its work: see `why` */
	SESSION_DONE,	/* the work is done; or, with an initrd of the user, the guest has ended */
	SESSION_FAILED, /* the work reported a failure */
	SESSION_ENDED,	/* the guest or QEMU ended before the work did: see `why` */
	SESSION_HANG,
	SESSION_IDLE, /* the work is not done, and there is no more activity */
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
	size_t symbols_bytes; /* bytes of the names of the files from which they were read */
	struct hang hang;
	struct sample last; /* the processors when the time limit was reached */
	double started, seconds;
	double to_work;	    /* seconds until the work began; 0: it did not */
	double at_work;	    /* seconds that the work took */
	double cpu_at_work; /* processor time of QEMU during the work */
	enum session_end end;
	bool copies;  /* the work says that it copies the first disk to the second */
	long damaged; /* blocks; -1: not compared */
	char why[700];
};

void session_run(struct session *s, const struct session_config *cfg);

/* The counts in the shared memory are valid until this call. */
void session_close(struct session *s);

#endif
