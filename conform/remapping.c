/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* remapping.c - devices' interrupts: entries, verification of the source, faults, changes. */
#include "trial.h"

#define SECTION_ENTRY "9.10 Interrupt Remapping Table Entry for Remapped Interrupts"
#define SECTION_REQUEST "5.1.2 Interrupt Request Formats on Intel 64 Platforms"
#define SECTION_FAULTS "7.2 Interrupt-Remapping Fault Conditions"
#define SECTION_INVALIDATION "6.5.2 Interrupt Entry Cache Invalidate Descriptor"

#define TABLE 0x10000
#define SIZE 3 /* 16 entries */
#define ENTRIES 16
#define INDEX 5

#define IRTA_REG 0xb8
#define EIME (1ULL << 11)

#define PRESENT 1ULL
#define FPD (1ULL << 1)
#define VECTOR(n) ((uint64_t)(n) << 16)
#define DESTINATION(n) ((uint64_t)(n) << 40) /* 8 bits */
#define BY_SOURCE (1ULL << 18)
#define BY_BUS (2ULL << 18)

#define SENDER CONFORM_SENDER
#define F (1ULL << 63)

#define GOOD (PRESENT | VECTOR(0x51) | DESTINATION(7))

/* The address of a message in the remappable format, and in the compatibility format. */
static uint64_t handle(unsigned index)
{
	return 0xfee00010 | (uint64_t)index << 5;
}

#define WITH_SUBHANDLE (1ULL << 3)
#define COMPATIBLE 0xfee09000ULL

static void set_entry(struct trial *t, unsigned index, uint64_t low, uint64_t high)
{
	const uint64_t e[2] = { low, high };

	t->dev->store(t->dev->ctx, t->dev->memory + TABLE + index * sizeof(e), e, sizeof(e));
}

static void set_table(struct trial *t, uint64_t addr, uint64_t flags)
{
	t->dev->write(t->dev->ctx, IRTA_REG, addr | flags | SIZE, 8);
	trial_command(t, VTD_GCMD_SIRTP, true);
}

static bool start(struct trial *t)
{
	if (!trial_needs(t, has_ecap(t, VTD_ECAP_IR), "no interrupt remapping: ECAP.IR") ||
	    !trial_needs(t, t->dev->interrupt && t->dev->messages,
			 "no device whose interrupts could be seen"))
		return false;
	for (unsigned i = 0; i < ENTRIES; i++)
		set_entry(t, i, 0, 0);
	set_entry(t, INDEX, GOOD, 0);
	if (!trial_queue_on(t, 0))
		return false;
	set_table(t, t->dev->memory + TABLE, 0);
	trial_command(t, VTD_GCMD_IRE, true);
	return true;
}

static unsigned send(struct trial *t, uint64_t addr, uint32_t data, struct conform_message *m)
{
	*m = (struct conform_message){ 0 };
	t->dev->messages(t->dev->ctx, NULL, 0);
	t->dev->interrupt(t->dev->ctx, SENDER, addr, data);
	return t->dev->messages(t->dev->ctx, m, 1);
}

/* Check the resulting message; bits that nothing specifies are ignored. */
static void delivers(struct trial *t, uint64_t addr, uint32_t data, uint64_t to, unsigned vector)
{
	struct conform_message m;

	if (send(t, addr, data, &m) != 1)
		trial_deviates(t, "no interrupt is delivered");
	else if (m.addr != to)
		trial_deviates(t, "it goes to another destination");
	else if ((m.data & 0xff) != vector)
		trial_deviates(t, "it has another vector");
}

#define GOOD_ADDR 0xfee07000ULL

static uint64_t record_upper(struct trial *t)
{
	return t->dev->read(t->dev->ctx, VTD_CAP_FRO(t->cap) * 16 + 8, 8);
}

static void blocks(struct trial *t, uint64_t addr, uint32_t data, unsigned reason)
{
	struct conform_message m;
	unsigned found;

	if (send(t, addr, data, &m)) {
		trial_deviates(t, "it is delivered");
		return;
	}
	found = record_upper(t) >> 32 & 0xff;
	if (!(record_upper(t) & F))
		trial_deviates(t, "no fault is recorded");
	else if (found != reason)
		trial_deviates(t, "the fault's reason is 0x%x", found);
}

/* ---- Cases ---- */

