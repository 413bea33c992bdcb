// `holdfast profiles`: what tells two versions apart, question by question, each by a shortest sequence.

#include <cstdio>
#include <memory>
#include <string>

#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/numbers.h"
#include "model/scenario.h"
#include "model/tell_apart.h"
#include "model/text.h"
#include "traces/trace.h"

namespace holdfast {
namespace {

// The trace of the first profile, and as a comment what the other answer makes of its last call.
std::string Sequence(const ProfileQuestion& question, const Profile& first, std::string_view second, const ToldApart& told) {
  Scenario scenario = {.profile = first, .topology = question.world.topology, .commands = told.commands};
  // A fault that does not fire is no part of a trace.
  Command& last = scenario.commands.back();
  std::string with = fmt::format("the answer of {}", second);
  if (last.fault.armed() && !told.a.fault_fired) with += fmt::format(", and a fault at {} that has not fired here", FaultSiteName(last.fault.site));
  if (!told.a.fault_fired) last.fault = {};
  std::string claim = fmt::format("{}: {} with its own answer", question.question, first.name);
  if (told.turns) {
    claim += fmt::format(", a page filled by {} of", Count(told.turns->whole, "turn"));
    for (const Command& command : told.turns->turn) claim += (&command == &told.turns->turn.front() ? " " : "; ") + PrintCommand(command);
  }
  std::string text = PrintTrace(MakeTrace(scenario, claim + "."));
  text += fmt::format("# With {}: = {}", with, PrintOutcome(told.b));
  if (told.a.out != told.b.out) text += told.b.out == kNull ? ", and the out-parameter is not written" : ", and the out-parameter is written";
  const Topology& topology = question.world.topology;
  const std::string state = PrintState(told.state_b, topology);
  if (!told.state_b.crashed && state != PrintState(told.state_a, topology)) text += "\n# state " + state;
  return text + "\n";
}

int Run(const std::string& first, const std::string& second) {
  for (const std::string& name : {first, second}) {
    if (FindProfile(name) != nullptr) continue;
    fmt::print(stderr, "holdfast: {}: expected a profile: v3, v5 or off\n", name);
    return kBadInput;
  }
  const Profile &a = *FindProfile(first), &b = *FindProfile(second);
  for (const ProfileQuestion& question : ProfileQuestions()) {
    Profile other = a;
    if (question.take != nullptr) question.take(other, b);
    fmt::print("{}\n", question.question);
    if (other == a) {
      // The stubs answer none of the questions behind the option's own.
      const bool decided = a.config_enabled != b.config_enabled;
      fmt::print("  {}\n\n", question.take == nullptr ? "one answer in every version"
                             : decided                ? "decided by CONFIG_IOMMU_LIVEUPDATE: one of the two has stubs only"
                                                      : "the same in both");
      continue;
    }
    const ComparedProfiles compared = TellApart(question.world, a, other);
    if (compared.difference) {
      fmt::print("{}\n", Sequence(question, a, b.name, *compared.difference));
    } else {
      fmt::print("  none exists in [{}] within {} whose pages are not full, and {} turned until one was\n\n",
                 PrintTopology(question.world.topology), Count(compared.states, "state"), Count(compared.loops, "loop"));
    }
  }
  return kConforms;
}

}  // namespace

void AddProfiles(CLI::App& app, int& status) {
  CLI::App* command = app.add_subcommand("profiles", "What tells two versions apart, question by question, by shortest sequences");
  struct Names {
    std::string first, second;
  };
  auto names = std::make_shared<Names>();
  command->add_option("first", names->first, "a profile: v3, v5 or off")->type_name("PROFILE")->required();
  command->add_option("second", names->second, "the other")->type_name("PROFILE")->required();
  command->footer("Example: holdfast profiles v3 v5");
  command->callback([names, &status] { status = Run(names->first, names->second); });
}

}  // namespace holdfast
