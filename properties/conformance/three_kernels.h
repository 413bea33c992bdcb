// One long scenario for tests of driver ports: three kernels, so two handovers. Each of two IOMMUs
// has devices on both halves of two buses.
#ifndef HOLDFAST_PROPERTIES_CONFORMANCE_THREE_KERNELS_H_
#define HOLDFAST_PROPERTIES_CONFORMANCE_THREE_KERNELS_H_

#include <initializer_list>

#include "model/command.h"
#include "model/profile.h"
#include "model/scenario.h"
#include "model/topology.h"

namespace holdfast {

inline Scenario Generations(const Profile& profile) {
  Scenario scenario = {profile, MakeTopology(2, 8, 2), {}};
  const auto session = [&](std::initializer_list<std::uint8_t> devices) {
    scenario.commands.push_back(PreserveFile());
    scenario.commands.push_back(PreserveDomain(0));
    scenario.commands.push_back(PreserveDomain(1));
    for (const std::uint8_t device : devices) {
      scenario.commands.push_back(Attach(device / 2 % 2, device));
      scenario.commands.push_back(PreserveDevice(device / 2 % 2, device));
    }
    for (const Command& command : {Freeze(), Kexec(), Retrieve(), Finish()})
      scenario.commands.push_back(command);
    for (const std::uint8_t device : {0, 1, 2, 3, 4, 5, 6, 7})
      scenario.commands.push_back(ClaimDmaOwner(device));
  };
  session({0, 5, 2});
  session({1, 2, 4, 7});
  session({6, 0});
  return scenario;
}

}  // namespace holdfast

#endif  // HOLDFAST_PROPERTIES_CONFORMANCE_THREE_KERNELS_H_
