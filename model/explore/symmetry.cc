#include "model/explore/symmetry.h"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <stdexcept>
#include <tuple>
#include <utility>

#include "model/explore/canonical.h"

namespace holdfast {
namespace {

using Classes = std::vector<std::vector<std::uint8_t>>;

template <std::size_t kSize>
std::array<std::uint8_t, kSize> Unchanged() {
  std::array<std::uint8_t, kSize> names;
  std::iota(names.begin(), names.end(), std::uint8_t{0});
  return names;
}

std::uint8_t New(std::uint8_t object, const std::uint8_t* names) {
  return object == kNone ? kNone : names[object];
}

// Puts each object of 0 to `count` - 1 into the first class whose first member it is like.
template <typename Like>
Classes Classify(std::size_t count, Like like) {
  Classes classes;
  for (std::uint8_t i = 0; i < count; ++i) {
    auto found = std::find_if(classes.begin(), classes.end(),
                              [&](const auto& members) { return like(members.front(), i); });
    if (found == classes.end()) found = classes.insert(found, std::vector<std::uint8_t>());
    found->push_back(i);
  }
  return classes;
}

std::uint64_t Factorial(std::size_t n) { return n < 2 ? 1 : n * Factorial(n - 1); }

}  // namespace

// --- renaming a state ----------------------------------------------------------------------------

Symmetry Symmetry::Identity() {
  return {.devices = Unchanged<kMaxDevices>(),
          .iommus = Unchanged<kMaxIommus>(),
          .domains = Unchanged<kMaxDomains>()};
}

Symmetry Symmetry::Inverse() const {
  Symmetry inverse;
  for (std::uint8_t i = 0; i < kMaxDevices; ++i) inverse.devices[devices[i]] = i;
  for (std::uint8_t i = 0; i < kMaxIommus; ++i) inverse.iommus[iommus[i]] = i;
  for (std::uint8_t i = 0; i < kMaxDomains; ++i) inverse.domains[domains[i]] = i;
  return inverse;
}

Symmetry Symmetry::Then(const Symmetry& next) const {
  Symmetry both;
  for (std::size_t i = 0; i < kMaxDevices; ++i) both.devices[i] = next.devices[devices[i]];
  for (std::size_t i = 0; i < kMaxIommus; ++i) both.iommus[i] = next.iommus[iommus[i]];
  for (std::size_t i = 0; i < kMaxDomains; ++i) both.domains[i] = next.domains[domains[i]];
  return both;
}

State Renamed(const Symmetry& symmetry, const Topology& topology, const State& state) {
  State renamed = state;
  const auto rename_records = [&](Flb& flb) {
    for (HwSlot& slot : flb.iommus) slot.iommu = New(slot.iommu, symmetry.iommus.data());
    for (DomainSlot& slot : flb.domains) slot.domain = New(slot.domain, symmetry.domains.data());
    for (DeviceSlot& slot : flb.devices) {
      const bool own_token =
          slot.device != kNone && slot.dma_owner_token == DmaOwnerToken(slot.device);
      slot.device = New(slot.device, symmetry.devices.data());
      slot.attachment = New(slot.attachment, symmetry.domains.data());
      if (own_token) slot.dma_owner_token = DmaOwnerToken(slot.device);
    }
  };
  rename_records(renamed.flb);
  rename_records(renamed.incoming.flb);
  renamed.kho.devices = 0;
  renamed.kho.domains = renamed.kho.iommus = 0;
  for (std::size_t i = 0; i < topology.devices.size(); ++i) {
    const std::uint8_t name = symmetry.devices[i];
    renamed.owner_claims[name] = state.owner_claims[i];
    renamed.attached[name] = New(state.attached[i], symmetry.domains.data());
    renamed.device_ser[name] = state.device_ser[i];
    renamed.restored_ser[name] = state.restored_ser[i];
    renamed.kho.devices |= static_cast<std::uint16_t>((state.kho.devices >> i & 1u) << name);
  }
  for (std::size_t i = 0; i < topology.domains.size(); ++i) {
    const std::uint8_t name = symmetry.domains[i];
    renamed.preserved_state[name] = state.preserved_state[i];
    renamed.kho.domains |= static_cast<std::uint8_t>((state.kho.domains >> i & 1u) << name);
  }
  for (std::size_t i = 0; i < topology.iommus.size(); ++i) {
    const std::uint8_t name = symmetry.iommus[i];
    renamed.outgoing_preserved_state[name] = state.outgoing_preserved_state[i];
    renamed.kho.iommus |= static_cast<std::uint8_t>((state.kho.iommus >> i & 1u) << name);
  }
  return Canonical(renamed);
}

Command Renamed(const Symmetry& symmetry, const Command& command) {
  Command renamed = command;
  const Operands operands = OperandsOf(command.verb);
  if (operands.device) renamed.device = symmetry.devices[command.device];
  if (operands.iommu) renamed.iommu = symmetry.iommus[command.iommu];
  if (operands.domain) renamed.domain = symmetry.domains[command.domain];
  return renamed;
}

// --- what is alike -------------------------------------------------------------------------------

Likeness::Likeness(const World& world) {
  const Topology& topology = world.topology;
  const auto alone = [&](std::uint8_t i) { return topology.GroupSize(i) <= 1; };
  devices = Classify(topology.devices.size(), [&](std::uint8_t a, std::uint8_t b) {
    const Device &x = topology.devices[a], &y = topology.devices[b];
    return x.iommu == y.iommu && x.bus == y.bus && x.probed == y.probed &&
           (x.group == kNone) == (y.group == kNone) && alone(a) && alone(b);
  });
  of_iommu_.resize(topology.iommus.size());
  for (const auto& members : devices)
    of_iommu_[topology.devices[members.front()].iommu].push_back(members);
  // Classes of devices in an order that like IOMMUs share.
  const auto kind = [&](const std::vector<std::uint8_t>& members) {
    const Device& device = topology.devices[members.front()];
    return std::tuple(device.bus, device.probed, device.group == kNone, members.size());
  };
  for (auto& classes : of_iommu_) {
    std::stable_sort(classes.begin(), classes.end(),
                     [&](const auto& a, const auto& b) { return kind(a) < kind(b); });
  }
  iommus = Classify(topology.iommus.size(), [&](std::uint8_t a, std::uint8_t b) {
    const auto like_classes = [&](const auto& x, const auto& y) {
      return kind(x) == kind(y) && alone(x.front()) && alone(y.front());
    };
    return topology.iommus[a] == topology.iommus[b] &&
           std::equal(of_iommu_[a].begin(), of_iommu_[a].end(), of_iommu_[b].begin(),
                      of_iommu_[b].end(), like_classes);
  });
  const bool dom0_moves = world.Has(Aspect::kAttach);
  domains = Classify(topology.domains.size(), [&](std::uint8_t a, std::uint8_t b) {
    return topology.domains[a] == topology.domains[b] && (dom0_moves || (a != 0 && b != 0));
  });
}

std::uint64_t Likeness::order() const {
  std::uint64_t order = 1;
  for (const Classes* classes : {&devices, &iommus, &domains}) {
    for (const auto& members : *classes) order *= Factorial(members.size());
  }
  return order;
}

std::vector<Symmetry> Likeness::All() const {
  std::vector<Symmetry> all = {Symmetry::Identity()};
  const auto permute = [&all](const std::vector<std::uint8_t>& members, auto rename) {
    std::vector<Symmetry> more;
    std::vector<std::uint8_t> images = members;
    do {
      for (Symmetry symmetry : all) {
        Symmetry step = Symmetry::Identity();
        for (std::size_t i = 0; i < members.size(); ++i) rename(step, members[i], images[i]);
        more.push_back(symmetry.Then(step));
      }
    } while (std::next_permutation(images.begin(), images.end()));
    all = std::move(more);
  };
  for (const auto& members : devices) {
    permute(members, [](Symmetry& s, std::uint8_t from, std::uint8_t to) { s.devices[from] = to; });
  }
  for (const auto& members : domains) {
    permute(members, [](Symmetry& s, std::uint8_t from, std::uint8_t to) { s.domains[from] = to; });
  }
  for (const auto& members : iommus) {
    permute(members, [this](Symmetry& s, std::uint8_t from, std::uint8_t to) {
      s.iommus[from] = to;
      for (std::size_t c = 0; c < of_iommu_[from].size(); ++c) {
        for (std::size_t i = 0; i < of_iommu_[from][c].size(); ++i)
          s.devices[of_iommu_[from][c][i]] = of_iommu_[to][c][i];
      }
    });
  }
  return all;
}

// --- the representative of a packed state --------------------------------------------------------

struct Reducer::Blocks {
  std::array<std::array<std::uint64_t, 2>, kMaxDevices> devices{};
  std::array<std::array<std::uint64_t, 2>, kMaxDomains> domains{};
  std::array<std::array<std::uint64_t, 2>, kMaxIommus> iommus{};
};

Reducer::Reducer(const World& world, const Packing& packing)
    : likeness_(world), packing_(packing), domain_count_(world.topology.domains.size()) {
  const bool in_blocks = packing.device_blocks().size() == packing.devices().size() &&
                         packing.domain_blocks().size() == packing.domains().size() &&
                         packing.iommu_blocks().size() == packing.iommus().size();
  if (!in_blocks)
    throw std::length_error("a device of this world has too many bits for a search by symmetry");
  for (const auto* objects :
       {&packing.device_blocks(), &packing.domain_blocks(), &packing.iommu_blocks()}) {
    for (const std::vector<Bits>& blocks : *objects) {
      parts_ = blocks.size();
      for (const Bits& bits : blocks)
        bits.Set(objects_.data(), ~std::uint64_t{0} >> (64 - bits.width));
    }
  }
  if (packing.devices().empty()) return;
  const std::vector<Bits>& blocks = packing.device_blocks().front();
  const auto field = [&](std::size_t part, Bits bits) {
    return DomainField{static_cast<std::uint8_t>(part),
                       static_cast<std::uint8_t>(bits.at - blocks[part].at), bits.width};
  };
  numbers_.push_back(field(0, packing.devices().front().attached));
  const auto add = [&](std::size_t part, const Packing::FlbFields& flb) {
    for (const Packing::DeviceRecord& record : flb.devices.front()) {
      numbers_.push_back(field(part, record.attachment));
      for (const Bits names : record.names) sets_.push_back(field(part, names));
    }
  };
  add(0, packing.outgoing());
  if (packing.incoming() != nullptr) add(1, *packing.incoming());
}

void Reducer::ReadBlocks(const std::uint64_t* words, Blocks& blocks) const {
  const auto read = [&](const std::vector<std::vector<Bits>>& from, auto& to) {
    for (std::size_t i = 0; i < from.size(); ++i) {
      for (std::size_t part = 0; part < parts_; ++part) to[i][part] = from[i][part].In(words);
    }
  };
  read(packing_.device_blocks(), blocks.devices);
  read(packing_.domain_blocks(), blocks.domains);
  read(packing_.iommu_blocks(), blocks.iommus);
}

// What a renaming of devices and IOMMUs leaves as it is: the domain's own bits, and what each
// device has to do with it.
std::uint64_t Reducer::SignatureOf(const Blocks& blocks, std::uint8_t domain) const {
  std::uint64_t signature = blocks.domains[domain][0] * 0x9e3779b97f4a7c15u +
                            blocks.domains[domain][1] * 0xc2b2ae3d27d4eb4fu;
  for (std::size_t i = 0; i < packing_.devices().size(); ++i) {
    const auto& block = blocks.devices[i];
    std::uint64_t ties = 1;
    for (const DomainField& field : numbers_) {
      const std::uint64_t number =
          block[field.part] >> field.at & ((std::uint64_t{1} << field.width) - 1);
      ties = ties << 1 | (number == domain + 1u);
    }
    for (const DomainField& field : sets_)
      ties = ties << 1 | (block[field.part] >> (field.at + domain) & 1);
    ties *= 0xd6e8feb86659fd93u;
    signature += ties ^ ties >> 29;
  }
  return signature;
}

void Reducer::Arrange(const std::uint64_t* words, const Blocks& blocks,
                      const std::array<std::uint8_t, kMaxDomains>& domains, std::uint64_t* arranged,
                      Symmetry* used) const {
  const auto count = static_cast<std::size_t>(packing_.words());
  for (std::size_t i = 0; i < count; ++i) arranged[i] = words[i] & ~objects_[i];
  const auto put = [&](const std::vector<Bits>& to, const std::array<std::uint64_t, 2>& block) {
    for (std::size_t part = 0; part < parts_; ++part) to[part].Set(arranged, block[part]);
  };
  for (std::size_t i = 0; i < domain_count_; ++i)
    put(packing_.domain_blocks()[domains[i]], blocks.domains[i]);

  auto renamed = blocks.devices;
  for (std::size_t i = 0; i < packing_.devices().size(); ++i) {
    for (const DomainField& field : numbers_) {
      const std::uint64_t mask = (std::uint64_t{1} << field.width) - 1;
      const std::uint64_t number = renamed[i][field.part] >> field.at & mask;
      if (number == 0) continue;  // none
      renamed[i][field.part] ^= (number ^ (domains[number - 1] + 1u)) << field.at;
    }
    for (const DomainField& field : sets_) {
      const std::uint64_t mask = (std::uint64_t{1} << field.width) - 1;
      const std::uint64_t set = renamed[i][field.part] >> field.at & mask;
      std::uint64_t image = 0;
      for (std::uint64_t rest = set; rest != 0; rest &= rest - 1) {
        image |= std::uint64_t{1} << domains[static_cast<std::size_t>(__builtin_ctzll(rest))];
      }
      renamed[i][field.part] ^= (set ^ image) << field.at;
    }
  }

  // Which device stands in whose place: order[place] is a device.
  std::array<std::uint8_t, kMaxDevices> order = Unchanged<kMaxDevices>();
  for (const auto& members : likeness_.devices) {
    // Insertion sort: a handful.
    for (std::size_t i = 1; i < members.size(); ++i) {
      const std::uint8_t device = order[members[i]];
      std::size_t j = i;
      for (; j > 0 && renamed[device] < renamed[order[members[j - 1]]]; --j)
        order[members[j]] = order[members[j - 1]];
      order[members[j]] = device;
    }
  }
  std::array<std::uint8_t, kMaxIommus> iommus = Unchanged<kMaxIommus>();
  const auto before = [&](std::uint8_t a, std::uint8_t b) {
    if (blocks.iommus[a] != blocks.iommus[b]) return blocks.iommus[a] < blocks.iommus[b];
    for (std::size_t c = 0; c < likeness_.of_iommu_[a].size(); ++c) {
      const auto &x = likeness_.of_iommu_[a][c], &y = likeness_.of_iommu_[b][c];
      for (std::size_t i = 0; i < x.size(); ++i) {
        const auto &first = renamed[order[x[i]]], &second = renamed[order[y[i]]];
        if (first != second) return first < second;
      }
    }
    return false;
  };
  for (const auto& members : likeness_.iommus) {
    for (std::size_t i = 1; i < members.size(); ++i) {
      const std::uint8_t iommu = iommus[members[i]];
      std::size_t j = i;
      for (; j > 0 && before(iommu, iommus[members[j - 1]]); --j)
        iommus[members[j]] = iommus[members[j - 1]];
      iommus[members[j]] = iommu;
    }
  }
  if (used != nullptr)
    *used = {
        .devices = Unchanged<kMaxDevices>(), .iommus = Unchanged<kMaxIommus>(), .domains = domains};
  for (std::uint8_t place = 0; place < packing_.iommus().size(); ++place) {
    const std::uint8_t iommu = iommus[place];
    put(packing_.iommu_blocks()[place], blocks.iommus[iommu]);
    if (used != nullptr) used->iommus[iommu] = place;
    for (std::size_t c = 0; c < likeness_.of_iommu_[place].size(); ++c) {
      const auto &to = likeness_.of_iommu_[place][c], &from = likeness_.of_iommu_[iommu][c];
      for (std::size_t i = 0; i < to.size(); ++i) {
        put(packing_.device_blocks()[to[i]], renamed[order[from[i]]]);
        if (used != nullptr) used->devices[order[from[i]]] = to[i];
      }
    }
  }
}

void Reducer::Reduce(std::uint64_t* words, Symmetry* used) const {
  Blocks blocks;
  ReadBlocks(words, blocks);
  // Like domains in the order of their signatures. Those that share one are a run, and are tried in
  // every order.
  std::array<std::uint64_t, kMaxDomains> signatures{};
  for (std::uint8_t i = 0; i < domain_count_; ++i) signatures[i] = SignatureOf(blocks, i);
  std::array<std::uint8_t, kMaxDomains> names = Unchanged<kMaxDomains>();
  // run after run: the domains, and the names that they take
  std::array<std::uint8_t, kMaxDomains> sorted{}, places{};
  std::array<std::uint8_t, kMaxDomains + 1> ends{};  // of each run
  std::size_t runs = 0, count = 0;
  for (const auto& members : likeness_.domains) {
    const auto first = sorted.begin() + static_cast<std::ptrdiff_t>(count);
    const auto last = std::copy(members.begin(), members.end(), first);
    std::sort(first, last, [&](std::uint8_t a, std::uint8_t b) {
      return signatures[a] != signatures[b] ? signatures[a] < signatures[b] : a < b;
    });
    for (std::size_t i = 0; i < members.size(); ++i, ++count) {
      places[count] = members[i];
      if (i == 0 || signatures[sorted[count]] != signatures[sorted[count - 1]]) ++runs;
      ends[runs - 1] = static_cast<std::uint8_t>(count + 1);
    }
  }

  const int width = packing_.words();
  std::array<Words, 2> arranged;  // the best so far, and the one at hand
  std::size_t best = 2;           // 2: none yet
  const auto try_names = [&] {
    const std::size_t here = best == 0 ? 1 : 0;
    Symmetry symmetry;
    Arrange(words, blocks, names, arranged[here].data(), used == nullptr ? nullptr : &symmetry);
    const auto is_less = [&] {
      return std::lexicographical_compare(arranged[here].begin(), arranged[here].begin() + width,
                                          arranged[best].begin(), arranged[best].begin() + width);
    };
    if (best != 2 && !is_less()) return;
    best = here;
    if (used != nullptr) *used = symmetry;
  };
  const auto try_runs = [&](auto self, std::size_t run) -> void {
    if (run == runs) return try_names();
    const std::size_t begin = run == 0 ? 0 : ends[run - 1], end = ends[run];
    do {
      for (std::size_t i = begin; i < end; ++i) names[sorted[i]] = places[i];
      self(self, run + 1);
    } while (std::next_permutation(sorted.begin() + static_cast<std::ptrdiff_t>(begin),
                                   sorted.begin() + static_cast<std::ptrdiff_t>(end)));
  };
  try_runs(try_runs, 0);
  std::copy_n(arranged[best].begin(), width, words);
}

}  // namespace holdfast
