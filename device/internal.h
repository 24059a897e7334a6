/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* internal.h - declarations shared by the unit's files. */
#ifndef VTD_INTERNAL_H
#define VTD_INTERNAL_H

#include "vtd.h"

#include <qinval/regs.h>

/* Descriptor types: qw0[11:9] and qw0[3:0]. */
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

/* The type in qw0[3:0]; vtd_check() has checked qw0[11:9]. */
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

/* The source id of a device-TLB invalidation. */
static inline uint16_t vtd_sid(const uint64_t qw[4])
{
	return (uint16_t)(qw[0] >> (vtd_type(qw) == VTD_T_DEVTLB ? 32 : 16));
}

/* RTADDR.TTM. Without scalable mode the field is reserved, and ignored. */
static inline unsigned vtd_table_mode(const struct vtd_unit *u)
{
	return u->cfg.ecap & VTD_ECAP_SMTS ? VTD_RTADDR_TTM(u->root) : VTD_TTM_LEGACY;
}

/*
 * FSTS.FRI is the index of the first record with a fault. VTD_FSTS_EVENTS: the bits of which the
 * first one that is set sends the fault event.
 */
#define VTD_FSTS_FRI_SHIFT 8
#define VTD_FSTS_FRI (0xffU << VTD_FSTS_FRI_SHIFT)
#define VTD_FSTS_EVENTS (VTD_FSTS_QI | VTD_FSTS_PFO | VTD_FSTS_PPF | VTD_FSTS_PRO)

/* ---- profile.c ---- */

/* Quirks: how an implementation differs from the specification. */
/* The queue runs inside the writes of IQT and QIE, and only there. */
#define VTD_Q_SYNCHRONOUS (1U << 0)
#define VTD_Q_LAX (1U << 1)	    /* only a descriptor's form and its AM are checked */
#define VTD_Q_NO_IQERCD (1U << 2)   /* IQERCD reads 0 */
#define VTD_Q_PROMPT (1U << 3)	    /* no device is ever late, silent or wrong */
#define VTD_Q_SW_IF_FATAL (1U << 4) /* a wait with SW and IF ends the unit */
#define VTD_Q_TWICE (1U << 5)	    /* each status word is stored twice */
#define VTD_Q_WRITE_IQE (1U << 6)   /* if memory refuses a status write, the wait is refused */
/* QIE can be cleared only when the queue is empty and the last descriptor was a wait */
#define VTD_Q_KEEP_QIE (1U << 7)
#define VTD_Q_LEGACY_DW (1U << 8) /* IQA.DW is ignored without ECAP.SMTS */
/* IQA reads the address that has been in use since QIE was set */
#define VTD_Q_IQA_ON (1U << 9)
/* A write of IQT stores a slot number; with DW and IQT[4] set it stores none. */
#define VTD_Q_SLOT_TAIL (1U << 10)
/*
 * Once a request has reached the page tables, its fault record has RID_PASID; in legacy mode ffffh,
 * without PP.
 */
#define VTD_Q_RECORD_PASID (1U << 11)
#define VTD_Q_SILENT_REMAP (1U << 12)	/* faults of interrupt remapping are not recorded */
#define VTD_Q_COLLAPSE (1U << 14)	/* only one record of each requester is pending at a time */
#define VTD_Q_LEGACY_REASONS (1U << 15) /* legacy mode's fault reasons in scalable mode, too */
/* At each entry, its rights are checked before its reserved bits. */
#define VTD_Q_RIGHTS_FIRST (1U << 16)
/*
 * In a remapping entry only the bits that are always reserved are checked; there is no posting; SVT
 * 11 matches no requester.
 */
#define VTD_Q_LAX_REMAP (1U << 17)
#define VTD_Q_PASS_ALL (1U << 18) /* pass-through ignores the address width */
/*
 * Reserved bits in a PASID entry, its directory entry and the context are ignored, and all kinds of
 * translation use the one stage that the unit has.
 */
#define VTD_Q_LAX_PASID (1U << 19)
#define VTD_Q_CANONICAL_AW (1ULL << 32) /* AW limits the first stage's addresses */
/* With LAX_PASID: PGTT must name that stage; with pass-through AW is not checked. */
#define VTD_Q_ONE_STAGE (1U << 31)
/* Bit 62 of second-stage entries is reserved even with device TLBs. */
#define VTD_Q_TM_RESERVED (1U << 30)
/* Every error of a PASID entry is reported as 58h and recorded, whatever FPD says. */
#define VTD_Q_PASID_58 (1U << 28)
/*
 * A badly programmed PASID entry (5Bh) is reported even if P is clear. FPD of the PASID's tables is
 * ignored.
 */
