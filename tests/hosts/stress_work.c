/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "stress.h"

#include <hosts/waiting.h>
#include <string.h>

/* ---- making a submission ---- */

static void start(struct worker *w, struct submission *sub)
{
	sub->count = sub->options = 0;
	sub->first = w->number * IDS_PER_THREAD + w->next_id;
	sub->shared_id = sub->coarse = false;
	sub->invalid = -1;
}

static unsigned next_id(struct worker *w)
{
	unsigned id = w->number * IDS_PER_THREAD + w->next_id;

	w->next_id = (w->next_id + 1) % IDS_PER_THREAD;
	return id;
}

static unsigned random_count(struct worker *w)
{
	if (!roll(&w->random, 200))
		return w->s->cfg.slots + roll(&w->random, MAX_COUNT);
	return roll(&w->random, MAX_COUNT + 1);
}

static unsigned random_options(uint64_t *random)
{
	return (roll(random, 8) ? 0 : QI_OPT_FENCE) | (roll(random, 8) ? 0 : QI_OPT_INTERRUPT) |
	       (roll(random, 8) ? 0 : QI_OPT_WAIT_DRAIN);
}

static void fill(struct worker *w, struct submission *sub)
{
	start(w, sub);
	sub->count = random_count(w);
	sub->options = random_options(&w->random);
	for (unsigned i = 0; i < sub->count; i++)
		sub->desc[i] = random_desc(&w->random, next_id(w));
}

/* Set a bit that is reserved in every type. */
static void spoil(struct worker *w, struct submission *sub)
{
	if (!sub->count || roll(&w->random, 100))
		return;
	sub->invalid = roll(&w->random, sub->count);
	sub->desc[sub->invalid].qw0 |= 1 << 9;
}

/* If the chaos thread wants a refusal, ask for this descriptor: its address makes it unique. */
static void grant_wish(struct worker *w, const struct submission *sub)
{
	uint32_t wish = 1;

	if (!load(&w->s->wish) || sub->invalid >= 0)
		return;
	for (unsigned i = 0; i < sub->count; i++) {
		if (!(sub->desc[i].qw1 >> QI_PAGE_SHIFT))
			continue;
		if (__atomic_compare_exchange_n(&w->s->wish, &wish, 0, false, __ATOMIC_ACQ_REL,
						__ATOMIC_RELAXED))
			chaos_refuse(w->s, &sub->desc[i], &w->random);
		return;
	}
}

static void begin(struct worker *w, struct submission *sub)
{
	judge_begin(w, sub);
	grant_wish(w, sub);
}

/* ---- calls, with a watchdog ---- */

/* Each part has to wait for the ring, and has a time-out of its own. */
static void enter_call(struct worker *w, unsigned parts)
{
	store(&w->call_deadline, now_ns() + w->s->bound_ns + parts * w->s->part_ns);
}

static void leave_call(struct worker *w)
{
	store(&w->call_deadline, 0);
}

/* ---- tickets ---- */

/* The core must not access the ticket and the descriptors any more. */
static void forget(struct worker *w, unsigned i)
{
	struct submission *sub = w->held[i];

	memset(sub->desc, 0xa5, sizeof(*sub->desc) * sub->count);
	memset(&sub->t, 0xa5, sizeof(sub->t));
	w->held[i] = w->held[--w->nheld];
	w->held[w->nheld] = sub;
}

static bool poll_one(struct worker *w, unsigned i, uint32_t *died_in)
{
	struct submission *sub = w->held[i];
	int result = qi_poll(&w->s->q, &sub->t);

	if (result == QI_PENDING) {
		if (now_ns() > sub->start_ns + w->s->bound_ns + sub->count * w->s->part_ns)
			violated(w->s, LOST, "a ticket of %u descriptors is still pending",
				 sub->count);
		return false;
	}
	judge_end(w, sub, result);
	if (result == -QI_ERR_DEAD || result == -QI_ERR_GONE)
		*died_in = sub->life;
	forget(w, i);
	return true;
}

/*
 * Tickets occupy the ring until they are collected, so no thread may wait for one ticket while it
 * holds others: all are polled, in random order.
 */
static void collect_all(struct worker *w)
{
	unsigned pauses = waiting_pauses();
	uint32_t died_in = 1;

	waiting_restart();
	while (w->nheld) {
		if (poll_one(w, roll(&w->random, w->nheld), &died_in))
			waiting_resume(pauses);
		else
			waiting_turn(pauses);
		if (load(&w->s->violation))
			while (w->nheld) {
				qi_abandon(&w->s->q, &w->held[0]->t);
				forget(w, 0);
			}
	}
	if (!(died_in & 1))
		life_revive(w->s, died_in, true);
}

