#include "model/explore/packing.h"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <stdexcept>

namespace holdfast {
namespace {

// kPointerFirst + k: its object's k-th record
constexpr std::uint64_t kPointerNull = 0, kPointerStale = 1, kPointerFirst = 2;
constexpr std::uint64_t kHwNull = 0, kHwOwn = 1, kHwDead = 2, kHwStale = 3;

// A domain that a device is attached to. None is 0, as in a record that is not there: no bit then
// speaks of a domain.
std::uint64_t PackDomain(std::uint8_t domain) { return domain == kNone ? 0 : domain + 1u; }
std::uint8_t UnpackDomain(std::uint64_t value) {
  return value == 0 ? kNone : static_cast<std::uint8_t>(value - 1);
}

// Bits that hold 0 to `most`.
int WidthFor(int most) { return std::bit_width(static_cast<unsigned>(most)); }

int MostDevicesBehindAnIommu(const Topology& topology) {
  std::array<int, kMaxIommus> behind{};
  for (const Device& device : topology.devices) ++behind[device.iommu];
  return *std::max_element(behind.begin(), behind.end());
}

// The number of the first live record of each object, the chain being in canonical order.
template <typename Slot>
class FirstRecords {
 public:
  explicit FirstRecords(const std::vector<Slot>& chain) : chain_(chain) {}

  // Which of its object's live records `slot` is, from 0.
  std::uint64_t Index(std::size_t slot) const {
    std::size_t first = slot;
    while (first > 0 && ObjectOf(chain_[first - 1]) == ObjectOf(chain_[slot])) --first;
    return slot - first;
  }
  bool IsLiveOf(SlotRef ref, std::uint8_t object) const {
    return static_cast<std::size_t>(ref) < chain_.size() && !At(ref).deleted &&
           ObjectOf(At(ref)) == object;
  }
  const Slot& At(SlotRef ref) const { return chain_[static_cast<std::size_t>(ref)]; }

 private:
  const std::vector<Slot>& chain_;
};

// A pointer to a record of its own object.
template <typename Slot>
bool PackPointer(SlotRef ref, std::uint8_t object, const std::vector<Slot>& chain, Bits bits,
                 std::uint64_t* words) {
  std::uint64_t value = kPointerNull;
  if (ref == kStale) value = kPointerStale;
  if (ref < kStale) return false;
  if (ref >= 0) {
    const FirstRecords<Slot> records(chain);
    if (!records.IsLiveOf(ref, object)) return false;
    value = kPointerFirst + records.Index(static_cast<std::size_t>(ref));
  }
  if (value >> bits.width) return false;
  bits.Set(words, value);
  return true;
}

template <typename Slot>
SlotRef UnpackPointer(Bits bits, const std::uint64_t* words, std::uint8_t object,
                      const std::vector<Slot>& chain) {
  const std::uint64_t value = bits.In(words);
  if (value == kPointerNull) return kNull;
  if (value == kPointerStale) return kStale;
  const auto first = std::find_if(chain.begin(), chain.end(),
                                  [&](const Slot& slot) { return ObjectOf(slot) == object; });
  return static_cast<SlotRef>(first - chain.begin() +
                              static_cast<std::ptrdiff_t>(value - kPointerFirst));
}

}  // namespace

// Gives out bits. What is taken between Open() and Close() is one block of `kept` bits.
class Packing::Layouter {
 public:
  Bits Take(int width) {
    if (at_ % 64 + width > 64) at_ = (at_ + 63) / 64 * 64;
    const Bits bits = {static_cast<std::uint16_t>(at_), static_cast<std::uint8_t>(width)};
    at_ += width;
    used_ += width;
    return bits;
  }
  // `make` takes what one block has; it is run twice, at first to learn how wide a block is.
  template <typename Make>
  Bits Block(Make make) {
    const Layouter before = *this;
    at_ = 0;
    make();
    const int width = at_;
    *this = before;
    if (width > 64) {  // no block: the fields stand where there is room
      make();
      return {};
    }
    if (at_ % 64 + width > 64) at_ = (at_ + 63) / 64 * 64;
    const int start = at_;
    make();
    return {static_cast<std::uint16_t>(start), static_cast<std::uint8_t>(width)};
  }
  int at() const { return at_; }
  int used() const { return used_; }

