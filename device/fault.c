/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* fault.c - faults by name: arm them, and find out whether one applies now. */
#include "internal.h"

const char *vtd_fault_name(enum vtd_fault_kind kind)
{
	static const char *const name[VTD_FAULT_KINDS] = {
		[VTD_FAULT_NONE] = "none",   [VTD_FAULT_SILENT] = "silent",
		[VTD_FAULT_LATE] = "late",   [VTD_FAULT_LATE_ITE] = "late-ite",
		[VTD_FAULT_WRONG] = "wrong", [VTD_FAULT_REFUSE] = "refuse",
		[VTD_FAULT_FETCH] = "fetch", [VTD_FAULT_STALL] = "stall",
		[VTD_FAULT_GONE] = "gone",   [VTD_FAULT_SLOW_WRITE] = "slow-write",
		[VTD_FAULT_TWICE] = "twice", [VTD_FAULT_LOSE_WRITE] = "lose-write",
	};

	return (unsigned)kind < VTD_FAULT_KINDS ? name[kind] : NULL;
}

bool vtd_fault_arm(struct vtd_unit *u, const struct vtd_fault *f)
{
	if (f->kind == VTD_FAULT_NONE || (unsigned)f->kind >= VTD_FAULT_KINDS)
		return false;
	if (f->kind == VTD_FAULT_GONE) {
		u->gone = true;
		return true;
	}
	if (u->nfault == VTD_FAULTS)
		return false;
	u->fault[u->nfault++] = *f;
	return true;
}

static void disarm(struct vtd_unit *u, unsigned i)
{
	for (; i + 1 < u->nfault; i++)
		u->fault[i] = u->fault[i + 1];
	u->fault[i] = (struct vtd_fault){ 0 };
	u->nfault--;
}

void vtd_fault_clear(struct vtd_unit *u, enum vtd_fault_kind kind)
{
	unsigned i = 0;

	if (kind == VTD_FAULT_NONE || kind == VTD_FAULT_GONE)
		u->gone = false;
	while (i < u->nfault) {
		if (kind == VTD_FAULT_NONE || u->fault[i].kind == kind)
			disarm(u, i);
		else
			i++;
	}
}

static void use(struct vtd_unit *u, unsigned i, struct vtd_fault *out)
{
	*out = u->fault[i];
	if (u->fault[i].count && !--u->fault[i].count)
		disarm(u, i);
}

bool vtd_fault_armed(const struct vtd_unit *u, enum vtd_fault_kind kind)
{
	unsigned i;

	for (i = 0; i < u->nfault; i++) {
		if (u->fault[i].kind == kind)
			return true;
	}
	return false;
}

bool vtd_fault_take(struct vtd_unit *u, enum vtd_fault_kind kind, struct vtd_fault *out)
{
	unsigned i;

	for (i = 0; i < u->nfault; i++) {
		if (u->fault[i].kind == kind) {
			use(u, i, out);
			return true;
		}
	}
	return false;
}

bool vtd_fault_take_device(struct vtd_unit *u, uint16_t sid, struct vtd_fault *out)
{
	unsigned i;

	for (i = 0; i < u->nfault; i++) {
		const struct vtd_fault *f = &u->fault[i];

		if (f->kind <= VTD_FAULT_WRONG && (f->sid == sid || f->sid == VTD_ANY_SID)) {
			use(u, i, out);
			return true;
		}
	}
	return false;
}

bool vtd_fault_take_refuse(struct vtd_unit *u, const uint64_t qw[4], struct vtd_fault *out)
{
	unsigned i;

	for (i = 0; i < u->nfault; i++) {
		const struct vtd_fault *f = &u->fault[i];

		if (f->kind == VTD_FAULT_REFUSE && (!f->type || f->type == vtd_type(qw)) &&
		    !((qw[1] ^ f->qw1) & f->qw1_mask)) {
			use(u, i, out);
			return true;
		}
	}
	return false;
}
