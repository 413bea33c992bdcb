// The preservation core: this project's own implementation of the seed (v3) and, built with
// HOLDFAST_PROFILE_V5, of the later v5.
//
// Written to the kernel's interface and under the kernel's names, from docs/spec/semantics.md.
// Three chains of records hang from one top record. All of it belongs to the FLB, and code that
// touches it holds flb->lock. Guards stand in the order in which they answer.
#include <linux/errno.h>
#include <linux/generic_pt/iommu.h>
#include <linux/iommu-liveupdate.h>
#include <linux/kexec_handover.h>
#include <linux/liveupdate.h>
#include <linux/pci.h>
#include <linux/slab.h>

namespace {

// The answers in which the two versions differ (docs/spec/rules.md 4). The signature and the
// records differ too.
#ifdef HOLDFAST_PROFILE_V5
constexpr bool refuses_double = true;
constexpr bool puts_flb = true;
constexpr bool needs_singleton_group = true;
#else
constexpr bool refuses_double = false;
constexpr bool puts_flb = false;
constexpr bool needs_singleton_group = false;
#endif

struct iommu_flb_obj {
  struct mutex lock;
  iommu_flb_ser* ser;
  iommu_hw_array_ser* curr_iommu_array;
  iommu_domain_array_ser* curr_domain_array;
  iommu_device_array_ser* curr_device_array;
};

// --- the FLB's life ------------------------------------------------------------------------------

template <typename T>
T* alloc_page() {
  return static_cast<T*>(kho_alloc_preserve(PAGE_SIZE));
}

// Calls `release` with each page of a chain. The next page's address is read before the page goes.
template <typename Release>
void for_each_page(u64 array_phys, Release release) {
  while (array_phys) {
    auto* page = static_cast<iommu_array_hdr_ser*>(phys_to_virt(array_phys));
    array_phys = page->next_array_phys;
    release(page);
  }
}

template <typename Release>
void release_all(const iommu_flb_obj* flb, Release release) {
  for_each_page(flb->ser->iommu_array_phys, release);
  for_each_page(flb->ser->device_array_phys, release);
  for_each_page(flb->ser->iommu_domain_array_phys, release);
  release(flb->ser);
}

// The top record, then the first page of each chain; unwound in reverse.
int alloc_records(iommu_flb_obj* flb) {
  flb->ser = alloc_page<iommu_flb_ser>();
  if (IS_ERR(flb->ser)) return static_cast<int>(PTR_ERR(flb->ser));
  flb->curr_domain_array = alloc_page<iommu_domain_array_ser>();
  long error = PTR_ERR(flb->curr_domain_array);
  if (!IS_ERR(flb->curr_domain_array)) {
    flb->curr_device_array = alloc_page<iommu_device_array_ser>();
    error = PTR_ERR(flb->curr_device_array);
    if (!IS_ERR(flb->curr_device_array)) {
      flb->curr_iommu_array = alloc_page<iommu_hw_array_ser>();
      error = PTR_ERR(flb->curr_iommu_array);
      if (!IS_ERR(flb->curr_iommu_array)) return 0;
      kho_unpreserve_free(flb->curr_device_array);
    }
    kho_unpreserve_free(flb->curr_domain_array);
  }
  kho_unpreserve_free(flb->ser);
  return static_cast<int>(error);
}

int flb_preserve(liveupdate_flb_op_args* args) {
  auto* flb = kzalloc_obj(iommu_flb_obj);
  if (!flb) return -ENOMEM;
  if (const int error = alloc_records(flb)) {
    kfree(flb);
    return error;
  }

  mutex_init(&flb->lock);
#ifdef HOLDFAST_PROFILE_V5
  flb->ser->version = IOMMU_LUO_FLB_VERSION;
#endif
  flb->ser->iommu_domain_array_phys = virt_to_phys(flb->curr_domain_array);
  flb->ser->device_array_phys = virt_to_phys(flb->curr_device_array);
  flb->ser->iommu_array_phys = virt_to_phys(flb->curr_iommu_array);
  args->obj = flb;
  args->data = virt_to_phys(flb->ser);
  return 0;
}

void flb_unpreserve(liveupdate_flb_op_args* args) {
  auto* flb = static_cast<iommu_flb_obj*>(args->obj);
  release_all(flb, kho_unpreserve_free);
  mutex_destroy(&flb->lock);
  kfree(flb);
}

// A record that cannot be restored is fatal: a device may be writing through tables that it names.
void restore_page(u64 phys) { BUG_ON(!kho_restore_folio(phys)); }

void restore_chain(u64 array_phys) {
  while (array_phys) {
    restore_page(array_phys);
    array_phys = static_cast<iommu_array_hdr_ser*>(phys_to_virt(array_phys))->next_array_phys;
  }
}

template <typename Array>
constexpr u64 capacity_of = (PAGE_SIZE - sizeof(Array)) / sizeof(Array::objects[0]);

// The first record of a chain that is live and matches, or NULL. No count leads out of its page.
template <typename Array, typename Match>
auto find_record(u64 array_phys, Match matches)
    -> decltype(&static_cast<Array*>(nullptr)->objects[0]) {
  while (array_phys) {
    auto* page = static_cast<Array*>(phys_to_virt(array_phys));
    BUG_ON(page->hdr.nr_objects > capacity_of<Array>);
    for (u64 i = 0; i < page->hdr.nr_objects; ++i) {
      auto* record = &page->objects[i];
      if (!(record->hdr.flags & IOMMU_SER_FLAG_DELETED) && matches(record)) return record;
    }
    array_phys = page->hdr.next_array_phys;
  }
  return nullptr;
}

int flb_retrieve(liveupdate_flb_op_args* args) {
  auto* flb = kzalloc_obj(iommu_flb_obj);
  if (!flb) return -ENOMEM;
  mutex_init(&flb->lock);
  restore_page(args->data);
  flb->ser = static_cast<iommu_flb_ser*>(phys_to_virt(args->data));
#ifdef HOLDFAST_PROFILE_V5
  if (flb->ser->version != IOMMU_LUO_FLB_VERSION) {
    kfree(flb);
    return -EINVAL;
  }
#endif
  restore_chain(flb->ser->iommu_domain_array_phys);
  restore_chain(flb->ser->device_array_phys);
  restore_chain(flb->ser->iommu_array_phys);
  // No record of another kernel names a domain of this one.
  find_record<iommu_domain_array_ser>(flb->ser->iommu_domain_array_phys, [](iommu_domain_ser* ser) {
    return ser->restored_domain = nullptr, false;
  });
  args->obj = flb;
  return 0;
}

void flb_finish(liveupdate_flb_op_args* args) {
  auto* flb = static_cast<iommu_flb_obj*>(args->obj);
  release_all(flb, [](const void* page) { folio_put(virt_to_folio(page)); });
  mutex_destroy(&flb->lock);
  kfree(flb);
}

const liveupdate_flb_ops iommu_flb_ops = {
    .preserve = flb_preserve,
    .unpreserve = flb_unpreserve,
    .retrieve = flb_retrieve,
    .finish = flb_finish,
    .owner = THIS_MODULE,
};

liveupdate_flb iommu_flb = {.ops = &iommu_flb_ops, .compatible = IOMMU_LUO_FLB_COMPATIBLE};

// The outgoing FLB for the length of a call. v5 drops the reference at the end, and that may free
// the FLB. So an outgoing_flb is made before the lock is taken, and goes after the lock.
class outgoing_flb {
 public:
  outgoing_flb()
      : error_(liveupdate_flb_get_outgoing(&iommu_flb, reinterpret_cast<void**>(&flb_))) {}
  ~outgoing_flb() {
    if (puts_flb && !error_) liveupdate_flb_put_outgoing(&iommu_flb);
  }
  outgoing_flb(const outgoing_flb&) = delete;

