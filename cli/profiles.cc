// `holdfast profiles`: the questions that tell two versions apart, each with a shortest sequence.

#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/input.h"
#include "model/text/numbers.h"
#include "model/scenario.h"
#include "model/explore/compare_profiles.h"
#include "model/text/text.h"
#include "model/text/trace.h"
#include "properties/lockstep/counterexample.h"

namespace holdfast {
namespace {

// The trace of the first profile, with the other profile's answer to the last call as a comment.
std::string Sequence(const ProfileQuestion& question, const Profile& first, std::string_view second,
                     const ToldApart& told) {
  Scenario scenario = {
      .profile = first, .topology = question.world.topology, .commands = told.commands};
  // A fault that does not fire is no part of a trace.
  Command& last = scenario.commands.back();
  std::string with = fmt::format("the answer of {}", second);
  if (last.fault.armed() && !told.a.fault_fired) {
    with +=
        fmt::format(", and a fault at {} that has not fired here", FaultSiteName(last.fault.site));
    last.fault = {};
  }
  std::string claim =
      fmt::format("{}: {} with its own answer", question.question, PrintProfile(first));
  if (told.turns) {
    claim += fmt::format(", a page filled by {} of", Count(told.turns->whole, "turn"));
    const std::vector<Command>& turn = told.turns->turn;
    for (const Command& command : turn)
      claim += (&command == &turn.front() ? " " : "; ") + PrintCommand(command);
  }
  std::string text = PrintTrace(MakeTrace(scenario, claim + "."));
  text += fmt::format("# With {}: = {}", with, PrintOutcome(told.b));
  if (told.a.out != told.b.out)
    text += told.b.out == kNull ? ", and the out-parameter is not written"
                                : ", and the out-parameter is written";
  const Topology& topology = question.world.topology;
  const std::string state = PrintState(told.state_b, topology);
  if (!told.state_b.crashed && state != PrintState(told.state_a, topology))
    text += "\n# state " + FoldedSlots(state);
  return text + "\n";
}

Profile WithAnswerOf(const ProfileQuestion& question, const Profile& a, const Profile& b) {
  Profile other = a;
  if (question.take != nullptr) question.take(other, b);
  return other;
}

// Prints the row of a question. The result is the same for a machine.
Json Answer(const ProfileQuestion& question, const Profile& a, const Profile& b) {
  Json row = {{"question", question.question}};
  const Profile other = WithAnswerOf(question, a, b);
  fmt::print("{}\n", question.question);
  if (other == a) {
    // The stubs answer no question but that of the option.
    const bool decided = a.config_enabled != b.config_enabled;
    fmt::print("  {}\n\n", question.take == nullptr ? "one answer in every version"
                           : decided
                               ? "decided by CONFIG_IOMMU_LIVEUPDATE: one of the two has stubs only"
                               : "the same in both");
    row["verdict"] = question.take == nullptr ? "one answer" : decided ? "one has stubs" : "same";
    return row;
  }
  const ComparedProfiles compared = TellApart(question.world, a, other);
  if (compared.difference) {
    const ToldApart& told = *compared.difference;
    const std::string trace = Sequence(question, a, PrintProfile(b), told);
    fmt::print("{}\n", trace);
    row.update({{"verdict", "different"},
                {"first", PrintOutcome(told.a)},
                {"second", PrintOutcome(told.b)},
                {"trace", trace}});
  } else {
    fmt::print(
        "  none exists in [{}] within {} whose pages are not full, and {} turned until one was\n\n",
        PrintTopology(question.world.topology), Count(compared.states, "state"),
        Count(compared.loops, "loop"));
    row["verdict"] = "no difference found";
  }
  return row;
}

int Run(const std::string& first, const std::string& second, const std::string& json) {
  std::vector<Profile> profiles;
  for (const std::string& text : {first, second}) {
    const auto parsed = ParseProfile(text);
    if (const TextError* error = std::get_if<TextError>(&parsed)) {
      fmt::print(stderr, "holdfast: {}:{}: expected {}\n", text, error->column, error->expected);
      return kBadInput;
    }
    profiles.push_back(std::get<Profile>(parsed));
  }
  const Profile &a = profiles[0], &b = profiles[1];
  Json report = JsonReport("profiles");
  report.update({{"first", PrintProfile(a)}, {"second", PrintProfile(b)}});
  report["questions"] = Json::array();
  for (const ProfileQuestion& question : ProfileQuestions())
    report["questions"].push_back(Answer(question, a, b));
  for (const ProfileQuestion& question : QuestionsBetweenVersions()) {
    if (WithAnswerOf(question, a, b) != a) report["questions"].push_back(Answer(question, a, b));
  }
  return WithJson(json, report, kConforms);
}

}  // namespace

void AddProfiles(CommandLine& line) {
  const Subcommand command = line.Add(
      "profiles", "What tells two versions apart, question by question, by shortest sequences",
      "Example: holdfast profiles v3 v5");
  struct Options {
    std::string first, second, json;
  };
  auto options = std::make_shared<Options>();
  command.RequiredText("first", options->first,
                       "a profile: v3, v5, off, or one between them, \"v3 puts-flb\"", "PROFILE");
  command.RequiredText("second", options->second, "the other", "PROFILE");
  AddJson(command, options->json);
  command.Runs([options] { return Run(options->first, options->second, options->json); });
}

}  // namespace holdfast
