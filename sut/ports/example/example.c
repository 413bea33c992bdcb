/*
 * A driver port to copy: Intel VT-d in legacy mode, with only as much as conforms on every level.
 * docs/port-guide.md walks through the port; sut/ports/vtd is a fuller port, with all modes.
 *
 * The driver comes first, as it would be in the kernel. The adapter at the end is the part that
 * only the suite needs.
 */
#include <linux/io.h>
#include <linux/iommu-liveupdate.h>
#include <linux/iommu-pages.h>
#include <linux/pci.h>
#include <linux/slab.h>

#include "sut/kernel/port.h"

enum {
  BUSES = 256,
  IDS = 256,
  UNITS = 8,
  TABLES = 32,
  PRESENT = 1,
  READ = 1,
  WRITE = 2,
  LARGE = 1 << 7
};
enum { GCMD = 0x18, RTADDR = 0x20 };
#define TRANSLATE (1u << 31)
#define SET_ROOT (1u << 30)
#define ADDRESS(entry) ((entry) & ~0xfffull)

struct unit {
  struct iommu_device iommu;
  void* regs;
  u64 phys, *root;
  bool id_in_use[IDS];
};

struct domain { /* dev_iommu_priv_get() of each device that is attached to it */
  struct pt_iommu pt;
  u64* tables[TABLES]; /* the first is the top one */
  unsigned int num_tables;
  struct {
    struct unit* unit;
    u16 id;
  } known_as[UNITS]; /* for good, once a device is attached behind that unit */
};

#define to_unit(device) container_of((device)->iommu->iommu_dev, struct unit, iommu)
#define to_domain(member) container_of(member, struct domain, pt.domain)

static u64* context_table(struct unit* unit, unsigned int bus) {
  return unit->root[2 * bus] & PRESENT ? phys_to_virt(ADDRESS(unit->root[2 * bus])) : NULL;
}

static u16* id_of(struct domain* domain, struct unit* unit) {
  int i = 0;

  while (domain->known_as[i].unit && domain->known_as[i].unit != unit) ++i;
  domain->known_as[i].unit = unit;
  return &domain->known_as[i].id; /* 0: not yet */
}

/* --- tables ----------------------------------------------------------------------------------- */

static u64* add_table(struct domain* domain) {
  u64* table = domain->num_tables < TABLES ? iommu_alloc_pages_sz(GFP_KERNEL, PAGE_SIZE) : NULL;

  return table ? domain->tables[domain->num_tables++] = table : NULL;
}

static int map(struct iommu_domain* iommu_domain, u64 iova, phys_addr_t phys, size_t size,
               int prot) {
  u64 *table = to_domain(iommu_domain)->tables[0], *entry, *below;
  int level = 3;

  for (;; --level, table = phys_to_virt(ADDRESS(*entry))) {
    entry = &table[iova >> (12 + 9 * level) & 511];
    if (level == (size > PAGE_SIZE)) break;
    if (*entry) continue;
    if (!(below = add_table(to_domain(iommu_domain)))) return -ENOMEM;
    *entry = virt_to_phys(below) | READ | WRITE;
  }
  *entry = phys | READ | (prot & IOMMU_WRITE ? WRITE : 0) | (level ? LARGE : 0);
  return 0;
}

static int attach(struct iommu_domain* iommu_domain, struct device* dev,
                  struct iommu_device_ser* ser) {
  struct domain* domain = to_domain(iommu_domain);
  struct unit* unit = to_unit(dev);
  const struct iommu_fwspec* fwspec = dev_iommu_fwspec_get(dev);
  u16* id = id_of(domain, unit);
  unsigned int i;

  if (ser && ser->domain_iommu_ser.attachment_id - 1u >= IDS - 1) return -EINVAL;
  if (ser) *id = ser->domain_iommu_ser.attachment_id;
  for (i = 1; !*id && i < IDS; ++i) *id = unit->id_in_use[i] ? 0 : i;
  unit->id_in_use[*id] = true;
  for (i = 0; !ser && i < fwspec->num_ids; ++i) {
    u64* word = &unit->root[2 * (fwspec->ids[i] >> 8)];

    if (!*word) *word = virt_to_phys(iommu_alloc_pages_sz(GFP_KERNEL, PAGE_SIZE)) | PRESENT;
    word = phys_to_virt(ADDRESS(*word) + 16 * (fwspec->ids[i] & 0xff));
    word[1] = (u64)*id << 8 | 2; /* 48 bits */
    word[0] = virt_to_phys(domain->tables[0]) | PRESENT;
  }
  dev_iommu_priv_set(dev, domain);
  return 0;
}

