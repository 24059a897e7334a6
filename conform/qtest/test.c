/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The conformance suite as a qtest of QEMU: a test for each case, on the intel-iommu of the QEMU
 * under test. See README.md in the folder that `export` makes.
 *
 * A case that is declared to deviate (declared.c) is reported as incomplete if it deviates in the
 * declared words. If it passes or deviates differently, it fails, and the list has to be changed.
 * Cases that are declared to end QEMU are skipped, as they would end this program as well.
 *
 * INTEL_IOMMU_PROFILE     the list: qemu-10.0 (default), qemu-7.2, or spec, which is empty
 * INTEL_IOMMU_PROPERTIES  properties of -device intel-iommu, instead of PROPERTIES below
 */
#include "qemu/osdep.h"
#include "libqtest.h"

#include "intel-iommu-conform/conform.h"
#include "intel-iommu-conform/host.h"
#include "intel-iommu-conform/qemu_dma.h"

#define PROPERTIES "intremap=on,device-iotlb=on,x-scalable-mode=on"
#define PROFILE "qemu-10.0"
#define ENDS_QEMU "ends the unit"

#define UNIT 0xfed90000ULL    /* address of its registers */
#define MEMORY 0x1000000ULL   /* the suite's memory in the guest's 256 MB */
#define NOWHERE 0x40000000ULL /* above the guest's memory */

/* Functions 0, 1, 2 and 4 of device 2, and device 3, are readers. */
static const char arguments[] = "-machine q35 -m 256 -nodefaults"
				" -device intel-iommu,%s"
				" -device e1000,romfile=,addr=2.0,multifunction=on"
				" -device e1000,romfile=,addr=2.1,multifunction=on"
				" -device e1000,romfile=,addr=2.2,multifunction=on"
				" -device e1000,romfile=,addr=2.4,multifunction=on"
				" -device e1000,romfile=,addr=3.0"
				" -device rtl8139,romfile=,addr=4.0,multifunction=on"
				" -device rtl8139,romfile=,addr=4.1,multifunction=on"
				" -device edu,addr=5.0"
				" -trace vtd_irq_generate -trace vtd_ir_remap_msi -D %s";

/* ---- The QEMU ---- */

struct qtest_host {
	QTestState *qts;
	char *log; /* its trace, with the interrupts */
	long log_seen;
	bool devices; /* devices are initialised since the last reset */
	struct qemu_dma dma;
	struct conform_message sent; /* by edu, since the last messages(); addr 0: none */
};

static struct qtest_host host;

uint64_t qtest_load(struct qtest_host *h, uint64_t addr, unsigned bytes)
{
	return bytes == 1   ? qtest_readb(h->qts, addr)
	       : bytes == 2 ? qtest_readw(h->qts, addr)
			    : qtest_readl(h->qts, addr);
}

void qtest_store(struct qtest_host *h, uint64_t addr, uint64_t value, unsigned bytes)
{
	if (bytes == 1)
		qtest_writeb(h->qts, addr, value);
	else if (bytes == 2)
		qtest_writew(h->qts, addr, value);
	else
		qtest_writel(h->qts, addr, value);
}

#define PCI_ADDRESS 0xcf8
#define PCI_DATA 0xcfc
#define PCI_COMMAND 4
#define PCI_BAR0 0x10
#define PCI_MEMORY_AND_MASTER 6

uint32_t qtest_pci_read(struct qtest_host *h, uint16_t sid, unsigned reg)
{
	qtest_outl(h->qts, PCI_ADDRESS, 1U << 31 | (uint32_t)sid << 8 | reg);
	return qtest_inl(h->qts, PCI_DATA);
}

void qtest_pci_write(struct qtest_host *h, uint16_t sid, unsigned reg, uint32_t value)
{
	qtest_outl(h->qts, PCI_ADDRESS, 1U << 31 | (uint32_t)sid << 8 | reg);
	qtest_outl(h->qts, PCI_DATA, value);
}

void qtest_pci_enable(struct qtest_host *h, uint16_t sid, uint64_t bar)
{
	qtest_pci_write(h, sid, PCI_BAR0, bar);
	qtest_pci_write(h, sid, PCI_COMMAND, PCI_MEMORY_AND_MASTER);
}

/* Each function of libqtest waits for its answer. */
void qtest_settle(struct qtest_host *h)
{
	(void)h;
}

/* ---- The device ---- */

/* The chip set's reset register. QEMU resets some time later, so wait for its trace. */
#define RESET_PORT 0xcf9
#define RESET_SYSTEM 6
#define FAULT_EVENT_UPPER_ADDRESS 0x44
#define MARK 0x51e70000

static void start(void)
{
	const char *properties = g_getenv("INTEL_IOMMU_PROPERTIES");
	int fd = g_file_open_tmp("intel-iommu-XXXXXX", &host.log, NULL);

	g_assert_cmpint(fd, >=, 0);
	close(fd);
	host.qts = qtest_initf(arguments, properties ? properties : PROPERTIES, host.log);
}

static void stop(void)
{
	if (host.qts)
		qtest_quit(host.qts);
	if (host.log)
		unlink(host.log);
	g_free(host.log);
}

static bool reset(void *ctx)
{
	(void)ctx;
	if (!host.qts)
		start();
	host.devices = false;
	host.sent.addr = 0;
	qtest_writel(host.qts, UNIT + FAULT_EVENT_UPPER_ADDRESS, MARK);
	qtest_outb(host.qts, RESET_PORT, RESET_SYSTEM);
	while (qtest_readl(host.qts, UNIT + FAULT_EVENT_UPPER_ADDRESS) == MARK)
		g_usleep(20);
	return true;
}

