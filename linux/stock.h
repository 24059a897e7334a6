/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * stock.h - names of the kernel's that are names of the core's, too. All other files are built with
 * a prefix before the core's (Makefile).
 */
#ifndef QINVAL_LINUX_STOCK_H
#define QINVAL_LINUX_STOCK_H

#define STOCK_SUBMIT "qi_submit_sync"
#define STOCK_DESC "qi_desc"

#endif
