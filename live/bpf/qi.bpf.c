// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * The program in the kernel: when qi_submit_sync() is entered, when it inserts a descriptor, and
 * when it returns. Compiled for BPF, and taken into the program as it is.
 */
typedef unsigned char __u8;
typedef unsigned short __u16;
typedef unsigned int __u32, __be32, __wsum;
typedef unsigned short __be16;
typedef unsigned long long __u64;
typedef int __s32;
typedef long long __s64;
typedef __u8 u8;
typedef __u32 u32;
typedef __s32 s32;
typedef __u64 u64;

/* Copied facts of linux/bpf.h, which needs headers that do not exist for BPF. */
enum {
	BPF_MAP_TYPE_ARRAY = 2,
	BPF_MAP_TYPE_RINGBUF = 27,
	BPF_F_MMAPABLE = 1 << 10,
	BPF_RB_NO_WAKEUP = 1,
};

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "kernel.h"
#include "shared.h"

#define ALWAYS static __always_inline

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, u32);
	__type(value, struct shared_table);
} table SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 16 << 20);
} ring SEC(".maps");

ALWAYS struct shared_table *the_table(void)
{
	u32 zero = 0;

	return bpf_map_lookup_elem(&table, &zero);
}

ALWAYS u32 window_of(u64 task)
{
	return (u32)(task >> 6) * 2654435761U >> 22;
}

/*
 * A task's calls nest only where an interrupt comes before the first has turned them off, or after
 * it has turned them on: so of several slots of a task the latest is what returns first, and what
 * inserts. An index, as the verifier does not follow a pointer that may be none through the loop.
 */
ALWAYS struct shared_slot *latest_of(struct shared_table *t, u64 task)
{
	u32 first = window_of(task), found = SHARED_WINDOW;
	u64 at = 0;

	for (u32 i = 0; i < SHARED_WINDOW; i++) {
		struct shared_slot *s = &t->slot[(first + i) % SHARED_SLOTS];

		if (s->task == task && s->at >= at) {
			found = i;
			at = s->at;
		}
	}
	return found < SHARED_WINDOW ? &t->slot[(first + found) % SHARED_SLOTS] : 0;
}

ALWAYS struct shared_slot *take_slot(struct shared_table *t, u64 task)
{
	u32 first = window_of(task);

	for (u32 i = 0; i < SHARED_WINDOW; i++) {
		struct shared_slot *s = &t->slot[(first + i) % SHARED_SLOTS];

		if (!s->task && !__sync_val_compare_and_swap(&s->task, 0, task))
			return s;
	}
	__sync_fetch_and_add(&t->crowded, 1);
	return 0;
}

/* The kernel's name of a unit has 13 bytes or more. */
ALWAYS void name_of(char to[SHARED_UNIT], struct intel_iommu *iommu)
{
	const char *from = iommu->name;

	*(u64 *)to = *(const u64 *)from;
	*(u64 *)(to + 8) = *(const u32 *)(from + 8);
}

SEC("fentry/qi_submit_sync")
int BPF_PROG(enter, struct intel_iommu *iommu, struct qi_desc *desc, unsigned int count,
	     unsigned long options)
{
	struct shared_table *t = the_table();
	struct shared_slot *s;

	if (!t)
		return 0;
	s = take_slot(t, bpf_get_current_task());
	if (!s)
		return 0;
	s->qw0 = count ? desc->qw0 : 0;
	s->qw1 = count ? desc->qw1 : 0;
	name_of(s->unit, iommu);
	s->count = count;
	s->inserted = 0;
	s->pid = bpf_get_current_pid_tgid();
	s->uses++;
	s->at = bpf_ktime_get_ns();
	return 0;
}

SEC("tp_btf/qi_submit")
int BPF_PROG(insert)
{
	struct shared_table *t = the_table();
	struct shared_slot *s = t ? latest_of(t, bpf_get_current_task()) : 0;

	if (s)
		s->inserted++;
	return 0;
}

ALWAYS void fill(struct shared_record *r, const struct shared_slot *s, u64 now)
{
	r->at = s ? s->at : now;
	r->took = s ? now - s->at : SHARED_UNKNOWN;
	r->inserted = s ? s->inserted : 0;
	r->pid = bpf_get_current_pid_tgid();
	r->cpu = bpf_get_smp_processor_id();
}

ALWAYS void fill_args(struct shared_record *r, struct intel_iommu *iommu, struct qi_desc *desc,
		      u32 count, u32 options, int ret)
{
	r->options = options;
	r->qw0 = count ? desc->qw0 : 0;
	r->qw1 = count ? desc->qw1 : 0;
	name_of(r->unit, iommu);
	r->count = count;
	r->ret = ret;
}

/*
 * The kernel wants to see for itself that the size fits, so the compiler is not to leave out a
 * comparison because of what it knows.
 */
ALWAYS void fill_descs(struct shared_record *r, struct shared_desc *to, u32 most,
		       struct qi_desc *desc, u32 count)
{
	u32 n = count;

	barrier_var(n);
	if (n > most)
		n = most;
	/* If they cannot be read, only the first one is known. */
	r->has_descs = count > 1 && !bpf_probe_read_kernel(to, n * sizeof(*to), desc);
}

ALWAYS void fill_stack(struct shared_long *l, void *ctx)
{
	long bytes = bpf_get_stack(ctx, l->frame, sizeof(l->frame), 0);

	l->frames = bytes > 0 ? bytes / sizeof(l->frame[0]) : 0;
}

SEC("fexit/qi_submit_sync")
int BPF_PROG(leave, struct intel_iommu *iommu, struct qi_desc *desc, unsigned int count,
	     unsigned long options, int ret)
{
	u64 now = bpf_ktime_get_ns();
	struct shared_table *t = the_table();
	struct shared_record *r;
	struct shared_batch *b;
	struct shared_slot *s;
	struct shared_long *l;

	if (!t)
		return 0;
	s = latest_of(t, bpf_get_current_task());
	if (!s && !t->ready)
		return 0;
	if (count > SHARED_BATCH || (s && s->uses % SHARED_SAMPLE == 1)) {
		l = bpf_ringbuf_reserve(&ring, sizeof(*l), 0);
		if (!l)
			goto lost;
		fill(&l->record, s, now);
		fill_args(&l->record, iommu, desc, count, options, ret);
		fill_descs(&l->record, l->desc, SHARED_DESCS, desc, count);
		fill_stack(l, ctx);
		bpf_ringbuf_submit(l, BPF_RB_NO_WAKEUP);
	} else if (count > 1) {
		b = bpf_ringbuf_reserve(&ring, sizeof(*b), 0);
		if (!b)
			goto lost;
		fill(&b->record, s, now);
		fill_args(&b->record, iommu, desc, count, options, ret);
		fill_descs(&b->record, b->desc, SHARED_BATCH, desc, count);
		bpf_ringbuf_submit(b, BPF_RB_NO_WAKEUP);
	} else {
		r = bpf_ringbuf_reserve(&ring, sizeof(*r), 0);
		if (!r)
			goto lost;
		fill(r, s, now);
		fill_args(r, iommu, desc, count, options, ret);
		r->has_descs = 0;
		bpf_ringbuf_submit(r, BPF_RB_NO_WAKEUP);
	}
	if (s)
		s->task = 0;
	return 0;
lost:
	__sync_fetch_and_add(&t->lost, 1);
	if (s)
		s->task = 0;
	return 0;
}

char terms[] SEC("license") = "Dual BSD/GPL";
