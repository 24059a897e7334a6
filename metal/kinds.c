/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "kinds.h"

#include <qinval/regs.h>

#include "qemu.h"

#define DID 1
#define SID 0x0010 /* 00:02.0 */
#define PASID 1
#define ADDRESS 0x12345000ULL

static bool scalable(const struct unit *u)
{
	return u->q.cfg.width == 256;
}

/* Leaves out a descriptor that the unit does not support, which the rules refuse. */
static void add(struct kinds *k, const struct unit *u, struct qi_desc d)
{
	if (k->n < KINDS_MOST && qi_desc_valid(&u->q.rules, &d))
		k->desc[k->n++] = d;
}

static void add_iotlb(struct kinds *k, const struct unit *u)
{
	uint64_t drain =
		(u->cap & VTD_CAP_DRD ? QI_IOTLB_DR : 0) | (u->cap & VTD_CAP_DWD ? QI_IOTLB_DW : 0);

	add(k, u, qi_desc_iotlb(QI_IOTLB_GLOBAL, 0, 0, 0, false, drain));
	add(k, u, qi_desc_iotlb(QI_IOTLB_DOMAIN, DID, 0, 0, false, drain));
	add(k, u, qi_desc_iotlb(QI_IOTLB_PAGE, DID, ADDRESS, 0, false, 0));
	add(k, u, qi_desc_iotlb(QI_IOTLB_PAGE, DID, ADDRESS, 0, true, drain));
	add(k, u, qi_desc_iotlb(QI_IOTLB_PAGE, DID, 0, VTD_CAP_MAMV(u->cap), false, drain));
}

void kinds_of_type(struct kinds *k, const struct unit *u, unsigned type)
{
	k->n = 0;
	switch (type) {
	case QI_CC_TYPE:
		add(k, u, qi_desc_context(QI_CC_GLOBAL, 0, 0, 0));
		add(k, u, qi_desc_context(QI_CC_DOMAIN, DID, 0, 0));
		add(k, u, qi_desc_context(QI_CC_DEVICE, DID, SID, 0));
		break;
	case QI_IOTLB_TYPE:
		add_iotlb(k, u);
		break;
	case QI_DIOTLB_TYPE:
		/* QEMU answers for devices that do not exist; hardware would wait for an answer. */
		if (qemu())
			add(k, u, qi_desc_dev_tlb(SID, 0, 1, ADDRESS, 0));
		break;
	case QI_IEC_TYPE:
		add(k, u, qi_desc_iec(QI_IEC_GLOBAL, 0, 0));
		add(k, u, qi_desc_iec(QI_IEC_INDEX, 1, 0));
		add(k, u, qi_desc_iec(QI_IEC_INDEX, 0, VTD_ECAP_MHMV(u->ecap)));
		break;
	case QI_EIOTLB_TYPE:
		if (!scalable(u))
			break;
		add(k, u, qi_desc_piotlb(QI_PIOTLB_PASID, DID, PASID, 0, 0, false));
		add(k, u, qi_desc_piotlb(QI_PIOTLB_PAGE, DID, PASID, ADDRESS, 0, false));
		break;
	case QI_PC_TYPE:
		if (!scalable(u))
			break;
		add(k, u, qi_desc_pasid_cache(QI_PC_DOMAIN, DID, 0));
		add(k, u, qi_desc_pasid_cache(QI_PC_PASID, DID, PASID));
		add(k, u, qi_desc_pasid_cache(QI_PC_GLOBAL, 0, 0));
		break;
	}
}

void kinds_of_all(struct kinds *k, const struct unit *u)
{
	struct kinds some;
	unsigned type, i;

	k->n = 0;
	for (type = QI_CC_TYPE; type < QI_TYPES; type++) {
		kinds_of_type(&some, u, type);
		for (i = 0; i < some.n && k->n < KINDS_MOST; i++)
			k->desc[k->n++] = some.desc[i];
	}
}

const char *kinds_left_out(const struct unit *u, unsigned type)
{
	switch (type) {
	case QI_DIOTLB_TYPE:
		return u->ecap & VTD_ECAP_DT ? "needs a device with its ATS on" : NULL;
	case QI_DEIOTLB_TYPE:
		return scalable(u) && u->ecap & VTD_ECAP_DT ? "needs a device with its ATS on"
							    : NULL;
	case QI_PGRP_RESP_TYPE:
		return u->ecap & VTD_ECAP_PRS ? "needs a device that has asked for a page" : NULL;
	}
	return NULL;
}
