/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "vm.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <install/own.h>
#include <unistd.h>

#define ARGUMENTS 160

struct arguments {
	const char *argv[ARGUMENTS];
	char *made[ARGUMENTS];
	unsigned n, nmade;
	bool failed;
};

static void add(struct arguments *a, const char *text)
{
	if (a->n < ARGUMENTS - 1)
		a->argv[a->n++] = text;
	else
		a->failed = true;
}

__attribute__((format(printf, 2, 3))) static void add_made(struct arguments *a, const char *format,
							   ...)
{
	va_list ap;
	char *text = NULL;

	va_start(ap, format);
	if (a->nmade == ARGUMENTS || vasprintf(&text, format, ap) < 0)
		a->failed = true;
	else
		add(a, a->made[a->nmade++] = text);
	va_end(ap);
}

/* A comma in the value of a QEMU option is doubled. */
static void escape(char *text, size_t size, const char *path)
{
	size_t n = 0;

	for (const char *c = path; *c && n < size - 2; c++) {
		text[n++] = *c;
		if (*c == ',')
			text[n++] = ',';
	}
	text[n] = '\0';
}

static void add_escaped(struct arguments *a, const char *before, const char *path)
{
	char text[2 * PATH_MAX];

	escape(text, sizeof(text), path);
	add_made(a, "%s%s", before, text);
}

/* + separates the faults of a list, as a comma ends a QEMU option. */
static void list_option(char *buf, size_t size, const char *key, const char *list)
{
	size_t n = strlen(buf);

	if (!list || !*list)
		return;
	n += (size_t)snprintf(buf + n, size - n, ",%s=", key);
	for (; *list && n < size - 1; list++)
		buf[n++] = *list == ',' ? '+' : *list;
	buf[n] = '\0';
}

static void add_unit(struct arguments *a, const struct vm_config *cfg, int share)
{
	char options[4000] = "", dmar[2 * PATH_MAX], plugin[2 * PATH_MAX];

	if (cfg->qemus_own) {
		add(a, "-device");
		add(a, "intel-iommu,intremap=on,device-iotlb=on");
		return;
	}
	list_option(options, sizeof(options), "faults", cfg->faults);
	list_option(options, sizeof(options), "plant", cfg->plants);
	add(a, "-plugin");
	escape(dmar, sizeof(dmar), cfg->dmar);
	escape(plugin, sizeof(plugin), own_file("qinval-qemu.so"));
	add_made(a, "%s,share=/proc/self/fd/%d,dmar=%s,seed=%" PRIu64 "%s", plugin, share, dmar,
		 cfg->seed, options);
	add(a, "-device");
	add(a, "qinval-vtd");
	add(a, "-acpitable");
	add_escaped(a, "file=", cfg->dmar);
}

static void add_device(struct arguments *a, const char *device)
{
	add(a, "-device");
	add(a, device);
}

static void add_disks(struct arguments *a, const struct vm_config *cfg)
{
	static const char *const before[VM_DISKS] = {
		"if=none,id=disk0,format=raw,file=",
		"if=none,id=disk1,format=raw,file=",
		"if=none,id=disk2,format=raw,file=",
	};

	for (unsigned i = 0; i < VM_DISKS; i++) {
		add(a, "-drive");
		add_escaped(a, before[i], cfg->disk[i]);
	}
	add_device(a, "virtio-blk-pci,drive=disk0,iommu_platform=on,disable-legacy=on");
	add_device(a, "pcie-root-port,id=port1,chassis=1,slot=1,addr=" VM_PORT_SLOT);
	add_device(
		a,
		"virtio-blk-pci,drive=disk1,iommu_platform=on,disable-legacy=on,bus=port1,ats=on");
	add_device(a, "nvme,drive=disk2,serial=qinval,addr=" VM_NVME_SLOT);
}

/* Two network cards that are connected to each other. */
static void add_network(struct arguments *a)
{
	add(a, "-netdev");
	add(a, "hubport,id=net0,hubid=0");
	add_device(a, "e1000e,netdev=net0,mac=52:54:00:00:00:01");
	add(a, "-netdev");
	add(a, "hubport,id=net1,hubid=0");
	add_device(a, "virtio-net-pci,netdev=net1,mac=52:54:00:00:00:02,iommu_platform=on,"
		      "disable-legacy=on");
}

static void add_devices(struct arguments *a, const struct vm_config *cfg, int monitor, int channel)
{
	add(a, "-chardev");
	add_made(a, "socket,id=monitor,fd=%d", monitor);
	add(a, "-mon");
	add(a, "chardev=monitor,mode=control");
	add(a, "-chardev");
	add_made(a, "socket,id=channel,fd=%d", channel);
	add_device(a, "virtio-serial-pci,disable-legacy=on");
	add_device(a, "virtserialport,chardev=channel,name=qinval");
	add_disks(a, cfg);
	add_network(a);
}

