// What damaged images showed, as it is told: a line of the part, a table of wrong answers, JSON.
#ifndef HOLDFAST_CLI_REPORT_DAMAGED_IMAGE_H_
#define HOLDFAST_CLI_REPORT_DAMAGED_IMAGE_H_

#include <string>
#include <string_view>

#include "cli/report/json.h"
#include "properties/search/damaged_image.h"

namespace holdfast {

// "120 refused, 150 stopped by a BUG, 102 unnoticed".
std::string CountsOf(const DamagedImageResult& damaged);

// A line for each wrong answer; "" if there is none. With the rule, if one of them is a divergence.
std::string PrintWrongAnswers(const DamagedImageResult& damaged, const std::string& sut_name);

// "R12 handover, damaged image: link of a page of devices followed". There is a divergence.
std::string SummaryOf(const DamagedImageResult& damaged);

// The member `damaged_image` of a run's JSON, and the member `divergence` if there is one. No trace
// damages an image, so the trace is the handover, and the report says what was damaged.
Json DamagedImageJson(const DamagedImageResult& damaged);
Json DivergenceOf(const DamagedImageResult& damaged, const std::string& sut_name,
                  std::string_view origin);

}  // namespace holdfast

#endif  // HOLDFAST_CLI_REPORT_DAMAGED_IMAGE_H_
