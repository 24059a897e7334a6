/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* own.h - what comes with the program. */
#ifndef OWN_H
#define OWN_H

/*
 * The shared object with our scenarios and engines: beside the program in a build, in lib when
 * installed.
 */
const char *own_scenarios(void);

/* A file that is so called beside the program in a build, or below lib/qinval when installed. */
const char *own_file(const char *name);

#endif
