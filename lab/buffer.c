/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * buffer.c - a CPU's outstanding stores.
 *
 * While a CPU runs, memory looks as this CPU sees it: its stores are written to memory, and each
 * keeps the value that it replaced. When the CPU stops, the stores are taken out again, youngest
 * first.
 */
#include <assert.h>
#include <string.h>

#include "machine.h"
#include "touch.h"

static void touched(const struct buffer *b)
{
	memory_dirty((uintptr_t)b, sizeof(*b));
}

static unsigned pieces(size_t bytes)
{
	return bytes > 8 ? (unsigned)((bytes + 7) / 8) : 1;
}

bool buffer_has_room(const struct buffer *b, size_t bytes)
{
	return !b->n || b->n + pieces(bytes) <= LAB_BUFFER;
}

void buffer_push(struct buffer *b, const struct store *s)
{
	assert(b->n < LAB_BUFFER);
	b->store[b->n++] = *s;
	touched(b);
}

void buffer_expect(struct buffer *b, uintptr_t addr, size_t size)
{
	while (size) {
		unsigned n = size < 8 ? (unsigned)size : 8;
		struct store s = { .addr = addr, .kind = OP_WRITE, .size = (uint8_t)n };

		s.old = machine_load(addr, n);
		buffer_push(b, &s);
		addr += n;
		size -= n;
	}
}

void buffer_settle(struct buffer *b)
{
	unsigned i;

	for (i = b->n; i-- && b->store[i].kind == OP_WRITE;) {
		b->store[i].value = machine_load(b->store[i].addr, b->store[i].size);
		b->store[i].kind = OP_STORE;
	}
}

bool buffer_made(struct buffer *b)
{
	unsigned n = b->n;

	for (; n && b->store[n - 1].kind == OP_WRITE; n--) {
		const struct store *s = &b->store[n - 1];

		if (machine_load(s->addr, s->size) != s->old)
			return true;
	}
	memset(&b->store[n], 0, (b->n - n) * sizeof(b->store[0]));
	b->n = n;
	touched(b);
	return false;
}

void buffer_show(struct buffer *b)
{
	unsigned i;

	for (i = 0; i < b->n; i++) {
		struct store *s = &b->store[i];

		if (s->kind != OP_STORE)
			continue;
		s->old = machine_load(s->addr, s->size);
		machine_store(s->addr, s->size, s->value);
	}
	touched(b);
}

/*
 * Calls and spilled registers overwrite frames that no longer exist, and compilers do not report
 * this. It happens after the outstanding stores to those frames, so these stores no longer matter.
 */
static bool overwritten(const struct store *s, uintptr_t stack)
{
	uint64_t mask = s->size == 8 ? ~0ULL : (1ULL << s->size * 8) - 1;

	return s->addr - stack < LAB_STACK_SIZE &&
	       machine_load(s->addr, s->size) != (s->value & mask);
}

void buffer_hide(struct buffer *b, uintptr_t stack)
{
	unsigned i, n = 0;

	for (i = b->n; i--;) {
		struct store *s = &b->store[i];

		if (s->kind != OP_STORE)
			continue;
		if (overwritten(s, stack)) {
			s->kind = OP_NONE;
			continue;
		}
		machine_store(s->addr, s->size, s->old);
		s->old = 0;
	}
	for (i = 0; i < b->n; i++) {
		if (b->store[i].kind != OP_NONE)
			b->store[n++] = b->store[i];
	}
	memset(&b->store[n], 0, (b->n - n) * sizeof(b->store[0]));
	b->n = n;
	touched(b);
}

/* A store to a stack stays in memory, as it may lie in a frame that is in use. */
static bool can_be_put_aside(const struct store *s)
{
	return s->kind == OP_STORE && memory_stack_of(s->addr) < 0;
}

void buffer_put_aside(const struct buffer *b)
{
	unsigned i;

	for (i = b->n; i--;) {
		if (can_be_put_aside(&b->store[i]))
			memcpy((void *)b->store[i].addr, &b->store[i].old, b->store[i].size);
	}
}

void buffer_put_back(const struct buffer *b)
{
	unsigned i;

	for (i = 0; i < b->n; i++) {
		if (can_be_put_aside(&b->store[i]))
			memcpy((void *)b->store[i].addr, &b->store[i].value, b->store[i].size);
	}
}

static void observe(unsigned cpu, const struct store *s, uint64_t before)
{
	struct observation o = { .kind = SEEN_FLUSH,
				 .actor = cpu,
				 .addr = s->addr,
				 .size = s->size,
				 .reg = s->kind == OP_REG_WRITE,
				 .write = true,
				 .before = before,
				 .value = s->value };

	if (machine.observe)
		machine.observe(&o);
}

void buffer_touches(const struct buffer *b, struct footprint *f)
{
	const struct store *s = &b->store[0];

	/* The last one may be what others wait for who wait until this CPU has returned. */
	if (b->n == 1)
		footprint_read(f, FOOTPRINT_END);
	if (s->kind == OP_UNLOCK)
		footprint_write(f, FOOTPRINT_LOCKS);
	if (s->kind == OP_REG_WRITE)
		touch_register(f, s->addr, true);
	else
		footprint_memory(f, s->addr, s->size, true);
}

enum outcome buffer_flush(unsigned cpu)
{
	struct buffer *b = &machine_control()->buffer[cpu];
	struct store s = b->store[0];
	uint64_t before = s.kind == OP_REG_WRITE ? 0 : machine_load(s.addr, s.size);

	if (machine.record)
		buffer_touches(b, machine.record);
	if (machine.needs && s.kind != OP_REG_WRITE)
		needs_add(machine.needs, s.addr, s.size);
	memmove(b->store, b->store + 1, (b->n - 1) * sizeof(b->store[0]));
	memset(&b->store[--b->n], 0, sizeof(b->store[0]));
	touched(b);
	if (s.kind == OP_REG_WRITE)
		hardware_write(s.addr, s.value, s.size);
	else
		machine_store(s.addr, s.size, s.value); /* OP_UNLOCK: 0, no holder */
	observe(cpu, &s, before);
	machine_look(LAB_THE_UNIT, false);
	return MOVE_DONE;
}
