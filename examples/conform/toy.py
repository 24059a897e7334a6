#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""A small model of a remapping unit, for qinval conform, in another language than C.

    examples/conform/toy.py toy.sock &
    qinval conform --device unix:toy.sock

It has 128-bit descriptors, context cache and IOTLB, and waits. Three things in it are wrong, each as
it has been in a real model; with --fixed behind the socket's name they are not.
"""
import os
import socket
import struct
import sys

MEMORY, SIZE, NOWHERE = 0x100000, 1 << 20, 0x40000000
NO_PASID = 0xFFFFFFFF

# Offsets of registers.
VER, CAP, ECAP, GCMD, GSTS, RTADDR = 0x00, 0x08, 0x10, 0x18, 0x1C, 0x20
FSTS, FECTL, FEADDR = 0x34, 0x38, 0x40
IQH, IQT, IQA, ICS, IECTL, IEADDR, IQERCD = 0x80, 0x88, 0x90, 0x9C, 0xA0, 0xA8, 0xB0

QIE, SRTP = 1 << 26, 1 << 30
IQE, QI_FAULTS, IWC = 1 << 4, 7 << 4, 1
MASKED, PENDING = 1 << 31, 1 << 30
MAMV = 9

# Codes of IQERCD.
TAIL, FETCH, TYPE, RESERVED = 1, 2, 3, 4

# Bits that a write changes, of 64, and bits that a write of 1 clears.
WRITABLE = {RTADDR: ~0x3FF, FECTL: ~0x7FFFFFFF, FEADDR: ~3, IQT: 0x7FFF0, IQA: ~0xFFF | 7,
            IECTL: ~0x7FFFFFFF, IEADDR: ~3}
CLEARED = {FSTS & ~7: QI_FAULTS << 32, ICS & ~7: IWC << 32}


class Toy:
    def __init__(self, wrong):
        self.wrong = wrong
        self.memory = bytearray(SIZE)
        self.reset()

    def reset(self):
        self.registers = bytearray(0x100)
        self.cache, self.sent = [], []
        self.set(VER, 0x10)
        self.set(CAP, 1 << 39 | MAMV << 48, 8)
        self.set(ECAP, 1 | 1 << 1, 8)
        self.set(FECTL, MASKED)
        self.set(IECTL, MASKED)

    def get(self, register, size=4):
        return int.from_bytes(self.registers[register:register + size], "little")

    def set(self, register, value, size=4):
        value &= (1 << 8 * size) - 1
        self.registers[register:register + size] = value.to_bytes(size, "little")

    # ---- Interrupts: FECTL and IECTL have their data and address behind them

    def send(self, control):
        if self.get(control) & MASKED:
            self.set(control, self.get(control) | PENDING)
            return
        self.set(control, 0)
        self.sent.append((self.get(control + 8, 8), self.get(control + 4)))

    def raise_iqe(self, code):
        self.set(FSTS, self.get(FSTS) | IQE)
        self.set(IQERCD, code, 8)
        self.send(FECTL)

    def complete(self):
        if not self.get(ICS) & IWC:
            self.set(ICS, IWC)
            self.send(IECTL)

    # ---- Registers

    def write(self, register, size, value):
        if register == GCMD:
            self.set(GSTS, (self.get(GSTS) & SRTP) | (value & (QIE | SRTP)))
            if not value & QIE:
                self.set(IQH, 0, 8)
        base, shift = register & ~7, 8 * (register % 8)
        lanes = ((1 << 8 * size) - 1) << shift
        value <<= shift
        old = self.get(base, 8)
        changed = WRITABLE.get(base, 0) & lanes
        new = (old & ~changed) | (value & changed)
        self.set(base, new & ~(CLEARED.get(base, 0) & lanes & value), 8)
        if not self.get(FSTS) & IQE:
            self.set(IQERCD, 0, 8)
        for status, control in ((FSTS, FECTL), (ICS, IECTL)):
            if not self.get(status):
                self.set(control, self.get(control) & ~PENDING)
            if self.get(control) == PENDING:
                self.send(control)

    # ---- Descriptors

    def refused(self, low, high):
        """0, or the code with which it is."""
        granularity = low >> 4 & 3
        if low & 0xE00:
            return TYPE
        if low & 15 == 1:
            return 0 if granularity and not low & ~0x3FFFFFFFF003F and not high else RESERVED
        if low & 15 == 2:
            if not granularity or low & ~0xFFFF003F or high & 0xF80:
                return RESERVED
            return RESERVED if granularity == 3 and high & 63 > MAMV else 0
        if low & 15 == 5:
            return RESERVED if low & 0xFFFFFF80 or high & 3 else 0
        return TYPE

    def goes(self, low, high, entry):
        kind, did, sid, _, address = entry
        granularity, context = low >> 4 & 3, low & 15 == 1
        if kind != ("context" if context else "iotlb"):
            return False
        if granularity == 1:
            return True
        if did != low >> 16 & 0xFFFF:
            return False
        if granularity == 2:
            return True
        if context:
            return not (sid ^ low >> 32) & 0xFFFF & ~(0, 4, 6, 7)[low >> 48 & 3]
        pages = 1 << (high & 63)
        first = high >> 12 & ~(pages - 1)  # what is below the mask is ignored
        if self.wrong and pages > 1:  # the last page is forgotten
            pages -= 1
        return first <= address >> 12 < first + pages

    def wait(self, low, high):
        interrupt = low & 1 << 4
        # Wrong: as if SW and IF were two values of one field.
        if low & 1 << 5 and not (self.wrong and interrupt) and self.reaches(high, 4):
            struct.pack_into("<I", self.memory, high - MEMORY, low >> 32)
        if interrupt:
            self.complete()

    def reaches(self, address, length):
        return MEMORY <= address <= MEMORY + SIZE - length

    def step(self):
        size, head, tail = 0x1000 << (self.get(IQA) & 7), self.get(IQH, 8), self.get(IQT, 8)
        if self.wrong:  # a tail beyond the ring is taken for one within
            tail %= size
        if not self.get(GSTS) & QIE or self.get(FSTS) & IQE or head == tail:
            return False
        at = (self.get(IQA, 8) & ~0xFFF) + head
        code = TAIL if tail >= size else 0 if self.reaches(at, 16) else FETCH
        if not code:
            low, high = struct.unpack_from("<QQ", self.memory, at - MEMORY)
            code = self.refused(low, high)
        if code:
            self.raise_iqe(code)
            return False
        self.set(IQH, (head + 16) % size, 8)
        if low & 15 == 5:
            self.wait(low, high)
        else:
            self.cache = [e for e in self.cache if not self.goes(low, high, e)]
        return True

    # ---- What qinval conform asks: SPEC.md has all of it

    def answer(self, words):
        if words[0] == "qinval-conform":
            return f"ok 1 toy.py {MEMORY:#x} {NOWHERE:#x} messages caches"
        if words[0] == "reset":
            self.reset()
        elif words[0] == "read":
            return f"ok {self.get(int(words[1], 16), int(words[2])):#x}"
        elif words[0] == "write":
            self.write(int(words[1], 16), int(words[2]), int(words[3], 16))
        elif words[0] == "store":
            data, at = bytes.fromhex(words[2]), int(words[1], 16) - MEMORY
            self.memory[at:at + len(data)] = data
        elif words[0] == "load":
            at = int(words[1], 16) - MEMORY
            return f"ok {self.memory[at:at + int(words[2])].hex()}"
        elif words[0] == "settle":
            while self.step():
                pass
        elif words[0] == "messages":
            numbers = [len(self.sent)] + [n for message in self.sent for n in message]
            self.sent = []
            return "ok " + " ".join(map(hex, numbers))
        elif words[0] in ("touch", "cached"):
            entry = (words[1], *(int(w, 0) for w in words[2:]))
            if words[0] == "cached":
                return f"ok {int(entry in self.cache)}"
            if entry[0] not in ("context", "iotlb") or (entry[0] == "iotlb" and entry[3] != NO_PASID):
                return "ok 0"
            self.cache.append(entry)
            return "ok 1"
        else:
            return f"error there is no question {words[0]!r}"
        return "ok"


def main():
    if len(sys.argv) < 2:
        sys.exit(f"usage: {sys.argv[0]} SOCKET [--fixed]")
    path = sys.argv[1]
    if os.path.exists(path):
        os.remove(path)
    with socket.socket(socket.AF_UNIX) as listener:
        # It is there when it listens, and not before.
        listener.bind(path + ".new")
        listener.listen()
        os.rename(path + ".new", path)
        connection, _ = listener.accept()
    toy = Toy(wrong="--fixed" not in sys.argv)
    with connection.makefile("rw", encoding="ascii", newline="\n") as file:
        for line in file:
            file.write(toy.answer(line.split()) + "\n")
            file.flush()
    os.remove(path)


if __name__ == "__main__":
    main()
