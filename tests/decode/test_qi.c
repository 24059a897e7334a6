/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Linux's messages about its invalidation queues, complete and damaged, and the conclusions. */
#include "said.h"
#include "tests/tool/run.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define IQE "[    1.0] DMAR: VT-d detected Invalidation Queue Error: Reason "
#define ITE "[    1.0] DMAR: VT-d detected Invalidation Time-out Error: SID "
#define ICE "[    1.0] DMAR: VT-d detected Invalidation Completion Error: SID "
#define HEAD "[    1.0] DMAR: QI HEAD: "
#define PRIOR "[    1.0] DMAR: QI PRIOR: "
#define IOTLB "IOTLB Invalidation qw0 = 0x500f2, qw1 = 0xfff7f000\n"
#define DEV_TLB "Device-TLB Invalidation qw0 = 0x30000100003, qw1 = 0x7ffffffffffff001\n"
#define WAIT(low) "Invalidation Wait qw0 = 0x200000025, qw1 = 0x1000000" low "\n"
#define NEVER "UNKNOWN qw0 = 0x0, qw1 = 0x0\n"

static void check_found(const char *id, unsigned times)
{
	if (said_found(id) != times)
		fail_msg("%s: %u times, not %u", id, said_found(id), times);
}

static void check_says(const char *id, const char *words)
{
	if (!strstr(said_finding(id), words))
		fail_msg("%s says \"%s\", not \"%s\"", id, said_finding(id), words);
}

/* ---- IQE ---- */

static void head_is_the_suspect_of_iqe(void **state)
{
	(void)state;
	said_of_text(IQE "4\n" HEAD
			 "IOTLB Invalidation qw0 = 0x100000000f2, qw1 = 0x0\n" PRIOR WAIT(
				 "04") "[    1.0] DMAR: Invalidation Queue Error (IQE) cleared\n");
	check_says("queue-error", "reserved field set");
	check_says("queue-error", "It is the one at HEAD.");
	check_says("descriptor-refused", "reserved bit of qw0");
	check_found("error-not-cleared", 0);
	assert_string_equal(said_meaning("qi-error", 0, "IQEI"), "a reserved field is set");
}

static void some_reasons_blame_neither(void **state)
{
	static const char reasons[] = "12567";

	(void)state;
	for (const char *reason = reasons; *reason; reason++) {
		char text[400];

		snprintf(text, sizeof(text), IQE "%c\n" HEAD IOTLB PRIOR WAIT("04"), *reason);
		said_of_text(text);
		check_found("queue-setup", 1);
		check_found("queue-error", 0);
	}
}

static void a_valid_head_is_said_to_be(void **state)
{
	(void)state;
	said_of_text(IQE "0\n" HEAD IOTLB PRIOR WAIT("04"));
	check_says("queue-error", "the unit does not say why");
	check_says("queue-error", "in itself it is a valid one");
	check_found("error-not-cleared", 1);
	said_of_text("Kernel command line: quiet loglevel=4\n" IQE
		     "0\n" HEAD IOTLB PRIOR WAIT("04"));
	check_says("error-not-cleared", "loglevel=4: a console would not show it");
	said_of_text(IQE "3\n" HEAD NEVER PRIOR WAIT("04"));
	check_says("queue-error", "all zero");
}

/* Units accept it, but it covers another range than was meant. */
static void an_unaligned_address_is_pointed_out(void **state)
{
	(void)state;
	said_of_text(IQE "0\n" HEAD
			 "IOTLB Invalidation qw0 = 0x100f2, qw1 = 0x17f002\n" PRIOR WAIT("04"));
	check_says("unaligned-address", "ADDR 0x17c000-0x17ffff (AM 2, not aligned)");
	check_says("queue-error", "in itself it is a valid one");
	check_found("descriptor-refused", 0);
	said_of_text(IQE "0\n" HEAD
			 "IOTLB Invalidation qw0 = 0x100f2, qw1 = 0x17c002\n" PRIOR WAIT("04"));
	check_found("unaligned-address", 0);
}

