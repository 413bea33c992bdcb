/*
 * Compiled with a kernel tree's own headers, and with what sut/tree/probe has found out about them.
 */
#include "sut/tree/interface.h"

#include <linux/io.h>
#include <linux/iommu-liveupdate.h>
#include <linux/kho/abi/iommu.h>

#include "sut/kernel/port.h"

#include HOLDFAST_TREE_DETECTED

const char* const holdfast_tree_profile = HOLDFAST_TREE_PROFILE;

/*
 * Which bits of a record's header a flag is: older headers have bit-fields, which have no offset.
 */
static u32 bits_after(const struct iommu_hdr_ser* header, u32 offset) {
  u32 bits = 0;

  __builtin_memcpy(&bits, (const char*)header + offset,
                   sizeof(*header) - offset < 4 ? sizeof(*header) - offset : 4);
  return bits;
}

struct holdfast_tree_layout holdfast_tree_layout(void) {
  struct holdfast_tree_layout layout = {
#define SIZE(member, record) .member = sizeof(struct record),
#define FIELD(member, record, field) .member = offsetof(struct record, field),
      HOLDFAST_LAYOUT_SIZES(SIZE) HOLDFAST_LAYOUT_FIELDS(FIELD)};
  struct iommu_hdr_ser deleted = {0}, incoming = {0};

#ifdef HOLDFAST_TREE_HAS_FLAGS
  layout.flags = offsetof(struct iommu_hdr_ser, flags);
  deleted.flags = IOMMU_SER_FLAG_DELETED;
  incoming.flags = IOMMU_SER_FLAG_INCOMING;
#else
  layout.flags = offsetof(struct iommu_hdr_ser, ref_count) + sizeof(deleted.ref_count);
  deleted.deleted = 1;
  incoming.incoming = 1;
#endif
  layout.deleted_flag = bits_after(&deleted, layout.flags);
  layout.incoming_flag = bits_after(&incoming, layout.flags);

  layout.device_token = layout.version = HOLDFAST_TREE_NO_FIELD;
#ifdef HOLDFAST_TREE_DEVICE_TOKEN
  layout.device_token = offsetof(struct iommu_device_ser, HOLDFAST_TREE_DEVICE_TOKEN);
#endif
#ifdef HOLDFAST_TREE_HAS_VERSION
  layout.version = offsetof(struct iommu_flb_ser, version);
#endif
  return layout;
}

const void* const holdfast_tree_entry_points[] = {
    [HOLDFAST_TREE_PRESERVE_DOMAIN_ENTRY] = (const void*)HOLDFAST_TREE_PRESERVE_DOMAIN,
    [HOLDFAST_TREE_UNPRESERVE_DOMAIN_ENTRY] = (const void*)HOLDFAST_TREE_UNPRESERVE_DOMAIN,
    [HOLDFAST_TREE_PRESERVE_DEVICE_ENTRY] = (const void*)iommu_preserve_device,
    [HOLDFAST_TREE_UNPRESERVE_DEVICE_ENTRY] = (const void*)iommu_unpreserve_device,
};

int holdfast_tree_register_flb(struct liveupdate_file_handler* handler) {
  return HOLDFAST_TREE_REGISTER(handler);
}

int holdfast_tree_preserve_domain(struct iommu_domain* domain, struct iommu_domain_ser** ser) {
  return HOLDFAST_TREE_PRESERVE_DOMAIN(domain, ser);
}

void holdfast_tree_unpreserve_domain(struct iommu_domain* domain) {
  HOLDFAST_TREE_UNPRESERVE_DOMAIN(domain);
}

#ifdef HOLDFAST_TREE_SAYS_NO_RECORD
/*
 * The profile's interface names the record to the caller, and this version's has no way to: it is
 * said in its place, by what a query says.
 */
static void say_record(struct device* device, u64* preserved_state) {
  void* record = dev_iommu_preserved_state(device);

  if (record) *preserved_state = virt_to_phys(record);
}
#else
static void say_record(struct device* device, u64* preserved_state) {
  (void)device, (void)preserved_state;
}
#endif

int holdfast_tree_preserve_device(struct iommu_domain* domain, struct device* device, u64 token,
                                  u64* preserved_state) {
  int error;

  (void)token;
#if HOLDFAST_TREE_ARGUMENT == HOLDFAST_TREE_POINTER
  error = iommu_preserve_device(domain, device, preserved_state);
#elif HOLDFAST_TREE_ARGUMENT == HOLDFAST_TREE_TOKEN
  error = iommu_preserve_device(domain, device, token);
#else
  error = iommu_preserve_device(domain, device);
#endif
  if (!error) say_record(device, preserved_state);
  return error;
}

/* In older versions it returns something. */
void holdfast_tree_unpreserve_device(struct iommu_domain* domain, struct device* device) {
  (void)iommu_unpreserve_device(domain, device);
}

void* holdfast_tree_device_state(struct device* device) {
  return dev_iommu_preserved_state(device);
}
void* holdfast_tree_iommu_state(struct iommu_device* iommu) { return iommu_preserved_state(iommu); }

#ifdef HOLDFAST_TREE_HAS_FOR_EACH
/* Some versions declare it only in headers that are not among the three. */
int iommu_for_each_preserved_device(iommu_preserved_device_iter_fn fn, void* arg);

struct visit {
  int (*fn)(void* record, void* argument);
  void* argument;
};

static int visit_device(struct iommu_device_ser* record, void* argument) {
  struct visit* visit = argument;

  return visit->fn(record, visit->argument);
}

static int for_each_incoming_device(int (*fn)(void* record, void* argument), void* argument) {
  struct visit visit = {fn, argument};

  return iommu_for_each_preserved_device(visit_device, &visit);
}

int (*const holdfast_tree_for_each_incoming_device)(int (*)(void*, void*),
                                                    void*) = for_each_incoming_device;
#else
int (*const holdfast_tree_for_each_incoming_device)(int (*)(void*, void*), void*) = NULL;
#endif

#ifdef HOLDFAST_TREE_HAS_GET_DATA
struct iommu_hw_ser* iommu_get_preserved_data(u64 token, enum iommu_type_ser type);

/* As the unit's driver asks. The two types are the ABI's; not every version has a name for both. */
static void* incoming_iommu(u64 token) {
  const int type = holdfast_port.hardware == HOLDFAST_SMMUV3 ? 2 : 1;

  return iommu_get_preserved_data(token, (enum iommu_type_ser)type);
}

void* (*const holdfast_tree_incoming_iommu)(u64) = incoming_iommu;
#else
void* (*const holdfast_tree_incoming_iommu)(u64) = NULL;
#endif

#ifdef HOLDFAST_TREE_HAS_RESTORING
#define RESTORING(call) call
#else
#define RESTORING(call) NULL
#endif
int (*const holdfast_tree_probe_device)(struct device*) =
    RESTORING(iommu_init_device_preserved_data);
struct iommu_domain* (*const holdfast_tree_restore_domain)(
    struct device*, struct iommu_device_ser*, void**) = RESTORING(iommu_restore_domain);
