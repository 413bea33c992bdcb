// The JSON of a result as KTAP, the format of the kernel's own test results
// (Documentation/dev-tools/ktap.rst), for the tools that read kernel tests: `kunit.py parse`, the
// selftest runner, a CI. The text has one test with a subtest for each part of a run, or for each
// trace that was replayed. A failure is told in diagnostic lines before its result line.
#ifndef HOLDFAST_CLI_REPORT_KTAP_H_
#define HOLDFAST_CLI_REPORT_KTAP_H_

#include <string>

#include "cli/report/json.h"

namespace holdfast {

// `report` is the JSON of `run` or of `replay`. A part that was not checked is a SKIP. A part that
// is not finished passes, and its result line says how far the part came.
std::string PrintKtap(const Json& report);

}  // namespace holdfast

#endif  // HOLDFAST_CLI_REPORT_KTAP_H_
