Nothing wrong was found.

lines 13-123: ACPI DMAR table
  Length             168
  Revision           1
  Checksum           0x9f  right
  OEM ID             INTEL
  OEM Table ID       EDK2
  OEM Revision       0x2
  Host Address Width 42  bits; the field is 0x29
  Flags              0x5  INTR_REMAP, DMA_CTRL_PLATFORM_OPT_IN

lines 27-41: DRHD, a remapping unit
  Offset                48
  Segment               0
  Flags                 0x0  none
  Register Base Address 0xfc800000
  scope 1               PCI endpoint 00:02.0

lines 44-67: DRHD, a remapping unit
  Offset                72
  Segment               0
  Flags                 0x1  INCLUDE_PCI_ALL
  Register Base Address 0xfc801000
  scope 1               I/O APIC 2 as 00:1e.7
  scope 2               HPET 0 as 00:1e.6

lines 70-101: SATC, integrated devices with a device TLB
  Offset  104
  Segment 0
  Flags   0x1  ATC_REQUIRED
  scope 1 PCI endpoint 00:02.0
  scope 2 PCI endpoint 00:05.0
  scope 3 PCI endpoint 00:0b.0

lines 104-123: SIDP, properties of integrated devices
  Offset  136
  Segment 0
  scope 1 PCI endpoint 00:02.0, flags 0x1f
  scope 2 PCI endpoint 00:05.0, flags 0x1f
  scope 3 PCI endpoint 00:0b.0, flags 0x1c

exit 0
