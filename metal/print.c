/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "print.h"

#include <stdbool.h>
#include <stdint.h>

#include "console.h"

struct out {
	char *buf;
	size_t size, length;
};

/* One conversion: %[-0][width][l|ll]c */
struct spec {
	bool left, zero;
	unsigned width, longs;
};

static void put(struct out *o, char c)
{
	if (o->length + 1 < o->size)
		o->buf[o->length++] = c;
}

static void put_padded(struct out *o, const struct spec *s, const char *text, size_t n)
{
	size_t i;

	for (i = n; !s->left && i < s->width; i++)
		put(o, s->zero ? '0' : ' ');
	for (i = 0; i < n; i++)
		put(o, text[i]);
	for (i = n; s->left && i < s->width; i++)
		put(o, ' ');
}

static void put_number(struct out *o, const struct spec *s, uint64_t value, unsigned base,
		       bool negative)
{
	char digits[24];
	unsigned at = sizeof(digits);

	do {
		digits[--at] = "0123456789abcdef"[value % base];
		value /= base;
	} while (value);
	if (negative)
		digits[--at] = '-';
	put_padded(o, s, digits + at, sizeof(digits) - at);
}

static void put_string(struct out *o, const struct spec *s, const char *text)
{
	size_t n = 0;

	while (text[n])
		n++;
	put_padded(o, s, text, n);
}

static struct spec read_spec(const char **fmt)
{
	struct spec s = { 0 };

	for (;; (*fmt)++) {
		if (**fmt == '-')
			s.left = true;
		else if (**fmt == '0')
			s.zero = true;
		else
			break;
	}
	while (**fmt >= '0' && **fmt <= '9')
		s.width = s.width * 10 + (unsigned)(*(*fmt)++ - '0');
	for (; **fmt == 'l'; (*fmt)++)
		s.longs++;
	return s;
}

size_t format_args(char *buf, size_t size, const char *fmt, va_list args)
{
	struct out o = { buf, size, 0 };
	struct spec s;
	int64_t n;
	char c;

	while (*fmt) {
		if (*fmt != '%') {
			put(&o, *fmt++);
			continue;
		}
		fmt++;
		s = read_spec(&fmt);
		switch (c = *fmt++) {
		case 's':
			put_string(&o, &s, va_arg(args, const char *));
			break;
		case 'c':
			c = (char)va_arg(args, int);
			put_padded(&o, &s, &c, 1);
			break;
		case 'd':
			n = s.longs ? va_arg(args, int64_t) : va_arg(args, int);
			put_number(&o, &s, n < 0 ? 0 - (uint64_t)n : (uint64_t)n, 10, n < 0);
			break;
		case 'u':
		case 'x':
			put_number(&o, &s,
				   s.longs ? va_arg(args, uint64_t) : va_arg(args, unsigned),
				   c == 'x' ? 16 : 10, false);
			break;
		default:
			put(&o, c);
		}
	}
	if (size)
		buf[o.length] = '\0';
	return o.length;
}

size_t format(char *buf, size_t size, const char *fmt, ...)
{
	va_list args;
	size_t n;

	va_start(args, fmt);
	n = format_args(buf, size, fmt, args);
	va_end(args);
	return n;
}

void print_args(const char *fmt, va_list args)
{
	char line[400];

	console_write(line, format_args(line, sizeof(line), fmt, args));
}

void print(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	print_args(fmt, args);
	va_end(args);
}
