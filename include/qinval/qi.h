/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * qi.h - the invalidation queue of one remapping unit.
 *
 * Use: fill a struct qi_config, qi_init(), qi_enable(), then qi_submit_sync() from any number of
 * CPUs. All memory is the embedder's; there are no globals and nothing is allocated.
 *
 * What may be called where:
 *  - qi_submit*(), qi_poll(), qi_wait(), qi_abandon(), the qi_flush_*() family and qi_snapshot():
 *    any number of CPUs at once, interrupts on or off, in interrupt handlers too. They spin, with
 *    qi_host.relax(), and never sleep unless the host's functions do.
 *  - qi_fault_interrupt(), qi_completion_interrupt(): from the handlers, at any moment.
 *  - qi_init(), qi_enable(), qi_disable(), qi_suspend(), qi_resume(), qi_reset(): one at a time,
 *    serialised by the embedder. They may race with everything above.
 */
#ifndef QINVAL_QI_H
#define QINVAL_QI_H

#include <qinval/desc.h>
#include <qinval/host.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Results: 0 or the negative of one of these. ---- */

#define QI_ERR_INVALID 1 /* an argument or the configuration is wrong; nothing was done */
#define QI_ERR_DESC 2	 /* a descriptor was refused before submission: index, field and reason */
#define QI_ERR_IQE 3	 /* a descriptor was refused by the hardware: index and IQEI code */
#define QI_ERR_DEVICE 4	 /* a device did not answer its invalidation: index and source id */
#define QI_ERR_OFF 5	 /* the queue is not enabled, or is being disabled */
#define QI_ERR_DEAD 6	 /* the hardware has abandoned the queue; qi_reset() may revive it */
#define QI_ERR_TIMEOUT 7 /* not complete within the configured time; the wait was given up */
#define QI_ERR_GONE 8	 /* the unit's registers read as all ones: it does not answer at all */
#define QI_ERR_BUSY 9	 /* life cycle: submissions are still uncollected, see there */
#define QI_ERR_COUNT 10

/* "invalid argument", ... for 0 or any -QI_ERR_*; never NULL. */
const char *qi_strerror(int err);

/* What qi_poll() returns while a submission is under way. */
#define QI_PENDING 1

/*
 * Details of a failure. Members that do not apply to `code` are 0 or NULL. qi_host.report() is told
 * with the same what the unit has reported: an IQE as -QI_ERR_IQE, with the slot of IQH as index;
 * an ITE as -QI_ERR_DEVICE, with the source id if the unit says it; and an ICE as 0, with the
 * source id.
 */
struct qi_error {
	int code;	   /* -QI_ERR_* */
	unsigned index;	   /* which of the caller's descriptors; `count` for the core's own wait */
	uint8_t iqei;	   /* VTD_IQEI_* */
	uint16_t sid;	   /* source id of the device to blame */
	const char *field; /* QI_ERR_DESC: see struct qi_refusal */
	const char *reason;
};

/* ---- Options of a submission ---- */

/* Their values are the bits that they set in the wait descriptor. */
#define QI_OPT_INTERRUPT (1U << 4)  /* IF: completion interrupt; needs qi_config.interrupt */
#define QI_OPT_FENCE (1U << 6)	    /* FN: whatever comes later starts after this */
#define QI_OPT_WAIT_DRAIN (1U << 7) /* PD: drain page requests; refused without ECAP.PDS */

/* ---- For qi_host.trace() ---- */

/* A position counts slots since qi_init(); its remainder by the ring's slots is the slot number. */
struct qi_trace {
	enum qi_trace_kind {
		QI_TRACE_SUBMIT,   /* descriptors are in the ring, with a wait behind them */
		QI_TRACE_DOORBELL, /* IQT has been written */
		QI_TRACE_COMPLETE, /* a call is over */
		QI_TRACE_FAULT,	   /* error bits were found in FSTS */
	} kind;
	uint32_t fsts; /* FAULT */
	/*
	 * SUBMIT: position of the first slot; COMPLETE: that of the call's last part, 0: nothing
	 * of it was in the ring; DOORBELL: of the tail; FAULT: of IQH.
	 */
	uint64_t at;
	const struct qi_desc *desc; /* SUBMIT */
	unsigned count;		    /* SUBMIT: without the wait */
	int result;		    /* COMPLETE: 0 or -QI_ERR_* */
};

