// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
//! The C interface of qinval as it is: the headers `qinval/qi.h`, `qinval/desc.h`, `qinval/host.h`
//! and `device/vtd.h` are the contract, and say what is safe. Names are theirs. Written by hand;
//! a test compares layouts, constants, builders and functions with the headers.
//!
//! What is private to the library is a block of bytes, at least as large and as much aligned as
//! there. Zero it before it is given to `qi_init()` or `vtd_init()`.
#![no_std]
#![allow(non_camel_case_types)]

use core::ffi::{c_char, c_int, c_uint, c_ulong, c_void};

// ---- desc.h

#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct qi_desc {
    pub qw0: u64,
    pub qw1: u64,
    pub qw2: u64,
    pub qw3: u64,
}

pub const QI_CC_TYPE: u64 = 1;
pub const QI_IOTLB_TYPE: u64 = 2;
pub const QI_DIOTLB_TYPE: u64 = 3;
pub const QI_IEC_TYPE: u64 = 4;
pub const QI_IWD_TYPE: u64 = 5;
pub const QI_EIOTLB_TYPE: u64 = 6;
pub const QI_PC_TYPE: u64 = 7;
pub const QI_DEIOTLB_TYPE: u64 = 8;
pub const QI_PGRP_RESP_TYPE: u64 = 9;

pub const QI_CC_GLOBAL: c_uint = 1;
pub const QI_CC_DOMAIN: c_uint = 2;
pub const QI_CC_DEVICE: c_uint = 3;
pub const QI_IOTLB_GLOBAL: c_uint = 1;
pub const QI_IOTLB_DOMAIN: c_uint = 2;
pub const QI_IOTLB_PAGE: c_uint = 3;
pub const QI_IEC_GLOBAL: c_uint = 0;
pub const QI_IEC_INDEX: c_uint = 1;
pub const QI_PIOTLB_PASID: c_uint = 2;
pub const QI_PIOTLB_PAGE: c_uint = 3;
pub const QI_PC_DOMAIN: c_uint = 0;
pub const QI_PC_PASID: c_uint = 1;
pub const QI_PC_GLOBAL: c_uint = 3;

pub const QI_IWD_IF: u64 = 1 << 4;
pub const QI_IWD_SW: u64 = 1 << 5;
pub const QI_IWD_FN: u64 = 1 << 6;
pub const QI_IWD_PD: u64 = 1 << 7;
pub const QI_IOTLB_DW: u64 = 1 << 6;
pub const QI_IOTLB_DR: u64 = 1 << 7;
pub const QI_DEV_TLB_ALL: c_uint = 52;
pub const QI_RESP_SUCCESS: c_uint = 0;
pub const QI_RESP_INVALID: c_uint = 1;
pub const QI_RESP_FAILURE: c_uint = 15;

const fn desc(qw0: u64, qw1: u64) -> qi_desc {
    qi_desc { qw0, qw1, qw2: 0, qw3: 0 }
}

/// Where C makes a descriptor that is refused, this panics, as an index out of bounds would.
const fn fit(value: u64, bits: u32) -> u64 {
    assert!(value >> bits == 0, "an argument does not fit its field");
    value
}

pub const fn qi_desc_context(granu: c_uint, did: u16, sid: u16, fm: c_uint) -> qi_desc {
    desc(QI_CC_TYPE | fit(granu as u64, 2) << 4 | (did as u64) << 16 | (sid as u64) << 32 | fit(fm as u64, 2) << 48, 0)
}

pub const fn qi_desc_iotlb(granu: c_uint, did: u16, addr: u64, am: c_uint, ih: bool, drain: u64) -> qi_desc {
    desc(
        QI_IOTLB_TYPE | fit(granu as u64, 2) << 4 | fit(drain >> 6, 2) << 6 | (did as u64) << 16,
        addr & !0xfff | (ih as u64) << 6 | fit(am as u64, 6),
    )
}

