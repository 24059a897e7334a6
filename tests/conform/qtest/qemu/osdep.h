/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* osdep.h - as much of what a tree of QEMU's has under this name as a qtest expects of it. */
#ifndef QEMU_OSDEP_H
#define QEMU_OSDEP_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#endif
