/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * vectors.S - 256 ways into idt_interrupt(struct frame *).
 */
	.text
	.code64
	.set vector, 0
	.balign 16
	.globl vectors
vectors: /* 16 bytes each */
	.rept 256
	.balign 16
	/* These push an error code themselves: 8, 10-14, 17, 21, 29, 30. */
	.if !(vector < 32 && ((0x60227d00 >> (vector & 31)) & 1))
	push $0
	.endif
	push $vector
	jmp common
	.set vector, vector + 1
	.endr

common:
	push %rax
	push %rcx
	push %rdx
	push %rsi
	push %rdi
	push %r8
	push %r9
	push %r10
	push %r11
	push %rbx /* keeps the stack pointer, which the call wants to be aligned */
	cld
	mov %rsp, %rdi
	mov %rsp, %rbx
	and $-16, %rsp
	call idt_interrupt
	mov %rbx, %rsp
	pop %rbx
	pop %r11
	pop %r10
	pop %r9
	pop %r8
	pop %rdi
	pop %rsi
	pop %rdx
	pop %rcx
	pop %rax
	add $16, %rsp /* vector, error code */
	iretq

	.section .note.GNU-stack, "", @progbits
