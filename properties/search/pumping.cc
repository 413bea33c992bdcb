#include "properties/search/pumping.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "model/explore/canonical.h"
#include "model/step.h"
#include "properties/lockstep/fingerprint.h"
#include "properties/lockstep/state_words.h"
#include "properties/lockstep/lockstep.h"

namespace holdfast {
namespace {

// The world's canonical states and the edges between them, of the model alone.
class Graph {
 public:
  struct Edge {
    std::uint32_t from, to;
    std::size_t command;
  };

  Graph(const World& world, const Profile& profile) : alphabet_(Alphabet(world)) {
    std::vector<State> states = {Canonical(InitialState(world.topology))};
    Number(states[0]);
    ways_.emplace_back();
    Outcome outcome;
    for (std::uint32_t from = 0; from < states.size(); ++from) {
      out_.emplace_back();
      for (std::size_t i = 0; i < alphabet_.size(); ++i) {
        if (!Calls(world, states[from], alphabet_[i])) continue;
        State to = states[from];
        StepInPlace(world.topology, profile, to, alphabet_[i], outcome);
        if (Duplicates(alphabet_[i], outcome.fault_fired) || to.crashed || !Within(world, to))
          continue;
        const std::uint32_t number = Number(Canonical(to));
        if (number == states.size()) {
          states.push_back(Canonical(to));
          ways_.push_back(ways_[from]);
          ways_.back().push_back(alphabet_[i]);
        }
        out_[from].push_back(edges_.size());
        edges_.push_back({from, number, i});
      }
    }
  }

  const std::vector<Edge>& edges() const { return edges_; }
  std::size_t states() const { return out_.size(); }
  const std::vector<Command>& WayTo(std::uint32_t state) const { return ways_[state]; }

  // A shortest loop that begins with the edge; empty if no way leads back.
  std::vector<Command> LoopOf(const Edge& edge) const {
    std::vector<std::size_t> by(out_.size(), edges_.size());  // the edge that first led to a state
    std::vector<std::uint32_t> queue = {edge.to};
    for (std::size_t i = 0; i < queue.size() && queue.back() != edge.from; ++i) {
      for (const std::size_t next : out_[queue[i]]) {
        const std::uint32_t to = edges_[next].to;
        if (to == edge.to || by[to] != edges_.size()) continue;
        by[to] = next;
        queue.push_back(to);
        if (to == edge.from) break;
      }
    }
    std::vector<Command> loop;
    if (queue.back() != edge.from) return loop;
    for (std::uint32_t at = edge.from; at != edge.to; at = edges_[by[at]].from)
      loop.push_back(alphabet_[edges_[by[at]].command]);
    loop.push_back(alphabet_[edge.command]);
    std::reverse(loop.begin(), loop.end());
    return loop;
  }

 private:
  std::uint32_t Number(const State& state) {
    words_.clear();
    AppendState(state, words_);
    return numbers_.Insert(FingerprintOf(words_)).first;
  }

