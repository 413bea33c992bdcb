#include "cli/report/records_json.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

#include "model/rules/dependency_graph.h"

namespace holdfast {
namespace {

constexpr std::size_t kMostRecords = 48;

template <typename Slot>
std::size_t Live(const std::vector<Slot>& chain) {
  return static_cast<std::size_t>(
      std::ranges::count_if(chain, [](const Slot& slot) { return !slot.deleted; }));
}

std::string_view KindName(DependencyGraph::Kind kind) {
  switch (kind) {
    case DependencyGraph::Kind::kDevice: return "device";
    case DependencyGraph::Kind::kDomain: return "domain";
    case DependencyGraph::Kind::kHw: return "iommu";
  }
  return "";
}

std::string ObjectName(const DependencyGraph::Node& node) {
  const std::string word = node.kind == DependencyGraph::Kind::kDevice   ? "dev"
                           : node.kind == DependencyGraph::Kind::kDomain ? "dom"
                                                                         : "iommu";
  return word + (node.object == kNone ? "?" : std::to_string(node.object));
}

}  // namespace

Json RecordsJson(const Flb& flb) {
  const std::size_t live = Live(flb.iommus) + Live(flb.domains) + Live(flb.devices);
  Json json = {{"live", live}, {"nodes", Json::array()}, {"edges", Json::array()}};
  if (live > kMostRecords) return json;
  const DependencyGraph graph(flb);
  for (std::size_t i = 0; i < graph.nodes().size(); ++i) {
    const DependencyGraph::Node& node = graph.nodes()[i];
    const auto needed_by = static_cast<std::uint32_t>(graph.InDegree(static_cast<int>(i)));
    const bool miscounted =
        node.live && node.kind == DependencyGraph::Kind::kHw && node.ref_count != needed_by;
    Json& added = json["nodes"].emplace_back(
        Json{{"kind", KindName(node.kind)}, {"slot", PrintSlotRef(node.slot)}});
    if (node.live) added.update({{"object", ObjectName(node)}, {"ref_count", node.ref_count}});
    added.update({{"needed_by", needed_by}, {"broken", !node.live || miscounted}});
  }
  for (const DependencyGraph::Edge& edge : graph.edges()) {
    const bool broken = !graph.nodes()[static_cast<std::size_t>(edge.to)].live;
    json["edges"].push_back({{"from", edge.from}, {"to", edge.to}, {"broken", broken}});
  }
  return json;
}

}  // namespace holdfast
