// Like objects: states that differ only in the names of devices, IOMMUs and domains.
//
// A symmetry of a world renames objects so that nothing changes for Step, the contract and the
// rules. It exchanges devices of one IOMMU with the same traits and a group of their own. It
// exchanges IOMMUs with the same traits and the same kinds of devices; each takes its devices
// along. It exchanges domains with the same ops. Step commutes with a symmetry: to rename and then
// call the renamed command is to call and then rename. (The order of the visits of
// iommu_for_each_dev is not renamed, only their set; no state depends on that order.)
//
// So a search that keeps one representative of each orbit meets the same orbits as the full search.
// It meets each orbit at the depth of the orbit's nearest state. A rule is broken in all states of
// an orbit or in none.
//
// InitialState attaches every device to dom0, so a renaming of dom0 moves the initial state. If
// devices can be attached elsewhere, the renamed initial state is reachable and leads back, and the
// full search meets whole orbits. Otherwise dom0 keeps its name, and the full search meets whole
// orbits again. symmetry_test and explore_test check this by counting: the sizes of the orbits add
// up to the number of states.
#ifndef HOLDFAST_MODEL_EXPLORE_SYMMETRY_H_
#define HOLDFAST_MODEL_EXPLORE_SYMMETRY_H_

#include <array>
#include <cstdint>
#include <vector>

#include "model/command.h"
#include "model/explore/packing.h"
#include "model/state.h"
#include "model/explore/world.h"

namespace holdfast {

// The new name of each object, by its old one.
struct Symmetry {
  std::array<std::uint8_t, kMaxDevices> devices{};
  std::array<std::uint8_t, kMaxIommus> iommus{};
  std::array<std::uint8_t, kMaxDomains> domains{};

  static Symmetry Identity();
  Symmetry Inverse() const;
  // First this one, then `next`.
  Symmetry Then(const Symmetry& next) const;
  bool operator==(const Symmetry&) const = default;
};

// Of a canonical state of the world's topology; the result is canonical.
State Renamed(const Symmetry& symmetry, const Topology& topology, const State& state);
Command Renamed(const Symmetry& symmetry, const Command& command);

// Which objects of a world are alike.
struct Likeness {
  // Each object is in one class; the devices of a class are behind one IOMMU. Ascending.
  std::vector<std::vector<std::uint8_t>> devices, iommus, domains;

  explicit Likeness(const World& world);
  // How many symmetries there are.
  std::uint64_t order() const;
  // All of them: for tests, in small worlds.
  std::vector<Symmetry> All() const;

 private:
  // [iommu]: its classes of devices, like IOMMUs in like order
  std::vector<std::vector<std::vector<std::uint8_t>>> of_iommu_;
  friend class Reducer;
};

// Finds the representative of a packed state: the smallest, as a row of numbers, of those that
// sorting can reach. It sorts the devices of each class, then the like IOMMUs with their devices.
// It does so once for each way to order those domains that nothing about them tells apart. The
// representative is equal for all states of an orbit, and is a state of that orbit.
class Reducer {
 public:
  Reducer(const World& world, const Packing& packing);

  // In place. `used`, if asked for, is the symmetry that was applied.
  void Reduce(std::uint64_t* words, Symmetry* used = nullptr) const;

 private:
  struct Blocks;

  void ReadBlocks(const std::uint64_t* words, Blocks& blocks) const;
  std::uint64_t SignatureOf(const Blocks& blocks, std::uint8_t domain) const;
  // The words with the domains renamed and everything else sorted.
  void Arrange(const std::uint64_t* words, const Blocks& blocks,
               const std::array<std::uint8_t, kMaxDomains>& domains, std::uint64_t* arranged,
               Symmetry* used) const;

  // A number or a set of bits about domains within a device's block.
  struct DomainField {
    std::uint8_t part = 0, at = 0, width = 0;  // which block, where in it
  };

  const Likeness likeness_;
  const Packing& packing_;
  std::size_t parts_ = 1;                    // blocks of an object
  std::vector<DomainField> numbers_, sets_;  // the same for every device
  std::size_t domain_count_ = 0;
  Words objects_{};  // the bits that stand in blocks
};

}  // namespace holdfast

#endif  // HOLDFAST_MODEL_EXPLORE_SYMMETRY_H_
