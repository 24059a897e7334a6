/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "fuzz_internal.h"

#include <inttypes.h>
#include <qinval/desc.h>
#include <qinval/regs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Text ---- */

static const char *register_name(unsigned reg)
{
	static const struct {
		unsigned reg;
		const char *name;
	} names[] = {
		{ DMAR_GCMD_REG, "GCMD" },     { DMAR_RTADDR_REG, "RTADDR" },
		{ DMAR_FSTS_REG, "FSTS" },     { DMAR_FECTL_REG, "FECTL" },
		{ DMAR_FEDATA_REG, "FEDATA" }, { DMAR_FEADDR_REG, "FEADDR" },
		{ DMAR_IQT_REG, "IQT" },       { DMAR_IQA_REG, "IQA" },
		{ DMAR_ICS_REG, "ICS" },       { DMAR_IECTL_REG, "IECTL" },
		{ DMAR_IEDATA_REG, "IEDATA" }, { DMAR_IEADDR_REG, "IEADDR" },
	};

	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].reg == reg)
			return names[i].name;
	return "?";
}

void fuzz_op_text(const struct fuzz_op *op, char text[FUZZ_TEXT])
{
	switch (op->kind) {
	case FUZZ_PUT:
		snprintf(text, FUZZ_TEXT,
			 "descriptor 0x%" PRIx64 " 0x%" PRIx64 " 0x%" PRIx64 " 0x%" PRIx64,
			 op->qw[0], op->qw[1], op->qw[2], op->qw[3]);
		break;
	case FUZZ_RING:
		snprintf(text, FUZZ_TEXT, "IQT := the tail");
		break;
	case FUZZ_WRITE:
		snprintf(text, FUZZ_TEXT, "%s := 0x%" PRIx64 "%s", register_name(op->reg),
			 op->value, op->reg == DMAR_IQT_REG && op->size == 4 ? " (32 bits)" : "");
		break;
	case FUZZ_REPAIR:
		snprintf(
			text, FUZZ_TEXT,
			"a wait in place of the refused descriptor; FSTS := 0x10; IQT := the tail");
		break;
	}
}

/* ---- The run ---- */

struct fuzzer {
	struct fuzz_pair pair;
	struct fuzz_maker maker;
	struct fuzz_stream *stream;
	struct fuzz_result *result;
};

/* True if the streams are equal except for addresses. */
static bool is_same(const struct fuzz_stream *a, const struct fuzz_stream *b)
{
	if (a->ops != b->ops)
		return false;
	for (unsigned i = 0; i < a->ops; i++)
		if (a->op[i].kind != b->op[i].kind || a->op[i].reg != b->op[i].reg ||
		    a->op[i].qw[0] != b->op[i].qw[0])
			return false;
	return true;
}

static bool is_known(const struct fuzz_result *r, const struct fuzz_stream *s)
{
	for (unsigned i = 0; i < r->nfatals; i++)
		if (is_same(&r->fatals[i], s))
			return true;
	return false;
}

/* The stream must stop the device, too: if only the model stops, that is a difference. */
static enum fuzz_end take_fatal(struct fuzzer *f)
{
	struct fuzz_result *r = f->result;
	enum fuzz_end end = FUZZ_FATAL;

	if (r->fatal++ >= FUZZ_FATALS)
		return FUZZ_AGREE;
	fuzz_minimise(&f->pair, f->stream, FUZZ_FATAL, false);
	end = fuzz_replay(&f->pair, f->stream, true);
	if (end == FUZZ_FATAL && !is_known(r, f->stream))
		r->fatals[r->nfatals++] = *f->stream;
	return end == FUZZ_DIFFER ? FUZZ_DIFFER : FUZZ_AGREE;
}

/* Play what has been added to the stream since @from. */
static enum fuzz_end play_from(struct fuzzer *f, unsigned from)
{
	enum fuzz_end end = FUZZ_AGREE;

	for (unsigned i = from; i < f->stream->ops && end == FUZZ_AGREE; i++) {
		f->result->descriptors += f->stream->op[i].kind == FUZZ_PUT;
		end = fuzz_play(&f->pair, &f->stream->op[i], false);
		if (end != FUZZ_AGREE)
			f->stream->ops = i + 1;
	}
	return end;
}

static enum fuzz_end play_stream(struct fuzzer *f, uint64_t until)
{
	unsigned from = 0;
	enum fuzz_end end;

	fuzz_begin(&f->maker, f->stream);
	do {
		end = play_from(f, from);
		from = f->stream->ops;
	} while (end == FUZZ_AGREE && f->result->descriptors < until &&
		 fuzz_continue(&f->maker, f->pair.fsts, f->pair.on, f->stream));
	return end;
}

/* The figures are those of the search, without minimising. */
static void take_figures(struct fuzzer *f)
{
	f->result->looks = f->pair.looks;
	f->result->executed = f->pair.executed;
	f->result->refused = f->pair.refused;
	f->result->messages = f->pair.messages;
}

static void report_difference(struct fuzzer *f, bool confirm)
{
	struct fuzz_result *r = f->result;

	r->differs = true;
	snprintf(r->difference, sizeof(r->difference), "%s", f->pair.difference);
	fuzz_minimise(&f->pair, f->stream, FUZZ_DIFFER, confirm);
	r->stream = *f->stream;
	if (*f->pair.difference)
		snprintf(r->difference, sizeof(r->difference), "%s", f->pair.difference);
}

static bool run(struct fuzzer *f, uint64_t descriptors, bool (*go_on)(uint64_t done, uint64_t all))
{
	struct fuzz_result *r = f->result;
	enum fuzz_end end;

	while (r->descriptors < descriptors && !r->differs && !r->stopped) {
		if (!fuzz_reset(&f->pair))
			return false;
		r->streams++;
		end = play_stream(f, descriptors);
		take_figures(f);
		if (end == FUZZ_DIFFER)
			report_difference(f, false);
		else if (end == FUZZ_FATAL && take_fatal(f) == FUZZ_DIFFER)
			report_difference(f, true);
		f->pair.looks = r->looks;
		f->pair.executed = r->executed;
		f->pair.refused = r->refused;
		f->pair.messages = r->messages;
		r->stopped = go_on && r->descriptors < descriptors &&
			     !go_on(r->descriptors, descriptors);
	}
	return true;
}

bool fuzz_run(const struct conform_device *dev, enum vtd_profile profile, uint64_t seed,
	      uint64_t descriptors, bool (*go_on)(uint64_t done, uint64_t all),
	      struct fuzz_result *r)
{
	struct fuzzer *f = calloc(1, sizeof(*f));
	bool ok = false;

	memset(r, 0, sizeof(*r));
	if (!f)
		return false;
	f->result = r;
	f->stream = calloc(1, sizeof(*f->stream));
	if (f->stream && fuzz_pair_start(&f->pair, dev, profile)) {
		f->maker = (struct fuzz_maker){
			.random = seed,
			.cap = dev->read(dev->ctx, DMAR_CAP_REG, 8),
			.ecap = dev->read(dev->ctx, DMAR_ECAP_REG, 8),
			.ring = dev->memory,
			.status = dev->memory + FUZZ_STATUS_OFFSET,
			.nowhere = dev->nowhere,
		};
		ok = run(f, descriptors, go_on);
		fuzz_pair_stop(&f->pair);
	}
	free(f->stream);
	free(f);
	return ok;
}
