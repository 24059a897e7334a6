/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* trial.h - the definition of a case, and the tools of the cases. */
#ifndef CONFORM_TRIAL_H
#define CONFORM_TRIAL_H

#include "conform.h"

#include <qinval/desc.h>
#include <qinval/regs.h>

/* One case on a device that has just been reset. */
struct trial {
	const struct conform_device *dev;
	uint64_t cap, ecap;
	unsigned width;	      /* descriptor width: 128, 256 */
	unsigned slots, tail; /* of the ring, 0 before trial_queue_on(); the tail is in slots */
	struct conform_result *result;
};

#define BOTH_WIDTHS 1 /* tried twice: "/128" and "/256" */
#define WIDE_ONLY 2   /* "/256" */

struct conform_case {
	const char *name, *rule, *section;
	void (*run)(struct trial *t, unsigned arg);
	unsigned arg;
	unsigned widths; /* 0: once, and if there is a queue its width is 128 bits */
};

/* Cases of one subject; a NULL name ends the list. */
extern const struct conform_case conform_registers[], conform_queue[], conform_types[],
	conform_values[], conform_reserved[], conform_waits[], conform_errors[],
	conform_interrupts[], conform_devices[], conform_removals[], conform_arrivals[],
	conform_faults[], conform_records[], conform_seen[], conform_first_stage[],
	conform_nested[], conform_ats[], conform_page_requests[], conform_remapping[];

/* ---- The outcome is a pass unless one of these is called; the first deviation counts ---- */

void trial_deviates(struct trial *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
void trial_not_applicable(struct trial *t, const char *why);
void trial_remark(struct trial *t, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Returns @holds; if it is false the case deviates with these words. */
bool trial_expect(struct trial *t, bool holds, const char *words);

/* Returns @there; if it is false the case is not applicable, as the device lacks @what. */
bool trial_needs(struct trial *t, bool there, const char *what);

/* True if the unit answers; otherwise the case deviates. */
bool trial_alive(struct trial *t);

/* ---- Registers, with their natural width ---- */

uint64_t trial_read(struct trial *t, unsigned reg);
void trial_write(struct trial *t, unsigned reg, uint64_t value);

/* Write GCMD with @bits turned on or off and all other bits kept; then settle. */
void trial_command(struct trial *t, uint32_t bits, bool on);

/* ---- The queue ---- */

/* Memory: the ring in up to half of it, then status words, then a second, smaller ring. */
uint64_t trial_ring(const struct trial *t);
uint64_t trial_status_addr(const struct trial *t, unsigned word);
uint64_t trial_other_ring(const struct trial *t);

/* Turn the queue on with a ring of 4 KiB << @qs, and status words of 0. */
bool trial_queue_on(struct trial *t, unsigned qs);

/* A value of IQA. */
uint64_t trial_iqa(const struct trial *t, uint64_t ring, unsigned qs);

/*
 * trial_put(): put a descriptor at the tail. trial_put_at(): into a slot. trial_submit(): ring
 * the doorbell and settle.
 */
void trial_put(struct trial *t, struct qi_desc d);
void trial_put_at(struct trial *t, unsigned slot, struct qi_desc d);
void trial_submit(struct trial *t);
unsigned trial_shift(const struct trial *t); /* log2 of a slot's size in bytes */
uint64_t trial_head(struct trial *t);	     /* IQH, in slots */

uint32_t trial_status(struct trial *t, unsigned word);
void trial_set_status(struct trial *t, unsigned word, uint32_t value);
struct qi_desc trial_wait(const struct trial *t, uint64_t flags, unsigned word, uint32_t data);
struct qi_desc trial_invalidation(void); /* an invalidation that every unit accepts */

/* Submit one descriptor with a wait after it. The queue is on and empty before and after. */
enum trial_verdict { ACCEPTED, REFUSED, STUCK, DEAD };
enum trial_verdict trial_try(struct trial *t, struct qi_desc d);

/* The case is that this descriptor is accepted, or refused. */
void trial_accepts(struct trial *t, struct qi_desc d);
void trial_refuses(struct trial *t, struct qi_desc d);
const char *trial_verdict_text(enum trial_verdict v);

/* Write sets of bits as text: "qw0[31:16], qw0[5]". Returns the end of the text. */
char *trial_bits_text(char *to, const char *end, const char *name, uint64_t bits);

/* ---- Capabilities ---- */

static inline bool has_cap(const struct trial *t, uint64_t bits)
{
	return !(bits & ~t->cap);
}

static inline bool has_ecap(const struct trial *t, uint64_t bits)
{
	return !(bits & ~t->ecap);
}

/* True if the unit has this type of descriptor. */
bool trial_has_type(const struct trial *t, unsigned type);

/* A PASID that is valid in descriptors: without ECAP.PASID only 0 is. */
static inline uint32_t trial_pasid(const struct trial *t)
{
	return has_ecap(t, VTD_ECAP_PASID);
}

/* Names of sections of the specification. */
#define SECTION_QUEUE "6.5.2 Queued Invalidation Interface"
#define SECTION_ERRORS "6.5.2 Hardware Handling of Queued Invalidation Interface Errors"
#define SECTION_EVENTS "6.5.2 Hardware Generation of Invalidation Completion Events"

#endif
