/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The functions in a call trace, and what they show about the way to the queue. */
#include "lockup.h"
#include "scan.h"

#include <ctype.h>
#include <string.h>

#define MOST_FRAMES 24 /* frames that are printed */

#define WAY(prefix, path)                        \
	{                                        \
		prefix, sizeof(prefix) - 1, path \
	}

static const struct {
	const char *prefix;
	unsigned char size;
	unsigned path;
} ways[] = {
	WAY("qi_flush_dev_iotlb", PATH_FLUSH | PATH_DEV_TLB),
	WAY("__context_flush_dev_iotlb", PATH_FLUSH | PATH_DEV_TLB | PATH_LEGACY),
	WAY("iommu_flush_dev_iotlb", PATH_FLUSH | PATH_DEV_TLB),
	WAY("__iommu_flush_dev_iotlb", PATH_FLUSH | PATH_DEV_TLB),
	WAY("devtlb_invalidation_with_pasid", PATH_FLUSH | PATH_DEV_TLB | PATH_SCALABLE),
	WAY("cache_tag_flush_devtlb", PATH_FLUSH | PATH_DEV_TLB),
	WAY("qi_flush_iotlb", PATH_FLUSH | PATH_IOTLB),
	WAY("qi_flush_piotlb", PATH_FLUSH | PATH_IOTLB | PATH_SCALABLE),
	WAY("iommu_flush_iotlb", PATH_FLUSH | PATH_IOTLB),
	WAY("intel_flush_iotlb", PATH_FLUSH | PATH_IOTLB),
	WAY("intel_iommu_flush_iotlb", PATH_FLUSH | PATH_IOTLB),
	WAY("intel_iommu_tlb_sync", PATH_FLUSH | PATH_IOTLB),
	WAY("cache_tag_flush", PATH_FLUSH | PATH_IOTLB),
	WAY("iommu_dma_flush_iotlb_all", PATH_FLUSH | PATH_IOTLB | PATH_LAZY),
	WAY("fq_flush", PATH_FLUSH | PATH_IOTLB | PATH_LAZY),
	WAY("fq_ring_free", PATH_LAZY),
	WAY("fq_destroy", PATH_LAZY),
	WAY("iova_domain_flush", PATH_FLUSH | PATH_IOTLB | PATH_LAZY),
	WAY("iommu_dma_flush_fq", PATH_LAZY),
	WAY("queue_iova", PATH_LAZY),
	WAY("flush_unmaps", PATH_FLUSH | PATH_IOTLB | PATH_LAZY),
	WAY("qi_flush_iec", PATH_FLUSH | PATH_IEC),
	WAY("qi_global_iec", PATH_FLUSH | PATH_IEC),
	WAY("modify_irte", PATH_IEC),
	WAY("free_irte", PATH_IEC),
	WAY("intel_ir_", PATH_IEC),
	WAY("qi_flush_context", PATH_FLUSH | PATH_CONTEXT | PATH_LEGACY),
	WAY("qi_flush_pasid_cache", PATH_FLUSH | PATH_PASID | PATH_SCALABLE),
	WAY("pasid_cache_invalidation", PATH_PASID | PATH_SCALABLE),
	WAY("intel_pasid_tear_down_entry", PATH_PASID | PATH_SCALABLE),
	WAY("domain_context_clear", PATH_LEGACY),
	WAY("__dmar_remove_one_dev_info", PATH_RELEASE),
	WAY("intel_iommu_release_device", PATH_RELEASE),
	WAY("iommu_release_device", PATH_RELEASE),
	WAY("pciehp_", PATH_HOTPLUG),
	WAY("acpiphp_", PATH_HOTPLUG),
	WAY("hotplug_event", PATH_HOTPLUG),
	WAY("pnv_php", PATH_HOTPLUG),
	WAY("kvm_", PATH_GUEST),
	WAY("vfio_", PATH_GUEST),
	WAY("iommufd_", PATH_GUEST),
	WAY("intel_drain_pasid_prq", PATH_PAGE_REQUESTS),
	WAY("intel_svm_drain_prq", PATH_PAGE_REQUESTS),
	WAY("intel_iommu_drain_pasid_prq", PATH_PAGE_REQUESTS),
	WAY("prq_event_thread", PATH_PAGE_REQUESTS),
	WAY("amd_iommu_", PATH_AMD),
	WAY("iommu_completion_wait", PATH_AMD | PATH_FLUSH),
	WAY("amd_iommu_flush", PATH_FLUSH | PATH_IOTLB),
	WAY("amd_iommu_domain_flush", PATH_FLUSH | PATH_IOTLB),
	WAY("amd_iommu_iotlb_sync", PATH_FLUSH | PATH_IOTLB),
	WAY("arm_smmu_", PATH_ARM),
	WAY("arm_smmu_cmdq_issue", PATH_FLUSH),
	WAY("arm_smmu_tlb_inv", PATH_FLUSH | PATH_IOTLB),
	WAY("arm_smmu_flush_iotlb", PATH_FLUSH | PATH_IOTLB),
	WAY("arm_smmu_iotlb_sync", PATH_FLUSH | PATH_IOTLB),
	WAY("arm_smmu_atc_inv", PATH_FLUSH | PATH_DEV_TLB),
	WAY("riscv_iommu_", PATH_RISCV),
	WAY("riscv_iommu_cmd_sync", PATH_FLUSH),
	WAY("riscv_iommu_iotlb_", PATH_FLUSH | PATH_IOTLB),
};