static void capabilities_judge(void **state)
{
	(void)state;
	/* A unit without PSI and drain bits. */
	said_of_text(
		"DMAR: dmar0: reg_base_addr fed90000 ver 1:0 cap 12008022260206 ecap f00f4a\n" IQE
		"4\n" HEAD IOTLB PRIOR WAIT("04"));
	check_found("capability-contradiction", 1);
	check_found("descriptor-refused", 0);
	/* Two units that differ, and neither has PSI. */
	said_of_text(
		"DMAR: dmar0: reg_base_addr fed90000 ver 1:0 cap 12008022260206 ecap f00f4a\n"
		"DMAR: dmar1: reg_base_addr fed91000 ver 1:0 cap 11008022260206 ecap f00f4a\n" IQE
		"4\n" HEAD IOTLB PRIOR WAIT("04"));
	check_says("capability-contradiction", "None of the units");
	/* Two different units: the log does not say which one it was. */
	said_of_text(
		"DMAR: dmar0: reg_base_addr fed90000 ver 1:0 cap 12008022260206 ecap f00f4a\n"
		"DMAR: dmar1: reg_base_addr fed91000 ver 1:0 cap d2008c22260206 ecap f00f4a\n" IQE
		"4\n" HEAD IOTLB PRIOR WAIT("04"));
	check_found("capability-contradiction", 0);
}

static void before_5_13(void **state)
{
	(void)state;
	said_of_text(
		"[    1.0] DMAR: VT-d detected invalid descriptor: qw0 = 2000f2, qw1 = 5001\n");
	check_says("queue-error", "before 5.13");
	assert_string_equal(said_word("qi-error", 0, 0, 0), "0x2000f2");
	assert_string_equal(said_word("qi-error", 0, 0, 1), "0x5001");
	said_of_text("[    1.0] dmar: VT-d detected invalid descriptor: low=f, high=0\n"
		     "[    2.0] DMAR: DRHD: handling fault status reg 40\n");
	assert_string_equal(said_word("qi-error", 0, 0, 0), "0xf");
	/* The time-out has no line of its own in that version. */
	check_says("fault-status", "(ITE)");
	said_of_text("[    1.0] DMAR: DRHD: handling fault status reg 40\n" ITE "0\n");
	check_found("fault-status", 0);
}

/* ---- all ones ---- */

static void all_ones_are_no_error(void **state)
{
	(void)state;
	said_of_text(IQE "f\n" ITE "ffff\n" ICE "ffff\n" HEAD NEVER PRIOR NEVER);
	assert_int_equal(said_findings(), 1);
	check_found("unit-not-answering", 1);
	/* Words that were read instead of the queue are not judged. */
	said_of_text(ITE "ffff\n" HEAD NEVER PRIOR
			 "UNKNOWN qw0 = 0xffffffffffffffff, qw1 = 0xffffffffffffffff\n");
	assert_int_equal(said_findings(), 1);
	check_found("unit-not-answering", 1);
	/* A device may have source id ffff, but not together with a real reason. */
	said_of_text(IQE "4\n" ITE "ffff\n" HEAD IOTLB PRIOR WAIT("04"));
	check_found("unit-not-answering", 0);
	said_of_text("DMAR: DRHD: handling fault status reg ffffffff\n");
	check_found("unit-not-answering", 1);
}

/* ---- ITE and ICE ---- */

static void a_named_device(void **state)
{
	(void)state;
	said_of_text(ITE "af03\n" HEAD IOTLB PRIOR WAIT("04"));
	check_says("device-timeout", "af:00.3");
	assert_string_equal(said_value("qi-error", 0, "ITESID"), "0xaf03");
}

static void an_unnamed_device(void **state)
{
	(void)state;
	said_of_text(ITE "0\n" HEAD DEV_TLB PRIOR WAIT("04"));
	check_says("device-timeout", "SID 0 does not mean 00:00.0");
	check_says("device-timeout", "PRIOR is only the wait");
	check_says("head-is-not-the-suspect", "03:00.0");
	check_found("suspect-device", 0);
	said_of_text(ITE "0\n" HEAD WAIT("08") PRIOR DEV_TLB);
	check_says("suspect-device", "03:00.0");
	said_of_text(ITE "0\n");
	check_found("lines-missing", 1);
}

static void slots_are_inferred(void **state)
{
	(void)state;
	said_of_text(ITE "0\n" HEAD DEV_TLB PRIOR WAIT("fc"));
	check_found("abort-walk", 0);
	said_of_text(ITE "0\n" HEAD DEV_TLB PRIOR WAIT("f8"));
	check_says("abort-walk", "even slot 62");
	/* Not Linux's wait, whose status data is 2. */
	said_of_text(ITE "0\n" HEAD DEV_TLB PRIOR
			 "Invalidation Wait qw0 = 0x100000025, qw1 = 0x1000000f8\n");
	check_found("abort-walk", 0);
}

