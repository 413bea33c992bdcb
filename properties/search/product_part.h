// What one process has made of some states of a level of the product (product.h), on its way to the
// process that puts the parts together.
//
// A part is written before the whole knows what the others found, so it numbers nothing: of an edge
// to a memory that was not known when the level began it says the memory's fingerprint. Whoever
// expands that memory, if it is new to the whole, goes there again by the command from where it was
// found: so a part holds no more memories than states, however many edges lead on. Events are in
// the order of the walk, so the whole, which takes the parts in the order of their states, numbers
// what it finds as one process would have.
//
// Not a file format: the bytes are good between processes of one fork.
#ifndef HOLDFAST_PROPERTIES_SEARCH_PRODUCT_PART_H_
#define HOLDFAST_PROPERTIES_SEARCH_PRODUCT_PART_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/rules/contract.h"
#include "model/rules/rules.h"
#include "properties/lockstep/coverage.h"
#include "properties/lockstep/fingerprint.h"
#include "properties/search/product.h"
#include "properties/lockstep/tally.h"
#include "sut/sut.h"

namespace holdfast {

// Rules that were broken with both sides in agreement, and the caller's clauses by then.
struct Seen {
  RuleSet rules = 0;
  Breaches clauses = 0;
};

// A state that was expanded.
struct ExpandedState {
  // the model's canonical state; with as much of its past as is told apart
  Fingerprint model, known;
  Breaches breaches = 0;
  Ledger ledger;
  Seen hazards;     // when all was torn down there
  Snapshot memory;  // empty if no edge leads on
};

// An edge that has something to say: in the order of the walk, and `from` counts the part's states.
struct NotedEdge {
  std::uint32_t from = 0;
  std::uint16_t command = 0;
  Seen hazards;
  std::uint64_t times = 1;  // that these were seen in the part, first here
  bool leads_on = false;    // to a memory that was not known when the level began
  Fingerprint memory;
};

struct ProductPart {
  bool stopped = false;  // before its end, by a divergence. The rest is then of no use
  ProductCounts counts;  // without the digest of edges that lead on
  Tally tally;           // the teardowns' included
  Coverage coverage;
  std::vector<NotedEdge> edges;
  std::vector<ExpandedState> states;
};

std::string Pack(const ProductPart& part);
ProductPart UnpackPart(std::string_view bytes);

}  // namespace holdfast

#endif  // HOLDFAST_PROPERTIES_SEARCH_PRODUCT_PART_H_
