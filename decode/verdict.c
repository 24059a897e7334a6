/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "verdict.h"
#include "findings.h"
#include "gather.h"
#include "machine.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define DEVICES 4	/* devices that are named */
#define ADVICE_MOST 280 /* bytes of the advice */

/* The length of @s's first sentence. */
static size_t sentence(const char *s)
{
	for (const char *t = s; *t; t++)
		if (strchr(".!?", *t) && (!t[1] || (t[1] == ' ' && !islower((unsigned char)t[2]))))
			return (size_t)(t + 1 - s);
	return strlen(s);
}

/* The length of the first sentence, or of two sentences if both are short. */
static size_t advice(const char *s)
{
	const size_t one = sentence(s), two = s[one] ? one + 1 + sentence(s + one + 1) : one;

	return two <= ADVICE_MOST ? two : one;
}

static void add(char *to, const char *text, size_t n)
{
	const size_t had = strlen(to);

	if (had + 1 < VERDICT_TEXT)
		snprintf(to + had, VERDICT_TEXT - had, "%.*s", (int)n, text);
}

static const struct found *first(const struct findings *all, bool (*is)(const struct found *f))
{
	for (unsigned i = 0; i < all->n; i++)
		if (is(&all->found[i]))
			return &all->found[i];
	return NULL;
}

static bool is_event(const struct found *f)
{
	return f->is.weight < UNCLEAR && (f->is.weight != CAUSE || f->is.certainty == CERTAIN);
}

static bool is_cause(const struct found *f)
{
	return f->is.weight == CAUSE && f->is.certainty != CERTAIN;
}

/* True if the finding is about blocked DMA, and not about the queue. */
static bool is_of_fault(const struct found *f)
{
	static const char *const ids[] = { "dma-fault",	      "interrupt-remapping-fault",
					   "fault-in-rmrr",   "fault-in-stolen-memory",
					   "alias-of-bridge", "fault-after-kexec" };

	for (unsigned i = 0; i < sizeof(ids) / sizeof(*ids); i++)
		if (!strcmp(f->is.id, ids[i]))
			return true;
	return false;
}

/*
 * The first cause that fits @main: both are about faults, or neither is; and if both name a device,
 * it is the same one.
 */
static const struct found *cause_of(const struct findings *all, const struct found *main)
{
	for (unsigned i = 0; i < all->n; i++) {
		const struct found *f = &all->found[i];

		if (is_cause(f) && is_of_fault(f) == is_of_fault(main) &&
		    (!is_of_fault(f) || f->sid == NO_SID || main->sid == NO_SID ||
		     f->sid == main->sid))
			return f;
	}
	return NULL;
}

static bool is_unclear(const struct found *f)
{
	return f->is.weight == UNCLEAR;
}

/* Name the device of the main finding, and those of other findings of its kind. */
static void name_devices(struct verdict *v, const struct decode *d, const struct found *main)
{
	const struct findings *all = decode_findings(d);
	unsigned named = 0, more = 0;
	char text[DEVICE_TEXT], sid[SID_TEXT];

	for (unsigned i = 0; i < all->n; i++) {
		const struct found *f = &all->found[i];
		char one[DEVICE_TEXT + 20];
		bool again = false;

		if (strcmp(f->is.id, main->is.id) || f->sid == NO_SID)
			continue;
		for (unsigned j = 0; j < i; j++)
			again |= all->found[j].sid == f->sid &&
				 !strcmp(all->found[j].is.id, main->is.id);
		if (again)
			continue;
		if (named == DEVICES) {
			more++;
			continue;
		}
		machine_device_text(decode_machine(d), f->sid, text);
		snprintf(one, sizeof(one), "%s%s%s%s%s", named++ ? ", " : "", sid_text(sid, f->sid),
			 *text ? " (" : "", text, *text ? ")" : "");
		add(v->device, one, strlen(one));
	}
	if (more) {
		char one[40];

		snprintf(one, sizeof(one), " and %u more", more);
		add(v->device, one, strlen(one));
	}
}

