#include "properties/lockstep/detect_profile.h"

#include <cerrno>
#include <cstdint>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "model/command.h"
#include "model/scenario.h"
#include "model/text/text.h"

namespace holdfast {
namespace {

struct Question {
  std::string_view topology;
  std::vector<Command> commands;
  // of other versions, in the order in which they are tried
  std::vector<void (*)(Profile&)> answers;
  bool safer = true;  // than the answers of the named versions
};

// The order matters: an earlier answer decides which code a later question reaches.
std::vector<Question> Questions() {
  constexpr std::string_view kOneDevice = "iommu0(dev0) dom0";
  return {
      {kOneDevice, {PreserveDomain(0)}, {[](Profile& profile) { profile.checks_flb = true; }}},
      {kOneDevice,
       {PreserveFile(), PreserveDomain(0), PreserveDomain(0)},
       {[](Profile& profile) { profile.double_domain = -EBUSY; },
        [](Profile& profile) { profile.double_domain = -EINVAL; }}},
      {kOneDevice,
       {PreserveFile(), PreserveDomain(0), PreserveDevice(0, 0), PreserveDevice(0, 0)},
       {[](Profile& profile) { profile.double_device = -EBUSY; },
        [](Profile& profile) { profile.double_device = -EINVAL; }}},
      {"iommu0(dev0) dom0 dom1",  // the FLB of the device's record is gone
       {PreserveFile(), PreserveDomain(0), PreserveDevice(0, 0), UnpreserveFile(), PreserveFile(),
        PreserveDomain(1), PreserveDevice(1, 0)},
       {[](Profile& profile) { profile.double_device_by_pointer = true; }}},
      {"iommu0(dev0:no-group) dom0",
       {PreserveFile(), PreserveDomain(0), PreserveDevice(0, 0)},
       {[](Profile& profile) { profile.checks_group = true; }}},
      {"iommu0(dev0:unprobed) dom0",
       {PreserveFile(), PreserveDomain(0), PreserveDevice(0, 0)},
       {[](Profile& profile) { profile.checks_iommu = true; }}},
      {kOneDevice,
       {PreserveFile(), UnpreserveDevice(0, 0)},
       {[](Profile& profile) { profile.quiet_unpreserve_device = true; }},
       false},
      {kOneDevice,
       {UnpreserveDomain(0)},
       {[](Profile& profile) { profile.quiet_unpreserve_domain = true; }},
       false},
  };
}

}  // namespace

Profile AskForAnswers(Runner& runner, const Profile& profile) {
  const bool between = LiesBetween(profile);
  Profile answered = profile;
  for (const Question& question : Questions()) {
    if (!question.safer && !between) continue;
    Scenario scenario = {.profile = answered,
                         .topology = std::get<Topology>(ParseTopology(question.topology)),
                         .commands = question.commands};
    if (!runner.Diverges(scenario)) continue;
    for (const auto& answer : question.answers) {
      scenario.profile = answered;
      answer(scenario.profile);
      if (runner.Diverges(scenario)) continue;
      answered = scenario.profile;
      break;
    }
  }
  return answered;
}

}  // namespace holdfast
