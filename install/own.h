/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * own.h - finds the files that belong to the program: in its build directory, or where it was
 * installed, even if the installation was moved as a whole.
 */
#ifndef OWN_H
#define OWN_H

/* The shared object with our scenarios and engines. */
const char *own_scenarios(void);

/* The program that mpirun starts for `qinval explore --mpi`. */
const char *own_rank(void);

/* The file of this name beside the program in a build, or below lib/qinval when installed. */
const char *own_file(const char *name);

/* The source tree of the program's build; NULL if the program is installed. */
const char *own_source(void);

/* The directory of an installed program's headers. */
const char *own_headers(void);

#endif