static uint64_t read_register(void *ctx, unsigned reg, unsigned size)
{
	(void)ctx;
	return size == 8 ? qtest_readq(host.qts, UNIT + reg) : qtest_readl(host.qts, UNIT + reg);
}

static void write_register(void *ctx, unsigned reg, uint64_t value, unsigned size)
{
	(void)ctx;
	if (size == 8)
		qtest_writeq(host.qts, UNIT + reg, value);
	else
		qtest_writel(host.qts, UNIT + reg, value);
}

static void store(void *ctx, uint64_t addr, const void *from, size_t len)
{
	(void)ctx;
	qtest_memwrite(host.qts, addr, from, len);
}

static void load(void *ctx, uint64_t addr, void *to, size_t len)
{
	(void)ctx;
	qtest_memread(host.qts, addr, to, len);
}

static void settle(void *ctx)
{
	(void)ctx;
}

/* Messages of the unit, or of the sender after remapping. QEMU itself sends others. */
static bool parse_message(const char *line, struct conform_message *m)
{
	unsigned long long addr, data, from_addr, from_data;

	if (sscanf(line, "vtd_ir_remap_msi (addr %llx, data %llx) -> (addr %llx, data %llx)",
		   &from_addr, &from_data, &addr, &data) == 4) {
		if (!host.sent.addr || from_addr != host.sent.addr || from_data != host.sent.data)
			return false;
	} else if (sscanf(line, "vtd_irq_generate addr %llx data %llx", &addr, &data) != 2) {
		return false;
	}
	m->addr = addr;
	m->data = data;
	return true;
}

static unsigned messages(void *ctx, struct conform_message *to, unsigned room)
{
	FILE *log = fopen(host.log, "r");
	struct conform_message m;
	char line[200];
	unsigned n = 0;

	(void)ctx;
	g_assert_nonnull(log);
	fseek(log, host.log_seen, SEEK_SET);
	while (fgets(line, sizeof(line), log)) {
		/* QEMU may begin the line with a number and a time. */
		const char *at = strstr(line, "vtd_");

		if (!at || !parse_message(at, &m))
			continue;
		if (n < room)
			to[n] = m;
		n++;
	}
	host.log_seen = ftell(log);
	fclose(log);
	host.sent.addr = 0;
	return n;
}

static const struct conform_device device;

static struct qemu_dma *devices(void)
{
	if (!host.devices)
		qemu_dma_init(&host.dma, &host, &device);
	host.devices = true;
	return &host.dma;
}

static enum conform_arrival request(void *ctx, const struct conform_request *q, uint64_t *to)
{
	(void)ctx;
	return qemu_dma(devices(), q, to);
}

static bool interrupt(void *ctx, uint16_t sid, uint64_t addr, uint32_t data)
{
	(void)ctx;
	host.sent.addr = addr;
	host.sent.data = data;
	return qemu_interrupt(devices(), sid, addr, data);
}

static const struct conform_device device = {
	.name = "qemu",
	.reset = reset,
	.read = read_register,
	.write = write_register,
	.memory = MEMORY,
	.nowhere = NOWHERE,
	.store = store,
	.load = load,
	.settle = settle,
	.messages = messages,
	.dma = request,
	.interrupt = interrupt,
};

/* ---- The tests ---- */

static const struct conform_declared *declared;

static void fail_in(const struct conform_result *r, const char *known)
{
	g_test_message("%s: %s", r->rule, r->outcome == CONFORM_PASS ? "passes" : r->detail);
	if (known)
		g_test_message("declared for this profile: %s", known);
	else
		g_test_message("section %s", r->section);
	g_test_fail();
}

static void try_case(const void *name)
{
	const char *known = conform_declares(declared, name), *error;
	struct conform_result r;

	if (known && g_str_has_prefix(known, ENDS_QEMU)) {
		g_test_skip("ends QEMU");
		return;
	}
	if (!conform_try(&device, name, &r, &error))
		g_error("%s", error);
	if (r.outcome == CONFORM_NOT_APPLICABLE)
		g_test_skip(r.detail);
	else if (r.outcome == CONFORM_DEVIATES && known && !strcmp(known, r.detail))
		g_test_incomplete(r.detail);
	else if (r.outcome == CONFORM_DEVIATES || known)
		fail_in(&r, known);
	/* Discard what a case leaves in the log. */
	messages(NULL, NULL, 0);
}

/* "wait.sw-fn/256" becomes conform/wait/sw-fn-256, as GLib selects tests by folder. */
static void add(void *ctx, const char *name)
{
	char *flat = g_strdelimit(g_strdelimit(g_strdup(name), "/", '-'), ".", '/');
	char *path = g_strdup_printf("intel-iommu/conform/%s", flat);

	(void)ctx;
	qtest_add_data_func(path, g_strdup(name), try_case);
	g_free(path);
	g_free(flat);
}

int main(int argc, char **argv)
{
	const char *profile = g_getenv("INTEL_IOMMU_PROFILE");
	int code;

	g_test_init(&argc, &argv, NULL);
	declared = conform_declared(profile ? profile : PROFILE);
	if (!declared) {
		fprintf(stderr, "INTEL_IOMMU_PROFILE=%s: there are spec, qemu-7.2 and qemu-10.0\n",
			profile);
		return 1;
	}
	conform_names(add, NULL);
	code = g_test_run();
	stop();
	return code;
}