  const std::vector<Command> alphabet_;
  FingerprintSet numbers_;
  std::vector<std::uint64_t> words_;
  std::vector<Edge> edges_;
  std::vector<std::vector<std::size_t>> out_;  // by state: its edges
  std::vector<std::vector<Command>> ways_;     // by state: a shortest sequence to it
};

// Pages that the records and the tables of what is preserved take.
int PagesOf(const State& state, const Layout& layout) {
  const auto bits = [](unsigned word) { return __builtin_popcount(word); };
  int pages = bits(state.kho.iommus) + bits(state.kho.domains) + bits(state.kho.devices);
  const auto chain = [](std::size_t slots, std::uint32_t capacity) {
    return std::max(1, static_cast<int>((slots + capacity - 1) / capacity));
  };
  for (const auto& [flb, present] :
       {std::pair(&state.flb, state.flb.present),
        std::pair(&state.incoming.flb, state.incoming.flb.present && !state.incoming.lost)}) {
    if (!present) continue;
    pages += 1 + chain(flb->iommus.size(), layout.Capacity(layout.hw)) +
             chain(flb->domains.size(), layout.Capacity(layout.domain)) +
             chain(flb->devices.size(), layout.Capacity(layout.device));
  }
  return pages;
}

struct Measured {
  State state;
  Usage usage;
};

Growth Between(const Measured& before, const Measured& after, const Layout& layout, int turns) {
  const auto each = [turns](auto then, auto now) {
    return (static_cast<int>(now) - static_cast<int>(then)) * 100 / turns;
  };
  const auto extra = [&](const Measured& at) {
    return static_cast<int>(at.usage.pages) - PagesOf(at.state, layout);
  };
  return {.hw_slots = each(before.state.flb.iommus.size(), after.state.flb.iommus.size()),
          .domain_slots = each(before.state.flb.domains.size(), after.state.flb.domains.size()),
          .device_slots = each(before.state.flb.devices.size(), after.state.flb.devices.size()),
          .references = each(before.state.flb_refs, after.state.flb_refs),
          .objects = each(before.usage.objects, after.usage.objects),
          .pages = each(extra(before), extra(after))};
}

}  // namespace

std::string PrintGrowth(const Growth& growth) {
  std::string text;
  const auto add = [&text](int hundredths, const std::string& noun) {
    if (hundredths == 0) return;
    const std::string whole = std::to_string(hundredths / 100),
                      rest = std::to_string(hundredths % 100 + 100).substr(1);
    text += (text.empty() ? "" : ", ") + whole + (rest == "00" ? "" : "." + rest) + " " + noun +
            (hundredths == 100 ? "" : "s");
  };
  add(growth.hw_slots, "hw slot");
  add(growth.domain_slots, "domain slot");
  add(growth.device_slots, "device slot");
  add(growth.references, "reference");
  add(growth.objects, "object");
  add(growth.pages, "page");
  return text.empty() ? "nothing" : text;
}

PumpResult Pump(Sut& sut, const PumpOptions& options) {
  World world = options.world;
  world.allowed = 0;
  const Graph graph(world, options.profile);
  PumpResult result;
  result.states = graph.states();
  Lockstep lockstep(sut);
  lockstep.set_recorder(options.recorder);
  for (const Graph::Edge& edge : graph.edges()) {
    if (options.deadline.passed()) {
      result.finished = false;
      break;
    }
    const std::vector<Command> turn = graph.LoopOf(edge);
    if (turn.empty()) {
      ++result.open;
      continue;
    }
    Scenario scenario = {options.profile, world.topology, graph.WayTo(edge.from)};
    std::vector<Command>& commands = scenario.commands;
    lockstep.Begin(scenario.topology, scenario.profile);
    bool conforms = !lockstep.divergence();
    for (std::size_t i = 0; conforms && i < commands.size(); ++i)
      conforms = lockstep.Run(commands[i]);
    Measured first, last;
    for (int i = 0; conforms && i < options.turns; ++i) {
      for (const Command& command : turn) {
        commands.push_back(command);
        if (!(conforms = lockstep.Run(command))) break;
      }
      if (conforms && (i == 0 || i + 1 == options.turns))
        AskSut([&] { (i == 0 ? first : last) = Measured{lockstep.state(), sut.Measure()}; });
    }
    if (!conforms) {
      result.counterexample = {std::move(scenario), *lockstep.divergence()};
      break;
    }
    ++result.loops;
    const Growth growth = Between(first, last, sut.layout(), options.turns - 1);
    if (growth == Growth()) continue;
    const Loop loop = {graph.WayTo(edge.from), turn, growth};
    const auto known = std::find_if(result.growing.begin(), result.growing.end(),
                                    [&](const Loop& l) { return l.growth == growth; });
    if (known != result.growing.end()) {
      ++known->alike;
    } else {
      result.growing.push_back(loop);
    }
    if (growth.leaks() && !result.leak) result.leak = loop;
  }
  result.commands = lockstep.tally().commands;
  return result;
}

}  // namespace holdfast
