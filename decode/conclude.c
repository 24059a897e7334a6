/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Conclusions from all files together: devices, memory and faults. */
#include "fault_reasons.h"
#include "findings.h"
#include "machine.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define NAMED 8 /* devices named in one sentence */

/* ---- a time-out of an unnamed device ---- */

static const struct finding candidate = {
	.id = "suspect-device",
	.weight = SUSPECT,
	.certainty = LIKELY,
	.from = "lspci: no other device in it has ATS on",
	.next = "Look at this device first: was it reset, is its link up, is its firmware current? "
		"Keep ATS off for it (pci=noats for all, or a quirk) and see whether the errors "
		"stop.",
};

static const struct finding candidates = {
	.id = "ats-candidates",
	.weight = SUSPECT,
	.certainty = LIKELY,
	.from = "lspci: these devices have ATS on",
	.next = "Turn ATS off for half of them (a quirk, or driver by driver), and see whether the "
		"errors stop: it is one of these.",
};

static const struct finding none = {
	.id = "ats-off-everywhere",
	.weight = NOTE,
	.certainty = CERTAIN,
	.next = "Take lspci at the time of the error, as root: the device may be gone, or ATS was "
		"turned off since.",
};

static bool unnamed_timeout(const struct findings *all, uint64_t *line)
{
	bool unnamed = false;

	for (unsigned i = 0; i < all->n; i++) {
		const struct found *f = &all->found[i];

		if (strcmp(f->is.id, "device-timeout"))
			continue;
		if (f->sid != NO_SID)
			return false;
		*line = f->lines ? f->line[0] : 0;
		unnamed = true;
	}
	return unnamed;
}

static void conclude_ats(struct decode *d)
{
	const struct machine *m = decode_machine(d);
	const struct machine_device *last = NULL;
	unsigned on = 0;
	char names[NAMED * 12] = "", sid[SID_TEXT], text[DEVICE_TEXT];
	uint64_t line;

	if (!m->lspci || !unnamed_timeout(decode_findings(d), &line))
		return;
	for (unsigned i = 0; i < m->devices; i++) {
		if (m->device[i].ats != YES)
			continue;
		last = &m->device[i];
		if (on++ < NAMED) {
			strcat(names, *names ? ", " : "");
			strcat(names, sid_text(sid, last->sid));
		}
	}
	if (on == 1)
		decode_find_of(d, &candidate, last->line, last->sid,
			       "The device that did not answer is probably %s (%s): no other one "
			       "in lspci has ATS on.",
			       sid_text(sid, last->sid), machine_device_text(m, last->sid, text));
	else if (on)
		decode_find(d, &candidates, line,
			    "One of the %u devices with ATS on did not answer: %s%s.", on, names,
			    on > NAMED ? " and others" : "");
	else
		decode_find(d, &none, line, "No device in lspci has ATS on.");
}

/* ---- faults ---- */

static const struct finding in_rmrr = {
	.id = "fault-in-rmrr",
	.weight = CAUSE,
	.certainty = LIKELY,
	.from = "the address, and the regions that firmware names",
	.next = "See whether the device is in the scope of this region (DMAR table), and whether "
		"it was given to a guest or moved to a domain without it: then it is not mapped.",
};

static const struct finding in_stolen = {
	.id = "fault-in-stolen-memory",
	.weight = CAUSE,
	.certainty = LIKELY,
	.from = "the address, and the memory map",
	.next = "Give the region to the guest with the display, or do not pass it through; for "
		"the host's own driver look for a missing RMRR (firmware), or try "
		"intel_iommu=igfx_off.",
};

static const struct finding in_reserved = {
	.id = "fault-in-reserved-memory",
	.weight = SUSPECT,
	.certainty = LIKELY,
	.from = "the address, and the memory map",
	.next = "Firmware uses this memory with the device, and names no region (RMRR) for it: "
		"look for an update, and for a setting that ends it (USB legacy support, "
		"management controllers).",
};

