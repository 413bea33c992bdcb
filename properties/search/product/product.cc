#include "properties/search/product/product.h"

#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "properties/lockstep/fingerprint.h"
#include "properties/search/product/counters.h"
#include "properties/search/product/book.h"
#include "properties/search/product/edges.h"
#include "properties/search/product/jobs.h"
#include "properties/search/product/merge.h"
#include "properties/search/product/past.h"

namespace holdfast {
namespace {

// Edges between two calls of the progress callback.
constexpr std::uint64_t kBatch = 8192;

class Search : ProductEdges::Visitor {
 public:
  // With `stops_to_look`, the search ends unfinished where it should be looked for counters.
  Search(Sut& sut, const ProductOptions& options, const Counters& counters,
         bool stops_to_look = false)
      : options_(options),
        stops_to_look_(stops_to_look),
        edges_(sut, options, counters),
        book_(options, edges_.alphabet()),
        jobs_(sut, options, edges_, book_) {
    if (options.past == Past::kWhole) past_check_.emplace(edges_.alphabet().size());
    if (!counters.empty()) merge_.emplace(edges_.alphabet().size());
    result_.counters = counters.fields();
  }

  ProductResult Run() {
    try {
      return Walk();
    } catch (const OutOfTime&) {
      return Finish(ProductResult::Ending::kUnfinished);
    }
  }

  // Then a divergence is known to be there, and not which is the first.
  bool used_jobs() const { return jobs_.used(); }
  // There is hidden state, and so much that the implementation may count.
  bool suspects_counters() const { return suspects_counters_; }

 private:
  ProductResult Walk() {
    if (!edges_.Begin()) {
      result_.counterexample = {{options_.profile, options_.world.topology, {}},
                                *edges_.lockstep().divergence()};
      return Finish(ProductResult::Ending::kDiverged);
    }
    const std::optional<Fingerprint> start = edges_.MemoryFingerprint(options_.past);
    if (!start) {
      result_.ending = ProductResult::Ending::kBlackBox;
      return std::move(result_);
    }
    if (past_check_) past_check_->Begin(*edges_.MemoryFingerprint(Past::kForgotten));
    if (merge_) merge_->Add(edges_.GroupFingerprint(), 0);
    Enqueue(book_.Number(*start, 0, 0).first);
    for (; ending_ == ProductResult::Ending::kComplete && !next_.empty(); ++result_.depth) {
      level_ = std::exchange(next_, {});
      bytes_ = next_bytes_;
      next_bytes_ = 0;
      ExpandLevel();
    }
    --result_.depth;  // the last level led nowhere new
    return Finish(ending_);
  }

  ProductResult Finish(ProductResult::Ending ending) {
    result_.ending = ending;
    result_.tally.Add(edges_.tally());
    result_.states = book_.states();
    result_.model_states = book_.model_states();
    result_.known_states = book_.known_states();
    result_.hazards = book_.ListHazards();
    return std::move(result_);
  }

  void ExpandLevel() {
    const auto goes_on = [this](std::uint64_t expanded) { return GoesOn(expanded); };
    switch (jobs_.Expand(result_.depth, level_, next_, result_, goes_on)) {
      case ProductJobs::Level::kExpanded: return;
      case ProductJobs::Level::kStopped: ending_ = ProductResult::Ending::kDiverged; return;
      case ProductJobs::Level::kLeft: break;
    }
    for (FoundState& found : level_) {
      if (!Expand(found) || !GoesOn(found.number + 1)) return;
      found = {};
    }
  }

  // False: the sides differ.
  bool Expand(const FoundState& found) {
    at_ = &found;
    book_.NoteWay(found.number);
    edges_.Enter(found.state, result_.depth);
    return edges_.Follow(found.number, *this, found.owned ? result_ : of_other_shards_);
  }

  // No bound gives the search up.
  bool GoesOn(std::uint64_t expanded) {
    suspects_counters_ = stops_to_look_ && result_.edges >= ProductMerge::kFollowed &&
                         book_.states() > book_.known_states();
    const bool goes_on = !suspects_counters_ && !result_.counters_matter &&
                         (options_.max_edges == 0 || result_.edges < options_.max_edges) &&
                         (options_.max_states == 0 || book_.states() < options_.max_states) &&
                         (options_.max_bytes == 0 || bytes_ + next_bytes_ < options_.max_bytes) &&
                         !options_.deadline.passed();
    if (goes_on && options_.progress && result_.edges / kBatch != batch_) {
      batch_ = result_.edges / kBatch;
      options_.progress({book_.states(), expanded, result_.edges});
    }
    if (!goes_on) ending_ = ProductResult::Ending::kUnfinished;
    return goes_on;
  }

  // --- What the edges lead to ----------------------------------------------------------------

  // A state that another shard owns is expanded only to where the model has not been.
  bool Admits(std::size_t command) override {
    if (at_->owned) return true;
    const std::optional<Fingerprint> known = edges_.KnownBehind(command);
    return known && !book_.Knows(*known);
  }

