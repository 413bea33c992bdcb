// Pumping: loops of the model, run many times on the implementation. Growth with each turn is a
// leak, or is accepted.
//
// A search over canonical states stops when it comes back to a state, and does not see what a loop
// leaves behind. Here every edge of a world is closed to a loop, by a shortest way back to the
// canonical state that it left. The loop is turned many times in lockstep, often enough to fill
// pages. Slots grow as the model says (D19: a device that is preserved and unpreserved spends a
// slot in two chains, until the FLB goes). That growth is listed, with a loop that shows it.
// Anything that the model does not have must not grow: objects of the heap, and pages beyond those
// that the records fill. If these grow, the implementation leaks, whatever its records say.
//
// The caller keeps the contract: a caller that breaks the contract is owed no memory back.
#ifndef HOLDFAST_PROPERTIES_SEARCH_PUMPING_H_
#define HOLDFAST_PROPERTIES_SEARCH_PUMPING_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/profile.h"
#include "model/scenario.h"
#include "model/explore/world.h"
#include "properties/lockstep/counterexample.h"
#include "properties/lockstep/deadline.h"
#include "properties/lockstep/flight_recorder.h"
#include "sut/sut.h"

namespace holdfast {

struct PumpOptions {
  Profile profile;
  World world;                         // its caller is taken to keep the contract
  int turns = 100;                     // of each loop
  FlightRecorder* recorder = nullptr;  // says where the pump is, if its process dies
  Deadline deadline = {};              // given up then
};

// What a turn adds, on the average of all turns but the first, in which something may be made for
// once.
struct Growth {
  int hw_slots = 0, domain_slots = 0, device_slots = 0, references = 0;  // in hundredths
  int objects = 0;                                                       // of the heap
  int pages = 0;  // beyond those that hold records, and the tables of what is preserved

  bool leaks() const { return references != 0 || objects != 0 || pages != 0; }
  bool operator==(const Growth&) const = default;
};
std::string PrintGrowth(const Growth& growth);

struct Loop {
  std::vector<Command> way;  // to where it starts
  std::vector<Command> turn;
  Growth growth;
  std::uint64_t alike = 1;  // loops with the same growth; this one is the first
};

struct PumpResult {
  std::uint64_t states = 0, loops = 0, commands = 0;
  bool finished = true;       // before the deadline
  std::uint64_t open = 0;     // edges from which no way leads back: a handover
  std::vector<Loop> growing;  // one for each growth, in the order of the search
  std::optional<Loop> leak;   // the first one
  std::optional<Counterexample> counterexample;
};

PumpResult Pump(Sut& sut, const PumpOptions& options);

}  // namespace holdfast

#endif  // HOLDFAST_PROPERTIES_SEARCH_PUMPING_H_
