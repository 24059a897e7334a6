/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* learn.h - which words are shared, before an exploration begins. */
#ifndef LAB_LEARN_H
#define LAB_LEARN_H

/*
 * Learn it from some hundred random schedules. What this misses costs the exploration a new start,
 * no more.
 */
void learn_shared_words(void);

#endif
