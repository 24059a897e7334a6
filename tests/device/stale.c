/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "stale.h"

struct scene s;
uint64_t table, *pte;

void start_again(void)
{
	scene_start(&s, 0);
	table = scene_page(&s);
	scene_attach(&s, SID, DID, table, 1);
	scene_context(&s, SID)[0] |= 1 << 2;
	pte = scene_entry(&s, table, 3, IOVA, 1);
	*pte = FRAME | PTE_RW;
	scene_command(&s, VTD_GCMD_IRE, true);
	*scene_at(&s, SCENE_IRT + 16) = 1;
}

void start(void)
{
	scene_config(&s);
	start_again();
}

uint8_t use(void)
{
	return scene_dma(&s, IOVA, VTD_READ).use;
}

struct qi_desc unmapped(void)
{
	return qi_desc_iotlb(QI_IOTLB_PAGE, DID, IOVA, 0, true, 0);
}

bool is(const uint64_t *qw, unsigned type)
{
	return (qw[0] & 0xf) == type;
}

void plant_dropped(struct scene *sc, uint64_t *qw)
{
	(void)sc;
	if (!is(qw, QI_IWD_TYPE)) {
		qw[0] = QI_IWD_TYPE;
		qw[1] = 0;
	}
}

void lose(struct qi_desc d, struct qi_desc e)
{
	s.spoil = plant_dropped;
	scene_put(&s, d);
	scene_put(&s, e);
	scene_put(&s, scene_wait(&s, 0));
	scene_ring(&s);
	scene_run(&s);
	assert_true(scene_waited(&s));
}

uint8_t pasid_use(void)
{
	return scene_request(&s,
			     (struct vtd_request){
				     .addr = IOVA, .pasid = 3, .sid = SID, .access = VTD_READ })
		.use;
}

uint64_t start_scalable(void)
{
	uint64_t *e, first;

	scene_config(&s);
	scene_start(&s, 1 << 10);
	e = scene_pasid(&s, SID, 3);
	scene_scalable_context(&s, SID)[0] |= 1 << 3;
	first = scene_page(&s);
	e[0] = 1 << 6 | 1;
	e[1] = DID;
	e[2] = first;
	pte = scene_first_entry(&s, first, 4, IOVA, 1);
	*pte = FRAME | 7;
	pasid_use();
	return first;
}
