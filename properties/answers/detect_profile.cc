#include "properties/answers/detect_profile.h"

#include <cerrno>
#include <string_view>
#include <variant>
#include <vector>

#include "model/command.h"
#include "model/scenario.h"
#include "model/text/text.h"
#include "properties/lockstep/lockstep.h"

namespace holdfast {
namespace {

using Sequence = std::vector<Command>;

struct Question {
  std::string_view topology;
  std::vector<Sequence> sequences;  // an answer must agree on all of them
  // of other versions, in the order in which they are tried
  std::vector<void (*)(Profile&)> answers;
};

constexpr Command WithoutFlb(Command command) {
  return WithFault(command, FaultSite::kFlbGetOutgoing);
}

// The order matters: an earlier answer decides which code a later question reaches.
std::vector<Question> Questions() {
  constexpr std::string_view kOneDevice = "iommu0(dev0) dom0";
  return {
      // The second call tells a return before the FLB lookup from a WARN that is gone.
      {kOneDevice,
       {{PreserveFile(), UnpreserveDevice(0, 0), WithoutFlb(UnpreserveDevice(0, 0))}},
       {[](Profile& profile) { profile.quiet_unpreserve_device = true; }}},
      {kOneDevice,
       {{PreserveFile(), UnpreserveDomain(0), WithoutFlb(UnpreserveDomain(0))}},
       {[](Profile& profile) { profile.quiet_unpreserve_domain = true; }}},
      {kOneDevice,
       {{PreserveDomain(0)},
        {PreserveDevice(0, 0)},
        {UnpreserveDomain(0)},
        {UnpreserveDevice(0, 0)}},
       {[](Profile& profile) { profile.checks_flb = true; }}},
      {kOneDevice,
       {{PreserveFile(), PreserveDomain(0), PreserveDomain(0)}},
       {[](Profile& profile) { profile.double_domain = -EBUSY; },
        [](Profile& profile) { profile.double_domain = -EINVAL; }}},
      {kOneDevice,
       {{PreserveFile(), PreserveDomain(0), PreserveDevice(0, 0), PreserveDevice(0, 0)}},
       {[](Profile& profile) { profile.double_device = -EBUSY; },
        [](Profile& profile) { profile.double_device = -EINVAL; }}},
      {"iommu0(dev0) dom0 dom1",  // the FLB of the device's record is gone
       {{PreserveFile(), PreserveDomain(0), PreserveDevice(0, 0), UnpreserveFile(), PreserveFile(),
         PreserveDomain(1), PreserveDevice(1, 0)}},
       {[](Profile& profile) { profile.double_device_by_pointer = true; }}},
      {"iommu0(dev0:no-group) dom0",
       {{PreserveFile(), PreserveDomain(0), PreserveDevice(0, 0)},
        {PreserveFile(), UnpreserveDevice(0, 0)}},
       {[](Profile& profile) { profile.checks_group = true; }}},
      {"iommu0(dev0:unprobed) dom0",
       {{PreserveFile(), PreserveDomain(0), PreserveDevice(0, 0)}},
       {[](Profile& profile) { profile.checks_iommu = true; }}},
  };
}

bool Agrees(Runner& runner, const Profile& profile, const Topology& topology,
            const Sequence& commands) {
  bool agrees = true;
  const auto ended = runner.Contain(profile, [&] {
    Lockstep lockstep(runner.sut());
    lockstep.set_strict();
    lockstep.set_recorder(runner.recorder());
    lockstep.Begin(topology, profile);
    for (const Command& command : commands) agrees = agrees && lockstep.Run(command);
    agrees = agrees && lockstep.TearDown();
  });
  return agrees && !ended;
}

bool Agrees(Runner& runner, const Profile& profile, const Question& question) {
  const Topology topology = std::get<Topology>(ParseTopology(question.topology));
  for (const Sequence& sequence : question.sequences) {
    if (!Agrees(runner, profile, topology, sequence)) return false;
  }
  return true;
}

}  // namespace

Profile AskForAnswers(Runner& runner, const Profile& profile) {
  Profile answered = profile;
  for (const Question& question : Questions()) {
    if (Agrees(runner, answered, question)) continue;
    for (const auto& answer : question.answers) {
      Profile other = answered;
      answer(other);
      if (!Agrees(runner, other, question)) continue;
      answered = other;
      break;
    }
  }
  return answered;
}

}  // namespace holdfast
