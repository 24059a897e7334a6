// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#include <linux/btf.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/string.h>
#include <linux/vmalloc.h>
#include "btf_file.h"

#define MOST_BYTES (1 << 28)

static const char *string(const struct btf_file *b, u32 offset)
{
	return offset < b->strings_bytes ? b->strings + offset : "";
}

/* The number of bytes after struct btf_type; -1: a kind that is not known here. */
static int bytes_behind(const struct btf_type *t)
{
	u32 n = BTF_INFO_VLEN(t->info);

	switch (BTF_INFO_KIND(t->info)) {
	case BTF_KIND_INT:
	case BTF_KIND_VAR:
	case BTF_KIND_DECL_TAG:
		return 4;
	case BTF_KIND_ARRAY:
		return sizeof(struct btf_array);
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		return n * sizeof(struct btf_member);
	case BTF_KIND_ENUM:
		return n * sizeof(struct btf_enum);
	case BTF_KIND_ENUM64:
		return n * sizeof(struct btf_enum64);
	case BTF_KIND_FUNC_PROTO:
		return n * sizeof(struct btf_param);
	case BTF_KIND_DATASEC:
		return n * sizeof(struct btf_var_secinfo);
	case BTF_KIND_PTR:
	case BTF_KIND_FWD:
	case BTF_KIND_TYPEDEF:
	case BTF_KIND_VOLATILE:
	case BTF_KIND_CONST:
	case BTF_KIND_RESTRICT:
	case BTF_KIND_FUNC:
	case BTF_KIND_FLOAT:
	case BTF_KIND_TYPE_TAG:
		return 0;
	}
	return -1;
}

/* The type at *at, which moves to the next one; NULL at the end. */
static const struct btf_type *next(const struct btf_file *b, const char **at)
{
	const struct btf_type *t = (const void *)*at;
	ptrdiff_t left = b->types_end - *at;
	int more;

	if (left < (ptrdiff_t)sizeof(*t))
		return NULL;
	more = bytes_behind(t);
	if (more < 0 || left - (ptrdiff_t)sizeof(*t) < more)
		return NULL;
	*at += sizeof(*t) + more;
	return t;
}

static const struct btf_type *find(const struct btf_file *b, u32 kind, const char *name)
{
	const struct btf_type *t;
	const char *at = b->types;

	while ((t = next(b, &at)))
		if (BTF_INFO_KIND(t->info) == kind && !strcmp(string(b, t->name_off), name))
			break;
	return t;
}

/* Types are counted from 1; 0 is void. */
static const struct btf_type *by_id(const struct btf_file *b, u32 id)
{
	const struct btf_type *t = NULL;
	const char *at = b->types;

	while (id-- && (t = next(b, &at)))
		;
	return t;
}

u32 btf_file_size(const struct btf_file *b, const char *structure)
{
	const struct btf_type *t = find(b, BTF_KIND_STRUCT, structure);

	return t ? t->size : 0;
}

int btf_file_member(const struct btf_file *b, const char *structure, const char *member)
{
	const struct btf_type *t = find(b, BTF_KIND_STRUCT, structure);
	const struct btf_member *m = (const void *)(t + 1);
	u32 i, bits;

	for (i = 0; t && i < BTF_INFO_VLEN(t->info); i++) {
		if (strcmp(string(b, m[i].name_off), member))
			continue;
		bits = BTF_INFO_KFLAG(t->info) ? BTF_MEMBER_BIT_OFFSET(m[i].offset) : m[i].offset;
		if (bits % 8 || bits / 8 >= t->size)
			break;
		return bits / 8;
	}
	return -ENOENT;
}

static bool points_to(const struct btf_file *b, u32 id, const char *name)
{
	const struct btf_type *t = by_id(b, id);

	if (!t || BTF_INFO_KIND(t->info) != BTF_KIND_PTR)
		return false;
	t = by_id(b, t->type);
	return t && BTF_INFO_KIND(t->info) == BTF_KIND_STRUCT &&
	       !strcmp(string(b, t->name_off), name);
}

bool btf_file_function(const struct btf_file *b, const char *function, unsigned int parameters,
		       const char *const *pointers, unsigned int npointers)
{
	const struct btf_type *t = find(b, BTF_KIND_FUNC, function);
	const struct btf_param *p;
	unsigned int i;

	t = t ? by_id(b, t->type) : NULL;
	if (!t || BTF_INFO_KIND(t->info) != BTF_KIND_FUNC_PROTO ||
	    BTF_INFO_VLEN(t->info) != parameters)
		return false;
	p = (const void *)(t + 1);
	for (i = 0; i < npointers; i++)
		if (!points_to(b, p[i].type, pointers[i]))
			return false;
	return true;
}

bool btf_file_event(const struct btf_file *b, const char *type, unsigned int parameters)
{
	const struct btf_type *t = find(b, BTF_KIND_TYPEDEF, type);

	t = t ? by_id(b, t->type) : NULL;
	t = t && BTF_INFO_KIND(t->info) == BTF_KIND_PTR ? by_id(b, t->type) : NULL;
	return t && BTF_INFO_KIND(t->info) == BTF_KIND_FUNC_PROTO &&
	       BTF_INFO_VLEN(t->info) == parameters;
}

/* kernel_read_file() is not used, as security modules warn of purposes that they do not know. */
static ssize_t read_all(const char *path, void **data)
{
	struct file *f = filp_open(path, O_RDONLY, 0);
	ssize_t n = 0, got = 1;
	loff_t pos = 0, size;

	if (IS_ERR(f))
		return PTR_ERR(f);
	size = i_size_read(file_inode(f));
	*data = size > 0 && size < MOST_BYTES ? vmalloc(size) : NULL;
	if (!*data)
		n = size > 0 && size < MOST_BYTES ? -ENOMEM : -EINVAL;
	while (n >= 0 && n < size && got > 0) {
		got = kernel_read(f, (char *)*data + n, size - n, &pos);
		n = got < 0 ? got : n + got;
	}
	filp_close(f, NULL);
	return n;
}

/* Check that the parts lie within the file, and that strings end there. */
static bool lay_out(struct btf_file *b, u64 bytes)
{
	const struct btf_header *h = b->data;

	if (bytes < sizeof(*h) || h->magic != BTF_MAGIC ||
	    (u64)h->hdr_len + h->type_off + h->type_len > bytes ||
	    (u64)h->hdr_len + h->str_off + h->str_len > bytes || !h->str_len || h->type_off % 4 ||
	    h->hdr_len % 4)
		return false;
	b->types = (char *)b->data + h->hdr_len + h->type_off;
	b->types_end = b->types + h->type_len;
	b->strings = (char *)b->data + h->hdr_len + h->str_off;
	b->strings_bytes = h->str_len;
	return !b->strings[h->str_len - 1];
}

int btf_file_open(struct btf_file *b, const char *path)
{
	ssize_t n;

	*b = (struct btf_file){};
	n = read_all(path, &b->data);
	if (n >= 0 && lay_out(b, n))
		return 0;
	btf_file_close(b);
	return n < 0 ? n : -EINVAL;
}

void btf_file_close(struct btf_file *b)
{
	vfree(b->data);
	b->data = NULL;
}