/* ---- States of a submission's slots, as a snapshot shows them ---- */

/*
 * The seed of this project is that one word must not say both "the hardware has completed it" and
 * "it may be freed". Here no software ever says the former, and no thread has to say the latter.
 *
 *  FREE       not reserved, or reserved and not published yet
 *  IN_USE     the unit's: published, and not over
 *  DONE       the hardware has completed it: its status word says so
 *  ABORT      a time-out error has aborted it: its status word never will
 *
 * A status word is written by the thread that has reserved the slots, before it publishes them
 * ("not yet"), and from then on by the unit alone ("complete"). Slots are used again when they are
 * DONE or ABORT, whether their owner has looked or not: in both words the lap stands, too, so an
 * owner that looks late still finds that its submission has completed. Where the late write of an
 * earlier lap has taken the place of that, it sees so, and submits again, but for page responses.
 */
enum qi_state { QI_FREE, QI_IN_USE, QI_DONE, QI_ABORT };

/* One per slot of the ring, in ordinary memory of the embedder's; private to the core. */
struct qi_slot {
	uint64_t published; /* of a submission's first slot: see core/queue.h */
	uint64_t sample;    /* with statistics: a latency that is to be counted */
};

/* ---- Statistics ---- */

/*
 * Latency histogram: log-linear, eight buckets per power of two, so that a bucket's bounds are
 * within 12.5 % of each other. Values of 2^40 ns and more share the last bucket.
 */
#define QI_HIST_SUB 8
#define QI_HIST_BUCKETS ((40 - 3 + 1) * QI_HIST_SUB)

struct qi_histogram {
	uint64_t bucket[QI_HIST_BUCKETS];
};

unsigned qi_hist_bucket(uint64_t ns);	 /* the bucket that counts `ns` */
uint64_t qi_hist_bound(unsigned bucket); /* smallest value in it; below QI_HIST_BUCKETS */

/*
 * The value that `num` of `den` values do not exceed, 0 < num <= den, to the histogram's precision;
 * 0 if it is empty.
 */
uint64_t qi_hist_quantile(const struct qi_histogram *h, unsigned num, unsigned den);

/*
 * Counters only grow; each is exact, but that a latency may be missing where slots were reclaimed
 * before their owner had looked. What a submission adds stands here only when its slots have been
 * reclaimed, so read them by way of qi_snapshot(). They are not read or written where `stats` is
 * NULL.
 */
struct qi_stats {
	uint64_t submissions;	  /* calls of which something was put into the ring */
	uint64_t descriptors[16]; /* put into the ring, by qw0[3:0]; the core's waits under 5 */
	uint64_t doorbells;	  /* writes of IQT while the queue is on, in recovery too */
	uint64_t register_reads;
	uint64_t retries;    /* submissions put into the ring again after a time-out error */
	uint64_t aborts;     /* submissions aborted by ITE, and descriptors refused */
	uint64_t full_waits; /* times that a submission, or a part of one, had to stand in line */
	uint64_t errors[QI_ERR_COUNT]; /* results by code */
	uint64_t iqe, ite, ice;	       /* faults repaired */
	/*
	 * From submission to the owner's seeing it, by type where all its descriptors have the
	 * same one, type 5 for plain drains, [0] for mixtures.
	 */
	struct qi_histogram latency[QI_TYPES];
};

/* ---- Configuration ---- */

struct qi_mem {
	void *virt;
	uint64_t phys; /* as the unit addresses it */
	size_t size;   /* bytes */
};

#define QI_RING_BYTES(slots, width) ((size_t)(slots) * ((width) / 8))

