/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "stress.h"

#include <time.h>

/*
 * Faults come in windows: a few are armed, time passes, all are cleared. Faults that cost the core
 * a whole time-out come rarely, so that there is time for the others.
 */
#define COSTLY_EVERY 4
#define MAX_IN_WINDOW 3

static void sleep_us(uint64_t us)
{
	struct timespec ts = { us / 1000000, us % 1000000 * 1000 };

	nanosleep(&ts, NULL);
}

/* ---- the log ---- */

/*
 * Entered before the fault is armed, so that each thread that is hit finds it. Call with log_lock
 * held.
 */
static void enter(struct stress *s, unsigned kind, const struct vtd_fault *f)
{
	struct injected *in = log_at(s, s->opened);

	in->kind = kind;
	in->fault = *f;
	store(&in->opened_ns, now_ns());
	store(&in->closed_ns, 0);
	store(&s->opened, s->opened + 1);
	add(&s->injected[kind], 1);
}

static void inject(struct stress *s, unsigned kind, const struct vtd_fault *f)
{
	pthread_mutex_lock(&s->log_lock);
	enter(s, kind, f);
	if (kind < VTD_FAULT_KINDS)
		threads_fault_arm(s->host, f);
	pthread_mutex_unlock(&s->log_lock);
}

static void close_all(struct stress *s)
{
	pthread_mutex_lock(&s->log_lock);
	store(&s->wish, 0);
	threads_fault_clear(s->host, VTD_FAULT_NONE);
	for (unsigned i = 0; i < DEVICES; i++)
		store(&s->removed[i], 0);
	for (uint64_t i = s->closed; i < s->opened; i++)
		store(&log_at(s, i)->closed_ns, now_ns());
	store(&s->closed, s->opened);
	pthread_mutex_unlock(&s->log_lock);
}

/* ---- turning the queue on and off ---- */

/*
 * Call with life_lock held and `life` odd. Faults armed before `since` cannot kill the queue now.
 */
static void came_to_life(struct stress *s, uint64_t since)
{
	uint64_t mark;

	pthread_mutex_lock(&s->log_lock);
	for (mark = s->opened; mark && log_at(s, mark - 1)->opened_ns >= since; mark--)
		;
	pthread_mutex_unlock(&s->log_lock);
	store(&s->life_mark, mark);
	store(&s->life, s->life + 1);
}

static void reset(struct stress *s)
{
	uint64_t since = now_ns();
	int err = qi_reset(&s->q);

	/* The queue is off if it could not be turned on again. */
	if (err == -QI_ERR_INVALID)
		err = qi_enable(&s->q);
	if (err == -QI_ERR_INVALID)
		err = qi_resume(&s->q);
	add(&s->resets, 1);
	if (!err)
		came_to_life(s, since);
	else if (err == -QI_ERR_BUSY)
		add(&s->busy, 1);
	else if (!death_explained(s, load(&s->life_mark), -QI_ERR_GONE))
		violated(s, UNEXPECTED, "reviving: %s", qi_strerror(err));
}

/*
 * A submission that began in `life` found the queue dead or off. The first such thread resets it;
 * if that fails it stays down, and the next thread tries.
 */
void life_revive(struct stress *s, uint32_t life, bool dead)
{
	bool down;

	pthread_mutex_lock(&s->life_lock);
	if (dead && s->life == life && !(life & 1))
		store(&s->life, life + 1);
	if (s->life & 1)
		reset(s);
	down = s->life & 1;
	pthread_mutex_unlock(&s->life_lock);
	if (down)
		sleep_us(500);
}

/* The registers of a unit that has lost its power; qi_resume() has to restore all of them. */
static void lose_registers(struct stress *s)
{
	const struct qi_host *host = s->qc.host;

	host->write32(s->qc.ctx, DMAR_IECTL_REG, VTD_IECTL_IM);
	host->write32(s->qc.ctx, DMAR_IEDATA_REG, 0);
	host->write32(s->qc.ctx, DMAR_IEADDR_REG, 0);
	host->write64(s->qc.ctx, DMAR_IQA_REG, 0);
	host->write64(s->qc.ctx, DMAR_IQT_REG, 0);
}

static int turn_off_and_on(struct stress *s, unsigned kind, uint64_t *random)
{
	int err = kind == CHAOS_DISABLE ? qi_disable(&s->q) : qi_suspend(&s->q);
	uint64_t since;

	if (err == -QI_ERR_BUSY) { /* it is on again, and the same life goes on */
		add(&s->busy, 1);
		store(&s->life, s->life + 1);
		return 0;
	}
	if (err)
		return err;
	sleep_us(roll(random, 500));
	if (kind == CHAOS_SUSPEND)
		lose_registers(s);
	since = now_ns();
	err = kind == CHAOS_DISABLE ? qi_enable(&s->q) : qi_resume(&s->q);
	if (!err)
		came_to_life(s, since);
	return err;
}

