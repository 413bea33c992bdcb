// Values of the model as C++ expressions, for a program that includes the headers of model/ and
// links nothing of it.
//
// A field with its default value is left out. Names follow from the names of model/text/text.h: the
// site "iommu.preserve_device" is FaultSite::kIommuPreserveDevice.
#ifndef HOLDFAST_TRACES_AS_CODE_H_
#define HOLDFAST_TRACES_AS_CODE_H_

#include <cstdint>
#include <string>

#include "model/command.h"
#include "model/outcome.h"
#include "model/profile.h"
#include "model/reach.h"
#include "model/slot.h"
#include "model/topology.h"

namespace holdfast {

std::string ErrnoAsCode(int error);       // "-ENOMEM"
std::string PointerAsCode(SlotRef slot);  // "kNull", "3"
// an entry of Reach::device: "Reach::kBlocked", "0" for dom0
std::string ReachAsCode(std::uint8_t reach);
std::string AsCode(Luo luo);                   // "Luo::kStageA"
std::string AsCode(const Topology& topology);  // "{.iommus = ..., ...}", several lines
// "WithFault(PreserveDevice(0, 1), FaultSite::kIommuPreserve, -EIO)"
std::string AsCode(const Command& command);
std::string AsCode(const DriverCall& call);  // "{Op::kIommuPreserve, 0, 0, 0}"
std::string AsCode(const HwSlot& slot);      // "HwSlot{.iommu = 0, .ref_count = 1}"
std::string AsCode(const DomainSlot& slot);
std::string AsCode(const DeviceSlot& slot);

}  // namespace holdfast

#endif  // HOLDFAST_TRACES_AS_CODE_H_
