/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * machine.h - what the input tells of the machine besides its errors: devices, memory, tables, and
 * its faults. conclude.c combines these when all files have been read.
 */
#ifndef DECODE_MACHINE_H
#define DECODE_MACHINE_H

#include "decode.h"

#define MACHINE_DEVICES 1024
#define MACHINE_REGIONS 256
#define MACHINE_FAULTS 128
#define MACHINE_SCOPES 256

enum known { UNKNOWN, NO, YES };

struct machine_device {
	unsigned segment, sid;
	char name[96]; /* as lspci prints it; "": unknown */
	char driver[32];
	uint64_t line;
	enum known ats; /* it is enabled */
	bool has_ats;	/* the capability exists */
	bool bridge;	/* a bridge to the buses secondary to subordinate */
	bool to_pci;	/* a bridge to conventional PCI: requests behind it have its source id */
	unsigned secondary, subordinate;
};

enum region_kind { REGION_RMRR, REGION_RESERVED, REGION_RAM, REGION_STOLEN };

struct machine_region {
	enum region_kind kind;
	uint64_t first, last, line;
	unsigned sid; /* the device concerned, or NO_SID */
};

/* A device, or a bridge with all devices behind it, that the DMAR table assigns to a unit. */
struct machine_scope {
	unsigned segment, sid; /* NO_SID: all devices of the segment that no other scope names */
	bool bridge;
	uint64_t base;
};

/* Faults of one device with the same reason. */
struct machine_fault {
	bool interrupt, has_reason, has_address;
	unsigned segment, sid;
	uint64_t reason, first, last, line, count;
};

struct machine {
	struct machine_device device[MACHINE_DEVICES];
	unsigned devices;
	struct machine_region region[MACHINE_REGIONS];
	unsigned regions;
	struct machine_fault fault[MACHINE_FAULTS];
	unsigned faults;
	struct machine_scope scope[MACHINE_SCOPES];
	unsigned scopes;
	char command_line[400];
	char kernel[64]; /* "6.1.0-18-amd64" */
	bool lspci;	 /* lspci printed capabilities, so ATS of all devices is known */
};

/* The device, which is added if it is new; NULL: no room. */
struct machine_device *machine_add(struct machine *m, unsigned segment, unsigned sid);
const struct machine_device *machine_find(const struct machine *m, unsigned segment, unsigned sid);
/* The bridge whose secondary bus is @bus, or NULL. */
const struct machine_device *machine_bridge_to(const struct machine *m, unsigned segment,
					       unsigned bus);
void machine_region(struct machine *m, enum region_kind kind, uint64_t first, uint64_t last,
		    unsigned sid, uint64_t line);
void machine_add_scope(struct machine *m, const struct machine_scope *s);
/* The register base of the device's unit; 0: unknown. */
uint64_t machine_unit_of(const struct machine *m, unsigned segment, unsigned sid);

/* Add devices that a log line names, with their drivers: "aic7xxx 0000:05:02.1: ...". */
void machine_named_devices(struct machine *m, const struct line *l);

/* "Intel Corporation Device e223, driver vfio-pci, ATS on"; empty if nothing is known. */
#define DEVICE_TEXT 200
const char *machine_device_text(const struct machine *m, unsigned sid, char to[DEVICE_TEXT]);

/* Report what follows from all files together. */
void conclude(struct decode *d);

#endif