  int error() const { return error_; }
  iommu_flb_obj* get() const { return flb_; }

 private:
  iommu_flb_obj* flb_ = nullptr;
  int error_;
};

// The same for the incoming FLB. Every version puts this reference: the files alone decide how long
// the records live.
class incoming_flb {
 public:
  incoming_flb()
      : error_(liveupdate_flb_get_incoming(&iommu_flb, reinterpret_cast<void**>(&flb_))) {}
  ~incoming_flb() {
    if (!error_) liveupdate_flb_put_incoming(&iommu_flb);
  }
  incoming_flb(const incoming_flb&) = delete;

  int error() const { return error_; }
  // Nothing came over, or this kernel takes nothing over.
  bool is_missing() const {
    return error_ == -ENODATA || error_ == -ENOENT || error_ == -EOPNOTSUPP;
  }
  iommu_flb_obj* get() const { return flb_; }

 private:
  iommu_flb_obj* flb_ = nullptr;
  int error_;
};

// --- records -------------------------------------------------------------------------------------

// A new record at the end of the chain, with one reference; or an error pointer, and nothing
// changed. A record is never used again: a DELETED record keeps its place until the FLB goes.
template <typename Array>
auto alloc_record(Array*& current) -> decltype(&current->objects[0]) {
  constexpr u64 capacity = capacity_of<Array>;
  if (current->hdr.nr_objects >= capacity) {
    Array* page = alloc_page<Array>();
    if (IS_ERR(page)) return static_cast<decltype(&current->objects[0])>(ERR_CAST(page));
    current->hdr.next_array_phys = virt_to_phys(page);
    current = page;
  }
  auto* record = &current->objects[current->hdr.nr_objects++];
  record->hdr.ref_count = 1;
  return record;
}

template <typename Record>
void mark_deleted(Record* record) {
  record->hdr.flags |= IOMMU_SER_FLAG_DELETED;
}

// --- the IOMMU behind a device -------------------------------------------------------------------

int preserve_iommu_locked(iommu_device* iommu, iommu_flb_obj* flb) {
  lockdep_assert_held(&flb->lock);
  if (!iommu->ops->preserve || !iommu->ops->unpreserve) return -EOPNOTSUPP;
  if (iommu->outgoing_preserved_state) {
    iommu->outgoing_preserved_state->hdr.ref_count++;
    return 0;
  }
  iommu_hw_ser* hw_ser = alloc_record(flb->curr_iommu_array);
  if (IS_ERR(hw_ser)) return static_cast<int>(PTR_ERR(hw_ser));
  if (const int error = iommu->ops->preserve(iommu, hw_ser)) {
    mark_deleted(hw_ser);
    return error;
  }

  iommu->outgoing_preserved_state = hw_ser;
  return 0;
}

void unpreserve_iommu_locked(iommu_device* iommu, iommu_flb_obj* flb) {
  lockdep_assert_held(&flb->lock);
  iommu_hw_ser* hw_ser = iommu->outgoing_preserved_state;
  if (WARN_ON(!hw_ser)) return;
  if (WARN_ON_ONCE(!iommu->ops->preserve || !iommu->ops->unpreserve)) return;
  if (--hw_ser->hdr.ref_count) return;

  iommu->outgoing_preserved_state = nullptr;
  iommu->ops->unpreserve(iommu, hw_ser);
  mark_deleted(hw_ser);
}

}  // namespace

