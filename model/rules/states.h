// Small worlds and hand-made states, for tests that must not use Step.
//
// Each function writes all effects of a finished call, so that the result keeps every rule. A test
// then spoils one field. The functions check nothing.
#ifndef HOLDFAST_MODEL_RULES_STATES_H_
#define HOLDFAST_MODEL_RULES_STATES_H_

#include <cstdint>

#include "model/command.h"
#include "model/outcome.h"
#include "model/profile.h"
#include "model/state.h"
#include "model/topology.h"

namespace holdfast {

// Two IOMMUs, dev0 and dev2 behind iommu0, dev1 behind iommu1, each device a PCI device in a group
// of its own; two domains.
inline Topology HandmadeTopology() {
  Topology topology;
  topology.iommus.resize(2);
  topology.devices.resize(3);
  topology.domains.resize(2);
  for (std::uint8_t i = 0; i < 3; ++i)
    topology.devices[i] = {.iommu = static_cast<std::uint8_t>(i % 2), .group = i};
  return topology;
}

inline Profile HandmadeProfile() {
  return {.name = "handmade", .layout = {.hw = 112, .domain = 37, .device = 56, .flb = 24}};
}

// Nothing preserved, every group claimed once, every device attached to dom0.
inline State HandmadeState(const Topology& topology) {
  State state;
  state.attached.fill(kNone);
  state.preserved_state.fill(kNull);
  state.device_ser.fill(kNull);
  state.restored_ser.fill(kNull);
  state.outgoing_preserved_state.fill(kNull);
  for (std::size_t i = 0; i < topology.devices.size(); ++i) {
    state.attached[i] = 0;
    state.owner_claims[i] = 1;
  }
  return state;
}

inline void AddFile(State& state) {
  ++state.files;
  ++state.flb_refs;
  state.flb.present = true;
}

inline void AddDomain(State& state, std::uint8_t domain) {
  state.preserved_state[domain] = static_cast<SlotRef>(state.flb.domains.size());
  state.flb.domains.push_back({.domain = domain, .ref_count = 1});
  state.kho.domains |= static_cast<std::uint8_t>(1u << domain);
}

// The device, and its IOMMU with it if this is the first; the domain is the one that the device is
// attached to.
inline void AddDevice(const Topology& topology, State& state, std::uint8_t device) {
  const std::uint8_t iommu = topology.devices[device].iommu;
  SlotRef& hw = state.outgoing_preserved_state[iommu];
  if (hw == kNull) {
    hw = static_cast<SlotRef>(state.flb.iommus.size());
    state.flb.iommus.push_back({.iommu = iommu});
    state.kho.iommus |= static_cast<std::uint8_t>(1u << iommu);
  }
  ++state.flb.iommus[static_cast<std::size_t>(hw)].ref_count;
  const std::uint8_t domain = state.attached[device];
  state.device_ser[device] = static_cast<SlotRef>(state.flb.devices.size());
  state.flb.devices.push_back({.device = device,
                               .attachment = domain,
                               .ref_count = 1,
                               .domain = state.preserved_state[domain],
                               .hw = hw});
  state.kho.devices |= static_cast<std::uint16_t>(1u << device);
}

// One file, dom0, dom1, dev0 and dev2 behind iommu0, dev1 behind iommu1: every part of a state in
// use, every rule kept. Slots: domain#0 dom0, domain#1 dom1; hw#0 iommu0 *2, hw#1 iommu1; device#0
// dev0, device#1 dev1, device#2 dev2.
inline State FullState(const Topology& topology) {
  State state = HandmadeState(topology);
  AddFile(state);
  for (std::uint8_t domain = 0; domain < topology.domains.size(); ++domain)
    AddDomain(state, domain);
  for (std::uint8_t device = 0; device < topology.devices.size(); ++device)
    AddDevice(topology, state, device);
  return state;
}

// The FLB goes away in good order.
inline void DropFlb(State& state) {
  state.files = 0;
  state.flb_refs = 0;
  state.flb.Clear();
  state.kho = {};
  state.preserved_state.fill(kNull);
  state.device_ser.fill(kNull);
  state.restored_ser.fill(kNull);
  state.outgoing_preserved_state.fill(kNull);
}

inline Outcome Returned(int error) {
  Outcome outcome;
  outcome.kind = Outcome::Kind::kReturned;
  outcome.error = static_cast<std::int16_t>(error);
  return outcome;
}

inline Outcome Void() { return Outcome(); }

inline Outcome Warned() {
  Outcome outcome;
  outcome.warned = true;
  return outcome;
}

inline Outcome Crashed() {
  Outcome outcome;
  outcome.kind = Outcome::Kind::kCrashed;
  return outcome;
}

inline Outcome WithCall(Outcome outcome, Op op, std::uint8_t object, SlotRef slot = kNull,
                        int result = 0) {
  outcome.AddCall({op, object, slot, static_cast<std::int16_t>(result)});
  return outcome;
}

inline Outcome WithFaultFired(Outcome outcome) {
  outcome.fault_fired = true;
  return outcome;
}

}  // namespace holdfast

#endif  // HOLDFAST_MODEL_RULES_STATES_H_