/*
 * The least that will do, and what gives each status word a cache line of its own, so that many
 * CPUs that wait do not poll the same line.
 */
#define QI_STATUS_BYTES(slots) (4 * (size_t)(slots))
#define QI_STATUS_BYTES_SPREAD(slots) (64 * (size_t)(slots))

/* Value of qi_config.retries for "none", as 0 asks for the default. */
#define QI_NO_RETRY 0xffffffffU

/*
 * So many descriptors are kept on the stack, 32 bytes each; enough for any 31 pages if CAP.MAMV >=
 * 3.
 */
#define QI_RANGE_MAX 8

struct qi_config {
	const struct qi_host *host; /* stays valid while the queue is used */
	void *ctx;		    /* for the host's functions */

	/*
	 * 128-bit descriptors: 256, 512, ... 32768 slots; 256-bit: 128, 256, ... 16384 (all eight
	 * sizes of IQA.QS). 4, 8 and 16 only with qi_host.small_rings.
	 */
	unsigned slots;
	unsigned width;	    /* 128 or 256; 256 needs ECAP.SMTS */
	struct qi_mem ring; /* at least QI_RING_BYTES, both addresses 4 KiB-aligned */
	/*
	 * At least QI_STATUS_BYTES, both addresses 4-aligned; QI_STATUS_BYTES_SPREAD: 64-aligned.
	 */
	struct qi_mem status;
	struct qi_slot *slot;	/* as many as slots */
	struct qi_stats *stats; /* NULL: nothing is counted and no clock is read when all is well */

	uint64_t cap, ecap; /* both 0: qi_enable() reads them */

	/*
	 * 0 asks for the default in each. The time-outs: at most 10^15 ns, the second not below the
	 * first.
	 */
	uint64_t timeout_ns;	 /* for what needs no device's answer: 2 s */
	uint64_t ats_timeout_ns; /* with a device-TLB invalidation ahead: 100 s (PCIe: 60+50 %) */
	/*
	 * Further tries of a call whose devices timed out, and of a fetch that failed (IQE that is
	 * not about a descriptor) before the queue is dead: 3; at most 1000.
	 */
	unsigned retries;
	/*
	 * Turns of a wait loop before the fault register is read, or 10 ms: 16 a slot, at least
	 * 4096.
	 */
	unsigned poll_budget;
	unsigned range_descs; /* see qi_flush_iotlb_range(): 8; at most QI_RANGE_MAX */

	/* The completion interrupt's message; programmed by qi_enable(). */
	struct {
		bool enable;
		uint32_t data, addr, uaddr;
	} interrupt;
};

/* ---- The queue ---- */

enum qi_mode { QI_MODE_OFF, QI_MODE_ON, QI_MODE_DRAINING, QI_MODE_SUSPENDED, QI_MODE_DEAD };

/* Others' devices that prolong a submission; see "How long calls take". */
#define QI_SILENT_DEVICES 4

/* The unit's head has been there with work to do, 0: it had none; and since when. */
struct qi_watch {
	uint64_t head, since;
	bool device; /* a device's answer was outstanding */
};

/*
 * One submission under way. The caller's memory; the core keeps a pointer to it, and to the
 * caller's descriptors, until qi_poll() or qi_wait() has returned something else than QI_PENDING,
 * or qi_abandon() has returned. The hardware never gets its address.
 *
 * One thread at a time may use a ticket. `error` is valid once the submission is finished; the
 * rest is private.
 */
struct qi_ticket {
	struct qi_error error;

