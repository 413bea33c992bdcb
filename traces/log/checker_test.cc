// Logs of the built-in core are runs of the model, whatever is left out of them. A log with one
// wrong event is refused at the line at which a search of every small machine refuses it.

#include "traces/log/checker.h"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "model/step.h"
#include "properties/lockstep/effort.h"
#include "sut/shipped.h"
#include "traces/log/line.h"
#include "traces/log/log_of_core.h"

namespace holdfast {
namespace {

std::uint64_t Logs(std::uint64_t many) {
  const char* asked = std::getenv("LOGS");
  if (asked != nullptr) return std::strtoull(asked, nullptr, 10);
  return kSanitized ? many / 20 : many;
}

// The checker after the text of the events, as a tool would print it.
LogChecker Check(const std::vector<WrittenEvent>& events, Ways& ways, bool fresh,
                 LogFormat format = LogFormat::kTraceCmd) {
  LogChecker checker(ways, fresh);
  if (fresh) checker.WatchAll();
  LogFormat found = LogFormat::kUnknown;
  std::uint64_t line = 0;
  for (const WrittenEvent& event : events) {
    const auto parsed = ParseLogLine(WriteEvent(event, format, 1000 + line), found);
    if (!std::holds_alternative<LogEvent>(parsed)) {
      ADD_FAILURE() << WriteEvent(event, format, 1000 + line);
      return checker;
    }
    checker.Enter(std::get<LogEvent>(parsed), ++line);
  }
  checker.Finish(line + 1);
  return checker;
}

std::string Print(const std::vector<WrittenEvent>& events) {
  std::string text;
  for (const WrittenEvent& event : events)
    text += WriteEvent(event, LogFormat::kBpftrace, 0) + "\n";
  return text;
}

TEST(Checker, NoFalseAlarm) {
  const std::uint64_t logs = Logs(40);
  std::uint64_t checked = 0;
  for (const char* name : {"v3", "v5"}) {
    const Profile& profile = *FindProfile(name);
    Ways ways(profile);
    const std::unique_ptr<Sut> sut = Loaded(std::string("core.") + name);
    for (std::uint64_t seed = 0; seed < logs; ++seed) {
      LogOptions options;
      if (seed % 4 != 0) options.dropped = 0.3;
      if (seed % 3 == 1) options.unreturned = 0.1;
      if (seed % 5 == 1) options.lost = 0.1;
      options.tasks = 1 + seed % 3;
      if (seed % 7 == 1) options.overlapping = 0.3;
      const auto events = RandomEvents(*sut, profile, seed, options);
      const LogFormat format = static_cast<LogFormat>(1 + seed % 3);
      for (const bool fresh : {false, true}) {
        const LogChecker checker = Check(events, ways, fresh, format);
        ASSERT_FALSE(checker.divergence()) << name << " seed " << seed << (fresh ? " fresh" : "")
                                           << " line " << checker.divergence()->line << "\n"
                                           << Print(events);
        checked += checker.counts().checked;
      }
    }
  }
  EXPECT_GT(checked, logs);
}

// --- every small machine -------------------------------------------------------------------------

// All machines with two IOMMUs, two devices and two domains, and all their states that explain a
// log in which nothing is left out. Step runs on whole states; no code of the checker is used.
class EveryMachine {
 public:
  explicit EveryMachine(const Profile& profile) : profile_(profile) {
    for (int iommus = 0; iommus < 4; ++iommus) {
      for (int kinds = 0; kinds < 25; ++kinds) {
        for (int ops = 0; ops < 81; ++ops) {
          Topology topology = MakeTopology(2, 2, 2);
          for (int i = 0; i < 2; ++i) {
            Device& device = topology.devices[static_cast<std::size_t>(i)];
            device.iommu = iommus >> i & 1;
            const int kind = (i == 0 ? kinds : kinds / 5) % 5;
            if (kind == 1) device.group = 0;
            if (kind == 2) device.bus = Bus::kPlatform;
            if (kind == 3) device.group = kNone;
            if (kind == 4) device.probed = false;
          }
          // in a group with a device that no call names
          if (kinds % 5 == 1) {
            Device other = topology.devices[0];
            other.group = 0;
            topology.devices.push_back(other);
          }
          if (topology.devices[0].group == kNone && topology.devices[1].group == 0) continue;
          if (!topology.Valid()) continue;
          constexpr Op kPt[] = {Op::kVisit, Op::kPtPreserve, Op::kPtUnpreserve};
          constexpr Op kIommu[] = {Op::kVisit, Op::kIommuPreserve, Op::kIommuUnpreserve};
          topology.domains[0].missing_ops = OpBit(kPt[ops % 3]) & ~OpBit(Op::kVisit);
          topology.domains[1].missing_ops = OpBit(kPt[ops / 3 % 3]) & ~OpBit(Op::kVisit);
          topology.iommus[0].missing_ops = OpBit(kIommu[ops / 9 % 3]) & ~OpBit(Op::kVisit);
          topology.iommus[1].missing_ops = OpBit(kIommu[ops / 27]) & ~OpBit(Op::kVisit);
          machines_.push_back({topology, InitialState(topology)});
        }
      }
    }
  }

