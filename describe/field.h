/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* field.h - one field of a descriptor: its value, and what that means. */
#ifndef DESCRIBE_FIELD_H
#define DESCRIBE_FIELD_H

#include <qinval/desc.h>

/*
 * Put together from all its rows; 0 if the type has no such field. The type must be a known one.
 */
uint64_t qi_field_value(const struct qi_desc *d, unsigned field);

/* NULL: nothing in particular or, of G, it is not defined. */
const char *qi_meaning(unsigned type, unsigned field, uint64_t value);

#endif
