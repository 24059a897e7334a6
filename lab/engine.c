/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "engine.h"

#include "age.h"
#include "protocol/watch.h"
#include "rivals/amd.h"
#include "rivals/linux.h"
#include "rivals/smmuv3.h"

#include <string.h>

#include <qinval/regs.h>

const struct engine *engine;
struct qi *engine_queue;
struct vtd_unit *engine_unit;
unsigned engine_slots;

/* A unit with every capability that the specification has. */
#define CAP (VTD_CAP_PSI | 18ULL << VTD_CAP_MAMV_SHIFT | VTD_CAP_DWD | VTD_CAP_DRD)
#define ECAP                                                                                   \
	(VTD_ECAP_C | VTD_ECAP_QI | VTD_ECAP_DT | VTD_ECAP_IR | 15ULL << VTD_ECAP_MHMV_SHIFT | \
	 VTD_ECAP_PRS | 19ULL << VTD_ECAP_PSS_SHIFT | VTD_ECAP_PASID | VTD_ECAP_DIT |          \
	 VTD_ECAP_PDS | VTD_ECAP_SMTS)

static const char *show_state(uint64_t value)
{
	static const char *const names[] = { "FREE", "IN_USE", "DONE", "ABORT" };

	return value < 4 ? names[value] : NULL;
}

/* ---- the core ---- */

static const char *core_setup(const struct lab_params *p, const struct engine_options *o)
{
	struct qi_config cfg = { .host = o->host, .slots = p->slots, .width = p->width };
	struct qi *q = lab_alloc(sizeof(*q));
	const char *why;

	cfg.ctx = lab_lock_new("q_lock");
	cfg.ring.size = QI_RING_BYTES(p->slots, p->width);
	cfg.ring.virt = lab_alloc_dma(cfg.ring.size);
	cfg.ring.phys = (uintptr_t)cfg.ring.virt;
	cfg.status.size = o->spread ? QI_STATUS_BYTES_SPREAD(p->slots) : QI_STATUS_BYTES(p->slots);
	cfg.status.virt = lab_alloc(cfg.status.size);
	cfg.status.phys = (uintptr_t)cfg.status.virt;
	cfg.slot = lab_alloc(p->slots * sizeof(*cfg.slot));
	cfg.cap = CAP;
	cfg.ecap = ECAP;
	cfg.poll_budget = o->poll_budget ? o->poll_budget : 1;
	cfg.retries = o->retries ? o->retries : QI_NO_RETRY;
	if (o->interrupt) {
		cfg.interrupt.enable = true;
		cfg.interrupt.data = LAB_COMPLETION;
		cfg.interrupt.addr = 0xfee00000;
	}
	if (!q || !cfg.ctx || !cfg.ring.virt || !cfg.status.virt || !cfg.slot)
		return "out of memory";
	/* Memory is never zero, and the queue is new only if the scenario asks for that. */
	age_fill(q, sizeof(*q), 1);
	age_fill(cfg.ring.virt, cfg.ring.size, 2);
	age_fill(cfg.status.virt, cfg.status.size, 3);
	age_fill(cfg.slot, p->slots * sizeof(*cfg.slot), 4);
	if (qi_init_why(q, &cfg, &why))
		return why;
	age_queue(q, p->laps, p->laps);
	lab_name_struct(q, sizeof(*q), "q", "qi");
	lab_name(cfg.status.virt, "status", o->spread ? 64 : 4, p->slots, NULL);
	lab_name(cfg.slot, "slot", sizeof(*cfg.slot), p->slots, show_state);
	lab_name(cfg.ring.virt, "ring", p->width / 8, p->slots, NULL);
	engine_queue = q;
	return qi_enable(q) ? "qi_enable() fails" : NULL;
}

static const char *watched_setup(const struct lab_params *p, const struct engine_options *o)
{
	const char *why = core_setup(p, o);

	if (why)
		return why;
	if (!protocol_watch)
		return "engine watched: compile lab/protocol/watch.c along";
	if (o->profile != VTD_SPEC)
		return "engine watched: QEMU's unit takes several steps of the model in one; use "
		       "ticketed";
	return protocol_watch(engine_queue, engine_unit) ? NULL : "out of memory";
}

static int core_submit_sync(const struct qi_desc *desc, unsigned count, unsigned options)
{
	return qi_submit_sync(engine_queue, desc, count, options);
}

/* ---- the algorithms of other drivers ---- */

static void *rival;

/* Allocate the queue, and fill in its configuration. */
static const char *rival_alloc(const struct lab_params *p, const struct engine_options *o,
			       size_t size, struct qi_config *cfg)
{
	*cfg = (struct qi_config){
		.host = o->host, .ctx = lab_lock_new("q_lock"), .slots = p->slots, .width = p->width
	};
	rival = lab_alloc(size);
	cfg->ring.size = QI_RING_BYTES(p->slots, p->width);
	cfg->ring.virt = lab_alloc_dma(cfg->ring.size);
	cfg->ring.phys = (uintptr_t)cfg->ring.virt;
	cfg->status.size = QI_STATUS_BYTES(p->slots);
	cfg->status.virt = lab_alloc(cfg->status.size);
	cfg->status.phys = (uintptr_t)cfg->status.virt;
	if (!rival || !cfg->ctx || !cfg->ring.virt || !cfg->status.virt)
		return "out of memory";
	lab_name(cfg->ring.virt, "ring", p->width / 8, p->slots, NULL);
	return NULL;
}

