/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* declared.c - what known implementations do differently: the profiles of device/profile.c. */
#include "conform.h"

#include <string.h>

static const struct conform_declared spec[] = { { 0 } };

/* Measured on QEMU 7.2.22, Debian 12. In the order of the cases. */
static const struct conform_declared qemu_7_2[] = {
	/* IQA reads the address in use since QIE was set, and DW as 0. */
	{ "registers.iqa", "the address does not read back" },
	{ "registers.iqa-dw", "DW reads 0 when it is set" },
	/* The tail is taken for slots of the width that IQA says when IQT is written. */
	{ "queue.tail-before-address/256", "the queue goes on behind the tail" },
	/* QIE can be cleared behind a wait only. */
	{ "queue.off-unused/128", "GSTS.QIES stays set when GCMD.QIE is cleared" },
	{ "queue.off-unused/256", "GSTS.QIES stays set when GCMD.QIE is cleared" },
	{ "queue.off-after-invalidation/128", "GSTS.QIES stays set when GCMD.QIE is cleared" },
	{ "queue.off-after-invalidation/256", "GSTS.QIES stays set when GCMD.QIE is cleared" },
	/* Width and table mode need not agree. */
	{ "queue.width-scalable", "is executed" },
	/* Types 4, 6 and 7 are not looked at, and in the others only some bits. */
	{ "type.granularity-pasid-iotlb/128", "granularities 0 1: executed" },
	{ "type.granularity-pasid-iotlb/256", "granularities 0 1: executed" },
	{ "type.granularity-pasid-cache/128", "granularities 2: executed" },
	{ "type.granularity-pasid-cache/256", "granularities 2: executed" },
	{ "type.upper-bits/128", "upper bits with type 4 6 7: executed" },
	{ "type.upper-bits/256", "upper bits with type 4 6 7: executed" },
	{ "value.pasid-iotlb-am-above/128", "executed with AM 19-63" },
	{ "value.pasid-iotlb-am-above/256", "executed with AM 19-63" },
	{ "value.devtlb-no-size/128", "is executed" },
	{ "value.devtlb-no-size/256", "is executed" },
	{ "value.iec-im-above/128", "executed with IM 16-31" },
	{ "value.iec-im-above/256", "executed with IM 16-31" },
	{ "reserved.context-upper/256", "executed with qw2[63:0] qw3[63:0]" },
	{ "reserved.iotlb-upper/256", "executed with qw2[63:0] qw3[63:0]" },
	{ "reserved.devtlb-upper/256", "executed with qw2[63:0] qw3[63:0]" },
	{ "reserved.iec/128", "executed with qw0[8:5] qw0[26:12] qw0[63:48] qw1[63:0]" },
	{ "reserved.iec/256", "executed with qw0[8:5] qw0[26:12] qw0[63:48] qw1[63:0]" },
	{ "reserved.iec-upper/256", "executed with qw2[63:0] qw3[63:0]" },
	{ "reserved.wait-upper/256", "executed with qw2[63:0] qw3[63:0]" },
	{ "reserved.pasid-iotlb/128", "executed with qw0[8:6] qw0[15:12] qw0[63:32] qw1[11:7]" },
	{ "reserved.pasid-iotlb/256", "executed with qw0[8:6] qw0[15:12] qw0[63:32] qw1[11:7]" },
	{ "reserved.pasid-iotlb-upper/256", "executed with qw2[63:0] qw3[63:0]" },
	{ "reserved.pasid-cache/128", "executed with qw0[8:6] qw0[15:12] qw0[63:32] qw1[63:0]" },
	{ "reserved.pasid-cache/256", "executed with qw0[8:6] qw0[15:12] qw0[63:32] qw1[63:0]" },
	{ "reserved.pasid-cache-upper/256", "executed with qw2[63:0] qw3[63:0]" },
	/*
	 * A wait needs SW or IF, and both end QEMU. Memory that does not take a status is an error.
	 */
	{ "wait.flags-none/128", "is refused with IQE" },
	{ "wait.flags-none/256", "is refused with IQE" },
	{ "wait.flags-if-sw/128", "ends the unit, which stops answering" },
	{ "wait.flags-if-sw/256", "ends the unit, which stops answering" },
	{ "wait.flags-fn/128", "is refused with IQE" },
	{ "wait.flags-fn/256", "is refused with IQE" },
	{ "wait.flags-if-sw-fn/128", "ends the unit, which stops answering" },
	{ "wait.flags-if-sw-fn/256", "ends the unit, which stops answering" },
	{ "wait.nowhere/128", "is refused with IQE" },
	{ "wait.nowhere/256", "is refused with IQE" },
	/* After an error IQT has to be written again. */
	{ "error.resume/128", "nothing is fetched" },
	{ "error.resume/256", "nothing is fetched" },
	{ "error.off/128", "GSTS.QIES stays set when GCMD.QIE is cleared" },
	{ "error.off/256", "GSTS.QIES stays set when GCMD.QIE is cleared" },
	{ "error.tail-alignment/256", "FSTS.IQE stays clear" },
	/* No error record. */
	{ "iqercd.tail/128", "IQEI is 0, which says nothing" },
	{ "iqercd.tail/256", "IQEI is 0, which says nothing" },
	{ "iqercd.fetch/128", "IQEI is 0, which says nothing" },
	{ "iqercd.fetch/256", "IQEI is 0, which says nothing" },
	{ "iqercd.type/128", "IQEI is 0, which says nothing" },
	{ "iqercd.type/256", "IQEI is 0, which says nothing" },
	{ "iqercd.type-upper/128", "IQEI is 0, which says nothing" },
	{ "iqercd.type-upper/256", "IQEI is 0, which says nothing" },
	{ "iqercd.reserved/128", "IQEI is 0, which says nothing" },
	{ "iqercd.reserved/256", "IQEI is 0, which says nothing" },
	{ "iqercd.width", "FSTS.IQE stays clear" },
	{ "iqercd.tail-alignment/256", "FSTS.IQE stays clear" },
	{ "iqercd.mode/256", "FSTS.IQE stays clear" },
	/*
	 * The reasons are legacy mode's in both modes, but for 58h and 87h, and 3 for a first
	 * table.
	 */
	{ "fault.top-nowhere", "the fault's reason is 0x3" },
	{ "fault.interrupts", "the fault's reason is 0x87" },
	{ "fault.scalable-root-absent", "the fault's reason is 0x1" },
	{ "fault.scalable-root-reserved", "the fault's reason is 0xa" },
	{ "fault.scalable-contexts-nowhere", "the fault's reason is 0x9" },
	{ "fault.scalable-context-absent", "the fault's reason is 0x2" },
	{ "fault.scalable-context-reserved", "the fault's reason is 0xb" },
	{ "fault.rid-pasid", "the fault's reason is 0x58" },
	{ "fault.directory-nowhere", "the fault's reason is 0x58" },
	{ "fault.directory-absent", "the fault's reason is 0x58" },
	{ "fault.directory-reserved", "the request arrives" },
	{ "fault.pasid-absent", "the fault's reason is 0x58" },
	{ "fault.pasid-reserved", "the request arrives" },
	{ "fault.pasid-type", "the fault's reason is 0x58" },
	{ "fault.pasid-width", "the fault's reason is 0x58" },
	{ "fault.scalable-table-nowhere", "the fault's reason is 0x7" },
	{ "fault.scalable-absent", "the fault's reason is 0x6" },
	{ "fault.scalable-table-reserved", "the fault's reason is 0xc" },
	{ "fault.scalable-top-nowhere", "the fault's reason is 0x3" },
	{ "fault.scalable-write", "the fault's reason is 0x5" },
	{ "fault.scalable-read", "the fault's reason is 0x6" },
	/* Faults of remapping are not recorded, and the range of buses is upside down. */
	{ "remap.bus", "no interrupt is delivered" },
	{ "remap.absent", "no fault is recorded" },
	{ "remap.reserved", "no fault is recorded" },
	{ "remap.reserved-upper", "no fault is recorded" },
	{ "remap.source-type", "no fault is recorded" },
	{ "remap.other-source", "no fault is recorded" },
	{ "remap.other-device", "no fault is recorded" },
	{ "remap.other-bus", "no fault is recorded" },
	{ "remap.beyond", "no fault is recorded" },
	{ "remap.nowhere", "no fault is recorded" },
	{ "remap.compatible", "it is delivered" },
	{ "remap.fpd", "no fault is recorded" },
	{ "remap.record", "no fault is recorded" },
	{ 0 }
};

