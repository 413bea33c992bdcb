#include "properties/search/product/jobs.h"

#include <algorithm>
#include <optional>
#include <tuple>
#include <utility>

#include "sut/child.h"
#include "sut/packed.h"

namespace holdfast {
namespace {

// With fewer states in a part, the fork costs more than it saves. With more, the part takes too
// much memory: it is there three times while it goes from one process to the other.
constexpr std::size_t kFewestInAPart = 64, kMostInAPart = 65'536;

// An edge to a state that was not known when the level began.
struct LeadingEdge {
  std::uint32_t from = 0;
  std::uint16_t command = 0;
  Fingerprint memory;
};

struct ExpandedState {
  Fingerprint canonical, known;  // of the model's state
  ProductState state;            // without the memory if no edge leads on
};
auto Members(ExpandedState& expanded) {
  return std::tie(expanded.canonical, expanded.known, expanded.state.breaches,
                  expanded.state.ledger, expanded.state.memory.bytes);
}

}  // namespace

struct ProductJobs::Part {
  bool stopped = false;      // by a divergence, before its end: the rest is of no use
  bool out_of_time = false;  // the same, by the deadline
  ProductCounts counts;      // without the digest of the edges that lead on
  std::vector<HazardSighting> hazards;
  std::vector<LeadingEdge> edges;  // in the order of the walk
  std::vector<ExpandedState> states;

  friend auto Members(Part& part) {
    return std::tie(part.stopped, part.out_of_time, part.counts, part.hazards, part.edges,
                    part.states);
  }
};

namespace {

// --- In the process of a part --------------------------------------------------------------------

class PartVisitor : public ProductEdges::Visitor {
 public:
  PartVisitor(ProductEdges& edges, ProductBook& book, HazardKinds& hazards,
              std::vector<LeadingEdge>& leading)
      : edges_(edges), book_(book), hazards_(hazards), leading_(leading) {}

  void Begin(std::uint32_t state) {
    state_ = state;
    leads_on_ = false;
  }
  bool leads_on() const { return leads_on_; }

  void SeeHazards(std::size_t command) override {
    hazards_.Add({.rules = edges_.lockstep().hazards(),
                  .clauses = edges_.lockstep().breaches(),
                  .first = {state_, static_cast<std::uint16_t>(command)}});
  }
  std::uint32_t Arrive(std::size_t command, const Fingerprint& memory) override {
    if (const std::optional<std::uint32_t> number = book_.NumberOf(memory)) return *number;
    leads_on_ = true;
    leading_.push_back({state_, static_cast<std::uint16_t>(command), memory});
    return ProductEdges::kUndecided;
  }
  bool Diverge(std::size_t) override { return false; }

