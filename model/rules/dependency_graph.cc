#include "model/rules/dependency_graph.h"

#include <algorithm>
#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/depth_first_search.hpp>
#include <boost/graph/topological_sort.hpp>
#include <boost/graph/visitors.hpp>
#include <cstddef>
#include <iterator>
#include <sstream>

#include "model/rules/live_slot.h"

namespace holdfast {
namespace {

using Kind = DependencyGraph::Kind;
using Node = DependencyGraph::Node;
using Edge = DependencyGraph::Edge;

using BoostGraph = boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS>;

BoostGraph ToBoost(const std::vector<Node>& nodes, const std::vector<Edge>& edges) {
  BoostGraph graph(nodes.size());
  for (const Edge& edge : edges)
    boost::add_edge(static_cast<std::size_t>(edge.from), static_cast<std::size_t>(edge.to), graph);
  return graph;
}

const char* ObjectWord(Kind kind) {
  switch (kind) {
    case Kind::kDevice: return "dev";
    case Kind::kDomain: return "dom";
    case Kind::kHw: return "iommu";
  }
  return "?";
}

std::string ObjectName(const Node& node) {
  return ObjectWord(node.kind) +
         (node.object == kNone ? std::string("?") : std::to_string(node.object));
}

// "device#3", "hw stale".
std::string SlotName(const Node& node) {
  const std::string chain = node.kind == Kind::kDevice   ? "device"
                            : node.kind == Kind::kDomain ? "domain"
                                                         : "hw";
  return chain + (node.slot < 0 ? " " : "") + PrintSlotRef(node.slot);
}

}  // namespace

DependencyGraph::DependencyGraph(const Flb& flb) {
  std::vector<int> domain_nodes(flb.domains.size(), -1);
  for (std::size_t i = 0; i < flb.domains.size(); ++i) {
    const DomainSlot& slot = flb.domains[i];
    if (slot.deleted) continue;
    domain_nodes[i] = static_cast<int>(nodes_.size());
    nodes_.push_back({Kind::kDomain, static_cast<SlotRef>(i), slot.domain, slot.ref_count, true});
  }
  std::vector<int> hw_nodes(flb.iommus.size(), -1);
  for (std::size_t i = 0; i < flb.iommus.size(); ++i) {
    const HwSlot& slot = flb.iommus[i];
    if (slot.deleted) continue;
    hw_nodes[i] = static_cast<int>(nodes_.size());
    nodes_.push_back({Kind::kHw, static_cast<SlotRef>(i), slot.iommu, slot.ref_count, true});
  }
  std::vector<std::pair<int, const DeviceSlot*>> needers;
  for (std::size_t i = 0; i < flb.devices.size(); ++i) {
    const DeviceSlot& slot = flb.devices[i];
    if (slot.deleted) continue;
    needers.emplace_back(static_cast<int>(nodes_.size()), &slot);
    nodes_.push_back({Kind::kDevice, static_cast<SlotRef>(i), slot.device, slot.ref_count, true});
  }
  const std::size_t live = nodes_.size();
  // One broken vertex for each thing that is wrongly named, however many name it.
  const auto broken = [&](Kind kind, SlotRef slot) {
    const Node node = {kind, slot, kNone, 0, false};
    const auto found =
        std::find(nodes_.begin() + static_cast<std::ptrdiff_t>(live), nodes_.end(), node);
    const int position = static_cast<int>(found - nodes_.begin());
    if (found == nodes_.end()) nodes_.push_back(node);
    return position;
  };
  for (const auto& [from, slot] : needers) {
    const bool has_domain = LiveSlot(flb.domains, slot->domain) != nullptr;
    edges_.push_back({from, has_domain ? domain_nodes[static_cast<std::size_t>(slot->domain)]
                                       : broken(Kind::kDomain, slot->domain)});
    const bool has_hw = LiveSlot(flb.iommus, slot->hw) != nullptr;
    edges_.push_back({from, has_hw ? hw_nodes[static_cast<std::size_t>(slot->hw)]
                                   : broken(Kind::kHw, slot->hw)});
  }
}

bool DependencyGraph::ClosedUnderNeeds() const { return BrokenEdges().empty(); }

std::vector<int> DependencyGraph::BrokenEdges() const {
  std::vector<int> broken;
  for (std::size_t i = 0; i < edges_.size(); ++i) {
    if (!nodes_[static_cast<std::size_t>(edges_[i].to)].live) broken.push_back(static_cast<int>(i));
  }
  return broken;
}

bool DependencyGraph::Acyclic() const {
  const BoostGraph graph = ToBoost(nodes_, edges_);
  std::vector<std::size_t> order;
  try {
    boost::topological_sort(graph, std::back_inserter(order));
    return true;
  } catch (const boost::not_a_dag&) {
    return false;
  }
}

int DependencyGraph::InDegree(int node) const {
  return static_cast<int>(
      std::ranges::count_if(edges_, [node](const Edge& edge) { return edge.to == node; }));
}

bool DependencyGraph::CountsAreInDegrees() const {
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    const Node& node = nodes_[i];
    if (node.kind == Kind::kHw && node.live &&
        node.ref_count != static_cast<std::uint32_t>(InDegree(static_cast<int>(i))))
      return false;
  }
  return true;
}

