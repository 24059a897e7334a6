/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Facts about kernel and units from the boot log, by which later lines are judged. */
#include "decode.h"
#include "scan.h"

#include <inttypes.h>
#include <qinval/regs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The time within which a port reports a removal that the unit has noticed before. */
#define BEHIND_SECONDS 10.0
#define BEHIND_LINES 100

struct boot {
	bool scalable_wanted; /* by the command line or the kernel's configuration */
	bool told_no_pasid;
};

static const struct finding no_pasid = {
	.id = "no-pasid",
	.weight = NOTE,
	.certainty = CERTAIN,
	.next = "Shared virtual addressing, and with it the shared work queues of DSA and IAA, "
		"cannot work on "
		"this unit: look for a BIOS setting (PASID, PRS, \"VT-d scalable mode\"), or use "
		"dedicated work "
		"queues without SVA.",
};

static const struct finding no_queue = {
	.id = "no-queued-invalidation",
	.weight = NOTE,
	.certainty = CERTAIN,
	.next = "Nothing here comes from an invalidation queue of this unit: it has none.",
};

/* ---- the kernel ---- */

static void kernel_version(struct decode *d, const char *s)
{
	char *end;
	unsigned long major = strtoul(s, &end, 10), minor;

	if (end == s || *end != '.')
		return;
	minor = strtoul(end + 1, NULL, 10);
	if (major < 2 || major > 99 || minor > 99)
		return;
	decode_facts(d)->kernel = (unsigned)(major * 1000 + minor);
}

/* Events before this boot explain nothing that comes after it. */
static void forget_boot(struct decode_facts *f)
{
	memset(&f->gone, 0, sizeof(f->gone));
	memset(&f->reset, 0, sizeof(f->reset));
	memset(&f->timed_out, 0, sizeof(f->timed_out));
	memset(&f->qi_history, 0, sizeof(f->qi_history));
	memset(&f->watchdog, 0, sizeof(f->watchdog));
	f->loglevel = -1;
	f->boots++;
}

static void version_line(struct decode *d, const struct line *l)
{
	const char *s;
	char version[64];
	size_t n;

	if (!scan_find(l, l->text, "Linux version ", &s))
		return;
	n = scan_word(s, " ");
	kernel_version(d, s);
	forget_boot(decode_facts(d));
	if (n && n < sizeof(version) && decode_facts(d)->kernel) {
		struct block *b = block_new("kernel", l->number, "Linux");

		memcpy(version, s, n);
		version[n] = '\0';
		block_text(b, "version", "%s", version);
		b->timed = l->timed;
		b->time = l->time;
		decode_block(d, b);
	}
}

static void command_line(struct decode *d, struct boot *boot, const struct line *l)
{
	const char *s;
	uint64_t level;

	if (scan_find(l, l->text, "loglevel=", &s) && scan_dec(l, &s, &level) == SCAN_OK &&
	    level < 16)
		decode_facts(d)->loglevel = (int)level;
	boot->scalable_wanted |=
		scan_find(l, l->text, "intel_iommu=", &s) && scan_find(l, l->text, "sm_on", &s);
}

/* ---- units ---- */

static void cap_fields(struct block *b, uint64_t cap, uint64_t ecap)
{
	block_hex(b, "CAP", cap, "%s%s%s%sMAMV %u, MGAW %u", cap & VTD_CAP_PSI ? "PSI " : "",
		  cap & VTD_CAP_DRD ? "DRD " : "", cap & VTD_CAP_DWD ? "DWD " : "",
		  cap & VTD_CAP_CM ? "CM " : "", VTD_CAP_MAMV(cap), VTD_CAP_MGAW(cap) + 1);
	block_hex(b, "ECAP", ecap, "%s%s%s%s%s%s%s%s%s%s%s%sMHMV %u", ecap & VTD_ECAP_C ? "C " : "",
		  ecap & VTD_ECAP_QI ? "QI " : "", ecap & VTD_ECAP_DT ? "DT " : "",
		  ecap & VTD_ECAP_IR ? "IR " : "", ecap & VTD_ECAP_EIM ? "EIM " : "",
		  ecap & VTD_ECAP_PT ? "PT " : "", ecap & VTD_ECAP_PRS ? "PRS " : "",
		  ecap & VTD_ECAP_PASID ? "PASID " : "", ecap & VTD_ECAP_DIT ? "DIT " : "",
		  ecap & VTD_ECAP_PDS ? "PDS " : "", ecap & VTD_ECAP_SMTS ? "SMTS " : "",
		  ecap & VTD_ECAP_SC ? "SC " : "", VTD_ECAP_MHMV(ecap));
	block_number(b, "descriptor bits", ecap & VTD_ECAP_SMTS ? 256 : 128,
		     ecap & VTD_ECAP_SMTS
			     ? "Linux takes 256 bits on units with SMTS, in scalable mode or "
			       "not"
			     : NULL);
	block_text(b, "device TLBs",
		   ecap & VTD_ECAP_DT ? "yes (DT): ATS invalidations, which may time out"
				      : "no (DT clear): no ATS invalidations");
	if (ecap & VTD_ECAP_SMTS)
		block_text(b, "scalable mode", "yes (SMTS), PASID %s, page requests %s",
			   ecap & VTD_ECAP_PASID ? "yes" : "no",
			   ecap & VTD_ECAP_PRS ? "yes" : "no");
}

