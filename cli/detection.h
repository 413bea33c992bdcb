// What each part of the suite makes of one mutant: the corpus, every short sequence, random
// scenarios, each on its own.
//
// A mutant of a driver port is asked for by callers who keep the contract alone, with faults in the
// depth of its ops: more is not owed.
#ifndef HOLDFAST_CLI_DETECTION_H_
#define HOLDFAST_CLI_DETECTION_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

#include "model/rules/rules.h"
#include "sut/mutants/mutants.h"
#include "sut/sut.h"

namespace holdfast {

struct DetectionOptions {
  int seeds = 10;                 // of the random part, from 1
  std::uint64_t cases = 500'000;  // of one seed, at most
  double seconds = 10;            // of one seed, at most
  int depth = 5;                  // of the exhaustive part
};

// What one part has to say of a mutant; for the random part the median over the seeds that caught
// it.
struct PartDetection {
  int runs = 0;
  int caught = 0;              // of the runs
  std::uint64_t commands = 0;  // checked until the divergence
  double seconds = 0;          // the same, without shrinking
  std::vector<Rule> rules;     // that the shrunk traces name, each once
  std::size_t shrunk = 0;      // commands of the longest shrunk trace
  std::size_t texts = 0;       // different shrunk traces
};
inline auto Members(PartDetection& part) {
  return std::tie(part.runs, part.caught, part.commands, part.seconds, part.rules, part.shrunk,
                  part.texts);
}

struct Detection {
  PartDetection corpus, exhaustive, random;
  // all different shrunk traces, one if all is well; empty if nothing caught it
  std::string trace;
  std::size_t shortest = 0;  // commands of the simplest
  std::string proved;        // what is known of shorter ones
  // of a port: the first at which it fails for this (properties/conformance/levels.h)
  std::string level;
  // to shrink, for each run that caught it; the search is in the first one. The longest first
  std::vector<double> shrink_seconds;
  std::string failure;  // why it is not accounted for; empty if it is
  std::string proof;    // of an equivalent: the world; empty if there is none

  bool caught() const { return corpus.caught + exhaustive.caught + random.caught > 0; }
};
inline auto Members(Detection& detection) {
  return std::tie(detection.corpus, detection.exhaustive, detection.random, detection.trace,
                  detection.shortest, detection.proved, detection.level, detection.shrink_seconds,
                  detection.failure, detection.proof);
}

// Runs `sut`, the loaded mutant, through the parts.
Detection Detect(const Mutant& mutant, Sut& sut, const DetectionOptions& options);

}  // namespace holdfast

#endif  // HOLDFAST_CLI_DETECTION_H_
