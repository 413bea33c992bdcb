// Implementations that keep a run from its end: the model, with HOLDFAST_PLANTED in it.
#include <chrono>
#include <cstdint>
#include <memory>
#include <thread>

#include "model/profile.h"
#include "properties/lockstep/model_sut.h"
#include "sut/entry.h"

namespace holdfast {
namespace {

using std::chrono::milliseconds;

enum class Planted {
  kSlow,         // each call takes 0.2 s
  kSlowObserve,  // each look takes 2 ms
  kCounting,     // counts its calls, and nobody reads the count
  kManyRecords,  // shows two million records once a domain is preserved
  kLate,         // refuses every call after the thousandth
  kRare,         // refuses the eighth device beside nine files
};

constexpr Planted kPlanted = Planted::HOLDFAST_PLANTED;

class Sleeper : public ModelSut {
 public:
  explicit Sleeper(Error planted) : ModelSut(*FindProfile("v3"), std::move(planted)) {}

  std::string name() const override { return "planted"; }
  void Run(const Command& command, Outcome& outcome) override {
    if (kPlanted == Planted::kSlow) std::this_thread::sleep_for(milliseconds(200));
    ModelSut::Run(command, outcome);
  }
  void Observe(Observation& observation) override {
    if (kPlanted == Planted::kSlowObserve) std::this_thread::sleep_for(milliseconds(2));
    ModelSut::Observe(observation);
    if (kPlanted == Planted::kManyRecords && !observation.state.flb.domains.empty())
      observation.state.flb.domains.resize(2'000'000);
  }
};

Sut* Make() {
  return new Sleeper([](const Command& command, Outcome& outcome, ModelSut::Memory& memory) {
    constexpr bool kCounts = kPlanted == Planted::kCounting || kPlanted == Planted::kLate;
    if (kCounts) ++memory.hidden;
    if (kPlanted == Planted::kLate && memory.hidden > 1000) outcome.error = -7;
    const bool rare = command.verb == Verb::kPreserveDevice && command.device == 7 &&
                      outcome.error == 0 && memory.state.files > 8;
    if (kPlanted == Planted::kRare && rare) outcome.error = -7;
  });
}

}  // namespace
}  // namespace holdfast

extern "C" __attribute__((visibility("default"))) const holdfast::SutEntry* holdfast_sut_entry() {
  static const holdfast::SutEntry entry = {.make = holdfast::Make};
  return &entry;
}
