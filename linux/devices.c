// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#define pr_fmt(fmt) "DMAR: " fmt
#include <linux/iommu.h>
#include <linux/notifier.h>
#include <linux/pci.h>
#include <linux/rcupdate.h>
#include <linux/uaccess.h>
#include <linux/xarray.h>
#include "devices.h"
#include "domains.h"

/* Indexed by segment and source id. The table holds a reference to each device. Read under RCU. */
static DEFINE_XARRAY(table);

static bool any_stopped; /* a hint: true once a device has been stopped */

static unsigned long key(u16 segment, u16 sid)
{
	return (unsigned long)segment << 16 | sid;
}

static unsigned long key_of(struct pci_dev *pdev)
{
	return key(pci_domain_nr(pdev->bus), pci_dev_id(pdev));
}

/* Give up the table's reference, which readers may have seen. */
static void forget(struct pci_dev *pdev)
{
	synchronize_rcu();
	pci_dev_put(pdev);
}

static int add(struct pci_dev *pdev)
{
	void *old = xa_store(&table, key_of(pdev), pci_dev_get(pdev), GFP_KERNEL);

	if (xa_is_err(old))
		pci_dev_put(pdev);
	else if (old)
		forget(old);
	return xa_err(old);
}

static void remove(struct pci_dev *pdev)
{
	if (xa_cmpxchg(&table, key_of(pdev), pdev, NULL, GFP_KERNEL) == pdev)
		forget(pdev);
}

/*
 * A device that is removed leaves the bus's list first, and then the notifier is called. So if it
 * is still there after it was added to the table, the notifier removes it.
 */
static void remove_if_gone(struct pci_dev *pdev)
{
	struct pci_dev *there = pci_get_domain_bus_and_slot(pci_domain_nr(pdev->bus),
							    pdev->bus->number, pdev->devfn);

	if (there != pdev)
		remove(pdev);
	pci_dev_put(there);
}

static int changed(struct notifier_block *nb, unsigned long action, void *data)
{
	struct pci_dev *pdev = to_pci_dev(data);

	if (action == BUS_NOTIFY_ADD_DEVICE && add(pdev))
		pr_err("qinval: no memory to note the device %s: on_failure=stop will not stop "
		       "it\n",
		       pci_name(pdev));
	if (action == BUS_NOTIFY_REMOVED_DEVICE)
		remove(pdev);
	return NOTIFY_OK;
}

static struct notifier_block notifier = { .notifier_call = changed };

int devices_open(void)
{
	struct pci_dev *pdev = NULL;
	int err = bus_register_notifier(&pci_bus_type, &notifier);

	if (err)
		return err;
	while (!err && (pdev = pci_get_device(PCI_ANY_ID, PCI_ANY_ID, pdev))) {
		err = add(pdev);
		if (!err)
			remove_if_gone(pdev);
	}
	pci_dev_put(pdev);
	if (err)
		devices_close();
	return err;
}

void devices_close(void)
{
	struct pci_dev *pdev;
	unsigned long index;

	bus_unregister_notifier(&pci_bus_type, &notifier);
	xa_for_each(&table, index, pdev)
		pci_dev_put(pdev);
	xa_destroy(&table);
}

static bool masters(struct pci_dev *pdev)
{
	u16 command = 0;

	return !pci_read_config_word(pdev, PCI_COMMAND, &command) && command != 0xffff &&
	       command & PCI_COMMAND_MASTER;
}

static bool stop(struct pci_dev *pdev)
{
	if (!masters(pdev))
		return false;
	WRITE_ONCE(any_stopped, true);
	pci_clear_master(pdev);
	pr_err("qinval: %s: bus mastering is off, as the device could still reach pages that were "
	       "unmapped; unbind and bind its driver to use it again\n",
	       pci_name(pdev));
	return true;
}

bool devices_stop(u16 segment, u16 sid)
{
	struct pci_dev *pdev;
	bool stopped;

	rcu_read_lock();
	pdev = xa_load(&table, key(segment, sid));
	stopped = pdev && stop(pdev);
	rcu_read_unlock();
	return stopped;
}

/* What the device has of the IOMMU is freed when it is removed, without a grace period. */
static bool is_behind(struct pci_dev *pdev, const struct iommu_device *unit)
{
	const struct dev_iommu *by = READ_ONCE(pdev->dev.iommu);
	struct iommu_device *its;

	return by && !get_kernel_nofault(its, &by->iommu_dev) && its == unit;
}

unsigned int devices_stop_all(const struct iommu_device *unit)
{
	struct pci_dev *pdev;
	unsigned long index;
	unsigned int n = 0;

	rcu_read_lock();
	xa_for_each(&table, index, pdev)
		if (is_behind(pdev, unit))
			n += stop(pdev);
	rcu_read_unlock();
	return n;
}

/* A device of another segment (VMD's) makes its requests by an id that is not its own. */
unsigned int devices_stop_domain(const struct iommu_device *unit, u16 segment, u64 rtaddr, u16 did)
{
	struct pci_dev *pdev;
	unsigned long index;
	unsigned int n = 0;

	rcu_read_lock();
	xa_for_each(&table, index, pdev)
		if (is_behind(pdev, unit) && (pci_domain_nr(pdev->bus) != segment ||
					      domains_may_have(rtaddr, pci_dev_id(pdev), did)))
			n += stop(pdev);
	rcu_read_unlock();
	return n;
}

/* The kernel may consider a device dead that is still present. */
static bool is_stopped(u16 segment, u16 sid, bool ask)
{
	struct pci_dev *pdev;
	bool stopped;

	rcu_read_lock();
	pdev = xa_load(&table, key(segment, sid));
	stopped = !pdev;
	if (pdev && (ask || READ_ONCE(pdev->error_state) == pci_channel_io_perm_failure))
		stopped = !masters(pdev);
	rcu_read_unlock();
	return stopped;
}

bool devices_stopped(u16 segment, u16 sid)
{
	return is_stopped(segment, sid, true);
}

bool devices_known_stopped(u16 segment, u16 sid)
{
	return is_stopped(segment, sid, READ_ONCE(any_stopped));
}
