/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * qtest.h - QEMU's intel-iommu as the unit: starts a QEMU whose guest does nothing, shares its
 * memory, accesses its registers with the qtest protocol, and gives a queue the functions that
 * drive it, from any number of threads.
 *
 * Use: qtest_start(), qtest_configure() a struct qi_config, qi_init(), qi_enable(), submit, and at
 * the end, when no thread is in the core any more, qtest_stop().
 *
 * Writes are sent without waiting for the answer, so that QEMU works while the submitting threads
 * go on. They take effect in the order in which they were made. A read waits for its answer, and so
 * for all writes before it.
 *
 * QEMU ends with this process, however that ends. It gets its memory, firmware and socket as open
 * files, so no file and no process is left behind. If QEMU ends early or sends malformed answers,
 * every register reads as all ones from then on, which the core takes for a removed unit, and
 * qtest_failure() says what happened.
 */
#ifndef QTEST_H
#define QTEST_H

#include <qinval/qi.h>

#define QTEST_PROGRAM "qemu-system-x86_64"

/* The address of the unit's registers in a q35 machine. */
#define QTEST_UNIT 0xfed90000ULL

/* The guest's memory. Its first megabyte is not all memory, and is not used. */
#define QTEST_RAM_BYTES (256ULL << 20)

/*
 * All properties of Debian 12's intel-iommu that matter here; 256-bit descriptors need the last
 * one.
 */
#define QTEST_UNIT_PROPERTIES "intremap=on,device-iotlb=on,x-scalable-mode=on"

struct qtest_host;

struct qtest_config {
	/*
	 * The program to run; NULL: QTEST_PROGRAM, from PATH. A script should exec QEMU: a child of
	 * a script ends with the host, but not if this process is killed.
	 */
	const char *program;
	const char *properties;	      /* of -device intel-iommu; NULL: QTEST_UNIT_PROPERTIES */
	const char *const *arguments; /* further arguments for QEMU, ending with NULL; or NULL */

	/* QEMU counts as hung if an answer takes longer; 0: 60 s. */
	unsigned patience_ms;

	/*
	 * The queue's size and width. Both 0: there is no queue, and qtest_configure() must not be
	 * called.
	 */
	unsigned slots, width;

	/*
	 * Called before each doorbell (write of IQT) is sent, with the offsets of the previous
	 * doorbell (@from) and of this one (@to), which may have wrapped. QEMU fetches the
	 * descriptors in between when it gets the doorbell. For tests, which alter them. Calls are
	 * serialised. It must not use the host. May be NULL.
	 */
	void (*doorbell)(void *ctx, uint64_t from, uint64_t to);
	void *ctx;
};

/*
 * Start QEMU. NULL: *error, of @size bytes, says in one line why it failed, and what to do. The
 * strings in *cfg are not needed afterwards.
 */
struct qtest_host *qtest_start(const struct qtest_config *cfg, char *error, size_t size);

/* End QEMU, and wait until it has ended. */
void qtest_stop(struct qtest_host *h);

/*
 * NULL as long as QEMU works; otherwise one line: how it ended and its last output, or its
 * malformed answer, or that it did not answer. The line is valid as long as the host. The function
 * reports what the host has met, and also checks whether QEMU has ended.
 */
const char *qtest_failure(struct qtest_host *h);

/*
 * Fill in the host, its context, slots, width, memory, and the capabilities that the unit reports.
 */
void qtest_configure(struct qtest_host *h, struct qi_config *cfg);

/*
 * qtest_memory(): @size zero bytes at the start of a page that has no other use, for as long as the
 * host exists; virt is NULL if there is no room. Any thread may call it at any time. qtest_reach():
 * the @len bytes at guest-physical @addr in this process; NULL if not all of them are guest memory.
 */
struct qi_mem qtest_memory(struct qtest_host *h, size_t size);
void *qtest_reach(struct qtest_host *h, uint64_t addr, size_t len);

/* ---- Registers: any thread may use these at any time, beside a queue ---- */

/* The unit's registers, by the offsets in regs.h. */
uint32_t qtest_read32(struct qtest_host *h, unsigned reg);
uint64_t qtest_read64(struct qtest_host *h, unsigned reg);
void qtest_write32(struct qtest_host *h, unsigned reg, uint32_t value);
void qtest_write64(struct qtest_host *h, unsigned reg, uint64_t value);

/* Other guest-physical addresses and I/O ports. @bytes: 1, 2, 4 or, except for ports, 8. */
uint64_t qtest_load(struct qtest_host *h, uint64_t addr, unsigned bytes);
void qtest_store(struct qtest_host *h, uint64_t addr, uint64_t value, unsigned bytes);
uint32_t qtest_port_in(struct qtest_host *h, uint16_t port, unsigned bytes);
void qtest_port_out(struct qtest_host *h, uint16_t port, uint32_t value, unsigned bytes);

/* Return when all writes made by this thread so far have taken effect. */
void qtest_settle(struct qtest_host *h);

/*
 * The number of descriptors, including waits, since the queue was turned on: qtest_rung(): those
 * for which doorbells were sent; qtest_fetched(): those that QEMU has fetched and executed. The
 * latter reads the head register (which is not counted as a read by the core), and so returns after
 * all earlier writes.
 */
uint64_t qtest_rung(struct qtest_host *h);
uint64_t qtest_fetched(struct qtest_host *h);

/*
 * For qtest_config.doorbell: access a descriptor of `words` 64-bit words in the ring. A sanitizer
 * cannot know that QEMU has read the descriptor before another thread writes there again, so both
 * sides use atomic accesses.
 */
static inline void qtest_get_desc(const uint64_t *at, uint64_t *qw, unsigned words)
{
	for (unsigned i = 0; i < words; i++)
		qw[i] = __atomic_load_n(&at[i], __ATOMIC_RELAXED);
}

static inline void qtest_put_desc(uint64_t *at, const uint64_t *qw, unsigned words)
{
	for (unsigned i = 0; i < words; i++)
		__atomic_store_n(&at[i], qw[i], __ATOMIC_RELAXED);
}

struct qtest_counts {
	uint64_t reads, writes; /* accesses to the unit's registers with the functions above */
	uint64_t doorbells;	/* writes of IQT among them */
};

struct qtest_counts qtest_counts(struct qtest_host *h);

#endif
