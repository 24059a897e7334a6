/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* debugfs: iommu_regset and dmar_perf_latency. */
#include "said.h"
#include "tests/tool/run.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define REGSET "tests/decode/samples/debugfs/12-iommu_regset-6.1.txt"
#define TEXT_SIZE (64 * 1024)

static char text[TEXT_SIZE];

static void load(const char *path)
{
	FILE *f = fopen(run_source(path), "r");

	assert_non_null(f);
	text[fread(text, 1, TEXT_SIZE - 1, f)] = '\0';
	fclose(f);
}

/* Give register @name of the sample another value. */
static void set(const char *name, uint64_t value)
{
	char digits[17], row[64];
	char *at;

	snprintf(row, sizeof(row), "\n%-16s\t", name);
	at = strstr(text, row);
	assert_non_null(at);
	at = strstr(strstr(at, "0x") + 2, "0x");
	snprintf(digits, sizeof(digits), "%016" PRIx64, value);
	memcpy(at + 2, digits, 16);
}

/* With these registers, and the others as in the sample, exactly this is found. */
static void only(const char *id)
{
	said_of_text(text);
	assert_int_equal(said_findings(), 1);
	assert_int_equal(said_found(id), 1);
}

/* ---- registers ---- */

static void sample(void **state)
{
	(void)state;
	load(REGSET);
	assert_false(said_of_text(text)->problem);
	assert_int_equal(said_findings(), 0);
	assert_int_equal(said_blocks("registers"), 1);
	assert_string_equal(said_of_block("registers", 0, "unit"), "dmar0");
	assert_string_equal(said_value("registers", 0, "Register Base Address"), "0xfed90000");
	assert_string_equal(said_value("registers", 0, "IQA"), "0x4769000");
	assert_string_equal(
		said_value("registers", 0, "queue"),
		"256 slots of 128 bits, head at slot 102, tail at slot 102: all fetched");
	assert_string_equal(
		said_meaning("registers", 0, "ECAP"),
		"QI (queued invalidation), IR (interrupt remapping), PT (pass-through), "
		"IRO at 0xf0, MHMV up to 2^15 entries");
	assert_string_equal(said_meaning("registers", 0, "VER"), "major 1, minor 0");
	assert_null(said_value("registers", 0, "MTRRDEF"));
}

/* Three units, cut short, with an empty line behind the heading. */
static void document(void **state)
{
	(void)state;
	load("tests/decode/samples/debugfs/03-iommu_regset-abi-doc.txt");
	assert_false(said_of_text(text)->problem);
	assert_int_equal(said_blocks("registers"), 3);
	assert_string_equal(said_value("registers", 2, "Register Base Address"), "0xfed91000");
	assert_string_equal(said_value("registers", 2, "FECTL"), "0x0");
}

static void errors(void **state)
{
	static const struct {
		uint64_t fsts;
		const char *id;
	} each[] = {
		{ 0x10, "queue-error" },	{ 0x20, "completion-error" },
		{ 0x40, "device-timeout" },	{ 0x01, "dma-faults-pending" },
		{ 0x02, "dma-faults-pending" }, { 0x80, "page-requests-lost" },
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(each) / sizeof(*each); i++) {
		load(REGSET);
		set("FSTS", each[i].fsts);
		only(each[i].id);
	}
	load(REGSET);
	set("PRS", 2);
	only("page-requests-lost");
	load(REGSET);
	set("FECTL", 0x80000000);
	only("fault-interrupt-masked");
}

static void not_answering(void **state)
{
	static const char *const names[] = { "GSTS", "FSTS", "CAP", "ECAP", "IQH", "IQT", "IQA" };

	(void)state;
	load(REGSET);
	for (unsigned i = 0; i < 7; i++)
		set(names[i], i < 2 ? UINT32_MAX : UINT64_MAX);
	only("unit-not-answering");
	assert_non_null(strstr(said_finding("unit-not-answering"), "7 of "));
	assert_string_equal(said_meaning("registers", 0, "CAP"),
			    "all ones: the unit does not answer");
}

static void queue_off(void **state)
{
	(void)state;
	load(REGSET);
	set("GSTS", 0xc3000000);
	only("queue-off");
	load(REGSET);
	set("GSTS", 0);
	only("queue-off-unused");
	load(REGSET);
	set("GSTS", 0xc3000000);
	set("ECAP", 0xf00f48);
	said_of_text(text);
	assert_int_equal(said_findings(), 0);
}

