/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The qtest host by itself: QEMU comes and goes, its registers answer, and nothing is left behind. */
#include "qemu.h"

#include <pthread.h>
#include <qinval/regs.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static struct qtest_config sized(unsigned slots, unsigned width)
{
	return (struct qtest_config){ .slots = slots, .width = width };
}

static struct qi_desc page(unsigned n)
{
	return qi_desc_iotlb(QI_IOTLB_PAGE, 1, n * 4096ULL, 0, false, 0);
}

static void submissions_complete(void **state)
{
	struct qtest_config cfg = sized(256, 128);
	struct rig *r = rig_start(&cfg);

	(void)state;
	for (unsigned i = 0; i < 1000; i++) {
		struct qi_desc d = page(i);

		assert_int_equal(qi_submit_sync(&r->q, &d, i % 2, 0), 0);
	}
	rig_stop(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(submissions_complete),
	};

	if (!qemu_is_here())
		return SKIPPED;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