/* The first word has the device. */
static void half_a_descriptor(void **state)
{
	(void)state;
	said_of_text(ITE "0\n" PRIOR "Device-TLB Invalidation qw0 = 0x5300530000000003, ...\n");
	check_says("suspect-device", "53:00.0");
	said_of_text(ITE "0\n" PRIOR "Device-TLB Invalidation qw0 = 0x530053...\n");
	check_found("suspect-device", 0);
}

static void ice_and_then_ite(void **state)
{
	(void)state;
	said_of_text(ICE "0\n" HEAD NEVER PRIOR WAIT("04") ITE "0\n" HEAD NEVER PRIOR WAIT("04"));
	check_found("device-in-bad-state", 1);
	check_found("completion-error", 1);
	said_of_text(ITE "0\n" HEAD NEVER PRIOR WAIT("04") ICE "0\n" HEAD NEVER PRIOR WAIT("04"));
	check_found("device-in-bad-state", 0);
	said_of_text(ICE "0\n" HEAD NEVER PRIOR WAIT(
		"04") "[  100.0] DMAR: VT-d detected Invalidation Time-out Error: SID 0\n");
	check_found("device-in-bad-state", 0);
	/* The unit names two devices. */
	said_of_text(ICE "700\n" HEAD NEVER PRIOR WAIT("04") ITE
		     "300\n" HEAD NEVER PRIOR WAIT("04"));
	check_found("device-in-bad-state", 0);
	said_of_text(ICE "700\n" HEAD NEVER PRIOR WAIT("04") ITE
		     "700\n" HEAD NEVER PRIOR WAIT("04"));
	check_found("device-in-bad-state", 1);
}

static void time_outs_without_end(void **state)
{
	(void)state;
	said_of_text(ITE "300\n" HEAD IOTLB PRIOR WAIT("04") ITE "300\n" HEAD IOTLB PRIOR WAIT("0c")
			     ITE "300\n" HEAD IOTLB PRIOR WAIT("14"));
	check_found("retried-for-ever", 1);
	check_found("device-timeout", 3);
	assert_int_equal(said_blocks("qi-error"), 3);
}

static void a_device_that_went_away(void **state)
{
	(void)state;
	said_of_text("[    0.5] pcieport 0000:17:01.0: pciehp: Slot(108): Link Down\n" ITE
		     "0\n" HEAD IOTLB PRIOR WAIT("04"));
	check_says("surprise-removal", "Slot(108): Link Down");
	said_of_text("[    0.5] vfio-pci 0000:3f:00.0: Unable to change power state from D0 to "
		     "D3hot, device inaccessible\n" ITE "0\n" HEAD NEVER PRIOR WAIT("04"));
	check_says("surprise-removal", "0000:3f:00.0: Unable");
	check_says("surprise-removal", "device inaccessible)");
	said_of_text("[    0.5] pcieport 0000:17:01.0: pciehp: Slot(108): Link Down\n"
		     "[ 1000.0] DMAR: VT-d detected Invalidation Time-out Error: SID 0\n");
	check_found("surprise-removal", 0);
}

/* The unit may notice a removal before the port does. */
static void a_device_that_went_away_before_its_port_saw_it(void **state)
{
	(void)state;
	said_of_text("[    1.0] DMAR: VT-d detected Invalidation Time-out Error: SID 0\n"
		     "[    3.2] pcieport 0000:d7:00.0: pciehp: Slot(4-1): Link Down\n"
		     "[    3.2] pcieport 0000:d7:00.0: pciehp: Slot(4-1): Card not present\n");
	check_found("surprise-removal", 2); /* its two lines */
	check_says("surprise-removal", "Slot(4-1): Link Down");
	said_of_text("DMAR: Invalidation Time-out Error (ITE) cleared\n"
		     "pcieport 0000:d7:00.0: DPC: containment event, status:0x1f01 "
		     "source:0x0000\n");
	check_says("surprise-removal", "0000:d7:00.0: DPC");
	said_of_text("[    1.0] DMAR: VT-d detected Invalidation Time-out Error: SID 0\n"
		     "[   30.0] pcieport 0000:d7:00.0: pciehp: Slot(4-1): Link Down\n");
	check_found("surprise-removal", 0);
	said_of_text("[    1.0] DMAR: VT-d detected Invalidation Time-out Error: SID 0\n"
		     "[    0.0] Linux version 6.1.0 (a@b) #1\n"
		     "[    3.2] pcieport 0000:d7:00.0: pciehp: Slot(4-1): Link Down\n");
	check_found("surprise-removal", 0);
}

