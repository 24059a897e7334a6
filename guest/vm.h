/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* vm.h - a QEMU with our unit, its monitor, and the channel to the guest's init. */
#ifndef GUEST_VM_H
#define GUEST_VM_H

#include "qmp.h"
#include "share.h"
#include "talk.h"

#include <hosts/process.h>
#include <limits.h>

#define VM_DISKS 3

/*
 * Slots of the root port of the disk with a TLB, and of NVMe: with several units some have just
 * these devices.
 */
#define VM_PORT_SLOT "3"
#define VM_NVME_SLOT "4"

struct vm_config {
	const char *qemu;     /* path of the program */
	const char *firmware; /* a folder for -L, or NULL */
	const char *kernel, *initrd, *append, *dmar, *console;
	/* Files of the disks: virtio-blk, virtio-blk with a device TLB (ATS), and NVMe. */
	const char *disk[VM_DISKS];
	const char *faults, *plants; /* lists, or NULL */
	/* For comparison, use QEMU's intel-iommu instead of our unit. */
	bool qemus_own;
	uint64_t seed;
	unsigned cpus, megabytes;
	char *const *more; /* the user's arguments, ending with NULL */
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

/* Read messages of the guest and of QEMU, for at most this time. */
void vm_listen(struct vm *m, int ms);

void vm_stop(struct vm *m);

#endif
