/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* A user in C++: what it calls is linked and works, with the library's names as C has them. */
#include <cstdio>
#include <cstring>

#include <device/translation.h>
#include <device/vtd.h>
#include <qinval/qi.h>

int main()
{
	const qi_desc page = qi_desc_iotlb(QI_IOTLB_PAGE, 1, 0x1000, 0, false, 0);
	uint64_t cap, ecap;
	qi_rules rules;

	vtd_profile_caps(VTD_SPEC, &cap, &ecap);
	qi_rules_init(&rules, cap, ecap, 128);
	if (qi_desc_refusal(&rules, &page).field) {
		std::puts("a good descriptor is refused");
		return 1;
	}
	std::puts(qi_strerror(0));
	return std::strcmp(qi_strerror(0), "success") != 0;
}