	const struct qi_desc *desc;
	unsigned count, options;
	uint64_t limit;	   /* of the caller's own, in ns; 0: the table's alone */
	unsigned base, n;  /* the part that is in line or in the ring: desc[base .. base + n) */
	unsigned sent;	   /* page responses before this one have been sent */
	uint32_t phase;	   /* see core/queue.h */
	uint16_t flags;	   /* likewise, QI_SLOT_* */
	uint8_t type;	   /* for the latency histogram */
	bool ats;	   /* it has a device-TLB invalidation */
	bool suspect;	   /* is to be tried alone: a device of its may have timed out */
	bool owes;	   /* qi_disable() waits for it */
	bool slow;	   /* a device's answer has been waited for */
	bool hidden;	   /* a late status write hides whether it is complete */
	bool cut;	   /* a time-out came before its rest was fetched, which is waited for */
	uint32_t turns;	   /* of the wait loop since the last look at the unit */
	uint32_t clock_at; /* of these, when the clock is read */
	uint32_t attempts; /* times that one of its devices was to blame */
	uint64_t first;	   /* position of its first slot */
	uint64_t epoch;	   /* of the queue, before the part was in the ring */
	uint64_t start;	   /* for the latency */
	uint64_t looked;   /* at the unit, for the last time; 0: not yet */
	uint64_t since;	   /* when its owner first looked at the clock; 0: not yet */
	uint64_t checked;  /* when it last looked whether the unit knows its queue; 0: not yet */
	uint64_t deadline; /* of this attempt; 0: the unit has not been told of it */
	uint64_t late;	   /* when the last round of looks began; 0: it has not */
	struct qi_watch watch;
	uint64_t asleep; /* since when without a look for faults, 0: it does not sleep */
	uint16_t silent[QI_SILENT_DEVICES]; /* others' that have timed out, ... */
	uint16_t nsilent;		    /* ... and how many these are */
	struct qi_ticket *next;
};

/* A drain that the core itself has put into the ring: its position, 0: none yet, and when. */
struct qi_drain {
	uint64_t first, since;
};

/*
 * So many faults may come, and so many aborted submissions' slots be used again, before an owner
 * that looks late does its part again, to be sure.
 */
#define QI_FAULT_LOG 16
#define QI_PASSED 16

/* What the unit has reported, by position in the ring. Each owner looks whether it is concerned. */
struct qi_fault {
	uint64_t epoch; /* which begins with it */
	uint64_t at;	/* IQH: the refused descriptor; or the first that was not fetched */
	uint64_t from;	/* of a time-out or a reset: what was before this was over */
	uint64_t alone; /* of a time-out: the only one that a device had to answer, 0: any */
	enum qi_fault_kind { QI_FAULT_NONE, QI_FAULT_IQE, QI_FAULT_ITE, QI_FAULT_RESET } kind;
	int code;     /* of a reset */
	uint16_t sid; /* of a time-out, 0: the unit did not say */
	uint8_t iqei;
};

#ifdef __cplusplus
#define QI_LINE alignas(64)
#else
#define QI_LINE _Alignas(64)
#endif

/* One unit's queue. Private, but for its size and alignment. */
struct qi {
	/* What each submission reads, in one cache line; hardly ever written. */
	QI_LINE uint64_t epoch; /* written under the lock; see core/queue.h */
	const struct qi_host *host;
	void *ctx;
	char *ring;
	struct qi_slot *slot;
	char *status;
	uint64_t status_phys;
	uint16_t mask;	/* slots - 1 */
	uint8_t order;	/* log2 slots */
	uint8_t shift;	/* log2 of a descriptor's bytes */
	uint8_t spread; /* log2 of the distance of status words in bytes */
	uint8_t way;	/* of a submission: see core/queue.h */

	/* Read less often, and as seldom written. */
	QI_LINE bool counts;
	bool flushes;
	uint64_t aborted; /* a time-out error has aborted all waits before this that are not over */
	uint64_t grain;	  /* mask of positions: a submission that crosses such a border reclaims */
	int dead;	  /* why DEAD: -QI_ERR_DEAD or -QI_ERR_GONE */
	uint32_t known;	  /* the rules are: from qi_init() on, or from the first qi_enable() */

	/* What all submitters write: the next position above, the room below. Negative: closed. */
	QI_LINE uint64_t space;
	uint64_t base; /* of the positions in `space`, which have 32 bits. Under the lock */