static void queue_busy(void **state)
{
	size_t n;

	(void)state;
	load(REGSET);
	set("IQH", 0xfe0);
	set("IQT", 0x20);
	only("queue-busy");
	assert_non_null(strstr(said_finding("queue-busy"), "4 descriptors from slot 254"));
	assert_false(said_of_text(text)->problem);
	/* The same dump twice: the queue has not advanced in between. */
	n = strlen(text);
	memcpy(text + n, text, n);
	text[2 * n] = '\0';
	assert_true(said_of_text(text)->problem);
	assert_int_equal(said_found("queue-stuck"), 1);
	/* In the second dump the queue has advanced. */
	set("IQH", 0xff0);
	said_of_text(text);
	assert_int_equal(said_found("queue-stuck"), 0);
}

static void contradictions(void **state)
{
	(void)state;
	load(REGSET);
	set("IQT", 0x1000);
	set("IQH", 0x1000);
	said_of_text(text);
	assert_int_equal(said_found("register-contradiction"), 2);
	load(REGSET);
	set("IQA", 0x4769800);
	set("IQH", 0x670);
	said_of_text(text);
	assert_int_equal(said_found("register-contradiction"), 2); /* no SMTS, and not aligned */
	load(REGSET);
	set("RTADDR", 0xe1b5400);
	only("register-contradiction");
	load(REGSET);
	set("ECAP", 0xf00f48);
	only("register-contradiction");
	/* With scalable mode this is correct. */
	load(REGSET);
	set("ECAP", 0x80000f00f4a);
	set("IQA", 0x4769800);
	set("RTADDR", 0xe1b5400);
	said_of_text(text);
	assert_int_equal(said_findings(), 0);
	assert_string_equal(said_value("registers", 0, "queue"),
			    "128 slots of 256 bits, head at slot 51, tail at slot 51: all fetched");
}

/* Capabilities in a register dump apply to later descriptors. */
static void capabilities(void **state)
{
	static const char more[] = "VT-d detected Invalidation Time-out Error: SID 0\n"
				   "QI HEAD: Device-TLB Invalidation qw0 = 0xaf0300100003, qw1 = "
				   "0x7ffffffffffff001\n";

	(void)state;
	load(REGSET); /* its ECAP has no DT */
	strcat(text, more);
	said_of_text(text);
	assert_int_equal(said_found("capability-contradiction"), 1);
	load(REGSET);
	set("ECAP", 0xf00f4e);
	strcat(text, more);
	said_of_text(text);
	assert_int_equal(said_found("capability-contradiction"), 0);
}

/* ---- the other file of the same unit ---- */

static const char ring[] = "Invalidation queue on IOMMU: dmar0\n Base: 0x4769000\tHead: 102\tTail: "
			   "104\nIndex\t\tqw0\t\t\tqw1\t\t\tstatus\n"
			   "  101\t0000000200000025\t0000000004770194\t0000000000000000\n"
			   "  102\t00000000000500f2\t00000000fff9a03f\t0000000000000001\n"
			   "  103\t0000000200000025\t000000000477019c\t0000000000000001\n\n";

/* In both orders. */
static void both(bool ring_first, const char *id, unsigned count)
{
	static char all[2 * TEXT_SIZE + 2];

	snprintf(all, sizeof(all), "%s\n%s", ring_first ? ring : text, ring_first ? text : ring);
	said_of_text(all);
	assert_int_equal(said_found(id), count);
}

static void compared(void **state)
{
	(void)state;
	for (int first = 0; first < 2; first++) {
		load(REGSET);
		set("FSTS", 0x10);
		set("IQT", 0x680);
		both(first, "refused-descriptor", 1);
		assert_non_null(strstr(said_finding("refused-descriptor"),
				       "slot 102: IOTLB Invalidation: page, DID 5"));
		both(first, "queue-stuck", 0);
		set("FSTS", 0x50);
		both(first, "refused-descriptor", 1);
		set("FSTS", 0);
		both(first, "queue-stuck", 1);
		both(first, "refused-descriptor", 0);
		set("IQH", 0x680);
		both(first, "queue-moves", 1);
		both(first, "queue-stuck", 0);
		set("IQA", 0x4768000);
		both(first, "dumps-differ", 1);
		both(first, "queue-moves", 0);
	}
}

