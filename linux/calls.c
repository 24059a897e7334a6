// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * calls.c - a call is first submitted to the core as a whole. If that fails, each descriptor is
 * submitted alone, so that a descriptor that is refused, or whose device does not answer, keeps no
 * other from being executed.
 */
#include <linux/errno.h>
#include <linux/jump_label.h>
#include <linux/spinlock.h>
#include "calls.h"
#include "devices.h"
#include "failure.h"
#include "log.h"
#include "trace.h"
#include "unit.h"

#define KERNEL_OPT_DRAIN 1 /* an option of the kernel: drain page requests */
#define REFUSALS 8	   /* of a descriptor or its wait; after so many the refusal is final */
#define REVIVALS 4	   /* of the unit during one call */

/* ---- a dead queue ---- */

static bool is_dead(int err)
{
	return err == -QI_ERR_DEAD || err == -QI_ERR_GONE;
}

/*
 * Only one caller resets the queue; later ones find it alive. The kernel's lock is needed because a
 * reset writes GCMD.
 */
static bool revive(struct unit *u)
{
	unsigned long flags;

	/* A reset may take long, so this waits as the core does. */
	while (!raw_spin_trylock_irqsave(&u->reviving, flags))
		machine_relax();
	if (!u->lost && is_dead(qi_submit_sync(&u->q, NULL, 0, 0))) {
		raw_spin_lock(u->registers);
		u->lost = qi_reset(&u->q) != 0;
		raw_spin_unlock(u->registers);
		atomic_long_inc(&u->counts.resets);
	}
	raw_spin_unlock_irqrestore(&u->reviving, flags);
	return !u->lost;
}

/* ---- one descriptor ---- */

/* Clear the address bits below the mask, which units ignore. False: they were clear. */
static bool align(struct qi_desc *d)
{
	unsigned int type = qi_desc_type(d), granularity = d->qw0 >> 4 & 3, mask = d->qw1 & 0x3f;
	u64 below;

	if (!(type == QI_IOTLB_TYPE && granularity == QI_IOTLB_PAGE) &&
	    !(type == QI_EIOTLB_TYPE && granularity == QI_PIOTLB_PAGE))
		return false;
	below = mask < 52 ? (1ULL << (mask + QI_PAGE_SHIFT)) - (1ULL << QI_PAGE_SHIFT) : 0;
	if (!(d->qw1 & below))
		return false;
	d->qw1 &= ~below;
	return true;
}

static u16 device_of(const struct qi_desc *d)
{
	return qi_desc_type(d) == QI_DIOTLB_TYPE ? d->qw0 >> 32 : d->qw0 >> 16;
}

static bool is_for_stopped(const struct unit *u, const struct qi_desc *d)
{
	unsigned int type = qi_desc_type(d);

	return (type == QI_DIOTLB_TYPE || type == QI_DEIOTLB_TYPE) &&
	       devices_stopped(u->segment, device_of(d));
}

static int try(struct unit *u, const struct qi_desc *d, unsigned int n, unsigned int options,
	       struct qi_error *e)
{
	struct qi_ticket t;
	int err = qi_submit(&u->q, d, n, options, &t);

	if (!err)
		err = qi_wait(&u->q, &t);
	*e = t.error;
	return err;
}

/* True if the descriptor is to be submitted again. False: *result is the call's result. */
static bool again(struct unit *u, struct qi_desc *d, const struct qi_desc *prior,
		  const struct qi_error *e, unsigned int tries, int *result)
{
	switch (-e->code) {
	case QI_ERR_DESC:
		if (align(d)) {
			if (!atomic_long_fetch_inc(&u->counts.unaligned))
				log_invalid(u->name, e, d);
			return true;
		}
		atomic_long_inc(&u->counts.refused);
		log_invalid(u->name, e, d);
		*result = -EINVAL;
		return false;
	case QI_ERR_IQE:
		log_refused(u->name, e, d, prior);
		if (tries < REFUSALS)
			return true;
		atomic_long_inc(&u->counts.refused);
		*result = -EINVAL;
		return false;
	case QI_ERR_DEVICE:
		log_silent(e, d);
		atomic_long_inc(&u->counts.silent);
		failure_of_device(u, e->sid);
		*result = -ETIMEDOUT;
		return false;
	case QI_ERR_DEAD:
	case QI_ERR_GONE:
		if (tries < REVIVALS && revive(u))
			return true;
		break;
	case QI_ERR_TIMEOUT:
		if (tries < 2)
			return true;
		break;
	}
	atomic_long_inc(&u->counts.failed);
	failure_of_unit(u, d, qi_strerror(e->code));
	*result = e->code == -QI_ERR_TIMEOUT ? -ETIMEDOUT : -EIO;
	return false;
}

/* @d NULL: a drain. */
static int submit_one(struct unit *u, const struct qi_desc *d, const struct qi_desc *prior,
		      unsigned int options)
{
	struct qi_desc copy = d ? *d : (struct qi_desc){};
	unsigned int tries = 0;
	struct qi_error e;
	int err;

	if (d && is_for_stopped(u, d)) {
		e = (struct qi_error){ .sid = device_of(d) };
		log_silent(&e, d);
		atomic_long_inc(&u->counts.silent);
		return -ETIMEDOUT;
	}
	while (try(u, &copy, d ? 1 : 0, options, &e))
		if (!again(u, &copy, prior, &e, ++tries, &err))
			return err;
	return 0;
}

/* ---- a call ---- */

/* True if a page response may have been sent: then it must not be sent again. */
static bool may_be_sent(const struct qi_desc *d, int err)
{
	return err != -QI_ERR_DESC && qi_desc_type(d) == QI_PGRP_RESP_TYPE;
}

/* @err: the core's result for the whole call. */
static noinline int submit_each(struct unit *u, const struct qi_desc *desc, unsigned int count,
				unsigned int options, int err)
{
	int result = 0, one;
	unsigned int i;

	if (!count)
		return submit_one(u, NULL, NULL, options);
	for (i = 0; i < count; i++) {
		if (count > 1 && may_be_sent(&desc[i], err))
			continue;
		one = submit_one(u, &desc[i], i ? &desc[i - 1] : NULL, options);
		result = result ?: one;
	}
	if (!result)
		atomic_long_inc(&u->counts.repaired);
	return result;
}

static __always_inline int serve(struct unit *u, const struct qi_desc *desc, unsigned int count,
				 unsigned int options)
{
	int err = qi_submit_sync(&u->q, desc, count, options);

	return likely(!err) ? 0 : submit_each(u, desc, count, options, err);
}

static DEFINE_STATIC_KEY_FALSE(measured);

void calls_measure(bool on)
{
	if (on)
		static_branch_enable(&measured);
	else
		static_branch_disable(&measured);
}

static noinline int serve_measured(struct unit *u, const struct qi_desc *desc, unsigned int count,
				   unsigned int options)
{
	long taken, longest = atomic_long_read(&u->counts.longest);
	u64 start = ktime_get_mono_fast_ns();
	int err = serve(u, desc, count, options);

	taken = ktime_get_mono_fast_ns() - start;
	while (taken > longest && !atomic_long_try_cmpxchg(&u->counts.longest, &longest, taken))
		;
	return err;
}

int calls_submit(struct unit *u, const struct qi_desc *desc, unsigned int count,
		 unsigned long options)
{
	unsigned int drain = options & KERNEL_OPT_DRAIN ? QI_OPT_WAIT_DRAIN : 0;

	trace_submit(u->iommu, desc, count);
	if (static_branch_unlikely(&measured))
		return serve_measured(u, desc, count, drain);
	return serve(u, desc, count, drain);
}
