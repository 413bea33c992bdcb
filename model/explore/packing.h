// Canonical states of a world as a few machine words, for a search that holds millions of states.
//
// Every field of a canonical state (canonical.h) has its own bits, and no field is derived from
// another. So a state that breaks a rule packs as well as one that keeps it. Slot numbers need no
// bits: they follow from the canonical order. A device's record has one bit for each domain record
// that it might name. These bits are a few more than a number would take, but they make footprints
// small (footprint.h): "device 3 names domain 1" is one bit.
//
// The bits of a device, a domain or an IOMMU stand together in a *block*. A block is the same for
// all objects of its kind and stands in one word, so to rename objects is to exchange blocks. With
// the handover in the world a device has a second block, for the record that the next kernel sees.
//
// Pack() refuses a state that the world's bounds exclude. It also refuses a state that the
// reference machine never makes, such as a device's pointer to another device's record. It packs
// every state that Step can reach within the bounds; a search stops if it does not.
#ifndef HOLDFAST_MODEL_EXPLORE_PACKING_H_
#define HOLDFAST_MODEL_EXPLORE_PACKING_H_

#include <array>
#include <cstdint>
#include <vector>

#include "model/profile.h"
#include "model/state.h"
#include "model/explore/world.h"

namespace holdfast {

inline constexpr int kMaxWords = 32;
// As wide as any world needs. A search uses the first words() of it.
using Words = std::array<std::uint64_t, kMaxWords>;

// Bits `at` to `at + width - 1`, all of one word.
struct Bits {
  std::uint16_t at = 0;
  std::uint8_t width = 0;

  std::uint64_t In(const std::uint64_t* words) const {
    return width == 0 ? 0 : words[at / 64] >> (at % 64) & (~std::uint64_t{0} >> (64 - width));
  }
  // The bits must be 0 before, or be what is set.
  void Set(std::uint64_t* words, std::uint64_t value) const {
    words[at / 64] |= width == 0 ? 0 : value << (at % 64);
  }
};

class Packing {
 public:
  // What is recorded of one FLB: the outgoing one, and with the hand-over the incoming one.
  struct DeviceRecord {
    Bits live, attachment, hw;  // hw: null, its own IOMMU's, dead, stale
    Bits taken;                 // the incoming one, with the restoring side: marked so
    // the domain that it names is gone; its FLB was gone when it was named
    Bits dead, stale;
    // [k]: one bit a domain: it names the k-th live record of that domain
    std::vector<Bits> names;
  };
  struct FlbFields {
    Bits present;
    std::vector<std::vector<DeviceRecord>> devices;  // [device][k]
    std::vector<Bits> domains;                       // number of live records
    std::vector<Bits> taken;  // of each domain: its live records that are marked so, a bit each
    std::vector<Bits> iommus, ref_counts;  // number of live records (0 or 1); its count
  };
  struct DeviceFields {
    Bits claims, attached, device_ser, restored_ser, page;
  };
  struct ObjectFields {  // of a domain or an IOMMU
    Bits pointer, page;
  };

  Packing(const World& world, const Profile& profile);

  int words() const { return words_; }
  int bits() const { return used_bits_; }

  // `words` has room for words() and is overwritten. False, and `words` is no state, if the state
  // does not fit.
  bool Pack(const State& state, std::uint64_t* words) const;
  State Unpack(const std::uint64_t* words) const;

  // Where things stand. Bit 0 of the first word is set in every packed state: no state is all
  // zeros. crashed, the freeze, files, references, the FLB
  const std::vector<Bits>& session() const { return session_; }
  const std::vector<DeviceFields>& devices() const { return devices_; }
  const std::vector<ObjectFields>& domains() const { return domains_; }
  const std::vector<ObjectFields>& iommus() const { return iommus_; }
  const FlbFields& outgoing() const { return outgoing_; }
  const FlbFields* incoming() const { return has_incoming_ ? &incoming_ : nullptr; }
  const std::vector<Bits>& incoming_session() const { return incoming_session_; }

  // The blocks of each object, one or two of at most 64 bits; empty if the world is too large for
  // it.
  const std::vector<std::vector<Bits>>& device_blocks() const { return device_blocks_; }
  const std::vector<std::vector<Bits>>& domain_blocks() const { return domain_blocks_; }
  const std::vector<std::vector<Bits>>& iommu_blocks() const { return iommu_blocks_; }

 private:
  class Layouter;

  bool PackFlb(const Flb& flb, const FlbFields& fields, std::uint64_t* words) const;
  void UnpackFlb(const FlbFields& fields, const std::uint64_t* words, Flb& flb) const;

  Topology topology_;
  bool tokens_;
  int words_ = 0, used_bits_ = 0;
  Bits crashed_, frozen_, frozen_flb_, files_, frozen_files_, flb_refs_;
  Bits incoming_status_, incoming_lost_, incoming_error_, incoming_files_;
  bool has_incoming_ = false;
  FlbFields outgoing_, incoming_;
  std::vector<DeviceFields> devices_;
  std::vector<ObjectFields> domains_, iommus_;
  std::vector<Bits> session_, incoming_session_;
  std::vector<std::vector<Bits>> device_blocks_, domain_blocks_, iommu_blocks_;
};

}  // namespace holdfast

#endif  // HOLDFAST_MODEL_EXPLORE_PACKING_H_