/* Words of entries, and whether they deliver the interrupt, or with which reason they block it. */
static const struct {
	uint64_t low, high;
	uint8_t reason; /* 0: it is delivered */
} entries[] = {
	{ GOOD, 0, 0 },
	{ GOOD, BY_SOURCE | SENDER, 0 },
	{ GOOD, BY_SOURCE | (SENDER ^ 4) | 1 << 16, 0 }, /* SQ 1: function bit 2 is ignored */
	{ GOOD, BY_BUS | 0x0001, 0 },			 /* buses 0 to 1 */
	{ 0, 0, 0x22 },
	{ GOOD | 1 << 24, 0, 0x24 },
	{ GOOD, 1ULL << 20, 0x24 },
	{ GOOD, 3ULL << 18, 0x24 },
	{ GOOD, BY_SOURCE | (SENDER ^ 1), 0x26 },
	{ GOOD, BY_SOURCE | (SENDER ^ 8) | 1 << 16, 0x26 },
	{ GOOD, BY_BUS | 0x0102, 0x26 }, /* 1 to 2 */
};

static void check_entry(struct trial *t, unsigned which)
{
	if (!start(t))
		return;
	set_entry(t, INDEX, entries[which].low, entries[which].high);
	if (entries[which].reason)
		blocks(t, handle(INDEX), 0, entries[which].reason);
	else
		delivers(t, handle(INDEX), 0, GOOD_ADDR, 0x51);
}

static void check_subhandle(struct trial *t, unsigned arg)
{
	(void)arg;
	if (!start(t))
		return;
	delivers(t, handle(INDEX - 3) | WITH_SUBHANDLE, 3, GOOD_ADDR, 0x51);
	delivers(t, handle(INDEX), 3, GOOD_ADDR, 0x51);
}

static void check_beyond(struct trial *t, unsigned arg)
{
	(void)arg;
	if (start(t))
		blocks(t, handle(ENTRIES), 0, 0x21);
}

static void check_nowhere(struct trial *t, unsigned arg)
{
	(void)arg;
	if (!trial_needs(t, t->dev->nowhere, "no address without memory") || !start(t))
		return;
	set_table(t, t->dev->nowhere, 0);
	blocks(t, handle(INDEX), 0, 0x23);
}

static void check_compatible(struct trial *t, unsigned on)
{
	if (!start(t))
		return;
	if (!on) {
		blocks(t, COMPATIBLE, 0x61, 0x25);
		return;
	}
	trial_command(t, VTD_GCMD_CFI, true);
	delivers(t, COMPATIBLE, 0x61, COMPATIBLE, 0x61);
}

/* Destinations have 32 bits, and the compatibility format is blocked, whatever CFI says. */
static void check_extended(struct trial *t, unsigned blocked)
{
	if (!trial_needs(t, has_ecap(t, VTD_ECAP_EIM), "no extended mode: ECAP.EIM") || !start(t))
		return;
	set_table(t, t->dev->memory + TABLE, EIME);
	trial_command(t, VTD_GCMD_CFI, true);
	set_entry(t, INDEX, PRESENT | VECTOR(0x51) | 0x12345ULL << 32, 0);
	if (blocked)
		blocks(t, COMPATIBLE, 0x61, 0x25);
	else
		delivers(t, handle(INDEX), 0, 0xfee45000 | 0x123ULL << 40, 0x51);
}

static void check_off(struct trial *t, unsigned arg)
{
	(void)arg;
	if (!start(t))
		return;
	trial_command(t, VTD_GCMD_IRE, false);
	delivers(t, COMPATIBLE, 0x61, COMPATIBLE, 0x61);
}

static void check_fpd(struct trial *t, unsigned arg)
{
	struct conform_message m;

	(void)arg;
	if (!start(t))
		return;
	set_entry(t, INDEX, FPD, 0);
	trial_expect(t, !send(t, handle(INDEX), 0, &m), "it is delivered");
	trial_expect(t, !(record_upper(t) & F), "a fault is recorded");
	set_entry(t, INDEX - 1, 0, 0);
	blocks(t, handle(INDEX - 1), 0, 0x22);
}

static void check_record(struct trial *t, unsigned arg)
{
	uint64_t lower;

	(void)arg;
	if (!start(t))
		return;
	blocks(t, handle(INDEX - 1), 0, 0x22);
	lower = t->dev->read(t->dev->ctx, VTD_CAP_FRO(t->cap) * 16, 8);
	trial_expect(t, lower >> 48 == INDEX - 1, "FI is not the index");
	trial_expect(t, (record_upper(t) & 0xffff) == SENDER, "SID is another one");
}

