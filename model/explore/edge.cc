#include "model/explore/edge.h"

#include <stdexcept>

#include "model/explore/canonical.h"
#include "model/rules/dependency_graph.h"
#include "model/step.h"
#include "model/text/text.h"

namespace holdfast {

Edge EdgeMaker::Make(const State& before, const Command& command) const {
  Edge edge;
  if (!Calls(world_, before, command)) return edge;
  State after = before;
  StepInPlace(world_.topology, profile_, after, command, edge.outcome);
  if (Duplicates(command, edge.outcome.fault_fired)) return edge;
  edge.rules = Ledger::AsRecorded(before.flb)
                   .Check({world_.topology, profile_, before, command, edge.outcome, after});
  if (!after.crashed && !Within(world_, after)) {
    edge.kind = Edge::Kind::kCut;
    return edge;
  }
  edge.kind = Edge::Kind::kTaken;
  const State canonical = Canonical(after);
  if (!packing_.Pack(canonical, edge.after.data()) ||
      packing_.Unpack(edge.after.data()) != canonical) {
    throw std::logic_error(
        "a state does not fit its packing: " + PrintState(canonical, world_.topology) + ", after " +
        PrintCommand(command));
  }
  return edge;
}

RuleCheck EdgeMaker::Judge(const State& state) const {
  RuleCheck check = CheckState(world_.topology, profile_, state);
  check |= CheckQueries(world_.topology, profile_, state,
                        AnswerQueries(world_.topology, profile_, state));
  // The graph says of the records what R3 and R2 say of them and more: a graph that is broken
  // breaks the rule.
  const DependencyGraph graph(state.flb);
  const bool closed = graph.ClosedUnderNeeds(), counted = graph.CountsAreInDegrees();
  const bool agree = (closed || check.broken & RuleBit(Rule::kClosed)) &&
                     (counted || check.broken & RuleBit(Rule::kCounted));
  if (!agree || !graph.Acyclic()) {
    throw std::logic_error("the dependency graph and the rules disagree on " +
                           PrintState(state, world_.topology));
  }
  return check;
}

}  // namespace holdfast