  void SeeHazards(std::size_t command) override {
    if (at_->owned) SeeHazards({at_->number, static_cast<std::uint16_t>(command)});
  }
  void SeeHazards(const ProductPlace& place) {
    book_.hazards().Add({.rules = edges_.lockstep().hazards(),
                         .clauses = edges_.lockstep().breaches(),
                         .first = place});
  }

  bool Diverge(std::size_t command) override {
    if (options_.rule && edges_.lockstep().divergence()->rule != *options_.rule) {
      ++result_.others;
      return true;
    }
    result_.counterexample = {book_.ScenarioTo(at_->number, command),
                              *edges_.lockstep().divergence()};
    ending_ = ProductResult::Ending::kDiverged;
    return false;
  }

  std::uint32_t Arrive(std::size_t command, const Fingerprint& memory) override {
    if (merge_) {
      if (const std::optional<std::uint32_t> stand_in = Merge(command, memory)) return *stand_in;
    }
    const auto [number, is_new] = book_.Number(memory, at_->number, command);
    if (past_check_ &&
        !past_check_->Agrees(at_->number, command, is_new,
                             *edges_.MemoryFingerprint(Past::kForgotten)) &&
        !result_.conflict) {
      result_.conflict = book_.ScenarioTo(at_->number, command);
    }
    if (is_new && Enqueue(number) && edges_.TearDown(result_) && edges_.lockstep().hazards() != 0)
      SeeHazards(book_.TeardownOf(number));
    return number;
  }

  // The state that stands for this memory, if the memory is not followed.
  std::optional<std::uint32_t> Merge(std::size_t command, const Fingerprint& memory) {
    const Fingerprint group = edges_.GroupFingerprint();
    std::optional<std::uint32_t> stand_in;
    if (!book_.NumberOf(memory)) {
      stand_in = merge_->StandIn(group, result_.edges);
      if (!stand_in) merge_->Add(group, static_cast<std::uint32_t>(book_.states()));
    }
    if (!merge_->Agrees(at_->number, command, group) && !result_.counters_matter)
      result_.counters_matter = book_.ScenarioTo(at_->number, command);
    return stand_in;
  }

  // Keeps a new state for the next level. False: another shard owns it.
  bool Enqueue(std::uint32_t number) {
    const State& model = edges_.lockstep().state();
    const bool leads_the_model_on =
        book_.AddModel(ProductEdges::CanonicalFingerprint(model),
                       edges_.KnownFingerprint(model, edges_.lockstep().breaches()));
    FoundState& found = next_.emplace_back();
    found.number = number;
    found.owned = !leads_the_model_on || options_.shard.Owns(number);
    edges_.Save(found.state);
    next_bytes_ += found.state.memory.bytes.size();
    return found.owned;
  }

  const ProductOptions& options_;
  const bool stops_to_look_;
  bool suspects_counters_ = false;
  ProductEdges edges_;
  ProductBook book_;
  ProductJobs jobs_;
  std::optional<PastCheck> past_check_;
  std::optional<ProductMerge> merge_;
  std::vector<FoundState> level_, next_;
  std::uint64_t bytes_ = 0, next_bytes_ = 0;  // of their snapshots, where this process made them
  const FoundState* at_ = nullptr;            // that is being expanded
  std::uint64_t batch_ = 0;                   // of edges, at the last call of the progress callback
  ProductResult::Ending ending_ = ProductResult::Ending::kComplete;
  ProductResult result_;
  ProductCounts of_other_shards_;
};

}  // namespace

void ProductCounts::Add(const ProductCounts& other) {
  edges += other.edges;
  faults += other.faults;
  crashes += other.crashes;
  cuts += other.cuts;
  slot_cuts += other.slot_cuts;
  memory_cuts += other.memory_cuts;
  unfired += other.unfired;
  others += other.others;
  digest += other.digest;
  tally.Add(other.tally);
  coverage.Add(other.coverage);
}

ProductResult ExploreProduct(Sut& sut, const ProductOptions& options) {
  const Counters none;
  ProductOptions alone = options;
  alone.jobs = 1;
  const bool may_merge = options.shard.count == 1 && options.past != Past::kWhole;
  bool suspects_counters = false;
  const auto search = [&](bool stops_to_look) {
    Search plain(sut, options, none, stops_to_look);
    ProductResult result = plain.Run();
    suspects_counters = plain.suspects_counters();
    if (result.ending == ProductResult::Ending::kDiverged && plain.used_jobs())
      result = Search(sut, alone, none).Run();
    return result;
  };
  ProductResult result = search(may_merge);
  if (!suspects_counters) return result;
  Counters counters(sut, options.profile, options.world, options.recorder, options.deadline);
  std::optional<Scenario> counters_matter;
  for (bool more = !counters.empty(); more; more = counters.Widen()) {
    result = Search(sut, alone, counters).Run();
    if (!result.counters_matter) return result;
    counters_matter = std::move(result.counters_matter);
  }
  result = search(false);
  result.counters_matter = std::move(counters_matter);
  return result;
}

}  // namespace holdfast