/* Measured on QEMU 10.0.2, of Debian 12's backports. */
static const struct conform_declared qemu_10_0[] = {
	{ "registers.iqa", "the address does not read back" },
	{ "queue.tail-before-address/256", "the queue goes on behind the tail" },
	{ "queue.off-unused/128", "GSTS.QIES stays set when GCMD.QIE is cleared" },
	{ "queue.off-unused/256", "GSTS.QIES stays set when GCMD.QIE is cleared" },
	{ "queue.off-after-invalidation/128", "GSTS.QIES stays set when GCMD.QIE is cleared" },
	{ "queue.off-after-invalidation/256", "GSTS.QIES stays set when GCMD.QIE is cleared" },
	{ "queue.width-scalable", "is executed" },
	{ "type.pasid-iotlb-all/128", "is refused with IQE" },
	{ "type.pasid-iotlb-page/128", "is refused with IQE" },
	{ "type.without-pasid-devtlb/256", "is executed" },
	{ "type.granularity-pasid-cache/128", "granularities 2: executed" },
	{ "type.granularity-pasid-cache/256", "granularities 2: executed" },
	{ "value.pasid-iotlb-am/128", "not executed with AM 0-18" },
	{ "value.pasid-iotlb-am-above/256", "executed with AM 19-63" },
	{ "value.pasid-iotlb-am-alignment/128", "not executed with AM 1-18" },
	{ "value.devtlb-no-size/128", "is executed" },
	{ "value.devtlb-no-size/256", "is executed" },
	{ "value.iec-im-above/128", "executed with IM 16-31" },
	{ "value.iec-im-above/256", "executed with IM 16-31" },
	{ "reserved.pasid-iotlb/256", "executed with qw0[51:32]" },
	{ "fields.pasid-iotlb/128", "not executed with qw0[31:16] qw1[6] qw1[63:12]" },
	{ "reserved.pasid-cache/128", "executed with qw0[8:6] qw0[15:12] qw0[63:32] qw1[63:0]" },
	{ "reserved.pasid-cache/256", "executed with qw0[8:6] qw0[15:12] qw0[63:32] qw1[63:0]" },
	{ "reserved.pasid-cache-upper/256", "executed with qw2[63:0] qw3[63:0]" },
	{ "wait.flags-none/128", "is refused with IQE" },
	{ "wait.flags-none/256", "is refused with IQE" },
	{ "wait.flags-if-sw/128", "ends the unit, which stops answering" },
	{ "wait.flags-if-sw/256", "ends the unit, which stops answering" },
	{ "wait.flags-fn/128", "is refused with IQE" },
	{ "wait.flags-fn/256", "is refused with IQE" },
	{ "wait.flags-if-sw-fn/128", "ends the unit, which stops answering" },
	{ "wait.flags-if-sw-fn/256", "ends the unit, which stops answering" },
	{ "wait.nowhere/128", "is refused with IQE" },
	{ "wait.nowhere/256", "is refused with IQE" },
	{ "error.resume/128", "nothing is fetched" },
	{ "error.resume/256", "nothing is fetched" },
	{ "error.off/128", "GSTS.QIES stays set when GCMD.QIE is cleared" },
	{ "error.off/256", "GSTS.QIES stays set when GCMD.QIE is cleared" },
	{ "iqercd.tail/128", "IQEI is 0, which says nothing" },
	{ "iqercd.tail/256", "IQEI is 0, which says nothing" },
	{ "iqercd.fetch/128", "IQEI is 0, which says nothing" },
	{ "iqercd.fetch/256", "IQEI is 0, which says nothing" },
	{ "iqercd.type/128", "IQEI is 0, which says nothing" },
	{ "iqercd.type/256", "IQEI is 0, which says nothing" },
	{ "iqercd.type-upper/128", "IQEI is 0, which says nothing" },
	{ "iqercd.type-upper/256", "IQEI is 0, which says nothing" },
	{ "iqercd.reserved/128", "IQEI is 0, which says nothing" },
	{ "iqercd.reserved/256", "IQEI is 0, which says nothing" },
	{ "iqercd.width", "FSTS.IQE stays clear" },
	{ "iqercd.tail-alignment/256", "IQEI is 0, which says nothing" },
	{ "iqercd.mode/256", "FSTS.IQE stays clear" },
	/* Translation, in the order of the cases. */
	{ "fault.top-nowhere", "the fault's reason is 0x3" },
	{ "fault.interrupts", "the fault's reason is 0x87" },
	{ "fault.scalable-root-absent", "the fault's reason is 0x1" },
	{ "fault.scalable-root-reserved", "the fault's reason is 0xa" },
	{ "fault.scalable-contexts-nowhere", "the fault's reason is 0x9" },
	{ "fault.scalable-context-absent", "the fault's reason is 0x2" },
	{ "fault.scalable-context-reserved", "the fault's reason is 0xb" },
	{ "fault.rid-pasid", "the fault's reason is 0x51" },
	{ "fault.directory-reserved", "the request arrives" },
	{ "fault.pasid-absent", "the fault's reason is 0x5b" },
	{ "fault.pasid-reserved", "the request arrives" },
	{ "fault.scalable-table-nowhere", "the fault's reason is 0x7" },
	{ "fault.scalable-absent", "the fault's reason is 0x6" },
	{ "fault.scalable-table-reserved", "the fault's reason is 0xc" },
	{ "fault.scalable-top-nowhere", "the fault's reason is 0x3" },
	{ "fault.scalable-write", "the fault's reason is 0x5" },
	{ "fault.scalable-read", "the fault's reason is 0x6" },
	/* With x-flts=on. Otherwise the first stage is as it should be. */
	{ "first.dirty", "a write does not set D" },
	{ "remap.bus", "no interrupt is delivered" },
	{ "remap.source-type", "the fault's reason is 0x26" },
	{ "remap.compatible", "it is delivered" },
	{ 0 }
};

const struct conform_declared *conform_declared(const char *profile)
{
	if (!strcmp(profile, "spec"))
		return spec;
	if (!strcmp(profile, "qemu-7.2"))
		return qemu_7_2;
	if (!strcmp(profile, "qemu-10.0"))
		return qemu_10_0;
	return NULL;
}

const char *conform_declares(const struct conform_declared *list, const char *name)
{
	for (; list->name; list++)
		if (!strcmp(list->name, name))
			return list->detail;
	return NULL;
}
