// RapidCheck's private API, in one place. The public API offers neither the parameters of one check
// nor its counterexample, so the suite uses rc::detail here and nowhere else.
#ifndef HOLDFAST_PROPERTIES_GENERATE_RAPIDCHECK_H_
#define HOLDFAST_PROPERTIES_GENERATE_RAPIDCHECK_H_

#include <rapidcheck.h>
#include <rapidcheck/detail/Configuration.h>

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace holdfast {

using RcParams = rc::detail::TestParams;
// A property throws it to end a case.
using RcCaseResult = rc::detail::CaseResult;

// The parameters of `text`, written like RC_PARAMS. A parameter that the text lacks is as in
// `defaults`. Throws std::invalid_argument.
inline RcParams ReadRcParams(const std::string& text, const RcParams& defaults) {
  rc::detail::Configuration configuration;
  configuration.testParams = defaults;
  try {
    return rc::detail::configFromString(text, configuration).testParams;
  } catch (const rc::detail::ConfigurationException& error) {
    throw std::invalid_argument(error.what());
  }
}

struct RcResult {
  bool holds;
  bool failed;                                                      // neither: RapidCheck gave up
  std::vector<std::pair<std::string, std::string>> counterexample;  // types and values; `failed`
};

template <typename Property>
RcResult CheckProperty(const Property& property, const RcParams& params) {
  const auto result = rc::detail::checkTestable(property, rc::detail::TestMetadata(), params);
  if (!result.template is<rc::detail::FailureResult>())
    return {result.template is<rc::detail::SuccessResult>(), false, {}};
  return {false, true, result.template get<rc::detail::FailureResult>().counterExample};
}

}  // namespace holdfast

#endif  // HOLDFAST_PROPERTIES_GENERATE_RAPIDCHECK_H_