	/* Written by the doorbell's holder; others read it as a hint. */
	QI_LINE uint64_t rung; /* the tail as the unit knows it */
	unsigned backlog;      /* slots that keep the unit busy while a doorbell is on its way */
	uint64_t older;	       /* while this one is not over the unit has work enough; ... */
	uint64_t newer, mark;  /* ... and what will be, and since where */
	uint32_t again;	       /* ring once more though nothing is new. Set by repair */

	/* Under the lock; `head` is also read without it. */
	QI_LINE uint64_t head; /* position of the oldest slot not reclaimed (Linux: free_tail) */
	uint64_t closed;       /* 1 + the tail, while slots are reserved under the lock; else 0 */
	uint64_t room_at;      /* when this one is over there may be room for those in line */
	uint64_t fetched;      /* the unit has fetched everything before this position */
	uint64_t careful;      /* before this, a completion says nothing of earlier ones */
	uint64_t ats_newest;   /* first slot of the newest with a device-TLB invalidation; or 0 */
	uint64_t ats_left;     /* reclaimed, and a device's answer may be to come; or 0 */
	struct qi_ticket *line, **line_end; /* wait to be put into the ring, in order */
	uint64_t forgotten; /* owners from before this epoch cannot know of all faults */
	unsigned faults;    /* how many there were in all */
	unsigned owed;	    /* accepted calls that have more to put into the ring than is there */
	bool removed;	    /* the doorbell lies nowhere: the ring is to start anew */

	/* Finding the device that timed out where the unit does not say; see core/isolate.c. */
	QI_LINE unsigned suspects; /* how many of those in line are to be tried alone */
	bool quiet;		   /* no device-TLB invalidation is under way */
	struct qi_drain drain;	   /* makes it quiet */
	uint64_t isolated;	   /* the attempt that is alone, 0: none */
	uint64_t iqe_at;	   /* position of the last IQE, ... */
	bool iqe_replaced;	   /* ... whether its descriptor has been replaced, ... */
	unsigned iqe_count;	   /* ... and how many there brought no progress */

	QI_LINE uint32_t repair; /* 1: a thread is looking at the fault register */
	uint32_t repair_again;	 /* a fault interrupt came meanwhile */
	uint32_t events; /* grows with each interrupt; sleepers, and all who wait, look at it */

	struct qi_fault log[QI_FAULT_LOG];
	uint64_t passed[QI_PASSED]; /* aborted; reclaimed before their owners have heard of it */
	unsigned npassed;
	/*
	 * Without a place, or hidden by a late status write: all such were before this position;
	 * and the epoch when there was one last.
	 */
	struct {
		uint64_t before, since;
	} unheard;
	struct qi_config cfg; /* with the defaults filled in */
	struct qi_rules rules;
};

/* ---- Life cycle ---- */

/*
 * Check the whole configuration and prepare @q. Touches no register. Returns 0 or
 * -QI_ERR_INVALID; *why, if @why is not NULL, then says what is wrong, in words.
 *
 * Once for each queue and its status memory: laps start anew, so a status write that is still under
 * way from an earlier life of that memory could complete a submission falsely. To start over
 * use qi_disable() and qi_enable(), or qi_reset().
 */
int qi_init_why(struct qi *q, const struct qi_config *cfg, const char **why);
int qi_init(struct qi *q, const struct qi_config *cfg);

/*
 * Turn the queue on, from OFF. One that firmware or an older kernel left on is drained and turned
 * off first, which puts IQH back to 0. Errors: -QI_ERR_INVALID (the unit has no QI, or not this
 * width, or the queue is on already), -QI_ERR_DEAD (needs qi_reset()), -QI_ERR_TIMEOUT (no QIES in
 * time), -QI_ERR_GONE.
 */
int qi_enable(struct qi *q);

