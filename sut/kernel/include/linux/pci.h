// A stand-in: a PCI function and its bus, as far as their numbers go.
#ifndef HOLDFAST_LINUX_PCI_H_
#define HOLDFAST_LINUX_PCI_H_

#include <linux/device.h>

struct pci_bus {
  unsigned char number;
  int domain_nr;
};

struct pci_dev {
  struct pci_bus* bus;
  unsigned int devfn;
  // What the device has switched on. Nothing here switches it on: no device has ATS, PRI or PASIDs.
  unsigned int ats_enabled : 1;
  unsigned int pri_enabled : 1;
  unsigned int pasid_enabled : 1;
  struct device dev;
};

#define PCI_DEVID(bus, devfn) ((((u16)(bus)) << 8) | (devfn))
#define PCI_BUS_NUM(id) (((id) >> 8) & 0xff)
#define dev_is_pci(device) ((device)->bus == &pci_bus_type)
#define to_pci_dev(device) container_of(device, struct pci_dev, dev)

static inline u16 pci_dev_id(struct pci_dev* dev) {
  return (u16)PCI_DEVID(dev->bus->number, dev->devfn);
}
static inline int pci_domain_nr(struct pci_bus* bus) { return bus->domain_nr; }
// The device whose requester id the DMA has. Each device here makes its own DMA.
static inline struct pci_dev* pci_real_dma_dev(struct pci_dev* dev) { return dev; }

HOLDFAST_BEGIN_C
// Calls `fn` for the device's own requester id and then for its aliases, until a call returns
// non-zero. Returns the last result.
int pci_for_each_dma_alias(struct pci_dev* dev,
                           int (*fn)(struct pci_dev* dev, u16 alias, void* data), void* data);
HOLDFAST_END_C

#endif  // HOLDFAST_LINUX_PCI_H_
