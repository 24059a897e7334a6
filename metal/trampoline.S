/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * trampoline.S - another CPU's way from its start-up interrupt to smp_entry().
 *
 * smp.c copies the first part to a page below 1 MiB, where the CPU starts in real mode. From there
 * one step leads to long mode, with the page tables and the GDT that the first CPU uses.
 */
	.section .rodata
	.code16
	.globl trampoline, trampoline_end
trampoline:
	cli
	cld
	mov %cs, %ax
	mov %ax, %ds
	mov $page_map, %eax
	mov %eax, %cr3
	mov $0x20, %eax /* PAE */
	mov %eax, %cr4
	mov $0xc0000080, %ecx /* EFER */
	rdmsr
	or $0x100, %eax /* LME */
	wrmsr
	lgdtl pointer - trampoline
	mov $0x80010033, %eax /* as in boot.S */
	mov %eax, %cr0
	ljmpl $8, $start
pointer:
	.short 23
	.long gdt
trampoline_end:

	.text
	.code64
start:
	mov $16, %eax
	mov %eax, %ds
	mov %eax, %es
	mov %eax, %ss
	xor %eax, %eax
	mov %eax, %fs
	mov %eax, %gs
	/* The CPU that comes first is number 1. One that comes late shares its stack with no other. */
	mov $1, %edi
	lock xadd %edi, smp_arrived(%rip)
	mov smp_stacks(%rip), %rax
	mov (%rax, %rdi, 8), %rsp
	xor %ebp, %ebp
	call smp_entry
1:	cli
	hlt
	jmp 1b

	.section .note.GNU-stack, "", @progbits
