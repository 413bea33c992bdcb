#include "properties/search/fault_sweep.h"

#include <cstddef>
#include <utility>

#include "model/rules/contract.h"
#include "properties/lockstep/half_done.h"
#include "properties/lockstep/lockstep.h"

namespace holdfast {
namespace {

class Sweep {
 public:
  Sweep(Sut& sut, const Scenario& base, const FaultSweepOptions& options)
      : sut_(sut), base_(base), deep_(sut.contract_only()), lockstep_(sut) {
    lockstep_.set_recorder(options.recorder);
    lockstep_.set_deadline(options.deadline);
  }

  FaultSweepResult Run() {
    try {
      result_.finished = SweepAll();
    } catch (const OutOfTime&) {
      // what was swept until then stands
    }
    result_.tally = lockstep_.tally();
    return std::move(result_);
  }

 private:
  bool SweepAll() {
    for (std::size_t position = 0; position < base_.commands.size(); ++position) {
      for (int site = 1; site < kFaultSiteCount; ++site) {
        if (!SweepSite(position, static_cast<FaultSite>(site))) return false;
      }
    }
    return true;
  }

  bool SweepSite(std::size_t position, FaultSite site) {
    for (int nth = 1;; ++nth) {
      // Not an errno that any check of the core returns, so that it cannot be taken for one.
      const int error = ReturnsNull(site) ? -ENOMEM : -EIO;
      Command faulty = WithFault(base_.commands[position], site, error, nth);
      const int deepest = deep_ ? kMostRequests.Of(site) : 0;
      for (int depth = 0; depth <= deepest; ++depth) {
        faulty.fault.depth = static_cast<std::uint8_t>(depth);
        if (!RunWith(position, faulty)) {
          result_.counterexample = {scenario_, *lockstep_.divergence()};
          return false;
        }
        if (!fired_) return true;
        if (depth > 0 && depth >= requests_) break;
        result_.unbounded = result_.unbounded || (depth > 0 && depth == deepest);
      }
      if (nth == kMaxPasses) {
        result_.unbounded = true;
        return false;
      }
    }
  }

  bool RunWith(std::size_t position, const Command& faulty) {
    ++result_.runs;
    lockstep_.CountCase();
    scenario_.profile = base_.profile;
    scenario_.topology = base_.topology;
    scenario_.commands.clear();
    lockstep_.Begin(scenario_.topology, scenario_.profile);
    for (std::size_t i = 0; i < position; ++i) {
      if (!Call(base_.commands[i])) return false;
    }
    if (!Call(faulty)) return false;
    fired_ = lockstep_.outcome().fault_fired;
    requests_ = sut_.Requests(faulty.fault.site);
    result_.fired += fired_;
    // The retry, and the rest: what a failure has made a breach is not called.
    for (std::size_t i = fired_ ? position : position + 1; i < base_.commands.size(); ++i) {
      const Command& command = base_.commands[i];
      if (BreachesOf(scenario_.topology, lockstep_.state(), command) == 0 && !Call(command))
        return false;
    }
    return lockstep_.TearDown();
  }

  bool Call(const Command& command) {
    scenario_.commands.push_back(command);
    if (!lockstep_.Run(command)) return false;
    result_.coverage.Add(command, lockstep_.outcome());
    return true;
  }

  Sut& sut_;
  const Scenario& base_;
  const bool deep_;
  Lockstep lockstep_;
  Scenario scenario_;
  bool fired_ = false;
  int requests_ = 0;  // that the driver makes where the fault struck
  FaultSweepResult result_;
};

}  // namespace

FaultSweepResult SweepFaults(Sut& sut, const Scenario& base, const FaultSweepOptions& options) {
  return Sweep(sut, base, options).Run();
}

}  // namespace holdfast
