/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Facts about the machine (bridges, units, memory), and their effect on findings. */
#include "said.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Two units: dmar0 has 00:02.0 and what is behind 00:1d.0, dmar1 the rest. */
#define BOOT                                                                                  \
	"[ 0.1] DMAR: dmar0: reg_base_addr fed90000 ver 1:0 cap c0000020660462 ecap f0101a\n" \
	"[ 0.1] DMAR: dmar1: reg_base_addr fed91000 ver 1:0 cap d2008020660462 ecap f010da\n"
#define TABLE                                                                               \
	"[000h 0000   4]                    Signature : \"DMAR\"\n"                         \
	"[004h 0004   4]                 Table Length : 00000070\n"                         \
	"[008h 0008   1]                     Revision : 01\n"                               \
	"[024h 0036   1]           Host Address Width : 26\n"                               \
	"[025h 0037   1]                        Flags : 01\n"                               \
	"[030h 0048   2]                Subtable Type : 0000 [Hardware Unit Definition]\n"  \
	"[032h 0050   2]                       Length : 0020\n"                             \
	"[034h 0052   1]                        Flags : 00\n"                               \
	"[035h 0053   1]                     Reserved : 00\n"                               \
	"[036h 0054   2]           PCI Segment Number : 0000\n"                             \
	"[038h 0056   8]        Register Base Address : 00000000FED90000\n"                 \
	"[040h 0064   1]            Device Scope Type : 01 [PCI Endpoint Device]\n"         \
	"[041h 0065   1]                 Entry Length : 08\n"                               \
	"[042h 0066   2]                     Reserved : 0000\n"                             \
	"[044h 0068   1]               Enumeration ID : 00\n"                               \
	"[045h 0069   1]               PCI Bus Number : 00\n"                               \
	"[046h 0070   2]                     PCI Path : 02,00\n"                            \
	"[048h 0072   1]            Device Scope Type : 02 [PCI Bridge Device]\n"           \
	"[049h 0073   1]                 Entry Length : 08\n"                               \
	"[04Ah 0074   2]                     Reserved : 0000\n"                             \
	"[04Ch 0076   1]               Enumeration ID : 00\n"                               \
	"[04Dh 0077   1]               PCI Bus Number : 00\n"                               \
	"[04Eh 0078   2]                     PCI Path : 1D,00\n"                            \
	"[050h 0080   2]                Subtable Type : 0000 [Hardware Unit Definition]\n"  \
	"[052h 0082   2]                       Length : 0020\n"                             \
	"[054h 0084   1]                        Flags : 01\n"                               \
	"[055h 0085   1]                     Reserved : 00\n"                               \
	"[056h 0086   2]           PCI Segment Number : 0000\n"                             \
	"[058h 0088   8]        Register Base Address : 00000000FED91000\n"                 \
	"[060h 0096   1]            Device Scope Type : 03 [IOAPIC Device]\n"               \
	"[061h 0097   1]                 Entry Length : 08\n"                               \
	"[062h 0098   2]                     Reserved : 0000\n"                             \
	"[064h 0100   1]               Enumeration ID : 02\n"                               \
	"[065h 0101   1]               PCI Bus Number : F0\n"                               \
	"[066h 0102   2]                     PCI Path : 1F,00\n"                            \
	"[068h 0104   1]            Device Scope Type : 04 [Message-capable HPET Device]\n" \
	"[069h 0105   1]                 Entry Length : 08\n"                               \
	"[06Ah 0106   2]                     Reserved : 0000\n"                             \
	"[06Ch 0108   1]               Enumeration ID : 00\n"                               \
	"[06Dh 0109   1]               PCI Bus Number : 00\n"                               \
	"[06Eh 0110   2]                     PCI Path : 1F,00\n"
#define TREE                                                \
	"-[0000:00]-+-00.0\n"                               \
	"           +-02.0\n"                               \
	"           +-1c.0-[05-06]----00.0-[06]--+-02.0\n"  \
	"           |                            \\-02.1\n" \
	"           +-1d.0-[3a]--+-00.0\n"                  \
	"           |            \\-00.1\n"                 \
	"           \\-1f.3\n"
#define TREE_WITH_NAMES                                                             \
	"-[0000:00]-+-00.0  Intel Corporation Device 4660\n"                        \
	"           +-02.0  Intel Corporation AlderLake-S GT1\n"                    \
	"           +-1c.0-[05-06]----00.0-[06]--+-02.0  Adaptec AHA-2940U2/U2W\n"  \
	"           |                            \\-02.1  Adaptec AHA-2940U2/U2W\n" \
	"           +-1d.0-[3a]--+-00.0  Mellanox Technologies MT2910\n"            \
	"           |            \\-00.1  Mellanox Technologies MT2910\n"           \
	"           \\-1f.3  Intel Corporation Device 7ad0\n"

static void fault_of(char *to, size_t size, const char *device, unsigned reason, const char *more)
{
	snprintf(to, size,
		 "%s[ 9.1] DMAR: [DMA Read NO_PASID] Request device [%s] fault addr 0x12345000 "
		 "[fault reason 0x%02x] PTE Read access is not set\n%s",
		 BOOT, device, reason, more);
}

