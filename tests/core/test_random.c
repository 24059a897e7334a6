/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Random submissions, faults and changes of mode, all decided by a seed, and judged.
 *
 * usage: test-core_random [SEED [COUNT]]
 * Runs COUNT seeds from SEED on. With one seed alone it tells on stderr what happens.
 */
#include "test_random.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <lab/age.h>

#define TICK 20000ULL	   /* ns of one relax() */
#define TIMEOUT_TURNS 2000 /* of relax(), ... */
#define ATS_TIMEOUT_TURNS 20000

static uint64_t first_seed = 1, seeds = 8000;
static struct fuzz *running;

unsigned fuzz_pick(struct fuzz *f, unsigned n)
{
	f->random ^= f->random << 13;
	f->random ^= f->random >> 7;
	f->random ^= f->random << 17;
	return (unsigned)((f->random >> 20) % n);
}

void fuzz_say(const struct fuzz *f, const char *format, ...)
{
	va_list args;

	if (!f->talk)
		return;
	fprintf(stderr, "%9llu  ", (unsigned long long)(f->r->now / TICK));
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
}

/* ---- submitters ---- */

/* Whatever the queue still knows of it from now on is not what it was. */
static void forget(struct sub *s)
{
	memset(&s->t, 0xa5, sizeof(s->t));
	memset(s->desc, 0xa5, sizeof(s->desc));
	s->live = false;
}

void fuzz_collect(struct fuzz *f, struct sub *s, int ret)
{
	if (ret == QI_PENDING)
		return;
	fuzz_say(f, "%d ends: %s, index %u, sid %04x, iqei %u", (int)(s - f->sub), qi_strerror(ret),
		 s->t.error.index, s->t.error.sid, s->t.error.iqei);
	judge_result(f, s, ret);
	forget(s);
}

/* Its owner has looked now. What it was away for, beyond the time between two looks, is its own. */
static void note_look(struct fuzz *f, struct sub *s)
{
	uint64_t away = f->r->now - s->looked, look = f->r->q.cfg.timeout_ns / 16;

	if (s->looked)
		s->waited += away < look ? away : look;
	else
		s->began = f->r->now;
	s->looked = f->r->now;
	s->faults = f->r->q.faults;
}

static void poll(struct fuzz *f, struct sub *s)
{
	int ret = qi_poll(&f->r->q, &s->t);

	if (ret == QI_PENDING) {
		note_look(f, s);
		judge_pending(f, s);
	}
	fuzz_collect(f, s, ret);
}

static struct sub *pick_sub(struct fuzz *f, bool live)
{
	unsigned i = fuzz_pick(f, SUBS), n;

	for (n = 0; n < SUBS; n++) {
		struct sub *s = &f->sub[(i + n) % SUBS];

		if (s->live == live && s != f->busy)
			return s;
	}
	return NULL;
}

static void others_poll(struct rig *r)
{
	struct fuzz *f = r->test;
	struct sub *s;

	/* One who waits for space depends on others' taking their results. */
	if (fuzz_pick(f, 8) >= f->poll_chance + !!f->busy)
		return;
	s = pick_sub(f, true);
	if (s)
		poll(f, s);
}

static struct qi_desc random_desc(struct fuzz *f, uint32_t uid, unsigned ats_chance)
{
	uint64_t addr = (uint64_t)uid << QI_PAGE_SHIFT;
	uint16_t sid = RIG_SID(1 + fuzz_pick(f, DEVICES - 1));

	if (fuzz_pick(f, 8) < ats_chance) {
		if (f->r->unit.profile == VTD_QEMU_7_2 || fuzz_one_in(f, 2))
			return qi_desc_dev_tlb(sid, 0, 0, addr, 0);
		return qi_desc_dev_tlb_pasid(sid, 0, 0, 7, false, addr, 0);
	}
	if (f->responds && uid < MOST_RESPONSES && fuzz_one_in(f, 3))
		return qi_desc_page_response(sid, false, 0, 0, uid, true);
	if (f->r->unit.profile == VTD_SPEC && fuzz_one_in(f, 4))
		return qi_desc_piotlb(QI_PIOTLB_PAGE, 1, 7, addr, 0, false);
	return qi_desc_iotlb(QI_IOTLB_PAGE, 1, addr, 0, false, 0);
}

