/*
 * From the source-id of a request to its page tables: root table, context table, and in scalable
 * mode the device's PASID directory and PASID table (sections 9.1 to 9.6). All requests here are
 * without PASID and use RID_PASID 0.
 */
#include "sut/ports/vtd/vtd.h"

enum {
  CONTEXT_WORDS = VTD_IS_SCALABLE ? 4 : 2,
  PASID_WORDS = 8,
  WIDTH_48 = 2, /* the field AW */
  PASID_TYPE_FIRST = 1,
  PASID_TYPE_SECOND = 2,
};

static unsigned int bus_of(u32 id) { return id >> 8 & 0xff; }
static unsigned int devfn_of(u32 id) { return id & 0xff; }

unsigned int vtd_context_index(u32 id) {
  return 2 * bus_of(id) + (VTD_IS_SCALABLE && devfn_of(id) >= 128);
}

/* A root entry is two words: in legacy mode only the first is used. */
static u64* root_word(struct vtd_unit* unit, unsigned int index) { return &unit->root[index]; }

u64* vtd_context_table(struct vtd_unit* unit, unsigned int index) {
  const u64 word = *root_word(unit, index);

  return word & VTD_PRESENT ? phys_to_virt(VTD_ADDRESS(word)) : NULL;
}

void vtd_clear_context_table(struct vtd_unit* unit, unsigned int index) {
  WRITE_ONCE(*root_word(unit, index), 0);
}

static u64* context_entry(struct vtd_unit* unit, u32 id) {
  u64* table = vtd_context_table(unit, vtd_context_index(id));

  return table ? &table[CONTEXT_WORDS * (VTD_IS_SCALABLE ? devfn_of(id) % 128 : devfn_of(id))]
               : NULL;
}

static int add_context_table(struct vtd_unit* unit, u32 id) {
  const unsigned int index = vtd_context_index(id);
  u64* table;

  if (vtd_context_table(unit, index)) return 0;
  table = iommu_alloc_pages_sz(GFP_KERNEL, PAGE_SIZE);
  if (!table) return -ENOMEM;
  WRITE_ONCE(*root_word(unit, index), virt_to_phys(table) | VTD_PRESENT);
  return 0;
}

void vtd_clear_context(struct vtd_unit* unit, u32 id) {
  u64* entry = context_entry(unit, id);
  int i;

  for (i = 0; entry && i < CONTEXT_WORDS; ++i) WRITE_ONCE(entry[i], 0);
}

/* --- domain ids ------------------------------------------------------------------------------- */

struct vtd_attachment* vtd_attachment_of(struct vtd_domain* domain, struct vtd_unit* unit) {
  int i;

  for (i = 0; i < VTD_UNITS; ++i) {
    if (domain->attachments[i].unit == unit) return &domain->attachments[i];
  }
  return NULL;
}

static struct vtd_attachment* take_attachment(struct vtd_domain* domain, struct vtd_unit* unit,
                                              u16 id) {
  struct vtd_attachment* attachment = vtd_attachment_of(domain, NULL);

  if (!attachment) return NULL;
  *attachment = (struct vtd_attachment){.unit = unit, .id = id};
  unit->id_in_use[id] = true;
  return attachment;
}

static struct vtd_attachment* get_attachment(struct vtd_domain* domain, struct vtd_unit* unit) {
  struct vtd_attachment* attachment = vtd_attachment_of(domain, unit);
  unsigned int id;

  for (id = 1; !attachment && id < VTD_IDS; ++id) {
    if (!unit->id_in_use[id]) attachment = take_attachment(domain, unit, (u16)id);
  }
  if (attachment) ++attachment->devices;
  return attachment;
}

static void put_attachment(struct vtd_domain* domain, struct vtd_unit* unit) {
  struct vtd_attachment* attachment = vtd_attachment_of(domain, unit);

  if (--attachment->devices != 0) return;
  unit->id_in_use[attachment->id] = false;
  attachment->unit = NULL;
}

static u16 id_in(const u64* context, const u64* pasid) {
  return VTD_IS_SCALABLE ? pasid[1] & 0xffff : context[1] >> 8 & 0xffff;
}

static u64 page_table_in(const u64* context, const u64* pasid) {
  if (!VTD_IS_SCALABLE) return VTD_ADDRESS(context[0]);
  return VTD_ADDRESS(VTD_IS_FIRST_STAGE ? pasid[2] : pasid[0]);
}

static u64* pasid_entry_of(const u64* context) {
  const u64* dir = phys_to_virt(VTD_ADDRESS(context[0]));

  return dir[0] & VTD_PRESENT ? phys_to_virt(VTD_ADDRESS(dir[0])) : NULL;
}

int vtd_reserve_ids(struct vtd_unit* unit, unsigned int index) {
  const u64* table = vtd_context_table(unit, index);
  int i;

  for (i = 0; i < 512; i += CONTEXT_WORDS) {
    const u64* context = &table[i];
    const u64* pasid = NULL;
    u16 id;

    if (!(context[0] & VTD_PRESENT)) continue;
    if (VTD_IS_SCALABLE) pasid = pasid_entry_of(context);
    if (VTD_IS_SCALABLE && !pasid) return -EINVAL;
    id = id_in(context, pasid);
    if (id == 0 || id >= VTD_IDS) return -EINVAL;
    unit->id_in_use[id] = true;
  }
  return 0;
}

