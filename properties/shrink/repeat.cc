#include "properties/shrink/repeat.h"

#include <alloca.h>
#include <stdlib.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "properties/lockstep/lockstep.h"
#include "sut/child.h"
#include "sut/surroundings.h"

namespace holdfast {
namespace {

// What the implementation did in a run, a line for each step. In memory that outlives a process.
// What does not fit, or comes after the deadline, is cut off.
class Transcript {
 public:
  void Clear() {
    size_ = 0;
    cut_ = false;
  }
  void Add(std::string_view answer) {
    cut_ |= size_ + answer.size() + 1 > sizeof(text_);
    if (cut_) return;
    std::memcpy(text_ + size_, answer.data(), answer.size());
    size_ += answer.size();
    text_[size_++] = '\n';
  }

  // The rest of the run is not known.
  void Cut() { cut_ = true; }
  bool cut() const { return cut_; }

  std::string_view text() const { return {text_, size_}; }
  std::vector<std::string> Steps() const {
    std::vector<std::string> steps;
    for (std::string_view rest = text(); !rest.empty(); rest.remove_prefix(rest.find('\n') + 1))
      steps.emplace_back(rest.substr(0, rest.find('\n')));
    return steps;
  }

 private:
  std::size_t size_ = 0;
  bool cut_ = false;
  char text_[4 << 20];
};

constexpr std::string_view kEnded = "(the run has ended)";

// Each other place of the stack is one more bit of its addresses.
constexpr int kFirstBit = 4, kLastBit = 16;
// A slow implementation runs fewer times, and fewer scenarios.
constexpr double kSeconds = 2;

[[gnu::noinline]] void Disturb(int bit, const std::function<void()>& run) {
  const std::size_t size = std::size_t{1} << bit;
  volatile char* const stack = static_cast<volatile char*>(alloca(size));
  stack[0] = 1;
  volatile char* const heap = static_cast<volatile char*>(malloc(size));
  if (heap) heap[0] = 1;
  srand(static_cast<unsigned>(bit));
  srand48(bit);
  run();
  free(const_cast<char*>(heap));
}

// Runs the scenario and writes down what the implementation does. If `takes_back`, each call is
// made, taken back, and made again.
void Write(Sut& sut, const Scenario& scenario, bool hardened, bool takes_back,
           const Deadline& deadline, Transcript& to) {
  to.Clear();
  bool writes = true;
  Lockstep lockstep(sut);
  lockstep.set_hardened(hardened);
  lockstep.set_deadline(deadline);
  lockstep.set_listener([&](const Command&, const Outcome& outcome, const Observation& seen) {
    if (writes)
      to.Add(PrintAnswer(scenario.topology, outcome, seen.state, seen.queries, seen.reach));
  });
  try {
    lockstep.Begin(scenario.topology, scenario.profile);
    Checkpoint checkpoint;
    for (const Command& command : scenario.commands) {
      if (takes_back) {
        lockstep.Save(checkpoint);
        writes = false;
        lockstep.Run(command);
        writes = true;
        lockstep.TakeBack(checkpoint);
      }
      if (!lockstep.Run(command)) return;
    }
    lockstep.TearDown();
  } catch (const Exhausted&) {
    to.Add("(the simulated machine has no memory left)");
  } catch (const SutThrew& error) {
    to.Add(error.what());
  } catch (const OutOfTime&) {
    to.Cut();
  }
}

class Repetition {
 public:
  Repetition(Runner& runner, const Scenario& scenario) : runner_(runner), scenario_(scenario) {}