/*
 * Refuse new submissions, complete those under way, turn the queue off. If owners of what is to be
 * repeated or has further parts do not look within the time-out, or devices do not answer within
 * two: -QI_ERR_BUSY, and the queue is on again; collect or abandon the tickets and call again, or
 * qi_reset(). Tickets of what has completed may be collected later; with -QI_ERR_OFF if since its
 * submission more than QI_FAULT_LOG faults have come, or the status write of one that was given up
 * has come so late that it hides the completion. -QI_ERR_INVALID: it is not on. If the hardware
 * does not complete what is under way: -QI_ERR_DEAD or -QI_ERR_GONE.
 */
int qi_disable(struct qi *q);

/*
 * The same, for a unit that loses its registers; qi_resume() programs all of them again, with the
 * errors of qi_enable(), and -QI_ERR_INVALID also if the queue is not suspended.
 */
int qi_suspend(struct qi *q);
int qi_resume(struct qi *q);

/*
 * Revive a dead queue, or abandon a living one's contents (-QI_ERR_INVALID if it is off): whatever
 * is under way fails with -QI_ERR_DEAD, pending faults are cleared, and the queue is on and empty.
 * -QI_ERR_BUSY if the owner of a ticket that is in line does not look within the time-out: then the
 * queue stays dead; -QI_ERR_TIMEOUT and -QI_ERR_GONE if the unit does not obey.
 */
int qi_reset(struct qi *q);

/*
 * ---- How long calls take ----
 *
 * With a relax() that takes no longer than a few milliseconds; T is timeout_ns, A is
 * ats_timeout_ns. An owner that polls a ticket counts from its first look at the clock, and hears
 * of it with its next poll.
 *
 *  qi_submit(), qi_poll(), qi_abandon(), qi_snapshot()	do not wait
 *  a submission, in line, in flight, and all its parts	2 T
 *   - if a device-TLB invalidation is its own, or was	(retries + 2) A, and one A for each other
 *     outstanding before it				device that times out, up to four
 *   - the unit stands still				T, or A if such a one is outstanding
 *   - the unit has lost its registers (QIES reads 0)	T
 *  qi_disable(), qi_suspend()				3 T: 2 T until all is over, or -QI_ERR_BUSY
 *   - the unit has lost its registers			2 T
 *  qi_enable(), qi_resume()				3 T: 2 T if no queue was left on
 *  qi_reset()						4 T
 *
 * Time that is up is not believed at once: the whole machine may have stood still, or the clock
 * have jumped. The verdict comes after one more round of looks, the last sixteenth of T.
 */

/* ---- Submission ---- */

/*
 * Execute @count descriptors, in order of submission, and wait until all are complete. 0 is a plain
 * drain: everything put into the ring before is complete when it returns, and @desc may be NULL.
 * More than the ring holds are submitted in parts, in order, with one result. @options: QI_OPT_*.
 *
 * Returns 0 when every descriptor has been executed by the unit. On an error some of them may have
 * been executed too; no other caller's submissions are affected. With a page response among them
 * -QI_ERR_TIMEOUT comes before its time where more than QI_FAULT_LOG faults have followed each
 * other unseen: it cannot be told whether the response has been sent, and it must not be sent
 * twice.
 */
int qi_submit_sync(struct qi *q, const struct qi_desc *desc, unsigned count, unsigned options);

/*
 * The same with a limit of its own, and the details of a failure. @limit_ns: after so many
 * nanoseconds, and an eighth more at most, it is given up, as qi_abandon() does it, with
 * -QI_ERR_TIMEOUT; 0, or more than the table above says: the table holds. @error: NULL, or filled
 * in, whatever the result. With the builders of desc.h, qi_iotlb_range() and qi_piotlb_range() that
 * serves in place of a qi_flush_*().
 */
int qi_submit_within(struct qi *q, const struct qi_desc *desc, unsigned count, unsigned options,
		     uint64_t limit_ns, struct qi_error *error);

/*
 * qi_submit_sync() without waiting. 0: accepted, and @t must be collected by qi_poll() or
 * qi_wait(), or given back by qi_abandon(). Otherwise refused, nothing was submitted, and t->error
 * says why. Never waits for space: what does not fit is put into the ring as space comes free,
 * first come first served, by whichever thread polls next. Tickets may be collected in any order.
 */
