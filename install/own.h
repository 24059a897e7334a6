/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * own.h - what comes with the program: in its build, or where it was installed; also where that
 * was moved to as a whole.
 */
#ifndef OWN_H
#define OWN_H

/* The shared object with our scenarios and engines. */
const char *own_scenarios(void);

/* What mpirun starts for `qinval explore --mpi`. */
const char *own_rank(void);

/* A file that is so called beside the program in a build, or below lib/qinval when installed. */
const char *own_file(const char *name);

/* The source tree of the build that the program is in; NULL: it is installed. */
const char *own_source(void);

/* The directory of the headers, of an installed program. */
const char *own_headers(void);

#endif