static void fill(struct fuzz *f, struct sub *s)
{
	unsigned most = fuzz_one_in(f, 8) ? MOST_DESCS : 4, i;
	unsigned ats_chance = fuzz_one_in(f, f->only_devices ? 8 : 2) ? 0 : 1 + fuzz_pick(f, 8);

	s->count = fuzz_pick(f, most + 1);
	s->uid = f->next_uid;
	f->next_uid += s->count;
	s->ats = s->responds = false;
	s->looked = s->waited = s->overwritten = 0;
	for (i = 0; i < s->count; i++) {
		s->desc[i] = random_desc(f, s->uid + i, ats_chance);
		s->ats |= fuzz_sid(&s->desc[i]) != 0;
		s->responds |= fuzz_is_response(&s->desc[i]);
	}
	s->faults = f->r->q.faults;
	f->devices |= s->ats;
	s->options = fuzz_one_in(f, 8) ? QI_OPT_FENCE : 0;
	if (fuzz_one_in(f, 8) && f->r->unit.profile == VTD_SPEC)
		s->options |= QI_OPT_WAIT_DRAIN;
	if (fuzz_one_in(f, 8))
		s->options |= QI_OPT_INTERRUPT;
	s->order = ++f->order;
	s->simple = !s->ats && s->count < f->r->q.mask;
}

static void refuse_one(struct fuzz *f, struct sub *s)
{
	static const uint8_t codes[] = { VTD_IQEI_NONE, VTD_IQEI_TYPE, VTD_IQEI_RESERVED,
					 VTD_IQEI_TTM };
	unsigned i = fuzz_pick(f, s->count), c = fuzz_pick(f, 4);
	struct vtd_fault fault = { .kind = VTD_FAULT_REFUSE,
				   .iqei = codes[c],
				   .qw1_mask = ~0ULL,
				   .count = fuzz_pick(f, 2) };

	/* A page response, if there is one: it is not to be taken for sent. */
	while (s->responds && !fuzz_is_response(&s->desc[i]))
		i = (i + 1) % s->count;
	fault.type = s->desc[i].qw0 & 0xf;
	fault.qw1 = s->desc[i].qw1;
	if (f->cause.refused[s->uid + i] || !vtd_fault_arm(&f->r->u, &fault))
		return;
	/* Such a unit does not say why. */
	f->cause.refused[s->uid + i] = f->r->unit.profile == VTD_QEMU_7_2 ? 1 : 1 + codes[c];
	s->simple = false;
	fuzz_say(f, "%d: descriptor %u will be refused, code %u", (int)(s - f->sub), i, codes[c]);
}

/* What qi_submit() must say. */
static int expected(const struct fuzz *f, const struct sub *s, int bad)
{
	const struct rig *r = f->r;
	unsigned i;

	if (rig_mode(f->r) != QI_MODE_ON)
		return rig_mode(f->r) == QI_MODE_DEAD ? r->q.dead : -QI_ERR_OFF;
	if (s->options & QI_OPT_INTERRUPT && !r->cfg.interrupt.enable)
		return -QI_ERR_INVALID;
	if (bad >= 0)
		return -QI_ERR_DESC;
	for (i = 0; i < s->count; i++) {
		if (r->absent && r->host.device_present && fuzz_sid(&s->desc[i]) == r->absent)
			return -QI_ERR_DEVICE;
	}
	return 0;
}

static void submit(struct fuzz *f)
{
	struct sub *s = pick_sub(f, false);
	int bad = -1, want, ret;

	if (!s || f->next_uid + MOST_DESCS >= MOST_UIDS)
		return;
	fill(f, s);
	if (s->count && fuzz_one_in(f, 16)) {
		bad = (int)fuzz_pick(f, s->count);
		s->desc[bad].qw0 |= 1ULL << 9;
	} else if (s->count && fuzz_one_in(f, 8)) {
		refuse_one(f, s);
	}
	want = expected(f, s, bad);
	ret = qi_submit(&f->r->q, s->desc, s->count, s->options, &s->t);
	fuzz_say(f, "%d: submit uid %u count %u options %u%s: %s", (int)(s - f->sub), s->uid,
		 s->count, s->options, s->ats ? ", devices" : "", qi_strerror(ret));
	assert_int_equal(ret, want);
	assert_int_equal(s->t.error.code, ret);
	if (ret == -QI_ERR_DESC)
		assert_int_equal(s->t.error.index, bad);
	if (ret == -QI_ERR_DEVICE)
		judge_result(f, s, ret);
	s->live = !ret;
	if (ret)
		forget(s);
}

