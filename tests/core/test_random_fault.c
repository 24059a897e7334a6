/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* What goes wrong in the random test, and the note of it that the judge reads. */
#include "test_random.h"

#include <core/queue.h>

#define LATE_TURNS 3500 /* more than what needs no device may take */
#define TARDY_TURNS 500 /* a quarter of that */
#define EVER 1000

static bool arm(struct fuzz *f, const struct vtd_fault *fault)
{
	bool ok = vtd_fault_arm(&f->r->u, fault);

	if (ok)
		fuzz_say(f, "fault: %s, sid %04x, code %u, count %u, steps %u%s",
			 vtd_fault_name(fault->kind), fault->sid, fault->iqei, fault->count,
			 fault->steps, fault->no_sid ? ", no sid" : "");
	return ok;
}

static void device_fails(struct fuzz *f)
{
	static const enum vtd_fault_kind kinds[] = { VTD_FAULT_SILENT, VTD_FAULT_SILENT,
						     VTD_FAULT_LATE_ITE, VTD_FAULT_WRONG };
	unsigned n = 1 + fuzz_pick(f, DEVICES - 1);
	struct vtd_fault fault = { .kind = kinds[fuzz_pick(f, 4)],
				   .sid = RIG_SID(n),
				   .no_sid = fuzz_one_in(f, 2),
				   .count = fuzz_pick(f, 4),
				   .steps = fuzz_pick(f, 100) };

	if (arm(f, &fault))
		f->cause.strikes[n] += fault.count ? fault.count : EVER;
}

static void device_is_late(struct fuzz *f)
{
	struct vtd_fault fault = { .kind = VTD_FAULT_LATE,
				   .sid = RIG_SID(1 + fuzz_pick(f, DEVICES - 1)),
				   .count = 1,
				   .steps = 1 + fuzz_pick(f, fuzz_one_in(f, 2) ? LATE_TURNS : 50) };

	f->cause.late |= arm(f, &fault);
}

static void device_goes_or_comes(struct fuzz *f)
{
	unsigned n = 1 + fuzz_pick(f, DEVICES - 1);

	f->r->absent = f->r->absent ? 0 : RIG_SID(n);
	if (f->r->absent && f->r->host.device_present)
		f->cause.absent[n] = true;
	fuzz_say(f, "device %04x is absent", f->r->absent);
}

static void status_write_fails(struct fuzz *f)
{
	static const enum vtd_fault_kind kinds[] = { VTD_FAULT_SLOW_WRITE, VTD_FAULT_SLOW_WRITE,
						     VTD_FAULT_TWICE, VTD_FAULT_LOSE_WRITE };
	struct vtd_fault fault = { .kind = kinds[fuzz_pick(f, 4)],
				   .count = 1 + fuzz_pick(f, 2),
				   .steps = fuzz_pick(f, fuzz_one_in(f, 4) ? LATE_TURNS : 50) };

	if (!arm(f, &fault))
		return;
	f->cause.lost |= fault.kind == VTD_FAULT_LOSE_WRITE;
	f->cause.tardy |= fault.kind == VTD_FAULT_SLOW_WRITE && fault.steps > TARDY_TURNS;
}

/*
 * A wait that was given up a lap ago is stored only now, over the word of its slot's next user.
 * No submission is to suffer from that.
 */
static void late_word_comes(struct fuzz *f)
{
	struct sub *s = &f->sub[fuzz_pick(f, SUBS)];
	const struct qi *q = &f->r->q;
	uint32_t tag = (uint32_t)(s->t.first >> q->order) * 2;
	uint32_t *word = &f->r->status[s->t.first & q->mask];

	if (!s->live || s->t.phase != QI_PHASE_FLIGHT || s->t.first < q->head ||
	    (*word != tag && *word != tag - 1))
		return;
	fuzz_say(f, "%d: a late word comes over its own", (int)(s - f->sub));
	*word = tag - 2;
	s->overwritten = s->t.first;
	f->cause.overwritten = true;
}

/* Errors about which no submitter can do anything: no more of them than the core must survive. */
static void queue_fails(struct fuzz *f)
{
	static const uint8_t codes[] = { VTD_IQEI_TAIL, VTD_IQEI_FETCH, VTD_IQEI_WIDTH,
					 VTD_IQEI_TAIL_ALIGN };
	struct vtd_fault fault = { .kind = fuzz_one_in(f, 2) ? VTD_FAULT_FETCH : VTD_FAULT_REFUSE,
				   .iqei = codes[fuzz_pick(f, 4)],
				   .count = 1 + fuzz_pick(f, 2) };

	if (f->cause.stubborn + fault.count <= f->r->q.cfg.retries || fuzz_one_in(f, 8)) {
		if (arm(f, &fault))
			f->cause.stubborn += fault.count;
	}
}

static void wait_is_refused(struct fuzz *f)
{
	struct vtd_fault fault = {
		.kind = VTD_FAULT_REFUSE, .iqei = VTD_IQEI_RESERVED, .type = QI_IWD_TYPE, .count = 1
	};

	if (f->cause.stubborn >= f->r->q.cfg.retries || !arm(f, &fault))
		return;
	f->cause.waits_refused++;
	f->cause.stubborn++;
}

static void unit_fails(struct fuzz *f)
{
	struct vtd_fault fault = { .kind = fuzz_one_in(f, 2) ? VTD_FAULT_STALL : VTD_FAULT_GONE };

	if (!arm(f, &fault))
		return;
	if (fault.kind == VTD_FAULT_STALL)
		f->cause.stalled = true;
	else
		f->cause.gone = true;
}

static void devices_fail(struct fuzz *f)
{
	switch (fuzz_pick(f, 8)) {
	case 0:
		device_goes_or_comes(f);
		break;
	case 1:
	case 2:
		device_is_late(f);
		break;
	case 3:
		fuzz_say(f, "all is well again");
		vtd_fault_clear(&f->r->u, VTD_FAULT_NONE);
		break;
	default:
		device_fails(f);
	}
}

void fuzz_fault(struct fuzz *f)
{
	/* It has no devices, and does not say what an error is about. */
	if (f->r->unit.profile == VTD_QEMU_7_2) {
		wait_is_refused(f);
		return;
	}
	if (fuzz_one_in(f, 4)) {
		late_word_comes(f);
		return;
	}
	if (f->only_devices || fuzz_one_in(f, 2)) {
		devices_fail(f);
		return;
	}
	switch (fuzz_pick(f, 8)) {
	case 0:
		unit_fails(f);
		break;
	case 1:
	case 2:
		queue_fails(f);
		break;
	case 3:
		wait_is_refused(f);
		break;
	default:
		status_write_fails(f);
	}
}
