/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* talk.h - the messages of the guest's init; guest/data/init is the other side. */
#ifndef GUEST_TALK_H
#define GUEST_TALK_H

#include <stdbool.h>
#include <stddef.h>

struct blob {
	char *data; /* terminated by a 0 byte */
	size_t bytes, room;
};

struct talk {
	struct blob line, symbols, btf, dmesg;
	struct blob *into; /* raw data goes here ... */
	size_t left;	   /* ... as long as so many bytes are left */
	bool in_symbols;
	size_t whole; /* bytes of the symbols that form complete lists */
	char kernel[100];
	bool units; /* the kernel has an IOMMU */
	bool told_units;
	bool working; /* the work has begun */
	bool worked;  /* the work has ended; the guest waits for an answer before it goes on */
	bool done;
	int result;	   /* of the work */
	char module[64];   /* the first loaded module that is not the kernel's own */
	char refused[300]; /* a module that the kernel refused to load, and the reason */
	char stays[300];   /* a module that the kernel does not unload */
};

void talk_take(struct talk *t, const char *data, size_t n);
void talk_free(struct talk *t);

#endif
