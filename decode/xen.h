/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* xen.h - Xen's messages that are not about the queue. */
#ifndef DECODE_XEN_H
#define DECODE_XEN_H

#include "faults.h"

struct xen_fault {
	struct fault fault; /* it waits for its reason, and for table entries */
	uint64_t line;	    /* of its latest line */
};

/* The text after "(XEN)" and a time. */
const char *xen_body(const struct line *l);

/* Returns true if the line is about a fault. */
bool xen_fault_line(struct decode *d, struct xen_fault *x, const struct line *l);
void xen_fault_end(struct decode *d, struct xen_fault *x);

#endif
