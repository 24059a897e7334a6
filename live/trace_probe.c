/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "trace_probe.h"

#include "trace_line.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ENTER "qi_enter: "
#define LEAVE "qi_leave: "

/*
 * The last such word in the line, because task names may contain anything. In perf's text the
 * event's system precedes the word.
 */
static char *find_word(char *line, const char *word)
{
	char *found = NULL;

	for (char *s = line; (s = strstr(s, word)); s++)
		if (s > line && (s[-1] == ' ' || s[-1] == '\t' || s[-1] == ':'))
			found = s;
	return found;
}

/* "NAME=NUMBER", decimal or 0x. */
static bool number(const char *s, const char *name, int64_t *value)
{
	size_t n = strlen(name);
	char *end;

	while ((s = strchr(s, ' '))) {
		s++;
		if (strncmp(s, name, n) || s[n] != '=')
			continue;
		*value = s[n + 1] == '-' ? strtoll(s + n + 1, &end, 0)
					 : (int64_t)strtoull(s + n + 1, &end, 0);
		return end > s + n + 1 && (!*end || isspace((unsigned char)*end));
	}
	return false;
}

/* "caller=NAME", or in tracefs "(NAME+0x12/0x40 <- qi_submit_sync)". */
static void read_caller(const char *s, char caller[TRACE_CALLER])
{
	const char *name = strstr(s, " caller=");
	size_t n;

	if (name) {
		name += strlen(" caller=");
		n = strcspn(name, " \n");
	} else {
		name = strchr(s, '(');
		name = name ? name + 1 : "";
		n = strcspn(name, "+ ");
		if (name[n] != '+')
			n = 0;
	}
	snprintf(caller, TRACE_CALLER, "%.*s", (int)(n < TRACE_CALLER ? n : TRACE_CALLER - 1),
		 name);
}

bool trace_probe_head(char *line, char *event, struct pairing_at *at)
{
	bool good, seconds = false;
	char kept, *after;

	while (event > line && event[-1] != ' ' && event[-1] != '\t')
		event--;
	kept = *event;
	*event = '\0';
	good = trace_line_cpu(line, &at->cpu, &after) && trace_line_task(line, &at->pid) &&
	       trace_line_time(after, &seconds, &at->ns) && seconds;
	*event = kept;
	return good;
}

bool trace_probe_read(char *line, struct trace_probe *p)
{
	char *enter = find_word(line, ENTER), *leave = find_word(line, LEAVE);
	int64_t value[3] = { 0 };
	char *event = leave > enter ? leave : enter;

	if (!event || !trace_probe_head(line, event, &p->at))
		return false;
	p->leave = event == leave;
	if (p->leave) {
		if (!number(event, "ret", &value[0]))
			return false;
		p->ret = (int)value[0];
		read_caller(event, p->caller);
		return true;
	}
	if (!number(event, "iommu", &value[0]) || !number(event, "count", &value[1]) ||
	    !number(event, "options", &value[2]) || value[1] < 0 || value[1] > UINT32_MAX)
		return false;
	p->iommu = value[0];
	p->count = value[1];
	p->options = value[2];
	return true;
}