 private:
  ProductEdges& edges_;
  ProductBook& book_;
  HazardKinds& hazards_;
  std::vector<LeadingEdge>& leading_;
  std::uint32_t state_ = 0;
  bool leads_on_ = false;
};

}  // namespace

ProductJobs::ProductJobs(Sut& sut, const ProductOptions& options, ProductEdges& edges,
                         ProductBook& book)
    : options_(options),
      edges_(edges),
      book_(book),
      possible_(options.jobs > 1 && !options.rule && options.shard.count == 1 &&
                options.past != Past::kWhole && sut.SnapshotsTravel()) {}

// False: its teardown diverges.
bool ProductJobs::Enter(int depth, const FoundState& found, HazardKinds& hazards,
                        ProductCounts& counts) {
  if (!found.before) {
    edges_.Enter(found.state, depth);
    return true;
  }
  edges_.EnterBehind(found.before, book_.CommandTo(found.number), depth);
  if (edges_.TearDown(counts) && edges_.lockstep().hazards() != 0) {
    hazards.Add({.rules = edges_.lockstep().hazards(),
                 .clauses = edges_.lockstep().breaches(),
                 .first = book_.TeardownOf(found.number)});
  }
  if (edges_.lockstep().divergence()) return false;
  edges_.Return();
  return true;
}

std::string ProductJobs::ExpandPart(int depth, const FoundState* first, std::size_t count) {
  Part part;
  HazardKinds hazards;
  PartVisitor visitor(edges_, book_, hazards, part.edges);
  edges_.BeginPart();
  try {
    for (const FoundState* found = first; found != first + count && !part.stopped; ++found) {
      if (!Enter(depth, *found, hazards, part.counts)) {
        part.stopped = true;
        break;
      }
      const Checkpoint& here = edges_.here();
      ExpandedState& expanded = part.states.emplace_back();
      expanded.canonical = ProductEdges::CanonicalFingerprint(here.model);
      expanded.known = edges_.KnownFingerprint(here.model, here.breaches);
      expanded.state = {here.breaches, here.ledger, {}};
      visitor.Begin(found->number);
      part.stopped = !edges_.Follow(found->number, visitor, part.counts);
      if (visitor.leads_on()) expanded.state.memory = here.sut;
    }
  } catch (const OutOfTime&) {
    part.out_of_time = true;
  }
  part.counts.tally = edges_.tally();
  part.hazards = hazards.List();
  return Pack(part);
}

// --- In the process of the whole -----------------------------------------------------------------

void ProductJobs::PutIn(Part part, FoundState* first, std::vector<FoundState>& next,
                        ProductCounts& counts) {
  counts.Add(part.counts);
  for (const HazardSighting& sighting : part.hazards) book_.hazards().Add(sighting);
  std::vector<std::shared_ptr<const ProductState>> states;
  for (ExpandedState& expanded : part.states) {
    book_.AddModel(expanded.canonical, expanded.known);
    states.push_back(std::make_shared<const ProductState>(std::move(expanded.state)));
  }
  for (const LeadingEdge& edge : part.edges) {
    const auto [number, is_new] = book_.Number(edge.memory, edge.from, edge.command);
    counts.digest += ProductDigest(edge.from, edge.command, number);
    if (is_new)
      next.push_back({.number = number, .state = {}, .before = states[edge.from - first->number]});
  }
}

// False: its teardown diverges.
bool ProductJobs::Complete(int depth, FoundState& found, ProductCounts& counts) {
  if (!found.before) return true;
  book_.NoteWay(found.number);
  if (!Enter(depth, found, book_.hazards(), counts)) return false;
  const Checkpoint& here = edges_.here();
  book_.AddModel(ProductEdges::CanonicalFingerprint(here.model),
                 edges_.KnownFingerprint(here.model, here.breaches));
  found.state = {here.breaches, here.ledger, here.sut};
  found.before = nullptr;
  return true;
}

ProductJobs::Level ProductJobs::Expand(int depth, std::vector<FoundState>& level,
                                       std::vector<FoundState>& next, ProductCounts& counts,
                                       const std::function<bool(std::uint64_t)>& goes_on) {
  const auto jobs = static_cast<std::size_t>(std::max(options_.jobs, 1));
  const std::size_t size =
      std::clamp((level.size() + jobs - 1) / jobs, kFewestInAPart, kMostInAPart);
  const std::size_t parts = (level.size() + size - 1) / size;
  if (!possible_ || parts < 2) {
    for (FoundState& found : level) {
      if (!Complete(depth, found, counts)) return Level::kStopped;
    }
    return Level::kLeft;
  }
  used_ = true;
  bool ended = false, stopped = false;
  std::vector<std::optional<std::string>> texts(parts);
  std::size_t ready = 0;  // parts that were put in
  const auto put_in = [&](const std::optional<std::string>& text) {
    const std::size_t first = ready * size, end = std::min(level.size(), first + size);
    Part part;
    if (!text->empty()) part = Unpack<Part>(*text);
    stopped = text->empty() || part.stopped;
    if (stopped) return false;
    if (part.out_of_time) return goes_on(level[first].number);  // no: the deadline has passed
    PutIn(std::move(part), &level[first], next, counts);
    const std::uint64_t expanded = level[end - 1].number + 1;
    for (std::size_t at = first; at < end; ++at) level[at] = {};
    return goes_on(expanded);
  };
  RunInChildren(
      parts, options_.jobs,
      [&](std::size_t part) {
        const std::size_t first = part * size;
        return ExpandPart(depth, &level[first], std::min(size, level.size() - first));
      },
      [&](std::size_t part, const Ending&, std::string text) {
        texts[part] = std::move(text);  // empty: it died
        for (; !ended && ready < parts && texts[ready]; ++ready) {
          ended = !put_in(texts[ready]);
          texts[ready] = std::string();
        }
        return !ended;
      });
  return stopped ? Level::kStopped : Level::kExpanded;
}

}  // namespace holdfast