  // The divergence that says how two runs differ.
  std::optional<Divergence> Compare() {
    deadline_ = runner_.deadline().OrIn(kSeconds);
    Write(*first_, [&] { WriteOnce(false, *first_); });
    Write(*second_, [&] {
      if (runner_.recorder() == nullptr) return WriteOnce(true, *second_);
      for (int bit = kFirstBit; bit <= kLastBit; ++bit) {
        Disturb(bit, [&] { WriteOnce(false, *second_); });
        if (second_->cut() || second_->text() != first_->text()) return;
      }
      WriteOnce(true, *second_);
    });
    if (first_->cut() || second_->cut() || first_->text() == second_->text()) return std::nullopt;
    const std::vector<std::string> first = first_->Steps(), second = second_->Steps();
    std::size_t step = 0;
    while (step < first.size() && step < second.size() && first[step] == second[step]) ++step;
    return Differ(step, "run again", step < first.size() ? first[step] : std::string(kEnded),
                  step < second.size() ? second[step] : std::string(kEnded));
  }

  // The same for one run of before.
  std::optional<Divergence> Compare(const Divergence& found) {
    const bool ran = found.moment == Divergence::Moment::kCommand ||
                     found.moment == Divergence::Moment::kTeardown;
    if (!ran || first_->cut()) return std::nullopt;
    const std::vector<std::string> first = first_->Steps();
    const std::string then = PrintAnswer(scenario_.topology, found.sut_outcome, found.sut_state,
                                         found.sut_queries, found.reach);
    const std::string alone = found.step < first.size() ? first[found.step] : std::string(kEnded);
    if (then == alone) return std::nullopt;
    return Differ(found.step, "run alone", then, alone);
  }

 private:
  void WriteOnce(bool takes_back, Transcript& to) {
    holdfast::Write(runner_.sut(), scenario_, runner_.hardened(), takes_back, deadline_, to);
  }

  // In a child, if the runner has them. A child that is killed from outside is made again. If each
  // is killed, the run is not known.
  void Write(Transcript& to, const std::function<void()>& run) {
    if (runner_.recorder() == nullptr) return run();
    for (int attempt = 0; attempt < 3; ++attempt) {
      to.Clear();
      const Ending ending = RunInChild(run);
      if (ending.kind == Ending::Kind::kReturned) return;
      // A crowd of processes grows with the runs in one child, so its end falls at another call.
      if (ending.kind == Ending::Kind::kCrowd) return to.Cut();
      if (!FromOutside(ending)) return to.Add("(its process ended: " + PrintEnding(ending) + ")");
    }
    to.Cut();
  }

  Divergence Differ(std::size_t step, std::string how, std::string first, std::string second) {
    const std::size_t commands = scenario_.commands.size();
    Divergence divergence;
    divergence.moment =
        step < commands ? Divergence::Moment::kCommand : Divergence::Moment::kTeardown;
    divergence.step = step;
    divergence.rule = Rule::kQuiet;
    if (step < commands) divergence.command = scenario_.commands[step];
    divergence.model_state = divergence.sut_state = InitialState(scenario_.topology);
    divergence.variation = {std::move(how), std::move(first), std::move(second)};
    return divergence;
  }

  Runner& runner_;
  const Scenario& scenario_;
  Deadline deadline_;
  Shared<Transcript> first_, second_;
};

}  // namespace

std::optional<Counterexample> FirstVarying(Runner& runner, std::span<const Scenario> scenarios) {
  const Deadline deadline = runner.deadline().OrIn(kSeconds);
  for (const Scenario& scenario : scenarios) {
    if (deadline.passed()) break;
    if (auto divergence = Repetition(runner, scenario).Compare())
      return Counterexample{scenario, *std::move(divergence)};
  }
  return std::nullopt;
}

std::optional<Counterexample> Varies(Runner& runner, const Counterexample& found) {
  if (!found.divergence.ending.empty()) return std::nullopt;
  Repetition repetition(runner, found.scenario);
  std::optional<Divergence> divergence = repetition.Compare();
  if (!divergence) divergence = repetition.Compare(found.divergence);
  if (!divergence) return std::nullopt;
  return Counterexample{found.scenario, *std::move(divergence)};
}

}  // namespace holdfast
