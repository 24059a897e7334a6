/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "report.h"

#include "faults.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include <qinval/regs.h>

static const char *const type_names[GUEST_TYPES] = {
	[1] = "context cache", [2] = "IOTLB",	     [3] = "device TLB",
	[4] = "interrupts",    [5] = "wait",	     [6] = "PASID IOTLB",
	[7] = "PASID cache",   [8] = "PASID devTLB", [9] = "page response",
};

/*
 * True if nothing was invalidated after the global IOTLB invalidation that each unit gets when it
 * is turned on.
 */
static bool is_unused(const struct guest_share *share)
{
	return share->type[2] + share->type[6] <= share->units;
}

const char *guest_report_verdict(const struct session *s, enum guest_result *result)
{
	const struct guest_share *share = s->vm.share;

	*result = VERDICT_WRONG;
	switch (s->end) {
	case SESSION_UNUSABLE:
		*result = VERDICT_UNUSABLE;
		return "unusable";
	case SESSION_INTERRUPTED:
		*result = VERDICT_UNKNOWN;
		return "interrupted";
	case SESSION_HANG:
		return "hang";
	default:
		break;
	}
	if (share->stale)
		return "stale";
	if (s->damaged > 0)
		return "damaged";
	if (s->end == SESSION_ENDED)
		return "ended";
	if (s->end == SESSION_FAILED)
		return "failed";
	if (share->false_completions > share->repeated)
		return "false completion";
	if (s->end == SESSION_IDLE)
		return "lost";
	*result = VERDICT_UNKNOWN;
	if (s->end == SESSION_TIME)
		return "unknown";
	if (is_unused(share) && !s->cfg->qemus_own)
		return "nothing submitted";
	*result = VERDICT_FINE;
	return "ok";
}

uint64_t guest_report_descriptors(const struct guest_share *share)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < GUEST_TYPES; i++)
		n += share->type[i];
	return n;
}

uint64_t guest_report_latency(const struct guest_share *share, unsigned percent)
{
	uint64_t all = 0, n = 0;

	for (unsigned i = 0; i < GUEST_LATENCIES; i++)
		all += share->latency[i];
	for (unsigned i = 0; i < GUEST_LATENCIES; i++) {
		n += share->latency[i];
		if (n * 100 >= all * percent)
			return 2ULL << i;
	}
	return 0;
}

/* ---- as text ---- */

static void print_device(const struct guest_event *e)
{
	printf("%02x:%02x.%u", e->sid >> 8, e->sid >> 3 & 31, e->sid & 7);
	if (*e->device)
		printf(" (%s)", e->device);
}

static void print_use(const struct guest_event *e)
{
	printf("  %.3f s: ", (double)e->ns / 1e9);
	print_device(e);
	printf(" used 0x%" PRIx64 " of domain %u as frame 0x%" PRIx64, e->iova, e->did, e->cached);
	if (e->table)
		printf("; the tables say 0x%" PRIx64, e->table);
	if (e->planted)
		printf("; missing is what plant %u altered: 0x%" PRIx64 " 0x%" PRIx64, e->planted,
		       e->qw[0], e->qw[1]);
	else if (e->qw[0])
		printf("; nearest was 0x%" PRIx64 " 0x%" PRIx64, e->qw[0], e->qw[1]);
	putchar('\n');
}

#define SHOWN 5 /* uses, faults */

static void print_uses(const struct session *s)
{
	unsigned shown = 0;

	for (unsigned i = 0; i < guest_events(s->vm.share) && shown < SHOWN; i++) {
		const struct guest_event *e = &s->vm.share->event[i];

		if (e->kind != GUEST_STALE)
			continue;
		if (!shown++)
			printf("stale uses, the first ones:\n");
		print_use(e);
	}
}

/* The next event in which software cleared the error of this fault. */
static const struct guest_event *next_cleared(const struct guest_share *share, unsigned from)
{
	for (unsigned i = from; i < guest_events(share); i++)
		if (share->event[i].kind == GUEST_CLEARED)
			return &share->event[i];
	return NULL;
}

static void print_faults(const struct session *s)
{
	const struct guest_share *share = s->vm.share;
	unsigned shown = 0;

	for (unsigned i = 0; i < guest_events(share) && shown < SHOWN; i++) {
		const struct guest_event *e = &share->event[i], *cleared;

		if (e->kind != GUEST_FAULT)
			continue;
		if (!shown++)
			printf("faults, the first ones:\n");
		cleared = next_cleared(share, i);
		printf("  %.3f s: %s, slot %u, 0x%" PRIx64 " 0x%" PRIx64, (double)e->ns / 1e9,
		       guest_fault_name(e->fault), e->slot, e->qw[0], e->qw[1]);
		if (*e->device) {
			fputs(", of ", stdout);
			print_device(e);
		}
		if (cleared)
			printf("; software cleared FSTS 0x%x after %.0f us", cleared->code,
			       (double)(cleared->ns - e->ns) / 1e3);
		putchar('\n');
	}
}

