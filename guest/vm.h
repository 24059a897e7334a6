/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* vm.h - a QEMU with our unit in it, its monitor, and the channel to the guest's init. */
#ifndef GUEST_VM_H
#define GUEST_VM_H

#include "qmp.h"
#include "share.h"
#include "talk.h"

#include <hosts/process.h>
#include <limits.h>

#define VM_DISKS 3

/*
 * Where the root port of the disk with a TLB is, and NVMe: some of several units have just these.
 */
#define VM_PORT_SLOT "3"
#define VM_NVME_SLOT "4"

struct vm_config {
	const char *qemu;     /* the program */
	const char *firmware; /* a folder for -L, or NULL */
	const char *kernel, *initrd, *append, *dmar, *console;
	/* Files: virtio-blk, the second one with a TLB of its own (ATS), and NVMe. */
	const char *disk[VM_DISKS];
	const char *faults, *plants; /* lists, or NULL */
	bool qemus_own;		     /* use QEMU's intel-iommu in place of our unit, to compare */
	uint64_t seed;
	unsigned cpus, megabytes;
	char *const *more; /* the user's arguments, up to NULL */
};

struct vm {
	struct process process;
	struct qmp qmp;
	struct talk talk;
	int channel; /* -1: closed */
	struct guest_share *share;
	int share_fd;
};

bool vm_start(struct vm *m, const struct vm_config *cfg, char *error, size_t size);

/* Read what the guest and QEMU say, for at most so long. */
void vm_listen(struct vm *m, int ms);

void vm_stop(struct vm *m);

#endif