static void abandon(struct fuzz *f)
{
	struct sub *s = pick_sub(f, true);

	if (!s)
		return;
	fuzz_say(f, "%d: abandoned", (int)(s - f->sub));
	qi_abandon(&f->r->q, &s->t);
	assert_int_equal(s->t.error.code, -QI_ERR_TIMEOUT);
	forget(s);
}

static void wait_for(struct fuzz *f)
{
	struct sub *s = pick_sub(f, true);
	uint64_t began = f->r->now;
	int ret;

	if (!s)
		return;
	fuzz_say(f, "%d: wait", (int)(s - f->sub));
	f->busy = s;
	ret = qi_wait(&f->r->q, &s->t);
	s->waited += f->r->now - began;
	judge_pending(f, s);
	fuzz_collect(f, s, ret);
	f->busy = NULL;
}

static void relax(struct fuzz *f, unsigned turns)
{
	while (turns--)
		f->r->host.relax(f->r);
}

/* ---- a run ---- */

static void look(struct fuzz *f)
{
	struct qi_slot_view view[16];
	struct qi_snapshot s = { .slot = view, .slots = 16 };

	qi_snapshot(&f->r->q, &s);
	assert_int_equal(s.mode, rig_mode(f->r));
}

static void act(struct fuzz *f)
{
	struct sub *s;

	if (fuzz_pick(f, 64) < f->abandon_chance) {
		abandon(f);
		return;
	}
	if (fuzz_pick(f, 64) < f->fault_chance)
		fuzz_fault(f);
	switch (fuzz_pick(f, 64)) {
	case 0:
		fuzz_change_mode(f);
		break;
	case 3:
		qi_fault_interrupt(&f->r->q);
		break;
	case 4:
		qi_completion_interrupt(&f->r->q);
		look(f);
		break;
	case 5:
	case 6:
		wait_for(f);
		break;
	default:
		if (fuzz_one_in(f, 3)) {
			submit(f);
		} else if (fuzz_one_in(f, 4)) {
			relax(f, fuzz_pick(f, 40));
		} else {
			s = pick_sub(f, true);
			if (s)
				poll(f, s);
		}
	}
	judge_queue(f);
}

static void choose_unit(struct fuzz *f)
{
	struct rig *r = f->r;

	r->seed = fuzz_one_in(f, 4) ? 0 : f->seed;
	r->unit.window = 1 + fuzz_pick(f, fuzz_one_in(f, 2) ? 4 : VTD_WINDOW);
	if (!fuzz_one_in(f, 8))
		return;
	r->unit.profile = VTD_QEMU_7_2;
	vtd_profile_caps(VTD_QEMU_7_2, &r->unit.cap, &r->unit.ecap);
	r->cfg.cap = r->cfg.ecap = 0;
	r->host.flush = rig_flush;
}

static void choose_queue(struct fuzz *f)
{
	static const unsigned retries[] = { QI_NO_RETRY, 1, 2, 0 };
	struct rig *r = f->r;

	r->cfg.poll_budget = 1 + fuzz_pick(f, fuzz_one_in(f, 2) ? 4 : 64);
	r->cfg.retries = retries[fuzz_pick(f, 4)];
	r->cfg.timeout_ns = TIMEOUT_TURNS * TICK;
	r->cfg.ats_timeout_ns = ATS_TIMEOUT_TURNS * TICK;
	r->cfg.interrupt.enable = r->unit.profile == VTD_SPEC && fuzz_one_in(f, 2);
	r->interrupts = fuzz_one_in(f, 2);
	if (fuzz_one_in(f, 8))
		r->cfg.stats = NULL;
	if (fuzz_one_in(f, 8))
		r->host.device_present = NULL;
	f->poll_chance = fuzz_pick(f, 9);
	f->abandon_chance = fuzz_pick(f, 6);
	f->only_devices = fuzz_one_in(f, 3);
	f->responds = r->unit.profile == VTD_SPEC && fuzz_one_in(f, 2);
	f->fault_chance = fuzz_one_in(f, 4) ? 16 : 2;
}

