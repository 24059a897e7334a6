/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * btf_file.h - the kernel's description of its types (BTF), read from a file that is not trusted.
 */
#ifndef QINVAL_LINUX_BTF_H
#define QINVAL_LINUX_BTF_H

#include <linux/types.h>

struct btf_file {
	void *data;
	const char *types, *types_end, *strings;
	u32 strings_bytes;
};

/* Returns 0 or a negative errno. */
int btf_file_open(struct btf_file *b, const char *path);
void btf_file_close(struct btf_file *b);

/* The size of a structure in bytes; 0: there is none of this name. */
u32 btf_file_size(const struct btf_file *b, const char *structure);

/* Offset of a member in bytes, or -ENOENT. */
int btf_file_member(const struct btf_file *b, const char *structure, const char *member);

/* True if this function has so many parameters, and these are pointers to these structures. */
bool btf_file_function(const struct btf_file *b, const char *function, unsigned int parameters,
		       const char *const *pointers, unsigned int npointers);

/* True if the probes of an event, given the name of their type, take so many parameters. */
bool btf_file_event(const struct btf_file *b, const char *type, unsigned int parameters);

#endif
