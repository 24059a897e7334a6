/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "check.h"

#include <describe/describe.h>
#include <inttypes.h>
#include <qinval/regs.h>
#include <stdio.h>

static bool check_event(const struct trace *t, const struct trace_event *e,
			const struct qi_rules *rules, const char *unit, char *error, size_t size)
{
	struct qi_refusal why = qi_desc_refusal(rules, &e->desc);
	unsigned type = qi_desc_type(&e->desc);
	char text[200];

	if (!why.field)
		return true;
	if (type >= QI_TYPES || !qi_type_trace_name(type)) {
		snprintf(error, size,
			 "%s:%u: %s takes type 0x%x (qw0 0x%" PRIx64 "): there are 0x1 to 0x%x",
			 t->name, e->line, unit, type, e->desc.qw0, QI_TYPES - 1);
		return false;
	}
	qi_desc_text(&e->desc, text, sizeof(text));
	snprintf(error, size, "%s:%u: %s takes this descriptor: %s: %s: %s", t->name, e->line, unit,
		 text, why.field, why.reason);
	return false;
}

/* First by the rules of the specification, then by those of the chosen unit. */
bool check_events(const struct trace *t, const struct drive_config *cfg, char *error, size_t size)
{
	const struct device_config device = { .profile = cfg->profile };
	const uint64_t all_cap =
		VTD_CAP_PSI | VTD_CAP_DWD | VTD_CAP_DRD | 0x3fULL << VTD_CAP_MAMV_SHIFT;
	const uint64_t all_ecap = VTD_ECAP_QI | VTD_ECAP_DT | VTD_ECAP_IR | VTD_ECAP_SMTS |
				  VTD_ECAP_PASID | VTD_ECAP_PRS | VTD_ECAP_DIT | VTD_ECAP_PDS |
				  0xfULL << VTD_ECAP_MHMV_SHIFT | 19ULL << VTD_ECAP_PSS_SHIFT;
	struct qi_rules any, this;
	uint64_t cap, ecap;
	char unit[DEVICE_TEXT + 50], what[DEVICE_TEXT];

	if (!cfg->device->capabilities(&device, &cap, &ecap, error, size))
		return false;
	if (cfg->device == &device_sim)
		snprintf(what, sizeof(what), "\"%s\"", vtd_profile_name(cfg->profile));
	else
		cfg->device->describe(what, sizeof(what), &device);
	qi_rules_init(&any, all_cap, all_ecap, cfg->width);
	qi_rules_init(&this, cap, ecap, cfg->width);
	snprintf(unit, sizeof(unit), "no unit with the capabilities of %s", what);
	for (size_t i = 0; i < t->count; i++) {
		const struct trace_event *e = &t->event[i];

		if (!check_event(t, e, &any, "no unit", error, size) ||
		    !check_event(t, e, &this, unit, error, size))
			return false;
		if ((cfg->device == &device_qemu || vtd_profile_is_qemu(cfg->profile)) &&
		    qi_desc_type(&e->desc) == QI_IWD_TYPE && e->desc.qw0 & QI_IWD_IF) {
			snprintf(error, size,
				 "%s:%u: a wait with an interrupt: QEMU does not survive it",
				 t->name, e->line);
			return false;
		}
	}
	return true;
}