static void begin(struct fuzz *f)
{
	unsigned slots = 4U << fuzz_pick(f, 3), width = fuzz_one_in(f, 2) ? 128 : 256;
	struct rig *r = rig_new(slots, width);

	f->r = r;
	r->test = f;
	r->tick = TICK;
	r->laps = age_nth(fuzz_pick(f, AGES), f->seed);
	choose_unit(f);
	choose_queue(f);
	r->on_relax = others_poll;
	judge_watch(f);
	f->next_uid = 1;
	fuzz_say(f, "slots %u width %u window %u budget %u retries %u laps %#llx", slots, width,
		 r->unit.window, r->cfg.poll_budget, r->cfg.retries, (unsigned long long)r->laps);
	rig_start(r);
}

/* True if something has been done to the unit that the queue may die of. */
static bool mortal(const struct fuzz *f)
{
	const struct causes *c = &f->cause;

	return c->stalled || c->gone || c->stubborn > f->r->q.cfg.retries;
}

/* All submissions come to an end, and the queue is as good as new. */
static void end(struct fuzz *f)
{
	struct rig *r = f->r;
	unsigned turns = 0, i;

	fuzz_say(f, "the end");
	vtd_fault_clear(&r->u, VTD_FAULT_NONE);
	r->absent = 0;
	r->on_relax = NULL;
	while (fuzz_count_live(f)) {
		for (i = 0; i < SUBS; i++) {
			if (f->sub[i].live)
				poll(f, &f->sub[i]);
		}
		relax(f, 1);
		/* qi_wait() may take as long for each of its tries. */
		assert_in_range(++turns, 0, 6 * ATS_TIMEOUT_TURNS);
	}
	/* What was wrong before may still be to be found out. */
	for (i = 0; rig_mode(f->r) != QI_MODE_ON || mortal(f); i++) {
		assert_in_range(i, 0, 4);
		f->in_life = true;
		if (rig_mode(f->r) == QI_MODE_DEAD || rig_mode(f->r) == QI_MODE_ON)
			fuzz_reset(f);
		else
			fuzz_turn_on(f);
		f->in_life = false;
		f->cause.stubborn = 0;
	}
	judge_queue(f);
	/*
	 * The core's own drain whose status write was lost is over when others are, round the ring.
	 */
	for (i = 0; i < 32; i++)
		assert_int_equal(qi_submit_sync(&r->q, NULL, 0, 0), 0);
	rig_assert_clean(r);
	assert_int_equal(r->q.suspects, 0);
	assert_int_equal(r->q.isolated, 0);
	assert_int_equal(r->q.owed, 0);
	assert_int_equal(r->q.npassed, 0);
	qi_fault_interrupt(&r->q);
	assert_int_equal(r->u.fsts & VTD_FSTS_QI, 0);
}

static void run(uint64_t seed, bool talk)
{
	struct fuzz *f = calloc(1, sizeof(*f));
	unsigned acts;

	assert_non_null(f);
	running = f;
	f->seed = seed;
	/* Neighbouring seeds are to have nothing in common. */
	f->random = (seed + 1) * 0x9e3779b97f4a7c15ULL;
	f->talk = talk;
	begin(f);
	for (acts = 50 + fuzz_pick(f, 400); acts; acts--)
		act(f);
	end(f);
	rig_free(f->r);
	free(f);
	running = NULL;
}

static void whatever_happens_is_judged_right(void **state)
{
	uint64_t i;

	(void)state;
	for (i = 0; i < seeds; i++)
		run(first_seed + i, seeds == 1);
}

static int tell_seed(void **state)
{
	(void)state;
	if (running)
		fprintf(stderr, "failed: test_random %llu\n", (unsigned long long)running->seed);
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(whatever_happens_is_judged_right, tell_seed),
	};

	if (argc > 1) {
		first_seed = strtoull(argv[1], NULL, 0);
		seeds = argc > 2 ? strtoull(argv[2], NULL, 0) : 1;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