/* The queue was off or is dead: it cannot be reset before all tickets have been collected. */
static void handle(struct worker *w, uint32_t life, int result)
{
	if (result != -QI_ERR_OFF && result != -QI_ERR_DEAD && result != -QI_ERR_GONE)
		return;
	collect_all(w);
	life_revive(w->s, life, result != -QI_ERR_OFF);
}

static void look_after_one(struct worker *w)
{
	unsigned i = roll(&w->random, w->nheld);
	uint32_t died_in = 1;

	if (!roll(&w->random, 30)) {
		qi_abandon(&w->s->q, &w->held[i]->t);
		add(&w->figures.abandoned, 1);
		forget(w, i);
	} else {
		poll_one(w, i, &died_in);
	}
	if (!(died_in & 1))
		handle(w, died_in, -QI_ERR_DEAD);
}

/* True if ids of an outstanding ticket would soon be used again. */
static bool ids_run_out(const struct worker *w)
{
	for (unsigned i = 0; i < w->nheld; i++)
		if ((w->next_id - w->held[i]->first) % IDS_PER_THREAD > IDS_PER_THREAD / 2)
			return true;
	return false;
}

static void submit_ticket(struct worker *w)
{
	struct submission *sub;
	uint32_t life;
	int err;

	if (w->nheld == HELD || ids_run_out(w))
		collect_all(w);
	sub = w->held[w->nheld];
	fill(w, sub);
	spoil(w, sub);
	begin(w, sub);
	life = sub->life;
	enter_call(w, 0);
	err = qi_submit(&w->s->q, sub->desc, sub->count, sub->options, &sub->t);
	leave_call(w);
	if (!err) {
		w->nheld++;
		return;
	}
	judge_end(w, sub, err);
	handle(w, life, err);
}

/* ---- blocking calls ---- */

static int call_waiting(struct worker *w, struct submission *sub)
{
	int err;

	if (roll(&w->random, 2)) {
		sub->coarse = true;
		return qi_submit_sync(&w->s->q, sub->count ? sub->desc : NULL, sub->count,
				      sub->options);
	}
	err = qi_submit(&w->s->q, sub->desc, sub->count, sub->options, &sub->t);
	return err ? err : qi_wait(&w->s->q, &sub->t);
}

static int call_batch(struct worker *w, struct submission *sub)
{
	struct qi_desc room[32];
	struct qi_batch b;

	sub->coarse = true;
	qi_batch_init(&b, &w->s->q, room, 1 + roll(&w->random, 32));
	for (unsigned i = 0; i < sub->count; i++)
		qi_batch_add(&b, &sub->desc[i]);
	return qi_batch_submit(&b, sub->options);
}

static void finish(struct worker *w, struct submission *sub, int result)
{
	leave_call(w);
	judge_end(w, sub, result);
	handle(w, sub->life, result);
}

static void submit_waiting(struct worker *w, bool batch)
{
	struct submission *sub = &w->now;

	collect_all(w);
	fill(w, sub);
	if (!batch)
		spoil(w, sub);
	begin(w, sub);
	enter_call(w, sub->count + 1);
	finish(w, sub, batch ? call_batch(w, sub) : call_waiting(w, sub));
}

/* ---- convenience functions ---- */

/* The range's descriptors differ only in their addresses. */
static int flush_range(struct worker *w, struct submission *sub, uint64_t addr)
{
	uint64_t npages = 1 + roll(&w->random, 3000);
	bool ih = roll(&w->random, 2);

	sub->count = qi_iotlb_range(&w->s->q, sub->first, addr, npages, ih, sub->desc,
				    w->s->q.cfg.range_descs);
	sub->shared_id = true;
	begin(w, sub);
	return qi_flush_iotlb_range(&w->s->q, sub->first, addr, npages, ih);
}

static int flush_iotlb(struct worker *w, struct submission *sub, uint64_t addr)
{
	sub->desc[0] =
		qi_desc_iotlb(QI_IOTLB_PAGE, sub->first, addr, 0, false, QI_IOTLB_DR | QI_IOTLB_DW);
	begin(w, sub);
	return qi_flush_iotlb(&w->s->q, sub->first, addr, 0, false, QI_IOTLB_PAGE);
}

static int flush_context(struct worker *w, struct submission *sub)
{
	uint16_t sid = random_next(&w->random);
	unsigned fm = roll(&w->random, 4);

	sub->desc[0] = qi_desc_context(QI_CC_DEVICE, sub->first, sid, fm);
	begin(w, sub);
	return qi_flush_context(&w->s->q, sub->first, sid, fm, QI_CC_DEVICE);
}

