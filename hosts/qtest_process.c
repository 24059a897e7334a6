/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "qtest_process.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

/* The smallest firmware that QEMU accepts. */
#define FIRMWARE_BYTES 65536
#define HLT 0xf4

#define MAX_ARGUMENTS 96

/* Open files for QEMU. */
struct files {
	int socket, ram, firmware;
};

static bool run(struct process *p, const struct qtest_config *cfg, const struct files *f,
		char *error, size_t size)
{
	char megabytes[20], memory[160], firmware[40], socket[60], unit[300];
	const char *argv[MAX_ARGUMENTS] = {
		cfg->program ? cfg->program : QTEST_PROGRAM,
		/* Debian's QEMU has no qtest accelerator; TCG with a halted CPU serves as well. */
		"-machine",
		"q35,memory-backend=ram",
		"-accel",
		"tcg",
		"-m",
		megabytes,
		"-object",
		memory,
		"-bios",
		firmware,
		"-chardev",
		socket,
		"-qtest",
		"chardev:qtest",
		"-qtest-log",
		"none",
		"-display",
		"none",
		"-nodefaults",
		"-no-user-config",
		"-device",
		unit,
	};
	unsigned n = 0;

	while (argv[n])
		n++;
	for (unsigned i = 0; cfg->arguments && cfg->arguments[i] && n < MAX_ARGUMENTS - 1; i++)
		argv[n++] = cfg->arguments[i];
	snprintf(megabytes, sizeof(megabytes), "%llu", QTEST_RAM_BYTES >> 20);
	snprintf(memory, sizeof(memory),
		 "memory-backend-file,id=ram,size=%lluM,share=on,mem-path=/proc/self/fd/%d",
		 QTEST_RAM_BYTES >> 20, f->ram);
	snprintf(firmware, sizeof(firmware), "/proc/self/fd/%d", f->firmware);
	/* QEMU 7.2 looks for the name "qtest", whatever name it is given. */
	snprintf(socket, sizeof(socket), "socket,id=qtest,fd=%d", f->socket);
	snprintf(unit, sizeof(unit), "intel-iommu,%s",
		 cfg->properties ? cfg->properties : QTEST_UNIT_PROPERTIES);
	return process_start(p, argv, (const int[]){ f->socket, f->ram, f->firmware, -1 }, error,
			     size);
}

static bool make_files(struct files *f, int *ours, char **ram)
{
	char hlt[FIRMWARE_BYTES];
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
		return false;
	*ours = pair[0];
	f->socket = pair[1];
	f->ram = memfd_create("qinval-ram", MFD_CLOEXEC);
	f->firmware = memfd_create("qinval-firmware", MFD_CLOEXEC);
	if (f->ram < 0 || f->firmware < 0 || ftruncate(f->ram, QTEST_RAM_BYTES))
		return false;
	memset(hlt, HLT, sizeof(hlt));
	if (write(f->firmware, hlt, sizeof(hlt)) != sizeof(hlt))
		return false;
	*ram = mmap(NULL, QTEST_RAM_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, f->ram, 0);
	if (*ram == MAP_FAILED)
		*ram = NULL;
	return *ram;
}

static void close_file(int fd)
{
	if (fd >= 0)
		close(fd);
}

bool qtest_process_start(struct process *p, const struct qtest_config *cfg, int *socket, char **ram,
			 char *error, size_t size)
{
	struct files f = { -1, -1, -1 };
	bool ok = make_files(&f, socket, ram);

	if (!ok)
		snprintf(error, size, "cannot make the guest's memory: %s", strerror(errno));
	ok = ok && run(p, cfg, &f, error, size);
	/* QEMU has a copy of its own, and the connection must end when QEMU's copy is closed. */
	close_file(f.socket);
	close_file(f.ram);
	close_file(f.firmware);
	return ok;
}
