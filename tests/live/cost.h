/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* cost.h - an instruction without effect, which compilers do not emit. */
#ifndef COST_H
#define COST_H

/* nopl 0x564e4951(%rax,%rax,1) */
#define COST_MARK 0x0f, 0x1f, 0x84, 0x00, 0x51, 0x49, 0x4e, 0x56

#endif
