/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* internal.h - what the files of the unit share. */
#ifndef VTD_INTERNAL_H
#define VTD_INTERNAL_H

#include "vtd.h"

#include <qinval/regs.h>

/* Descriptor types. */
enum {
	VTD_T_CONTEXT = 1,
	VTD_T_IOTLB,
	VTD_T_DEVTLB,
	VTD_T_IEC,
	VTD_T_WAIT,
	VTD_T_PASID_IOTLB,
	VTD_T_PASID,
	VTD_T_PASID_DEVTLB,
	VTD_T_RESPONSE,
	VTD_TYPES
};

/* Bits of the wait descriptor's qw0. */
#define VTD_WAIT_IF (1ULL << 4)
#define VTD_WAIT_SW (1ULL << 5)
#define VTD_WAIT_FN (1ULL << 6)
#define VTD_WAIT_PD (1ULL << 7)

/* qw0's low four bits; vtd_check() has seen to the upper ones. */
static inline unsigned vtd_type(const uint64_t qw[4])
{
	return qw[0] & 0xf;
}

static inline bool vtd_is_devtlb(const uint64_t qw[4])
{
	return vtd_type(qw) == VTD_T_DEVTLB || vtd_type(qw) == VTD_T_PASID_DEVTLB;
}

static inline bool vtd_is_wait(const uint64_t qw[4])
{
	return vtd_type(qw) == VTD_T_WAIT;
}

/* Source id of a device-TLB invalidation. */
static inline uint16_t vtd_sid(const uint64_t qw[4])
{
	return (uint16_t)(qw[0] >> (vtd_type(qw) == VTD_T_DEVTLB ? 32 : 16));
}

/* What the root table is; the field is reserved, and ignored, without scalable mode. */
static inline unsigned vtd_table_mode(const struct vtd_unit *u)
{
	return u->cfg.ecap & VTD_ECAP_SMTS ? VTD_RTADDR_TTM(u->root) : VTD_TTM_LEGACY;
}

/* FSTS: the first record with a fault; what sends the fault event when nothing of it was set. */
#define VTD_FSTS_FRI_SHIFT 8
#define VTD_FSTS_FRI (0xffU << VTD_FSTS_FRI_SHIFT)
#define VTD_FSTS_EVENTS (VTD_FSTS_QI | VTD_FSTS_PFO | VTD_FSTS_PPF | VTD_FSTS_PRO)

/* ---- profile.c ---- */

/* How an implementation differs from the specification. */
#define VTD_Q_SYNCHRONOUS \
	(1U << 0)		  /* the queue runs within the writes of IQT and QIE, only there */
#define VTD_Q_LAX (1U << 1)	  /* of a descriptor only the form and AM are checked */
#define VTD_Q_NO_IQERCD (1U << 2) /* IQERCD reads 0 */
#define VTD_Q_PROMPT (1U << 3)	  /* no device is ever late, silent or wrong */
#define VTD_Q_SW_IF_FATAL (1U << 4) /* a wait with SW and IF ends the unit */
#define VTD_Q_TWICE (1U << 5)	    /* each status word is stored twice */
#define VTD_Q_WRITE_IQE (1U << 6)   /* a status write to nowhere refuses its wait */
#define VTD_Q_KEEP_QIE (1U << 7)    /* QIE can be cleared only behind a wait, the queue empty */
#define VTD_Q_LEGACY_DW (1U << 8)   /* IQA.DW is ignored without ECAP.SMTS */
#define VTD_Q_IQA_ON (1U << 9)	    /* IQA reads the address in use since QIE was set */
#define VTD_Q_SLOT_TAIL (1U << 10)  /* a write of IQT notes a slot; with IQT[4] and DW, none */
/* Records of what has got as far as pages have RID_PASID; in legacy mode ffffh, without PP. */
#define VTD_Q_RECORD_PASID (1U << 11)
#define VTD_Q_SILENT_REMAP (1U << 12)	/* faults of interrupt remapping are not recorded */
#define VTD_Q_COLLAPSE (1U << 14)	/* of one requester a single record is pending at a time */
#define VTD_Q_LEGACY_REASONS (1U << 15) /* in scalable mode, too */
#define VTD_Q_RIGHTS_FIRST (1U << 16)	/* what an entry permits is looked at first, in each */
/* Of a remapping entry only what is always reserved is; no posting; SVT 11 matches none. */
#define VTD_Q_LAX_REMAP (1U << 17)
#define VTD_Q_PASS_ALL (1U << 18) /* pass-through knows no width */
/* Nothing is reserved in a PASID's entry and on the way to it, and each stage is a second one. */
#define VTD_Q_LAX_PASID (1U << 19)
#define VTD_Q_CANONICAL_AW (1ULL << 32) /* the first stage's addresses have the width of AW */
#define VTD_Q_ONE_STAGE \
	(1U << 31) /* with LAX_PASID: but only of the stage that there is; none: no AW */