#define VTD_Q_PASID_5B (1U << 29)
/* If the root page table cannot be read, the context is reported as invalid. */
#define VTD_Q_TABLE_INVALID (1U << 20)
#define VTD_Q_COMPATIBLE (1U << 21) /* compatibility format messages always pass */
#define VTD_Q_SNOOP (1U << 22)	    /* with ECAP.SMTS, SNP is not reserved, whatever ECAP.SC says */
#define VTD_Q_WHOLE_ROOT (1U << 23) /* reserved bits in either half of a root entry count */
#define VTD_Q_FPD_RESERVED (1U << 24) /* reserved bits of a context are recorded even with FPD */
/*
 * A page that contains the interrupt address range counts as leading there. The reason is 87h
 * whenever the unit has ECAP.SMTS, in legacy mode too.
 */
#define VTD_Q_INTERRUPT_PAGES (1U << 25)
#define VTD_Q_CLEAN (1ULL << 33) /* the first stage does not set D */
/* SVT 10: the last bus of the range is read from the field of the first */
#define VTD_Q_BUS_RANGE (1U << 13)
/* A tail of SLOT_TAIL's second kind is no error; IQA never reads DW. */
#define VTD_Q_QUIET (1U << 26)
#define VTD_Q_TYPE_4 (1U << 27) /* the type is qw0[3:0] alone */

/* The form of a descriptor type: its reserved bits, and the defined values of qw0[5:4]. */
struct vtd_form {
	uint64_t reserved0, reserved1;
	uint8_t granularities; /* bit g: granularity g exists; 0: the type does not exist */
};

/* Flags beside the granularities: what else a LAX unit checks. */
#define VTD_FORM_UPPER (1U << 4)    /* qw2 and qw3 must be 0 */
#define VTD_FORM_WIDE (1U << 5)	    /* the type does not exist in a queue of 128-bit descriptors */
#define VTD_FORM_SCALABLE (1U << 6) /* the type does not exist without ECAP.SMTS */

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
void vtd_raise_fault(struct vtd_unit *u, uint32_t fsts);  /* PFO, PRO, or PPF with FRI */
void vtd_clear_pending(struct vtd_unit *u);		  /* no record is pending: clear PPF */
void vtd_clear_faults(struct vtd_unit *u, uint32_t fsts); /* a write of FSTS */
void vtd_completion_interrupt(struct vtd_unit *u);
void vtd_clear_completion(struct vtd_unit *u, uint32_t ics); /* a write of ICS */
void vtd_write_fectl(struct vtd_unit *u, uint32_t value);
void vtd_write_iectl(struct vtd_unit *u, uint32_t value);

/* ---- check.c ---- */

/* True if the descriptors are 256 bits wide. */
bool vtd_wide(const struct vtd_unit *u);

/* The VTD_IQEI_* code with which every descriptor is refused for its width, or 0. */
unsigned vtd_check_width(const struct vtd_unit *u);

/* The VTD_IQEI_* code with which this descriptor is refused, or 0. */
unsigned vtd_check(const struct vtd_unit *u, const uint64_t qw[4]);

/* ---- fetch.c ---- */

void vtd_queue_on(struct vtd_unit *u);
/* As software requests it: QIES may be cleared later. */
void vtd_queue_off(struct vtd_unit *u);
void vtd_queue_turn_off(struct vtd_unit *u); /* at once */
bool vtd_tail_written(struct vtd_unit *u);   /* IQT was written; false: the queue does not notice */
bool vtd_can_fetch(const struct vtd_unit *u);
void vtd_fetch(struct vtd_unit *u);

uint64_t vtd_ring_slots(const struct vtd_unit *u);

/* The descriptor's position: the number of descriptors before it since QIE was set. */
uint64_t vtd_position(const struct vtd_unit *u, uint32_t lap, uint64_t slot);

/* Move IQH back to a descriptor that is refused after it was fetched. */
void vtd_refetch(struct vtd_unit *u, const struct vtd_pending *p);

/* ---- execute.c ---- */

/* Do the next step of pending[i]: start it, let its device answer, or complete it. */
enum vtd_did vtd_advance(struct vtd_unit *u, unsigned i);

/* The device of pending[i] has not answered in time. */
enum vtd_did vtd_time_out(struct vtd_unit *u, unsigned i);

/* late[i] happens now. */
enum vtd_did vtd_late_come(struct vtd_unit *u, unsigned i);

/* ---- step.c ---- */

/* Process the whole queue at once, as a synchronous unit does. */
void vtd_run(struct vtd_unit *u);

/* ---- cache.c ---- */

/* True if the descriptor removes this entry of 2^order pages. */
bool vtd_goes(const uint64_t qw[4], const struct vtd_entry *e, unsigned order);

/* Remove what the descriptor invalidates. */
void vtd_invalidate(struct vtd_unit *u, const uint64_t qw[4]);

/* ---- fault.c: each vtd_fault_take*() finds an armed fault, counts its use and copies it ---- */

bool vtd_fault_take(struct vtd_unit *u, enum vtd_fault_kind kind, struct vtd_fault *out);
bool vtd_fault_take_device(struct vtd_unit *u, uint16_t sid, struct vtd_fault *out);
bool vtd_fault_take_refuse(struct vtd_unit *u, const uint64_t qw[4], struct vtd_fault *out);
bool vtd_fault_armed(const struct vtd_unit *u, enum vtd_fault_kind kind);

#endif