static void a_device_that_was_reset(void **state)
{
	(void)state;
	said_of_text("[    0.5] vfio-pci 0000:07:00.0: AMD_POLARIS10: performing reset\n" ICE
		     "0\n" HEAD NEVER PRIOR WAIT("04") ITE "0\n");
	check_says("device-was-reset", "0000:07:00.0: AMD_POLARIS10");
	said_of_text("[    0.5] usb 1-1: reset high-speed USB device number 2\n" ICE "0\n");
	check_found("device-was-reset", 0);
	said_of_text("[    0.5] vfio-pci 0000:07:00.0: resetting\n"
		     "[  100.0] DMAR: VT-d detected Invalidation Time-out Error: SID 0\n");
	check_found("device-was-reset", 0);
}

/* ---- damage ---- */

static void what_is_cut_is_not_guessed(void **state)
{
	static const char whole[] =
		HEAD "Device-TLB Invalidation qw0 = 0x30000100003, qw1 = 0x7ffffffffffff001";
	char text[200];

	(void)state;
	for (size_t n = strlen(HEAD) - 2; n < sizeof(whole); n++) {
		const char *qw0, *qw1;

		snprintf(text, sizeof(text), "%.*s\n", (int)n, whole);
		said_of_text(text);
		qw0 = said_word("qi-error", 0, 0, 0);
		qw1 = said_word("qi-error", 0, 0, 1);
		if (qw0 && strcmp(qw0, "0x30000100003"))
			fail_msg("%s: qw0 %s", text, qw0);
		/* The end of a line is the end of a number. */
		if (qw1 && !strstr(text, qw1))
			fail_msg("%s: qw1 %s", text, qw1);
		if (!strchr(text, ','))
			assert_null(qw0);
		if (!qw0 || !qw1)
			assert_true(said_found("input-cut") > 0);
	}
}

static void without_a_line_end(void **state)
{
	(void)state;
	said_of_text(ITE "0\n" PRIOR "Invalidation Wait qw0 = 0x200000025, qw1 = 0x10000f6");
	check_found("input-may-be-cut", 1);
	check_found("descriptor-refused", 0);
	said_of_text(ITE "0");
	check_found("input-may-be-cut", 0);
	said_of_text(ITE "0\n[   1.0] DMAR: QI");
	check_found("input-cut", 1);
}

static void wrapped_lines(void **state)
{
	(void)state;
	said_of_text(HEAD
		     "Device-TLB Invalidation qw0 =\n0x30000100003, qw1 =\n0x7ffffffffffff001\n"
		     "[    1.0] DMAR: VT-d detected Invalidation\nTime-out Error: SID 300\n");
	assert_string_equal(said_word("qi-error", 0, 0, 0), "0x30000100003");
	assert_string_equal(said_word("qi-error", 0, 0, 1), "0x7ffffffffffff001");
	check_says("device-timeout", "03:00.0");
	/* Broken inside a number, the value is unknown. */
	said_of_text(HEAD
		     "Device-TLB Invalidation qw0 = 0x300001\n00003, qw1 = 0x7ffffffffffff001\n");
	assert_null(said_word("qi-error", 0, 0, 0));
}

static void damaged_types(void **state)
{
	(void)state;
	said_of_text(ITE "0\n" HEAD "IOTLB Invalidation qw0 = 0x30000100003, qw1 = 0x0\n");
	assert_non_null(strstr(said_of_row("qi-error", 0, 0, "note"), "damaged line"));
	said_of_text(ITE "not a number\n" HEAD "qw0 = x, qw1 = y\n");
	assert_true(said_cut("qi-error", 0, "ITESID"));
}

static void only_some_of_the_lines(void **state)
{
	(void)state;
	said_of_text(HEAD IOTLB PRIOR WAIT("04"));
	check_says("queue-error", "the line that says which");
	said_of_text("[    1.0] DMAR: Invalidation Time-out Error (ITE) cleared\n");
	check_found("device-timeout", 1);
	said_of_text("Our IOMMU prints DMAR messages about HEAD: and Invalidation.\n");
	assert_int_equal(said_findings(), 0);
}

