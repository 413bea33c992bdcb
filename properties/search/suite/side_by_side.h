// The parts of the suite side by side: several processes run numbered blocks of the parts, and the
// results are put together in the order of the numbers.
//
// A block depends on its number alone. It runs in a process of its own, forked from this one, and
// this one runs no implementation meanwhile. So what is handed over is the same, byte for byte, for
// every number of processes, whichever of them ends first. What stands behind the first divergence
// is dropped, finished or not.
//
// Time is the exception, because it is for the machine to say how far a block gets. A block that
// its deadline stops counts for what it has done. A divergence that was met in time is not lost.
// If no deadline passes, the number of processes makes no difference.
//
// What an implementation does to its process is a verdict, and the block goes on (Runner). A block
// whose own process is ended all the same is run again, with those behind it.
#ifndef HOLDFAST_PROPERTIES_SEARCH_SUITE_SIDE_BY_SIDE_H_
#define HOLDFAST_PROPERTIES_SEARCH_SUITE_SIDE_BY_SIDE_H_

#include <cstddef>
#include <functional>
#include <vector>

#include "properties/search/suite/suite.h"

namespace holdfast {

// A part, as blocks of cases.
struct Part {
  // The part gets so much of the time that is left when it begins, among those still to come.
  double share = 1;
  std::function<PartResult(const PartContext&, std::size_t block)> run;
  std::size_t blocks = 1;  // kEndless: it must be the last part
};

// Calls `take` here with the result of each part, in their order, as soon as it is known. False: no
// further part is wanted. `take` must not use the context's runner.
//
// `jobs` processes at once. Where the runner runs its jobs here (Runner::Where::kHere), there are
// no processes, and the blocks follow each other.
void RunSideBySide(const PartContext& context, const std::vector<Part>& parts, int jobs,
                   const std::function<bool(PartResult)>& take);

}  // namespace holdfast

#endif  // HOLDFAST_PROPERTIES_SEARCH_SUITE_SIDE_BY_SIDE_H_