static void conclude_address(struct decode *d, const struct machine_fault *f)
{
	const struct machine *m = decode_machine(d);
	char sid[SID_TEXT], owner[SID_TEXT];

	for (unsigned i = 0; i < m->regions; i++) {
		const struct machine_region *r = &m->region[i];
		const struct finding *is = r->kind == REGION_RMRR     ? &in_rmrr
					   : r->kind == REGION_STOLEN ? &in_stolen
								      : &in_reserved;

		if (r->kind == REGION_RAM || f->first > r->last || f->last < r->first)
			continue;
		decode_find_of(
			d, is, f->line, f->sid,
			"The address that %s used lies in 0x%" PRIx64 "-0x%" PRIx64 ": %s%s%s.",
			sid_text(sid, f->sid), r->first, r->last,
			r->kind == REGION_RMRR	   ? "a region that firmware reserves for a device "
						     "(RMRR)"
			: r->kind == REGION_STOLEN ? "the display's stolen memory"
						   : "memory that firmware has reserved",
			r->sid != NO_SID ? ", that is for " : "",
			r->sid != NO_SID ? sid_text(owner, r->sid) : "");
		return;
	}
}

static const struct finding after_kexec = {
	.id = "fault-after-kexec",
	.weight = CAUSE,
	.certainty = INFERRED,
	.from = "the lines about tables that were copied, before the fault",
	.next = "See whether the faults end when the driver of the device has started: then "
		"nothing else is wrong. Else the driver does not reset the device before it uses "
		"it, or the device was not shut down before kexec.",
};

/* After kexec the devices continue what they did under the kernel before. */
static void conclude_kexec(struct decode *d, const struct machine_fault *f)
{
	const uint64_t copied = decode_facts(d)->copied_line;
	char sid[SID_TEXT];

	if (copied && f->line > copied)
		decode_find_of(
			d, &after_kexec, f->line, f->sid,
			"This kernel was started by another one (kexec, a crash kernel), and "
			"took over its tables: %s goes on with what that kernel had begun.",
			sid_text(sid, f->sid));
}

static const struct finding alias = {
	.id = "alias-of-bridge",
	.weight = CAUSE,
	.certainty = INFERRED,
	.from = "the source id: function 0 of device 0 on the bus of a conventional PCI device, "
		"which is what a PCIe-to-PCI bridge puts in the place of its devices'",
	.next = "Look at the devices behind the bridge, and whether the kernel knows the alias: "
		"`lspci -t`, and the group in /sys/kernel/iommu_groups; some bridges need a quirk "
		"(pci_dma_alias).",
};

static void conclude_alias(struct decode *d, const struct machine_fault *f)
{
	const struct machine *m = decode_machine(d);
	const struct machine_device *own = machine_find(m, f->segment, f->sid);
	const struct machine_device *bridge = machine_bridge_to(m, f->segment, f->sid >> 8);
	char sid[SID_TEXT], behind[SID_TEXT];

	if (!f->has_reason || !fault_reason_is_unattached(f->reason))
		return;
	if (own && own->bridge && own->to_pci) {
		decode_find_of(d, &alias, f->line, f->sid,
			       "%s is a PCIe-to-PCI bridge: the DMA is of a device behind it, on "
			       "bus %02x.",
			       sid_text(sid, f->sid), own->secondary);
		return;
	}
	if (own || f->sid & 0xff || !(f->sid >> 8))
		return;
	for (unsigned i = 0; i < m->devices; i++) {
		const struct machine_device *dev = &m->device[i];

		if (dev->sid >> 8 != f->sid >> 8 || dev->segment != f->segment)
			continue;
		decode_find_of(d, &alias, f->line, f->sid,
			       "%s is no device of its own here, but probably the name that a "
			       "PCIe-to-PCI bridge%s%s gives to what sits behind it: %s%s%s%s.",
			       sid_text(sid, f->sid), bridge ? " " : "",
			       bridge ? sid_text((char[SID_TEXT]){ 0 }, bridge->sid) : "",
			       sid_text(behind, dev->sid), *dev->driver ? " (" : "", dev->driver,
			       *dev->driver ? ")" : "");
		return;
	}
}

/* ---- units ---- */

static const struct finding unit_of = {
	.id = "unit-of-device",
	.weight = NOTE,
	.certainty = LIKELY,
	.from = "the DMAR table, and lspci for what is behind bridges",
	.next = "Look at this unit's part of debugfs's invalidation_queue and iommu_regset.",
};

static bool is_first_of_device(const struct findings *all, unsigned i)
{
	for (unsigned j = 0; j < i; j++)
		if (all->found[j].sid == all->found[i].sid && all->found[j].is.weight < UNCLEAR)
			return false;
	return true;
}

