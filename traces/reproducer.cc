#include "traces/reproducer.h"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "model/layout_fields.h"
#include "model/rules/rules.h"
#include "model/step.h"
#include "model/text/text.h"
#include "properties/lockstep/flight_recorder.h"
#include "properties/lockstep/model_sut.h"
#include "traces/as_code.h"

namespace holdfast {
namespace {

constexpr std::string_view kHead = R"(// {claim}
//
{statement}//
// Written by `holdfast shrink --emit=cc`. It loads an implementation, makes the calls below and
// holds each against the specification. It links nothing of the suite; sut/sut.h and
// model/command.h say what a call is. With HOLDFAST, the suite's folder:
//
//   g++ -std=c++20 -I"$HOLDFAST" reproducer.cc -ldl -o reproducer && ./reproducer {object}
//
// Exit status: 0 all holds, 1 something does not, 2 the implementation cannot be loaded. For a
// debugger: break iommu_preserve_device.
#include "traces/reproducer_program.h"

using namespace holdfast;

int main(int argc, char** argv) {{
  if (!Load(argc, argv)) return 2;
)";

// A comment of full lines.
std::string Comment(const std::string& text) {
  constexpr std::size_t kWidth = 97;
  std::string comment;
  for (std::size_t begin = 0; begin < text.size();) {
    std::size_t end = text.size() - begin <= kWidth ? text.size() : text.rfind(' ', begin + kWidth);
    if (end == std::string::npos || end <= begin) end = text.size();
    comment += "// " + text.substr(begin, end - begin) + "\n";
    begin = end + 1;
  }
  return comment;
}

// Conditions that one value meets and another does not: "seen.state.files == 1".
class Conditions {
 public:
  template <typename T>
  void Number(const std::string& what, const T& value, const T& other) {
    if (value != other) texts_.push_back(fmt::format("{} == {}", what, static_cast<long>(value)));
  }
  void Flag(const std::string& what, bool value, bool other) {
    if (value != other) texts_.push_back((value ? "" : "!") + what);
  }
  template <typename Array>
  void Numbers(const std::string& what, const Array& values, const Array& others) {
    for (std::size_t i = 0; i < values.size(); ++i)
      Number(fmt::format("{}[{}]", what, i), values[i], others[i]);
  }
  template <typename Array>
  void Pointers(const std::string& what, const Array& values, const Array& others) {
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (values[i] != others[i])
        texts_.push_back(fmt::format("{}[{}] == {}", what, i, PointerAsCode(values[i])));
    }
  }
  template <typename Slot>
  void Chain(const std::string& what, const std::vector<Slot>& values,
             const std::vector<Slot>& others) {
    Number(what + ".size()", values.size(), others.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (i < others.size() && values[i] == others[i]) continue;
      texts_.push_back(fmt::format("At({}, {}) == {}", what, i, AsCode(values[i])));
    }
  }
  void Records(const std::string& what, const Flb& value, const Flb& other) {
    Flag(what + ".present", value.present, other.present);
    Number(what + ".damage", value.damage, other.damage);
    Chain(what + ".iommus", value.iommus, other.iommus);
    Chain(what + ".domains", value.domains, other.domains);
    Chain(what + ".devices", value.devices, other.devices);
  }
  void Memory(const State& value, const State& other) {
    const std::string state = "seen.state.";
    Flag(state + "frozen", value.frozen, other.frozen);
    Flag(state + "frozen_flb", value.frozen_flb, other.frozen_flb);
    Number(state + "files", value.files, other.files);
    Number(state + "frozen_files", value.frozen_files, other.frozen_files);
    Number(state + "flb_refs", value.flb_refs, other.flb_refs);
    Numbers(state + "owner_claims", value.owner_claims, other.owner_claims);
    Numbers(state + "attached", value.attached, other.attached);
    Pointers(state + "preserved_state", value.preserved_state, other.preserved_state);
    Pointers(state + "device_ser", value.device_ser, other.device_ser);
    Pointers(state + "restored_ser", value.restored_ser, other.restored_ser);
    Pointers(state + "outgoing_preserved_state", value.outgoing_preserved_state,
             other.outgoing_preserved_state);
    Number(state + "kho.iommus", value.kho.iommus, other.kho.iommus);
    Number(state + "kho.domains", value.kho.domains, other.kho.domains);
    Number(state + "kho.devices", value.kho.devices, other.kho.devices);
    Number(state + "kho.stray", value.kho.stray, other.kho.stray);
    Records(state + "flb", value.flb, other.flb);
    const Incoming &incoming = value.incoming, &other_incoming = other.incoming;
    if (incoming.status != other_incoming.status) {
      texts_.push_back(
          fmt::format("seen.state.incoming.status == static_cast<Incoming::Status>({})",
                      static_cast<int>(incoming.status)));
    }
    Flag(state + "incoming.lost", incoming.lost, other_incoming.lost);
    Number(state + "incoming.error", incoming.error, other_incoming.error);
    Number(state + "incoming.files", incoming.files, other_incoming.files);
    Records(state + "incoming.flb", incoming.flb, other_incoming.flb);
  }
  void Answers(const Queries& value, const Queries& other) {
    Pointers("seen.queries.device", value.device, other.device);
    Pointers("seen.queries.iommu", value.iommu, other.iommu);
  }
  // The caller's view besides the return, and the driver calls.
  void Call(const Outcome& value, const Outcome& other) {
    if (value.out != other.out) texts_.push_back("outcome.out == " + PointerAsCode(value.out));
    Flag("outcome.fault_fired", value.fault_fired, other.fault_fired);
    if (value.findings != other.findings) {
      texts_.push_back(fmt::format(
          "outcome.findings == {}{}", value.findings,
          value.findings == 0 ? " /* not " + PrintFindings(other.findings) + " */" : ""));
    }
    const auto calls = [](const Outcome& outcome) {
      return std::vector<DriverCall>(outcome.calls.begin(),
                                     outcome.calls.begin() + outcome.call_count);
    };
    if (calls(value) == calls(other)) return;
    std::string text;
    for (const DriverCall& call : calls(value)) {
      text += fmt::format("{}{}", text.empty() ? "" : ",\n                              ",
                          AsCode(call));
    }
    texts_.push_back(fmt::format("DriverCalls() == Ops{{{}}}", text));
  }
  void Sizes(const Layout& value, const Layout& other) {
#define SIZE(member, record) Number("sut->layout()." #member, value.member, other.member);
#define FIELD(member, record, field) SIZE(member, record)
    HOLDFAST_LAYOUT_SIZES(SIZE)
    HOLDFAST_LAYOUT_FIELDS(FIELD)
#undef FIELD
#undef SIZE
    Number("sut->layout().page", value.page, other.page);
    Number("sut->layout().flags", value.flags, other.flags);
    Number("sut->layout().device_token", value.device_token, other.device_token);
    Number("sut->layout().version", value.version, other.version);
  }
  // All conditions, because only the implementation has hardware.
  void Hardware(const Reach& reach, const Topology& topology) {
    texts_.push_back(reach.up ? "seen.reach.up" : "!seen.reach.up");
    texts_.push_back(fmt::format("seen.reach.iommus == {}", reach.iommus));
    texts_.push_back(fmt::format("seen.reach.domains == {}", reach.domains));
    for (std::size_t i = 0; i < topology.devices.size(); ++i) {
      texts_.push_back(fmt::format("seen.reach.device[{}] == {}", i, ReachAsCode(reach.device[i])));
      texts_.push_back(
          fmt::format("seen.reach.adopted[{}] == {}", i,
                      reach.adopted[i] == kNone ? "kNone" : std::to_string(reach.adopted[i])));
    }
  }

  const std::vector<std::string>& texts() const { return texts_; }

 private:
  std::vector<std::string> texts_;
};

std::string Returns(const Outcome& outcome) {
  const char* warned = outcome.warned ? "/*warned=*/true" : "";
  switch (outcome.kind) {
    case Outcome::Kind::kReturned:
      return fmt::format("Returned({}{}{})", ErrnoAsCode(outcome.error), outcome.warned ? ", " : "",
                         warned);
    case Outcome::Kind::kVoid: return fmt::format("Void({})", warned);
    case Outcome::Kind::kCrashed: break;
  }
  return "Crashed()";
}

// The calls until the divergence, with the calls of the teardown, as the model determines them.
std::vector<Command> CallsOf(const Scenario& scenario, const Profile& profile,
                             const Divergence& divergence) {
  ModelSut model(profile);
  const auto recorder = std::make_unique<FlightRecorder>();
  Scenario in_force = scenario;
  in_force.profile = profile;
  RunScenario(model, in_force, false, recorder.get());
  std::vector<Command> calls;
  for (std::size_t i = 0; i < recorder->length(); ++i) calls.push_back(recorder->command(i));
  if (divergence.moment == Divergence::Moment::kBegin) return {};
  if (divergence.moment == Divergence::Moment::kEnd) return calls;
  calls.resize(std::min(calls.size(), divergence.step));
  calls.push_back(divergence.command);
  return calls;
}

// The calls and their returns. A call that is repeated is a loop.
std::string Statements(const Scenario& scenario, const Profile& profile,
                       const Divergence& divergence) {
  struct Statement {
    std::string text;
    std::size_t times;
    bool begins_teardown;
  };
  std::vector<Statement> statements;
  State state = InitialState(scenario.topology);
  const std::vector<Command> calls = CallsOf(scenario, profile, divergence);
  for (std::size_t i = 0; i < calls.size(); ++i) {
    Outcome outcome;
    StepInPlace(scenario.topology, profile, state, calls[i], outcome);
    const std::string text = fmt::format("Call(\"{}\", {});\nEXPECT({});\n", PrintCommand(calls[i]),
                                         AsCode(calls[i]), Returns(outcome));
    const bool begins_teardown = i == scenario.commands.size();
    if (!begins_teardown && !statements.empty() && statements.back().text == text) {
      ++statements.back().times;
    } else {
      statements.push_back({text, 1, begins_teardown});
    }
  }
  std::string text;
  for (const Statement& statement : statements) {
    const bool loops = statement.times > 1;
    text += statement.begins_teardown ? "\n  // The teardown.\n" : "\n";
    if (loops) text += fmt::format("  for (int i = 0; i < {}; ++i) {{\n", statement.times);
    for (std::size_t begin = 0; begin < statement.text.size();) {
      const std::size_t end = statement.text.find('\n', begin) + 1;
      text += (loops ? "    " : "  ") + statement.text.substr(begin, end - begin);
      begin = end;
    }
    if (loops) text += "  }\n";
  }
  return text;
}

// The expectations at the divergence.
std::string Verdict(const Scenario& scenario, const Divergence& divergence) {
  const RuleInfo& info = InfoOf(divergence.rule);
  const Outcome &model = divergence.model_outcome, &sut = divergence.sut_outcome;
  const bool ran = divergence.moment == Divergence::Moment::kCommand ||
                   divergence.moment == Divergence::Moment::kTeardown;
  Conditions owed;
  if (divergence.sides_differ && divergence.moment == Divergence::Moment::kBegin)
    owed.Sizes(divergence.model_layout, divergence.sut_layout);
  if (divergence.sides_differ && ran) {
    owed.Call(model, sut);
    if (!model.crashed() && !sut.crashed()) {
      owed.Memory(divergence.model_state, divergence.sut_state);
      owed.Answers(divergence.model_queries, divergence.sut_queries);
    }
  }
  std::string text = fmt::format("  // {} {}.\n", info.id, info.name);
  const bool returns_differ =
      divergence.sides_differ &&
      (model.kind != sut.kind || model.error != sut.error || model.warned != sut.warned);
  for (const std::string& condition : owed.texts())
    text += fmt::format("  EXPECT({});\n", condition);
  if (!owed.texts().empty() || returns_differ || !divergence.ending.empty()) return text;
  Conditions observed;
  if (ran) observed.Call(sut, Outcome());
  observed.Memory(divergence.sut_state, InitialState(scenario.topology));
  if (divergence.reach.walked) observed.Hardware(divergence.reach, scenario.topology);
  std::string all = ran ? Returns(sut) : "true";
  for (const std::string& condition : observed.texts()) all += " &&\n           " + condition;
  return text + fmt::format("  EXPECT(!({}));\n", all);
}

}  // namespace

std::string PrintReproducer(const Scenario& scenario, const Divergence& divergence,
                            std::string_view claim, std::string_view object) {
  const RuleInfo& info = InfoOf(divergence.rule);
  const Profile profile = scenario.profile.config_enabled
                              ? InForce(scenario.profile, divergence.sut_layout)
                              : scenario.profile;
  std::string text = fmt::format(
      kHead, fmt::arg("claim", claim), fmt::arg("object", object),
      fmt::arg("statement", Comment(fmt::format("{} {}: {}", info.id, info.name, info.statement))));
  // An implementation that ends the process.
  if (!divergence.ending.empty()) text += "  Contain();\n";
  text +=
      fmt::format("\n  // {}\n  const Topology topology = {};\n  sut->Reset(topology, {});\n",
                  PrintTopology(scenario.topology), AsCode(scenario.topology), AsCode(profile.luo));
  text += Statements(scenario, profile, divergence);
  text += "\n" + Verdict(scenario, divergence);
  return text + fmt::format("\n  return Report(\"{} {}\");\n}}\n", info.id, info.name);
}

}  // namespace holdfast