std::vector<int> DependencyGraph::NeedsOf(int node) const {
  const BoostGraph graph = ToBoost(nodes_, edges_);
  std::vector<std::size_t> found;
  std::vector<boost::default_color_type> colours(nodes_.size(), boost::white_color);
  boost::depth_first_visit(
      graph, static_cast<std::size_t>(node),
      boost::make_dfs_visitor(boost::write_property(
          boost::identity_property_map(), std::back_inserter(found), boost::on_discover_vertex())),
      boost::make_iterator_property_map(colours.begin(), boost::get(boost::vertex_index, graph)));
  std::vector<int> needs;
  for (std::size_t position : found) {
    if (static_cast<int>(position) != node) needs.push_back(static_cast<int>(position));
  }
  std::sort(needs.begin(), needs.end());
  return needs;
}

std::string DependencyGraph::Dot() const {
  std::ostringstream dot;
  dot << "digraph needs {\n  rankdir=LR;\n";
  constexpr std::size_t kMost = 1000;  // more are no picture, and their number may be a defect
  if (nodes_.size() > kMost) {
    dot << "  label=\"" << nodes_.size() << " records: too many to draw\";\n}\n";
    return dot.str();
  }
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    const Node& node = nodes_[i];
    const auto same_object = [&](const Node& other) {
      return other.live && other.kind == node.kind && other.object == node.object;
    };
    bool red = !node.live;
    dot << "  \"" << SlotName(node) << "\" [label=\"";
    if (node.live) {
      dot << ObjectName(node);
      if (std::count_if(nodes_.begin(), nodes_.end(), same_object) > 1)
        dot << " " << SlotName(node);
    } else {
      dot << SlotName(node);
      if (node.slot >= 0) dot << " is not live";
    }
    if (node.live && node.kind == Kind::kHw) {
      const auto needed_by = static_cast<std::uint32_t>(InDegree(static_cast<int>(i)));
      red = node.ref_count != needed_by;
      dot << " *" << node.ref_count;
      if (red) dot << ", needed by " << needed_by;
    }
    dot << "\"" << (red ? ", color=red" : "") << "];\n";
  }
  for (const Edge& edge : edges_) {
    const Node& from = nodes_[static_cast<std::size_t>(edge.from)];
    const Node& to = nodes_[static_cast<std::size_t>(edge.to)];
    dot << "  \"" << SlotName(from) << "\" -> \"" << SlotName(to) << "\""
        << (to.live ? "" : " [color=red]") << ";\n";
  }
  dot << "}\n";
  return dot.str();
}

}  // namespace holdfast