/* The boot log has the unit's name; the table and the tree have the devices behind it. */
static void units(void **unused)
{
	static const struct {
		const char *device, *unit, *more;
	} cases[] = {
		{ "00:02.0", "dmar0, at 0xfed90000", TABLE },
		{ "00:1f.3", "dmar1, at 0xfed91000", TABLE },
		{ "3a:00.1", "dmar0, at 0xfed90000", TABLE "\n" TREE },
		{ "3a:00.1", "dmar0, at 0xfed90000", TABLE "\n" TREE_WITH_NAMES },
		{ "06:02.1", "dmar1, at 0xfed91000", TABLE "\n" TREE },
		/* It is not known whether it is behind 00:1d.0. */
		{ "3a:00.1", NULL, TABLE },
		{ "00:02.0", NULL, "" },
	};

	(void)unused;
	for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		static char text[16384];
		char expected[100];

		fault_of(text, sizeof(text), cases[i].device, 6, cases[i].more);
		said_of_text(text);
		assert_int_equal(said_found("dma-fault"), 1);
		assert_int_equal(said_found("unit-of-device"), cases[i].unit ? 1 : 0);
		if (!cases[i].unit)
			continue;
		snprintf(expected, sizeof(expected), "%s is behind the unit %s.", cases[i].device,
			 cases[i].unit);
		assert_string_equal(said_finding("unit-of-device"), expected);
	}
}

/* A bridge to conventional PCI is the requester for devices behind it; the tree shows that. */
static void aliases(void **unused)
{
	static const char *const trees[] = { TREE, TREE_WITH_NAMES };
	char text[4096];

	(void)unused;
	for (unsigned i = 0; i < 2; i++) {
		fault_of(text, sizeof(text), "06:00.0", 2, trees[i]);
		said_of_text(text);
		assert_int_equal(said_found("alias-of-bridge"), 1);
		assert_non_null(strstr(said_finding("alias-of-bridge"), "06:02.0"));
		assert_non_null(strstr(said_finding("alias-of-bridge"), "05:00.0"));
		/* A device of the tree is not an alias. */
		fault_of(text, sizeof(text), "3a:00.0", 2, trees[i]);
		said_of_text(text);
		assert_int_equal(said_found("alias-of-bridge"), 0);
	}
}

/* In a quoted mail, with CRLF, in another domain: the columns are the same. */
static void trees_as_pasted(void **unused)
{
	static char text[8192];
	const char *s = TREE;
	char *out = text;

	(void)unused;
	fault_of(text, sizeof(text), "06:00.0", 2, "");
	out += strlen(out);
	while (*s) {
		const size_t n = strcspn(s, "\n");

		out += sprintf(out, "> %.*s\r\n", (int)n, s);
		s += n + 1;
	}
	said_of_text(text);
	assert_int_equal(said_found("alias-of-bridge"), 1);
	/* Buses of another domain do not matter. */
	fault_of(text, sizeof(text), "06:00.0", 2, TREE);
	memcpy(strstr(text, "-[0000:00]"), "-[0001:00]", 10);
	said_of_text(text);
	assert_int_equal(said_found("alias-of-bridge"), 0);
}

/* An explanation of one device's fault is no cause of another device's. */
static void causes(void **state)
{
	static const char
		timeout[] = "[ 9.1] DMAR: VT-d detected Invalidation Time-out Error: SID 0\n",
		rmrr[] = "[ 0.1] DMAR: RMRR base: 0x0000007c000000 end: 0x000000803fffff\n",
		fault[] = "[ 9.0] DMAR: [DMA Write NO_PASID] Request device [02:00.0] fault "
			  "addr 0x7d2f1000 [fault reason 0x05] PTE Write access is not set\n";
	const json_t *verdict;
	char log[1000];

	(void)state;
	snprintf(log, sizeof(log), "%s%s", rmrr, fault);
	verdict = json_object_get(said_of_text(log)->all, "verdict");
	assert_non_null(strstr(json_string_value(json_object_get(verdict, "what")), "RMRR"));
	assert_non_null(strstr(json_string_value(json_object_get(verdict, "try")), "scope"));
	snprintf(log, sizeof(log), "%s%s%s", rmrr, fault, timeout);
	verdict = json_object_get(said_of_text(log)->all, "verdict");
	assert_int_equal(said_found("fault-in-rmrr"), 1);
	assert_null(strstr(json_string_value(json_object_get(verdict, "what")), "RMRR"));
	assert_null(json_object_get(verdict, "device"));
}

/* A crash kernel takes over the tables, and the devices go on; faults before that are others. */
static void after_kexec(void **state)
{
	(void)state;
	said_of_text("[  0.5] DMAR: Copied translation tables from previous kernel for dmar3\n"
		     "[  2.2] DMAR: [DMA Write NO_PASID] Request device [3b:00.0] fault addr "
		     "0xfffc2000 [fault reason 0x05] PTE Write access is not set\n");
	assert_int_equal(said_found("fault-after-kexec"), 1);
	said_of_text("[  0.2] DMAR: [DMA Write NO_PASID] Request device [3b:00.0] fault addr "
		     "0xfffc2000 [fault reason 0x05] PTE Write access is not set\n"
		     "[  0.5] DMAR: Copied translation tables from previous kernel for dmar3\n");
	assert_int_equal(said_found("fault-after-kexec"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(after_kexec), cmocka_unit_test(units),
		cmocka_unit_test(aliases),     cmocka_unit_test(trees_as_pasted),
		cmocka_unit_test(causes),
	};

	return cmocka_run_group_tests(tests, NULL, said_clean);
}