int qi_submit(struct qi *q, const struct qi_desc *desc, unsigned count, unsigned options,
	      struct qi_ticket *t);

/*
 * QI_PENDING, or the submission's result. One turn of a wait loop: it does not wait, and does not
 * call relax(). While nothing has come, each call reads the clock, which decides however seldom
 * that is.
 */
int qi_poll(struct qi *q, struct qi_ticket *t);

/* Wait for the result. */
int qi_wait(struct qi *q, struct qi_ticket *t);

/*
 * Give a submission up. What is in the ring may still be executed; its late status write does
 * no harm, and its slots come back once the hardware is past them. Does nothing to a finished one.
 */
void qi_abandon(struct qi *q, struct qi_ticket *t);

/* ---- Interrupts ---- */

/* Handle IQE, ITE and ICE. Other bits of FSTS are the embedder's and are left alone. */
void qi_fault_interrupt(struct qi *q);

/* Handle the completion interrupt: clears ICS.IWC and wakes the sleepers. */
void qi_completion_interrupt(struct qi *q);

/* ---- Looking inside ---- */

struct qi_slot_view {
	struct qi_desc desc; /* as it stands in the ring; zero if it is not between head and tail */
	enum qi_state state; /* of the submission that the slot belongs to */
	uint32_t status;     /* the hardware's word, in that of the submission's first slot */
	uint32_t tag;	     /* what the hardware stores there when it completes; 0: nothing */
};

struct qi_snapshot {
	struct qi_slot_view *slot; /* in: room for `slots` of them, or NULL */
	unsigned slots;		   /* in: the room; out: slots of the ring */
	enum qi_mode mode;
	int dead;
	unsigned width;
	unsigned head, tail; /* slot numbers: oldest slot whose submission is not over; next slot */
	unsigned used;	     /* slots between them */
	unsigned queued;     /* submissions that wait to be put into the ring */
	uint32_t fsts;	     /* registers, read before the rest; 0 while the queue is off */
	uint64_t iqh, iqt, iqercd;
	struct qi_stats stats; /* zero if none are kept */
};

/*
 * Consistent but for the status words and registers, which the hardware may change meanwhile, and
 * `stats`, which are copied one by one while other CPUs count on.
 */
void qi_snapshot(struct qi *q, struct qi_snapshot *out);

/*
 * ---- Convenience: one call each, waits for completion, drains as the unit can (DR, DW) ----
 *
 * Units and meaning of the arguments are those of the builders in desc.h: DID, SID, RID and PFSID
 * of 16 bits, PASIDs of 20, addresses in bytes, sizes as powers of two of 4 KiB pages.
 *
 * Beside the results of qi_submit_sync(): -QI_ERR_DESC says that an argument does not fit its
 * field, or asks for what the unit has not got; nothing was done, and host.report() has been told
 * which field, and why. -QI_ERR_INVALID: there is no such range. -QI_ERR_OFF also where the unit's
 * capabilities are not known yet.
 */

/*
 * Context cache (6.5.2.1). @granu: QI_CC_*. With QI_CC_DEVICE alone @sid counts, and @fm, 0 to 3.
 */
int qi_flush_context(struct qi *q, unsigned did, unsigned sid, unsigned fm, unsigned granu);

/*
 * IOTLB (6.5.2.3). @granu: QI_IOTLB_*. With QI_IOTLB_PAGE the 2^am pages at @addr, which must be
 * aligned to that, @am 0 to CAP.MAMV: for any other range there is qi_flush_iotlb_range().
 */
int qi_flush_iotlb(struct qi *q, unsigned did, uint64_t addr, unsigned am, bool ih, unsigned granu);

/*
 * @npages pages from @addr on, which is rounded down to a page. Uses the minimal number of aligned
 * descriptors that cover exactly this range, if that is at most qi_config.range_descs. Otherwise
 * one page-selective descriptor whose aligned power of two covers it, and a domain-selective one
 * where even CAP.MAMV is too small or the unit has no PSI. One submission, whichever it is.
 *
 * -QI_ERR_INVALID: @npages is 0, or the range passes the end of the address space.
 */
