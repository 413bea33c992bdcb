#include "traces/log/checker.h"

#include <algorithm>
#include <utility>

#include "traces/log/probes.h"

namespace holdfast {
namespace {

constexpr std::size_t kMostTasks = 100'000;  // of which it is remembered where they were seen

bool IsCall(Probe probe) { return probe <= Probe::kFlbUnpreserve; }

}  // namespace

LogChecker::LogChecker(Ways& ways, bool fresh)
    : ways_(ways), beliefs_{fresh ? Belief::Fresh() : Belief::AtStart()} {}

Belief LogChecker::Unknown() const {
  Belief belief;
  belief.domains.resize(domains_.size());
  belief.devices.resize(devices_.size());
  belief.units.resize(units_.size());
  return belief;
}

void LogChecker::Forget() { beliefs_.assign(1, Unknown()); }

void LogChecker::Finish(std::uint64_t line) {
  if (overlap_ || divergence_ || pending_.empty()) return;
  Call call = std::move(pending_.begin()->second);
  pending_.clear();
  call.open = true;
  Judge(call, line);
}

// A call is under way whose entry the log does not have, so nothing is known.
void LogChecker::Orphan(std::uint64_t task) {
  ++counts_.orphans;
  const auto seen = task_seen_.find(task);
  if (divergence_ && (seen == task_seen_.end() || seen->second < divergence_->line))
    divergence_.reset();
  Forget();
}

int LogChecker::Bind(std::unordered_map<std::uint64_t, int>& known, std::uint64_t address) {
  if (address == 0) return -1;
  if (const auto at = known.find(address); at != known.end()) return at->second;
  if (known.size() >= kMostObjects) return -1;
  const int index = static_cast<int>(known.size());
  known.emplace(address, index);
  for (Belief& belief : beliefs_) {
    if (&known == &domains_) belief.domains.resize(known.size(), belief.unseen_domain);
    if (&known == &devices_) belief.devices.resize(known.size(), belief.unseen_device);
    if (&known == &units_) belief.units.resize(known.size(), belief.unseen_unit);
  }
  return index;
}

void LogChecker::Enter(const LogEvent& event, std::uint64_t line) {
  if (event.kind == LogEvent::Kind::kLost) {
    ++counts_.gaps;
    const auto seen = cpu_seen_.find(event.cpu);
    const bool before = event.cpu == kAnyCpu || seen == cpu_seen_.end() ||
                        (divergence_ && seen->second < divergence_->line);
    if (divergence_ && before) divergence_.reset();
    pending_.clear();
    overlap_ = false;
    Forget();
    cpu_seen_[event.cpu] = line;
    return;
  }
  if (event.kind == LogEvent::Kind::kOther) {
    if (event.cpu != kAnyCpu) cpu_seen_[event.cpu] = line;
    return;
  }
  ++counts_.events;
  watched_ |= 1u << static_cast<int>(event.probe);
  const auto pending = pending_.find(event.task);
  const bool in_call = pending != pending_.end();
  const bool entry = event.kind == LogEvent::Kind::kEntry;
  if (IsCall(event.probe)) {
    if (entry) {
      EnterCall(event, line);
    } else if (in_call && pending->second.probe == event.probe) {
      pending->second.returned = true;
      pending->second.result = event.result;
      LeaveCall(event.task, line);
    } else {
      if (in_call) pending_.erase(pending);
      Orphan(event.task);
    }
  } else if (event.probe == Probe::kDomainFree) {
    if (const auto at = domains_.find(event.domain); entry && at != domains_.end()) {
      for (Belief& belief : beliefs_) {
        if (static_cast<std::size_t>(at->second) < belief.domains.size())
          belief.domains[static_cast<std::size_t>(at->second)] = Belief::Object();
      }
    }
    if (entry && event.domain == 0) Forget();
  } else if (in_call) {
    std::vector<Act>& acts = pending->second.acts;
    if (entry) {
      acts.push_back({event.probe, event.device | event.iommu, line, 0, {}});
    } else {
      for (auto act = acts.rbegin(); act != acts.rend(); ++act) {
        if (act->probe != event.probe || act->return_line != 0) continue;
        act->return_line = line;
        act->result = event.result;
        break;
      }
    }
    constexpr std::size_t kMostActs = 100;  // a call has five at most
    if (acts.size() > kMostActs) acts.resize(kMostActs);
  } else if (IsOp(event.probe)) {
    Orphan(event.task);
  }
  if (task_seen_.size() > kMostTasks) task_seen_.clear();
  if (cpu_seen_.size() > kMostTasks) cpu_seen_.clear();
  if (pending_.size() > kMostTasks) {
    pending_.clear();
    overlap_ = false;
    Forget();
  }
  task_seen_[event.task] = line;
  cpu_seen_[event.cpu] = line;
}

void LogChecker::EnterCall(const LogEvent& event, std::uint64_t line) {
  if (const auto before = pending_.find(event.task); before != pending_.end()) {
    ++counts_.unreturned;
    LeaveCall(event.task, line);
  }
  ++counts_.calls;
  if (!pending_.empty() && !overlap_) {
    overlap_ = true;
    ++counts_.overlaps;
  }
  pending_.emplace(event.task,
                   Call{event.probe, event.domain, event.device, line, {}, {}, false, false, 0});
}

void LogChecker::LeaveCall(std::uint64_t task, std::uint64_t line) {
  Call call = std::move(pending_.at(task));
  pending_.erase(task);
  if (overlap_) {
    if (!pending_.empty()) return;
    overlap_ = false;
    return Forget();
  }
  if (!divergence_) Judge(call, line);
}

void LogChecker::Judge(Call& call, std::uint64_t line) {
  ++counts_.checked;
  call.shown = call.acts.size();
  // an op names the device that the call's entry does not
  for (const Act& act : call.acts) {
    const bool device =
        act.probe == Probe::kIommuPreserveDevice || act.probe == Probe::kIommuUnpreserveDevice;
    if (device && call.device == 0) call.device = act.object;
    if (act.probe == Probe::kIommuPreserve || act.probe == Probe::kIommuUnpreserve)
      Bind(units_, act.object);
  }
  Bind(domains_, call.domain);
  Bind(devices_, call.device);
  Found found;
  FollowAll(call, found);
  if (found.beliefs.empty()) return Diverge(call, line);
  if ((found.broken != 0 || found.crashed) && hazards_.size() < kMostHazards)
    hazards_.push_back({call.line, std::string(ProbeName(call.probe)), found.broken});
  beliefs_ = std::move(found.beliefs);
  if (beliefs_.size() > kMostBeliefs) {
    ++counts_.cuts;
    Forget();
  }
}

void LogChecker::Diverge(Call& call, std::uint64_t line) {
  Divergence divergence;
  divergence.line = line;
  divergence.call = ProbeName(call.probe);
  // The first line of the call that no state explains.
  const Call whole = call;
  call.open = true;
  call.returned = false;
  call.result.reset();
  const auto possible = [&] {
    Found found;
    FollowAll(call, found);
    return !found.beliefs.empty();
  };
  for (call.shown = 0;; ++call.shown) {
    call.last_result = false;
    if (!possible()) {
      divergence.line = call.shown == 0 ? whole.line : whole.acts[call.shown - 1].line;
      break;
    }
    call.last_result = true;
    if (call.shown > 0 && !possible()) {
      divergence.line = whole.acts[call.shown - 1].return_line;
      break;
    }
    if (call.shown == whole.acts.size()) break;
  }
  // What the model does there: all that is possible for a call of which nothing is known.
  SmallWorld world;
  Found found;
  found.allowed = &divergence.allowed;
  found.world = &world;
  call.shown = 0;
  FollowAll(call, found);
  std::sort(divergence.allowed.begin(), divergence.allowed.end());
  divergence.allowed.erase(std::unique(divergence.allowed.begin(), divergence.allowed.end()),
                           divergence.allowed.end());
  if (found.has_world) divergence.scenario = ScenarioOf(world, ways_.profile());
  divergence_ = std::move(divergence);
}

}  // namespace holdfast
