/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* learn.h - learn which words are shared before an exploration begins. */
#ifndef LAB_LEARN_H
#define LAB_LEARN_H

/*
 * Learn it from some hundred random schedules. A word that is missed only costs the exploration a
 * restart.
 */
void learn_shared_words(void);

#endif