  // How many of the call's events some machine explains. If all, the machines are those that do.
  std::size_t Explain(const std::vector<LogEvent>& call) {
    std::size_t longest = 0;
    std::vector<Machine> after;
    const Command command = CommandOf(call.front());
    std::vector<Command> tried = {command};
    for (const LogEvent& event : call) {
      if (!event.result || *event.result >= 0) continue;
      for (const FaultSite site :
           {FaultSite::kIommuPreserve, FaultSite::kIommuPreserveDevice, FaultSite::kPtPreserve,
            FaultSite::kKhoAlloc, FaultSite::kFlbGetOutgoing}) {
        tried.push_back(WithFault(command, site, *event.result));
      }
    }
    for (const Machine& machine : machines_) {
      for (const State& before : Unseen(machine)) {
        const bool looks_up =
            Run(machine.topology, before, WithFault(command, FaultSite::kFlbGetOutgoing))
                .second.fault_fired;
        for (const Command& one : tried) {
          auto [state, outcome] = Run(machine.topology, before, one);
          if (one.fault.armed() && !outcome.fault_fired) continue;
          if (outcome.crashed()) continue;
          const auto shown =
              EventsOf(profile_, one, looks_up, before.flb.present, state.flb.present, outcome);
          const std::size_t same = static_cast<std::size_t>(
              std::mismatch(shown.begin(), shown.end(), call.begin(), call.end()).first -
              shown.begin());
          longest = std::max(longest, same);
          if (same < call.size() || shown.size() != call.size()) continue;
          Machine next{machine.topology, state};
          if (std::find(after.begin() + static_cast<std::ptrdiff_t>(
                                            after.size() - std::min<std::size_t>(after.size(), 40)),
                        after.end(), next) == after.end()) {
            after.push_back(std::move(next));
          }
        }
      }
    }
    machines_ = std::move(after);
    return machines_.empty() ? longest : call.size();
  }

 private:
  struct Machine {
    Topology topology;
    State state;
    bool operator==(const Machine&) const = default;
  };

  std::pair<State, Outcome> Run(const Topology& topology, const State& state,
                                const Command& command) const {
    StepResult result = Step(topology, profile_, state, command);
    return {std::move(result.state), result.outcome};
  }

  // What calls that no probe watches may have made of the state: owners, and files.
  static std::vector<State> Unseen(const Machine& machine) {
    std::vector<State> states;
    for (int owners = 0; owners < 4; ++owners) {
      for (int files = 1; files <= 2; ++files) {
        State state = machine.state;
        state.owner_claims[0] = owners & 1;
        state.owner_claims[1] = owners >> 1;
        if (state.flb.present) {
          state.files = static_cast<std::uint16_t>(files);
          state.flb_refs = static_cast<std::int16_t>(files);
        } else if (files > 1) {
          continue;
        }
        states.push_back(std::move(state));
      }
    }
    return states;
  }

