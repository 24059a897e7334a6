/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * regs.h - the registers of a VT-d remapping unit that invalidation touches.
 *
 * Offsets are bytes from the unit's register base. A 64-bit register is read and written in one
 * 64-bit access, a 32-bit register in one 32-bit access. Names follow the specification; where
 * Linux has a name for the same thing it is the one used here.
 */
#ifndef QINVAL_REGS_H
#define QINVAL_REGS_H

#define DMAR_VER_REG 0x00     /* 32, RO: version */
#define DMAR_CAP_REG 0x08     /* 64, RO: capabilities */
#define DMAR_ECAP_REG 0x10    /* 64, RO: extended capabilities */
#define DMAR_GCMD_REG 0x18    /* 32, WO: global command */
#define DMAR_GSTS_REG 0x1c    /* 32, RO: global status */
#define DMAR_RTADDR_REG 0x20  /* 64: root table address and translation table mode */
#define DMAR_FSTS_REG 0x34    /* 32: fault status */
#define DMAR_FECTL_REG 0x38   /* 32: fault event control */
#define DMAR_FEDATA_REG 0x3c  /* 32: fault event data */
#define DMAR_FEADDR_REG 0x40  /* 32: fault event address */
#define DMAR_FEUADDR_REG 0x44 /* 32: fault event upper address */
#define DMAR_IQH_REG 0x80     /* 64, RO: invalidation queue head */
#define DMAR_IQT_REG 0x88     /* 64: invalidation queue tail */
#define DMAR_IQA_REG 0x90     /* 64: invalidation queue address */
#define DMAR_ICS_REG 0x9c     /* 32: invalidation completion status */
#define DMAR_IECTL_REG 0xa0   /* 32: invalidation event control */
#define DMAR_IEDATA_REG 0xa4  /* 32: invalidation event data */
#define DMAR_IEADDR_REG 0xa8  /* 32: invalidation event address */
#define DMAR_IEUADDR_REG 0xac /* 32: invalidation event upper address */
#define DMAR_IQERCD_REG 0xb0  /* 64, RO: invalidation queue error record (Linux: IQER) */
#define DMAR_IRTA_REG 0xb8    /* 64: interrupt remapping table address */

/* VER */
#define VTD_VER_MIN(v) ((unsigned)((v) >> 0) & 0xf)
#define VTD_VER_MAJOR(v) (((unsigned)(v) >> 4) & 0xf)

/* CAP */
#define VTD_CAP_ND(c) ((unsigned)((c) >> 0) & 0x7)
#define VTD_CAP_RWBF (1ULL << 4)
#define VTD_CAP_CM (1ULL << 7)
#define VTD_CAP_SAGAW(c) ((unsigned)((c) >> 8) & 0x1f)
#define VTD_CAP_MGAW(c) ((unsigned)((c) >> 16) & 0x3f)
#define VTD_CAP_FRO(c) ((unsigned)((c) >> 24) & 0x3ff)
#define VTD_CAP_PSI (1ULL << 39)
#define VTD_CAP_NFR(c) ((unsigned)((c) >> 40) & 0xff)
#define VTD_CAP_MAMV_SHIFT 48
#define VTD_CAP_MAMV(c) ((unsigned)((c) >> VTD_CAP_MAMV_SHIFT) & 0x3f)
#define VTD_CAP_DWD (1ULL << 54)
#define VTD_CAP_DRD (1ULL << 55)
#define VTD_CAP_ESIRTPS (1ULL << 62)
#define VTD_CAP_ESRTPS (1ULL << 63)

/* ECAP */
#define VTD_ECAP_C (1ULL << 0)
#define VTD_ECAP_QI (1ULL << 1)
#define VTD_ECAP_DT (1ULL << 2)
#define VTD_ECAP_IR (1ULL << 3)
#define VTD_ECAP_EIM (1ULL << 4)
#define VTD_ECAP_PT (1ULL << 6)
#define VTD_ECAP_SC (1ULL << 7)
#define VTD_ECAP_IRO(e) ((unsigned)((e) >> 8) & 0x3ff)
#define VTD_ECAP_MHMV_SHIFT 20
#define VTD_ECAP_MHMV(e) ((unsigned)((e) >> VTD_ECAP_MHMV_SHIFT) & 0xf)
#define VTD_ECAP_PRS (1ULL << 29)
#define VTD_ECAP_PSS_SHIFT 35
#define VTD_ECAP_PSS(e) ((unsigned)((e) >> VTD_ECAP_PSS_SHIFT) & 0x1f)
#define VTD_ECAP_PASID (1ULL << 40)
#define VTD_ECAP_DIT (1ULL << 41)
#define VTD_ECAP_PDS (1ULL << 42)
#define VTD_ECAP_SMTS (1ULL << 43)

