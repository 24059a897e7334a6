/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* owner.h - which of the two has the queues: the kernel or this module. */
#ifndef QINVAL_LINUX_OWNER_H
#define QINVAL_LINUX_OWNER_H

#include "hook.h"
#include "layout.h"

/* Find the kernel's functions that are needed. Returns 0, or a negative errno after a message. */
int owner_open(const struct layout *l);

/* Serves a call for the present owner. The hook leads here. */
hook_fn owner_submit;

/*
 * The caller serialises these two. Each returns 0, or a negative errno after a message; then the
 * owner is unchanged.
 */
int owner_take(void);
int owner_give_back(void);
bool owner_is_ours(void);

/* The same on the only running CPU with interrupts off. */
void owner_suspend(void);
void owner_resume(void);

#endif
