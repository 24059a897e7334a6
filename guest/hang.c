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

/*
 * For addresses without names: true if the processor is in the kernel, at the same depth of the
 * same stack as at the last look, and takes no interrupts. A kernel does that for seconds only in
 * an endless loop; a processor that works is interrupted.
 */
static bool turns(const struct hang *h, unsigned i)
{
	const struct sample_cpu *c = &h->last.cpu[i];

	return !c->halted && c->masked && c->rip >> 63 &&
	       c->rsp - h->stack[i] + HANG_NEAR < 2 * HANG_NEAR;
}

/* Count, for each processor, the consecutive looks at which it was in the queue's code. */
static void count_looks(struct hang *h)
{
	h->idle++;
	for (unsigned i = 0; i < h->last.cpus; i++) {
		const struct sample_cpu *c = &h->last.cpu[i];
		bool in_queue = h->blind ? turns(h, i) : c->in_queue;

		if (!c->halted)
			h->idle = 0;
		h->stack[i] = c->rsp;
		if (!in_queue)
			h->in_queue[i] = 0;
		else if (!h->in_queue[i]++)
			h->since[i] = c->cpu_seconds;
	}
}

/* True if no unit has anything to do until software or a device acts. */
static bool units_rest(const struct guest_share *share)
{
	for (unsigned i = 0; i < share->units; i++)
		if (!__atomic_load_n(&share->regs[i].idle, __ATOMIC_ACQUIRE))
			return false;
	return true;
}

bool hang_look(struct hang *h, struct qmp *q, const struct sample_names *names, int pid,
	       const struct guest_share *share)
{
	const unsigned looks = names->symbols ? HANG_LOOKS : HANG_LOOKS_BLIND;
	const double seconds = names->symbols ? HANG_SECONDS : HANG_SECONDS_BLIND;
	bool sure = false;

	h->blind = !names->symbols;
	if (!units_rest(share) || !sample_take(&h->last, q, names, pid))
		return false;
	count_looks(h);
	h->cpus = 0;
	h->in_module = false;
	for (unsigned i = 0; i < h->last.cpus; i++) {
		h->cpus += h->in_queue[i] >= HANG_LOOKS_BESIDE;
		h->in_module = h->in_module || h->last.cpu[i].in_module;
		sure = sure || (h->in_queue[i] >= looks &&
				h->last.cpu[i].cpu_seconds - h->since[i] >= seconds);
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

static bool is_full(const struct hang *h)
{
	return h->has_books && h->books.free_cnt < 3 && !h->books.in_use_waits;
}

static const char *in_wait(const struct hang *h)
{
	if (h->blind)
		return "in one loop of the kernel, without interrupts";
	if (h->in_module)
		return "in the module";
	if (!h->has_books)
		return "in qi_submit_sync";
	return is_full(h) ? "in qi_submit_sync, in the wait for space"
			  : "in qi_submit_sync, in the wait for completion";
}

/* Describe what is wrong with a unit; NULL: nothing. *history: the number of the known defect. */
static const char *judge(const struct hang *h, const struct guest_registers *r, unsigned *history)
{
	const struct books *b = &h->books;

	*history = 0;
	if (r->gone)
		return "the unit reads as all ones";
	if (!(r->gsts & VTD_GSTS_QIES))
		return "the unit has lost its registers: its queue is off";
	if (r->fsts & VTD_FSTS_IQE) {
		*history = 32;
		return "IQE is set and is not cleared";
	}
	if (r->fsts & VTD_FSTS_ITE)
		return "ITE is set and is not cleared";
	if (r->iqh != r->iqt)
		return "the unit does not fetch";
	if (is_full(h) && b->done_waits) {
		*history = 33;
		return "the ring has leaked away";
	}
	if (h->has_books && b->in_use_waits)
		return "a status write has not come";
	return NULL;
}

/* The first unit with which something is wrong. */
static const struct guest_registers *find_unit(struct hang *h, struct qmp *q,
					       const struct symbols *symbols, const void *btf,
					       size_t btf_bytes, const struct guest_share *share,
					       const char **name)
{
	const struct guest_registers *r = NULL;

	*name = NULL;
	if (h->in_module)
		snprintf(h->why, sizeof(h->why), "the module has its own");
	for (unsigned i = 0; i < share->units && !*name; i++) {
		r = &share->regs[i];
		h->has_books = !h->in_module && books_read(&h->books, q, symbols, r->base, btf,
							   btf_bytes, h->why, sizeof(h->why));
		*name = judge(h, r, &h->history);
	}
	if (!*name && h->has_books && h->books.free_cnt >= 3) {
		*name = "another has taken the completion";
		h->history = 1;
	}
	if (!*name)
		*name = "none of the known defects";
	return r;
}

void hang_diagnose(struct hang *h, struct qmp *q, const struct symbols *symbols, const void *btf,
		   size_t btf_bytes, const struct guest_share *share)
{
	const struct guest_registers *r;
	char books[300], unit[40] = "";
	const char *name;
	bool stopped = sample_stop(q);

	r = find_unit(h, q, symbols, btf, btf_bytes, share, &name);
	if (stopped)
		sample_continue(q);
	if (h->has_books)
		snprintf(books, sizeof(books),
			 "%d of %d slots free; %u waits in use, %u waits DONE without an owner",
			 h->books.free_cnt, BOOKS_SLOTS, h->books.in_use_waits,
			 h->books.done_waits);
	else
		snprintf(books, sizeof(books), "bookkeeping unknown: %s", h->why);
	if (share->units > 1)
		snprintf(unit, sizeof(unit), "unit at 0x%llx, ", (unsigned long long)r->base);
	name_places(h);
	snprintf(h->says, sizeof(h->says),
		 "%u of %u CPUs %s; %s; %sIQH 0x%llx, IQT 0x%llx, FSTS 0x%x: %s", h->cpus,
		 h->last.cpus, in_wait(h), books, unit, (unsigned long long)r->iqh,
		 (unsigned long long)r->iqt, r->fsts, name);
	if (h->history)
		snprintf(h->says + strlen(h->says), sizeof(h->says) - strlen(h->says),
			 " (bug-history %u)", h->history);
}
