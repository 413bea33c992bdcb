// What a finding is about.
#ifndef HOLDFAST_SUT_DETAIL_H_
#define HOLDFAST_SUT_DETAIL_H_

#include <string>

namespace holdfast {

// A sentence, and the code that did it (nullptr: no code is known).
struct Detail {
  std::string text;
  const void* code = nullptr;
};

}  // namespace holdfast

#endif  // HOLDFAST_SUT_DETAIL_H_
