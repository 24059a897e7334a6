/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "inject.h"
#include "oracle.h"

#include <qinval/regs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One strike for so many events to which a fault applies, and a limit on strikes. */
#define EVENTS_PER_STRIKE 300
#define MAX_STRIKES 100
/* The limit for faults that kill the queue, as each takes as long as the time-out. */
#define MAX_DEADLY 2

/* Long enough for other threads to overtake a late device or status write. */
#define LATE_STEPS 200

/* In the message about a device that is not in the trace. */
#define DEVICES_NAMED 8

static bool strikes_device(enum vtd_fault_kind kind)
{
	return kind == VTD_FAULT_SILENT || kind == VTD_FAULT_LATE || kind == VTD_FAULT_LATE_ITE ||
	       kind == VTD_FAULT_WRONG;
}

static bool deadly(enum vtd_fault_kind kind)
{
	return kind == VTD_FAULT_STALL || kind == VTD_FAULT_GONE || kind == VTD_FAULT_LOSE_WRITE;
}

static bool is_dev_tlb(const struct qi_desc *d)
{
	return qi_desc_type(d) == QI_DIOTLB_TYPE || qi_desc_type(d) == QI_DEIOTLB_TYPE;
}

static uint16_t dev_tlb_sid(const struct qi_desc *d)
{
	return d->qw0 >> (qi_desc_type(d) == QI_DIOTLB_TYPE ? 32 : 16);
}

/* ---- the list ---- */

/* False: in QEMU's model every device answers before the doorbell's write returns. */
static bool can_happen(enum vtd_fault_kind kind, enum vtd_profile profile)
{
	return !strikes_device(kind) || !vtd_profile_is_qemu(profile);
}

static enum vtd_fault_kind kind_of(const char *text, size_t len, enum vtd_profile profile)
{
	for (int k = VTD_FAULT_NONE + 1; k < VTD_FAULT_KINDS; k++) {
		const char *name = vtd_fault_name(k);

		if (strlen(name) == len && !strncmp(name, text, len) && can_happen(k, profile))
			return k;
	}
	return VTD_FAULT_NONE;
}

static void list_kinds(enum vtd_profile profile, char *to, size_t size)
{
	int n = 0;

	for (int k = VTD_FAULT_NONE + 1; k < VTD_FAULT_KINDS && n < (int)size; k++)
		if (can_happen(k, profile))
			n += snprintf(to + n, size - n, " %s%s", vtd_fault_name(k),
				      strikes_device(k) ? "[:BUS:DEV.FN]" : "");
}

/* Parse "02:00.0", with nothing after it. */
static bool parse_device(const char *text, size_t len, uint16_t *sid)
{
	unsigned bus, dev, fn;
	int used = 0;

	if (sscanf(text, "%2x:%2x.%1u%n", &bus, &dev, &fn, &used) != 3 || (size_t)used != len ||
	    strspn(text, "0123456789abcdefABCDEF:.") < len || dev > 31 || fn > 7)
		return false;
	*sid = bus << 8 | dev << 3 | fn;
	return true;
}

static bool parse_item(struct fault_item *item, const char *text, size_t len,
		       enum vtd_profile profile, char *error, size_t size)
{
	const char *colon = memchr(text, ':', len);
	size_t n = colon ? (size_t)(colon - text) : len;
	char kinds[300];

	*item = (struct fault_item){ kind_of(text, n, profile), VTD_ANY_SID };
	if (!item->kind) {
		list_kinds(profile, kinds, sizeof(kinds));
		snprintf(error, size, "\"%.*s\" is no fault that a unit \"%s\" has; these are:%s",
			 (int)len, text, vtd_profile_name(profile), kinds);
		return false;
	}
	if (!colon)
		return true;
	if (!strikes_device(item->kind)) {
		snprintf(error, size,
			 "\"%.*s\": %.*s takes no device; silent, late, late-ite and wrong do",
			 (int)len, text, (int)n, text);
		return false;
	}
	if (parse_device(colon + 1, len - n - 1, &item->sid))
		return true;
	snprintf(error, size,
		 "\"%.*s\": expected BUS:DEV.FN in hexadecimal, from 00:00.0 to ff:1f.7, behind "
		 "\"%.*s\"",
		 (int)len, text, (int)n + 1, text);
	return false;
}

