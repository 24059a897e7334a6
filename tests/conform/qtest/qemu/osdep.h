/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* osdep.h - the part of QEMU's header of this name that a qtest needs. */
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
