/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* domains.h - which devices a unit's tables put into a domain. */
#ifndef QINVAL_LINUX_DOMAINS_H
#define QINVAL_LINUX_DOMAINS_H

#include <linux/types.h>

/*
 * True if the device with this source id is in the domain, with or without a PASID, by the tables
 * that a unit with this RTADDR uses. Also true if they cannot be read. Any context.
 */
bool domains_may_have(u64 rtaddr, u16 sid, u16 did);

#endif
