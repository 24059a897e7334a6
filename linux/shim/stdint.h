/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The types of <stdint.h> that the core uses, made from the kernel's own. */
#ifndef QINVAL_LINUX_STDINT_H
#define QINVAL_LINUX_STDINT_H

#include <linux/types.h>
#include <linux/limits.h>

#ifndef UINT64_MAX
#define UINT64_MAX (~0ULL)
#endif
#ifndef UINT32_MAX
#define UINT32_MAX (~0U)
#endif

#endif