static void life_event(struct stress *s, unsigned kind, uint64_t *random)
{
	struct vtd_fault none = { .kind = VTD_FAULT_NONE };
	int err = 0;

	pthread_mutex_lock(&s->life_lock);
	if (!(s->life & 1)) {
		inject(s, kind, &none);
		store(&s->life, s->life + 1);
		if (kind == CHAOS_RESET)
			reset(s);
		else
			err = turn_off_and_on(s, kind, random);
		if (err && !death_explained(s, load(&s->life_mark),
					    err == -QI_ERR_GONE ? err : -QI_ERR_DEAD))
			violated(s, UNEXPECTED, "turning off and on: %s", qi_strerror(err));
	}
	pthread_mutex_unlock(&s->life_lock);
}

/*
 * Not while a thread resets the queue: half of the registers would be written. A unit that was away
 * has lost its registers, so the queue is reset as well.
 */
static void come_back(struct stress *s)
{
	uint32_t life;

	pthread_mutex_lock(&s->life_lock);
	close_all(s);
	life = s->life;
	pthread_mutex_unlock(&s->life_lock);
	life_revive(s, life, true);
}

/* ---- a window ---- */

static const struct {
	unsigned kind, weight;
} menu[] = {
	{ VTD_FAULT_SILENT, 8 },     { VTD_FAULT_LATE, 8 },    { VTD_FAULT_LATE_ITE, 8 },
	{ VTD_FAULT_WRONG, 8 },	     { VTD_FAULT_REFUSE, 16 }, { VTD_FAULT_FETCH, 8 },
	{ VTD_FAULT_SLOW_WRITE, 8 }, { VTD_FAULT_TWICE, 8 },   { VTD_FAULT_LOSE_WRITE, 4 },
	{ VTD_FAULT_STALL, 6 },	     { VTD_FAULT_GONE, 2 },    { CHAOS_REMOVED, 6 },
	{ CHAOS_RESET, 2 },	     { CHAOS_DISABLE, 3 },     { CHAOS_SUSPEND, 3 },
};
#define MENU (sizeof(menu) / sizeof(menu[0]))

struct window {
	struct stress *s;
	uint64_t random;
	uint64_t next_costly_ns;
	uint64_t us;	/* duration */
	unsigned kinds; /* the kinds of its faults */
};

static unsigned choose_kind(uint64_t *random)
{
	unsigned sum = 0, i, r;

	for (i = 0; i < MENU; i++)
		sum += menu[i].weight;
	r = roll(random, sum);
	for (i = 0; r >= menu[i].weight; i++)
		r -= menu[i].weight;
	return menu[i].kind;
}

static bool may_be_costly(struct window *w)
{
	uint64_t now = now_ns();

	if (now < w->next_costly_ns)
		return false;
	w->next_costly_ns = now + COSTLY_EVERY * w->s->qc.timeout_ns;
	return true;
}

/* Mostly small; 2^15 steps are a millisecond or more, in which small rings wrap many times. */
static uint32_t random_steps(struct window *w, unsigned most)
{
	return 1U << roll(&w->random, most + 1);
}

static struct vtd_fault device_fault(struct window *w, unsigned kind)
{
	struct vtd_fault f = {
		.kind = kind,
		.sid = roll(&w->random, 8) ? device_sid(roll(&w->random, DEVICES)) : VTD_ANY_SID,
		.no_sid = roll(&w->random, 2),
		.count = roll(&w->random, 3) ? 0 : 1 + roll(&w->random, 8),
		.steps = random_steps(w, 11),
	};

	return f;
}

/* Any descriptor of a type, including waits, or one descriptor that a thread is asked for. */
static void inject_refusal(struct window *w)
{
	static const uint8_t iqei[] = { VTD_IQEI_NONE, VTD_IQEI_TYPE, VTD_IQEI_RESERVED,
					VTD_IQEI_TTM };
	struct vtd_fault f = { .kind = VTD_FAULT_REFUSE };

	if (roll(&w->random, 2)) {
		store(&w->s->wish, 1);
		return;
	}
	f.type = roll(&w->random, QI_TYPES);
	f.iqei = iqei[roll(&w->random, 4)];
	f.count = 1;
	inject(w->s, VTD_FAULT_REFUSE, &f);
}

