#include "properties/search/exhaustive.h"

#include <cstddef>

#include "model/rules/contract.h"
#include "properties/lockstep/half_done.h"
#include "properties/lockstep/lockstep.h"

namespace holdfast {
namespace {

// Sequences between two calls of the progress callback.
constexpr std::uint64_t kBatch = 8192;

class Search {
 public:
  Search(Sut& sut, const ExhaustiveOptions& options) : options_(options), lockstep_(sut) {
    lockstep_.set_hardened(options.hardened);
    lockstep_.set_recorder(options.recorder);
    lockstep_.set_deadline(options.deadline);
    scenario_.profile = options.profile;
    scenario_.topology = options.world.topology;
    checkpoints_.resize(static_cast<std::size_t>(options.world.depth) + 1);
    std::uint64_t level = 1;
    for (int depth = 1; depth <= options.world.depth; ++depth)
      result_.total += level *= options.world.alphabet.size();
  }

  ExhaustiveResult Run() {
    try {
      result_.finished = Deepen();
    } catch (const OutOfTime&) {
      // what was searched until then stands
    }
    result_.tally = lockstep_.tally();
    if (lockstep_.divergence()) result_.counterexample = {scenario_, *lockstep_.divergence()};
    return std::move(result_);
  }

 private:
  // False: the sides diverge.
  bool Deepen() {
    lockstep_.Begin(scenario_.topology, scenario_.profile);
    if (lockstep_.divergence()) return false;
    for (const Command& command : options_.world.prefix) {
      scenario_.commands.push_back(command);
      if (!lockstep_.Run(command)) return false;
    }
    for (int depth = 1; depth <= options_.world.depth; ++depth) {
      depth_ = depth;
      if (!Descend(0)) return false;
      result_.depth = depth;
    }
    return true;
  }

  // Tries every command after the `length` ones that were run since the prefix. False ends the
  // search, with scenario_ as it is.
  bool Descend(int length) {
    Checkpoint& here = checkpoints_[static_cast<std::size_t>(length)];
    lockstep_.Save(here);
    const bool last = length + 1 == depth_;
    for (const Command& command : options_.world.alphabet) {
      if (options_.contract_only && BreachesOf(scenario_.topology, lockstep_.state(), command) != 0)
        continue;
      scenario_.commands.push_back(command);
      if (!lockstep_.Run(command)) return false;
      if (last ? !Leaf(command) : !lockstep_.state().crashed && !Descend(length + 1)) return false;
      scenario_.commands.pop_back();
      lockstep_.Restore(here);
    }
    return true;
  }

  // A sequence that is new at this depth.
  bool Leaf(const Command& command) {
    result_.coverage.Add(command, lockstep_.outcome());
    Witness(false);
    if (options_.teardown) {
      if (!lockstep_.TearDown()) return false;
      Witness(true);
    }
    ++result_.sequences;
    lockstep_.CountCase();
    if (options_.progress && result_.sequences % kBatch == 0)
      options_.progress({depth_, result_.sequences, result_.total});
    return true;
  }

  void Witness(bool after_teardown) {
    if (lockstep_.hazards() == 0) return;
    result_.hazards.Add(lockstep_.hazards(), lockstep_.breaches(), scenario_,
                        scenario_.commands.size(), after_teardown);
  }

  const ExhaustiveOptions& options_;
  Lockstep lockstep_;
  Scenario scenario_;                    // the sequence at hand
  std::vector<Checkpoint> checkpoints_;  // by length
  int depth_ = 0;
  ExhaustiveResult result_;
};

// What can be called for each device and domain, with the faults that leave something half done.
std::vector<Command> CallsOf(const Topology& topology) {
  std::vector<Command> calls = {PreserveFile(), UnpreserveFile()};
  for (std::uint8_t domain = 0; domain < topology.domains.size(); ++domain) {
    calls.push_back(PreserveDomain(domain));
    calls.push_back(UnpreserveDomain(domain));
    calls.push_back(WithFault(PreserveDomain(domain), FaultSite::kPtPreserve, -EIO));
  }
  for (std::uint8_t device = 0; device < topology.devices.size(); ++device) {
    const Command preserve = PreserveDevice(0, device);
    calls.push_back(preserve);
    calls.push_back(UnpreserveDevice(0, device));
    calls.push_back(WithFault(preserve, FaultSite::kIommuPreserve, -EIO));
    calls.push_back(WithFault(preserve, FaultSite::kIommuPreserveDevice, -EIO));
  }
  calls.push_back(ReleaseDmaOwner(0));
  calls.push_back(ClaimDmaOwner(0));
  return calls;
}

}  // namespace

SmallWorld OneIommuWorld() {
  SmallWorld world = {.topology = MakeTopology(1, 2, 1), .alphabet = {}, .prefix = {}, .depth = 5};
  world.alphabet = CallsOf(world.topology);
  return world;
}

SmallWorld TwoIommuWorld() {
  SmallWorld world = {.topology = MakeTopology(2, 2, 1), .alphabet = {}, .prefix = {}, .depth = 5};
  world.alphabet = CallsOf(world.topology);
  return world;
}

SmallWorld HandoverWorld() {
  SmallWorld world = {.topology = MakeTopology(1, 1, 1), .alphabet = {}, .prefix = {}, .depth = 5};
  world.prefix = {PreserveFile(), PreserveDomain(0), PreserveDevice(0, 0)};
  world.alphabet = {Freeze(),
                    Kexec(),
                    Retrieve(),
                    Finish(),
                    PreserveFile(),
                    UnpreserveFile(),
                    UnpreserveDevice(0, 0),
                    UnpreserveDomain(0),
                    PreserveDomain(0),
                    PreserveDevice(0, 0),
                    WithFault(Retrieve(), FaultSite::kFlbRetrieve, -EIO),
                    WithFault(Retrieve(), FaultSite::kKzalloc),
                    WithFault(Retrieve(), FaultSite::kKhoRestore),
                    WithFault(Finish(), FaultSite::kKzalloc)};
  return world;
}

SmallWorld RestoringWorld() {
  SmallWorld world = {.topology = MakeTopology(1, 2, 1), .alphabet = {}, .prefix = {}, .depth = 5};
  world.prefix = {PreserveFile(),       PreserveDomain(0), PreserveDevice(0, 0),
                  PreserveDevice(0, 1), Freeze(),          Kexec()};
  world.alphabet = {ProbeDevice(0),
                    ProbeDevice(1),
                    RestoreDomain(0),
                    RestoreDomain(1),
                    ReleaseDevice(0),
                    Retrieve(),
                    Finish(),
                    PreserveFile(),
                    PreserveDomain(0),
                    PreserveDevice(0, 0),
                    WithFault(ProbeDevice(0), FaultSite::kFlbGetIncoming, -EIO),
                    WithFault(RestoreDomain(0), FaultSite::kFlbGetIncoming, -EIO),
                    WithFault(RestoreDomain(0), FaultSite::kPagingDomainAlloc, -ENOSPC),
                    WithFault(RestoreDomain(0), FaultSite::kPtRestore, -EIO)};
  return world;
}

SmallWorld WithHalfDoneOps(SmallWorld world) {
  const std::vector<Command> plain = world.alphabet;
  for (const Command& command : plain)
    AddHalfDone(command, {.op = 2, .take_over = 0}, world.alphabet, /*first=*/2);
  return world;
}

ExhaustiveResult Exhaust(Sut& sut, const ExhaustiveOptions& options) {
  return Search(sut, options).Run();
}

}  // namespace holdfast
