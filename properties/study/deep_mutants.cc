#include "properties/study/deep_mutants.h"

#include <algorithm>
#include <array>
#include <bit>

#include "model/profile.h"

namespace holdfast {
namespace {

using Memory = ModelSut::Memory;

// A counter of four bits for each of sixteen objects; it stays at 15.
int Count(Memory& memory, std::uint8_t object) {
  const int shift = (object & 15) * 4;
  const int count = static_cast<int>(memory.hidden >> shift & 15);
  if (count < 15) memory.hidden += std::uint64_t{1} << shift;
  return std::min(count + 1, 15);
}

bool Is(const Command& command, const Outcome& outcome, Verb verb) {
  return command.verb == verb && outcome.error == 0 && !outcome.warned && !outcome.crashed();
}

template <typename Slot>
long Live(const std::vector<Slot>& chain) {
  return std::count_if(chain.begin(), chain.end(), [](const Slot& slot) { return !slot.deleted; });
}

template <typename Slot>
std::uint32_t MostReferences(const std::vector<Slot>& chain) {
  std::uint32_t most = 0;
  for (const Slot& slot : chain) most = std::max(most, slot.deleted ? 0 : slot.ref_count);
  return most;
}

// The last calls, four bits each, the newest lowest.
std::uint64_t Remember(Memory& memory, std::uint64_t call) {
  return memory.hidden = memory.hidden << 4 | (call & 15);
}

constexpr std::size_t kHwPage = 36, kDomainPage = 110, kDevicePage = 72;  // slots of v3

constexpr DeepMutant kMutants[] = {
    // --- the n-th call on one object -------------------------------------------------------------
    {"tenth_unpreserve", "the tenth unpreserve of one device", 12,
     [](const Command& c, const Outcome& o, Memory& m) {
       return Is(c, o, Verb::kUnpreserveDevice) && m.state.device_ser[c.device] == kNull &&
              Count(m, c.device) == 10;
     }},
    {"sixth_domain", "the sixth preserve of one domain", 8,
     [](const Command& c, const Outcome& o, Memory& m) {
       return Is(c, o, Verb::kPreserveDomain) && Count(m, c.domain) == 6;
     }},
    {"fourth_flb", "the fourth FLB of one kernel", 7,
     [](const Command& c, const Outcome& o, Memory& m) {
       if (c.verb == Verb::kKexec) m.hidden = 0;
       return Is(c, o, Verb::kPreserveFile) && m.state.files == 1 && Count(m, 0) == 4;
     }},
    {"third_handover", "the third kexec with a device preserved", 19,
     [](const Command& c, const Outcome& o, Memory& m) {
       return Is(c, o, Verb::kKexec) && Live(m.state.incoming.flb.devices) > 0 && Count(m, 0) == 3;
     }},
    {"eighth_walk", "the eighth walk of one IOMMU", 8,
     [](const Command& c, const Outcome&, Memory& m) {
       return c.verb == Verb::kForEachDev && Count(m, c.iommu) == 8;
     }},
    {"fifth_claim", "a group whose owner is claimed for the fifth time", 4,
     [](const Command& c, const Outcome& o, Memory& m) {
       return Is(c, o, Verb::kClaimDmaOwner) &&
              std::count(m.state.owner_claims.begin(), m.state.owner_claims.end(), 5) > 0;
     }},
    // --- so many at once -------------------------------------------------------------------------
    {"six_devices", "six devices preserved at once", 8,
     [](const Command& c, const Outcome& o, Memory& m) {
       return Is(c, o, Verb::kPreserveDevice) && Live(m.state.flb.devices) == 6;
     }},
    {"eight_devices", "eight devices preserved at once", 10,
     [](const Command& c, const Outcome& o, Memory& m) {
       return Is(c, o, Verb::kPreserveDevice) && Live(m.state.flb.devices) == 8;
     }},
    {"five_references", "five devices behind one IOMMU preserved at once", 7,
     [](const Command& c, const Outcome& o, Memory& m) {
       return Is(c, o, Verb::kPreserveDevice) && MostReferences(m.state.flb.iommus) == 5;
     }},
    {"four_iommus", "four IOMMUs preserved at once", 6,
     [](const Command& c, const Outcome& o, Memory& m) {
       return Is(c, o, Verb::kPreserveDevice) && Live(m.state.flb.iommus) == 4;
     }},
    {"three_domains_used", "three domains with a device each, preserved at once", 9,
     [](const Command& c, const Outcome& o, Memory& m) {
       unsigned domains = 0;
       for (const DeviceSlot& slot : m.state.flb.devices) {
         if (!slot.deleted && slot.domain >= 0)
           domains |=
               1u << (m.state.flb.domains[static_cast<std::size_t>(slot.domain)].domain & 31);
       }
       return Is(c, o, Verb::kPreserveDevice) && std::popcount(domains & 0xff) == 3;
     }},
    {"third_file_with_devices", "a third file while two devices are preserved", 6,
     [](const Command& c, const Outcome& o, Memory& m) {
       return Is(c, o, Verb::kPreserveFile) && m.state.files == 3 && Live(m.state.flb.devices) == 2;
     }},
    // --- an order --------------------------------------------------------------------------------
    {"middle_out", "of three devices the second goes and comes back", 6,
     [](const Command& c, const Outcome& o, Memory& m) {
       std::array<std::uint8_t, 3> live{};
       std::size_t count = 0;
       for (const DeviceSlot& slot : m.state.flb.devices) {
         if (!slot.deleted && count++ < live.size()) live[count - 1] = slot.device;
       }
       if (!Is(c, o, Verb::kPreserveDevice) || count != 3) return false;
       const bool first = m.hidden == 0;
       if (first) m.hidden = 1u | live[0] << 4 | live[1] << 8 | live[2] << 12;
       return m.hidden == (1u | live[0] << 4 | live[2] << 8 | live[1] << 12);
     }},
    {"to_and_fro", "a device is unpreserved four times with nothing between but its preserve", 10,
     [](const Command& c, const Outcome& o, Memory& m) {
       const bool p = Is(c, o, Verb::kPreserveDevice), u = Is(c, o, Verb::kUnpreserveDevice);
       return (Remember(m, p ? 1 : u ? 2 : 0) & 0xfffffff) == 0x2121212;
     }},
    {"in_turn", "two devices are unpreserved in turn, twice each", 6,
     [](const Command& c, const Outcome& o, Memory& m) {
       if (!Is(c, o, Verb::kUnpreserveDevice)) return false;
       const std::uint64_t last = Remember(m, c.device + 1u) & 0xffff;
       return (last >> 8) == (last & 0xff) && (last & 15) != (last >> 4 & 15) && last >> 12 != 0;
     }},
    {"domain_there_and_back",
     "a device is preserved in one domain, in another and in the first again", 10,
     [](const Command& c, const Outcome& o, Memory& m) {
       if (!Is(c, o, Verb::kPreserveDevice) || c.device > 4) return false;
       const int shift = c.device * 12;
       const std::uint64_t last = (m.hidden >> shift << 4 | (c.domain + 1u)) & 0xfff;
       m.hidden = (m.hidden & ~(std::uint64_t{0xfff} << shift)) | last << shift;
       return (last & 15) == last >> 8 && (last & 15) != (last >> 4 & 15) && last >> 8 != 0;
     }},
    // --- faults ----------------------------------------------------------------------------------
    {"fifth_failure", "the fifth preserve of a device in a row that the IOMMU fails", 7,
     [](const Command& c, const Outcome& o, Memory& m) {
       if (c.verb != Verb::kPreserveDevice) return false;
       if (!o.fault_fired || c.fault.site != FaultSite::kIommuPreserve) return m.hidden = 0, false;
       return ++m.hidden == 5;
     }},
    {"both_faults", "a device fails at the IOMMU, then at itself, then succeeds", 5,
     [](const Command& c, const Outcome& o, Memory& m) {
       if (c.verb != Verb::kPreserveDevice) return false;
       const std::uint64_t call = !o.fault_fired ? (o.error == 0 ? 3 : 0)
                                  : c.fault.site == FaultSite::kIommuPreserve       ? 1
                                  : c.fault.site == FaultSite::kIommuPreserveDevice ? 2
                                                                                    : 0;
       // Its last three calls, four bits each, and above them the device that they were for.
       const std::uint64_t before = m.hidden >> 12 == c.device + 1u ? m.hidden & 0xfff : 0;
       const std::uint64_t last = (before << 4 | call) & 0xfff;
       m.hidden = std::uint64_t{c.device + 1u} << 12 | last;
       return last == 0x123;
     }},
    {"flb_at_last", "an FLB after three that failed in a row", 4,
     [](const Command& c, const Outcome& o, Memory& m) {
       if (c.verb != Verb::kPreserveFile || (o.error == 0 && m.state.files > 1)) return false;
       if (o.error != 0) return ++m.hidden, false;
       const bool reached = m.hidden >= 3;
       m.hidden = 0;
       return reached;
     }},
    {"retrieve_again", "a retrieve that succeeds after two that failed", 6,
     [](const Command& c, const Outcome& o, Memory& m) {
       if (c.verb != Verb::kRetrieve) return false;
       if (o.fault_fired) return ++m.hidden, false;
       return o.error == 0 && m.hidden >= 2;
     }},
    // --- the boundary of a page ------------------------------------------------------------------
    {"third_hw_page", "a third page of IOMMU records", 75,
     [](const Command& c, const Outcome& o, Memory& m) {
       return Is(c, o, Verb::kPreserveDevice) && m.state.flb.iommus.size() > 2 * kHwPage;
     }},
    {"page_at_last", "a page of IOMMU records that comes after two that did not", 41,
     [](const Command& c, const Outcome& o, Memory& m) {
       if (c.verb != Verb::kPreserveDevice || m.state.flb.iommus.size() < kHwPage) return false;
       if (o.fault_fired && c.fault.site == FaultSite::kKhoAlloc) return ++m.hidden, false;
       return m.hidden >= 2 && m.state.flb.iommus.size() == kHwPage + 1;
     }},
    {"second_device_page", "a device whose record is in the second page is unpreserved", 76,
     [](const Command& c, const Outcome& o, Memory& m) {
       return Is(c, o, Verb::kUnpreserveDevice) && m.state.flb.devices.size() > kDevicePage &&
              m.state.flb.devices.back().deleted;
     }},
    {"second_domain_page_used", "a device whose domain's record is in the second page", 113,
     [](const Command& c, const Outcome& o, Memory& m) {
       return Is(c, o, Verb::kPreserveDevice) && !m.state.flb.devices.back().deleted &&
              m.state.flb.devices.back().domain >= static_cast<SlotRef>(kDomainPage);
     }},
    {"full_page_frozen", "a freeze while the page of IOMMU records is exactly full", 39,
     [](const Command& c, const Outcome&, Memory& m) {
       return c.verb == Verb::kFreeze && m.state.flb.iommus.size() == kHwPage;
     }},
    {"domain_pages_retrieved", "two pages of domain records are retrieved", 114,
     [](const Command& c, const Outcome& o, Memory& m) {
       return Is(c, o, Verb::kRetrieve) && m.state.incoming.flb.domains.size() > kDomainPage;
     }},
    // --- calls that seldom meet ------------------------------------------------------------------
    {"walk_of_three", "a walk that visits three devices while two IOMMUs are preserved", 5,
     [](const Command& c, const Outcome& o, Memory& m) {
       return c.verb == Verb::kForEachDev && o.call_count == 3 && Live(m.state.flb.iommus) == 2;
     }},
    {"domain_without_undo", "an unpreserve of a domain that warns while two devices are preserved",
     5,
     [](const Command& c, const Outcome& o, Memory& m) {
       return c.verb == Verb::kUnpreserveDomain && o.warned && Live(m.state.flb.devices) == 2;
     }},
    {"unsupported_beside_two",
     "a device that cannot be preserved, with -EOPNOTSUPP, beside two that are", 5,
     [](const Command& c, const Outcome& o, Memory& m) {
       return c.verb == Verb::kPreserveDevice && o.error == -EOPNOTSUPP &&
              Live(m.state.flb.devices) == 2;
     }},
    {"no_group_after_kexec",
     "a claim of a device without a group, in a kernel that has retrieved records", 6,
     [](const Command& c, const Outcome& o, Memory& m) {
       return c.verb == Verb::kClaimDmaOwner && o.error == -ENODEV &&
              m.state.incoming.status == Incoming::Status::kRetrieved;
     }},
    {"warning_after_kexec",
     "an unpreserve of a device that warns, in a kernel that has retrieved records", 6,
     [](const Command& c, const Outcome& o, Memory& m) {
       return c.verb == Verb::kUnpreserveDevice && o.warned &&
              m.state.incoming.status == Incoming::Status::kRetrieved;
     }},
    {"no_flb_at_page_end",
     "a fault of liveupdate_flb_get_outgoing while the page of device records is full", 75,
     [](const Command& c, const Outcome& o, Memory& m) {
       return o.fault_fired && c.fault.site == FaultSite::kFlbGetOutgoing &&
              m.state.flb.devices.size() == kDevicePage;
     }},
    {"three_files_frozen", "a freeze with three files and three devices", 8,
     [](const Command& c, const Outcome&, Memory& m) {
       return c.verb == Verb::kFreeze && m.state.files == 3 && Live(m.state.flb.devices) == 3;
     }},
    // --- a caller who breaks the contract --------------------------------------------------------
    {"three_records", "one device with three records", 5,
     [](const Command& c, const Outcome& o, Memory& m) {
       const auto of_it = [&](const DeviceSlot& slot) {
         return !slot.deleted && slot.device == c.device;
       };
       return Is(c, o, Verb::kPreserveDevice) &&
              std::count_if(m.state.flb.devices.begin(), m.state.flb.devices.end(), of_it) == 3;
     }},
    {"owner_gone_and_back", "a device whose owner went and came back after a call that it missed",
     6,
     [](const Command& c, const Outcome&, Memory& m) {
       if (c.device > 15) return false;
       const std::uint64_t bit = std::uint64_t{1} << c.device;
       if (c.verb == Verb::kUnpreserveDevice && m.state.device_ser[c.device] >= 0)
         return m.hidden |= bit, false;
       return c.verb == Verb::kClaimDmaOwner && (m.hidden & bit) != 0 &&
              m.state.device_ser[c.device] >= 0;
     }},
};

}  // namespace

std::span<const DeepMutant> DeepMutants() { return kMutants; }

ModelSut Planted(const DeepMutant& mutant) {
  return ModelSut(*FindProfile("v3"),
                  [&mutant](const Command& command, Outcome& outcome, Memory& memory) {
                    if (!memory.state.crashed && mutant.reached(command, outcome, memory))
                      outcome.warned = !outcome.warned;
                  });
}

}  // namespace holdfast
