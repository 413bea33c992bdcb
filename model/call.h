// One command while Step runs it: the state, the endings, and the places where a fault can fire.
//
// Internal to the transition function (step.cc, environment.cc and restoring.cc). There is no lock
// and no stack: flb.lock is free between two commands. A call remembers only how often the fault's
// site passed.
#ifndef HOLDFAST_MODEL_CALL_H_
#define HOLDFAST_MODEL_CALL_H_

#include "model/command.h"
#include "model/outcome.h"
#include "model/profile.h"
#include "model/state.h"
#include "model/topology.h"

namespace holdfast {

struct Call {
  const Topology& topology;
  const Profile& profile;
  State& state;
  const Command& command;
  Outcome& outcome;
  int passes = 0;  // how often the call has passed the fault's site

  // The endings. An action returns one of them: `return call.Return(-EINVAL);`.
  void Return(int error) {
    outcome.kind = Outcome::Kind::kReturned;
    outcome.error = static_cast<std::int16_t>(error);
  }
  void Void() { outcome.kind = Outcome::Kind::kVoid; }
  void Warn() {
    outcome.warned = true;
    Void();
  }
  void Crash() { outcome.kind = Outcome::Kind::kCrashed; }

  // Passes `site`. Returns 0, or the error if the command's fault fires here.
  int Pass(FaultSite site) {
    if (command.fault.site != site || ++passes != command.fault.nth) return 0;
    outcome.fault_fired = true;
    return command.fault.error;
  }

  // Calls a preserve op. Returns 0 or the op's error. An op that fails has preserved nothing.
  int Preserve(Op op, FaultSite site, int object, SlotRef slot) {
    const int error = Pass(site);
    outcome.AddCall(
        {op, static_cast<std::uint8_t>(object), slot, static_cast<std::int16_t>(error)});
    return error;
  }
  // Calls an unpreserve op, which cannot fail.
  void Unpreserve(Op op, int object, SlotRef slot) {
    outcome.AddCall({op, static_cast<std::uint8_t>(object), slot, 0});
  }
};

}  // namespace holdfast

#endif  // HOLDFAST_MODEL_CALL_H_