// --- domains -------------------------------------------------------------------------------------

int iommu_preserve_domain(iommu_domain* domain, iommu_domain_ser** ser) {
  pt_iommu* pt = iommupt_from_domain(domain);
  if (!pt || !pt->ops->preserve || !pt->ops->unpreserve) return -EOPNOTSUPP;
  const outgoing_flb flb;
  if (flb.error()) return flb.error();
  guard(mutex)(&flb.get()->lock);
  if (refuses_double && domain->preserved_state) return -EBUSY;
  iommu_domain_ser* domain_ser = alloc_record(flb.get()->curr_domain_array);
  if (IS_ERR(domain_ser)) return static_cast<int>(PTR_ERR(domain_ser));
  if (const int error = pt->ops->preserve(pt, domain_ser)) {
    mark_deleted(domain_ser);
    return error;
  }

  domain->preserved_state = domain_ser;
  *ser = domain_ser;
  return 0;
}
EXPORT_SYMBOL_GPL(iommu_preserve_domain);

void iommu_unpreserve_domain(iommu_domain* domain) {
  pt_iommu* pt = iommupt_from_domain(domain);
  if (WARN_ON(!pt || !pt->ops->unpreserve)) return;
  const outgoing_flb flb;
  if (WARN_ON(flb.error())) return;
  guard(mutex)(&flb.get()->lock);
  iommu_domain_ser* domain_ser = domain->preserved_state;
  if (!domain_ser) return;

  pt->ops->unpreserve(pt, domain_ser);
  mark_deleted(domain_ser);
  domain->preserved_state = nullptr;
}
EXPORT_SYMBOL_GPL(iommu_unpreserve_domain);

