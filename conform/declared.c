/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* declared.c - known deviations of the implementations in device/profile.c. */
#include "conform.h"

#include <string.h>

#define BOTH(how) how, how

/*
 * Measured on QEMU 7.2.22 of Debian 12 and on 10.0.2 of its backports. In the order of the cases.
 * NULL: this version does not deviate.
 */
static const struct {
	const char *name, *in_7_2, *in_10_0;
} deviations[] = {
	/* IQA reads the address that has been in use since QIE was set, and DW as 0. */
	{ "registers.iqa", BOTH("the address does not read back") },
	{ "registers.iqa-dw", "DW reads 0 when it is set", NULL },
	/* A tail is interpreted with the slot width that IQA has when IQT is written. */
	{ "queue.tail-before-address/256", BOTH("the queue goes on behind the tail") },
	/* QIE can be cleared only after a wait. */
	{ "queue.off-unused/128", BOTH("GSTS.QIES stays set when GCMD.QIE is cleared") },
	{ "queue.off-unused/256", BOTH("GSTS.QIES stays set when GCMD.QIE is cleared") },
	{ "queue.off-after-invalidation/128",
	  BOTH("GSTS.QIES stays set when GCMD.QIE is cleared") },
	{ "queue.off-after-invalidation/256",
	  BOTH("GSTS.QIES stays set when GCMD.QIE is cleared") },
	/* Descriptor width and table mode need not match. */
	{ "queue.width-scalable", BOTH("is executed") },
	/* 7.2 does not check types 4, 6 and 7, and of the others it checks only some bits. */
	{ "type.granularity-pasid-iotlb/128", "granularities 0 1: executed", NULL },
	{ "type.granularity-pasid-iotlb/256", "granularities 0 1: executed", NULL },
	{ "type.pasid-iotlb-all/128", NULL, "is refused with IQE" },
	{ "type.pasid-iotlb-page/128", NULL, "is refused with IQE" },
	{ "type.without-pasid-devtlb/256", NULL, "is executed" },
	{ "type.granularity-pasid-cache/128", BOTH("granularities 2: executed") },
	{ "type.granularity-pasid-cache/256", BOTH("granularities 2: executed") },
	{ "type.upper-bits/128", "upper bits with type 4 6 7: executed", NULL },
	{ "type.upper-bits/256", "upper bits with type 4 6 7: executed", NULL },
	{ "value.pasid-iotlb-am-above/128", "executed with AM 19-63", NULL },
	{ "value.pasid-iotlb-am/128", NULL, "not executed with AM 0-18" },
	{ "value.pasid-iotlb-am-above/256", BOTH("executed with AM 19-63") },
	{ "value.pasid-iotlb-am-alignment/128", NULL, "not executed with AM 1-18" },
	{ "value.devtlb-no-size/128", BOTH("is executed") },
	{ "value.devtlb-no-size/256", BOTH("is executed") },
	{ "value.iec-im-above/128", BOTH("executed with IM 16-31") },
	{ "value.iec-im-above/256", BOTH("executed with IM 16-31") },
	{ "reserved.context-upper/256", "executed with qw2[63:0] qw3[63:0]", NULL },
	{ "reserved.iotlb-upper/256", "executed with qw2[63:0] qw3[63:0]", NULL },
	{ "reserved.devtlb-upper/256", "executed with qw2[63:0] qw3[63:0]", NULL },
	{ "reserved.iec/128", "executed with qw0[8:5] qw0[26:12] qw0[63:48] qw1[63:0]", NULL },
	{ "reserved.iec/256", "executed with qw0[8:5] qw0[26:12] qw0[63:48] qw1[63:0]", NULL },
	{ "reserved.iec-upper/256", "executed with qw2[63:0] qw3[63:0]", NULL },
	{ "reserved.wait-upper/256", "executed with qw2[63:0] qw3[63:0]", NULL },
	{ "reserved.pasid-iotlb/128", "executed with qw0[8:6] qw0[15:12] qw0[63:32] qw1[11:7]",
	  NULL },
	{ "reserved.pasid-iotlb/256", "executed with qw0[8:6] qw0[15:12] qw0[63:32] qw1[11:7]",
	  "executed with qw0[51:32]" },
	{ "reserved.pasid-iotlb-upper/256", "executed with qw2[63:0] qw3[63:0]", NULL },
	{ "fields.pasid-iotlb/128", NULL, "not executed with qw0[31:16] qw1[6] qw1[63:12]" },
	{ "reserved.pasid-cache/128",
	  BOTH("executed with qw0[8:6] qw0[15:12] qw0[63:32] qw1[63:0]") },
	{ "reserved.pasid-cache/256",
	  BOTH("executed with qw0[8:6] qw0[15:12] qw0[63:32] qw1[63:0]") },
	{ "reserved.pasid-cache-upper/256", BOTH("executed with qw2[63:0] qw3[63:0]") },
	/*
	 * A wait needs SW or IF, and both together end QEMU. A status write to no memory is an
	 * error.
	 */
	{ "wait.flags-none/128", BOTH("is refused with IQE") },
	{ "wait.flags-none/256", BOTH("is refused with IQE") },
	{ "wait.flags-if-sw/128", BOTH("ends the unit, which stops answering") },
	{ "wait.flags-if-sw/256", BOTH("ends the unit, which stops answering") },
	{ "wait.flags-fn/128", BOTH("is refused with IQE") },
	{ "wait.flags-fn/256", BOTH("is refused with IQE") },
	{ "wait.flags-if-sw-fn/128", BOTH("ends the unit, which stops answering") },
	{ "wait.flags-if-sw-fn/256", BOTH("ends the unit, which stops answering") },
	{ "wait.nowhere/128", BOTH("is refused with IQE") },
	{ "wait.nowhere/256", BOTH("is refused with IQE") },
	/* After an error IQT has to be written again. */
	{ "error.resume/128", BOTH("nothing is fetched") },
	{ "error.resume/256", BOTH("nothing is fetched") },
	{ "error.off/128", BOTH("GSTS.QIES stays set when GCMD.QIE is cleared") },
	{ "error.off/256", BOTH("GSTS.QIES stays set when GCMD.QIE is cleared") },
	{ "error.tail-alignment/256", "FSTS.IQE stays clear", NULL },
	/* There is no error record. */
	{ "iqercd.tail/128", BOTH("IQEI is 0, which says nothing") },
	{ "iqercd.tail/256", BOTH("IQEI is 0, which says nothing") },
	{ "iqercd.fetch/128", BOTH("IQEI is 0, which says nothing") },
	{ "iqercd.fetch/256", BOTH("IQEI is 0, which says nothing") },
	{ "iqercd.type/128", BOTH("IQEI is 0, which says nothing") },
	{ "iqercd.type/256", BOTH("IQEI is 0, which says nothing") },
	{ "iqercd.type-upper/128", BOTH("IQEI is 0, which says nothing") },
	{ "iqercd.type-upper/256", BOTH("IQEI is 0, which says nothing") },
	{ "iqercd.reserved/128", BOTH("IQEI is 0, which says nothing") },
	{ "iqercd.reserved/256", BOTH("IQEI is 0, which says nothing") },
	{ "iqercd.width", BOTH("FSTS.IQE stays clear") },
	{ "iqercd.tail-alignment/256", "FSTS.IQE stays clear", "IQEI is 0, which says nothing" },
	{ "iqercd.mode/256", BOTH("FSTS.IQE stays clear") },
	/*
	 * Both modes have legacy mode's reasons, except 58h, since 10.0 also 51h and 5Bh, and 87h;
	 * and 3 for the root page table.
	 */
	{ "fault.top-nowhere", BOTH("the fault's reason is 0x3") },
	{ "fault.interrupts", BOTH("the fault's reason is 0x87") },
	{ "fault.scalable-root-absent", BOTH("the fault's reason is 0x1") },
	{ "fault.scalable-root-reserved", BOTH("the fault's reason is 0xa") },
	{ "fault.scalable-contexts-nowhere", BOTH("the fault's reason is 0x9") },
	{ "fault.scalable-context-absent", BOTH("the fault's reason is 0x2") },
	{ "fault.scalable-context-reserved", BOTH("the fault's reason is 0xb") },
	{ "fault.rid-pasid", "the fault's reason is 0x58", "the fault's reason is 0x51" },
	{ "fault.directory-nowhere", "the fault's reason is 0x58", NULL },
	{ "fault.directory-absent", "the fault's reason is 0x58", NULL },
	{ "fault.directory-reserved", BOTH("the request arrives") },
	{ "fault.pasid-absent", "the fault's reason is 0x58", "the fault's reason is 0x5b" },
	{ "fault.pasid-reserved", BOTH("the request arrives") },
	{ "fault.pasid-type", "the fault's reason is 0x58", NULL },
	{ "fault.pasid-width", "the fault's reason is 0x58", NULL },
	{ "fault.scalable-table-nowhere", BOTH("the fault's reason is 0x7") },
	{ "fault.scalable-absent", BOTH("the fault's reason is 0x6") },
	{ "fault.scalable-table-reserved", BOTH("the fault's reason is 0xc") },
	{ "fault.scalable-top-nowhere", BOTH("the fault's reason is 0x3") },
	{ "fault.scalable-write", BOTH("the fault's reason is 0x5") },
	{ "fault.scalable-read", BOTH("the fault's reason is 0x6") },
	/* With x-flts=on. Otherwise the first stage conforms. */
	{ "first.dirty", NULL, "a write does not set D" },
	/* The range of buses is reversed, and 7.2 records no faults of interrupt remapping. */
	{ "remap.bus", BOTH("no interrupt is delivered") },
	{ "remap.absent", "no fault is recorded", NULL },
	{ "remap.reserved", "no fault is recorded", NULL },
	{ "remap.reserved-upper", "no fault is recorded", NULL },
	{ "remap.source-type", "no fault is recorded", "the fault's reason is 0x26" },
	{ "remap.other-source", "no fault is recorded", NULL },
	{ "remap.other-device", "no fault is recorded", NULL },
	{ "remap.other-bus", "no fault is recorded", NULL },
	{ "remap.beyond", "no fault is recorded", NULL },
	{ "remap.nowhere", "no fault is recorded", NULL },
	{ "remap.compatible", BOTH("it is delivered") },
	{ "remap.fpd", "no fault is recorded", NULL },
	{ "remap.record", "no fault is recorded", NULL },
};

#define DEVIATIONS (sizeof(deviations) / sizeof(*deviations))

static const struct conform_declared {
	const char *profile;
	enum { NONE, IN_7_2, IN_10_0 } which;
} profiles[] = {
	{ "spec", NONE },
	{ "qemu-7.2", IN_7_2 },
	{ "qemu-10.0", IN_10_0 },
};

const struct conform_declared *conform_declared(const char *profile)
{
	for (size_t i = 0; i < sizeof(profiles) / sizeof(*profiles); i++)
		if (!strcmp(profiles[i].profile, profile))
			return &profiles[i];
	return NULL;
}

static const char *detail(const struct conform_declared *d, size_t i)
{
	if (d->which == NONE)
		return NULL;
	return d->which == IN_7_2 ? deviations[i].in_7_2 : deviations[i].in_10_0;
}

const char *conform_declares(const struct conform_declared *d, const char *name)
{
	for (size_t i = 0; i < DEVIATIONS; i++)
		if (!strcmp(deviations[i].name, name))
			return detail(d, i);
	return NULL;
}

unsigned conform_declarations(const struct conform_declared *d)
{
	unsigned n = 0;

	for (size_t i = 0; i < DEVIATIONS; i++)
		n += detail(d, i) != NULL;
	return n;
}
