/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * usage: boot-again now|crash KERNEL INITRD COMMAND-LINE
 *
 * In a guest: start this kernel instead of the running one, now or when the running one has
 * crashed.
 */
#include <fcntl.h>
#include <linux/kexec.h>
#include <linux/reboot.h>
#include <stdio.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	unsigned long flags;
	int kernel, initrd;

	if (argc != 5) {
		fprintf(stderr, "usage: boot-again now|crash KERNEL INITRD COMMAND-LINE\n");
		return 1;
	}
	flags = !strcmp(argv[1], "crash") ? KEXEC_FILE_ON_CRASH : 0;
	kernel = open(argv[2], O_RDONLY);
	initrd = open(argv[3], O_RDONLY);
	if (syscall(SYS_kexec_file_load, kernel, initrd, strlen(argv[4]) + 1, argv[4], flags)) {
		perror("boot-again: kexec_file_load");
		return 1;
	}
	if (flags)
		return 0;
	reboot((int)LINUX_REBOOT_CMD_KEXEC);
	perror("boot-again: reboot");
	return 1;
}
