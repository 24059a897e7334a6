/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The descriptors of an error: which is HEAD, which PRIOR, and their slots. */
#include "dmesg_qi.h"

#include <string.h>

#include <qinval/desc.h>
#include <qinval/regs.h>

#define LINUX_DONE 2 /* the status data of Linux's waits */
#define LINUX_SLOTS 256

static struct row *with_role(struct block *b, const char *role)
{
	for (unsigned i = 0; i < b->rows; i++)
		if (b->row[i].role && !strcmp(b->row[i].role, role))
			return &b->row[i];
	return NULL;
}

struct row *qi_row(const struct qi_error *e, const char *role)
{
	return e->mixed ? NULL : with_role(e->block, role);
}

bool qi_linux_wait(const struct row *r)
{
	return r && row_whole(r) && !r->open && qi_desc_type(&r->desc) == QI_IWD_TYPE &&
	       r->desc.qw0 & QI_IWD_SW && r->desc.qw0 >> 32 == LINUX_DONE;
}

bool qi_row_blank(const struct row *r)
{
	return r && row_whole(r) && !r->desc.qw0 && !r->desc.qw1;
}

void qi_slots(struct block *b)
{
	struct row *head = with_role(b, "HEAD"), *prior = with_role(b, "PRIOR");

	/* If two waits in a row do not agree on the next slot, the rule does not apply here. */
	if (qi_linux_wait(prior) && qi_linux_wait(head) &&
	    ((head->desc.qw1 - prior->desc.qw1) & 0x3ff) >> 2 != 1)
		return;
	if (qi_linux_wait(prior)) {
		prior->slot = (long)(prior->desc.qw1 & 0x3ff) >> 2;
		prior->inferred = true;
	} else if (qi_linux_wait(head)) {
		head->slot = (long)(head->desc.qw1 & 0x3ff) >> 2;
		head->inferred = true;
	}
	if (head && prior && prior->slot >= 0) {
		head->slot = (prior->slot + 1) % LINUX_SLOTS;
		head->inferred = true;
	} else if (head && prior && head->slot >= 0) {
		prior->slot = (head->slot + LINUX_SLOTS - 1) % LINUX_SLOTS;
		prior->inferred = true;
	}
}