static void unit_findings(struct decode *d, const struct boot *boot, const struct decode_unit *u)
{
	if (!(u->ecap & VTD_ECAP_QI))
		decode_find(d, &no_queue, u->line,
			    "%s has no queued invalidation (ECAP.QI is clear).", u->name);
	if (u->ecap & VTD_ECAP_SMTS && !(u->ecap & VTD_ECAP_PASID))
		decode_find(d, &no_pasid, u->line,
			    "A unit with scalable mode (ECAP.SMTS)%s lacks PASID%s: ECAP 0x%" PRIx64
			    ".",
			    boot->scalable_wanted ? ", which this kernel is to use," : "",
			    u->ecap & VTD_ECAP_PRS ? "" : " and page requests (PRS)", u->ecap);
}

/*
 * The name before @at: "dmar0:", in older logs "IOMMU 0:", which is the same unit. False: the line
 * is text about such lines, or source code.
 */
static bool unit_name(const struct line *l, const char *at, char to[16])
{
	const char *end = at, *name;

	while (end > l->text && end[-1] == ' ')
		end--;
	if (end == l->text || *--end != ':')
		return false;
	for (name = end; name > l->text && !strchr(" \t:", name[-1]); name--)
		;
	if (end == name || end - name > 10)
		return false;
	snprintf(to, 16, "%s%.*s", strspn(name, "0123456789") >= (size_t)(end - name) ? "dmar" : "",
		 (int)(end - name), name);
	return true;
}

static void know_unit(struct decode *d, const struct boot *boot, const char *name,
		      const struct decode_unit *caps)
{
	struct decode_unit *u = decode_unit(d, name, strlen(name));

	if (!u)
		return;
	*u = *caps;
	strcpy(u->name, name);
	unit_findings(d, boot, u);
}

/* "dmar0: reg_base_addr fed90000 ver 1:0 cap d2008c22260206 ecap f00f4a" */
static void unit_line(struct decode *d, const struct boot *boot, const struct line *l)
{
	struct decode_unit caps = { .has_caps = true, .line = l->number };
	const char *s, *at = scan_find(l, l->text, "reg_base_addr ", &s);
	uint64_t base, major, minor;
	struct block *b;
	char name[16];

	if (!at || *s == '%' || !unit_name(l, at, name))
		return;
	decode_take(d);
	b = block_new("unit", l->number, "remapping unit");
	b->timed = l->timed;
	b->time = l->time;
	b->last = l->last;
	block_unit(b, name, strlen(name));
	if (scan_hex(l, &s, &base) != SCAN_OK || !scan_words(&s, " ver ") ||
	    scan_hex(l, &s, &major) != SCAN_OK || !scan_words(&s, ":") ||
	    scan_hex(l, &s, &minor) != SCAN_OK || !scan_words(&s, " cap ") ||
	    scan_hex(l, &s, &caps.cap) != SCAN_OK || !scan_words(&s, " ecap ") ||
	    scan_hex(l, &s, &caps.ecap) != SCAN_OK || scan_open(l, s)) {
		block_cut(b, "reg_base_addr, ver, cap, ecap");
		decode_block(d, b);
		return;
	}
	caps.base = base;
	block_hex(b, "base", base, NULL);
	block_text(b, "version", "%" PRIu64 ".%" PRIu64, major, minor);
	cap_fields(b, caps.cap, caps.ecap);
	know_unit(d, boot, name, &caps);
	decode_block(d, b);
}