/* GCMD and GSTS: the same bit means "do" in the one and "done" in the other. */
#define VTD_GCMD_TE (1U << 31)
#define VTD_GCMD_SRTP (1U << 30)
#define VTD_GCMD_SFL (1U << 29)
#define VTD_GCMD_EAFL (1U << 28)
#define VTD_GCMD_WBF (1U << 27)
#define VTD_GCMD_QIE (1U << 26)
#define VTD_GCMD_IRE (1U << 25)
#define VTD_GCMD_SIRTP (1U << 24)
#define VTD_GCMD_CFI (1U << 23)
/* One-shot commands: their status bits must never be written back into GCMD. */
#define VTD_GCMD_ONESHOT (VTD_GCMD_SRTP | VTD_GCMD_SFL | VTD_GCMD_WBF | VTD_GCMD_SIRTP)
#define VTD_GSTS_TES VTD_GCMD_TE
#define VTD_GSTS_RTPS VTD_GCMD_SRTP
#define VTD_GSTS_WBFS VTD_GCMD_WBF
#define VTD_GSTS_QIES VTD_GCMD_QIE
#define VTD_GSTS_IRES VTD_GCMD_IRE
#define VTD_GSTS_IRTPS VTD_GCMD_SIRTP
#define VTD_GSTS_CFIS VTD_GCMD_CFI

/* RTADDR: translation table mode */
#define VTD_RTADDR_TTM(r) ((unsigned)((r) >> 10) & 0x3)
#define VTD_TTM_LEGACY 0
#define VTD_TTM_SCALABLE 1
#define VTD_TTM_RESERVED 2
#define VTD_TTM_ABORT 3

/* FSTS */
#define VTD_FSTS_PFO (1U << 0) /* W1C */
#define VTD_FSTS_PPF (1U << 1)
#define VTD_FSTS_AFO (1U << 2)
#define VTD_FSTS_APF (1U << 3)
#define VTD_FSTS_IQE (1U << 4) /* W1C: invalidation queue error */
#define VTD_FSTS_ICE (1U << 5) /* W1C: invalidation completion error */
#define VTD_FSTS_ITE (1U << 6) /* W1C: invalidation time-out error */
#define VTD_FSTS_PRO (1U << 7)
#define VTD_FSTS_QI (VTD_FSTS_IQE | VTD_FSTS_ICE | VTD_FSTS_ITE)

/* FECTL, IECTL */
#define VTD_IECTL_IP (1U << 30) /* RO: interrupt pending */
#define VTD_IECTL_IM (1U << 31) /* interrupt mask */

/* ICS */
#define VTD_ICS_IWC (1U << 0) /* W1C: a wait descriptor with IF has completed */

/* IQH, IQT: byte offsets into the ring. Bit 4 is reserved with 256-bit descriptors. */
#define VTD_IQ_OFFSET_MASK 0x7fff0ULL

/* IQA */
#define VTD_IQA_QS_MASK 0x7ULL /* ring size: 2^(QS+8) 128-bit or 2^(QS+7) 256-bit slots */
#define VTD_IQA_DW (1ULL << 11)
#define VTD_IQA_ADDR_MASK (~0xfffULL)

/* IQERCD */
#define VTD_IQERCD_IQEI(r) ((unsigned)((r) >> 0) & 0xf)
#define VTD_IQERCD_ITESID(r) ((unsigned)((r) >> 32) & 0xffff)
#define VTD_IQERCD_ICESID(r) ((unsigned)((r) >> 48) & 0xffff)

/* IQEI: why a descriptor, or the queue itself, was refused */
#define VTD_IQEI_NONE 0	      /* no information: the unit does not say */
#define VTD_IQEI_TAIL 1	      /* invalid tail pointer */
#define VTD_IQEI_FETCH 2      /* the descriptor could not be read from memory */
#define VTD_IQEI_TYPE 3	      /* invalid descriptor type */
#define VTD_IQEI_RESERVED 4   /* a reserved field is set */
#define VTD_IQEI_WIDTH 5      /* descriptor width and translation mode do not agree */
#define VTD_IQEI_TAIL_ALIGN 6 /* IQT bit 4 set with 256-bit descriptors */
#define VTD_IQEI_TTM 7	      /* invalid translation table mode */

#endif
