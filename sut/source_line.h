// Lines of source for addresses of code, by the debug information of the object that it is in
// (addr2line, of binutils, as every gcc brings it). Costs a process; for reports.
#ifndef HOLDFAST_SUT_SOURCE_LINE_H_
#define HOLDFAST_SUT_SOURCE_LINE_H_

#include <string>
#include <vector>

namespace holdfast {

// "drivers/iommu/liveupdate.c:310": of the first address, innermost first, that lies in an
// implementation's own source and not in the environment's (sut/kernel, sut/ports) or the C
// library's. "" if there is none, or no debug information.
std::string SourceLine(const std::vector<const void*>& addresses);

}  // namespace holdfast

#endif  // HOLDFAST_SUT_SOURCE_LINE_H_
