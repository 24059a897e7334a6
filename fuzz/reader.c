/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Gives any bytes to one reader of the decoder. `fuzz/run` compiles this once for each reader, with
 * -DREADER=NAME_recogniser (text) or -DWHOLE=NAME_whole (a file that is not text).
 *
 * It checks more than the sanitizers find: the JSON is one object, and reading the same bytes twice
 * gives the same output.
 */
#include <jansson.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "decode/decode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#if defined(ALL_READERS)
/* All of decode/formats.c, as `fuzz/run --coverage` measures. */
#elif defined(READER)
extern const struct recogniser READER;
const struct recogniser *const decode_recognisers[] = { &READER, NULL };
const struct whole *const decode_wholes[] = { NULL };
#else
extern const struct whole WHOLE;
const struct recogniser *const decode_recognisers[] = { NULL };
const struct whole *const decode_wholes[] = { &WHOLE, NULL };
#endif

static char *said(const struct report *as, const char *path, size_t *size)
{
	char *text = NULL;
	FILE *to = open_memstream(&text, size);
	struct decode *d = decode_new(as, to);

	decode_file(d, path);
	decode_end(d);
	decode_free(d);
	fclose(to);
	return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd = memfd_create("input", MFD_CLOEXEC);
	char path[40], *text, *again;
	size_t n, m;
	json_t *all;

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	text = said(&decode_json, path, &n);
	all = json_loadb(text, n, JSON_REJECT_DUPLICATES, NULL);
	if (!json_is_object(all))
		abort();
	json_decref(all);
	/*
	 * Each of the other two checks takes as long again, so they are made for some inputs only.
	 */
	if (size % 8 == 0) {
		free(said(&decode_text, path, &m));
	} else if (size % 8 == 1) {
		again = said(&decode_json, path, &m);
		if (n != m || memcmp(text, again, n) != 0)
			abort();
		free(again);
	}
	free(text);
	close(fd);
	return 0;
}
