#include "model/explore/footprint.h"

#include <cstddef>

namespace holdfast {
namespace {

class Mask {
 public:
  explicit Mask(const Packing& packing) : packing_(packing) {
    for (const Bits& bits : packing.session()) Add(bits);
  }

  void Add(Bits bits) {
    bits.Set(words_.data(), bits.width == 0 ? 0 : ~std::uint64_t{0} >> (64 - bits.width));
  }
  void AddOne(Bits bits, std::size_t n) { Add({static_cast<std::uint16_t>(bits.at + n), 1}); }

  void AddRecords(const Packing::FlbFields& flb, std::size_t device) {
    for (const Packing::DeviceRecord& record : flb.devices[device]) {
      for (const Bits bits :
           {record.live, record.taken, record.attachment, record.hw, record.dead, record.stale})
        Add(bits);
      for (const Bits bits : record.names) Add(bits);
    }
  }
  void AddDevice(std::size_t device) {
    const Packing::DeviceFields& fields = packing_.devices()[device];
    for (const Bits bits :
         {fields.claims, fields.attached, fields.device_ser, fields.restored_ser, fields.page})
      Add(bits);
    AddRecords(packing_.outgoing(), device);
  }
  void AddIommu(std::size_t iommu) {
    Add(packing_.iommus()[iommu].pointer);
    Add(packing_.iommus()[iommu].page);
    Add(packing_.outgoing().iommus[iommu]);
    Add(packing_.outgoing().ref_counts[iommu]);
  }
  void AddDomain(std::size_t domain) {
    Add(packing_.domains()[domain].pointer);
    Add(packing_.domains()[domain].page);
    Add(packing_.outgoing().domains[domain]);
  }
  // Who names the domain: a record of it that goes becomes a dead one in whatever named it.
  void AddNamersOf(std::size_t domain) {
    for (const std::vector<Packing::DeviceRecord>& records : packing_.outgoing().devices) {
      for (const Packing::DeviceRecord& record : records) {
        Add(record.dead);
        for (const Bits bits : record.names) AddOne(bits, domain);
      }
    }
  }
  // All that the FLB's unpreserve clears or leaves dangling, and what it leaves as it is of KHO's
  // pages.
  void AddOutgoing() {
    for (std::size_t i = 0; i < packing_.devices().size(); ++i) {
      Add(packing_.devices()[i].device_ser);
      Add(packing_.devices()[i].page);
      AddRecords(packing_.outgoing(), i);
    }
    for (std::size_t i = 0; i < packing_.domains().size(); ++i) AddDomain(i);
    for (std::size_t i = 0; i < packing_.iommus().size(); ++i) AddIommu(i);
  }
  void AddIncoming() {
    const Packing::FlbFields* incoming = packing_.incoming();
    if (incoming == nullptr) return;
    for (const Bits bits : packing_.incoming_session()) Add(bits);
    for (std::size_t i = 0; i < incoming->devices.size(); ++i) {
      Add(packing_.devices()[i].restored_ser);
      AddRecords(*incoming, i);
    }
    for (const Bits bits : incoming->taken) Add(bits);
    for (const Bits bits : incoming->domains) Add(bits);
    for (const Bits bits : incoming->iommus) Add(bits);
    for (const Bits bits : incoming->ref_counts) Add(bits);
  }

  Words words() const { return words_; }

 private:
  const Packing& packing_;
  Words words_{};
};

}  // namespace

Words FootprintOf(const World& world, const Profile& profile, const Packing& packing,
                  const Command& command) {
  Mask mask(packing);
  // A put that no get went before may be the last one: the FLB goes.
  const bool puts_what_it_never_got = profile.puts_flb && profile.luo != Luo::kStageC;
  switch (command.verb) {
    case Verb::kPreserveFile:
    case Verb::kFreeze:
    case Verb::kForEachDev: break;
    case Verb::kUnpreserveFile: mask.AddOutgoing(); break;
    case Verb::kPreserveDomain:
    case Verb::kUnpreserveDomain:
      mask.AddDomain(command.domain);
      mask.AddNamersOf(command.domain);
      if (puts_what_it_never_got) mask.AddOutgoing();
      break;
    case Verb::kPreserveDevice:
    case Verb::kUnpreserveDevice:
    case Verb::kClaimDmaOwner:
    case Verb::kReleaseDmaOwner:
    case Verb::kAttach: {
      // One footprint for all that is done to a device, whichever domain it names: one look-up
      // finds them all.
      const Device& device = world.topology.devices[command.device];
      mask.AddDevice(command.device);
      mask.AddIommu(device.iommu);
      for (const Packing::ObjectFields& domain : packing.domains()) mask.Add(domain.pointer);
      for (std::size_t i = 0; i < world.topology.devices.size(); ++i) {
        if (device.group != kNone && world.topology.devices[i].group == device.group)
          mask.AddDevice(i);
      }
      if (puts_what_it_never_got) mask.AddOutgoing();
      break;
    }
    case Verb::kRetrieve:
    case Verb::kFinish: mask.AddIncoming(); break;
    case Verb::kProbeDevice:
    case Verb::kRestoreDomain:
    case Verb::kReleaseDevice: {
      const Device& device = world.topology.devices[command.device];
      mask.AddIncoming();
      mask.AddDevice(command.device);
      for (std::size_t i = 0; i < world.topology.devices.size(); ++i) {
        if (device.group != kNone && world.topology.devices[i].group == device.group)
          mask.AddDevice(i);
      }
      break;
    }
    case Verb::kKexec:
      mask.AddOutgoing();
      mask.AddIncoming();
      for (std::size_t i = 0; i < packing.devices().size(); ++i) mask.AddDevice(i);
      break;
  }
  return mask.words();
}

Words FootprintOfRules(const Packing& packing) {
  Mask mask(packing);
  mask.AddOutgoing();
  const bool restores = !packing.devices().empty() && packing.devices()[0].restored_ser.width != 0;
  if (restores) mask.AddIncoming();
  return mask.words();
}

}  // namespace holdfast