/// Address and S bit of the 2^order pages at `addr`, which must be aligned to that.
const fn size(addr: u64, order: c_uint, s_bit: u32) -> u64 {
    let pfn = addr >> 12;
    assert!(order <= QI_DEV_TLB_ALL && pfn & ((1 << order) - 1) == 0, "not aligned to its size");
    if order == 0 {
        return pfn << 12;
    }
    (pfn | ((1 << order) >> 1) - 1) << 12 | 1 << s_bit
}

/// The field MIP: 32 invalidations at once are said as 0.
const fn mip(qdep: c_uint) -> u64 {
    fit(if qdep == 32 { 0 } else { qdep as u64 }, 5)
}

pub const fn qi_desc_dev_tlb(sid: u16, pfsid: u16, qdep: c_uint, addr: u64, order: c_uint) -> qi_desc {
    desc(
        QI_DIOTLB_TYPE | (pfsid as u64 & 0xf) << 12 | mip(qdep) << 16 | (sid as u64) << 32
            | (pfsid as u64 >> 4) << 52,
        size(addr, order, 0),
    )
}

pub const fn qi_desc_iec(granu: c_uint, iidx: u16, im: c_uint) -> qi_desc {
    desc(QI_IEC_TYPE | fit(granu as u64, 1) << 4 | fit(im as u64, 5) << 27 | (iidx as u64) << 32, 0)
}

pub const fn qi_desc_wait(flags: u64, status: u64, data: u32) -> qi_desc {
    desc(QI_IWD_TYPE | flags & 0xf0 | (data as u64) << 32, status & !3)
}

pub const fn qi_desc_piotlb(granu: c_uint, did: u16, pasid: u32, addr: u64, am: c_uint, ih: bool) -> qi_desc {
    desc(
        QI_EIOTLB_TYPE | fit(granu as u64, 2) << 4 | (did as u64) << 16 | fit(pasid as u64, 20) << 32,
        addr & !0xfff | (ih as u64) << 6 | fit(am as u64, 6),
    )
}

pub const fn qi_desc_pasid_cache(granu: c_uint, did: u16, pasid: u32) -> qi_desc {
    desc(QI_PC_TYPE | fit(granu as u64, 2) << 4 | (did as u64) << 16 | fit(pasid as u64, 20) << 32, 0)
}

pub const fn qi_desc_dev_tlb_pasid(
    sid: u16, pfsid: u16, qdep: c_uint, pasid: u32, global: bool, addr: u64, order: c_uint,
) -> qi_desc {
    desc(
        QI_DEIOTLB_TYPE | mip(qdep) << 4 | (pfsid as u64 & 0xf) << 12 | (sid as u64) << 16
            | fit(pasid as u64, 20) << 32 | (pfsid as u64 >> 4) << 52,
        size(addr, order, 11) | global as u64,
    )
}

pub const fn qi_desc_page_response(
    rid: u16, pasid_present: bool, pasid: u32, resp: c_uint, prgi: c_uint, last: bool,
) -> qi_desc {
    desc(
        QI_PGRP_RESP_TYPE | (pasid_present as u64) << 4 | fit(resp as u64, 4) << 12 | (rid as u64) << 16
            | fit(pasid as u64, 20) << 32,
        (last as u64) << 2 | fit(prgi as u64, 9) << 3,
    )
}

#[repr(C)]
pub struct qi_refusal {
    pub field: *const c_char,
    pub reason: *const c_char,
}

/// Private.
#[repr(C, align(8))]
pub struct qi_rules([u8; 4096]);

// ---- host.h

