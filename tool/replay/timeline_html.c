/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * timeline_html.c - writes a time line as one page: tool/replay/timeline.html, followed by the
 * data.
 */
#include "report.h"
#include "timeline_write.h"

#include <inttypes.h>
#include <stdlib.h>

/* The page up to the data. */
static const unsigned char page[] = {
#include "timeline_page.inc"
};

/* Inside a script no text of the input may begin with <, as it could contain "</script>". */
static void put_string(FILE *to, const char *text)
{
	putc('"', to);
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == '"' || *text == '\\' || *text == '<' ||
		    *text == '>' || *text == 0x7f)
			fprintf(to, "\\u%04x", (unsigned char)*text);
		else
			putc(*text, to);
	putc('"', to);
}

static void begin_lane(FILE *to, const char *name, const char *kind, unsigned columns, size_t more)
{
	fprintf(to, "{k:\"%s\",w:%u,m:%zu,n:", kind, columns, more);
	put_string(to, name);
	fputs(",d:[", to);
}

/* Start times are written as differences, which are short. */
static void put_submissions(FILE *to, const struct timeline_lane *lane, const char *name)
{
	uint64_t last = 0;

	begin_lane(to, name, "submission", 5, lane->more);
	for (size_t i = 0; i < lane->spans; i++) {
		const struct timeline_span *s = &lane->span[i];

		fprintf(to, "%" PRIu64 ",%" PRIu64 ",%u,%d,%" PRIu32 ",", s->start - last,
			s->end - s->start, s->type, s->code, s->line);
		last = s->start;
	}
	fputs("]},\n", to);
}

static void put_faults(FILE *to, const struct timeline_lane *lane, const char *name)
{
	uint64_t last = 0;

	if (!lane->spans)
		return;
	begin_lane(to, name, "fault", 5, 0);
	for (size_t i = 0; i < lane->spans; i++) {
		const struct timeline_span *s = &lane->span[i];

		fprintf(to, "%" PRIu64 ",%" PRIu64 ",%u,0,%" PRIu32 ",", s->start - last,
			s->end - s->start, s->item, s->line);
		last = s->start;
	}
	fputs("]},\n", to);
}

static void put_marks(FILE *to, const struct timeline_lane *lane, const char *name)
{
	uint64_t last = 0;

	begin_lane(to, name, "mark", 2, lane->more);
	for (size_t i = 0; i < lane->marks; i++) {
		fprintf(to, "%" PRIu64 ",%u,", lane->mark[i].at - last, lane->mark[i].type);
		last = lane->mark[i].at;
	}
	fputs("]},\n", to);
}

static void put_lanes(FILE *to, const struct timeline *tl, const struct trace *t)
{
	char name[TRACE_NAME + 20];

	fputs("lanes:[\n", to);
	for (unsigned i = 0; i < tl->workers; i++) {
		timeline_worker_name(tl, t, i, name, sizeof(name));
		put_submissions(to, &tl->worker[i], name);
	}
	for (unsigned i = 0; i < tl->units; i++) {
		snprintf(name, sizeof(name), "unit %s", t->unit[i]);
		put_marks(to, &tl->unit[i], name);
		snprintf(name, sizeof(name), "faults of %s", t->unit[i]);
		put_faults(to, &tl->unit[i], name);
	}
	fputs("],\n", to);
}

static void put_costs(FILE *to, const struct timeline *tl)
{
	uint64_t median[TIMELINE_TYPES];

	timeline_medians(tl, median);
	fputs("costs:[\n", to);
	for (unsigned u = 0; u < tl->units; u++)
		for (size_t i = 0; i < tl->unit[u].spans; i++) {
			const struct timeline_span *f = &tl->unit[u].span[i];
			struct timeline_cost c = timeline_cost(tl, f, median);

			fprintf(to,
				"[%u,%u,%" PRIu32 ",%" PRIu64 ",%" PRIu64 ",%u,%u,%" PRIu64
				",%" PRIu64 "],\n",
				f->item, u, f->line, f->start, f->end - f->start, c.submissions,
				c.failed, c.slowest, c.held);
		}
	fputs("],\n", to);
}

static void put_names(FILE *to, const struct trace *t, const struct drive_config *cfg)
{
	char text[FAULT_TEXT];

	fputs("units:[", to);
	for (unsigned i = 0; i < t->units; i++) {
		put_string(to, t->unit[i]);
		putc(',', to);
	}
	fputs("],faults:[", to);
	for (unsigned i = 0; cfg->faults && i < cfg->faults->count; i++) {
		fault_item_text(&cfg->faults->item[i], text);
		put_string(to, text);
		putc(',', to);
	}
	fputs("],errors:[", to);
	for (int code = 0; code < QI_ERR_COUNT; code++) {
		put_string(to, qi_strerror(-code));
		putc(',', to);
	}
	fputs("],\n", to);
}

/* The page also has the report that is printed. */
static bool put_report(FILE *to, const struct trace *t, const struct drive_config *cfg,
		       const struct drive_result *r)
{
	char *text = NULL;
	size_t size;
	FILE *report = open_memstream(&text, &size);

	if (!report)
		return false;
	report_text(report, t, cfg, r);
	if (fclose(report)) {
		free(text);
		return false;
	}
	fputs("report:", to);
	put_string(to, text);
	fputs(",\n", to);
	free(text);
	return true;
}

bool timeline_html(FILE *to, const struct timeline *tl, const struct trace *t,
		   const struct drive_config *cfg, const struct drive_result *r)
{
	fwrite(page, sizeof(page), 1, to);
	fprintf(to, "{room:%u,", TIMELINE_ROOM);
	if (!put_report(to, t, cfg, r))
		return false;
	put_names(to, t, cfg);
	put_lanes(to, tl, t);
	put_costs(to, tl);
	fputs("});\n</script>\n</html>\n", to);
	return !fflush(to) && !ferror(to);
}