  static Command CommandOf(const LogEvent& entry) {
    const auto index = [](std::uint64_t address) {
      return static_cast<std::uint8_t>(address >> 12 & 0xf);
    };
    switch (entry.probe) {
      case Probe::kFlbPreserve: return PreserveFile();
      case Probe::kFlbUnpreserve: return UnpreserveFile();
      case Probe::kPreserveDomain: return PreserveDomain(index(entry.domain));
      case Probe::kUnpreserveDomain: return UnpreserveDomain(index(entry.domain));
      case Probe::kPreserveDevice: return PreserveDevice(index(entry.domain), index(entry.device));
      default: return UnpreserveDevice(index(entry.domain), index(entry.device));
    }
  }

  const Profile profile_;
  std::vector<Machine> machines_;
};

// The first line that no machine explains; 0: each is explained.
std::uint64_t FirstBadLine(const std::vector<WrittenEvent>& events, const Profile& profile) {
  EveryMachine machines(profile);
  for (std::size_t begin = 0; begin < events.size();) {
    std::vector<LogEvent> call;
    std::size_t end = begin;
    do {
      call.push_back(events[end].event);
      call.back().cpu = kAnyCpu;
      call.back().task = 0;
    } while (++end < events.size() && !(call.back().kind == LogEvent::Kind::kReturn &&
                                        call.back().probe == call.front().probe));
    const std::size_t explained = machines.Explain(call);
    if (explained < call.size()) return begin + explained + 1;
    begin = end;
  }
  return 0;
}

// One event made wrong: another result, an op that is not called, or one that is called again.
bool Damage(std::vector<WrittenEvent>& events, std::mt19937_64& random) {
  if (events.size() < 6) return false;
  const std::size_t at = 4 + random() % (events.size() - 4);
  LogEvent& event = events[at].event;
  if (event.kind == LogEvent::Kind::kReturn && event.result) {
    constexpr int kResults[] = {0, -EBUSY, -EINVAL, -ENOENT, -ENOMEM};
    const int result = kResults[random() % 5];
    if (result == *event.result) return false;
    event.result = result;
    return true;
  }
  if (event.kind != LogEvent::Kind::kEntry || !IsOp(event.probe)) return false;
  const auto pair = events.begin() + static_cast<std::ptrdiff_t>(at);
  if (random() % 2) {
    events.erase(pair, pair + 2);
  } else {
    const std::vector<WrittenEvent> again(pair, pair + 2);
    events.insert(pair, again.begin(), again.end());
  }
  return true;
}

TEST(Checker, TheFirstBadLine) {
  const std::uint64_t logs = kSanitized ? 2 : Logs(4);
  std::mt19937_64 random(7);
  std::uint64_t bad = 0, tried = 0;
  for (const char* name : {"v3", "v5"}) {
    const Profile& profile = *FindProfile(name);
    Ways ways(profile);
    const std::unique_ptr<Sut> sut = Loaded(std::string("core.") + name);
    for (std::uint64_t seed = 0; tried < logs; ++seed) {
      auto events = RandomEvents(*sut, profile, seed, {.calls = 16, .devices = 2});
      if (!Damage(events, random)) continue;
      ++tried;
      const std::uint64_t expected = FirstBadLine(events, profile);
      const LogChecker checker = Check(events, ways, true);
      const std::uint64_t line = checker.divergence() ? checker.divergence()->line : 0;
      EXPECT_EQ(line, expected) << name << " seed " << seed << "\n" << Print(events);
      if (testing::Test::HasFailure()) return;
      bad += expected != 0;
    }
    tried = 0;
  }
  EXPECT_GT(bad, logs / 2);
}

}  // namespace
}  // namespace holdfast