#[repr(C)]
pub struct qi_host {
    pub read32: Option<unsafe extern "C" fn(ctx: *mut c_void, reg: c_uint) -> u32>,
    pub read64: Option<unsafe extern "C" fn(ctx: *mut c_void, reg: c_uint) -> u64>,
    pub write32: Option<unsafe extern "C" fn(ctx: *mut c_void, reg: c_uint, value: u32)>,
    pub write64: Option<unsafe extern "C" fn(ctx: *mut c_void, reg: c_uint, value: u64)>,
    pub lock: Option<unsafe extern "C" fn(ctx: *mut c_void) -> c_ulong>,
    pub unlock: Option<unsafe extern "C" fn(ctx: *mut c_void, flags: c_ulong)>,
    pub relax: Option<unsafe extern "C" fn(ctx: *mut c_void)>,
    pub now: Option<unsafe extern "C" fn(ctx: *mut c_void) -> u64>,
    pub flush: Option<unsafe extern "C" fn(ctx: *mut c_void, addr: *const c_void, bytes: usize)>,
    pub device_present: Option<unsafe extern "C" fn(ctx: *mut c_void, sid: u16) -> bool>,
    pub sleep: Option<unsafe extern "C" fn(ctx: *mut c_void, word: *const u32, value: u32, ns: u64)>,
    pub wake: Option<unsafe extern "C" fn(ctx: *mut c_void, word: *const u32)>,
    pub irq_save: Option<unsafe extern "C" fn(ctx: *mut c_void) -> c_ulong>,
    pub irq_restore: Option<unsafe extern "C" fn(ctx: *mut c_void, flags: c_ulong)>,
    pub report: Option<unsafe extern "C" fn(ctx: *mut c_void, e: *const qi_error)>,
    pub trace: Option<unsafe extern "C" fn(ctx: *mut c_void, event: *const qi_trace)>,
    pub small_rings: bool,
}

// ---- qi.h

pub const QI_ERR_INVALID: c_int = 1;
pub const QI_ERR_DESC: c_int = 2;
pub const QI_ERR_IQE: c_int = 3;
pub const QI_ERR_DEVICE: c_int = 4;
pub const QI_ERR_OFF: c_int = 5;
pub const QI_ERR_DEAD: c_int = 6;
pub const QI_ERR_TIMEOUT: c_int = 7;
pub const QI_ERR_GONE: c_int = 8;
pub const QI_ERR_BUSY: c_int = 9;
pub const QI_PENDING: c_int = 1;
pub const QI_OPT_INTERRUPT: c_uint = 1 << 4;
pub const QI_OPT_FENCE: c_uint = 1 << 6;
pub const QI_OPT_WAIT_DRAIN: c_uint = 1 << 7;
pub const QI_NO_RETRY: c_uint = 0xffffffff;
pub const QI_RANGE_MAX: c_uint = 8;

#[repr(C)]
pub struct qi_error {
    pub code: c_int,
    pub index: c_uint,
    pub iqei: u8,
    pub sid: u16,
    pub field: *const c_char,
    pub reason: *const c_char,
}

pub const QI_TRACE_SUBMIT: c_uint = 0;
pub const QI_TRACE_DOORBELL: c_uint = 1;
pub const QI_TRACE_COMPLETE: c_uint = 2;
pub const QI_TRACE_FAULT: c_uint = 3;

#[repr(C)]
pub struct qi_trace {
    pub kind: c_uint,
    pub fsts: u32,
    pub at: u64,
    pub desc: *const qi_desc,
    pub count: c_uint,
    pub result: c_int,
}

/// Private.
#[repr(C, align(8))]
#[derive(Clone, Copy)]
pub struct qi_slot([u8; 32]);

impl qi_slot {
    pub const NEW: qi_slot = qi_slot([0; 32]);
}

/// Private: memory for counters.
#[repr(C, align(8))]
pub struct qi_stats([u8; 65536]);

#[repr(C)]
#[derive(Clone, Copy)]
pub struct qi_mem {
    pub virt: *mut c_void,
    pub phys: u64,
    pub size: usize,
}

#[repr(C)]
pub struct qi_interrupt {
    pub enable: bool,
    pub data: u32,
    pub addr: u32,
    pub uaddr: u32,
}

