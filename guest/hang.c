/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "hang.h"

#include <stdio.h>
#include <string.h>

#include <qinval/regs.h>

bool hang_suspect(struct hang *h, const struct guest_share *share)
{
	uint64_t submissions = guest_count(&share->submissions);
	uint64_t doorbells = guest_count(&share->doorbells);

	if (submissions != h->submissions || doorbells != h->doorbells) {
		h->submissions = submissions;
		h->doorbells = doorbells;
		h->idle = 0;
		memset(h->in_queue, 0, sizeof(h->in_queue));
		return false;
	}
	return submissions;
}

/* Which processors are in the queue's code now, and for how many looks on end they have been. */
static void count_looks(struct hang *h)
{
	h->idle++;
	for (unsigned i = 0; i < h->last.cpus; i++) {
		const struct sample_cpu *c = &h->last.cpu[i];

		if (!c->halted)
			h->idle = 0;
		if (!c->in_queue)
			h->in_queue[i] = 0;
		else if (!h->in_queue[i]++)
			h->since[i] = c->cpu_seconds;
	}
}

bool hang_look(struct hang *h, struct qmp *q, const struct sample_names *names, int pid,
	       const struct guest_share *share)
{
	bool sure = false;

	if (!__atomic_load_n(&share->regs[0].idle, __ATOMIC_ACQUIRE) ||
	    !sample_take(&h->last, q, names, pid))
		return false;
	count_looks(h);
	h->cpus = 0;
	for (unsigned i = 0; i < h->last.cpus; i++) {
		h->cpus += h->in_queue[i] >= HANG_LOOKS_BESIDE;
		sure = sure || (h->in_queue[i] >= HANG_LOOKS &&
				h->last.cpu[i].cpu_seconds - h->since[i] >= HANG_SECONDS);
	}
	return h->found = sure;
}

static void name_places(struct hang *h)
{
	size_t n = 0;

	for (unsigned i = 0; i < h->last.cpus && n < sizeof(h->where); i++)
		n += (size_t)snprintf(h->where + n, sizeof(h->where) - n, "%sCPU %u: %s",
				      i ? "; " : "", i,
				      h->last.cpu[i].halted ? "idle" : h->last.cpu[i].where);
}

static const char *in_wait(const struct hang *h)
{
	if (!h->has_books)
		return "in qi_submit_sync";
	if (h->books.free_cnt < 3 && !h->books.in_use_waits)
		return "in qi_submit_sync, in the wait for space";
	return "in qi_submit_sync, in the wait for completion";
}

static unsigned which(const struct hang *h, const struct guest_registers *r, const char **name)
{
	const struct books *b = &h->books;

	*name = "none of the known defects";
	if (r->gone)
		*name = "the unit reads as all ones";
	else if (!(r->gsts & VTD_GSTS_QIES))
		*name = "the unit has lost its registers: its queue is off";
	else if (r->fsts & VTD_FSTS_IQE) {
		*name = "IQE is set, and nobody clears it";
		return 32;
	} else if (r->fsts & VTD_FSTS_ITE)
		*name = "ITE is set, and nobody clears it";
	else if (r->iqh != r->iqt)
		*name = "the unit does not fetch";
	else if (h->has_books && b->free_cnt < 3 && !b->in_use_waits && b->done_waits) {
		*name = "the ring has leaked away";
		return 33;
	} else if (h->has_books && b->in_use_waits)
		*name = "a status write has not come";
	else if (h->has_books && b->free_cnt >= 3) {
		*name = "another has taken the completion";
		return 1;
	}
	return 0;
}

void hang_diagnose(struct hang *h, struct qmp *q, const struct symbols *symbols, const void *btf,
		   size_t btf_bytes, const struct guest_share *share)
{
	const struct guest_registers *r = &share->regs[0];
	char why[200] = "", books[300];
	const char *name;

	if (sample_stop(q)) {
		h->has_books = books_read(&h->books, q, symbols, btf, btf_bytes, why, sizeof(why));
		sample_continue(q);
	}
	if (h->has_books)
		snprintf(books, sizeof(books),
			 "%d of %d slots free; %u waits in use, %u waits DONE that nobody owns",
			 h->books.free_cnt, BOOKS_SLOTS, h->books.in_use_waits,
			 h->books.done_waits);
	else
		snprintf(books, sizeof(books), "bookkeeping unknown: %s", why);
	h->history = which(h, r, &name);
	name_places(h);
	snprintf(h->says, sizeof(h->says),
		 "%u of %u CPUs %s; %s; IQH 0x%llx, IQT 0x%llx, FSTS 0x%x: %s", h->cpus,
		 h->last.cpus, in_wait(h), books, (unsigned long long)r->iqh,
		 (unsigned long long)r->iqt, r->fsts, name);
	if (h->history)
		snprintf(h->says + strlen(h->says), sizeof(h->says) - strlen(h->says),
			 " (bug-history %u)", h->history);
}