#define VTD_Q_TM_RESERVED (1U << 30) /* bit 62 of second-stage entries, with device TLBs, too */
#define VTD_Q_PASID_58 (1U << 28)    /* all that is wrong there is 58h, whatever FPD says */
/* What is wrong with a PASID's entry (5Bh) comes before P; FPD on the way to it is nothing. */
#define VTD_Q_PASID_5B (1U << 29)
#define VTD_Q_TABLE_INVALID (1U << 20) /* no first table of pages: the context is invalid */
#define VTD_Q_COMPATIBLE (1U << 21)    /* messages in the compatibility format pass always */
#define VTD_Q_SNOOP (1U << 22)	    /* with ECAP.SMTS SNP is not reserved, whatever ECAP.SC says */
#define VTD_Q_WHOLE_ROOT (1U << 23) /* in both halves of a root entry reserved bits count */
#define VTD_Q_FPD_RESERVED (1U << 24) /* with FPD, reserved bits of a context are recorded */
/* A page with the interrupts' range leads there; 87h for it with ECAP.SMTS, in legacy mode too. */
#define VTD_Q_INTERRUPT_PAGES (1U << 25)
#define VTD_Q_CLEAN (1ULL << 33)   /* the first stage sets no D */
#define VTD_Q_BUS_RANGE (1U << 13) /* SVT 10: the range of buses ends where it should begin */
#define VTD_Q_QUIET (1U << 26)	   /* such a tail is no error; IQA never reads DW */
#define VTD_Q_TYPE_4 (1U << 27)	   /* a type is qw0[3:0] alone */

/* A descriptor type's form: reserved bits, and which values of qw0[5:4] there are. */
struct vtd_form {
	uint64_t reserved0, reserved1;
	uint8_t granularities; /* bit g: there is granularity g; none: there is no such type */
};

/* Beside the granularities: what LAX units, which look at less by default, look at. */
#define VTD_FORM_UPPER (1U << 4)    /* qw2 and qw3 must be 0 */
#define VTD_FORM_WIDE (1U << 5)	    /* there is no such type in a queue of 128 bits */
#define VTD_FORM_SCALABLE (1U << 6) /* nor without ECAP.SMTS */

struct vtd_profile_def {
	const char *name;
	uint64_t cap, ecap;
	uint64_t quirks;
	struct vtd_form form[VTD_TYPES];
};

extern const struct vtd_profile_def vtd_profile_defs[VTD_PROFILES];

static inline bool vtd_quirk(const struct vtd_unit *u, uint64_t quirk)
{
	return vtd_profile_defs[u->cfg.profile].quirks & quirk;
}

/* ---- error.c ---- */

void vtd_raise_iqe(struct vtd_unit *u, unsigned iqei);
void vtd_raise_ice(struct vtd_unit *u, uint16_t sid);
void vtd_raise_ite(struct vtd_unit *u, uint16_t sid);
void vtd_raise_fault(struct vtd_unit *u, uint32_t fsts);  /* PFO, PRO, PPF with FRI */
void vtd_clear_pending(struct vtd_unit *u);		  /* PPF: no record is pending */
void vtd_clear_faults(struct vtd_unit *u, uint32_t fsts); /* a write of FSTS */
void vtd_completion_interrupt(struct vtd_unit *u);
void vtd_clear_completion(struct vtd_unit *u, uint32_t ics); /* a write of ICS */
void vtd_write_fectl(struct vtd_unit *u, uint32_t value);
void vtd_write_iectl(struct vtd_unit *u, uint32_t value);

/* ---- check.c ---- */

/* Are the descriptors 256 bits wide? */
bool vtd_wide(const struct vtd_unit *u);

/* VTD_IQEI_* with which any descriptor is refused for its width, or 0. */
unsigned vtd_check_width(const struct vtd_unit *u);

/* VTD_IQEI_* with which this descriptor is refused, or 0. */
unsigned vtd_check(const struct vtd_unit *u, const uint64_t qw[4]);

/* ---- fetch.c ---- */

void vtd_queue_on(struct vtd_unit *u);
void vtd_queue_off(struct vtd_unit *u);	     /* a request: QIES may follow later */
void vtd_queue_turn_off(struct vtd_unit *u); /* at once */
bool vtd_tail_written(struct vtd_unit *u);   /* IQT has been; false: the queue does not notice */
bool vtd_can_fetch(const struct vtd_unit *u);
void vtd_fetch(struct vtd_unit *u);

uint64_t vtd_ring_slots(const struct vtd_unit *u);

/* How many descriptors of the queue were before this one since QIE was set. */
uint64_t vtd_position(const struct vtd_unit *u, uint32_t lap, uint64_t slot);

/* Put IQH back to a descriptor that was refused after it had been fetched. */
void vtd_refetch(struct vtd_unit *u, const struct vtd_pending *p);

/* ---- execute.c ---- */

/* Do the next piece of pending[i]: start it, let its device answer, complete it. */
enum vtd_did vtd_advance(struct vtd_unit *u, unsigned i);

/* pending[i]'s device has timed out. */
enum vtd_did vtd_time_out(struct vtd_unit *u, unsigned i);

/* late[i] comes. */
enum vtd_did vtd_late_come(struct vtd_unit *u, unsigned i);

/* ---- step.c ---- */

/* Process the whole queue, as a synchronous unit does. */
void vtd_run(struct vtd_unit *u);

/* ---- cache.c ---- */

/* Does the descriptor remove this entry, of 2^order pages? */
bool vtd_goes(const uint64_t qw[4], const struct vtd_entry *e, unsigned order);

/* Remove what the descriptor invalidates. */
void vtd_invalidate(struct vtd_unit *u, const uint64_t qw[4]);

/* ---- fault.c: each looks for an armed fault, counts its use and copies it ---- */

bool vtd_fault_take(struct vtd_unit *u, enum vtd_fault_kind kind, struct vtd_fault *out);
bool vtd_fault_take_device(struct vtd_unit *u, uint16_t sid, struct vtd_fault *out);
bool vtd_fault_take_refuse(struct vtd_unit *u, const uint64_t qw[4], struct vtd_fault *out);
bool vtd_fault_armed(const struct vtd_unit *u, enum vtd_fault_kind kind);

#endif