static bool is_symbol(const char *s, size_t n)
{
	bool letters = false, underscore = false;

	for (size_t i = 0; i < n; i++) {
		if (!isalnum((unsigned char)s[i]) && s[i] != '_' && s[i] != '.')
			return false;
		letters |= !!islower((unsigned char)s[i]);
		underscore |= s[i] == '_';
	}
	return n >= 3 && letters && !isdigit((unsigned char)s[0]) && underscore;
}

void lockup_copy(char *to, size_t room, const char *s, size_t n)
{
	if (n >= room)
		n = room - 1;
	memcpy(to, s, n);
	to[n] = '\0';
}

static unsigned way_of(const char *s, size_t n)
{
	unsigned path = 0;

	for (unsigned i = 0; i < sizeof(ways) / sizeof(*ways); i++)
		if (*s == *ways[i].prefix && ways[i].size <= n &&
		    !memcmp(s, ways[i].prefix, ways[i].size))
			path |= ways[i].path;
	return path;
}

static void add_frame(struct lockup *k, const char *s, size_t n)
{
	const bool waiter = n >= strlen(WAITER) && !strncmp(s, WAITER, strlen(WAITER)) &&
			    (n == strlen(WAITER) || s[strlen(WAITER)] == '.');

	char name[64];

	/*
	 * A frame with "?" may be left over from an earlier call. It counts only if a frame without
	 * "?" shows a flush.
	 */
	if (k->asked) {
		k->mentioned |= waiter;
		if (k->path & PATH_FLUSH)
			k->path |= way_of(s, n) & PATH_LAZY;
		return;
	}
	/* A spinlock function above qi_submit_sync in the trace: the CPU waits for a lock there. */
	k->waits |= waiter;
	if (!k->waits && n < sizeof(name)) {
		lockup_copy(name, sizeof(name), s, n);
		k->lock |= strstr(name, "spin_lock") != NULL;
	}
	k->path |= way_of(s, n);
	k->locking |= (n == 12 && !strncmp(s, "lock_acquire", n)) ||
		      (n == 14 && !strncmp(s, "__lock_acquire", n));
	if (k->shown < MOST_FRAMES && strlen(k->frames) + n + 5 < sizeof(k->frames)) {
		if (k->shown++)
			strcat(k->frames, " <- ");
		strncat(k->frames, s, n);
	}
}

/*
 * True for a word of a call trace that is not a symbol: "?", "<TASK>", "[<ffffffff8148a3c2>]",
 * "[module]", and in crash's "#5 [ffffc4f074f0bbb8] qi_submit_sync at ffffffff8148a3c2" all other
 * words.
 */
static bool is_decoration(const char *s)
{
	return strchr("?<[#", *s) || (!strncmp(s, "at", 2) && strchr(" \n", s[2])) ||
	       strspn(s, "0123456789abcdef") == 16;
}

bool lockup_is_flush(const struct line *l)
{
	const char *s = l->text + l->body, *end = l->text + l->own;

	if (*s == '#' && isdigit((unsigned char)s[1])) { /* a frame that crash has printed */
		s += 1 + strspn(s + 1, "0123456789");
		if (strncmp(s, " [", 2) || strspn(s + 2, "0123456789abcdef") != 16 || s[18] != ']')
			return false;
		s += 19 + strspn(s + 19, " ");
	} else if (!strncmp(s, "[<", 2)) {
		s += strcspn(s, "]");
		s += strspn(s, "] ");
	}
	if (s >= end || !lockup_only_symbols(s, end))
		return false;
	/*
	 * A symbol that is alone on its line is a frame only if it has its offset and the
	 * function's size, or its address.
	 */
	return way_of(s, strcspn(s, "+ \t\n")) & PATH_FLUSH &&
	       (scan_find(l, s, " at", NULL) ||
		(memmem(s, (size_t)(end - s), "+0x", 3) && memmem(s, (size_t)(end - s), "/0x", 3)));
}

bool lockup_has_offset(const char *s, size_t name)
{
	return s[name] == '+' && name >= 2 && isdigit((unsigned char)s[name + 1]);
}

/*
 * Symbols without offsets are frames only if the line has no other words; otherwise it may be
 * prose.
 */
bool lockup_only_symbols(const char *s, const char *end)
{
	for (size_t word; s < end; s += word + !word) {
		word = strcspn(s, " \t\n");
		if (word && !is_decoration(s) && !is_symbol(s, word))
			return false;
	}
	return true;
}

unsigned lockup_frames(struct lockup *k, const char *s, const char *end)
{
	const bool bare = k->in_trace && lockup_only_symbols(s, end);
	unsigned n = 0;

	k->asked = false;
	for (size_t word; s < end; s += word + !word) {
		size_t name;

		word = strcspn(s, " \t\n");
		if (!word)
			continue;
		name = strcspn(s, "+ \t\n");
		if (*s == '?') {
			k->asked = true;
		} else if ((bare && is_symbol(s, name)) || lockup_has_offset(s, name)) {
			add_frame(k, s, name);
			k->asked = false;
			n++;
		}
	}
	return n;
}
