// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#include <linux/nmi.h>
#include <linux/percpu.h>
#include "machine.h"

static DEFINE_PER_CPU(unsigned int, turns);

void machine_relax(void)
{
	cpu_relax();
	if (unlikely(!(this_cpu_inc_return(turns) % MACHINE_PATIENCE)))
		touch_nmi_watchdog();
}
