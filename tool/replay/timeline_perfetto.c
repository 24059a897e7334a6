/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * timeline_perfetto.c - writes a time line as a trace for Perfetto's viewer. Encoded packets can be
 * concatenated, so each is written as soon as it is complete.
 */
#include "timeline_write.h"

#include "perfetto.pb-c.h"

#include <describe/describe.h>
#include <errno.h>
#include <stdlib.h>

#define SEQUENCE 1 /* there is one writer of packets */
#define PROCESS 1  /* the uuid of the top track */
#define UNITS 10000
#define FAULTS 20000

struct writer {
	FILE *to;
	uint8_t buffer[4096];
	bool failed;
};

static void write_packet(struct writer *w, TracePacket *packet)
{
	Trace trace = TRACE__INIT;

	packet->has_trusted_packet_sequence_id = true;
	packet->trusted_packet_sequence_id = SEQUENCE;
	trace.n_packet = 1;
	trace.packet = &packet;
	if (trace__get_packed_size(&trace) > sizeof(w->buffer)) {
		w->failed = true;
		errno = EMSGSIZE;
		return;
	}
	if (!fwrite(w->buffer, trace__pack(&trace, w->buffer), 1, w->to))
		w->failed = true;
}

static void write_track(struct writer *w, uint64_t uuid, const char *name)
{
	TrackDescriptor track = TRACK_DESCRIPTOR__INIT;
	TracePacket packet = TRACE_PACKET__INIT;

	track.has_uuid = true;
	track.uuid = uuid;
	track.name = (char *)name;
	track.has_parent_uuid = true;
	track.parent_uuid = PROCESS;
	packet.track_descriptor = &track;
	write_packet(w, &packet);
}

static void write_process(struct writer *w, const char *name)
{
	ProcessDescriptor process = PROCESS_DESCRIPTOR__INIT;
	TrackDescriptor track = TRACK_DESCRIPTOR__INIT;
	TracePacket packet = TRACE_PACKET__INIT;

	process.has_pid = true;
	process.pid = 1;
	process.process_name = (char *)name;
	track.has_uuid = true;
	track.uuid = PROCESS;
	track.process = &process;
	packet.track_descriptor = &track;
	write_packet(w, &packet);
}

/* @name NULL: the end of a slice. @s NULL: no annotations. */
static void write_event(struct writer *w, uint64_t track, uint64_t at, TrackEvent__Type type,
			const char *name, const struct timeline_span *s)
{
	DebugAnnotation line = DEBUG_ANNOTATION__INIT, result = DEBUG_ANNOTATION__INIT;
	DebugAnnotation *notes[] = { &line, &result };
	TrackEvent event = TRACK_EVENT__INIT;
	TracePacket packet = TRACE_PACKET__INIT;

	if (s) {
		line.name = (char *)"line of the trace";
		line.has_uint_value = true;
		line.uint_value = s->line;
		result.name = (char *)"result";
		result.string_value = (char *)qi_strerror(s->code);
		event.n_debug_annotations = 2;
		event.debug_annotations = notes;
	}
	event.has_type = true;
	event.type = type;
	event.has_track_uuid = true;
	event.track_uuid = track;
	event.name = (char *)name;
	packet.has_timestamp = true;
	packet.timestamp = at;
	packet.track_event = &event;
	write_packet(w, &packet);
}

static const char *type_name(unsigned type)
{
	const char *name = type < QI_TYPES ? qi_type_trace_name(type) : NULL;

	return name ? name : "?";
}

static void write_spans(struct writer *w, uint64_t track, const struct timeline_lane *lane,
			const struct fault_list *faults)
{
	char name[FAULT_TEXT];

	for (size_t i = 0; i < lane->spans && !w->failed; i++) {
		const struct timeline_span *s = &lane->span[i];

		if (faults)
			fault_item_text(&faults->item[s->item], name);
		else
			snprintf(name, sizeof(name), "%s%s", type_name(s->type),
				 s->code ? " failed" : "");
		write_event(w, track, s->start, TRACK_EVENT__TYPE__SLICE_BEGIN, name, s);
		write_event(w, track, s->end, TRACK_EVENT__TYPE__SLICE_END, NULL, NULL);
	}
}

static void write_marks(struct writer *w, uint64_t track, const struct timeline_lane *lane)
{
	for (size_t i = 0; i < lane->marks && !w->failed; i++)
		write_event(w, track, lane->mark[i].at, TRACK_EVENT__TYPE__INSTANT,
			    type_name(lane->mark[i].type), NULL);
}

bool timeline_perfetto(FILE *to, const struct timeline *tl, const struct trace *t,
		       const struct drive_config *cfg)
{
	struct writer w = { .to = to };
	char name[200];

	snprintf(name, sizeof(name), "qinval replay %.150s", t->name);
	write_process(&w, name);
	for (unsigned i = 0; i < tl->workers; i++) {
		timeline_worker_name(tl, t, i, name, sizeof(name));
		write_track(&w, PROCESS + 1 + i, name);
		write_spans(&w, PROCESS + 1 + i, &tl->worker[i], NULL);
	}
	for (unsigned i = 0; i < tl->units; i++) {
		snprintf(name, sizeof(name), "unit %s", t->unit[i]);
		write_track(&w, UNITS + i, name);
		write_marks(&w, UNITS + i, &tl->unit[i]);
		if (!tl->unit[i].spans)
			continue;
		snprintf(name, sizeof(name), "faults of %s", t->unit[i]);
		write_track(&w, FAULTS + i, name);
		write_spans(&w, FAULTS + i, &tl->unit[i], cfg->faults);
	}
	return !w.failed && !fflush(to) && !ferror(to);
}
