/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * libqtest.h - functions of QEMU's libqtest, with the same names and meanings, so that what is
 * exported for QEMU can be tried without its source tree.
 */
#ifndef LIBQTEST_H
#define LIBQTEST_H

#include <stddef.h>
#include <stdint.h>

typedef struct QTestState QTestState;

QTestState *qtest_initf(const char *format, ...) __attribute__((format(printf, 1, 2)));
void qtest_quit(QTestState *s);

uint8_t qtest_readb(QTestState *s, uint64_t addr);
uint16_t qtest_readw(QTestState *s, uint64_t addr);
uint32_t qtest_readl(QTestState *s, uint64_t addr);
uint64_t qtest_readq(QTestState *s, uint64_t addr);
void qtest_writeb(QTestState *s, uint64_t addr, uint8_t value);
void qtest_writew(QTestState *s, uint64_t addr, uint16_t value);
void qtest_writel(QTestState *s, uint64_t addr, uint32_t value);
void qtest_writeq(QTestState *s, uint64_t addr, uint64_t value);
void qtest_memread(QTestState *s, uint64_t addr, void *data, size_t size);
void qtest_memwrite(QTestState *s, uint64_t addr, const void *data, size_t size);

uint32_t qtest_inl(QTestState *s, uint16_t port);
void qtest_outb(QTestState *s, uint16_t port, uint8_t value);
void qtest_outl(QTestState *s, uint16_t port, uint32_t value);

void qtest_add_data_func(const char *path, const void *data, void (*fn)(const void *));

#endif
