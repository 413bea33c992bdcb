#include "model/state.h"

namespace holdfast {

State InitialState(const Topology& topology) {
  State state;
  state.attached.fill(kNone);
  state.preserved_state = kAllNull<kMaxDomains>;
  state.device_ser = kAllNull<kMaxDevices>;
  state.restored_ser = kAllNull<kMaxDevices>;
  state.outgoing_preserved_state = kAllNull<kMaxIommus>;
  for (std::size_t i = 0; i < topology.devices.size(); ++i) {
    const Device& device = topology.devices[i];
    if (device.group == kNone) continue;
    state.owner_claims[device.group] = 1;
    if (device.probed && !topology.domains.empty()) state.attached[i] = 0;
  }
  return state;
}

}  // namespace holdfast