/* --- attaching -------------------------------------------------------------------------------- */

int vtd_probe_device(struct device* dev) {
  struct vtd_device* info = kzalloc_obj(*info);

  if (!info) return -ENOMEM;
  dev_iommu_priv_set(dev, info);
  return 0;
}

static int add_pasid_tables(struct vtd_device* info) {
  if (info->pasid_dir) return 0;
  info->pasid_table = iommu_alloc_pages_sz(GFP_KERNEL, PAGE_SIZE);
  if (!info->pasid_table) return -ENOMEM;
  info->pasid_dir = iommu_alloc_pages_sz(GFP_KERNEL, PAGE_SIZE);
  if (!info->pasid_dir) {
    iommu_free_pages(info->pasid_table);
    info->pasid_table = NULL;
    return -ENOMEM;
  }
  info->pasid_dir[0] = virt_to_phys(info->pasid_table) | VTD_PRESENT;
  return 0;
}

/* The words that hold the present bit are written last. */
static void write_pasid_entry(u64* entry, u64 top, u16 id) {
  int i;

  for (i = 0; i < PASID_WORDS; ++i) WRITE_ONCE(entry[i], 0);
  entry[1] = id;
  if (VTD_IS_FIRST_STAGE) {
    entry[2] = top;
    WRITE_ONCE(entry[0], PASID_TYPE_FIRST << 6 | VTD_PRESENT);
  } else {
    WRITE_ONCE(entry[0], top | PASID_TYPE_SECOND << 6 | WIDTH_48 << 2 | VTD_PRESENT);
  }
}

static void write_context_entry(u64* entry, u64 target, u16 id) {
  WRITE_ONCE(entry[0], 0);
  entry[1] = VTD_IS_SCALABLE ? 0 : (u64)id << 8 | WIDTH_48;
  WRITE_ONCE(entry[0], target | VTD_PRESENT);
}

/* The hardware is translating: everything that it uses must agree with the records. */
static int adopt(struct vtd_unit* unit, struct vtd_domain* domain, struct device* dev,
                 struct iommu_device_ser* ser) {
  struct vtd_device* info = dev_iommu_priv_get(dev);
  const u64* context = context_entry(unit, dev_iommu_fwspec_get(dev)->ids[0]);
  const u64 id = ser->domain_iommu_ser.attachment_id;
  struct vtd_attachment* attachment;

  if (!context || !(context[0] & VTD_PRESENT) || id == 0 || id >= VTD_IDS) return -EINVAL;
  if (VTD_IS_SCALABLE) {
    if (VTD_ADDRESS(context[0]) != ser->intel.pasid_table) return -EINVAL;
    info->pasid_dir = iommu_restore_page(ser->intel.pasid_table);
    if (!info->pasid_dir || !(info->pasid_dir[0] & VTD_PRESENT)) return -EINVAL;
    info->pasid_table = iommu_restore_page(VTD_ADDRESS(info->pasid_dir[0]));
    if (!info->pasid_table || !(info->pasid_table[0] & VTD_PRESENT)) return -EINVAL;
  }
  if (id_in(context, info->pasid_table) != id ||
      page_table_in(context, info->pasid_table) != virt_to_phys(domain->tables[0])) {
    return -EINVAL;
  }
  attachment = vtd_attachment_of(domain, unit);
  if (!attachment) attachment = take_attachment(domain, unit, (u16)id);
  if (!attachment || attachment->id != id) return -EINVAL;
  ++attachment->devices;
  info->domain = domain;
  return 0;
}

int vtd_attach(struct iommu_domain* iommu_domain, struct device* dev,
               struct iommu_device_ser* ser) {
  struct vtd_unit* unit = to_vtd_unit(dev->iommu->iommu_dev);
  struct vtd_domain* domain = to_vtd_domain(iommu_domain);
  struct vtd_device* info = dev_iommu_priv_get(dev);
  const struct iommu_fwspec* fwspec = dev_iommu_fwspec_get(dev);
  struct vtd_attachment* attachment;
  unsigned int i;
  u64 top;

  if (ser) return adopt(unit, domain, dev, ser);
  for (i = 0; i < fwspec->num_ids; ++i) {
    if (add_context_table(unit, fwspec->ids[i])) return -ENOMEM;
  }
  if (VTD_IS_SCALABLE && add_pasid_tables(info)) return -ENOMEM;
  attachment = get_attachment(domain, unit);
  if (!attachment) return -ENOSPC;

  top = virt_to_phys(domain->tables[0]);
  if (VTD_IS_SCALABLE) {
    write_pasid_entry(info->pasid_table, top, attachment->id);
    top = virt_to_phys(info->pasid_dir);
  }
  for (i = 0; i < fwspec->num_ids; ++i)
    write_context_entry(context_entry(unit, fwspec->ids[i]), top, attachment->id);
  if (info->domain) put_attachment(info->domain, unit);
  info->domain = domain;
  return 0;
}
