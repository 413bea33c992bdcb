/*
 * A driver port, as the environment runs it. In C, and the same in C++.
 *
 * The four ops and the page table's two are written as they would be in the kernel; the seven calls
 * below them are what the simulated machine needs besides: hardware that is brought up, domains
 * with mappings, devices attached to them, and the same once more in the next kernel. A port that
 * has no hardware leaves the seven NULL: its ops alone are run, and nothing is asked of its tables.
 *
 * All of them are called on one thread, without a lock but flb.lock in the ops. What the ops owe is
 * docs/spec/driver-contract.md; docs/port-guide.md has an example.
 *
 * In the order of a kernel's life:
 *   probe         each unit, in order. `ser` is the record that the kernel before left for it, or
 *                 NULL
 *   domain_alloc  each domain, in order. `ser` as above. Then map, for a domain that has no record
 *   probe_device  each device that has dev->iommu; dev_iommu_priv_set is for the port
 *   attach        a device to a domain, which it leaves the one before for. `ser` is the device's
 *                 record, if the kernel before left one: the hardware is translating, and this
 *                 adopts what it finds
 *   the ops       when somebody preserves
 *   shutdown      each unit, before the next kernel starts
 */
#ifndef HOLDFAST_SUT_KERNEL_PORT_H_
#define HOLDFAST_SUT_KERNEL_PORT_H_

#include <linux/generic_pt/iommu.h>
#include <linux/iommu.h>

/* Whose tables they are: which walker (sut/hardware) judges them. */
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
   * The unit with registers at `reg_phys` (ioremap), which is its token too; an error pointer if it
   * cannot be run.
   */
  struct iommu_device* (*probe)(u64 reg_phys, struct iommu_hw_ser* ser);
  void (*shutdown)(struct iommu_device* iommu);
  int (*probe_device)(struct device* dev);
  struct pt_iommu* (*domain_alloc)(struct iommu_domain_ser* ser);
  /* `size` bytes, PAGE_SIZE or 2 MiB and aligned to it; prot of IOMMU_READ and IOMMU_WRITE. */
  int (*map)(struct iommu_domain* domain, u64 iova, phys_addr_t phys, size_t size, int prot);
  int (*attach)(struct iommu_domain* domain, struct device* dev, struct iommu_device_ser* ser);
  /*
   * The firmware maps requester ids to ids below 64, for units that have no more. Else a device's
   * ids are what PCI says.
   */
  bool small_ids;
};

/* What a port defines, under this name. */
HOLDFAST_BEGIN_C
extern const struct holdfast_port holdfast_port;
HOLDFAST_END_C

#endif /* HOLDFAST_SUT_KERNEL_PORT_H_ */