 private:
  int at_ = 1, used_ = 1;  // bit 0 is always set
};

Packing::Packing(const World& world, const Profile& profile)
    : topology_(world.topology), tokens_(profile.stores_owner_token) {
  const Bounds& bounds = world.bounds;
  const int domains = static_cast<int>(topology_.domains.size());
  const int device_records = bounds.device_records, domain_records = bounds.domain_records;
  has_incoming_ = world.Has(Aspect::kHandover);
  const bool restores = has_incoming_ && world.Has(Aspect::kRestore);
  Layouter layout;
  const auto flag = [&] { return layout.Take(1); };

  crashed_ = flag();
  files_ = layout.Take(WidthFor(bounds.files));
  flb_refs_ = layout.Take(WidthFor(bounds.files + bounds.leaked_refs));
  outgoing_.present = flag();
  session_ = {crashed_, files_, flb_refs_, outgoing_.present};
  if (has_incoming_) {
    frozen_ = flag();
    frozen_flb_ = flag();
    frozen_files_ = layout.Take(WidthFor(bounds.files));
    session_.insert(session_.end(), {frozen_, frozen_flb_, frozen_files_});
    incoming_status_ = layout.Take(3);
    incoming_lost_ = flag();
    incoming_error_ = layout.Take(8);
    incoming_files_ = layout.Take(WidthFor(bounds.files));
    incoming_.present = flag();
    incoming_session_ = {incoming_status_, incoming_lost_, incoming_error_, incoming_files_,
                         incoming_.present};
  }

  std::vector<FlbFields*> flbs = {&outgoing_};
  if (has_incoming_) flbs.push_back(&incoming_);
  for (FlbFields* flb : flbs) {
    flb->devices.resize(topology_.devices.size());
    flb->domains.resize(topology_.domains.size());
    flb->taken.resize(topology_.domains.size());
    flb->iommus.resize(topology_.iommus.size());
    flb->ref_counts.resize(topology_.iommus.size());
  }
  devices_.resize(topology_.devices.size());
  domains_.resize(topology_.domains.size());
  iommus_.resize(topology_.iommus.size());

  const auto take_records = [&](FlbFields& flb, std::size_t device) {
    flb.devices[device].clear();
    for (int k = 0; k < device_records; ++k) {
      DeviceRecord& record = flb.devices[device].emplace_back();
      record.live = flag();
      record.taken = layout.Take(restores && &flb == &incoming_ ? 1 : 0);
      record.attachment = layout.Take(WidthFor(domains));
      record.hw = layout.Take(2);
      record.dead = flag();
      record.stale = flag();
      for (int r = 0; r < domain_records; ++r) record.names.push_back(layout.Take(domains));
    }
  };
  // Without the aspect nobody claims: once at first, and not at all in the next kernel.
  const int claims = world.Has(Aspect::kOwners) ? bounds.claims : 1;
  const auto blocks_of = [&](auto& blocks, auto outgoing, auto incoming) {
    blocks.push_back({layout.Block(outgoing)});
    if (has_incoming_) blocks.back().push_back(layout.Block(incoming));
  };
  for (std::size_t i = 0; i < devices_.size(); ++i) {
    blocks_of(
        device_blocks_,
        [&] {
          devices_[i] = {.claims = layout.Take(WidthFor(claims)),
                         .attached = layout.Take(WidthFor(domains)),
                         .device_ser = layout.Take(WidthFor(1 + device_records)),
                         .restored_ser = layout.Take(restores ? WidthFor(1 + device_records) : 0),
                         .page = flag()};
          take_records(outgoing_, i);
        },
        [&] { take_records(incoming_, i); });
  }
  for (std::size_t i = 0; i < domains_.size(); ++i) {
    blocks_of(
        domain_blocks_,
        [&] {
          domains_[i] = {.pointer = layout.Take(WidthFor(1 + domain_records)), .page = flag()};
          outgoing_.domains[i] = layout.Take(WidthFor(domain_records));
        },
        [&] {
          incoming_.domains[i] = layout.Take(WidthFor(domain_records));
          incoming_.taken[i] = layout.Take(restores ? domain_records : 0);
        });
  }
  const int most_refs = MostDevicesBehindAnIommu(topology_) * device_records;
  for (std::size_t i = 0; i < iommus_.size(); ++i) {
    const auto take_hw = [&](FlbFields& flb) {
      flb.iommus[i] = flag();
      flb.ref_counts[i] = layout.Take(WidthFor(most_refs));
    };
    blocks_of(
        iommu_blocks_,
        [&] {
          iommus_[i] = {.pointer = layout.Take(2), .page = flag()};
          take_hw(outgoing_);
        },
        [&] { take_hw(incoming_); });
  }
  words_ = (layout.at() + 63) / 64;
  used_bits_ = layout.used();
  if (words_ > kMaxWords) throw std::length_error("a packed state of this world has too many bits");
  for (auto* blocks : {&device_blocks_, &domain_blocks_, &iommu_blocks_}) {
    const bool too_large =
        std::any_of(blocks->begin(), blocks->end(), [](const std::vector<Bits>& parts) {
          return std::any_of(parts.begin(), parts.end(),
                             [](const Bits& bits) { return bits.width == 0; });
        });
    if (too_large) blocks->clear();
  }
}

bool Packing::PackFlb(const Flb& flb, const FlbFields& fields, std::uint64_t* words) const {
  if (flb.damage != 0) return false;
  fields.present.Set(words, flb.present);
  const FirstRecords<DomainSlot> domain_records(flb.domains);
  const FirstRecords<DeviceSlot> device_records(flb.devices);

  std::array<std::uint64_t, kMaxDomains> live_domains{};
  for (const DomainSlot& slot : flb.domains) {
    if (slot.deleted) continue;
    if (slot.domain >= topology_.domains.size() || slot.ref_count != 1) return false;
    if (slot.incoming) {
      const Bits taken = fields.taken[slot.domain];
      if (live_domains[slot.domain] >= taken.width) return false;
      taken.Set(words, std::uint64_t{1} << live_domains[slot.domain]);
    }
    ++live_domains[slot.domain];
  }
  for (std::size_t i = 0; i < fields.domains.size(); ++i) {
    if (live_domains[i] >> fields.domains[i].width) return false;
    fields.domains[i].Set(words, live_domains[i]);
  }

  std::array<bool, kMaxIommus> live_iommus{};
  for (const HwSlot& slot : flb.iommus) {
    if (slot.deleted) continue;
    if (slot.iommu >= topology_.iommus.size() || slot.incoming || live_iommus[slot.iommu])
      return false;
    if (slot.ref_count >> fields.ref_counts[slot.iommu].width) return false;
    live_iommus[slot.iommu] = true;
    fields.iommus[slot.iommu].Set(words, 1);
    fields.ref_counts[slot.iommu].Set(words, slot.ref_count);
  }

  for (std::size_t i = 0; i < flb.devices.size(); ++i) {
    const DeviceSlot& slot = flb.devices[i];
    if (slot.deleted) continue;
    if (slot.device >= topology_.devices.size() || slot.ref_count != 1) return false;
    if (slot.dma_owner_token != (tokens_ ? DmaOwnerToken(slot.device) : 0)) return false;
    const std::size_t k = device_records.Index(i);
    if (k >= fields.devices[slot.device].size()) return false;
    const DeviceRecord& record = fields.devices[slot.device][k];
    record.live.Set(words, 1);
    if (slot.incoming && record.taken.width == 0) return false;
    record.taken.Set(words, slot.incoming);
    if (slot.attachment != kNone && slot.attachment >= topology_.domains.size()) return false;
    record.attachment.Set(words, PackDomain(slot.attachment));

    if (slot.domain < kStale || slot.hw < kStale) return false;
    if (slot.domain == kStale) {
      record.stale.Set(words, 1);
    } else if (slot.domain >= 0) {
      const DomainSlot& domain = domain_records.At(slot.domain);
      const std::size_t r =
          domain.deleted ? 0 : domain_records.Index(static_cast<std::size_t>(slot.domain));
      if (domain.deleted) {
        record.dead.Set(words, 1);
      } else if (r < record.names.size()) {
        record.names[r].Set(words, std::uint64_t{1} << domain.domain);
      } else {
        return false;
      }
    }
    std::uint64_t hw = slot.hw == kNull ? kHwNull : kHwStale;
    if (slot.hw >= 0) {
      const HwSlot& named = flb.iommus[static_cast<std::size_t>(slot.hw)];
      if (!named.deleted && named.iommu != topology_.devices[slot.device].iommu) return false;
      hw = named.deleted ? kHwDead : kHwOwn;
    }
    record.hw.Set(words, hw);
  }
  return true;
}

bool Packing::Pack(const State& state, std::uint64_t* words) const {
  std::fill(words, words + words_, 0);
  words[0] = 1;
  crashed_.Set(words, state.crashed);
  if (state.crashed) return true;  // one state
  const auto put = [words](Bits bits, std::uint64_t value) {
    if (bits.width == 0 ? value != 0 : value >> bits.width != 0) return false;
    bits.Set(words, value);
    return true;
  };
  if (state.flb_refs < 0 || state.kho.stray != 0) return false;
  if (!put(files_, state.files) || !put(flb_refs_, static_cast<std::uint64_t>(state.flb_refs)))
    return false;
  if (!put(frozen_, state.frozen) || !put(frozen_flb_, state.frozen_flb) ||
      !put(frozen_files_, state.frozen_files))
    return false;

  if (!PackFlb(state.flb, outgoing_, words)) return false;
  for (std::uint8_t i = 0; i < devices_.size(); ++i) {
    const DeviceFields& fields = devices_[i];
    const std::uint8_t attached = state.attached[i];
    if (!put(fields.claims, state.owner_claims[i])) return false;
    if (!put(fields.attached, PackDomain(attached))) return false;
    if (!PackPointer(state.device_ser[i], i, state.flb.devices, fields.device_ser, words))
      return false;
    if (fields.restored_ser.width == 0 && state.restored_ser[i] != kNull) return false;
    if (!PackPointer(state.restored_ser[i], i, state.incoming.flb.devices, fields.restored_ser,
                     words))
      return false;
    fields.page.Set(words, state.kho.devices >> i & 1);
  }
  for (std::uint8_t i = 0; i < domains_.size(); ++i) {
    if (!PackPointer(state.preserved_state[i], i, state.flb.domains, domains_[i].pointer, words))
      return false;
    domains_[i].page.Set(words, state.kho.domains >> i & 1);
  }
  for (std::uint8_t i = 0; i < iommus_.size(); ++i) {
    if (!PackPointer(state.outgoing_preserved_state[i], i, state.flb.iommus, iommus_[i].pointer,
                     words))
      return false;
    iommus_[i].page.Set(words, state.kho.iommus >> i & 1);
  }

  const Incoming& incoming = state.incoming;
  if (!has_incoming_) return incoming == Incoming();
  return put(incoming_status_, static_cast<std::uint64_t>(incoming.status)) &&
         put(incoming_lost_, incoming.lost) &&
         put(incoming_error_, static_cast<std::uint64_t>(-incoming.error)) &&
         put(incoming_files_, incoming.files) && PackFlb(incoming.flb, incoming_, words);
}

void Packing::UnpackFlb(const FlbFields& fields, const std::uint64_t* words, Flb& flb) const {
  flb.present = fields.present.In(words) != 0;
  std::array<SlotRef, kMaxDomains> first_domain{};
  for (std::uint8_t i = 0; i < fields.domains.size(); ++i) {
    first_domain[i] = static_cast<SlotRef>(flb.domains.size());
    for (std::uint64_t k = 0; k < fields.domains[i].In(words); ++k)
      flb.domains.push_back(
          {.incoming = (fields.taken[i].In(words) >> k & 1) != 0, .domain = i, .ref_count = 1});
  }
  std::array<SlotRef, kMaxIommus> hw_of{};
  for (std::uint8_t i = 0; i < fields.iommus.size(); ++i) {
    hw_of[i] = static_cast<SlotRef>(flb.iommus.size());
    if (fields.iommus[i].In(words) == 0) continue;
    flb.iommus.push_back(
        {.iommu = i, .ref_count = static_cast<std::uint32_t>(fields.ref_counts[i].In(words))});
  }
  const auto dead_domain = static_cast<SlotRef>(flb.domains.size());
  const auto dead_hw = static_cast<SlotRef>(flb.iommus.size());
  bool names_dead_domain = false, names_dead_hw = false;
  for (std::uint8_t i = 0; i < fields.devices.size(); ++i) {
    for (const DeviceRecord& record : fields.devices[i]) {
      if (record.live.In(words) == 0) continue;
      DeviceSlot& slot = flb.devices.emplace_back();
      slot.device = i;
      slot.incoming = record.taken.In(words) != 0;
      slot.attachment = UnpackDomain(record.attachment.In(words));
      slot.ref_count = 1;
      if (tokens_) slot.dma_owner_token = DmaOwnerToken(i);
      if (record.stale.In(words)) slot.domain = kStale;
      if (record.dead.In(words)) {
        slot.domain = dead_domain;
        names_dead_domain = true;
      }
      for (std::size_t r = 0; r < record.names.size(); ++r) {
        const std::uint64_t named = record.names[r].In(words);
        if (named == 0) continue;
        slot.domain = static_cast<SlotRef>(
            first_domain[static_cast<std::size_t>(std::countr_zero(named))] + static_cast<int>(r));
      }
      switch (record.hw.In(words)) {
        case kHwNull: break;
        case kHwOwn: slot.hw = hw_of[topology_.devices[i].iommu]; break;
        case kHwDead:
          slot.hw = dead_hw;
          names_dead_hw = true;
          break;
        case kHwStale: slot.hw = kStale; break;
      }
    }
  }
  if (names_dead_domain) flb.domains.push_back(Deleted<DomainSlot>());
  if (names_dead_hw) flb.iommus.push_back(Deleted<HwSlot>());
}

State Packing::Unpack(const std::uint64_t* words) const {
  State state;
  state.crashed = crashed_.In(words) != 0;
  if (state.crashed) return state;
  state.frozen = frozen_.In(words) != 0;
  state.frozen_flb = frozen_flb_.In(words) != 0;
  state.files = static_cast<std::uint16_t>(files_.In(words));
  state.frozen_files = static_cast<std::uint16_t>(frozen_files_.In(words));
  state.flb_refs = static_cast<std::int16_t>(flb_refs_.In(words));
  UnpackFlb(outgoing_, words, state.flb);

  state.attached.fill(kNone);
  state.preserved_state = kAllNull<kMaxDomains>;
  state.device_ser = kAllNull<kMaxDevices>;
  state.restored_ser = kAllNull<kMaxDevices>;
  state.outgoing_preserved_state = kAllNull<kMaxIommus>;
  for (std::uint8_t i = 0; i < devices_.size(); ++i) {
    const DeviceFields& fields = devices_[i];
    state.owner_claims[i] = static_cast<std::uint8_t>(fields.claims.In(words));
    state.attached[i] = UnpackDomain(fields.attached.In(words));
    state.device_ser[i] = UnpackPointer(fields.device_ser, words, i, state.flb.devices);
    state.kho.devices |= static_cast<std::uint16_t>(fields.page.In(words) << i);
  }
  for (std::uint8_t i = 0; i < domains_.size(); ++i) {
    state.preserved_state[i] = UnpackPointer(domains_[i].pointer, words, i, state.flb.domains);
    state.kho.domains |= static_cast<std::uint8_t>(domains_[i].page.In(words) << i);
  }
  for (std::uint8_t i = 0; i < iommus_.size(); ++i) {
    state.outgoing_preserved_state[i] =
        UnpackPointer(iommus_[i].pointer, words, i, state.flb.iommus);
    state.kho.iommus |= static_cast<std::uint8_t>(iommus_[i].page.In(words) << i);
  }
  if (!has_incoming_) return state;
  Incoming& incoming = state.incoming;
  incoming.status = static_cast<Incoming::Status>(incoming_status_.In(words));
  incoming.lost = incoming_lost_.In(words) != 0;
  incoming.error = static_cast<std::int16_t>(-static_cast<int>(incoming_error_.In(words)));
  incoming.files = static_cast<std::uint16_t>(incoming_files_.In(words));
  UnpackFlb(incoming_, words, incoming.flb);
  for (std::uint8_t i = 0; i < devices_.size(); ++i) {
    state.restored_ser[i] = UnpackPointer(devices_[i].restored_ser, words, i, incoming.flb.devices);
  }
  return state;
}

}  // namespace holdfast