static int flush_dev_iotlb(struct worker *w, struct submission *sub, uint64_t addr)
{
	uint16_t sid = device_sid(roll(&w->random, DEVICES));
	unsigned order = roll(&w->random, 6);

	addr &= ~0ULL << (order + QI_PAGE_SHIFT);
	sub->desc[0] = qi_desc_dev_tlb(sid, sub->first, 32, addr, order);
	begin(w, sub);
	return qi_flush_dev_iotlb(&w->s->q, sid, sub->first, 32, addr, order);
}

static int flush_dev_iotlb_pasid(struct worker *w, struct submission *sub, uint64_t addr)
{
	uint16_t sid = device_sid(roll(&w->random, DEVICES));
	unsigned order = roll(&w->random, 6);
	uint32_t pasid = roll(&w->random, 0x100000);

	addr &= ~0ULL << (order + QI_PAGE_SHIFT);
	sub->desc[0] = qi_desc_dev_tlb_pasid(sid, sub->first, 1, pasid, false, addr, order);
	begin(w, sub);
	return qi_flush_dev_iotlb_pasid(&w->s->q, sid, sub->first, pasid, 1, addr, order);
}

static int flush_piotlb(struct worker *w, struct submission *sub, uint64_t addr)
{
	uint32_t pasid = roll(&w->random, 0x100000);
	bool all = roll(&w->random, 2);

	sub->desc[0] = all ? qi_desc_piotlb(QI_PIOTLB_PASID, sub->first, pasid, 0, 0, false)
			   : qi_desc_piotlb(QI_PIOTLB_PAGE, sub->first, pasid, addr, 0, true);
	begin(w, sub);
	return qi_flush_piotlb(&w->s->q, sub->first, pasid, addr, all ? UINT64_MAX : 1, !all);
}

static int flush_pasid_cache(struct worker *w, struct submission *sub)
{
	uint32_t pasid = roll(&w->random, 0x100000);

	sub->desc[0] = qi_desc_pasid_cache(QI_PC_PASID, sub->first, pasid);
	begin(w, sub);
	return qi_flush_pasid_cache(&w->s->q, sub->first, QI_PC_PASID, pasid);
}

static int flush_iec(struct worker *w, struct submission *sub)
{
	unsigned im = roll(&w->random, 8);

	sub->desc[0] = qi_desc_iec(QI_IEC_INDEX, sub->first, im);
	begin(w, sub);
	return qi_flush_iec_index(&w->s->q, sub->first, im);
}

static int respond(struct worker *w, struct submission *sub)
{
	uint32_t pasid = roll(&w->random, 0x100000);
	unsigned prgi = roll(&w->random, 512);

	sub->desc[0] = qi_desc_page_response(sub->first, true, pasid, QI_RESP_INVALID, prgi, true);
	begin(w, sub);
	return qi_page_group_response(&w->s->q, sub->first, true, pasid, QI_RESP_INVALID, prgi,
				      true);
}

static int call_flush(struct worker *w, struct submission *sub)
{
	uint64_t addr = random_next(&w->random) & 0xfffffffff000ULL;

	switch (roll(&w->random, 9)) {
	case 0:
		return flush_range(w, sub, addr);
	case 1:
		return flush_iotlb(w, sub, addr);
	case 2:
		return flush_context(w, sub);
	case 3:
		return flush_dev_iotlb(w, sub, addr);
	case 4:
		return flush_dev_iotlb_pasid(w, sub, addr);
	case 5:
		return flush_piotlb(w, sub, addr);
	case 6:
		return flush_pasid_cache(w, sub);
	case 7:
		return flush_iec(w, sub);
	default:
		return respond(w, sub);
	}
}

static void submit_flush(struct worker *w)
{
	struct submission *sub = &w->now;

	collect_all(w);
	start(w, sub);
	sub->count = 1;
	sub->coarse = true;
	next_id(w);
	enter_call(w, MAX_COUNT + 1);
	finish(w, sub, call_flush(w, sub));
}

/* ---- the thread ---- */

static void do_something(struct worker *w)
{
	unsigned r = roll(&w->random, 16);

	if (w->nheld && roll(&w->random, 2)) {
		look_after_one(w);
		return;
	}
	add(&w->s->started, 1);
	if (r < 6)
		submit_ticket(w);
	else if (r < 11)
		submit_waiting(w, false);
	else if (r < 13)
		submit_waiting(w, true);
	else
		submit_flush(w);
}

void *worker_thread(void *arg)
{
	struct worker *w = arg;

	while (!stopping(w->s) && load(&w->s->started) < w->s->cfg.submissions)
		do_something(w);
	collect_all(w);
	store(&w->finished, 1);
	return NULL;
}