void chaos_refuse(struct stress *s, const struct qi_desc *d, uint64_t *random)
{
	struct vtd_fault f = {
		.kind = VTD_FAULT_REFUSE,
		.type = qi_desc_type(d),
		.qw1 = d->qw1,
		.qw1_mask = ~0ULL,
		.iqei = roll(random, 2) ? VTD_IQEI_TYPE : VTD_IQEI_RESERVED,
		.count = 1,
	};

	/* The planted unit refuses with another code than the log says. */
	pthread_mutex_lock(&s->log_lock);
	enter(s, VTD_FAULT_REFUSE, &f);
	if (s->cfg.plant == PLANT_MISBLAMED)
		f.iqei ^= VTD_IQEI_TYPE ^ VTD_IQEI_RESERVED;
	threads_fault_arm(s->host, &f);
	pthread_mutex_unlock(&s->log_lock);
}

static void inject_removal(struct window *w)
{
	unsigned device = roll(&w->random, DEVICES);
	struct vtd_fault f = { .kind = VTD_FAULT_SILENT, .sid = device_sid(device) };

	inject(w->s, CHAOS_REMOVED, &f);
	store(&w->s->removed[device], 1);
	/* Requests that are under way may find no device. */
	if (roll(&w->random, 2))
		inject(w->s, VTD_FAULT_SILENT, &f);
}

bool chaos_present(void *ctx, uint16_t sid)
{
	struct stress *s = ctx;

	return !load(&s->removed[(sid >> 8) - 1]);
}

static void inject_stall(struct window *w)
{
	struct vtd_fault f = { .kind = VTD_FAULT_STALL };

	inject(w->s, VTD_FAULT_STALL, &f);
	if (may_be_costly(w))
		w->us = w->s->qc.timeout_ns / 1000 * 3 / 2;
}

static void inject_unit_fault(struct window *w, unsigned kind)
{
	struct vtd_fault f = { .kind = kind, .count = 1 };

	if (kind == VTD_FAULT_LOSE_WRITE && !may_be_costly(w))
		return;
	if (kind == VTD_FAULT_FETCH && !roll(&w->random, 8))
		f.count = w->s->cfg.retries + 1;
	if (kind == VTD_FAULT_SLOW_WRITE || kind == VTD_FAULT_TWICE)
		f.count = 1 + roll(&w->random, 20);
	f.steps = random_steps(w, 15);
	inject(w->s, kind, &f);
}

static void inject_one(struct window *w)
{
	unsigned kind = choose_kind(&w->random);
	struct vtd_fault f;

	if (w->kinds & 1U << kind)
		return;
	w->kinds |= 1U << kind;
	switch (kind) {
	case VTD_FAULT_SILENT:
	case VTD_FAULT_LATE:
	case VTD_FAULT_LATE_ITE:
	case VTD_FAULT_WRONG:
		f = device_fault(w, kind);
		inject(w->s, kind, &f);
		break;
	case VTD_FAULT_REFUSE:
		inject_refusal(w);
		break;
	case VTD_FAULT_STALL:
		inject_stall(w);
		break;
	case CHAOS_REMOVED:
		inject_removal(w);
		break;
	case CHAOS_RESET:
	case CHAOS_DISABLE:
	case CHAOS_SUSPEND:
		life_event(w->s, kind, &w->random);
		break;
	default:
		inject_unit_fault(w, kind);
	}
}

/* Counted in submissions, so that a slow machine does not get more faults. */
static void pass_peace(struct window *w)
{
	uint64_t until = load(&w->s->started) + roll(&w->random, w->s->cfg.peace + 1);

	while (load(&w->s->started) < until && !stopping(w->s))
		sleep_us(100);
}

static void pass_window(struct window *w)
{
	unsigned n = 1 + roll(&w->random, MAX_IN_WINDOW);

	w->kinds = 0;
	w->us = 100 << roll(&w->random, 8);
	for (unsigned i = 0; i < n; i++)
		inject_one(w);
	for (uint64_t end = now_ns() + w->us * 1000; now_ns() < end && !stopping(w->s);)
		sleep_us(w->us < 2000 ? w->us : 2000);
	if (w->kinds & 1U << VTD_FAULT_GONE)
		come_back(w->s);
	else
		close_all(w->s);
	pass_peace(w);
}

void *chaos_thread(void *arg)
{
	struct window w = { .s = arg, .random = ((struct stress *)arg)->cfg.seed ^ 0xc4a05 };

	while (!stopping(w.s))
		pass_window(&w);
	return NULL;
}
