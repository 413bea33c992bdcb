// What needs what: the live records as a directed graph.
//
// Vertices are the live slots; an edge runs from a record to a record that it needs: a device slot
// needs the domain slot and the hw slot that it names. A reference to a slot that is deleted, stale
// or no slot at all is an edge to a broken vertex, so the graph of a broken state can still be
// built, asked and drawn.
//
// The seed's rule, "an IOMMU stays preserved while any device references it", is two statements
// about this graph: it is closed under "needs" (no edge ends in a broken vertex), and a hw slot's
// reference count is its in-degree. It is the third form in which R1 to R3 stand, beside step.h and
// rules.h, and tests hold the three against each other.
//
// Cost: building is linear in the slots; each question makes a Boost.Graph and asks it
// (dependency_graph.cc). It is for tests and reports, not for the inner loop of a campaign: that is
// CheckState.
#ifndef HOLDFAST_MODEL_RULES_DEPENDENCY_GRAPH_H_
#define HOLDFAST_MODEL_RULES_DEPENDENCY_GRAPH_H_

#include <cstdint>
#include <string>
#include <vector>

#include "model/state.h"
#include "model/topology.h"

namespace holdfast {

class DependencyGraph {
 public:
  enum class Kind : std::uint8_t { kDevice, kDomain, kHw };

  struct Node {
    Kind kind = Kind::kDevice;
    // its number; kNull, kStale or kWild for a broken reference that names no slot
    SlotRef slot = kNull;
    std::uint8_t object = kNone;  // the device, domain or IOMMU whose record it is
    std::uint32_t ref_count = 0;  // as recorded
    bool live = true;             // false: a broken vertex

    bool operator==(const Node&) const = default;
  };

  struct Edge {
    int from = 0, to = 0;  // positions in nodes(); `from` needs `to`
  };

  explicit DependencyGraph(const Flb& flb);

  // The live domain, hw and device slots, each in the order of their numbers, then the broken
  // vertices as they are met.
  const std::vector<Node>& nodes() const { return nodes_; }
  const std::vector<Edge>& edges() const { return edges_; }

  // No record needs one that is not live.
  bool ClosedUnderNeeds() const;
  // The edges that end in a broken vertex, by position in edges().
  std::vector<int> BrokenEdges() const;
  bool Acyclic() const;
  // How many records need node `node`.
  int InDegree(int node) const;
  // Every live hw slot's ref_count is its in-degree.
  bool CountsAreInDegrees() const;
  // Every node that `node` needs, directly or not, in ascending order, without itself.
  std::vector<int> NeedsOf(int node) const;

  // Graphviz text; a broken edge, a broken vertex and a wrong count are red. A vertex is labelled
  // with its object ("dev0", "iommu0 *2"), and with its slot as well where the object has a second
  // live record.
  std::string Dot() const;

 private:
  std::vector<Node> nodes_;
  std::vector<Edge> edges_;
};

}  // namespace holdfast

#endif  // HOLDFAST_MODEL_RULES_DEPENDENCY_GRAPH_H_
