/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "pasid.h"

struct scene s;
uint64_t table;

void start(void)
{
	scene_config(&s);
	scene_start(&s, 1 << 10);
	scene_scalable_context(&s, SID);
	scene_pasid(&s, SID, PASID);
	scene_scalable_context(&s, SID)[0] |= 1 << 3; /* PASIDE */
	table = scene_page(&s);
}

uint64_t *map_first(uint32_t pasid, uint64_t flags, uint64_t word2)
{
	uint64_t *e = scene_pasid(&s, SID, pasid), *pte;

	e[0] = FIRST | 1;
	e[1] = DID;
	e[2] = table | word2;
	pte = scene_first_entry(&s, table, 4, IOVA, 1);
	*pte = FRAME | flags;
	return pte;
}

struct vtd_request request(unsigned access)
{
	return (struct vtd_request){
		.addr = IOVA, .pasid = PASID, .sid = SID, .access = (uint8_t)access
	};
}

struct vtd_result go(unsigned access)
{
	return scene_request(&s, request(access));
}

struct vtd_result go_privileged(unsigned access)
{
	struct vtd_request q = request(access);

	q.privileged = true;
	return scene_request(&s, q);
}