static const char *setup_linux(const struct lab_params *p, const struct engine_options *o,
			       enum linux_year year)
{
	struct qi_config cfg;
	const char *why = rival_alloc(p, o, sizeof(struct linux_queue), &cfg);

	if (why)
		return why;
	lab_name_struct(rival, sizeof(struct linux_queue), "q", "linux_queue");
	lab_name(cfg.status.virt, "status", 4, p->slots, show_state);
	linux_start(rival, &cfg, year);
	return NULL;
}

static const char *setup_2023(const struct lab_params *p, const struct engine_options *o)
{
	return setup_linux(p, o, LINUX_2023);
}

static const char *setup_2024(const struct lab_params *p, const struct engine_options *o)
{
	return setup_linux(p, o, LINUX_2024);
}

static const char *setup_2026(const struct lab_params *p, const struct engine_options *o)
{
	return setup_linux(p, o, LINUX_2026);
}

static int submit_to_linux(const struct qi_desc *desc, unsigned count, unsigned options)
{
	return linux_submit_sync(rival, desc, count, options);
}

static const char *setup_smmuv3(const struct lab_params *p, const struct engine_options *o)
{
	struct qi_config cfg;
	const char *why = rival_alloc(p, o, sizeof(struct smmuv3_queue), &cfg);

	if (why)
		return why;
	lab_name_struct(rival, sizeof(struct smmuv3_queue), "q", "smmuv3_queue");
	lab_name(cfg.status.virt, "status", 4, p->slots, show_state);
	smmuv3_start(rival, &cfg);
	return NULL;
}

static int submit_to_smmuv3(const struct qi_desc *desc, unsigned count, unsigned options)
{
	return smmuv3_submit_sync(rival, desc, count, options);
}

static const char *setup_amd(const struct lab_params *p, const struct engine_options *o)
{
	struct qi_config cfg;
	const char *why = rival_alloc(p, o, sizeof(struct amd_queue), &cfg);

	if (why)
		return why;
	lab_name_struct(rival, sizeof(struct amd_queue), "q", "amd_queue");
	lab_name(cfg.status.virt, "number", 4, 1, NULL);
	amd_start(rival, &cfg);
	return NULL;
}

static int submit_to_amd(const struct qi_desc *desc, unsigned count, unsigned options)
{
	return amd_submit_sync(rival, desc, count, options);
}

/* ---- all engines ---- */

const struct engine engines[] = {
	{ "ticketed", "qinval's own: insertion without a lock, shared doorbells", true, core_setup,
	  core_submit_sync, false },
	{ "watched", "the same, each step compared with the slot protocol's model", true,
	  watched_setup, core_submit_sync, true },
	{ "linux-2023", "one status word a slot, reclaim frees what is DONE", false, setup_2023,
	  submit_to_linux, false },
	{ "linux-2024", "the same, reclaim frees what its owner has marked FREE", false, setup_2024,
	  submit_to_linux, false },
	{ "linux-2026", "the same, and a time-out is survived whichever slots waits have", false,
	  setup_2026, submit_to_linux, false },
	{ "smmuv3", "insertion by compare-and-swap, one rings for all; handles no faults", false,
	  setup_smmuv3, submit_to_smmuv3, false },
	{ "amd", "one lock, one word that counts completions; handles no faults", false, setup_amd,
	  submit_to_amd, false },
	{ 0 },
};

const struct engine *engine_find(const char *name)
{
	const struct engine *e = engines;

	while (e->name && strcmp(e->name, name))
		e++;
	return e->name ? e : NULL;
}

const char *engine_setup(const struct lab_params *p, const struct engine_options *o)
{
	struct engine_options options = *o;
	struct vtd_config unit = {
		.profile = o->profile,
		.cap = CAP,
		.ecap = ECAP,
		.cache_room = o->cache_room ? o->cache_room : 4,
		.window = o->window ? o->window : 1,
		.slots = p->slots <= 16 ? p->slots : 0,
	};

	engine = engine_find(p->engine);
	engine_slots = p->slots;
	if (!engine)
		return "no such engine";
	if (!options.host)
		options.host = &lab_host;
	engine_unit = lab_unit(&unit);
	if (!engine_unit)
		return "out of memory";
	return engine->setup(p, &options);
}

const char *engine_setup_core(const struct lab_params *p, const struct engine_options *o)
{
	const struct engine *e = engine_find(p->engine);

	if (e && !e->is_core)
		return "this scenario needs more of a driver than qi_submit_sync()";
	return engine_setup(p, o);
}