/* Text about messages, patches and source code are no logs. */
static void what_is_no_log(void **state)
{
	(void)state;
	said_of_text(
		"The kernel says \"VT-d detected Invalidation Time-out Error\" when a device is "
		"slow.\n"
		"VT-d detected Invalidation Time-out Error means that ATS has failed.\n"
		"QI HEAD and QI PRIOR are printed too, and then Invalidation Queue Error (IQE) "
		"cleared.\n"
		"+\t\tpr_err(\"VT-d detected Invalidation Queue Error: Reason %llx\",\n"
		"+\t\tpr_err(\"QI HEAD: %s qw0 = 0x%llx, qw1 = 0x%llx\\n\",\n"
		"+\t\tpr_info(\"Invalidation Time-out Error (ITE) cleared\\n\");\n"
		" \tpr_err(\"DRHD: handling fault status reg %x\\n\", fault_status);\n"
		" \tpr_info(\"%s: reg_base_addr %llx ver %d:%d cap %llx ecap %llx\\n\",\n"
		" \tseq_printf(m, \"Invalidation queue on IOMMU: %s\\n\", iommu->name);\n"
		" \tpr_err(\"[%s NO_PASID] Request device [%02x:%02x.%d] fault addr 0x%llx\\n\",\n"
		"@@ -1,2 +1,2 @@ int qi_submit_sync(struct intel_iommu *iommu)\n"
		" \tqi_submit_sync(iommu, &desc, 1, 0);\n"
		"qi_submit_sync spins for ever.\n");
	assert_int_equal(said_findings(), 0);
	/* A message quoted in text counts. */
	said_of_text("We see \"DMAR: VT-d detected Invalidation Time-out Error: SID 300\" now and "
		     "then.\n");
	check_found("device-timeout", 1);
}

/* With another CPU's lines in between, and a second error far below. */
static void lines_between(void **state)
{
	char text[20000] =
		ITE "0\n[    1.0] usb 1-1: new device\n[    1.0] DMAR: DRHD: handling fault status "
		    "reg 40\n" HEAD IOTLB "[    1.0] something\n" PRIOR WAIT("04");

	(void)state;
	said_of_text(text);
	assert_int_equal(said_blocks("qi-error"), 1);
	for (unsigned i = 0; i < 60; i++)
		strcat(text, "a line of something else\n");
	strcat(text, "DMAR: Invalidation Time-out Error (ITE) cleared\n");
	said_of_text(text);
	assert_int_equal(said_blocks("qi-error"), 2);
}

/* ---- CPUs that print at the same time ---- */

#define TWO_UNITS(a, b)                                                                   \
	"[1.0]" a "DMAR: VT-d detected Invalidation Time-out Error: SID 8600\n"           \
	"[1.0]" b "DMAR: VT-d detected Invalidation Time-out Error: SID 0\n"              \
	"[1.0]" a "DMAR: QI HEAD: " IOTLB "[1.0]" b "DMAR: QI HEAD: " DEV_TLB "[1.0]" a   \
	"DMAR: QI PRIOR: " DEV_TLB "[1.0]" b                                              \
	"DMAR: QI PRIOR: " WAIT("04") "[1.0]" a                                           \
				      "DMAR: Invalidation Time-out Error (ITE) cleared\n" \
				      "[1.0]" b                                           \
				      "DMAR: Invalidation Time-out Error (ITE) cleared\n"

static void callers_are_kept_apart(void **state)
{
	(void)state;
	said_of_text(TWO_UNITS("[ T12] ", "[   C4] "));
	check_found("device-timeout", 2);
	check_found("head-is-not-the-suspect", 1);
	check_found("suspect-device", 0);
	check_found("lines-missing", 0);
	check_found("lines-mixed", 0);
	check_found("queue-error", 0);
	check_found("retried-for-ever", 0);
	assert_int_equal(said_blocks("qi-error"), 2);
}

static void mixed_lines_have_no_owner(void **state)
{
	static const char late[] =
		ITE "8600\n" HEAD IOTLB ITE "0\n" PRIOR DEV_TLB HEAD DEV_TLB PRIOR WAIT("04");

	(void)state;
	said_of_text(TWO_UNITS(" ", " "));
	check_found("device-timeout", 2);
	check_found("lines-mixed", 2);
	check_found("head-is-not-the-suspect", 0);
	check_found("suspect-device", 0);
	check_found("lines-missing", 0);
	check_found("queue-error", 0);
	said_of_text(late);
	check_found("lines-mixed", 2);
	check_found("suspect-device", 0);
	check_found("queue-error", 0);
	/* Missing lines (filtered out) are no mixture. */
	said_of_text(ITE "0\n" ITE "0\n" ITE "0\n" ITE "0\n" ITE "0\n");
	check_found("lines-mixed", 0);
	check_found("lines-missing", 5);
	said_of_text(ITE "0\n" HEAD IOTLB ITE "0\n" HEAD IOTLB ITE "0\n" HEAD IOTLB);
	check_found("lines-mixed", 0);
}

