// A belief: what is known of a machine, as one set of values for each object. Every combination of
// the values is possible. Several beliefs together are the possible states of the model.
#ifndef HOLDFAST_TRACES_LOG_BELIEF_H_
#define HOLDFAST_TRACES_LOG_BELIEF_H_

#include <cstdint>
#include <vector>

namespace holdfast {

// Bit v of a mask: the value v is possible.
struct Belief {
  static constexpr std::uint16_t kAnything = 0xffff;
  static constexpr std::uint8_t kNoUnit = 0xff;

  struct Object {                 // a domain or a device
    std::uint8_t pointer = 0x7;   // Pointer
    std::uint8_t traits = 0x1f;   // of a domain its ops, of a device its kind
    std::uint8_t unit = kNoUnit;  // a device's IOMMU; kNoUnit: not known
    bool operator==(const Object&) const = default;
  };
  struct Unit {  // an IOMMU
    // the count of its record: 0 to 13; from kMore on more; kStaleCount of an FLB that is gone
    static constexpr int kMore = 14, kStaleCount = 15;
    std::uint16_t counts = kAnything;
    std::uint8_t ops = 0x7;
    bool operator==(const Unit&) const = default;
  };

  std::uint8_t flb = 0x7;                      // FlbHeld, absent, once or more often
  std::uint8_t slots[3] = {0xff, 0xff, 0xff};  // at most so many: domains, devices, IOMMUs
  std::vector<Object> domains, devices;
  std::vector<Unit> units;
  // each object that the log has not shown yet
  Object unseen_domain, unseen_device;
  Unit unseen_unit;

  bool operator==(const Belief&) const = default;

  // Anything may be preserved, and no pointer leads into an FLB that is gone.
  static Belief AtStart() {
    Belief belief;
    belief.unseen_domain.pointer = belief.unseen_device.pointer = 0x3;
    belief.unseen_unit.counts = 0x7fff;
    return belief;
  }

  // Nothing is preserved, and no FLB is there.
  static Belief Fresh() {
    Belief belief;
    belief.flb = 1;
    for (std::uint8_t& slot : belief.slots) slot = 0;
    belief.unseen_domain.pointer = belief.unseen_device.pointer = 1;
    belief.unseen_unit.counts = 1;
    return belief;
  }
};

}  // namespace holdfast

#endif  // HOLDFAST_TRACES_LOG_BELIEF_H_