static void print_counts(const struct guest_share *share)
{
	printf("submissions         %" PRIu64 ", doorbells %" PRIu64 "\n", share->submissions,
	       share->doorbells);
	printf("descriptors         %" PRIu64 ":", guest_report_descriptors(share));
	for (unsigned i = 0; i < GUEST_TYPES; i++)
		if (share->type[i])
			printf(" %s %" PRIu64, type_names[i] ? type_names[i] : "?", share->type[i]);
	printf("\ntranslations        %" PRIu64 ", of the cache %" PRIu64 "\n", share->translations,
	       share->hits);
	printf("stale uses          %" PRIu64 ", in the legal window %" PRIu64 ", blocked %" PRIu64
	       "\n",
	       share->stale, share->window, share->blocked);
	printf("false completions   %" PRIu64 ", repeated %" PRIu64 "\n", share->false_completions,
	       share->repeated);
	printf("interrupts          %" PRIu64 " of devices remapped, %" PRIu64 " of the unit\n",
	       share->remapped, share->interrupts);
	printf("doorbell to status  half below %.1f us, 99%% below %.1f us\n",
	       (double)guest_report_latency(share, 50) / 1e3,
	       (double)guest_report_latency(share, 99) / 1e3);
	if (share->injected)
		printf("faults              %" PRIu64 ": refused %" PRIu64 ", timed out %" PRIu64
		       ", status writes lost %" PRIu64 ", interrupts lost %" PRIu64 "\n",
		       share->injected, share->refused, share->timed_out, share->lost_writes,
		       share->lost_interrupts);
	if (share->planted)
		printf("plants              %" PRIu64 ", of which uses reveal %" PRIu64 "\n",
		       share->planted, share->found);
}

static void print_places(const struct sample *sample)
{
	for (unsigned i = 0; i < sample->cpus; i++)
		printf("  CPU %u: %s\n", i, sample->cpu[i].halted ? "idle" : sample->cpu[i].where);
}

void guest_report_text(const struct session *s)
{
	enum guest_result result;
	const char *verdict = guest_report_verdict(s, &result);

	if (s->end == SESSION_UNUSABLE) {
		fprintf(stderr, "qinval guest: %s\n", s->why);
		return;
	}
	printf("kernel              %s%s\n", s->kernel.release,
	       s->cfg->initrd ? ", initrd of your own: addresses have no names" : "");
	if (s->to_work > 0)
		printf("boot to work        %.0f s\n", s->to_work);
	if (s->at_work > 0)
		printf("work                %.1f s\n", s->at_work);
	print_counts(s->vm.share);
	print_uses(s);
	print_faults(s);
	if (s->damaged >= 0)
		printf("data                %s\n", s->damaged ? "" : "equal at both ends");
	if (s->damaged > 0)
		printf("  %ld blocks of 4 KiB are damaged\n", s->damaged);
	if (s->hang.found) {
		printf("hang                %s\n", s->hang.says);
		print_places(&s->hang.last);
	}
	if (s->end == SESSION_TIME) {
		printf("time is up; the processors are here:\n");
		print_places(&s->last);
	}
	printf("verdict             %s%s%s, after %.0f s\n", verdict, *s->why ? ": " : "", s->why,
	       s->seconds);
}

/* ---- as JSON ---- */

static json_t *count_json(const char *const *names, const uint64_t *n, unsigned count)
{
	json_t *o = json_object();

	for (unsigned i = 0; i < count; i++)
		if (n[i])
			json_object_set_new(o, names[i] ? names[i] : "other",
					    json_integer((json_int_t)n[i]));
	return o;
}

/* The number of faults of each kind. */
static json_t *faults_json(const struct guest_share *share)
{
	const char *names[GUEST_FAULT_KINDS];

	for (unsigned i = 0; i < GUEST_FAULT_KINDS; i++)
		names[i] = guest_fault_name((enum guest_fault_kind)i);
	return count_json(names, share->fault, GUEST_FAULT_KINDS);
}

static json_t *hang_json(const struct hang *h)
{
	if (!h->found)
		return json_null();
	return json_pack("{sissso}", "cpus", (int)h->cpus, "where", h->says, "history",
			 h->history ? json_integer(h->history) : json_null());
}

static json_t *session_json(const struct session *s)
{
	static const struct guest_share nothing;
	const struct guest_share *c = s->vm.share ? s->vm.share : &nothing;
	enum guest_result result;
	const char *verdict = guest_report_verdict(s, &result);
	json_t *o = json_object();
	const struct {
		const char *key;
		uint64_t n;
	} counts[] = {
		{ "submissions", c->submissions },
		{ "translations", c->translations },
		{ "hits", c->hits },
		{ "stale", c->stale },
		{ "window", c->window },
		{ "false_completions", c->false_completions },
		{ "repeated", c->repeated },
	};

	json_object_set_new(o, "kernel", json_string(s->kernel.release));
	for (unsigned i = 0; i < sizeof(counts) / sizeof(*counts); i++)
		json_object_set_new(o, counts[i].key, json_integer((json_int_t)counts[i].n));
	json_object_set_new(o, "descriptors", count_json(type_names, c->type, GUEST_TYPES));
	json_object_set_new(o, "faults", faults_json(c));
	json_object_set_new(o, "plants",
			    json_pack("{sIsI}", "planted", (json_int_t)c->planted, "found",
				      (json_int_t)c->found));
	json_object_set_new(o, "hang", hang_json(&s->hang));
	json_object_set_new(o, "verdict", json_string(verdict));
	if (*s->why)
		json_object_set_new(o, "why", json_string(s->why));
	if (s->at_work > 0) {
		json_object_set_new(o, "work_seconds", json_real(s->at_work));
		json_object_set_new(o, "work_cpu_seconds", json_real(s->cpu_at_work));
	}
	json_object_set_new(o, "seconds", json_real(s->seconds));
	return o;
}

void guest_report_json(const struct session *s, const struct session *without)
{
	json_t *o = session_json(s);

	if (without) {
		json_object_set_new(o, "module",
				    json_pack("{ssss}", "file", s->cfg->module, "parameters",
					      s->cfg->parameters ? s->cfg->parameters : ""));
		json_object_set_new(o, "without", session_json(without));
	}
	json_dumpf(o, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(6));
	putchar('\n');
	json_decref(o);
}
