// The second half of the checker: from the beliefs before a call to the beliefs after the call.

#include <algorithm>
#include <bit>
#include <utility>

#include "traces/log/checker.h"

namespace holdfast {
namespace {

bool IsFlb(Probe probe) { return probe == Probe::kFlbPreserve || probe == Probe::kFlbUnpreserve; }

Verb VerbOf(Probe probe) {
  switch (probe) {
    case Probe::kPreserveDomain: return Verb::kPreserveDomain;
    case Probe::kUnpreserveDomain: return Verb::kUnpreserveDomain;
    case Probe::kPreserveDevice: return Verb::kPreserveDevice;
    default: return Verb::kUnpreserveDevice;
  }
}

std::uint8_t Bit(int value) { return static_cast<std::uint8_t>(1u << value); }

// The values of a mask, from the lowest on.
template <typename Visit>
void ForEach(unsigned mask, Visit visit) {
  for (; mask != 0; mask &= mask - 1) visit(static_cast<std::uint8_t>(std::countr_zero(mask)));
}

constexpr std::uint16_t kMoreCounts = 0x7ffc;  // 2 to kMore

std::uint16_t CountsOf(std::uint8_t counted) {
  switch (counted) {
    case kNotCounted: return 1;
    case kCountedOnce: return 2;
    case kCountedMore: return kMoreCounts;
    default: return 1u << Belief::Unit::kStaleCount;
  }
}

// `counts` one more or less; "14 or more" stays, and one less may be 13.
std::uint16_t Shifted(std::uint16_t counts, int by) {
  constexpr unsigned kMore = 1u << Belief::Unit::kMore;
  unsigned live = counts & 0x7fffu;
  const unsigned more = live & kMore;
  for (; by > 0; --by) live = (live << 1 & 0x7fffu) | more;
  for (; by < 0; ++by) live = live >> 1 | more;
  return static_cast<std::uint16_t>(live);
}

void Dangle(std::uint8_t& pointer) {
  if (pointer & Bit(kLivePointer))
    pointer = static_cast<std::uint8_t>((pointer & ~Bit(kLivePointer)) | Bit(kStalePointer));
}
void Dangle(std::uint16_t& counts) {
  if (counts & 0x7ffe) counts = static_cast<std::uint16_t>((counts & ~0x7ffe) | 0x8000);
}

// The FLB goes: each pointer to a record of it dangles.
void Dangle(Belief& belief) {
  for (auto* objects : {&belief.domains, &belief.devices})
    for (Belief::Object& object : *objects) Dangle(object.pointer);
  for (Belief::Unit& unit : belief.units) Dangle(unit.counts);
  Dangle(belief.unseen_domain.pointer);
  Dangle(belief.unseen_device.pointer);
  Dangle(belief.unseen_unit.counts);
}

void Grow(std::uint8_t& slots, bool by) { slots += by && slots < 0xff; }

// What a call touches, each a mask.
struct Touched {
  std::uint8_t flb, domain, domain_ops, device, kind, iommu_ops;
  std::uint16_t counts;
  bool operator==(const Touched&) const = default;
};

// One of the two, widened by the other, if they differ in one mask only. So nothing is added.
bool Merge(Touched& a, const Touched& b) {
  const int differing = (a.flb != b.flb) + (a.domain != b.domain) + (a.domain_ops != b.domain_ops) +
                        (a.device != b.device) + (a.kind != b.kind) + (a.iommu_ops != b.iommu_ops) +
                        (a.counts != b.counts);
  if (differing > 1) return false;
  a.flb |= b.flb, a.domain |= b.domain, a.domain_ops |= b.domain_ops, a.device |= b.device;
  a.kind |= b.kind, a.iommu_ops |= b.iommu_ops, a.counts |= b.counts;
  return true;
}

void Add(std::vector<Touched>& all, Touched touched) {
  for (std::size_t i = 0; i < all.size();) {
    if (!Merge(touched, all[i])) {
      ++i;
      continue;
    }
    all.erase(all.begin() + static_cast<std::ptrdiff_t>(i));
    i = 0;
  }
  all.push_back(touched);
}

// The session's files are not in the log: where one holds the FLB, more may, and the reverse.
std::uint8_t HeldByAny(std::uint8_t flb) {
  return flb & 0x6 ? static_cast<std::uint8_t>(flb | 0x6) : flb;
}

}  // namespace

void LogChecker::FollowAll(const Call& call, Found& found) {
  for (const Belief& belief : beliefs_) {
    Follow(belief, call, found);
    if (found.beliefs.size() > 4 * kMostBeliefs) return;
  }
}

void LogChecker::Follow(const Belief& before, const Call& call, Found& found) {
  Belief belief = before;
  belief.flb = HeldByAny(belief.flb);
  if (!Watches(Probe::kFlbPreserve) && !Watches(Probe::kFlbUnpreserve)) {
    // the FLB comes and goes unseen
    belief.flb = 0x7;
    Belief gone = belief;
    Dangle(gone);
    for (std::size_t i = 0; i < belief.domains.size(); ++i)
      belief.domains[i].pointer |= gone.domains[i].pointer;
    for (std::size_t i = 0; i < belief.devices.size(); ++i)
      belief.devices[i].pointer |= gone.devices[i].pointer;
    for (std::size_t i = 0; i < belief.units.size(); ++i)
      belief.units[i].counts |= gone.units[i].counts;
    belief.unseen_domain.pointer |= gone.unseen_domain.pointer;
    belief.unseen_device.pointer |= gone.unseen_device.pointer;
    belief.unseen_unit.counts |= gone.unseen_unit.counts;
  }
  if (IsFlb(call.probe)) return FollowFlb(belief, call, found);
  const bool of_device =
      call.probe == Probe::kPreserveDevice || call.probe == Probe::kUnpreserveDevice;
  const auto candidates = [](const std::unordered_map<std::uint64_t, int>& known,
                             std::uint64_t address, std::size_t size) {
    std::vector<int> all;
    const auto at = known.find(address);
    if (address != 0 && at != known.end()) return std::vector<int>{at->second};
    if (address == 0)
      for (std::size_t i = 0; i < size; ++i) all.push_back(static_cast<int>(i));
    all.push_back(-1);
    return all;
  };
  // unpreserve_device does not look at its domain
  const std::vector<int> domains = call.probe == Probe::kUnpreserveDevice
                                       ? std::vector<int>{-1}
                                       : candidates(domains_, call.domain, belief.domains.size());
  const std::vector<int> devices =
      of_device ? candidates(devices_, call.device, belief.devices.size()) : std::vector<int>{-1};
  std::vector<int> named;  // the IOMMU that an op names
  for (std::size_t i = 0; i < call.shown; ++i) {
    const Act& act = call.acts[i];
    if (act.probe != Probe::kIommuPreserve && act.probe != Probe::kIommuUnpreserve) continue;
    if (const auto at = units_.find(act.object); at != units_.end()) named.push_back(at->second);
  }
  for (const int domain : domains) {
    for (const int device : devices) {
      const int own =
          device < 0 || !of_device ? -1 : belief.devices[static_cast<std::size_t>(device)].unit;
      std::vector<int> units;
      if (!of_device || !WatchesUnits()) {
        units = {-1};
      } else if (own >= 0 && own != Belief::kNoUnit) {
        units = {own};
      } else {
        for (std::size_t i = 0; i < belief.units.size(); ++i) units.push_back(static_cast<int>(i));
        units.push_back(-1);
      }
      for (const int unit : units) {
        const bool other =
            std::any_of(named.begin(), named.end(), [unit](int index) { return index != unit; });
        if (!other) FollowObjects(belief, call, domain, device, unit, found);
      }
    }
  }
}

// The callback `preserve` makes the FLB, and `unpreserve` takes it away.
void LogChecker::FollowFlb(const Belief& belief, const Call& call, Found& found) {
  const bool preserves = call.probe == Probe::kFlbPreserve;
  found.crashed = false;
  found.broken = 0;
  // a put that takes the FLB away in the middle of a call makes no order of callbacks
  const bool drops = ways_.profile().puts_flb && ways_.profile().luo != Luo::kStageC;
  if (found.allowed != nullptr)
    found.allowed->push_back(preserves ? "no call while there is an FLB"
                                       : "no call while there is no FLB");
  if (!drops && (belief.flb & (preserves ? 0x1 : 0x6)) == 0) return;
  const bool may_fail = preserves && (!call.returned || !call.result || *call.result < 0);
  const bool may_work = !preserves || !call.returned || !call.result || *call.result == 0;
  if (may_fail) {
    found.beliefs.push_back(belief);
    if (!drops) found.beliefs.back().flb = 1;
  }
  if (!may_work) return;
  Belief after = belief;
  if (drops || !preserves) Dangle(after);
  after.flb = preserves ? Bit(kHeldOnce) : Bit(kAbsent);
  if (preserves)
    for (std::uint8_t& slot : after.slots) slot = 0;
  found.beliefs.push_back(std::move(after));
}

void LogChecker::FollowObjects(const Belief& belief, const Call& call, int domain, int device,
                               int unit, Found& found) {
  const Profile& profile = ways_.profile();
  const Verb verb = VerbOf(call.probe);
  const bool of_device = verb == Verb::kPreserveDevice || verb == Verb::kUnpreserveDevice;
  const bool of_domain = verb != Verb::kUnpreserveDevice;
  const Belief::Object d =
      domain < 0 ? belief.unseen_domain : belief.domains[static_cast<std::size_t>(domain)];
  const Belief::Object v =
      device < 0 ? belief.unseen_device : belief.devices[static_cast<std::size_t>(device)];
  Belief::Unit u = unit < 0 ? belief.unseen_unit : belief.units[static_cast<std::size_t>(unit)];
  // whatever its count; the record is of this FLB if no FLB has gone
  if (!WatchesUnits()) u = {static_cast<std::uint16_t>(u.counts | 0x7fff)};
  const Layout& layout = profile.layout;
  const bool may_be_full =
      (verb == Verb::kPreserveDomain && belief.slots[0] >= layout.domain_capacity()) ||
      (verb == Verb::kPreserveDevice &&
       (belief.slots[1] >= layout.device_capacity() || belief.slots[2] >= layout.hw_capacity()));
  std::vector<Touched> results;
  const auto try_world = [&](SmallWorld world) {
    const std::uint16_t counts =
        of_device ? static_cast<std::uint16_t>(u.counts & CountsOf(world.iommu)) : u.counts;
    if (counts == 0) return;
    // A crash of freed memory, and not of a NULL group, dev->iommu or FLB.
    const bool stale = (world.domain == kStalePointer || world.device == kStalePointer ||
                        world.iommu == kCountStale) &&
                       world.kind < 3 && (world.flb != kAbsent || profile.quiet_unpreserve_device);
    for (const Way& way : ways_.Of(world)) {
      if (way.crashed && stale) {
        // freed memory was read: a kernel may go on, and then anything may be
        if (found.beliefs.empty() || found.beliefs.front() != Unknown())
          found.beliefs.insert(found.beliefs.begin(), Unknown());
        if (found.allowed != nullptr) found.allowed->push_back("anything, after freed memory");
        continue;
      }
      if (!Matches(way, call)) continue;
      if (found.allowed != nullptr) {
        if (std::exchange(found.has_world, true) == false) *found.world = world;
        found.allowed->push_back(way.Print());
      }
      found.crashed = found.crashed && way.crashed;
      found.broken &= way.broken;
      Touched after = {
          .flb = Bit(std::min<int>(way.flb, kHeldTwice)),
          .domain = of_domain ? Bit(way.domain) : d.pointer,
          .domain_ops = verb == Verb::kPreserveDomain || verb == Verb::kUnpreserveDomain
                            ? Bit(world.domain_ops)
                            : d.traits,
          .device = of_device ? Bit(way.device) : v.pointer,
          .kind = of_device ? Bit(world.kind) : v.traits,
          .iommu_ops = of_device ? Bit(world.iommu_ops) : u.ops,
          .counts = way.iommu == kCountStale ? CountsOf(kCountStale) : Shifted(counts, way.count)};
      if (!of_device) after.counts = u.counts;
      Add(results, after);
    }
  };
  const unsigned flbs = belief.flb & 0x4 ? belief.flb | 0x8u : belief.flb;
  ForEach(flbs, [&](std::uint8_t flb) {
    ForEach(of_domain ? d.pointer : 1u, [&](std::uint8_t pointer) {
      ForEach(of_domain && !of_device ? d.traits & 0x7u : 1u, [&](std::uint8_t ops) {
        ForEach(of_device ? v.pointer : 1u, [&](std::uint8_t device_pointer) {
          ForEach(of_device ? v.traits : 1u, [&](std::uint8_t kind) {
            ForEach(of_device ? u.ops : 1u, [&](std::uint8_t iommu_ops) {
              ForEach(of_device ? 0xfu : 1u, [&](std::uint8_t counted) {
                ForEach(of_device ? 0x3u : 2u, [&](std::uint8_t owned) {
                  SmallWorld world{.verb = verb,
                                   .flb = flb,
                                   .domain = pointer,
                                   .domain_ops = ops,
                                   .device = device_pointer,
                                   .kind = kind,
                                   .owned = owned,
                                   .iommu = counted,
                                   .iommu_ops = iommu_ops};
                  try_world(world);
                  if (may_be_full && flb != kAbsent) {
                    world.full = true;
                    try_world(world);
                    world.full = false;
                  }
                  if (profile.double_device_by_pointer && device_pointer == kNullPointer) {
                    world.restored = true;
                    try_world(world);
                  }
                });
              });
            });
          });
        });
      });
    });
  });
  for (const Touched& touched : results) {
    Belief after = belief;
    after.flb = touched.flb;
    if (verb == Verb::kPreserveDomain) Grow(after.slots[0], true);
    if (verb == Verb::kPreserveDevice) Grow(after.slots[1], true), Grow(after.slots[2], true);
    if (of_domain && domain >= 0) {
      after.domains[static_cast<std::size_t>(domain)].pointer = touched.domain;
      after.domains[static_cast<std::size_t>(domain)].traits = touched.domain_ops;
    } else if (of_domain) {
      after.unseen_domain.pointer |= touched.domain;
    }
    if (of_device && device >= 0) {
      Belief::Object& object = after.devices[static_cast<std::size_t>(device)];
      object.pointer = touched.device;
      object.traits = touched.kind;
      if (unit >= 0) object.unit = static_cast<std::uint8_t>(unit);
    } else if (of_device) {
      after.unseen_device.pointer |= touched.device;
    }
    if (of_device && unit >= 0) {
      after.units[static_cast<std::size_t>(unit)] = {touched.counts, touched.iommu_ops};
    } else if (of_device && WatchesUnits()) {
      after.unseen_unit.counts |= touched.counts;
    } else if (of_device) {
      // which IOMMU the call touched is not known, now or later
      after.unseen_unit = {static_cast<std::uint16_t>(u.counts | touched.counts)};
      for (Belief::Unit& any : after.units) any.counts = Belief::kAnything;
    }
    if (std::find(found.beliefs.begin(), found.beliefs.end(), after) == found.beliefs.end())
      found.beliefs.push_back(std::move(after));
  }
}

bool LogChecker::Matches(const Way& way, const Call& call) const {
  const bool whole = !call.open;
  const bool unreturned = whole && !call.returned;
  // NULL was followed: no kernel goes on.
  if (way.crashed && call.returned) return false;
  std::size_t shown = 0;
  std::optional<int> error_of;
  for (std::size_t i = 0; i < way.acts.size(); ++i) {
    const Way::Act& act = way.acts[i];
    if (!Watches(act.probe)) continue;
    // after a return that is missing, other callers of the lookup follow
    if (act.probe == Probe::kGetOutgoing && unreturned) continue;
    while (shown < call.shown && call.acts[shown].probe == Probe::kGetOutgoing && unreturned)
      ++shown;
    if (shown == call.shown) {
      if (whole && !way.crashed) return false;
      break;
    }
    const Act& logged = call.acts[shown];
    if (logged.probe != act.probe) return false;
    const bool counts = shown + 1 < call.shown || call.last_result;
    if (counts && logged.result && logged.return_line != 0) {
      if (act.failed != (*logged.result < 0)) return false;
      if (act.failed && act.error != 0 && *logged.result != act.error) return false;
      if (way.error_of == static_cast<int>(i)) error_of = *logged.result;
    }
    ++shown;
  }
  while (shown < call.shown && call.acts[shown].probe == Probe::kGetOutgoing && unreturned) ++shown;
  if (shown < call.shown) return false;
  if (!call.returned || !way.returns || !call.result) return true;
  if (way.error != Way::kAnyError) return *call.result == way.error;
  return error_of ? *call.result == *error_of : *call.result < 0;
}

}  // namespace holdfast
