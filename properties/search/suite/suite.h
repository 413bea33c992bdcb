// The parts of the suite: the corpus, small worlds, the fault sweep, the product, damaged images,
// random scenarios, the layout of the records. `run`, `mutants` and the conformance tests of a
// driver port combine them.
//
// Every part is contained by its Runner: an implementation that ends its process, or hangs, is a
// counterexample like any other. Every part ends at its deadline, with what it has.
#ifndef HOLDFAST_PROPERTIES_SEARCH_SUITE_SUITE_H_
#define HOLDFAST_PROPERTIES_SEARCH_SUITE_SUITE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/explore/world.h"
#include "model/profile.h"
#include "model/scenario.h"
#include "properties/callers/explore_callers.h"
#include "properties/lockstep/counterexample.h"
#include "properties/lockstep/coverage.h"
#include "properties/lockstep/deadline.h"
#include "properties/lockstep/hazards.h"
#include "properties/lockstep/mode.h"
#include "properties/lockstep/runner.h"
#include "properties/lockstep/tally.h"
#include "properties/search/damaged_image.h"
#include "properties/search/exhaustive.h"
#include "properties/search/suite/corpus.h"

namespace holdfast {

// What every part needs. Rules are owed as the runner says.
struct PartContext {
  Runner& runner;
  Profile profile;
  Deadline deadline = {};
  // Called when the part begins, and now and then; `done` is a fraction of 1.
  std::function<void(const std::string& part, double done, std::uint64_t commands)> progress = {};
};

// The unit of a part that is no search.
inline constexpr std::string_view kCheck = "check";

struct PartResult {
  std::string name;              // "one IOMMU, depth 5"
  std::string unit;              // what a case is: "sequence"
  std::uint64_t cases = 0;       // that were run, or states that were found
  std::uint64_t total = 0;       // cases of the whole, at most; 0: not known
  bool finished = true;          // before the deadline
  bool skipped = false;          // the implementation has no canonical state, and is a black box
  std::string not_checked = {};  // why the part says nothing of this implementation, if so
  double seconds = 0;
  Tally tally = {};
  Coverage coverage = {};
  Hazards hazards = {};
  std::optional<Counterexample> counterexample = {};
  std::optional<Race> race = {};                   // of callers at once, which is no counterexample
  std::optional<DamagedImageResult> damaged = {};  // of the part that damages images
  std::string origin = {};       // of what diverges: "random, contract, case 17 of seed 1"
  std::uint64_t case_index = 0;  // the same, as a number
  bool skips_crashes = false;    // Runner::skips_crashes
  // What the implementation wrote to its standard streams, if the part had a process of its own.
  std::string output = {};

  bool diverges() const { return counterexample || race || (damaged && damaged->divergence()); }

  // The part goes on with these cases.
  void Add(PartResult more);
};

// In their order. Of an implementation that is owed nothing beyond the contract
// (Sut::contract_only), only scenarios that keep the contract.
PartResult RunCorpus(const PartContext& context, std::vector<CorpusScenario> corpus);

// The corpus again: an implementation does the same each time (properties/shrink/repeat.h).
PartResult RunCorpusAgain(const PartContext& context, const std::vector<CorpusScenario>& corpus);

// The small worlds of the suite, by name.
struct NamedWorld {
  std::string name;
  SmallWorld world;
};
std::vector<NamedWorld> SmallWorlds(const Sut& sut, int depth);
PartResult RunSmallWorld(const PartContext& context, const NamedWorld& named,
                         bool teardown = false);

// `base` as SweepFaults wants it.
PartResult RunFaultSweep(const PartContext& context, const Scenario& base);

// The worlds whose product is searched: one of callers who keep the contract, with faults; one of
// the next kernels, if the implementation has the restoring side; and one of hostile callers, or of
// a driver port's kernels.
std::vector<World> ProductWorlds(const Sut& sut);
PartResult RunProduct(const PartContext& context, const World& world, std::uint64_t max_edges = 0);

// The same few calls, until a 16-bit counter has come round (properties/search/endurance.h).
PartResult RunEndurance(const PartContext& context);

// Every schedule of callers at once with three calls between them (properties/callers).
struct CallersOptions {
  int callers = 2;                                // 1: the part is not checked
  std::optional<int> preemptions = std::nullopt;  // at most; nullopt: any number
};
PartResult RunCallers(const PartContext& context, const CallersOptions& options = {});

// Each damage of an image, and what the next kernel makes of it.
PartResult RunDamagedImage(const PartContext& context);

struct RandomOptions {
  // Cases of a block. A whole number of chapters of each mode (Cases::kChapter), so that no block
  // makes the cases of another one.
  static constexpr std::uint64_t kBlock = 8192;

  std::vector<Mode> modes = {Mode::kContract, Mode::kHostile};
  std::uint64_t seed = 1, first_case = 0;
  std::uint64_t cases = 0;  // 0: as many as there is time for
};
PartResult RunRandom(const PartContext& context, const RandomOptions& options);
// The same part in numbered blocks (side_by_side.h). Each has the total of the whole.
inline constexpr std::size_t kEndless = SIZE_MAX / 2;  // blocks until the time is over
std::size_t RandomBlocks(const RandomOptions& options);
PartResult RunRandomBlock(const PartContext& context, RandomOptions options, std::uint64_t block);

// R14. Last, because what is wrong with the contents of records tells more.
PartResult RunLayout(const PartContext& context);

}  // namespace holdfast

#endif  // HOLDFAST_PROPERTIES_SEARCH_SUITE_SUITE_H_
