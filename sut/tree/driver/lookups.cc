// The core's lookups in the records that came over, for a driver of a tree.
//
// The tree's own lookups need a session that was retrieved. A driver here comes up before that too,
// and finds the records from the FLB's physical address alone (sut/kernel/units.h). So the driver
// is compiled with other names for the lookups. The tree's own lookups are judged after each
// retrieve (sut/kernel/adapter/lookups.h).
#include "sut/kernel/binding.h"
#include "sut/kernel/live_records.h"

using namespace holdfast::kernel;

extern "C" int holdfast_for_each_preserved_device(int (*fn)(struct iommu_device_ser*, void*),
                                                  void* argument) {
  LiveRecords devices(kBinding.layout, Chain::kDevice);
  while (std::byte* record = devices.Next()) {
    if (const int stop = fn(reinterpret_cast<struct iommu_device_ser*>(record), argument))
      return stop;
  }
  return 0;
}

extern "C" struct iommu_hw_ser* holdfast_get_preserved_data(unsigned long long token,
                                                            unsigned int type) {
  LiveRecords units(kBinding.layout, Chain::kHw);
  while (std::byte* record = units.Next()) {
    if (Load<std::uint64_t>(record, kBinding.layout.hw_token) == token &&
        Load<std::uint64_t>(record, kBinding.layout.hw_type) == type)
      return reinterpret_cast<struct iommu_hw_ser*>(record);
  }
  return nullptr;
}
