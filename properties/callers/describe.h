// A race as text: the calls as their callers saw them, who ran when, and why no order explains it.
#ifndef HOLDFAST_PROPERTIES_CALLERS_DESCRIBE_H_
#define HOLDFAST_PROPERTIES_CALLERS_DESCRIBE_H_

#include <string>

#include "properties/callers/explore_callers.h"
#include "sut/callers.h"

namespace holdfast {

// "flb.lock", "the lock of dev0's group", "lock#0".
std::string LockName(int lock);
// "before lock flb.lock", "after unlock flb.lock", "before a driver's op".
std::string PrintPoint(const Point& point);

// Several lines:
//   preserve_file                                           = 0
//   caller a: preserve_device dom0 dev0                     = 0
//   caller b: unpreserve_domain dom0                        = void
//
//   a  preserve_device dom0 dev0: begins, and stops before lock flb.lock
//   b  unpreserve_domain dom0: begins, and ends = void
//   a  preserve_device dom0 dev0: goes on, and ends = 0
//   no order of the calls explains their outcomes: R3 closed
std::string Describe(const Race& race);

}  // namespace holdfast

#endif  // HOLDFAST_PROPERTIES_CALLERS_DESCRIBE_H_
