// The result of a part as bytes, for the way from a child process to its parent (sut/packed.h).
//
// The members are named by structured bindings where the language allows it. So a member that is
// new and missing here does not compile.
#ifndef HOLDFAST_PROPERTIES_SEARCH_SUITE_PACKED_RESULT_H_
#define HOLDFAST_PROPERTIES_SEARCH_SUITE_PACKED_RESULT_H_

#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "model/rules/rules.h"
#include "model/scenario.h"
#include "model/state.h"
#include "model/topology.h"
#include "properties/callers/explore_callers.h"
#include "properties/callers/schedule.h"
#include "properties/callers/together.h"
#include "properties/lockstep/counterexample.h"
#include "properties/lockstep/hazards.h"
#include "properties/search/damaged_image.h"
#include "properties/search/suite/suite.h"
#include "sut/damaged_image.h"
#include "sut/detail.h"
#include "sut/packed.h"

namespace holdfast {

inline auto Members(Topology& topology) {
  auto& [iommus, devices, domains] = topology;
  return std::tie(iommus, devices, domains);
}

inline auto Members(Scenario& scenario) {
  auto& [profile, topology, commands] = scenario;
  return std::tie(profile, topology, commands);
}

inline auto Members(Flb& flb) {
  auto& [present, damage, iommus, domains, devices] = flb;
  return std::tie(present, damage, iommus, domains, devices);
}

inline auto Members(Incoming& incoming) {
  auto& [status, lost, error, files, flb] = incoming;
  return std::tie(status, lost, error, files, flb);
}

inline auto Members(State& state) {
  return std::tie(static_cast<KernelState&>(state), state.flb, state.incoming);
}

inline auto Members(Detail& detail) {
  auto& [text, code] = detail;
  return std::tie(text, code);
}

inline auto Members(Variation& variation) {
  auto& [how, first, second] = variation;
  return std::tie(how, first, second);
}

inline auto Members(Astray& astray) {
  auto& [device, owed, requests] = astray;
  return std::tie(device, owed, requests);
}

inline auto Members(Divergence& divergence) {
  auto& [moment, step, command, rule, rules, sides_differ, model_outcome, sut_outcome, model_state,
         sut_state, model_queries, sut_queries, reach, astray, model_layout, sut_layout, entry,
         fault, detail, ending, variation, noticed_later] = divergence;
  return std::tie(moment, step, command, rule, rules, sides_differ, model_outcome, sut_outcome,
                  model_state, sut_state, model_queries, sut_queries, reach, astray, model_layout,
                  sut_layout, entry, fault, detail, ending, variation, noticed_later);
}

inline auto Members(Counterexample& counterexample) {
  auto& [scenario, divergence] = counterexample;
  return std::tie(scenario, divergence);
}

inline auto Members(Schedule& schedule) {
  auto& [profile, topology, setup, moves] = schedule;
  return std::tie(profile, topology, setup, moves);
}

inline auto Members(RacingAccess& racing) {
  auto& [caller, access, line] = racing;
  return std::tie(caller, access, line);
}

inline auto Members(TogetherVerdict& verdict) {
  auto& [why, rule, rules, preemptions, calls, stops, callers, state, at_rest, cycle, racing,
         ending] = verdict;
  auto& [first, second] = racing;
  return std::tie(why, rule, rules, preemptions, calls, stops, callers, state, at_rest, cycle,
                  first, second, ending);
}

inline auto Members(Race& race) {
  auto& [schedule, verdict] = race;
  return std::tie(schedule, verdict);
}

inline auto Members(Hazard& hazard) {
  auto& [rule, clauses, after_teardown, count, scenario] = hazard;
  return std::tie(rule, clauses, after_teardown, count, scenario);
}

inline auto Members(DamagedField& field) {
  auto& [place, value, every_version_refuses] = field;
  return std::tie(place, value, every_version_refuses);
}

inline auto Members(WrongAnswer& wrong) {
  auto& [field, answer, how, alike] = wrong;
  return std::tie(field, answer, how, alike);
}

inline auto Members(DamagedImageResult& result) {
  auto& [handover, damages, answers, not_tried, wrong_answers, finished, hardened, not_checked,
         counterexample] = result;
  return std::tie(handover, damages, answers, not_tried, wrong_answers, finished, hardened,
                  not_checked, counterexample);
}

// Without its hazards.
inline auto Members(PartResult& part) {
  auto& [name, unit, cases, total, finished, skipped, not_checked, seconds, tally, coverage,
         hazards, counterexample, race, damaged, origin, case_index, skips_crashes, output] = part;
  return std::tie(name, unit, cases, total, finished, skipped, not_checked, seconds, tally,
                  coverage, counterexample, race, damaged, origin, case_index, skips_crashes,
                  output);
}

struct PackedResult {
  PartResult part;
  std::vector<Hazard> hazards;
};
inline auto Members(PackedResult& packed) {
  auto& [part, hazards] = packed;
  return std::tie(part, hazards);
}

// A hazard that another one implies is left out: it is implied in every sum of results, too.
inline std::string PackResult(PartResult part) {
  std::vector<Hazard> hazards = part.hazards.List();
  return Pack(PackedResult{std::move(part), std::move(hazards)});
}

inline PartResult UnpackResult(std::string_view bytes) {
  auto [part, hazards] = Unpack<PackedResult>(bytes);
  for (const Hazard& hazard : hazards) {
    part.hazards.Add(RuleBit(hazard.rule), hazard.clauses, hazard.scenario,
                     hazard.scenario.commands.size(), hazard.after_teardown, hazard.count);
  }
  return std::move(part);
}

}  // namespace holdfast

#endif  // HOLDFAST_PROPERTIES_SEARCH_SUITE_PACKED_RESULT_H_