/* A truncated value is no value. */
static void cut(void **state)
{
	char *at;

	(void)state;
	load(REGSET);
	at = strstr(text, "\nIQT ");
	at = strstr(at, "0x0000");
	at[10] = '\0';
	said_of_text(text);
	assert_true(said_cut("registers", 0, "IQT"));
	assert_null(said_value("registers", 0, "queue"));
}

/* Two rows of `grep IQ`, blanks for tabs. */
static void rows_alone(void **state)
{
	(void)state;
	said_of_text("IQH    0x80   0x0000000000000660\nIQT    0x88   0x0000000000000680\n");
	assert_int_equal(said_blocks("registers"), 1);
	assert_string_equal(said_value("registers", 0, "IQT"), "0x680");
	said_of_text("IOMMU: Invalid base address\n");
	assert_int_equal(said_found("registers-unreachable"), 1);
	said_of_text("IQH    0x81   0x0000000000000660\n");
	assert_int_equal(said_blocks("registers"), 0);
}

/* ---- latencies ---- */

static void latencies(void **state)
{
	(void)state;
	load("tests/decode/samples/debugfs/04-dmar_perf_latency-qemu-iaa-4rows.txt");
	assert_false(said_of_text(text)->problem);
	assert_int_equal(said_blocks("latency"), 1);
	assert_int_equal(said_blocks("registers"), 0);
	assert_string_equal(said_of_block("latency", 0, "unit"), "dmar18");
	assert_string_equal(said_value("latency", 0, "inv_devtlb"), "409");
	assert_string_equal(said_meaning("latency", 0, "inv_devtlb"),
			    "276 in 0.1us-1us, 133 in 1us-10us; min 0, max 2, average 0 us");
	assert_string_equal(said_value("latency", 0, "svm_prq max us"), "556");
	load("tests/decode/samples/debugfs/11-dmar_perf_latency-6.1.txt");
	assert_true(said_of_text(text)->problem);
	assert_non_null(strstr(said_finding("slow-invalidations"),
			       "1 of 72640 invalidations took 10 ms or more"));
}

static void latencies_off(void **state)
{
	(void)state;
	load("tests/decode/samples/debugfs/11-dmar_perf_latency-6.1.txt");
	*strstr(text, "   inv_iotlb") = '\0';
	said_of_text(text);
	assert_int_equal(said_found("latency-sampling-off"), 1);
}

static void latencies_cut(void **state)
{
	(void)state;
	load("tests/decode/samples/debugfs/11-dmar_perf_latency-6.1.txt");
	*strstr(text, " 12495") = '\0';
	said_of_text(text);
	assert_true(said_cut("latency", 0, "inv_iotlb"));
	assert_int_equal(said_found("slow-invalidations"), 0);
}

static void a_base_that_is_cut(void **state)
{
	(void)state;
	said_of_text("IOMMU: dmar0 Register Base Address: fed9\n0000\nName\tOffset\tContents\n"
		     "FSTS            \t0x34\t\t0x0000000000000000\n");
	assert_true(said_cut("registers", 0, "Register Base Address"));
}

static void by_hand_twice(void **state)
{
	(void)state;
	said_of_text("FSTS = 0x2\nIQH = 0x40\n\nafter the hang:\nFSTS = 0x50\n"
		     "IQERCD = 0x5300000000004\nIQH = 0x460\n");
	assert_int_equal(said_blocks("registers"), 2);
	assert_string_equal(said_value("registers", 0, "IQH"), "0x40");
	assert_string_equal(said_value("registers", 1, "IQH"), "0x460");
	assert_non_null(strstr(said_finding("queue-error"), "reason 4"));
}