static void attach(struct verdict *v, const char *what)
{
	add(v->attach, *v->attach ? ", " : "", 2);
	add(v->attach, what, strlen(what));
}

static bool any_of(const struct findings *all, const char *const *ids)
{
	for (; *ids; ids++)
		if (findings_of(all, *ids))
			return true;
	return false;
}

/* The same for other systems than Linux with VT-d; NULL if the input is from that. */
static const char *other_systems(const struct decode *d)
{
	static const struct {
		const char *recogniser, *attach;
	} systems[] = {
		{ "xen", "`xl dmesg` from its beginning, with Xen's version and command line, "
			 "`lspci -vvv`" },
		{ "esxi", "the bundle that vm-support makes (vmkernel.log), the versions of ESXi "
			  "and of the BIOS" },
		{ "freebsd",
		  "`uname -a`, /var/run/dmesg.boot after a verbose boot, `pciconf -lvc`, "
		  "`acpidump -t`" },
		{ "openbsd", "the whole dmesg (/var/run/dmesg.boot), `pcidump -v`, `acpidump -o`" },
		{ "macos",
		  "the whole panic report or `log show`, `ioreg -lw0`, the ACPI table DMAR" },
		{ "windows",
		  "the dump (C:\\Windows\\MEMORY.DMP), or what WinDbg's `!analyze -v` says "
		  "of it" },
		{ "genode-acrn",
		  "the whole log with the system's version, and the ACPI table DMAR" },
		{ "qemu", "QEMU's version and whole command line, the guest's log (`dmesg`)" },
		{ "other-iommus",
		  "the kernel's version (`uname -a`), the whole boot log (`dmesg`), "
		  "`lspci -vvv` as root" },
	};

	if (findings_of(decode_findings(d), "stuck-in-other-iommu"))
		return systems[sizeof(systems) / sizeof(*systems) - 1].attach;
	/* If the input has lines of Linux's own VT-d driver too, Linux's list applies. */
	for (unsigned i = 0; i < sizeof(systems) / sizeof(*systems); i++)
		if (decode_took(d, systems[i].recogniser) && !decode_took(d, "linux-qi") &&
		    !decode_took(d, "linux-boot") && !decode_took(d, "linux-fault") &&
		    !decode_took(d, "lockup"))
			return systems[i].attach;
	return NULL;
}

/* List what a maintainer asks for first, as far as it is missing in the input. */
static void tell_what_is_missing(struct verdict *v, const struct decode *d)
{
	static const char *const of_queue[] = { "queue-error",	    "device-timeout",
						"stuck-in-queue",   "stuck-in-flush",
						"completion-error", "trace-through-queue",
						"fault-status",	    NULL },
				 *const of_table[] = { "firmware-bug",
						       "firmware-rmrr",
						       "unit-not-answering",
						       "fault-in-rmrr",
						       "interrupt-remapping-off",
						       NULL };
	const struct findings *all = decode_findings(d);
	const struct decode_facts *f = decode_facts((struct decode *)d);
	const struct machine *m = decode_machine(d);
	bool units = false, dumped = false;

	if (other_systems(d)) {
		attach(v, other_systems(d));
		return;
	}
	for (unsigned i = 0; i < f->units; i++) {
		units |= f->unit[i].has_caps;
		dumped |= f->unit[i].ring.known;
	}
	if (!f->kernel)
		attach(v, "the kernel's version (`uname -a`)");
	if (!units)
		attach(v, "the whole boot log (`dmesg`), with the lines of DMAR");
	if (!m->lspci)
		attach(v, "`lspci -vvv` as root");
	if (!*m->command_line)
		attach(v, "/proc/cmdline");
	if (any_of(all, of_queue) && !dumped)
		attach(v, "/sys/kernel/debug/iommu/intel/invalidation_queue and iommu_regset");
	if (any_of(all, of_table) && !m->scopes)
		attach(v, "/sys/firmware/acpi/tables/DMAR and /proc/iomem");
}