bool fault_list_parse(struct fault_list *list, const char *text, enum vtd_profile profile,
		      char *error, size_t size)
{
	for (list->count = 0; list->count < FAULT_ITEMS; text++) {
		size_t len = strcspn(text, ",");

		if (!parse_item(&list->item[list->count], text, len, profile, error, size))
			return false;
		list->count++;
		text += len;
		if (!*text)
			return true;
	}
	snprintf(error, size, "at most %d faults", FAULT_ITEMS);
	return false;
}

void fault_item_text(const struct fault_item *item, char text[FAULT_TEXT])
{
	const char *name = vtd_fault_name(item->kind);

	if (item->sid == VTD_ANY_SID)
		snprintf(text, FAULT_TEXT, "%s", name);
	else
		snprintf(text, FAULT_TEXT, "%s:%02x:%02x.%x", name, item->sid >> 8,
			 item->sid >> 3 & 0x1f, item->sid & 7);
}

/* ---- the plan ---- */

static bool can_strike(const struct fault_item *item, const struct qi_desc *d)
{
	if (strikes_device(item->kind))
		return is_dev_tlb(d) && (item->sid == VTD_ANY_SID || item->sid == dev_tlb_sid(d));
	/* A refusal needs a descriptor of the caller, and a drain has none. */
	return item->kind != VTD_FAULT_REFUSE || qi_desc_type(d) != QI_IWD_TYPE;
}

static bool plan_item(const struct trace *t, const struct fault_item *item, uint8_t mark,
		      uint64_t *random, uint8_t *site)
{
	size_t possible = 0, want, i;

	for (i = 0; i < t->count; i++)
		possible += !site[i] && can_strike(item, &t->event[i].desc);
	want = possible / EVENTS_PER_STRIKE + 1;
	if (want > MAX_STRIKES)
		want = MAX_STRIKES;
	if (deadly(item->kind) && want > MAX_DEADLY)
		want = MAX_DEADLY;
	if (!possible)
		return false;
	/* Choose among the remaining events with equal probability. */
	for (i = 0; want; i++) {
		if (site[i] || !can_strike(item, &t->event[i].desc))
			continue;
		if (random_next(random) % possible-- < want) {
			site[i] = mark;
			want--;
		}
	}
	return true;
}

/* List the first few devices with device-TLB invalidations in the trace. False: there are none. */
static bool list_devices(const struct trace *t, char *to, size_t size)
{
	static bool has[UINT16_MAX + 1];
	unsigned found = 0;
	int n = 0;

	memset(has, 0, sizeof(has));
	for (size_t i = 0; i < t->count; i++)
		if (is_dev_tlb(&t->event[i].desc))
			has[dev_tlb_sid(&t->event[i].desc)] = true;
	for (unsigned sid = 0; sid <= UINT16_MAX && n < (int)size; sid++) {
		if (!has[sid] || found++ > DEVICES_NAMED)
			continue;
		if (found > DEVICES_NAMED)
			n += snprintf(to + n, size - n, ", ...");
		else
			n += snprintf(to + n, size - n, "%s%02x:%02x.%x", n ? ", " : "", sid >> 8,
				      sid >> 3 & 0x1f, sid & 7);
	}
	return found;
}

static void explain_none(const struct trace *t, const struct fault_item *item, char *error,
			 size_t size)
{
	char text[FAULT_TEXT], devices[200];
	size_t could = 0;

	fault_item_text(item, text);
	for (size_t i = 0; i < t->count; i++)
		could += can_strike(item, &t->event[i].desc);
	if (could)
		snprintf(error, size,
			 "the trace has no further event that %s could strike: name fewer faults",
			 text);
	else if (!strikes_device(item->kind))
		snprintf(error, size, "%s strikes descriptors, and the trace has only waits", text);
	else if (!list_devices(t, devices, sizeof(devices)))
		snprintf(error, size, "%s strikes device-TLB invalidations, and the trace has none",
			 text);
	else
		snprintf(error, size,
			 "%s: the trace has no device-TLB invalidation of this device, but of %s",
			 text, devices);
}

bool inject_plan(const struct trace *t, const struct fault_list *list, uint64_t seed, uint8_t *site,
		 char *error, size_t size)
{
	for (unsigned i = 0; i < list->count; i++) {
		if (plan_item(t, &list->item[i], i + 1, &seed, site))
			continue;
		explain_none(t, &list->item[i], error, size);
		return false;
	}
	return true;
}

/* ---- arming and disarming ---- */