/* The advice does not ask for IQERCD if it is there. */
static void error_register_by_hand(void **state)
{
	static const struct {
		const char *text, *id, *says;
	} cases[] = {
		{ "FSTS = 0x40\nIQERCD = 0x530000000000\n", "device-timeout", "53:00.0" },
		{ "FSTS: 0x40\nIQER: 0x530000000000\n", "device-timeout", "53:00.0" },
		{ "FSTS = 0x20\nIQERCD = 0x3a00000000000000\n", "completion-error", "3a:00.0" },
		{ "FSTS = 0x10\nIQERCD = 0x3\n", "queue-error", "reason 3" },
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const char *next;

		said_of_text(cases[i].text);
		assert_int_equal(said_findings(), 1);
		assert_non_null(strstr(said_finding(cases[i].id), cases[i].says));
		next = json_string_value(json_object_get(
			json_array_get(
				json_object_get(said_of_text(cases[i].text)->all, "findings"), 0),
			"next"));
		assert_non_null(next);
		assert_null(strstr(next, "0xb0"));
	}
}

/*
 * Registers that were read by address, as the decoder recommends, with any program. Addresses of no
 * unit are ignored.
 */
static void by_address(void **state)
{
	static const struct {
		const char *text, *id, *says;
	} cases[] = {
		{ "~ # devmem 0xc5ffc034 32\n0x00000040\n~ # devmem 0xc5ffc0b0 64\n"
		  "0x00005E0100000000\n",
		  "device-timeout", "5e:00.1" },
		{ "root@node7:~# ./devmem2 0xFED900B0 w\n/dev/mem opened.\n"
		  "Memory mapped at address 0x7f92ad6c1000.\n"
		  "Value at address 0xFED900B0 (0x7f92ad6c10b0): 0x4\n"
		  "root@node7:~# ./devmem2 0xFED90034 w\n/dev/mem opened.\n"
		  "Memory mapped at address 0x7f3d6e3f1000.\n"
		  "Value at address 0xFED90034 (0x7f3d6e3f1034): 0x10\n",
		  "queue-error", "reason 4" },
		{ "(qemu) xp /1wx 0xfed91034\n00000000fed91034: 0x00000010\n(qemu) xp /1gx "
		  "0xfed910b0\n"
		  "00000000fed910b0: 0x0000000000000003\n",
		  "queue-error", "reason 3" },
		{ "crash> rd -p fed90034 -32\nfed90034:  00000020\ncrash> rd -p fed900b0\n"
		  "        fed900b0:  3a00000000000000   .......:\n",
		  "completion-error", "3a:00.0" },
		{ "$ sudo devmem 0xfed900b0\n0x00000000\n$ sudo devmem 0xfed900b4\n0x00005300\n"
		  "$ sudo devmem 0xfed90034 = 0x40\n",
		  "device-timeout", "53:00.0" },
		/* One register is enough if the log names the unit. */
		{ "[    0.1] DMAR: dmar3: reg_base_addr d37fc000 ver 1:0 cap 8d2078c106f0466 ecap "
		  "f020df\n> $ sudo busybox devmem 0xd37fc0b0 64\n> 0x0000AF0000000000\n",
		  "suspect-device", "af:00.0" },
	};
	static const char *const others[] = {
		"# devmem 0x43c00034 32\n0x00000052\n# devmem 0x43c00080 32\n0x00000001\n",
		"# devmem 0x80000034\n0x00000052\n", "00000034: 00000052\n",
		"# devmem 0x00000034 32\n0x00000052\n# devmem 0x000000b0 64\n0x0000530000000000\n"
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		said_of_text(cases[i].text);
		assert_non_null(strstr(said_finding(cases[i].id), cases[i].says));
	}
	for (unsigned i = 0; i < sizeof(others) / sizeof(*others); i++) {
		said_of_text(others[i]);
		assert_int_equal(said_findings(), 0);
		assert_int_equal(said_blocks("registers"), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sample),
		cmocka_unit_test(document),
		cmocka_unit_test(errors),
		cmocka_unit_test(not_answering),
		cmocka_unit_test(queue_off),
		cmocka_unit_test(queue_busy),
		cmocka_unit_test(contradictions),
		cmocka_unit_test(capabilities),
		cmocka_unit_test(compared),
		cmocka_unit_test(cut),
		cmocka_unit_test(rows_alone),
		cmocka_unit_test(latencies),
		cmocka_unit_test(latencies_off),
		cmocka_unit_test(latencies_cut),
		cmocka_unit_test(a_base_that_is_cut),
		cmocka_unit_test(by_hand_twice),
		cmocka_unit_test(by_address),
		cmocka_unit_test(error_register_by_hand),
	};

	return cmocka_run_group_tests(tests, NULL, said_clean);
}
