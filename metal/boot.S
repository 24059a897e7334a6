/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * boot.S - from the boot loader to main(), in long mode.
 *
 * Both ways in are the same machine: 32 bits, flat segments, no paging, %ebx points to what the
 * loader knows. QEMU's -kernel takes the PVH note, GRUB the multiboot2 header, on BIOS and on UEFI.
 */
	.section .note.pvh, "a", @note
	.long 4, 4, 18 /* XEN_ELFNOTE_PHYS32_ENTRY */
	.asciz "Xen"
	.long start_pvh

	.set MAGIC, 0xe85250d6

	.section .multiboot2, "a"
	.balign 8
header:
	.long MAGIC, 0, header_end - header
	.long -(MAGIC + (header_end - header))
	/* A framebuffer of any size, 32 bits a pixel, if there is no text mode; optional. */
	.short 5, 1
	.long 20, 0, 0, 32
	.balign 8
	.short 0, 0
	.long 8
header_end:

	.text
	.code32
	.globl start_multiboot2, start_pvh
start_multiboot2:
	mov $1, %edi
	jmp start
start_pvh:
	xor %edi, %edi
start:
	cli
	cld
	mov %ebx, %esi
	mov $boot_stack_end, %esp
	mov $page_map, %eax
	mov %eax, %cr3
	mov $0x20, %eax /* PAE */
	mov %eax, %cr4
	mov $0xc0000080, %ecx /* EFER */
	rdmsr
	or $0x100, %eax /* LME */
	wrmsr
	mov $0x80010033, %eax /* PG, WP, NE, ET, MP, PE */
	mov %eax, %cr0
	lgdt gdt_pointer
	ljmp $8, $1f

	.code64
1:	mov $16, %eax
	mov %eax, %ds
	mov %eax, %es
	mov %eax, %ss
	xor %eax, %eax
	mov %eax, %fs
	mov %eax, %gs
	xor %ebp, %ebp
	mov %edi, %edi /* main()'s arguments: the way in, and what the loader knows */
	mov %esi, %esi
	call main
2:	cli
	hlt
	jmp 2b

	.section .rodata
	.globl gdt, gdt_pointer
	.balign 8
gdt:
	.quad 0
	.quad 0x00af9a000000ffff /* 8: 64-bit code */
	.quad 0x00cf92000000ffff /* 16: data */
gdt_pointer:
	.short 23
	.long gdt, 0

/* The first 4 GiB as they are, in pages of 2 MiB. What is device memory the MTRRs know. */
	.data
	.globl page_map
	.balign 4096
page_map:
	.quad page_map_pointers + 3
	.fill 511, 8, 0
page_map_pointers:
	.quad page_directories + 3, page_directories + 0x1003
	.quad page_directories + 0x2003, page_directories + 0x3003
	.fill 508, 8, 0
page_directories:
	.set page, 0
	.rept 2048
	.quad page * 0x200000 + 0x83
	.set page, page + 1
	.endr

	.bss
	.balign 16
	.skip 32768
boot_stack_end:

	.section .note.GNU-stack, "", @progbits
