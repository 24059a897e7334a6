/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * qtest.h - QEMU's intel-iommu as the unit: starts a QEMU whose guest does nothing, shares its
 * memory, reaches its registers by the qtest protocol, and gives a queue the functions to drive it
 * from any number of threads.
 *
 * Use: qtest_start(), qtest_configure() a struct qi_config, qi_init(), qi_enable(), submit, and at
 * the end, when no thread is in the core any more, qtest_stop().
 *
 * Writes are sent without waiting for the answer, so QEMU works while the submitting threads go on.
 * They take effect in the order in which they were made; a read waits for its answer, and so for
 * all writes before it.
 *
 * QEMU lives no longer than this process, whatever ends it, and gets its memory, firmware and
 * socket as open files, so nothing in any directory, and no process, can be left behind. If it ends
 * early, or talks nonsense, every register reads as all ones from then on, which the core takes for
 * a unit that has gone, and qtest_failure() says what happened.
 */
#ifndef QTEST_H
#define QTEST_H

#include <qinval/qi.h>

#define QTEST_PROGRAM "qemu-system-x86_64"

/* Where q35 has the unit's registers. */
#define QTEST_UNIT 0xfed90000ULL

/* Of the guest. Its first megabyte is not all memory, and is left alone. */
#define QTEST_RAM_BYTES (256ULL << 20)

/* Everything that Debian 12's QEMU has for its unit; 256-bit descriptors need the last one. */
#define QTEST_UNIT_PROPERTIES "intremap=on,device-iotlb=on,x-scalable-mode=on"

struct qtest_host;

struct qtest_config {
	/*
	 * NULL: QTEST_PROGRAM, from PATH. A script should exec QEMU: a child of its own ends with
	 * the host as well, but not if this process is killed.
	 */
	const char *program;
	const char *properties;	      /* of -device intel-iommu; NULL: QTEST_UNIT_PROPERTIES */
	const char *const *arguments; /* more of them for QEMU, NULL at the end; or NULL */

	/* How long QEMU may take to answer before it counts as hung; 0: 60 s. */
	unsigned patience_ms;

	/* The queue's size and width. Both 0: there is no queue, and no qtest_configure(). */
	unsigned slots, width;

	/*
	 * NULL, or called before each doorbell, write of IQT, is sent, with the bytes from the last
	 * one's offset (@from) to its own (@to), which may have wrapped. QEMU fetches these
	 * descriptors when it gets the doorbell: for tests, which spoil them. One at a time; must
	 * not use the host.
	 */
	void (*doorbell)(void *ctx, uint64_t from, uint64_t to);
	void *ctx;
};

/*
 * NULL: *error, of @size bytes, says in one line why, and what to do about it. The configuration's
 * strings are not needed afterwards.
 */
struct qtest_host *qtest_start(const struct qtest_config *cfg, char *error, size_t size);

/* End QEMU; returns when it has ended. */
void qtest_stop(struct qtest_host *h);

/*
 * NULL while QEMU is well, else one line: how it ended and its last words, what it answered, or
 * that it did not. For as long as the host lives. Notices what the host has come across, or an end
 * that has come by itself.
 */
const char *qtest_failure(struct qtest_host *h);

/*
 * Fill in the host, its context, slots, width, memory and the capabilities that the unit reports.
 */
void qtest_configure(struct qtest_host *h, struct qi_config *cfg);

/*
 * @size bytes of zeros at the start of a page that nothing else uses, as long as the host lives.
 * virt is NULL if there is no room. Any thread at any time. qtest_reach(): where the guest's @len
 * bytes at @addr are; NULL if not all of them are its memory.
 */
struct qi_mem qtest_memory(struct qtest_host *h, size_t size);
void *qtest_reach(struct qtest_host *h, uint64_t addr, size_t len);

/* ---- Registers, by any thread at any time. A queue uses them too. ---- */

/* Of the unit, by the offsets of regs.h. */
uint32_t qtest_read32(struct qtest_host *h, unsigned reg);
uint64_t qtest_read64(struct qtest_host *h, unsigned reg);
void qtest_write32(struct qtest_host *h, unsigned reg, uint32_t value);
void qtest_write64(struct qtest_host *h, unsigned reg, uint64_t value);

/* Of whatever is at guest-physical @addr, and I/O ports. @bytes: 1, 2, 4 or, but for ports, 8. */
uint64_t qtest_load(struct qtest_host *h, uint64_t addr, unsigned bytes);
void qtest_store(struct qtest_host *h, uint64_t addr, uint64_t value, unsigned bytes);
uint32_t qtest_port_in(struct qtest_host *h, uint16_t port, unsigned bytes);
void qtest_port_out(struct qtest_host *h, uint16_t port, uint32_t value, unsigned bytes);

/* Return when all writes that this thread has made so far have taken effect. */
void qtest_settle(struct qtest_host *h);

/*
 * Descriptors, waits included, since the queue was turned on: that QEMU has been told of by
 * doorbells; that it has fetched and executed, by its head register. The second reads that
 * register, which does not count as a read by the core, and so returns after all earlier writes as
 * well.
 */
uint64_t qtest_rung(struct qtest_host *h);
uint64_t qtest_fetched(struct qtest_host *h);

/*
 * For qtest_config.doorbell: a descriptor of so many 64-bit words in the ring. That QEMU has looked
 * at it before another thread writes there again is nothing that a sanitizer sees, so both sides'
 * accesses are atomic.
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
	uint64_t reads, writes; /* accesses to the unit's registers by the functions for them */
	uint64_t doorbells;	/* writes of IQT among them */
};

struct qtest_counts qtest_counts(struct qtest_host *h);

#endif