static void check_seen(struct trial *t, unsigned granularity)
{
	if (!start(t))
		return;
	delivers(t, handle(INDEX), 0, GOOD_ADDR, 0x51);
	set_entry(t, INDEX, PRESENT | VECTOR(0x52) | DESTINATION(9), 0);
	trial_put(t, qi_desc_iec(granularity, granularity == QI_IEC_INDEX ? INDEX : 0, 0));
	trial_submit(t);
	delivers(t, handle(INDEX), 0, 0xfee09000, 0x52);
}

/* A write of IRTA alone changes nothing: the new table is used after SIRTP and an invalidation. */
static void check_other_table(struct trial *t, unsigned arg)
{
	const unsigned page = 0x1000 / 16;
	const uint64_t other = t->dev->memory + TABLE + 0x1000;

	(void)arg;
	if (!start(t))
		return;
	set_entry(t, page + INDEX, PRESENT | VECTOR(0x52) | DESTINATION(9), 0);
	t->dev->write(t->dev->ctx, IRTA_REG, other | SIZE, 8);
	delivers(t, handle(INDEX), 0, GOOD_ADDR, 0x51);
	set_table(t, other, 0);
	trial_put(t, qi_desc_iec(QI_IEC_GLOBAL, 0, 0));
	trial_submit(t);
	delivers(t, handle(INDEX), 0, 0xfee09000, 0x52);
}

#define ENTRY(name, rule, which)                                          \
	{                                                                 \
		"remap." name, rule, SECTION_ENTRY, check_entry, which, 0 \
	}

const struct conform_case conform_remapping[] = {
	ENTRY("entry", "vector and destination are the entry's", 0),
	ENTRY("source", "SVT 1: the right source", 1),
	ENTRY("source-quarter", "SQ leaves out bits of the function", 2),
	ENTRY("bus", "SVT 2: a bus of the range", 3),
	{ "remap.subhandle", "with SHV the index is the handle and the data", SECTION_REQUEST,
	  check_subhandle, 0, 0 },
	ENTRY("absent", "an entry that is not present: reason 22h", 4),
	ENTRY("reserved", "reserved bits in an entry: reason 24h", 5),
	ENTRY("reserved-upper", "in its upper half: reason 24h", 6),
	ENTRY("source-type", "a reserved SVT: reason 24h", 7),
	ENTRY("other-source", "SVT 1: another source: reason 26h", 8),
	ENTRY("other-device", "SQ leaves out no bits of the device: reason 26h", 9),
	ENTRY("other-bus", "SVT 2: a bus outside of the range: reason 26h", 10),
	{ "remap.beyond", "an index beyond the table: reason 21h", SECTION_FAULTS, check_beyond, 0,
	  0 },
	{ "remap.nowhere", "a table that cannot be read: reason 23h", SECTION_FAULTS, check_nowhere,
	  0, 0 },
	{ "remap.compatible", "the compatibility format without CFI: reason 25h", SECTION_REQUEST,
	  check_compatible, 0, 0 },
	{ "remap.compatible-cfi", "with CFI it passes", SECTION_REQUEST, check_compatible, 1, 0 },
	{ "remap.extended", "with EIME destinations have 32 bits", SECTION_ENTRY, check_extended, 0,
	  0 },
	{ "remap.extended-compatible", "and the compatibility format is blocked: reason 25h",
	  SECTION_REQUEST, check_extended, 1, 0 },
	{ "remap.off", "without IRE messages are what they are", SECTION_REQUEST, check_off, 0, 0 },
	{ "remap.fpd", "with FPD faults are not recorded", SECTION_FAULTS, check_fpd, 0, 0 },
	{ "remap.record", "a fault's record: index and source", SECTION_FAULTS, check_record, 0,
	  0 },
	{ "remap.seen-global", "a change is seen behind an invalidation of all",
	  SECTION_INVALIDATION, check_seen, QI_IEC_GLOBAL, 0 },
	{ "remap.seen-table", "another table from SIRTP on", SECTION_INVALIDATION,
	  check_other_table, 0, 0 },
	{ "remap.seen-index", "and behind one of the entry", SECTION_INVALIDATION, check_seen,
	  QI_IEC_INDEX, 0 },
	{ 0 }
};
