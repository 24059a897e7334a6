/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * bound.h - the core includes machine.h through this file: see QI_HOST_HEADER in <qinval/host.h>.
 */
#include "machine.h"
