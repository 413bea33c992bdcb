// A log held against the model: is there a run of the model that shows these events?
//
// The checker follows every state that explains the log so far (belief.h). What the log does not
// say may be anything: an argument or a result that is missing, a function that no probe watches,
// the owners of the DMA, the files of the session, and all that happens where events were lost. At
// the start nothing is known, unless the log is told to begin before the first call.
//
// What the checker leaves open on purpose, so that it never claims too much:
//   - Calls that overlap have no order. They are not checked, and afterwards nothing is known.
//   - More than kMostBeliefs beliefs are too many: nothing is known from there on.
//   - A later line may show that events were lost before a bad line, or that a call was under way
//     whose entry is not in the log. Such a line withdraws the divergence.
// So a divergence stands only at the end of the log. A function counts as watched from its first
// event on; from there on an entry that is missing without a mark is a call that was not made.
#ifndef HOLDFAST_TRACES_LOG_CHECKER_H_
#define HOLDFAST_TRACES_LOG_CHECKER_H_

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "traces/log/belief.h"
#include "traces/log/event.h"
#include "traces/log/one_call.h"

namespace holdfast {

class LogChecker {
 public:
  static constexpr std::size_t kMostBeliefs = 64;
  static constexpr std::size_t kMostObjects = 200;  // of a kind; more are never told apart

  struct Divergence {
    std::uint64_t line = 0;
    std::string call;                  // "iommu_preserve_device"
    std::vector<std::string> allowed;  // what the model may do there
    std::optional<Scenario> scenario;  // the call in a small world
  };
  struct Hazard {
    std::uint64_t line = 0;
    std::string call;
    RuleSet broken = 0;  // 0: the model crashes
  };
  struct Counts {
    std::uint64_t events = 0, calls = 0, checked = 0;
    std::uint64_t gaps = 0;      // marks of lost events
    std::uint64_t overlaps = 0;  // groups of calls that overlap
    std::uint64_t cuts = 0;      // too many beliefs
    std::uint64_t orphans = 0;   // returns and ops without their call
    std::uint64_t unreturned = 0;
  };

  // `ways` remembers what Step has computed, also for the next log; it must outlive the checker.
  LogChecker(Ways& ways, bool fresh);

  // Every probe was set from the first line on, also a probe that has no event.
  void WatchAll() { watched_ = ~0u; }

  void Enter(const LogEvent& event, std::uint64_t line);

  // The end of the log. A call may be under way.
  void Finish(std::uint64_t line);

  const std::optional<Divergence>& divergence() const { return divergence_; }
  const std::vector<Hazard>& hazards() const { return hazards_; }  // the first kMostHazards
  static constexpr std::size_t kMostHazards = 100;
  const Counts& counts() const { return counts_; }

 private:
  struct Act {
    Probe probe;
    std::uint64_t object;  // an address; 0: not said
    std::uint64_t line, return_line = 0;
    std::optional<int> result;
  };
  struct Call {
    Probe probe;
    std::uint64_t domain, device, line;
    std::vector<Act> acts;
    std::optional<int> result;
    bool returned = false;
    // the log goes on in the middle of the call: more acts may come
    bool open = false;
    std::size_t shown = 0;    // the acts that count, of `acts`
    bool last_result = true;  // whether the result of the last of them counts
  };
  struct Found {
    std::vector<Belief> beliefs;
    std::vector<std::string>* allowed = nullptr;
    SmallWorld* world = nullptr;  // the first that is possible
    bool has_world = false;
    RuleSet broken = ~RuleSet{0};
    bool crashed = true;
  };

  void EnterCall(const LogEvent& event, std::uint64_t line);
  void LeaveCall(std::uint64_t task, std::uint64_t line);
  void Orphan(std::uint64_t task);
  Belief Unknown() const;
  void Forget();
  void Judge(Call& call, std::uint64_t line);
  void Diverge(Call& call, std::uint64_t line);

  void Follow(const Belief& belief, const Call& call, Found& found);
  void FollowFlb(const Belief& belief, const Call& call, Found& found);
  void FollowObjects(const Belief& belief, const Call& call, int domain, int device, int unit,
                     Found& found);
  bool Matches(const Way& way, const Call& call) const;
  void FollowAll(const Call& call, Found& found);

  bool Watches(Probe probe) const { return watched_ >> static_cast<int>(probe) & 1u; }
  bool WatchesUnits() const {
    return Watches(Probe::kIommuPreserve) || Watches(Probe::kIommuUnpreserve);
  }
  // -1: not said, or one too many
  int Bind(std::unordered_map<std::uint64_t, int>& known, std::uint64_t address);

  Ways& ways_;
  std::vector<Belief> beliefs_;
  std::uint32_t watched_ = 0;  // bit p: Probe p has had an event
  std::unordered_map<std::uint64_t, int> domains_, devices_, units_;
  std::unordered_map<std::uint64_t, Call> pending_;  // by task
  bool overlap_ = false;
  // where each CPU and each task was seen last
  std::unordered_map<std::uint64_t, std::uint64_t> cpu_seen_, task_seen_;
  std::optional<Divergence> divergence_;
  std::vector<Hazard> hazards_;
  Counts counts_;
};

}  // namespace holdfast

#endif  // HOLDFAST_TRACES_LOG_CHECKER_H_
