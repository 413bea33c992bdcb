#include "properties/search/product/counters.h"

#include <algorithm>
#include <set>
#include <tuple>
#include <vector>

#include "properties/lockstep/lockstep.h"
#include "properties/generate/turn.h"

namespace holdfast {
namespace {

// Turns that are watched, and how many of them must be new to a field. More turns than a short
// cycle has values, and few enough for the byte above the lowest to stand nearly still.
constexpr std::size_t kTurns = 24, kNew = 18;
// Places of a turn at which the memory is looked at.
constexpr std::size_t kLooks = 16;

// A field at one moment of a turn: the moment, the place, and which of the fields with that place.
using Moment = std::tuple<std::size_t, std::uint64_t, std::size_t>;
using Values = std::map<Moment, std::vector<std::uint64_t>>;  // by turn

// How many different values the words take in these bits.
std::size_t Different(const std::vector<std::uint64_t>& values, std::uint64_t bits) {
  std::set<std::uint64_t> different;
  for (const std::uint64_t value : values) different.insert(value & bits);
  return different.size();
}

// The bytes of the counter in a field; 0: the field is none. The rest of the field comes back: a
// flag may stand beside a counter.
std::uint64_t BytesThatCount(const std::vector<std::uint64_t>& values) {
  std::uint64_t rest = ~std::uint64_t{0};
  if (Different(values, rest) < kNew) return 0;
  while (Different(values, rest) >= kNew) {
    std::uint64_t liveliest = 0;
    for (int shift = 0; shift < 64; shift += 8) {
      const std::uint64_t byte = rest & std::uint64_t{0xff} << shift;
      if (Different(values, byte) > Different(values, liveliest)) liveliest = byte;
    }
    rest &= ~liveliest;
  }
  return ~rest;
}

}  // namespace

Counters::Counters(Sut& sut, const Profile& profile, const World& world, FlightRecorder* recorder,
                   const Deadline& deadline) {
  Lockstep lockstep(sut);
  lockstep.set_recorder(recorder);
  lockstep.set_deadline(deadline);
  lockstep.Begin(world.topology, profile);
  State model = lockstep.state();
  CanonicalMemory memory;
  memory.with_places = true;
  Values values;
  for (std::size_t turn = 0; turn < kTurns; ++turn) {
    const std::vector<Command> calls = MakeTurn(world, profile, model);
    const std::size_t stride = std::max(std::size_t{1}, calls.size() / kLooks);
    for (std::size_t i = 0; i < calls.size(); ++i) {
      try {
        if (!lockstep.Run(calls[i])) return;  // the search will find this, and shorter
      } catch (const Exhausted&) {
        return;
      } catch (const OutOfTime&) {
        return;
      }
      if (i % stride != 0) continue;
      bool has_canonical_state = false;
      AskSut([&] { has_canonical_state = sut.Canonicalize(Past::kForgotten, memory); });
      if (!has_canonical_state) return;
      std::map<std::uint64_t, std::size_t> alike;
      for (std::size_t word = 0; word < memory.words.size(); ++word) {
        const std::uint64_t place = memory.places[word];
        if (place != 0) values[{i, place, alike[place]++}].push_back(memory.words[word]);
      }
    }
  }
  for (const auto& [moment, of_turns] : values) {
    if (const std::uint64_t bytes = BytesThatCount(of_turns)) bytes_[std::get<1>(moment)] |= bytes;
  }
}

bool Counters::Widen() {
  bool widened = false;
  for (auto& [place, bytes] : bytes_) {
    constexpr std::uint64_t kLow = 0xffff'ffff;
    const std::uint64_t wide =
        ((bytes & kLow) != 0 ? kLow : 0) | ((bytes & ~kLow) != 0 ? ~kLow : 0);
    widened |= wide != bytes;
    bytes = wide;
  }
  return widened;
}

void Counters::Blank(CanonicalMemory& memory) const {
  for (std::size_t word = 0; word < memory.words.size(); ++word) {
    const auto found = bytes_.find(memory.places[word]);
    if (found != bytes_.end()) memory.words[word] &= ~found->second;
  }
}

}  // namespace holdfast
