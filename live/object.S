/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The compiled BPF program as data; BPF_OBJECT is its file. */
	.section .rodata
	.balign 8
	.globl bpf_object_start, bpf_object_end
bpf_object_start:
	.incbin BPF_OBJECT
bpf_object_end:
	.byte 0
	.section .note.GNU-stack, "", @progbits
