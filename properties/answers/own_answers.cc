#include "properties/answers/own_answers.h"

#include <algorithm>
#include <span>
#include <string_view>
#include <utility>
#include <variant>

#include "model/explore/compare_profiles.h"
#include "model/step.h"
#include "model/text/text.h"
#include "properties/lockstep/lockstep.h"
#include "properties/lockstep/refusals.h"

namespace holdfast {
namespace {

// The outcome of the last command under a named version, on the orchestrator of that version: v5
// crashes on an orchestrator that counts no references.
Outcome AnswerOf(std::string_view version, const Scenario& scenario) {
  const Profile& profile = *FindProfile(version);
  State state = InitialState(scenario.topology);
  Outcome outcome;
  for (const Command& command : scenario.commands)
    StepInPlace(scenario.topology, profile, state, command, outcome);
  return outcome;
}

OwnAnswer MakeAnswer(std::string question, Scenario scenario, const Outcome& answer) {
  const Outcome v3 = AnswerOf("v3", scenario), v5 = AnswerOf("v5", scenario);
  return {std::move(question), std::move(scenario), answer, v3, v5};
}

// --- the answers that the profile names ----------------------------------------------------------

std::string_view NameOf(const Profile& without, const Profile& with) {
  for (const ProfileAnswer& answer : ProfileAnswers()) {
    const bool differs = answer.flag ? without.*answer.flag != with.*answer.flag
                                     : without.*answer.error != with.*answer.error;
    if (differs) return answer.name;
  }
  return "";
}

// One answer after the other: an earlier one decides which code a later one reaches.
void AddNamed(const Profile& profile, std::vector<OwnAnswer>& answers) {
  Profile without = *FindProfile(profile.name);
  without.luo = profile.luo;
  without.layout = profile.layout;
  for (const auto& questions : {ProfileQuestions(), QuestionsBetweenVersions()}) {
    for (const ProfileQuestion& question : questions) {
      if (question.take == nullptr) continue;
      Profile with = without;
      question.take(with, profile);
      if (with == without) continue;
      if (const auto told = TellApart(question.world, without, with).difference) {
        answers.push_back(MakeAnswer(
            std::string(NameOf(without, with)),
            {.profile = profile, .topology = question.world.topology, .commands = told->commands},
            told->b));
      }
      without = with;
    }
  }
}

// --- the interview -------------------------------------------------------------------------------

// What a caller may have done before the call, each with and without the others.
constexpr unsigned kFile = 1, kDomain = 2, kDevice = 4, kReleased = 8, kSituations = 16;

std::vector<Command> Situation(unsigned done) {
  std::vector<Command> commands;
  if (done & kFile) commands.push_back(PreserveFile());
  if (done & kDomain) commands.push_back(PreserveDomain(0));
  if (done & kDevice) commands.push_back(PreserveDevice(0, 0));
  if (done & kReleased) commands.push_back(ReleaseDmaOwner(0));
  return commands;
}

// Every kind of device, alone and in a group of two. The IOMMU and the page table have all ops, or
// lack one.
std::vector<std::string> Topologies() {
  std::vector<std::string> topologies;
  for (const std::string_view iommu :
       {"iommu0", "iommu0:no-preserve", "iommu0:no-unpreserve", "iommu0:no-preserve-device",
        "iommu0:no-unpreserve-device"}) {
    for (const std::string_view domain : {"dom0", "dom0:no-preserve", "dom0:no-unpreserve"}) {
      for (const std::string_view device :
           {"dev0", "dev0:nonpci", "dev0:no-group", "dev0:unprobed", "dev0:nonpci:no-group",
            "dev0:nonpci:unprobed", "dev0:no-group:unprobed", "dev0:nonpci:no-group:unprobed"}) {
        for (const std::string_view sibling : {"", " dev1:group=dev0"}) {
          if (!sibling.empty() && device.find("no-group") != std::string_view::npos) continue;
          std::string text(iommu);
          text.append("(").append(device).append(sibling).append(") ").append(domain);
          topologies.push_back(std::move(text));
        }
      }
    }
  }
  return topologies;
}

struct Refused {
  Scenario scenario;
  Outcome profiles, own;
  std::string question;
};

std::string QuestionOf(const Topology& topology, const Profile& profile, const State& state,
                       const Command& command) {
  std::string text(VerbName(command.verb));
  std::string_view between = " where ";
  const bool lookup_fails = command.fault.armed();
  for (const Reason& reason : ReasonsToRefuse(topology, profile, state, command, lookup_fails)) {
    text.append(between).append(reason.text);
    between = ", and ";
  }
  return text;
}

bool SameAnswer(const Outcome& a, const Outcome& b) {
  return a.kind == b.kind && a.error == b.error && a.warned == b.warned &&
         a.fault_fired == b.fault_fired;
}

// Keeps the shortest sequence of each pair of answers.
void Keep(std::vector<Refused>& kept, Refused refused) {
  for (Refused& other : kept) {
    if (other.scenario.commands.back().verb != refused.scenario.commands.back().verb ||
        !SameAnswer(other.profiles, refused.profiles) || !SameAnswer(other.own, refused.own))
      continue;
    if (refused.scenario.commands.size() < other.scenario.commands.size())
      other = std::move(refused);
    return;
  }
  kept.push_back(std::move(refused));
}

void Interview(Lockstep& lockstep, const Profile& profile, const Topology& topology,
               std::vector<Refused>& kept) {
  const Command calls[] = {PreserveDomain(0), UnpreserveDomain(0), PreserveDevice(0, 0),
                           UnpreserveDevice(0, 0)};
  for (unsigned done = 0; done < kSituations; ++done) {
    for (Command call : calls) {
      for (const FaultSite site : {FaultSite::kNone, FaultSite::kFlbGetOutgoing}) {
        call.fault.site = site;
        Scenario scenario = {.profile = profile, .topology = topology, .commands = Situation(done)};
        lockstep.Begin(topology, profile);
        bool conforms = true;
        for (const Command& command : scenario.commands)
          conforms = conforms && lockstep.Run(command) && !lockstep.state().crashed;
        if (!conforms) continue;
        const State before = lockstep.state();
        if (!lockstep.Run(call) || !lockstep.replaced()) continue;
        scenario.commands.push_back(call);
        Keep(kept, {std::move(scenario), *lockstep.replaced(), lockstep.outcome(),
                    QuestionOf(topology, profile, before, call)});
      }
    }
  }
}

void AddRefusals(Runner& runner, const Profile& profile, std::vector<OwnAnswer>& answers) {
  std::vector<Refused> kept;
  runner.Contain(profile, [&] {  // a process that ends here is for the run to report
    Lockstep lockstep(runner.sut());
    lockstep.set_recorder(runner.recorder());
    for (const std::string& text : Topologies())
      Interview(lockstep, profile, std::get<Topology>(ParseTopology(text)), kept);
  });
  std::stable_sort(kept.begin(), kept.end(), [](const Refused& a, const Refused& b) {
    return a.scenario.commands.size() < b.scenario.commands.size();
  });
  for (Refused& refused : kept)
    answers.push_back(
        MakeAnswer(std::move(refused.question), std::move(refused.scenario), refused.own));
}

}  // namespace

std::vector<OwnAnswer> OwnAnswers(Runner& runner, const Profile& profile) {
  std::vector<OwnAnswer> answers;
  AddNamed(profile, answers);
  AddRefusals(runner, profile, answers);
  return answers;
}

}  // namespace holdfast
