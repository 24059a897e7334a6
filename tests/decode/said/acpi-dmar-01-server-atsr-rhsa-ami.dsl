An RHSA says to which node the unit at 0x9d7fc000 belongs, but no DRHD has that address.
Try: The table has an affinity for a unit that it does not list: a mistake of the firmware, or the table was shortened. It only costs locality.

Findings
 1. acpi-rhsa-without-unit: An RHSA says to which node the unit at 0x9d7fc000 belongs, but no DRHD
    has that address.
    certain
    line 271
    next: The table has an affinity for a unit that it does not list: a mistake of the firmware, or
    the table was shortened. It only costs locality.
    and 1 more acpi-rhsa-without-unit, 1 times in all: --json has them
 2. note: No unit has INCLUDE_PCI_ALL: a device that no scope names has no unit.
    certain
    next: Nothing has to be done if each device is in some unit's scope. A device that is in none
    has no unit.

lines 13-283: ACPI DMAR table
  Length             352
  Revision           1
  Checksum           0xdc  right
  OEM ID             ALASKA
  OEM Table ID       A M I
  OEM Revision       0x1
  Host Address Width 46  bits; the field is 0x2d
  Flags              0x1  INTR_REMAP

lines 27-122: DRHD, a remapping unit
  Offset                48
  Segment               0
  Flags                 0x0  none
  Register Base Address 0xd37fc000
  scope 1               I/O APIC 15 as 80:05.4
  scope 2               PCI endpoint 80:04.0
  scope 3               PCI endpoint 80:04.1
  scope 4               PCI endpoint 80:04.2
  scope 5               PCI endpoint 80:04.3
  scope 6               PCI endpoint 80:04.4
  scope 7               PCI endpoint 80:04.5
  scope 8               PCI endpoint 80:04.6
  scope 9               PCI endpoint 80:04.7
  scope 10              PCI bridge 80:00.0 and what is behind it

lines 125-148: DRHD, a remapping unit
  Offset                144
  Segment               0
  Flags                 0x0  none
  Register Base Address 0xe0ffc000
  scope 1               I/O APIC 16 as 85:05.4
  scope 2               PCI bridge 85:00.0 and what is behind it

lines 177-191: RMRR, memory reserved for devices
  Offset        208
  Segment       0
  Base Address  0x75460000
  Limit Address 0x75470fff  68 KiB, which these devices may reach whatever is translated
  scope 1       PCI endpoint 00:14.0

lines 194-225: ATSR, root ports that do ATS
  Offset  240
  Segment 0
  Flags   0x0  none
  scope 1 PCI bridge 17:00.0 and what is behind it
  scope 2 PCI bridge 3a:00.0 and what is behind it
  scope 3 PCI bridge 5d:00.0 and what is behind it

lines 228-268: ATSR, root ports that do ATS
  Offset  272
  Segment 0
  Flags   0x0  none
  scope 1 PCI bridge 80:00.0 and what is behind it
  scope 2 PCI bridge 85:00.0 and what is behind it
  scope 3 PCI bridge ae:00.0 and what is behind it
  scope 4 PCI bridge d7:00.0 and what is behind it

lines 271-276: RHSA, a unit's NUMA node
  Offset                312
  Register Base Address 0x9d7fc000
  Proximity Domain      0

lines 278-283: RHSA, a unit's NUMA node
  Offset                332
  Register Base Address 0xaaffc000
  Proximity Domain      0

and 1 more of acpi-drhd: --blocks prints them
exit 2
