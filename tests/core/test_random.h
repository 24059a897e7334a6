/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * test_random.h - what the random test does (test_random.c, test_random_life.c), the faults that it
 * arms (test_random_fault.c) and what judges it all (test_random_judge.c) share.
 */
#ifndef TEST_RANDOM_H
#define TEST_RANDOM_H

#include "rig.h"

#define SUBS 24
#define MOST_DESCS 40
#define MOST_UIDS 8192
#define MOST_RESPONSES 512 /* their uids fit into PRGI */
#define DEVICES 4

/*
 * One submission. Its descriptors have the addresses uid, uid + 1, ... pages, or these numbers as
 * PRGI, used by no other.
 */
struct sub {
	struct qi_ticket t;
	struct qi_desc desc[MOST_DESCS];
	uint32_t uid;
	unsigned count, options;
	uint64_t order; /* of submission */
	bool live;	/* submitted and not yet collected */
	bool simple;	/* in one part, no device, nothing refused: a later drain completes it */
	bool ats, responds;
	unsigned faults;      /* of the queue's, when its owner looked last */
	uint64_t began;	      /* when its owner looked first */
	uint64_t looked;      /* then; 0: not yet */
	uint64_t waited;      /* ns from look to look, without the time that its owner was away */
	uint64_t overwritten; /* position at which a late word has been put over its own */
};

/* What may go wrong because the test has made it so. */
struct causes {
	uint8_t refused[MOST_UIDS]; /* 1 + IQEI of the fault armed for that descriptor */
	unsigned waits_refused;
	unsigned stubborn;	    /* errors armed that are not about a descriptor */
	unsigned strikes[DEVICES];  /* requests that the device may fail to answer; many: ever */
	bool absent[DEVICES];	    /* it has been reported as removed */
	bool late;		    /* some device */
	bool lost;		    /* a status write, or overwritten by a late one: others wait for
				     * the slot until its owner gives up */
	bool tardy;		    /* a status write, so that others wait in line for long */
	bool overwritten;	    /* a status word, by a late one, before or after completion */
	bool stalled, gone, killed; /* since the last time that the queue was turned on */
};

struct fuzz {
	struct rig *r;
	uint64_t seed, random;
	bool talk;

	struct sub sub[SUBS];
	struct sub *busy; /* it is in qi_wait(): no other call takes its ticket */
	uint32_t next_uid;
	uint64_t order;
	unsigned poll_chance;	 /* of 8, in each relax(): another owner polls */
	unsigned abandon_chance; /* of 64, in each act */
	bool only_devices;	 /* nothing else fails */
	bool responds;		 /* page responses are sent */
	unsigned fault_chance;	 /* of 64, in each act */
	bool in_life;		 /* in a call that turns the queue on or off */

	struct causes cause;
	bool devices;		/* one has been asked */
	bool done[MOST_UIDS];	/* executed by the unit */
	uint64_t completed[16]; /* by status word: the youngest data that the unit has stored */
};

/* Fresh number below n. */
unsigned fuzz_pick(struct fuzz *f, unsigned n);

static inline bool fuzz_one_in(struct fuzz *f, unsigned n)
{
	return !fuzz_pick(f, n);
}

/* Source id of a device-TLB invalidation, else 0. */
static inline uint16_t fuzz_sid(const struct qi_desc *d)
{
	if ((d->qw0 & 0xf) == QI_DIOTLB_TYPE)
		return (uint16_t)(d->qw0 >> 32);
	return (d->qw0 & 0xf) == QI_DEIOTLB_TYPE ? (uint16_t)(d->qw0 >> 16) : 0;
}

static inline bool fuzz_is_response(const struct qi_desc *d)
{
	return (d->qw0 & 0xf) == QI_PGRP_RESP_TYPE;
}

void fuzz_say(const struct fuzz *f, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Judge what it has returned, and forget it, unless it is pending. */
void fuzz_collect(struct fuzz *f, struct sub *s, int ret);

/* test_random_life.c */
unsigned fuzz_count_live(const struct fuzz *f);
void fuzz_turn_on(struct fuzz *f);
void fuzz_reset(struct fuzz *f);
void fuzz_change_mode(struct fuzz *f); /* to one or the other */

/* Something goes wrong, or all is well again. */
void fuzz_fault(struct fuzz *f);

/* Look over the shoulder of the rig's host and unit: notes what they do, and judges that too. */
void judge_watch(struct fuzz *f);

/* Its owner has looked and found no result: checks that the table allows it that long. */
void judge_pending(const struct fuzz *f, const struct sub *s);

/* Checks that the submission deserves this result. */
void judge_result(struct fuzz *f, const struct sub *s, int ret);

/* Checks that the queue has died for a reason. */
void judge_death(const struct fuzz *f, int code);

/* Checks that the queue's own words fit together. */
void judge_queue(const struct fuzz *f);

#endif
