// The Binding of a kernel tree, made from its C side (interface.h).
#include "sut/kernel/binding.h"

#include "model/layout_fields.h"
#include "sut/tree/interface.h"

namespace holdfast::kernel {
namespace {

RecordLayout LayoutOfTree() {
  static_assert(HOLDFAST_TREE_NO_FIELD == Layout::kNoField);
  const struct holdfast_tree_layout tree = holdfast_tree_layout();
  Layout layout;
#define SIZE(member, record) layout.member = tree.member;
#define FIELD(member, record, field) layout.member = tree.member;
  HOLDFAST_LAYOUT_SIZES(SIZE)
  HOLDFAST_LAYOUT_FIELDS(FIELD)
#undef SIZE
#undef FIELD
  layout.flags = tree.flags;
  layout.device_token = tree.device_token;
  layout.version = tree.version;
  return {layout, tree.deleted_flag, tree.incoming_flag, {}};
}

const void* EntryPoint(Verb verb) {
  switch (verb) {
    case Verb::kPreserveDomain:
      return holdfast_tree_entry_points[HOLDFAST_TREE_PRESERVE_DOMAIN_ENTRY];
    case Verb::kUnpreserveDomain:
      return holdfast_tree_entry_points[HOLDFAST_TREE_UNPRESERVE_DOMAIN_ENTRY];
    case Verb::kPreserveDevice:
      return holdfast_tree_entry_points[HOLDFAST_TREE_PRESERVE_DEVICE_ENTRY];
    case Verb::kUnpreserveDevice:
      return holdfast_tree_entry_points[HOLDFAST_TREE_UNPRESERVE_DEVICE_ENTRY];
    default: return nullptr;
  }
}

}  // namespace

const Binding kBinding = {
    .name = HOLDFAST_SUT_NAME,
    .profile = holdfast_tree_profile,
    .profile_is_detected = true,
    .layout = LayoutOfTree(),
    .register_flb = holdfast_tree_register_flb,
    .preserve_domain = holdfast_tree_preserve_domain,
    .unpreserve_domain = holdfast_tree_unpreserve_domain,
    .preserve_device = holdfast_tree_preserve_device,
    .unpreserve_device = holdfast_tree_unpreserve_device,
    .device_state = holdfast_tree_device_state,
    .iommu_state = holdfast_tree_iommu_state,
    .entry_point = EntryPoint,
    .for_each_incoming_device = holdfast_tree_for_each_incoming_device,
    .incoming_iommu = holdfast_tree_incoming_iommu,
    .probe_device = holdfast_tree_probe_device,
    .restore_domain = holdfast_tree_restore_domain,
    .release_device = nullptr,
    .port = &holdfast_port,
};

}  // namespace holdfast::kernel