/* --- the ops ---------------------------------------------------------------------------------- */

static bool is_recorded(const struct iommu_hw_ser* ser, unsigned int bus) {
  return ser->intel.context_tables_bitmap[bus / 64] >> (bus % 64) & 1;
}

static int preserve(struct iommu_device* iommu, struct iommu_hw_ser* ser) {
  struct unit* unit = container_of(iommu, struct unit, iommu);
  const int error = iommu_preserve_pages(unit->root);

  if (error) return error;
  ser->token = ser->intel.phys_addr = unit->phys;
  ser->type = IOMMU_INTEL;
  ser->intel.root_table = virt_to_phys(unit->root);
  return 0;
}

static void unpreserve(struct iommu_device* iommu, struct iommu_hw_ser* ser) {
  struct unit* unit = container_of(iommu, struct unit, iommu);
  unsigned int bus;

  for (bus = 0; bus < BUSES; ++bus) {
    if (is_recorded(ser, bus)) iommu_unpreserve_pages(context_table(unit, bus));
  }
  iommu_unpreserve_pages(unit->root);
}

/*
 * All devices on a bus share the table of the bus. The first device preserves and records the
 * table; unpreserve releases it.
 */
static int preserve_device(struct device* dev, struct iommu_device_ser* ser) {
  struct unit* unit = to_unit(dev);
  struct iommu_hw_ser* hw_ser = unit->iommu.outgoing_preserved_state;
  struct domain* domain = dev_iommu_priv_get(dev);
  const unsigned int bus = to_pci_dev(dev)->bus->number;

  if (!domain) return -EINVAL;
  if (!is_recorded(hw_ser, bus)) {
    const int error = iommu_preserve_pages(context_table(unit, bus));

    if (error) return error;
    hw_ser->intel.context_tables_bitmap[bus / 64] |= 1ull << (bus % 64);
  }
  ser->domain_iommu_ser.attachment_id = *id_of(domain, unit);
  return 0;
}

static void unpreserve_device(struct device* dev, struct iommu_device_ser* ser) {
  (void)dev, (void)ser;
}

static int preserve_domain(struct pt_iommu* pt, struct iommu_domain_ser* ser) {
  struct domain* domain = container_of(pt, struct domain, pt);
  unsigned int i;

  for (i = 0; i < domain->num_tables; ++i) {
    const int error = iommu_preserve_pages(domain->tables[i]);

    if (!error) continue;
    while (i > 0) iommu_unpreserve_pages(domain->tables[--i]);
    return error;
  }
  ser->top_table_phys = virt_to_phys(domain->tables[0]);
  ser->top_level = 3;
  ser->vasz = 48;
  return 0;
}

static void unpreserve_domain(struct pt_iommu* pt, struct iommu_domain_ser* ser) {
  struct domain* domain = container_of(pt, struct domain, pt);
  unsigned int i;

  (void)ser;
  for (i = 0; i < domain->num_tables; ++i) iommu_unpreserve_pages(domain->tables[i]);
}

/* --- the kexec: what is left to translate, and what the next kernel takes over ---------------- */

static int clear_unless_preserved(struct device* dev, struct iommu_device* iommu, void* arg) {
  const struct iommu_fwspec* fwspec = dev_iommu_fwspec_get(dev);
  unsigned int i;

  (void)iommu, (void)arg;
  for (i = 0; i < fwspec->num_ids && !dev_iommu_preserved_state(dev); ++i) {
    u64* table = context_table(to_unit(dev), fwspec->ids[i] >> 8);

    if (table) table[2 * (fwspec->ids[i] & 0xff)] = 0;
  }
  return 0;
}