// --- devices -------------------------------------------------------------------------------------

int iommu_preserve_device(iommu_domain* domain, device* dev, holdfast_device_arg argument) {
  if (!dev_is_pci(dev)) return -EOPNOTSUPP;
  if (!iommu_group_dma_owner_claimed(dev->iommu_group)) return -EINVAL;
  iommu_device* iommu = dev->iommu->iommu_dev;
  const iommu_ops* ops = iommu->ops;
  if (!ops->preserve_device || !ops->unpreserve_device || !ops->preserve || !ops->unpreserve)
    return -EOPNOTSUPP;
  const outgoing_flb flb;
  if (flb.error()) return flb.error();
  guard(mutex)(&flb.get()->lock);
  if (!domain->preserved_state) return -EINVAL;
  if (refuses_double && dev_iommu_preserved_state(dev)) return -EBUSY;
  iommu_device_ser* device_ser = alloc_record(flb.get()->curr_device_array);
  if (IS_ERR(device_ser)) return static_cast<int>(PTR_ERR(device_ser));
  if (const int error = preserve_iommu_locked(iommu, flb.get())) {
    mark_deleted(device_ser);
    return error;
  }

  pci_dev* pdev = to_pci_dev(dev);
  device_ser->domain_iommu_ser.domain_phys = virt_to_phys(domain->preserved_state);
  device_ser->domain_iommu_ser.iommu_phys = virt_to_phys(iommu->outgoing_preserved_state);
  device_ser->devid = pci_dev_id(pdev);
  device_ser->pci_domain_nr = static_cast<u32>(pci_domain_nr(pdev->bus));
#ifdef HOLDFAST_PROFILE_V5
  device_ser->dma_owner_token = argument;
#endif
  int error = ops->preserve_device(dev, device_ser);
  const bool shares_group =
      needs_singleton_group && !error && !iommu_group_is_singleton(dev->iommu_group);
  if (shares_group) error = -EOPNOTSUPP;
  if (error) {
    mark_deleted(device_ser);
    if (shares_group) ops->unpreserve_device(dev, device_ser);
    unpreserve_iommu_locked(iommu, flb.get());
    return error;
  }

  dev->iommu->device_ser = device_ser;
#ifndef HOLDFAST_PROFILE_V5
  *argument = virt_to_phys(device_ser);
#endif
  return 0;
}
EXPORT_SYMBOL_GPL(iommu_preserve_device);

// The record knows the domain that the device was preserved with.
void iommu_unpreserve_device(iommu_domain*, device* dev) {
  if (!dev_is_pci(dev)) return;
  if (!iommu_group_dma_owner_claimed(dev->iommu_group)) return;
  iommu_device* iommu = dev->iommu->iommu_dev;
  if (WARN_ON(!iommu->ops->unpreserve_device || !iommu->ops->unpreserve)) return;
  const outgoing_flb flb;
  if (WARN_ON(flb.error())) return;
  guard(mutex)(&flb.get()->lock);
  auto* device_ser = static_cast<iommu_device_ser*>(dev_iommu_preserved_state(dev));
  if (WARN_ON(!device_ser)) return;

  mark_deleted(device_ser);
  iommu->ops->unpreserve_device(dev, device_ser);
  dev->iommu->device_ser = nullptr;
  unpreserve_iommu_locked(iommu, flb.get());
}
EXPORT_SYMBOL_GPL(iommu_unpreserve_device);

