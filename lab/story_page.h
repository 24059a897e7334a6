/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* story_page.h - style and script of a counterexample's page. */
#ifndef LAB_STORY_PAGE_H
#define LAB_STORY_PAGE_H

extern const char story_page_style[];

/*
 * The script uses the data that story_html.c writes before it:
 *
 *  E  for each event: [step, place or -1]
 *  P  for each place: [file, line, function, number of the first line, lines around it]
 *  U  for each unit: its title
 *  R  for each change of a ring:
 *     [step, unit, slots, on, head, tail, faults, [[slot, short, long], ..]]
 */
extern const char story_page_script[];

#endif
