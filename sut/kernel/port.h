/*
 * A driver port, as the environment runs the port. In C, and the same in C++.
 *
 * The four ops of the IOMMU and the two of the page table are written as they would be in the
 * kernel. The six calls below them are the suite's own. With these calls the simulated machine
 * brings hardware up, maps memory in domains and attaches devices, in one kernel and then in the
 * next. A port without hardware leaves the six calls NULL. Then the environment runs only the ops,
 * and asks nothing of the tables.
 *
 * All calls come on one thread. No lock is held, except flb.lock in the ops.
 * docs/spec/driver-contract.md says what the ops owe; docs/port-guide.md has an example.
 *
 * In the order of a kernel's life:
 *
 *   probe         each unit, in order. `ser` is the unit's record of the kernel before, or NULL
 *   domain_alloc  each domain, in order. `ser` as above. Then map, for a domain without a record
 *   probe_device  each device that has dev->iommu; dev_iommu_priv_set is for the port
 *   attach        a device to a domain; the device leaves the domain before. `ser` is the device's
 *                 record of the kernel before, or NULL. With a record the hardware is translating:
 *                 the port adopts what it finds
 *   the ops       when a caller preserves
 *   shutdown      each unit, before the next kernel starts
 */
#ifndef HOLDFAST_SUT_KERNEL_PORT_H_
#define HOLDFAST_SUT_KERNEL_PORT_H_

#include <linux/generic_pt/iommu.h>
#include <linux/iommu.h>

/* The format of the tables, and so the walker (sut/hardware) that judges them. */
enum holdfast_hardware {
  HOLDFAST_NO_HARDWARE,
  HOLDFAST_VTD,
  HOLDFAST_SMMUV3,
};

struct holdfast_port {
  const struct iommu_ops* ops;       /* preserve, unpreserve, preserve_device, unpreserve_device */
  const struct pt_iommu_ops* pt_ops; /* preserve, unpreserve: of every domain of domain_alloc */
  enum holdfast_hardware hardware;

  /*
   * The unit with registers at `reg_phys` (ioremap); `reg_phys` is the unit's token too. An error
   * pointer if the unit cannot run.
   */
  struct iommu_device* (*probe)(u64 reg_phys, struct iommu_hw_ser* ser);
  void (*shutdown)(struct iommu_device* iommu);
  int (*probe_device)(struct device* dev);
  struct pt_iommu* (*domain_alloc)(struct iommu_domain_ser* ser);
  /*
   * Maps `size` bytes: PAGE_SIZE or 2 MiB, and aligned to it. `prot` is IOMMU_READ, IOMMU_WRITE or
   * both.
   */
  int (*map)(struct iommu_domain* domain, u64 iova, phys_addr_t phys, size_t size, int prot);
  int (*attach)(struct iommu_domain* domain, struct device* dev, struct iommu_device_ser* ser);
  /*
   * True: the firmware maps requester ids to ids below 64, for units without more ids. False: a
   * device's ids are those of PCI.
   */
  bool small_ids;
  /*
   * Which devices have an alias, a second requester id. True: every second PCI device; the port
   * carries its aliases over, and a device of another bus has none. False: the devices of other
   * buses, which nobody preserves.
   */
  bool pci_aliases;
  /*
   * True: the port gives the units its invalidations (holdfast_queue_command), and the caches of
   * the units are modelled. A stale entry that leads a device astray is then a finding.
   */
  bool invalidates;
};

/* A port defines this object. */
HOLDFAST_BEGIN_C
extern const struct holdfast_port holdfast_port;

/*
 * For the port to call. The unit with registers at `reg_phys` does a command of its queue: an
 * invalidation descriptor of VT-d. There is no queue in memory, and nothing to wait for.
 */
void holdfast_queue_command(u64 reg_phys, u64 low, u64 high);
HOLDFAST_END_C

#endif /* HOLDFAST_SUT_KERNEL_PORT_H_ */
