// A stub that does nothing: no device here has address translation services (ATS), page requests
// (PRI) or PASIDs.
#ifndef HOLDFAST_LINUX_PCI_ATS_H_
#define HOLDFAST_LINUX_PCI_ATS_H_

#include <linux/errno.h>
#include <linux/pci.h>

static inline bool pci_ats_supported(struct pci_dev* dev) { return (void)dev, false; }
static inline int pci_enable_ats(struct pci_dev* dev, int shift) {
  return (void)dev, (void)shift, -ENODEV;
}
static inline void pci_disable_ats(struct pci_dev* dev) { (void)dev; }
static inline bool pci_pri_supported(struct pci_dev* dev) { return (void)dev, false; }
static inline void pci_disable_pri(struct pci_dev* dev) { (void)dev; }
static inline int pci_max_pasids(struct pci_dev* dev) { return (void)dev, -EINVAL; }

#endif  // HOLDFAST_LINUX_PCI_ATS_H_