#[repr(C)]
pub struct qi_config {
    pub host: *const qi_host,
    pub ctx: *mut c_void,
    pub slots: c_uint,
    pub width: c_uint,
    pub ring: qi_mem,
    pub status: qi_mem,
    pub slot: *mut qi_slot,
    pub stats: *mut qi_stats,
    pub cap: u64,
    pub ecap: u64,
    pub timeout_ns: u64,
    pub ats_timeout_ns: u64,
    pub retries: c_uint,
    pub poll_budget: c_uint,
    pub range_descs: c_uint,
    pub interrupt: qi_interrupt,
}

/// Private.
#[repr(C, align(64))]
pub struct qi([u8; 8192]);

/// Private behind `error`, which is valid once the submission is finished.
#[repr(C)]
pub struct qi_ticket {
    pub error: qi_error,
    private: [u64; 64],
}

#[repr(C)]
pub struct qi_batch {
    pub q: *mut qi,
    pub desc: *mut qi_desc,
    pub room: c_uint,
    pub count: c_uint,
    pub error: c_int,
}

extern "C" {
    pub fn qi_rules_init(r: *mut qi_rules, cap: u64, ecap: u64, width: c_uint);
    pub fn qi_desc_valid(r: *const qi_rules, d: *const qi_desc) -> bool;
    pub fn qi_desc_refusal(r: *const qi_rules, d: *const qi_desc) -> qi_refusal;

    pub fn qi_strerror(err: c_int) -> *const c_char;
    pub fn qi_init_why(q: *mut qi, cfg: *const qi_config, why: *mut *const c_char) -> c_int;
    pub fn qi_init(q: *mut qi, cfg: *const qi_config) -> c_int;
    pub fn qi_enable(q: *mut qi) -> c_int;
    pub fn qi_disable(q: *mut qi) -> c_int;
    pub fn qi_suspend(q: *mut qi) -> c_int;
    pub fn qi_resume(q: *mut qi) -> c_int;
    pub fn qi_reset(q: *mut qi) -> c_int;
    pub fn qi_submit_sync(q: *mut qi, desc: *const qi_desc, count: c_uint, options: c_uint) -> c_int;
    pub fn qi_submit_within(
        q: *mut qi, desc: *const qi_desc, count: c_uint, options: c_uint, limit_ns: u64, error: *mut qi_error,
    ) -> c_int;
    pub fn qi_submit(q: *mut qi, desc: *const qi_desc, count: c_uint, options: c_uint, t: *mut qi_ticket) -> c_int;
    pub fn qi_poll(q: *mut qi, t: *mut qi_ticket) -> c_int;
    pub fn qi_wait(q: *mut qi, t: *mut qi_ticket) -> c_int;
    pub fn qi_abandon(q: *mut qi, t: *mut qi_ticket);
    pub fn qi_fault_interrupt(q: *mut qi);
    pub fn qi_completion_interrupt(q: *mut qi);
    pub fn qi_flush_context(q: *mut qi, did: c_uint, sid: c_uint, fm: c_uint, granu: c_uint) -> c_int;
    pub fn qi_flush_iotlb(q: *mut qi, did: c_uint, addr: u64, am: c_uint, ih: bool, granu: c_uint) -> c_int;
    pub fn qi_flush_iotlb_range(q: *mut qi, did: c_uint, addr: u64, npages: u64, ih: bool) -> c_int;
    pub fn qi_flush_dev_iotlb(q: *mut qi, sid: c_uint, pfsid: c_uint, qdep: c_uint, addr: u64, order: c_uint) -> c_int;
    pub fn qi_flush_piotlb(q: *mut qi, did: c_uint, pasid: u32, addr: u64, npages: u64, ih: bool) -> c_int;
    pub fn qi_flush_pasid_cache(q: *mut qi, did: c_uint, granu: c_uint, pasid: u32) -> c_int;
    pub fn qi_flush_dev_iotlb_pasid(
        q: *mut qi, sid: c_uint, pfsid: c_uint, pasid: u32, qdep: c_uint, addr: u64, order: c_uint,
    ) -> c_int;
    pub fn qi_global_iec(q: *mut qi) -> c_int;
    pub fn qi_flush_iec_index(q: *mut qi, iidx: c_uint, im: c_uint) -> c_int;
    pub fn qi_page_group_response(
        q: *mut qi, rid: c_uint, pasid_present: bool, pasid: u32, resp: c_uint, prgi: c_uint, last: bool,
    ) -> c_int;
    pub fn qi_iotlb_range(
        q: *const qi, did: c_uint, addr: u64, npages: u64, ih: bool, out: *mut qi_desc, max: c_uint,
    ) -> c_uint;
    pub fn qi_piotlb_range(
        q: *const qi, did: c_uint, pasid: u32, addr: u64, npages: u64, ih: bool, out: *mut qi_desc, max: c_uint,
    ) -> c_uint;
    pub fn qi_batch_init(b: *mut qi_batch, q: *mut qi, room: *mut qi_desc, nroom: c_uint) -> c_int;
    pub fn qi_batch_add(b: *mut qi_batch, d: *const qi_desc) -> c_int;
    pub fn qi_batch_add_range(b: *mut qi_batch, did: c_uint, addr: u64, npages: u64, ih: bool) -> c_int;
    pub fn qi_batch_submit(b: *mut qi_batch, options: c_uint) -> c_int;
}

