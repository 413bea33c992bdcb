// The pages of the records, moved apart.
//
// The pages of records lie one behind the other, so code that runs over the end of a page reads
// records all the same, and nothing shows. Each kernel is free to place its pages. So before an
// image is damaged, its pages are moved apart.
#ifndef HOLDFAST_SUT_KERNEL_ADAPTER_SPREAD_RECORDS_H_
#define HOLDFAST_SUT_KERNEL_ADAPTER_SPREAD_RECORDS_H_

#include <array>
#include <cstddef>
#include <vector>

#include "sut/kernel/binding.h"
#include "sut/kernel/records.h"

namespace holdfast::kernel {

inline constexpr Chain kChains[] = {Chain::kHw, Chain::kDomain, Chain::kDevice};

// The pages of the records that came over: the top record's, and each chain's in order. Of a sound
// image.
struct RecordPages {
  int top = -1;
  std::array<std::vector<int>, 3> chains;

  std::vector<int>& Of(Chain chain) { return chains[static_cast<std::size_t>(chain)]; }
  const std::vector<int>& Of(Chain chain) const { return chains[static_cast<std::size_t>(chain)]; }
};
RecordPages PagesOfRecords(const RecordLayout& layout);

// Gives each page of records another place, with a freed page behind it, and follows with every
// address in the records. Of a sound image that nobody has looked at yet. False: the machine has no
// memory for that.
bool SpreadRecords(const RecordLayout& layout);

}  // namespace holdfast::kernel

#endif  // HOLDFAST_SUT_KERNEL_ADAPTER_SPREAD_RECORDS_H_
