#include "cli/report/damaged_image.h"

#include <cstdint>

#include <fmt/format.h>

#include "model/rules/rules.h"
#include "model/text/trace.h"

namespace holdfast {
namespace {

constexpr DamageAnswer kAnswers[] = {DamageAnswer::kRefused, DamageAnswer::kStopped,
                                     DamageAnswer::kUnnoticed, DamageAnswer::kFollowed,
                                     DamageAnswer::kEndless};

std::string Table(const DamagedImageResult& damaged, const std::string& sut_name) {
  std::string text = fmt::format(
      "damaged images: fields of the records that {} follows, or for ever, if they are damaged "
      "before the first look\n"
      "(docs/model.md, \"Damaged images\"; --hardened makes hazards failures)\n",
      sut_name);
  for (const WrongAnswer& wrong : damaged.wrong_answers) {
    text += fmt::format(
        "  {:<9} {}: {}{}: {}{}\n", DamageAnswerName(wrong.answer), wrong.field.place,
        wrong.field.value, wrong.alike == 1 ? "" : fmt::format(" (and {} more)", wrong.alike - 1),
        wrong.how, wrong.field.every_version_refuses ? "; every version refuses" : "");
  }
  return text;
}

}  // namespace

std::string CountsOf(const DamagedImageResult& damaged) {
  std::string text;
  for (const DamageAnswer answer : kAnswers) {
    const std::uint64_t count = damaged.count(answer);
    if (count == 0 && IsWrong(answer)) continue;
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, DamageAnswerName(answer));
  }
  if (damaged.not_tried != 0) text += fmt::format(", {} not tried", damaged.not_tried);
  return text;
}

std::string PrintWrongAnswers(const DamagedImageResult& damaged, const std::string& sut_name) {
  if (damaged.wrong_answers.empty()) return "";
  if (!damaged.divergence()) return Table(damaged, sut_name);
  const RuleInfo& info = InfoOf(Rule::kHandover);
  return fmt::format(
             "divergence: damaged image\n"
             "rule {} {}: {} (docs/model.md, \"The rules\")\n\n",
             info.id, info.name, info.statement) +
         Table(damaged, sut_name);
}

std::string SummaryOf(const DamagedImageResult& damaged) {
  const RuleInfo& info = InfoOf(Rule::kHandover);
  const WrongAnswer& wrong = *damaged.divergence();
  return fmt::format("{} {}, damaged image: {} {}", info.id, info.name, wrong.field.place,
                     DamageAnswerName(wrong.answer));
}

Json DamagedImageJson(const DamagedImageResult& damaged) {
  Json wrong_answers = Json::array();
  for (const WrongAnswer& wrong : damaged.wrong_answers) {
    wrong_answers.push_back({{"place", wrong.field.place},
                             {"value", wrong.field.value},
                             {"answer", DamageAnswerName(wrong.answer)},
                             {"how", wrong.how},
                             {"alike", wrong.alike},
                             {"every_version_refuses", wrong.field.every_version_refuses}});
  }
  return {{"damages", damaged.damages},
          {"refused", damaged.count(DamageAnswer::kRefused)},
          {"stopped", damaged.count(DamageAnswer::kStopped)},
          {"unnoticed", damaged.count(DamageAnswer::kUnnoticed)},
          {"followed", damaged.count(DamageAnswer::kFollowed)},
          {"endless", damaged.count(DamageAnswer::kEndless)},
          {"not_tried", damaged.not_tried},
          {"wrong_answers", wrong_answers}};
}

Json DivergenceOf(const DamagedImageResult& damaged, const std::string& sut_name,
                  std::string_view origin) {
  const RuleInfo& info = InfoOf(Rule::kHandover);
  const std::string trace = PrintScenario(damaged.handover);
  return {{"origin", origin},
          {"rule", info.id},
          {"rules", {info.id}},
          {"failing_trace", trace},
          {"shrunk_trace", trace},
          {"shortest", "one damaged field, after a handover that is always the same"},
          {"report", Table(damaged, sut_name)},
          {"replay", ""}};
}

}  // namespace holdfast