// ---- device/vtd.h: what a queue needs to be driven by

#[cfg(feature = "unit")]
mod unit {
    use super::*;

    /// Private.
    #[repr(C)]
    pub struct vtd_event([u64; 5]);

    /// Private.
    #[repr(C)]
    pub struct vtd_translation([u8; 0]);

    #[repr(C)]
    pub struct vtd_ops {
        pub dma_read: Option<unsafe extern "C" fn(ctx: *mut c_void, addr: u64, buf: *mut c_void, len: usize) -> bool>,
        pub dma_write32: Option<unsafe extern "C" fn(ctx: *mut c_void, addr: u64, value: u32) -> bool>,
        pub msi: Option<unsafe extern "C" fn(ctx: *mut c_void, addr: u64, data: u32)>,
        pub choose: Option<unsafe extern "C" fn(ctx: *mut c_void, n: c_uint) -> c_uint>,
        pub executed: Option<unsafe extern "C" fn(ctx: *mut c_void, ev: *const vtd_event)>,
        pub translation: Option<unsafe extern "C" fn(ctx: *mut c_void) -> *mut vtd_translation>,
    }

    pub const VTD_SPEC: c_uint = 0;
    pub const VTD_QEMU_7_2: c_uint = 1;
    pub const VTD_QEMU_10_0: c_uint = 2;

    #[repr(C)]
    #[derive(Clone, Copy)]
    pub struct vtd_entry {
        pub kind: u8,
        pub fm: u8,
        pub did: u16,
        pub sid: u16,
        pub pasid: u32,
        pub addr: u64,
        pub stamp: u64,
    }

    #[repr(C)]
    pub struct vtd_config {
        pub profile: c_uint,
        pub cap: u64,
        pub ecap: u64,
        pub ops: *const vtd_ops,
        pub ctx: *mut c_void,
        pub cache: *mut vtd_entry,
        pub cache_room: c_uint,
        pub window: c_uint,
        pub slots: c_uint,
    }

    /// Private.
    #[repr(C, align(64))]
    pub struct vtd_unit([u8; 16384]);

    extern "C" {
        pub fn vtd_init(u: *mut vtd_unit, cfg: *const vtd_config) -> bool;
        pub fn vtd_read(u: *mut vtd_unit, reg: c_uint, size: c_uint) -> u64;
        pub fn vtd_write(u: *mut vtd_unit, reg: c_uint, value: u64, size: c_uint);
        pub fn vtd_step(u: *mut vtd_unit) -> c_uint;
        pub fn vtd_touch(u: *mut vtd_unit, e: *const vtd_entry) -> u64;
        pub fn vtd_cached(u: *const vtd_unit, e: *const vtd_entry) -> u64;
        pub fn vtd_stale(u: *const vtd_unit, e: *const vtd_entry) -> bool;
    }
}
#[cfg(feature = "unit")]
pub use unit::*;
