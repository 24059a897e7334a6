/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * A QEMU at the other end of a socket, with one command at a time. As with QEMU's own libqtest, a
 * shell starts $QTEST_QEMU_BINARY, which ends with this program. Debian's QEMU has no accelerator
 * named qtest: a halted CPU serves as well.
 */
#include "libqtest.h"
#include "qemu/osdep.h"

#include <inttypes.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#define FIRMWARE_BYTES 65536
#define HLT 0xf4

struct QTestState {
	pid_t pid;
	FILE *to, *from;
	char *firmware;
};

static char *make_firmware(void)
{
	char hlt[FIRMWARE_BYTES], *name;
	int fd = g_file_open_tmp("firmware-XXXXXX", &name, NULL);

	memset(hlt, HLT, sizeof(hlt));
	g_assert_cmpint(write(fd, hlt, sizeof(hlt)), ==, sizeof(hlt));
	close(fd);
	return name;
}

static void run_qemu(const char *arguments, const char *firmware, int socket)
{
	const char *binary = g_getenv("QTEST_QEMU_BINARY");
	char *command = g_strdup_printf(
		"exec %s -chardev socket,id=qtest,fd=%d -qtest chardev:qtest -qtest-log none "
		"-display none -accel tcg -bios %s %s",
		binary ? binary : "qemu-system-x86_64", socket, firmware, arguments);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	execl("/bin/sh", "sh", "-c", command, NULL);
	_exit(127);
}

QTestState *qtest_initf(const char *format, ...)
{
	QTestState *s = g_new0(QTestState, 1);
	char *arguments;
	int pair[2];
	va_list ap;

	va_start(ap, format);
	arguments = g_strdup_vprintf(format, ap);
	va_end(ap);
	s->firmware = make_firmware();
	g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), ==, 0);
	fflush(NULL);
	s->pid = fork();
	if (!s->pid) {
		close(pair[0]);
		run_qemu(arguments, s->firmware, pair[1]);
	}
	close(pair[1]);
	s->to = fdopen(pair[0], "w");
	s->from = fdopen(dup(pair[0]), "r");
	g_free(arguments);
	return s;
}

void qtest_quit(QTestState *s)
{
	kill(s->pid, SIGTERM);
	waitpid(s->pid, NULL, 0);
	unlink(s->firmware);
	g_free(s->firmware);
	fclose(s->to);
	fclose(s->from);
	g_free(s);
}

/* QEMU's answer after "OK", valid until the next command. */
__attribute__((format(printf, 2, 3))) static const char *ask(QTestState *s, const char *format, ...)
{
	static char *line;
	static size_t size;
	va_list ap;

	va_start(ap, format);
	vfprintf(s->to, format, ap);
	va_end(ap);
	fputc('\n', s->to);
	fflush(s->to);
	do {
		if (getline(&line, &size, s->from) < 0) {
			fputs("libqtest: QEMU has ended\n", stderr);
			abort();
		}
	} while (!strncmp(line, "IRQ ", 4));
	g_assert_true(!strncmp(line, "OK", 2));
	return line + 2;
}

#define ACCESS(letter, type)                                                                \
	type qtest_read##letter(QTestState *s, uint64_t addr)                               \
	{                                                                                   \
		return (type)strtoull(ask(s, "read" #letter " 0x%" PRIx64, addr), NULL, 0); \
	}                                                                                   \
	void qtest_write##letter(QTestState *s, uint64_t addr, type value)                  \
	{                                                                                   \
		ask(s, "write" #letter " 0x%" PRIx64 " 0x%" PRIx64, addr, (uint64_t)value); \
	}

ACCESS(b, uint8_t)
ACCESS(w, uint16_t)
ACCESS(l, uint32_t)
ACCESS(q, uint64_t)

void qtest_memread(QTestState *s, uint64_t addr, void *data, size_t size)
{
	const char *hex = strchr(ask(s, "read 0x%" PRIx64 " 0x%zx", addr, size), 'x') + 1;

	for (size_t i = 0; i < size; i++)
		((uint8_t *)data)[i] = g_ascii_xdigit_value(hex[2 * i]) << 4 |
				       g_ascii_xdigit_value(hex[2 * i + 1]);
}

void qtest_memwrite(QTestState *s, uint64_t addr, const void *data, size_t size)
{
	GString *hex = g_string_new("0x");

	for (size_t i = 0; i < size; i++)
		g_string_append_printf(hex, "%02x", ((const uint8_t *)data)[i]);
	ask(s, "write 0x%" PRIx64 " 0x%zx %s", addr, size, hex->str);
	g_string_free(hex, true);
}

uint32_t qtest_inl(QTestState *s, uint16_t port)
{
	return (uint32_t)strtoull(ask(s, "inl 0x%x", port), NULL, 0);
}

void qtest_outb(QTestState *s, uint16_t port, uint8_t value)
{
	ask(s, "outb 0x%x 0x%x", port, value);
}

void qtest_outl(QTestState *s, uint16_t port, uint32_t value)
{
	ask(s, "outl 0x%x 0x%x", port, value);
}

void qtest_add_data_func(const char *path, const void *data, void (*fn)(const void *))
{
	char *whole = g_strdup_printf("/x86_64/%s", path);

	g_test_add_data_func(whole, data, fn);
	g_free(whole);
}
