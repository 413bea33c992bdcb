#include "sut/kernel/adapter/observe.h"

#include <bit>

#include "sut/kernel/machine/call.h"

namespace holdfast::kernel {

Observer::Observer(const Binding& binding) : binding_(binding), layout_(binding.layout) {
  for (const Chain chain : {Chain::kHw, Chain::kDomain, Chain::kDevice}) {
    const std::uint32_t size = RecordSize(layout_, chain);
    shapes_[static_cast<std::size_t>(chain)] = {size, layout_.Capacity(size)};
  }
}

void Observer::Observe(Observation& observation) {
  const LuoState& luo = machine().luo;
  State& state = observation.state;
  state.crashed = machine().crashed;
  state.frozen = luo.frozen;
  state.frozen_flb = luo.frozen_flb;
  state.files = luo.files;
  state.frozen_files = luo.frozen_files;
  state.flb_refs = luo.flb_refs;

  const Units* units = machine().units;
  ObserveIncoming(state, units);
  ++decode_;
  reachable_ = 0;
  known_ = units ? &units->known : nullptr;
  if (luo.present) {
    DecodeFlb(luo.data, machine().preserved, state.flb);
  } else {
    state.flb.Clear();
  }
  ObserveObjects(state);
  AskQueries(observation);
  observation.reach.walked = units != nullptr;
  if (units) {
    hardware_.ObserveReach(observation.reach);
    hardware_.ObserveTables(state.flb, reachable_, state.kho);
  } else {
    ObservePages(state.kho);
  }
}

// Before the outgoing FLB: a device's record is looked for here first.
void Observer::ObserveIncoming(State& state, const Units* units) {
  const LuoState& luo = machine().luo;
  Incoming& incoming = state.incoming;
  incoming.status = luo.incoming.status;
  incoming.lost = luo.incoming.lost;
  incoming.error = luo.incoming.error;
  incoming.files = luo.incoming.files;
  const bool there =
      incoming.status != Incoming::Status::kNone && incoming.status != Incoming::Status::kFinished;
  state.restored_ser = kAllNull<kMaxDevices>;
  if (!there || incoming.lost) return incoming.flb.Clear();
  ++decode_;
  known_ = units ? &units->known_before : nullptr;
  DecodeFlb(luo.incoming.data, machine().handed_over, incoming.flb);
  for (int i = 0; i < machine().device_count; ++i) {
    const SlotRef record = RefOfPointer(machine().devices[i]->data.device_ser, Chain::kDevice);
    if (record >= 0) state.restored_ser[i] = record;
  }
}

void Observer::DecodeFlb(std::uint64_t data, const PageSet& survivors, Flb& flb) {
  const int top = RecordPage(data);
  if (top < 0) flb.Clear();
  flb.present = true;
  flb.damage = 0;
  if (top < 0) {
    flb.damage = DamageBit(Damage::kBadPage);
    return;
  }
  if (survivors.Has(top)) {
    ++reachable_;
  } else {
    flb.damage |= DamageBit(Damage::kUnpreserved);
  }
  roles_[top] = {.decode = decode_, .top = true};
  const std::byte* record = PageAddress(top);
  const auto chain = [&](Chain which) {
    return Load<std::uint64_t>(record, ChainOffset(layout_, which));
  };
  WalkChain(chain(Chain::kHw), Chain::kHw, survivors, flb.damage, flb.iommus,
            [&](const std::byte* record) { return DecodeHw(record); });
  WalkChain(chain(Chain::kDomain), Chain::kDomain, survivors, flb.damage, flb.domains,
            [&](const std::byte* record) { return DecodeDomain(record); });
  // The devices come last, because their records name the records of the other two chains.
  WalkChain(chain(Chain::kDevice), Chain::kDevice, survivors, flb.damage, flb.devices,
            [&](const std::byte* record) { return DecodeDevice(record); });
}

// Overwrites `slots` in place: the chain of the last observation has about the same length.
template <typename Slot, typename Decode>
void Observer::WalkChain(std::uint64_t physical, Chain chain, const PageSet& survivors,
                         std::uint8_t& damage, std::vector<Slot>& slots, Decode decode) {
  const auto [size, capacity] = ShapeOf(chain);
  std::size_t count = 0;
  do {
    const int page = RecordPage(physical);
    if (page < 0) {
      damage |= DamageBit(Damage::kBadPage);
      break;
    }
    if (roles_[page].decode == decode_) {
      damage |= DamageBit(Damage::kCycle);
      break;
    }
    if (survivors.Has(page)) {
      ++reachable_;
    } else {
      damage |= DamageBit(Damage::kUnpreserved);
    }
    const std::byte* header = PageAddress(page);
    const std::uint64_t written = Load<std::uint64_t>(header, layout_.nr_objects);
    const std::uint32_t objects =
        written > capacity ? capacity : static_cast<std::uint32_t>(written);
    physical = Load<std::uint64_t>(header, layout_.next_array_phys);
    if (written > capacity) damage |= DamageBit(Damage::kOverfull);
    if (physical != 0 && written < capacity) damage |= DamageBit(Damage::kGap);
    roles_[page] = {.decode = decode_,
                    .chain = chain,
                    .objects = static_cast<std::uint16_t>(objects),
                    .first_slot = static_cast<std::int32_t>(count)};
    if (slots.size() < count + objects) slots.resize(count + objects);
    const std::byte* record = header + layout_.array_header;
    for (Slot *slot = slots.data() + count, *end = slot + objects; slot != end;
         ++slot, record += size) {
      *slot = Deleted(record) ? holdfast::Deleted<Slot>() : decode(record);
    }
    count += objects;
  } while (physical != 0);
  slots.resize(count);
}

SlotRef Observer::RefOf(int page, std::size_t offset, Chain chain) const {
  if (page < 0) return kWild;
  if (machine().freed.Has(page)) return kStale;
  const PageRole& role = roles_[page];
  if (role.decode != decode_ || role.top || role.chain != chain || offset < layout_.array_header)
    return kWild;
  const std::uint32_t size = ShapeOf(chain).size;
  const std::uint32_t distance = static_cast<std::uint32_t>(offset) - layout_.array_header;
  const std::uint32_t position = distance / size;
  if (position * size != distance || position >= role.objects) return kWild;
  return static_cast<SlotRef>(role.first_slot + static_cast<int>(position));
}

SlotRef Observer::RefOfPointer(const void* pointer, Chain chain) const {
  if (!pointer) return kNull;
  return RefOf(PageOf(pointer), reinterpret_cast<std::uintptr_t>(pointer) % kPageSize, chain);
}

SlotRef Observer::RefOfPhysical(std::uint64_t physical, Chain chain) const {
  if (physical == 0) return kNull;
  return RefOf(PageOfPhysical(physical), physical % kPageSize, chain);
}

bool Observer::Deleted(const std::byte* record) const {
  return Load<std::uint32_t>(record, layout_.flags) & layout_.deleted_flag;
}

// The three decode live records only.
HwSlot Observer::DecodeHw(const std::byte* record) const {
  const std::uint64_t token = Load<std::uint64_t>(record, layout_.hw_token);
  const std::uint64_t index = (token - TokenOf(0)) / (TokenOf(1) - TokenOf(0));
  const bool known = index < machine().iommu_count && token == TokenOf(static_cast<int>(index));
  return {.incoming = (Load<std::uint32_t>(record, layout_.flags) & layout_.incoming_flag) != 0,
          .iommu = known ? static_cast<std::uint8_t>(index) : kNone,
          .ref_count = Load<std::uint32_t>(record, layout_.ref_count)};
}

DomainSlot Observer::DecodeDomain(const std::byte* record) const {
  const std::uint64_t table = Load<std::uint64_t>(record, layout_.domain_top_table);
  int index = PageOfPhysical(table) - DomainTablePage(0);
  if (known_) index = DomainOfTable(*known_, table);
  const bool known = index >= 0 && index < machine().domain_count && table % kPageSize == 0;
  // A mark that a failed restore has left says nothing: nobody reads it.
  const bool marked = (Load<std::uint32_t>(record, layout_.flags) & layout_.incoming_flag) != 0;
  return {.incoming = marked && PlaceOfRestoredDomain(layout_, record) != 0,
          .domain = known ? static_cast<std::uint8_t>(index) : kNone,
          .ref_count = Load<std::uint32_t>(record, layout_.ref_count)};
}

DeviceSlot Observer::DecodeDevice(const std::byte* record) const {
  const Machine& m = machine();
  const std::uint32_t devid = Load<std::uint32_t>(record, layout_.device_devid);
  const std::uint32_t index = (devid & 0x7f) >> 3;  // as world.cc numbers them
  bool known = index < m.device_count;
  if (known) {
    struct pci_dev& pci = m.devices[index]->pci;
    known = pci_dev_id(&pci) == devid && dev_is_pci(&pci.dev) &&
            static_cast<std::uint32_t>(pci_domain_nr(pci.bus)) ==
                Load<std::uint32_t>(record, layout_.device_pci_domain_nr);
  }
  const std::uint64_t attachment_id = Load<std::uint64_t>(record, layout_.device_attachment_id);
  std::uint64_t domain = attachment_id - AttachmentId(0);
  if (known_) {
    domain = kNone;
    for (int unit = 0; known && unit < m.iommu_count; ++unit) {
      if (m.devices[index]->data.iommu_dev != m.iommus[unit]) continue;
      for (int d = 0; d < m.domain_count; ++d) {
        if (attachment_id != 0 && known_->id[unit][d] == attachment_id)
          domain = static_cast<std::uint64_t>(d);
      }
    }
  }
  return {.incoming = (Load<std::uint32_t>(record, layout_.flags) & layout_.incoming_flag) != 0,
          .device = known ? static_cast<std::uint8_t>(index) : kNone,
          .attachment = domain < m.domain_count ? static_cast<std::uint8_t>(domain) : kNone,
          .ref_count = Load<std::uint32_t>(record, layout_.ref_count),
          .domain = RefOfPhysical(Load<std::uint64_t>(record, layout_.device_domain_phys),
                                  Chain::kDomain),
          .hw = RefOfPhysical(Load<std::uint64_t>(record, layout_.device_iommu_phys), Chain::kHw),
          .dma_owner_token = layout_.device_token == Layout::kNoField
                                 ? 0
                                 : Load<std::uint64_t>(record, layout_.device_token)};
}

void Observer::ObserveObjects(State& state) const {
  const Machine& m = machine();
  state.owner_claims.fill(0);
  state.attached.fill(kNone);
  state.preserved_state = kAllNull<kMaxDomains>;
  state.device_ser = kAllNull<kMaxDevices>;
  state.outgoing_preserved_state = kAllNull<kMaxIommus>;
  for (int i = 0; i < m.domain_count; ++i) {
    state.preserved_state[i] = RefOfPointer(m.domains[i]->preserved_state, Chain::kDomain);
  }
  for (int i = 0; i < m.device_count; ++i) {
    const DeviceObject& object = *m.devices[i];
    state.owner_claims[i] = object.group.owner_cnt;
    state.attached[i] = object.attached;
    if (state.restored_ser[i] == kNull)
      state.device_ser[i] = RefOfPointer(object.data.device_ser, Chain::kDevice);
  }
  for (int i = 0; i < m.iommu_count; ++i) {
    state.outgoing_preserved_state[i] =
        RefOfPointer(m.iommus[i]->outgoing_preserved_state, Chain::kHw);
  }
}

void Observer::AskQueries(Observation& observation) {
  struct Asking {
    Observer& observer;
    Observation& observation;
  } asking = {*this, observation};
  observation.queries = {.device = kAllNull<kMaxDevices>, .iommu = kAllNull<kMaxIommus>};
  // A query that crashes gives no answer, and the queries after it give none.
  RunContained(
      {}, ignored_,
      [](void* argument) {
        Asking& asking = *static_cast<Asking*>(argument);
        asking.observer.AskEach(asking.observation.state, asking.observation.queries);
      },
      &asking);
}

void Observer::AskEach(const State& state, Queries& queries) const {
  const Machine& m = machine();
  for (int i = 0; i < m.device_count; ++i) {
    const SlotRef pointer = state.device_ser[i];
    const bool readable = pointer >= 0 || pointer == kNull;
    queries.device[i] = kWild;  // unless the query comes back
    if (readable) {
      queries.device[i] =
          RefOfPointer(binding_.device_state(&m.devices[i]->pci.dev), Chain::kDevice);
    } else {
      queries.device[i] = pointer;
    }
  }
  for (int i = 0; i < m.iommu_count; ++i) {
    queries.iommu[i] = kWild;
    queries.iommu[i] = RefOfPointer(binding_.iommu_state(m.iommus[i]), Chain::kHw);
  }
}

void Observer::ObservePages(KhoPages& kho) const {
  static_assert(kFirstTablePage == 32 && kTablePages == 32,
                "the tables' bits are the upper half of the first word");
  static_assert(kFirstPoolPage == 64, "the pool begins with the second word");
  const PageSet& preserved = machine().preserved;
  const std::uint32_t tables = static_cast<std::uint32_t>(preserved.words[0] >> 32);
  kho.iommus = static_cast<std::uint8_t>(tables);
  kho.devices = static_cast<std::uint16_t>(tables >> kMaxIommus);
  kho.domains = static_cast<std::uint8_t>(tables >> (kMaxIommus + kMaxDevices));
  int pages = 0;
  for (std::size_t word = 1; word * 64 < machine().next_page; ++word)
    pages += std::popcount(preserved.words[word]);
  kho.stray = static_cast<std::uint16_t>(pages - reachable_);
}

}  // namespace holdfast::kernel
