// A stand-in: no device here has an address translation cache, page requests or PASIDs.
#ifndef HOLDFAST_LINUX_PCI_ATS_H_
#define HOLDFAST_LINUX_PCI_ATS_H_

#include <linux/pci.h>

static inline bool pci_ats_supported(struct pci_dev* dev) {
  (void)dev;
  return false;
}

static inline bool pci_pri_supported(struct pci_dev* dev) {
  (void)dev;
  return false;
}

#endif  // HOLDFAST_LINUX_PCI_ATS_H_