static void a_device_s_time_outs_are_counted(void **state)
{
	(void)state;
	said_of_text(ITE "300\n" ITE "400\n" ITE "500\n" ITE "600\n");
	check_found("retried-for-ever", 0);
	said_of_text(ITE "300\n" ITE "400\n" ITE "300\n" ITE "400\n" ITE "300\n");
	check_found("retried-for-ever", 1);
	check_says("retried-for-ever", "03:00.0");
	said_of_text(ITE "300\n[ 5000.0] DMAR: VT-d detected Invalidation Time-out Error: SID 300\n"
			 "[ 9000.0] DMAR: VT-d detected Invalidation Time-out Error: SID 300\n");
	check_found("retried-for-ever", 0);
}

static void another_boot(void **state)
{
	static const char gone[] =
		"[ 5000.0] pcieport 0000:3a:00.0: pciehp: Slot(108): Link Down\n"
		"[ 5000.0] DMAR: VT-d detected Invalidation Completion Error: SID 300\n"
		"[ 5000.0] vfio-pci 0000:03:00.0: performing reset\n";
	char text[600];

	(void)state;
	snprintf(text, sizeof(text), "%s" ITE "300\n", gone);
	said_of_text(text);
	check_found("device-timeout", 1);
	check_found("surprise-removal", 0);
	check_found("device-was-reset", 0);
	check_found("device-in-bad-state", 0);
	snprintf(text, sizeof(text), "%s[ 0.0] Linux version 6.1.0 (a@b) #1\n%s", gone,
		 "DMAR: VT-d detected Invalidation Time-out Error: SID 300\n");
	said_of_text(text);
	check_found("device-timeout", 1);
	check_found("surprise-removal", 0);
	check_found("device-in-bad-state", 0);
}

/* The error is complete only some lines later: events in between are no cause of it. */
static void what_comes_later_is_no_cause(void **state)
{
	static const char *const later[] = {
		"[ 1.1] pcieport 0000:3a:00.0: pciehp: Slot(108): Link Down\n",
		"[ 1.1] vfio-pci 0000:03:00.0: performing reset\n",
	};
	char text[400];

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		snprintf(text, sizeof(text), ITE "300\n%s", later[i]);
		said_of_text(text);
		assert_int_equal(said_findings(), 1);
	}
}

static void an_even_slot_with_a_named_device(void **state)
{
	(void)state;
	said_of_text(ITE "300\n" HEAD IOTLB PRIOR WAIT("08"));
	check_found("abort-walk", 1);
	said_of_text(ITE "300\n" HEAD IOTLB PRIOR WAIT("04"));
	check_found("abort-walk", 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(head_is_the_suspect_of_iqe),
		cmocka_unit_test(some_reasons_blame_neither),
		cmocka_unit_test(a_valid_head_is_said_to_be),
		cmocka_unit_test(an_unaligned_address_is_pointed_out),
		cmocka_unit_test(capabilities_judge),
		cmocka_unit_test(before_5_13),
		cmocka_unit_test(all_ones_are_no_error),
		cmocka_unit_test(a_named_device),
		cmocka_unit_test(an_unnamed_device),
		cmocka_unit_test(slots_are_inferred),
		cmocka_unit_test(half_a_descriptor),
		cmocka_unit_test(ice_and_then_ite),
		cmocka_unit_test(time_outs_without_end),
		cmocka_unit_test(a_device_that_went_away),
		cmocka_unit_test(a_device_that_went_away_before_its_port_saw_it),
		cmocka_unit_test(a_device_that_was_reset),
		cmocka_unit_test(what_is_cut_is_not_guessed),
		cmocka_unit_test(without_a_line_end),
		cmocka_unit_test(wrapped_lines),
		cmocka_unit_test(damaged_types),
		cmocka_unit_test(only_some_of_the_lines),
		cmocka_unit_test(what_is_no_log),
		cmocka_unit_test(lines_between),
		cmocka_unit_test(callers_are_kept_apart),
		cmocka_unit_test(mixed_lines_have_no_owner),
		cmocka_unit_test(a_device_s_time_outs_are_counted),
		cmocka_unit_test(another_boot),
		cmocka_unit_test(what_comes_later_is_no_cause),
		cmocka_unit_test(an_even_slot_with_a_named_device),
	};

	return cmocka_run_group_tests(tests, NULL, said_clean);
}
