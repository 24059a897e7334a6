/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Files of hung servers that contain readable text in another form: how to extract it. */
#include "decode.h"

#include <ctype.h>
#include <string.h>

static const struct {
	const char *magic, *why;
} kinds[] = {
	{ "PERFILE2", "is a perf.data file; decode the text that `perf script` prints of it" },
	{ "KDUMP   ", "is a kernel dump; decode the log in it: the dmesg file beside it, or "
		      "`makedumpfile --dump-dmesg`" },
	{ "makedumpfile", "is a kernel dump; decode the log in it: `makedumpfile --dump-dmesg`" },
	{ "\x7f"
	  "ELF",
	  "is an ELF file; if it is a kernel dump (vmcore), decode the log in it: the "
	  "dmesg file beside it, or `vmcore-dmesg`" },
	{ "LPKSHHRH", "is a journal; decode the text that `journalctl -k` prints of it" },
	{ "\x89PNG", "is a picture; type the lines that matter, or attach the log as text" },
	{ "\xff\xd8\xff", "is a picture; type the lines that matter, or attach the log as text" },
};

static const char acpi[] = "is an ACPI table, but not the DMAR table";

/* True if the file begins like an ACPI table: signature, length and revision, and no text. */
static bool is_acpi(const unsigned char *head, size_t size)
{
	if (size < 36 || head[6] || head[7] || !memchr(head, 0, 36))
		return false;
	for (unsigned i = 0; i < 4; i++)
		if (!isupper(head[i]) && !isdigit(head[i]))
			return false;
	return (head[4] | head[5] << 8) >= 36;
}

static const char *why_not(const unsigned char *head, size_t size)
{
	for (unsigned i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		const size_t n = strlen(kinds[i].magic);

		if (size >= n && !memcmp(head, kinds[i].magic, n))
			return kinds[i].why;
	}
	return is_acpi(head, size) ? acpi : NULL;
}

static bool is_foreign(const unsigned char *head, size_t size)
{
	return why_not(head, size);
}

static const char *read_foreign(struct decode *d, struct lines *r, const char *path)
{
	size_t size;
	const unsigned char *head = lines_head(r, &size);

	(void)d;
	(void)path;
	return why_not(head, size);
}

const struct whole foreign_whole = { "foreign", is_foreign, read_foreign };