/* ---- other events ---- */

static void remember(struct decode_event *e, const struct line *l, const char *from)
{
	size_t n = (size_t)(l->text + l->own - from);

	if (n >= sizeof(e->what))
		n = sizeof(e->what) - 1;
	memcpy(e->what, from, n);
	e->what[n] = '\0';
	e->line = l->number;
	e->timed = l->timed;
	e->time = l->time;
}

/* "vfio-pci 0000:3f:00.0: Unable to change power state from D0 to D3hot, device inaccessible" */
static const char *device_name(const struct line *l)
{
	const char *word = l->text + l->body, *own = l->text + l->own;

	for (; word < own; word += scan_word(word, ""), word += strspn(word, " \t")) {
		const char *s = word;
		unsigned segment, sid;

		if (scan_bdf(&s, &segment, &sid) && *s == ':')
			return word;
		if (*word == '\n')
			break;
	}
	return NULL;
}

static const struct finding gone_behind = {
	.id = "surprise-removal",
	.weight = CAUSE,
	.certainty = INFERRED,
	.from = "the order of the messages: the port notices a removal later than the unit may",
	.next = "Was it pulled, did the link fail, or was it contained after an error (AER, DPC)? "
		"A "
		"device that is gone never answers. Linux 6.9 and later give up an invalidation of "
		"a "
		"device that is known to be gone (4fc82cd907ac).",
};

/* A device is gone, so it will not answer or has not answered. The unit may have noticed first. */
static void is_gone(struct decode *d, const struct line *l, const char *from)
{
	struct decode_facts *f = decode_facts(d);
	const struct decode_event timeout = f->timed_out;

	remember(&f->gone, l, from);
	if (!timeout.line)
		return;
	memset(&f->timed_out, 0, sizeof(f->timed_out));
	if (timeout.timed && l->timed ? l->time - timeout.time > BEHIND_SECONDS
				      : l->number - timeout.line > BEHIND_LINES)
		return;
	for (unsigned i = 0; i < 2; i++)
		decode_find(d, &gone_behind, i ? l->number : timeout.line,
			    "A device went away right behind the time-out (%s): it may have been "
			    "gone already.",
			    f->gone.what);
}

/* "pciehp: Slot(108): Link Down", "Card not present" */
static void removal_line(struct decode *d, const struct line *l)
{
	const char *s = scan_find(l, l->text, "pciehp: Slot(", NULL);

	if (s && (scan_find(l, s, "Link Down", NULL) || scan_find(l, s, "Card not present", NULL)))
		is_gone(d, l, s);
	s = scan_find(l, l->text, "DPC: containment event", NULL);
	if (s)
		is_gone(d, l, device_name(l) ? device_name(l) : s);
	if (!scan_find(l, l->text, "device inaccessible", NULL))
		return;
	s = device_name(l);
	if (s)
		is_gone(d, l, s);
}

/*
 * "vfio-pci 0000:07:00.0: performing reset", "not ready 1023ms after FLR; waiting": note the
 * device.
 */
static void reset_line(struct decode *d, const struct line *l)
{
	const char *text = l->text + l->body, *device;

	if (!scan_find(l, text, "reset", NULL) && !scan_find(l, text, " FLR", NULL))
		return;
	device = device_name(l);
	if (device)
		remember(&decode_facts(d)->reset, l, device);
}

static bool line(struct decode *d, void *state, const struct line *l)
{
	struct boot *boot = state;
	const char *s;

	version_line(d, l);
	command_line(d, boot, l);
	unit_line(d, boot, l);
	removal_line(d, l);
	reset_line(d, l);
	boot->scalable_wanted |= scan_find(l, l->text, "Enable scalable mode", &s) != NULL;
	return false;
}

static const char *const words[] = { "reg_base_addr", "version",      "loglevel=", "intel_iommu=",
				     "pciehp:",	      "containment",  "reset",	   " FLR",
				     "scalable",      "inaccessible", NULL };

const struct recogniser dmesg_boot_recogniser = { "linux-boot", words, sizeof(struct boot),
						  line,		NULL,  false };
