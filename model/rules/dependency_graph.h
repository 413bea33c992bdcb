// Which record needs which: the live records as a directed graph.
//
// Vertices are the live slots. An edge runs from a record to a record that it needs: a device slot
// needs its domain slot and its hw slot. A reference to a slot that is deleted, stale or missing is
// an edge to a broken vertex. So the graph of a broken state can be built, asked and drawn.
//
// The seed's rule, "an IOMMU stays preserved while any device references it", is two statements
// about this graph. The graph is closed under "needs": no edge ends in a broken vertex. The
// reference count of a hw slot is its in-degree. This is the third form of R1 to R3, beside step.h
// and rules.h. Tests hold the three against each other.
//
// Building is linear in the slots. The graph is for tests and reports. The inner loop of a campaign
// uses CheckState.
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

  // The live domain, hw and device slots, each in the order of their numbers. The broken vertices
  // follow, in the order of the edges.
  const std::vector<Node>& nodes() const { return nodes_; }
  const std::vector<Edge>& edges() const { return edges_; }

  // No record needs a record that is not live.
  bool ClosedUnderNeeds() const;
  // The edges that end in a broken vertex, by position in edges().
  std::vector<int> BrokenEdges() const;
  bool Acyclic() const;
  // How many records need node `node`.
  int InDegree(int node) const;
  // Every live hw slot's ref_count is its in-degree.
  bool CountsAreInDegrees() const;
  // Every node that `node` needs, directly or not, in ascending order. `node` is not among them.
  std::vector<int> NeedsOf(int node) const;

  // Graphviz text. A broken edge, a broken vertex and a wrong count are red. The label of a vertex
  // is its object ("dev0", "iommu0 *2"), and its slot too if the object has a second live record.
  std::string Dot() const;

 private:
  std::vector<Node> nodes_;
  std::vector<Edge> edges_;
};

}  // namespace holdfast

#endif  // HOLDFAST_MODEL_RULES_DEPENDENCY_GRAPH_H_
