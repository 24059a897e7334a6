// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
//! A queue, and for want of hardware the unit in software: examples/embed.c in Rust. Where it says
//! `unit` a kernel has its register window.
use qinval_sys::*;
use std::ffi::{c_uint, c_ulong, c_void, CStr};
use std::mem::zeroed;
use std::ptr::{null, null_mut};

const SLOTS: usize = 256;

#[repr(C, align(4096))]
struct Ring([u8; SLOTS * 16]);

// The context of all functions below is the unit.
unsafe extern "C" fn read32(unit: *mut c_void, reg: c_uint) -> u32 {
    vtd_read(unit.cast(), reg, 4) as u32
}
unsafe extern "C" fn read64(unit: *mut c_void, reg: c_uint) -> u64 {
    vtd_read(unit.cast(), reg, 8)
}
unsafe extern "C" fn write32(unit: *mut c_void, reg: c_uint, value: u32) {
    vtd_write(unit.cast(), reg, value as u64, 4)
}
unsafe extern "C" fn write64(unit: *mut c_void, reg: c_uint, value: u64) {
    vtd_write(unit.cast(), reg, value, 8)
}
unsafe extern "C" fn lock(_: *mut c_void) -> c_ulong {
    0 // one thread only
}
unsafe extern "C" fn unlock(_: *mut c_void, _: c_ulong) {}
unsafe extern "C" fn relax(unit: *mut c_void) {
    vtd_step(unit.cast()); // hardware would work by itself
}
unsafe extern "C" fn now(_: *mut c_void) -> u64 {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NS: AtomicU64 = AtomicU64::new(0);
    NS.fetch_add(1000, Ordering::Relaxed)
}

unsafe extern "C" fn dma_read(_: *mut c_void, addr: u64, buf: *mut c_void, len: usize) -> bool {
    std::ptr::copy_nonoverlapping(addr as *const u8, buf.cast(), len);
    true
}
unsafe extern "C" fn dma_write32(_: *mut c_void, addr: u64, value: u32) -> bool {
    (addr as *mut u32).write_volatile(value);
    true
}
unsafe extern "C" fn msi(_: *mut c_void, _: u64, _: u32) {}

fn memory(at: *mut c_void, size: usize) -> qi_mem {
    qi_mem { virt: at, phys: at as u64, size }
}

fn main() {
    let ops = vtd_ops {
        dma_read: Some(dma_read),
        dma_write32: Some(dma_write32),
        msi: Some(msi),
        choose: None,
        executed: None,
        translation: None,
    };
    let host = qi_host {
        read32: Some(read32),
        read64: Some(read64),
        write32: Some(write32),
        write64: Some(write64),
        lock: Some(lock),
        unlock: Some(unlock),
        relax: Some(relax),
        now: Some(now),
        ..unsafe { zeroed() }
    };
    let mut cache: [vtd_entry; 16] = unsafe { zeroed() };
    let mut unit: Box<vtd_unit> = Box::new(unsafe { zeroed() });
    let mut q: Box<qi> = Box::new(unsafe { zeroed() });
    let mut ring = Box::new(Ring([0; SLOTS * 16]));
    let mut status = vec![0u32; SLOTS];
    let mut slot = vec![qi_slot::NEW; SLOTS];
    let hardware = vtd_config {
        ops: &ops,
        cache: cache.as_mut_ptr(),
        cache_room: cache.len() as c_uint,
        ..unsafe { zeroed() }
    };
    let cfg = qi_config {
        host: &host,
        ctx: (&mut *unit as *mut vtd_unit).cast(),
        slots: SLOTS as c_uint,
        width: 128,
        ring: memory(ring.0.as_mut_ptr().cast(), SLOTS * 16),
        status: memory(status.as_mut_ptr().cast(), SLOTS * 4),
        slot: slot.as_mut_ptr(),
        ..unsafe { zeroed() }
    };

    let err = unsafe {
        assert!(vtd_init(&mut *unit, &hardware));
        let mut why = null();
        let mut err = qi_init_why(&mut *q, &cfg, &mut why);
        if err != 0 {
            eprintln!("configuration: {}", CStr::from_ptr(why).to_string_lossy());
        }
        if err == 0 {
            err = qi_enable(&mut *q);
        }
        if err == 0 {
            // Five pages of domain 1 have been unmapped.
            err = qi_flush_iotlb_range(&mut *q, 1, 0x17f000, 5, false);
        }
        if err == 0 {
            let d = [qi_desc_context(QI_CC_DOMAIN, 1, 0, 0), qi_desc_iotlb(QI_IOTLB_DOMAIN, 1, 0, 0, false, 0)];
            err = qi_submit_sync(&mut *q, d.as_ptr(), 2, 0);
        }
        if err == 0 {
            // Without descriptors: a plain drain, as a ticket.
            let mut t: qi_ticket = zeroed();
            err = qi_submit(&mut *q, null_mut(), 0, 0, &mut t);
            if err == 0 {
                err = qi_wait(&mut *q, &mut t);
            }
        }
        if err == 0 {
            err = qi_disable(&mut *q);
        }
        println!("{}", CStr::from_ptr(qi_strerror(err)).to_string_lossy());
        err
    };
    std::process::exit((err != 0) as i32);
}
