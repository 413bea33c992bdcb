// Lines of source for addresses of code, from the debug information of the object that contains the
// address. Asks addr2line, of the binutils that every gcc brings. Costs a process; for reports.
#ifndef HOLDFAST_SUT_SOURCE_LINE_H_
#define HOLDFAST_SUT_SOURCE_LINE_H_

#include <string>
#include <vector>

namespace holdfast {

// "drivers/iommu/liveupdate.c:310": the line of the first address, innermost first, in an
// implementation's own source. The environment (sut/kernel), the project's core and the C library
// do not count; the project's ports count if no other line does. "" if there is no such address, or
// no debug information.
std::string SourceLine(const std::vector<const void*>& addresses);

}  // namespace holdfast

#endif  // HOLDFAST_SUT_SOURCE_LINE_H_
