/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* story_page.h - what a counterexample's page looks like, and what it does. */
#ifndef LAB_STORY_PAGE_H
#define LAB_STORY_PAGE_H

extern const char story_page_style[];

/*
 * Works on what story_html.c writes before it:
 *   E  an event each: [step, place or -1]
 *   P  a place each: [file, line, function, number of the first line, lines around it]
 *   U  a unit each: its title
 *   R  a change of a ring each:
 *      [step, unit, slots, on, head, tail, faults, [[slot, short, long], ..]]
 */
extern const char story_page_script[];

#endif