int qi_flush_iotlb_range(struct qi *q, unsigned did, uint64_t addr, uint64_t npages, bool ih);

/* PASID-based IOTLB (6.5.2.4). @npages UINT64_MAX: all of the PASID; else as the range above. */
int qi_flush_piotlb(struct qi *q, unsigned did, uint32_t pasid, uint64_t addr, uint64_t npages,
		    bool ih);

/* PASID cache (6.5.2.2). @granu: QI_PC_*; with QI_PC_PASID alone @pasid counts. */
int qi_flush_pasid_cache(struct qi *q, unsigned did, unsigned granu, uint32_t pasid);

/*
 * Device TLB (6.5.2.5), and that of one PASID (6.5.2.6): the 2^order pages at @addr, which must be
 * aligned to that, @order 0 to 52; QI_DEV_TLB_ALL is everything. @qdep: the device's ATS queue
 * depth, 1 to 32, or 0 for 32. @pfsid: 0 without ECAP.DIT.
 */
int qi_flush_dev_iotlb(struct qi *q, unsigned sid, unsigned pfsid, unsigned qdep, uint64_t addr,
		       unsigned order);
int qi_flush_dev_iotlb_pasid(struct qi *q, unsigned sid, unsigned pfsid, uint32_t pasid,
			     unsigned qdep, uint64_t addr, unsigned order);

/*
 * Interrupt entry cache (6.5.2.7): all of it; the 2^im entries around @iidx (0 to 65535), @im to
 * ECAP.MHMV.
 */
int qi_global_iec(struct qi *q);
int qi_flush_iec_index(struct qi *q, unsigned iidx, unsigned im);

/* Page group response (7.7). @resp: QI_RESP_*; @prgi: 0 to 511. */
int qi_page_group_response(struct qi *q, unsigned rid, bool pasid_present, uint32_t pasid,
			   unsigned resp, unsigned prgi, bool last);

/*
 * The rule of qi_flush_iotlb_range(), and of qi_flush_piotlb(), by itself: writes at most @max
 * descriptors to @out and returns their number, at least 1; 0 if @npages is 0, the range passes the
 * end of the address space, @max is 0, or the unit's capabilities are not known yet. @max takes the
 * place of range_descs.
 */
unsigned qi_iotlb_range(const struct qi *q, unsigned did, uint64_t addr, uint64_t npages, bool ih,
			struct qi_desc *out, unsigned max);
unsigned qi_piotlb_range(const struct qi *q, unsigned did, uint32_t pasid, uint64_t addr,
			 uint64_t npages, bool ih, struct qi_desc *out, unsigned max);

/*
 * Gathers descriptors and submits them with one wait. When its room, of one descriptor at least, is
 * full, an add submits by itself, and waits.
 *
 * The first error sticks, be it of a submission or of an add that was refused: it is what every
 * further add returns, and the result of qi_batch_submit(), which leaves the batch empty and
 * without an error. So the results of the adds may be ignored: 0 from qi_batch_submit() says that
 * all that was to be added since the last one has been invalidated. After an error the rest is
 * submitted all the same.
 */
struct qi_batch {
	struct qi *q;
	struct qi_desc *desc;
	unsigned room, count;
	int error;
};

/* -QI_ERR_INVALID: an argument is NULL or 0; then nothing can be added, and submitting fails. */
int qi_batch_init(struct qi_batch *b, struct qi *q, struct qi_desc *room, unsigned nroom);
int qi_batch_add(struct qi_batch *b, const struct qi_desc *d);
int qi_batch_add_range(struct qi_batch *b, unsigned did, uint64_t addr, uint64_t npages, bool ih);
int qi_batch_submit(struct qi_batch *b, unsigned options);

#ifdef __cplusplus
}
#endif

#endif
