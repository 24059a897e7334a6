/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * stock.h - names of the kernel that the core uses as well. In all other files the core's names
 * have a prefix (Makefile).
 */
#ifndef QINVAL_LINUX_STOCK_H
#define QINVAL_LINUX_STOCK_H

#define STOCK_SUBMIT "qi_submit_sync"
#define STOCK_DESC "qi_desc"

#endif
