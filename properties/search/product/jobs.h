// Several processes expand one level of the product; the result is the result of one process.
//
// The level is cut into parts. A process that is forked for a part expands its states and sends
// back what it found; the parts are put together in the order of their states. So the numbers, the
// counts, the hazards and the digest are the same as with one process.
//
// A part does not number states. For an edge to an unknown state, the part records the state's
// fingerprint. If that state turns out to be new, it has no snapshot: the process that expands it
// comes to it by the edge, from the state before. So a part holds no more memories than states,
// however many edges lead on. It is also torn down then, and not when it is found.
//
// A part that meets a divergence stops, and so does the search: one process then does the search
// again, and reports the first divergence. The same is done for a part whose process died.
#ifndef HOLDFAST_PROPERTIES_SEARCH_PRODUCT_JOBS_H_
#define HOLDFAST_PROPERTIES_SEARCH_PRODUCT_JOBS_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "properties/search/product/product.h"
#include "properties/search/product/book.h"
#include "properties/search/product/edges.h"
#include "sut/sut.h"

namespace holdfast {

// A state that was found and is to be expanded.
struct FoundState {
  std::uint32_t number = 0;
  bool owned = true;  // by this shard
  ProductState state;
  // If a part found the state: `state` is empty, and the command leads there from this one.
  std::shared_ptr<const ProductState> before;
};

class ProductJobs {
 public:
  enum class Level : std::uint8_t {
    kLeft,      // not expanded: there are too few states, or processes cannot help this search
    kExpanded,  // or ended by `goes_on`
    kStopped,   // a part met a divergence, or died
  };

  ProductJobs(Sut& sut, const ProductOptions& options, ProductEdges& edges, ProductBook& book);

  // Some level was expanded by processes.
  bool used() const { return used_; }

  // Expands the level, at that depth, and appends the new states to `next`. Asks `goes_on`, with
  // the number of states that were expanded, after each part. A level that is left is complete: no
  // state is without its snapshot.
  Level Expand(int depth, std::vector<FoundState>& level, std::vector<FoundState>& next,
               ProductCounts& counts, const std::function<bool(std::uint64_t)>& goes_on);

 private:
  struct Part;

  bool Enter(int depth, const FoundState& found, HazardKinds& hazards, ProductCounts& counts);
  bool Complete(int depth, FoundState& found, ProductCounts& counts);
  std::string ExpandPart(int depth, const FoundState* first, std::size_t count);
  void PutIn(Part part, FoundState* first, std::vector<FoundState>& next, ProductCounts& counts);

  const ProductOptions& options_;
  ProductEdges& edges_;
  ProductBook& book_;
  const bool possible_;
  bool used_ = false;
};

}  // namespace holdfast

#endif  // HOLDFAST_PROPERTIES_SEARCH_PRODUCT_JOBS_H_