static void fill(struct arguments *a, const struct vm_config *cfg, int share, int monitor,
		 int channel)
{
	add(a, cfg->qemu);
	if (cfg->firmware) {
		add(a, "-L");
		add(a, cfg->firmware);
	}
	add(a, "-machine");
	add(a, cfg->qemus_own ? "q35,kernel-irqchip=split" : "q35");
	add(a, "-accel");
	add(a, "tcg,thread=multi");
	add(a, "-smp");
	add_made(a, "%u", cfg->cpus);
	add(a, "-m");
	add_made(a, "%u", cfg->megabytes);
	add(a, "-nodefaults");
	add(a, "-no-user-config");
	add(a, "-no-reboot");
	add(a, "-display");
	add(a, "none");
	add(a, "-serial");
	add_escaped(a, "file:", cfg->console);
	add(a, "-kernel");
	add(a, cfg->kernel);
	add(a, "-initrd");
	add(a, cfg->initrd);
	add(a, "-append");
	add(a, cfg->append);
	add_unit(a, cfg, share);
	add_devices(a, cfg, monitor, channel);
	for (char *const *more = cfg->more; more && *more; more++)
		add(a, *more);
}

static bool make_share(struct vm *m)
{
	m->share_fd = memfd_create("qinval-share", MFD_CLOEXEC);
	if (m->share_fd < 0 || ftruncate(m->share_fd, sizeof(*m->share)))
		return false;
	m->share =
		mmap(NULL, sizeof(*m->share), PROT_READ | PROT_WRITE, MAP_SHARED, m->share_fd, 0);
	if (m->share == MAP_FAILED) {
		m->share = NULL;
		return false;
	}
	m->share->magic = GUEST_SHARE_MAGIC;
	m->share->bytes = sizeof(*m->share);
	return true;
}

bool vm_start(struct vm *m, const struct vm_config *cfg, char *error, size_t size)
{
	int monitor[2] = { -1, -1 }, channel[2] = { -1, -1 };
	struct arguments a = { .n = 0 };
	bool ok;

	*m = (struct vm){ .channel = -1, .share_fd = -1 };
	process_init(&m->process);
	ok = make_share(m) && !socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, monitor) &&
	     !socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, channel);
	if (!ok)
		snprintf(error, size, "cannot make what QEMU is reached by: %s", strerror(errno));
	qmp_open(&m->qmp, monitor[0]);
	m->channel = channel[0];
	if (ok) {
		fill(&a, cfg, m->share_fd, monitor[1], channel[1]);
		ok = !a.failed;
		if (!ok)
			snprintf(error, size, "too many arguments for QEMU");
	}
	ok = ok &&
	     process_start(&m->process, a.argv,
			   (const int[]){ m->share_fd, monitor[1], channel[1], -1 }, error, size);
	if (monitor[1] >= 0)
		close(monitor[1]);
	if (channel[1] >= 0)
		close(channel[1]);
	while (a.nmade)
		free(a.made[--a.nmade]);
	return ok;
}

/*
 * Faults end with the work. Afterwards a module may be unloaded, and then the kernel's own driver
 * would meet them.
 */
static void end_faults(struct vm *m)
{
	if (!m->talk.worked || guest_is_calm(m->share))
		return;
	guest_calm(m->share);
	(void)!send(m->channel, "\n", 1, MSG_NOSIGNAL);
}

static void hear_guest(struct vm *m)
{
	char buf[65536];
	ssize_t n;

	while ((n = recv(m->channel, buf, sizeof(buf), MSG_DONTWAIT)) > 0)
		talk_take(&m->talk, buf, (size_t)n);
	if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
		close(m->channel);
		m->channel = -1;
	}
	end_faults(m);
}

void vm_listen(struct vm *m, int ms)
{
	struct pollfd p[] = {
		{ .fd = m->qmp.failed ? -1 : m->qmp.fd, .events = POLLIN },
		{ .fd = m->channel, .events = POLLIN },
	};

	if (poll(p, 2, ms) <= 0)
		return;
	if (p[0].revents)
		qmp_listen(&m->qmp);
	if (p[1].revents)
		hear_guest(m);
}

void vm_stop(struct vm *m)
{
	process_kill(&m->process);
	qmp_close(&m->qmp);
	if (m->channel >= 0)
		close(m->channel);
	if (m->share)
		munmap(m->share, sizeof(*m->share));
	if (m->share_fd >= 0)
		close(m->share_fd);
	talk_free(&m->talk);
}
