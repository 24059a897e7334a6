/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* owner.h - whose the queues are. */
#ifndef QINVAL_LINUX_OWNER_H
#define QINVAL_LINUX_OWNER_H

#include "hook.h"
#include "layout.h"

/* Find what is needed of the kernel's. 0, or a negative errno: it has said what is missing. */
int owner_open(const struct layout *l);

/* Serves a call, whoever the owner is. Where the hook leads to. */
hook_fn owner_submit;

/* One at a time. 0, or a negative errno: it has said why, and the owner is who it was. */
int owner_take(void);
int owner_give_back(void);
bool owner_is_ours(void);

/* The same where there is one CPU, with interrupts off. */
void owner_suspend(void);
void owner_resume(void);

#endif