bool injector_init(struct injector *in, struct threads_host *h, enum vtd_profile profile,
		   size_t room)
{
	in->host = h;
	in->reports_iqei = !vtd_profile_is_qemu(profile);
	in->opened = in->closed = 0;
	pthread_mutex_init(&in->lock, NULL);
	in->log = calloc(room + 1, sizeof(*in->log));
	return in->log;
}

void injector_free(struct injector *in)
{
	pthread_mutex_destroy(&in->lock);
	free(in->log);
}

static struct vtd_fault make_fault(const struct fault_item *item, const struct qi_desc *d,
				   uint64_t *random)
{
	struct vtd_fault f = { .kind = item->kind, .count = 1, .steps = LATE_STEPS };

	if (strikes_device(item->kind)) {
		f.sid = dev_tlb_sid(d);
		f.no_sid = random_next(random) & 1;
		f.count = 0; /* until disarmed, so that every retry fails, too */
	} else if (item->kind == VTD_FAULT_REFUSE) {
		f.type = qi_desc_type(d);
		f.qw1 = d->qw1;
		f.qw1_mask = ~0ULL;
		f.iqei = random_next(random) & 1 ? VTD_IQEI_TYPE : VTD_IQEI_RESERVED;
	} else if (item->kind == VTD_FAULT_STALL || item->kind == VTD_FAULT_GONE ||
		   item->kind == VTD_FAULT_TWICE) {
		f.count = 0;
	}
	return f;
}

void inject_begin(struct injector *in, const struct fault_item *item, const struct qi_desc *d,
		  uint64_t *random)
{
	struct injection *i;

	pthread_mutex_lock(&in->lock);
	i = &in->log[in->opened];
	i->fault = make_fault(item, d, random);
	i->desc = *d;
	/* Published before the fault is armed, so that each thread that is hit finds it. */
	__atomic_store_n(&in->opened, in->opened + 1, __ATOMIC_RELEASE);
	threads_fault_arm(in->host, &i->fault);
}

void inject_end(struct injector *in)
{
	threads_fault_clear(in->host, VTD_FAULT_NONE);
	__atomic_store_n(&in->closed, in->opened, __ATOMIC_RELEASE);
	pthread_mutex_unlock(&in->lock);
}

void inject_revive(struct injector *in)
{
	threads_fault_clear(in->host, VTD_FAULT_GONE);
}

/* ---- explaining failures ---- */

uint32_t inject_mark(const struct injector *in)
{
	return __atomic_load_n(&in->closed, __ATOMIC_ACQUIRE);
}

static bool explains_iqe(const struct injector *in, unsigned iqei, const struct qi_error *e)
{
	return e->code == -QI_ERR_IQE && e->iqei == (in->reports_iqei ? iqei : VTD_IQEI_NONE);
}

static bool explains(const struct injector *in, const struct injection *i, const struct qi_desc *d,
		     const struct qi_error *e)
{
	const struct vtd_fault *f = &i->fault;

	switch (f->kind) {
	case VTD_FAULT_SILENT:
	case VTD_FAULT_LATE_ITE:
	case VTD_FAULT_WRONG:
		return e->code == -QI_ERR_DEVICE && d && is_dev_tlb(d) &&
		       dev_tlb_sid(d) == f->sid && e->sid == f->sid && e->index == 0;
	case VTD_FAULT_REFUSE:
		return explains_iqe(in, f->iqei, e) && d && e->index == 0 &&
		       qi_desc_type(d) == f->type && d->qw1 == f->qw1;
	/* it may strike any descriptor, and the core repeats one whose fetch failed */
	case VTD_FAULT_FETCH:
		return !in->reports_iqei && explains_iqe(in, VTD_IQEI_NONE, e);
	case VTD_FAULT_GONE:
		if (e->code == -QI_ERR_GONE)
			return true;
		/* fall through */
	case VTD_FAULT_STALL:
		/* The queue is off for a moment while it is reset. */
		return e->code == -QI_ERR_DEAD || e->code == -QI_ERR_TIMEOUT ||
		       e->code == -QI_ERR_OFF;
	case VTD_FAULT_LOSE_WRITE:
		return e->code == -QI_ERR_TIMEOUT;
	default:
		return false;
	}
}

bool inject_explains(const struct injector *in, uint32_t mark, const struct qi_desc *d,
		     const struct qi_error *e)
{
	uint32_t end = __atomic_load_n(&in->opened, __ATOMIC_ACQUIRE);

	for (; mark < end; mark++)
		if (explains(in, &in->log[mark], d, e))
			return true;
	return false;
}
