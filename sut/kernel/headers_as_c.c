// Every header of the environment compiles as C, and guard() releases in C too.
#include <iommu-priv.h>
#include <linux/bitfield.h>
#include <linux/bitmap.h>
#include <linux/bitops.h>
#include <linux/bits.h>
#include <linux/bug.h>
#include <linux/cleanup.h>
#include <linux/compiler.h>
#include <linux/device.h>
#include <linux/dma-mapping.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/generic_pt/iommu.h>
#include <linux/idr.h>
#include <linux/interrupt.h>
#include <linux/io.h>
#include <linux/iommu-liveupdate.h>
#include <linux/iommu-pages.h>
#include <linux/iommu.h>
#include <linux/kernel.h>
#include <linux/kexec_handover.h>
#include <linux/kho/abi/iommu.h>
#include <linux/list.h>
#include <linux/liveupdate.h>
#include <linux/lockdep.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/mutex_types.h>
#include <linux/pci-ats.h>
#include <linux/pci.h>
#include <linux/rbtree.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/xarray.h>

#ifndef HOLDFAST_PROFILE_V5
int held_inside_guard(struct mutex* lock) {
  guard(mutex)(lock);
  lockdep_assert_held(lock);
  return lockdep_is_held(lock);
}

int allocate_and_free_in_c(void) {
  struct iommu_group_in_c {
    int member;
  }* object = kzalloc_obj(*object);
  int zero = object && object->member == 0;
  kfree(object);
  return zero;
}
#endif
EXPORT_SYMBOL_GPL(held_inside_guard);
