/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* btf_file.h - what the kernel says of its own types. Reads a file; nothing in it is trusted. */
#ifndef QINVAL_LINUX_BTF_H
#define QINVAL_LINUX_BTF_H

#include <linux/types.h>

struct btf_file {
	void *data;
	const char *types, *types_end, *strings;
	u32 strings_bytes;
};

/* 0, or a negative errno. */
int btf_file_open(struct btf_file *b, const char *path);
void btf_file_close(struct btf_file *b);

/* Bytes of a structure, 0 if there is none of this name. */
u32 btf_file_size(const struct btf_file *b, const char *structure);

/* Offset of a member in bytes, or -ENOENT. */
int btf_file_member(const struct btf_file *b, const char *structure, const char *member);

/* Has this function so many parameters, and are these pointers to structures of these names? */
bool btf_file_function(const struct btf_file *b, const char *function, unsigned int parameters,
		       const char *const *pointers, unsigned int npointers);

/* Do an event's probes, by the name of their type, take so many parameters? */
bool btf_file_event(const struct btf_file *b, const char *type, unsigned int parameters);

#endif
