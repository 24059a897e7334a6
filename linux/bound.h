/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* bound.h - machine.h as the core includes it: see QI_HOST_HEADER in <qinval/host.h>. */
#include "machine.h"