/*
 * A finding has a device without segment. It is segment 0, unless only another segment has such a
 * device.
 */
static bool in_segment_0(const struct machine *m, unsigned sid)
{
	bool elsewhere = false;

	for (unsigned i = 0; i < m->devices; i++)
		elsewhere |= m->device[i].sid == sid && m->device[i].segment;
	return machine_find(m, 0, sid) || !elsewhere;
}

/* Name the unit of each device that is involved in a problem. */
static void conclude_units(struct decode *d)
{
	const struct findings *all = decode_findings(d);
	const struct decode_facts *f = decode_facts(d);
	const unsigned n = all->n;

	for (unsigned i = 0; i < n; i++) {
		const struct found *is = &all->found[i];
		const struct machine *m = decode_machine(d);
		const char *name = "";
		char sid[SID_TEXT];
		uint64_t base;

		if (is->is.weight >= UNCLEAR || is->sid == NO_SID || !in_segment_0(m, is->sid) ||
		    !is_first_of_device(all, i) || !(base = machine_unit_of(m, 0, is->sid)))
			continue;
		for (unsigned k = 0; k < f->units; k++)
			if (f->unit[k].base == base)
				name = f->unit[k].name;
		decode_find_of(d, &unit_of, 0, is->sid,
			       "%s is behind the unit %s%sat 0x%" PRIx64 ".",
			       sid_text(sid, is->sid), name, *name ? ", " : "", base);
	}
}

/* ---- known defects by kernel release ---- */

static const struct finding known_defect = {
	.id = "known-defect",
	.weight = NOTE,
	.certainty = LIKELY,
	.from = "the kernel's version, and what the log shows; distributions have taken some "
		"repairs into older kernels",
	.next = "Look for the commit in the changelog of this kernel, and update if it is not "
		"there.",
};

static const struct {
	const char *symptom;	/* the finding that may be caused by it */
	unsigned since, before; /* releases as in facts.kernel; before 0: unknown */
	const char *text;
} defects[] = {
	{ "surprise-removal", 0, 6009,
	  "it sends device-TLB invalidations to devices that are gone (4fc82cd907ac, 6.9)" },
	{ "retried-for-ever", 0, 6009,
	  "it repeats an invalidation for ever after a time-out (6.9 gives up if the device is "
	  "gone)" },
	{ "device-timeout", 5008, 7000,
	  "after a time-out it looks at every second slot only, so a wait may be missed or a CPU "
	  "lock up (fe89277c9ceb, 7.0 and stable)" },
	{ "device-was-reset", 0, 0,
	  "it does not suspend ATS before a reset (f5b16b802174, of December 2025)" },
	{ "device-in-bad-state", 0, 0,
	  "it does not suspend ATS before a reset (f5b16b802174, of December 2025)" },
	{ "stuck-in-queue", 0, 0,
	  "a VFIO device whose link drops hangs the host in qi_submit_sync (42662d19839f, of "
	  "January 2026)" },
	{ "register-handshake", 6014, 6015,
	  "it turns translation on in the wrong order on some machines (5518f239aff1, 6.14-rc)" },
};

static void conclude_defects(struct decode *d)
{
	const unsigned kernel = decode_facts(d)->kernel;

	for (unsigned i = 0; i < sizeof(defects) / sizeof(*defects); i++) {
		const struct found *f = findings_of(decode_findings(d), defects[i].symptom);
		const bool dated = defects[i].before;

		if (!f || !kernel || kernel < defects[i].since ||
		    (dated && kernel >= defects[i].before))
			continue;
		decode_find(d, &known_defect, f->lines ? f->line[0] : 0,
			    "This kernel (%u.%u) %s a defect that fits: %s.", kernel / 1000,
			    kernel % 1000,
			    dated ? "has, unless it was repaired there," : "may have",
			    defects[i].text);
	}
}

void conclude(struct decode *d)
{
	const struct machine *m = decode_machine(d);

	conclude_ats(d);
	for (unsigned i = 0; i < m->faults; i++) {
		if (m->fault[i].has_address && !m->fault[i].interrupt)
			conclude_address(d, &m->fault[i]);
		conclude_alias(d, &m->fault[i]);
		conclude_kexec(d, &m->fault[i]);
	}
	conclude_units(d);
	conclude_defects(d);
}