// --- the next kernel -----------------------------------------------------------------------------

// The device takes its record, if it has one that no device has taken.
int iommu_init_device_preserved_data(device* dev) {
  if (!dev_is_pci(dev)) return 0;
  const incoming_flb flb;
  if (flb.error()) return flb.is_missing() ? 0 : flb.error();
  guard(mutex)(&flb.get()->lock);
  pci_dev* pdev = to_pci_dev(dev);
  iommu_device_ser* device_ser = find_record<iommu_device_array_ser>(
      flb.get()->ser->device_array_phys, [&](const iommu_device_ser* ser) {
        return !(ser->hdr.flags & IOMMU_SER_FLAG_INCOMING) && ser->devid == pci_dev_id(pdev) &&
               ser->pci_domain_nr == static_cast<u32>(pci_domain_nr(pdev->bus));
      });
  if (device_ser) device_ser->hdr.flags |= IOMMU_SER_FLAG_INCOMING;
  dev->iommu->device_ser = device_ser;
  return 0;
}
EXPORT_SYMBOL_GPL(iommu_init_device_preserved_data);

namespace {

// A domain that takes over the tables of the record. A failure leaves no trace.
iommu_domain* restore_tables(device* dev, iommu_domain_ser* ser) {
  iommu_domain* domain = iommu_paging_domain_alloc(dev);
  if (IS_ERR(domain)) return domain;
  pt_iommu* pt = iommupt_from_domain(domain);
  const int error = pt && pt->ops->restore ? pt->ops->restore(pt, ser) : -EOPNOTSUPP;
  if (error) {
    iommu_domain_free(domain);
    return static_cast<iommu_domain*>(ERR_PTR(error));
  }

  ser->hdr.flags |= IOMMU_SER_FLAG_INCOMING;
  ser->restored_domain = domain;
  domain->preserved_state = ser;
  return domain;
}

}  // namespace

// The domain of the device's record, one for all devices of the domain, and the device's owner. The
// address in the record is not trusted: it must be that of a live record.
iommu_domain* iommu_restore_domain(device* dev, iommu_device_ser* device_ser, void** owner) {
  const incoming_flb flb;
  if (flb.error()) return static_cast<iommu_domain*>(ERR_PTR(flb.error()));
  guard(mutex)(&flb.get()->lock);
  iommu_domain_ser* domain_ser = find_record<iommu_domain_array_ser>(
      flb.get()->ser->iommu_domain_array_phys, [&](const iommu_domain_ser* ser) {
        return virt_to_phys(ser) == device_ser->domain_iommu_ser.domain_phys;
      });
  if (!domain_ser) return static_cast<iommu_domain*>(ERR_PTR(-EINVAL));
  iommu_domain* domain = domain_ser->restored_domain;
  if (!domain) domain = restore_tables(dev, domain_ser);
  if (IS_ERR(domain)) return domain;

#ifdef HOLDFAST_PROFILE_V5
  *owner = reinterpret_cast<void*>(device_ser->dma_owner_token);
#else
  *owner = device_ser;
#endif
  return domain;
}
EXPORT_SYMBOL_GPL(iommu_restore_domain);

// A device goes that was restored and that nobody has claimed.
void iommu_release_restored_device(device* dev) {
#ifdef HOLDFAST_PROFILE_V5
  if (dev_iommu_restored_state(dev)) dev->iommu->device_ser = nullptr;
#else
  BUG_ON(dev_iommu_restored_state(dev));
#endif
}
EXPORT_SYMBOL_GPL(iommu_release_restored_device);

int iommu_liveupdate_register_flb(liveupdate_file_handler* handler) {
  return liveupdate_register_flb(handler, &iommu_flb);
}
EXPORT_SYMBOL_GPL(iommu_liveupdate_register_flb);
