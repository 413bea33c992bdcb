// The core's walk over the records that came over, for a driver of a tree.
//
// The tree's own walk needs a session that was retrieved. A driver here comes up before that too,
// and finds the records from the FLB's physical address alone (sut/kernel/units.h). So the driver
// is compiled with another name for the walk. The tree's own walk is judged after each retrieve
// (sut/kernel/adapter/lookups.h).
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