static void shutdown(struct iommu_device* iommu) {
  struct unit* unit = container_of(iommu, struct unit, iommu);
  struct iommu_dev_iter iter = {.iommu = iommu, .fn = clear_unless_preserved};
  unsigned int bus;

  if (!iommu_preserved_state(iommu)) return writel(0, unit->regs + GCMD);
  iommu_for_each_dev(&iter);
  for (bus = 0; bus < BUSES; ++bus)
    unit->root[2 * bus] *= is_recorded(iommu_preserved_state(iommu), bus);
}

static int start_unit(struct unit* unit) {
  unit->root = iommu_alloc_pages_sz(GFP_KERNEL, PAGE_SIZE);
  if (!unit->root) return -ENOMEM;
  writeq(virt_to_phys(unit->root), unit->regs + RTADDR);
  writel(TRANSLATE | SET_ROOT, unit->regs + GCMD);
  return 0;
}

static int take_over_unit(struct unit* unit, const struct iommu_hw_ser* ser) {
  unsigned int bus, i;

  if (ser->type != IOMMU_INTEL || readq(unit->regs + RTADDR) != ser->intel.root_table)
    return -EINVAL;
  unit->root = iommu_restore_page(ser->intel.root_table);
  for (bus = 0; unit->root && bus < BUSES; ++bus) {
    const u64* table = context_table(unit, bus);

    if (is_recorded(ser, bus) != (table != NULL)) return -EINVAL;
    if (table && !iommu_restore_page(ADDRESS(unit->root[2 * bus]))) return -EINVAL;
    for (i = 0; table && i < 512; i += 2)
      unit->id_in_use[table[i] & PRESENT ? table[i + 1] >> 8 & (IDS - 1) : 0] = true;
  }
  return unit->root ? 0 : -EINVAL;
}

static int take_over_tables(struct domain* domain, phys_addr_t phys, int level) {
  u64* table = domain->num_tables < TABLES ? iommu_restore_page(phys) : NULL;
  int i, error = table ? 0 : -EINVAL;

  if (table) domain->tables[domain->num_tables++] = table;
  for (i = 0; level > 0 && !error && i < 512; ++i) {
    if (table[i] && !(table[i] & LARGE))
      error = take_over_tables(domain, ADDRESS(table[i]), level - 1);
  }
  return error;
}

/* --- the adapter ------------------------------------------------------------------------------ */

static struct iommu_device* probe(u64 reg_phys, struct iommu_hw_ser* ser) {
  struct unit* unit = kzalloc_obj(*unit);

  if (!unit) return ERR_PTR(-ENOMEM);
  unit->phys = reg_phys;
  unit->regs = ioremap(reg_phys, PAGE_SIZE);
  if (!unit->regs || (ser ? take_over_unit(unit, ser) : start_unit(unit)))
    return kfree(unit), ERR_PTR(-EINVAL);
  return &unit->iommu;
}

static int probe_device(struct device* dev) { return dev_iommu_priv_set(dev, NULL), 0; }

static struct pt_iommu* domain_alloc(struct iommu_domain_ser* ser) {
  struct domain* domain = kzalloc_obj(*domain);

  if (!domain) return ERR_PTR(-ENOMEM);
  if (ser ? take_over_tables(domain, ser->top_table_phys, 3) : !add_table(domain))
    return kfree(domain), ERR_PTR(-EINVAL);
  return &domain->pt;
}

const struct holdfast_port holdfast_port = {
    .ops = &(const struct iommu_ops){.preserve = preserve,
                                     .unpreserve = unpreserve,
                                     .preserve_device = preserve_device,
                                     .unpreserve_device = unpreserve_device},
    .pt_ops =
        &(const struct pt_iommu_ops){.preserve = preserve_domain, .unpreserve = unpreserve_domain},
    .hardware = HOLDFAST_VTD,
    .probe = probe,
    .shutdown = shutdown,
    .probe_device = probe_device,
    .domain_alloc = domain_alloc,
    .map = map,
    .attach = attach,
};
