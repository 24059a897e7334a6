/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * fibre.S - from the lab to an actor and back.
 *
 * Everything that the lab does runs on its own stack. An actor's stack holds nothing but its own
 * frames and, at its end, six registers and an address in its own code: equal states of an actor
 * are equal bytes.
 */
	.text

/* memory.c checks that they are these */
	.set	READ, 1
	.set	WRITE, 2
	.set	HEAP, 0x200000000000
	.set	HEAP_SIZE, 0x200000

/* in struct lab_quick */
	.set	LEFT, 0
	.set	LOW, 8
	.set	GRANULE, 16
	.set	DIRTY, 24
	.set	STACK_END, 32
	.set	USE, 40
	.set	HEAP_ROOM, 64

/* uint64_t lab_resume(uint64_t sp, uint64_t value): returns the actor's new sp, its op in lab_op */
	.globl	lab_resume
	.hidden	lab_resume
	.type	lab_resume, @function
lab_resume:
	push	%rbp
	push	%rbx
	push	%r12
	push	%r13
	push	%r14
	push	%r15
	mov	%rsp, lab_own_sp(%rip)
	mov	%rdi, %rsp
	mov	%rsi, %rax
	pop	%r15
	pop	%r14
	pop	%r13
	pop	%r12
	pop	%rbx
	pop	%rbp
	pop	%rcx
	jmp	*%rcx
	.size	lab_resume, . - lab_resume

/* uint64_t lab_trap(what, addr, a, b, pc): in lab_op, as struct op has them */
	.globl	lab_trap
	.hidden	lab_trap
	.type	lab_trap, @function
lab_trap:
	cmpb	$1, lab_mode(%rip)
	jne	lab_elsewhere
	push	%rbp
	push	%rbx
	push	%r12
	push	%r13
	push	%r14
	push	%r15

/* see struct lab_quick whether it needs a stop; %rdi to %r8 keep the arguments */
	lea	lab_quick(%rip), %r11
	cmpl	$0, LEFT(%r11)
	je	lab_stop
	cmp	$0x8ff, %rdi			/* of more than 8 bytes */
	ja	lab_stop
	movzbl	%dil, %eax			/* the kind */
	cmp	$WRITE, %eax
	ja	lab_stop
	mov	%edi, %ebx
	shr	$8, %ebx
	mov	%esi, %ebp
	and	$7, %ebp
	add	%ebx, %ebp
	cmp	$8, %ebp			/* of two granules */
	ja	lab_stop
	movabs	$HEAP, %rbp
	mov	%rsi, %r10
	sub	%rbp, %r10			/* offset in the heap */
	cmp	HEAP_ROOM(%r11), %r10
	jb	1f
	cmp	%rsp, %rsi			/* or the own stack's part that is in use */
	jb	lab_stop
	cmp	STACK_END(%r11), %rsi
	jae	lab_stop
1:	mov	%r10, %rbp
	shr	$3, %rbp
	mov	GRANULE(%r11), %rbx
	mov	(%rbx,%rbp,4), %ebx
	mov	%ebx, %ebp
	and	USE(%r11,%rax,8), %ebp
	cmp	USE+4(%r11,%rax,8), %ebp
	je	2f
	cmp	$READ, %eax
	jne	lab_stop
	and	USE(%r11), %ebx
	cmp	USE+4(%r11), %ebx
	jne	lab_stop
2:	decl	LEFT(%r11)
	cmp	%rsp, LOW(%r11)
	jbe	3f
	mov	%rsp, LOW(%r11)
3:	cmp	$WRITE, %eax
	jne	4f
	cmp	$HEAP_SIZE, %r10		/* the running actor's stack counts as changed */
	jae	4f
	shr	$7, %r10
	mov	DIRTY(%r11), %rbx
	bts	%r10, (%rbx)
4:	pop	%r15
	pop	%r14
	pop	%r13
	pop	%r12
	pop	%rbx
	pop	%rbp
	ret

lab_stop:
	mov	%rdi, lab_op(%rip)
	mov	%rsi, lab_op+8(%rip)
	mov	%rdx, lab_op+16(%rip)
	mov	%rcx, lab_op+24(%rip)
	mov	%r8, lab_op+32(%rip)
	mov	%rsp, %rax
/* where a signal handler lets a crashed actor end: lab_op is set, %rax is its sp */
	.globl	lab_leave
	.hidden	lab_leave
lab_leave:
	mov	lab_own_sp(%rip), %rsp
	pop	%r15
	pop	%r14
	pop	%r13
	pop	%r12
	pop	%rbx
	pop	%rbp
	pop	%rcx
	jmp	*%rcx
	.size	lab_trap, . - lab_trap

lab_elsewhere:
	jb	lab_direct
	jmp	timed_trap

/* void lab_relax(void): what the caller keeps in registers goes onto its stack, and back */
	.globl	lab_relax
	.hidden	lab_relax
	.type	lab_relax, @function
lab_relax:
	cmpb	$2, lab_mode(%rip)
	jne	1f
	push	%rbp
	push	%rbx
	push	%r12
	push	%r13
	push	%r14
	push	%r15
	mov	%rsp, %rdi
	sub	$8, %rsp
	call	timed_relax
	add	$8, %rsp
	pop	%r15
	pop	%r14
	pop	%r13
	pop	%r12
	pop	%rbx
	pop	%rbp
1:	ret
	.size	lab_relax, . - lab_relax

/* void lab_switch(uint64_t *from, uint64_t to) */
	.globl	lab_switch
	.hidden	lab_switch
	.type	lab_switch, @function
lab_switch:
	push	%rbp
	push	%rbx
	push	%r12
	push	%r13
	push	%r14
	push	%r15
	mov	%rsp, (%rdi)
	mov	%rsi, %rsp
	pop	%r15
	pop	%r14
	pop	%r13
	pop	%r12
	pop	%rbx
	pop	%rbp
	ret
	.size	lab_switch, . - lab_switch

/* see op.h */
	.globl	foreign_stubs
	.hidden	foreign_stubs
	.type	foreign_stubs, @function
	.balign	32
foreign_stubs:
	.set	stub, 0
	.rept	64
	.balign	32
	cmpb	$1, lab_mode(%rip)
	je	1f
	jmp	*foreign_function + 8 * stub(%rip)
1:
	mov	foreign_name + 8 * stub(%rip), %rdi
	jmp	lab_foreign
	.set	stub, stub + 1
	.endr
	.size	foreign_stubs, . - foreign_stubs

	.section .note.GNU-stack, "", @progbits