static void tell_nothing(struct verdict *v, const struct decode *d)
{
	static const char nothing[] = "Nothing that this program knows of VT-d is in there.",
			  fine[] = "Nothing wrong was found.",
			  unread[] = "The input could not be read.";
	const struct found *unclear = first(decode_findings(d), is_unclear);

	if (*decode_error(d) && !decode_gathered(d)->n) {
		add(v->what, unread, sizeof(unread));
	} else if (unclear) {
		add(v->what, "Whether something is wrong is not known. ", VERDICT_TEXT);
		add(v->what, unclear->text, sentence(unclear->text));
		add(v->try, unclear->is.next, advice(unclear->is.next));
	} else if (!decode_gathered(d)->n) {
		add(v->what, nothing, sizeof(nothing));
		add(v->try,
		    "Give it the kernel's whole log (`dmesg`, `journalctl -k`), debugfs files of "
		    "intel_iommu, a trace, `lspci -vv` or the ACPI table DMAR: see "
		    "qinval-decode(1).",
		    VERDICT_TEXT);
	} else {
		add(v->what, fine, sizeof(fine));
	}
}

/*
 * A finding from the tables, the device or the address explains a DMA fault better than the fault's
 * reason does, if it applies to all faults that are counted together.
 */
static const struct found *closer(const struct findings *all, const struct found *fault)
{
	static const char *const ids[] = { "fault-contradicts-tables", "fault-address-interrupt",
					   "fault-address-zero", "fault-of-display" };

	for (unsigned i = 0; i < sizeof(ids) / sizeof(*ids) && !strcmp(fault->is.id, "dma-fault");
	     i++)
		for (unsigned j = 0; j < all->n; j++)
			if (!strcmp(all->found[j].is.id, ids[i]) &&
			    all->found[j].sid == fault->sid && all->found[j].count >= fault->count)
				return &all->found[j];
	return NULL;
}

void verdict_of(struct verdict *v, const struct decode *d)
{
	const struct findings *all = decode_findings(d);
	const struct found *event = first(all, is_event), *cause = first(all, is_cause);
	const struct found *main = event, *suspect = findings_of(all, "suspect-device");

	/*
	 * A cause that blocks the queue is more important than a fault, which may be its
	 * consequence.
	 */
	if (!main || (cause && !is_of_fault(cause) && is_of_fault(main)))
		main = cause;
	cause = main ? cause_of(all, main) : NULL;

	memset(v, 0, sizeof(*v));
	v->result = decode_result(d);
	if (!main) {
		tell_nothing(v, d);
		return;
	}
	if (main->is.certainty != CERTAIN)
		add(v->what, "Probably: ", VERDICT_TEXT);
	add(v->what, main->text, sentence(main->text));
	if (cause && cause != main) {
		add(v->what, " Probable cause: ", VERDICT_TEXT);
		add(v->what, cause->text, sentence(cause->text));
	}
	name_devices(v, d, main);
	if (!cause && closer(all, main)) {
		main = closer(all, main);
		add(v->what, " ", 1);
		add(v->what, main->text, sentence(main->text));
	}
	if (!*v->device && cause)
		name_devices(v, d, cause);
	if (cause && is_of_fault(cause))
		main = cause; /* it explains more than the fault's reason */
	if (!*v->device && suspect) {
		add(v->device, "probably ", VERDICT_TEXT);
		name_devices(v, d, suspect);
		main = suspect; /* the advice is about this device */
	}
	add(v->try, main->is.next, advice(main->is.next));
	if (strncmp(main->is.id, "acpi-", 5) && strncmp(main->is.id, "descriptor-", 11))
		tell_what_is_missing(v, d);
}
