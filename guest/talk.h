/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* talk.h - what the guest's init says by its channel; guest/data/init is the other side. */
#ifndef GUEST_TALK_H
#define GUEST_TALK_H

#include <stdbool.h>
#include <stddef.h>

struct blob {
	char *data; /* with a 0 behind it */
	size_t bytes, room;
};

struct talk {
	struct blob line, symbols, btf, dmesg;
	struct blob *into; /* what comes goes there, raw */
	size_t left;	   /* so many bytes of it */
	bool in_symbols;
	size_t whole; /* the number of bytes of symbols that are in complete lists */
	char kernel[100];
	bool units; /* the kernel has an IOMMU */
	bool told_units;
	bool working; /* the work has begun */
	bool done;
	int result;	   /* of the work */
	char module[64];   /* the first module that is not the kernel's own, as it was loaded */
	char refused[300]; /* a module that the kernel refused to load, and why */
	char stays[300];   /* a module that the kernel does not unload */
};

void talk_take(struct talk *t, const char *data, size_t n);
void talk_free(struct talk *t);

#endif
