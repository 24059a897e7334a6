/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * serial.c - a 16550 at an I/O port, 115200 8N1.
 */
#include "console.h"
#include "x86.h"

/* Registers, relative to the port. */
enum { DATA, IER, FCR, LCR, MCR, LSR, MSR, SCRATCH };

#define LSR_EMPTY 0x20
/*
 * A line with flow control whose other end does not read must not stop the program. At 115200 this
 * is the time of several bytes.
 */
#define PATIENCE 100000

static uint16_t uart;

/* A board may have no serial line; reads are all ones then. */
static bool is_there(uint16_t port)
{
	outb(port + SCRATCH, 0x5a);
	return inb(port + SCRATCH) == 0x5a;
}

void serial_init(uint16_t port)
{
	if (port == uart || !is_there(port))
		return;
	uart = port;
	outb(uart + IER, 0);
	outb(uart + LCR, 0x80); /* divisor latch */
	outb(uart + DATA, 1);
	outb(uart + IER, 0);
	outb(uart + LCR, 0x03); /* 8N1 */
	outb(uart + FCR, 0x07); /* FIFOs on and empty */
	outb(uart + MCR, 0x03); /* DTR, RTS */
}

static void put(char c)
{
	unsigned turns = 0;

	while (!(inb(uart + LSR) & LSR_EMPTY) && ++turns < PATIENCE)
		pause();
	outb(uart + DATA, (uint8_t)c);
}

void serial_write(const char *text, size_t n)
{
	if (!uart)
		return;
	for (; n--; text++) {
		if (*text == '\n')
			put('\r');
		put(*text);
	}
}
