// Linearizability: whether one order of the calls explains what several callers saw.
//
// Calls of one caller follow one another; calls of several callers overlap. An *order* puts all
// calls one after the other, and never a call before one that had ended when it began. The order
// explains the calls if the model (model/step.h), run in that order, gives each call the outcome
// that its caller saw, and leaves the state that is there at the end.
//
// The linearizer hears of each beginning and each end as they happen, and keeps every explanation
// that is still possible. An explanation is a state of the model, and the outcome of each call that
// is under way and has taken effect in that state. Two explanations that agree in both are one:
// this is the search of Wing and Gong with Lowe's memory, taken a call at a time. A call takes
// effect as late as possible: only when it ends, or when another that ends must come after it.
//
// Source: J. M. Wing and C. Gong, "Testing and verifying concurrent objects", 1993; G. Lowe,
// "Testing for linearizability", 2017.
#ifndef HOLDFAST_PROPERTIES_CALLERS_LINEARIZER_H_
#define HOLDFAST_PROPERTIES_CALLERS_LINEARIZER_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "model/command.h"
#include "model/outcome.h"
#include "model/profile.h"
#include "model/state.h"
#include "model/topology.h"
#include "properties/lockstep/fingerprint.h"
#include "sut/callers.h"

namespace holdfast {

class Linearizer {
 public:
  // The topology and the profile must outlive it.
  Linearizer(const Topology& topology, const Profile& profile, State initial);

  void Begin(int caller, const Command& command);
  // The caller's call has ended. False: no order explains what has ended so far.
  bool End(int caller, const Outcome& outcome);
  // No call is under way, and the memory is this state. Keeps the orders that lead there. False:
  // none does.
  bool Settle(const State& state);

  bool explained() const { return !explanations_.empty(); }
  // The callers in the order of their calls, of one explanation; of none, an empty text. Caller 0
  // is 'a'. With explained(), at least one explanation is there.
  const std::string& order() const;
  // The state that one explanation leaves.
  const State& state() const { return explanations_.front().state; }
  std::size_t explanations() const { return explanations_.size(); }

  // Equal if what can still be explained is equal.
  Fingerprint fingerprint() const;

 private:
  struct Explanation {
    State state;
    std::string order;
    std::uint8_t done = 0;  // bit c: the call under way of caller c has taken effect
    std::array<Outcome, kMaxCallers> outcomes = {};  // of these

    bool Same(const Explanation& other) const;
  };

  static void AddNew(std::vector<Explanation>& explanations, Explanation explanation);

  const Topology* topology_;
  const Profile* profile_;
  std::uint8_t under_way_ = 0;  // bit c: caller c
  std::array<Command, kMaxCallers> commands_ = {};
  std::vector<Explanation> explanations_;
};

}  // namespace holdfast

#endif  // HOLDFAST_PROPERTIES_CALLERS_LINEARIZER_H_
