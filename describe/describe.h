/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * describe.h - invalidation descriptors in words: of any descriptor, valid or not, from wherever.
 *
 * For tools: the core does not need it. Freestanding, as the core is; it reads the core's table of
 * fields, so that the two cannot disagree.
 */
#ifndef DESCRIBE_H
#define DESCRIBE_H

#include <qinval/desc.h>

#define QI_DESC_MAX_FIELDS 9

struct qi_field {
	const char *name;    /* as in the specification: "DID", "AM", "ADDR", ... */
	uint64_t value;	     /* addresses in bytes, everything else as it stands in the field */
	const char *meaning; /* of granularities, response codes, bits; else NULL */
};

/*
 * The fields of @d in the order of their bits; PFSID, which is split, comes once. Returns their
 * number, 0 for an unknown type.
 */
unsigned qi_desc_fields(const struct qi_desc *d, struct qi_field out[QI_DESC_MAX_FIELDS]);

/* "IOTLB Invalidation", ...: Linux's words, as its log prints them; "UNKNOWN" for any other. */
const char *qi_type_name(unsigned type);

/* "iotlb_inv", ...: the trace event's words; NULL for any other. */
const char *qi_type_trace_name(unsigned type);

/*
 * The addresses that an invalidation of type 2, 3, 6 or 8 covers, first and last byte; an ADDR that
 * is not aligned to AM is rounded down. A device TLB's whole address space is 0 .. UINT64_MAX.
 * False if it is not limited to a range (global, domain, PASID), if no size can be read (S is set
 * and ADDR has no bit that is 0), or if it has another type.
 */
bool qi_desc_range(const struct qi_desc *d, uint64_t *first, uint64_t *last);

/*
 * Clear the bits of a page-selective ADDR (type 2, 6) that are below AM. Units ignore them, so the
 * rest is what they execute, and what qi_desc_valid() would say of it. True if there was one set.
 */
bool qi_desc_align(struct qi_desc *d);

/*
 * One line for people: "IOTLB Invalidation: page, DID 8, ADDR 0xf9a00000-0xf9a1ffff (AM 5), DR DW".
 * Fields that the granularity does not use are left out, reserved bits that are set are shown. qw2
 * and qw3 are not looked at. Writes at most @size bytes including the final NUL; returns the length
 * that the whole line has, as snprintf() does.
 */
size_t qi_desc_text(const struct qi_desc *d, char *buf, size_t size);

#endif
