// The worth of the generators: writes the full table to standard output. docs/generation.md has the
// summary.
//
// The random part alone looks for every mutant, also for those that hide (sut/mutants/faulty.bzl)
// and those that lie deep (deep_mutants.h). It runs with all ideas of the generators, without each
// idea, and without any. RapidCheck's own stateful testing runs beside it. All figures are
// commands, so the bytes are the same on every machine.
//
//   bazel run -c opt //properties/study:generation_report > FILE
//
// Exit status 1 if a mutant of up to eight commands is missed by more than one seed of a
// hundred.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "model/profile.h"
#include "properties/study/commands_to_detection.h"
#include "properties/study/deep_mutants.h"
#include "properties/generate/ideas.h"
#include "properties/lockstep/loaded_sut.h"
#include "properties/study/rc_state.h"
#include "sut/mutants/mutants.h"
#include "sut/runfiles.h"
#include "sut/sut.h"

namespace holdfast {
namespace {

constexpr std::uint64_t kSeeds = 20;        // of each comparison
constexpr std::uint64_t kBudget = 100'000;  // commands of one of its runs
constexpr std::uint64_t kManySeeds = 100;   // of the figure
// commands: less than ten seconds of one core (//properties:benchmark)
constexpr std::uint64_t kTenSeconds = 5'000'000;
constexpr std::uint64_t kRcSeeds = 10;
constexpr std::uint64_t kRcBudget = 20'000;
constexpr std::size_t kShallow = 8;  // commands of the shortest sequence

struct Variant {
  const char* name;
  Ideas ideas;
};
constexpr Variant kVariants[] = {
    {"all", {}},
    {"no swarm", {.swarm = false}},
    {"no unseen", {.unseen = false}},
    {"no lengths", {.lengths = false}},
    {"no repetition", {.repetition = false}},
    {"none", kNoIdeas},
};
constexpr std::size_t kVariantCount = std::size(kVariants);

enum class Kind { kCore, kHiding, kDeep };

// Seeds that found a mutant, by how many commands each took.
class Finds {
 public:
  void Add(std::optional<std::uint64_t> commands, std::uint64_t budget) {
    commands_.push_back(commands.value_or(budget));
    found_ += commands.has_value();
  }
  std::size_t runs() const { return commands_.size(); }
  std::size_t found() const { return found_; }
  // A seed that found nothing counts as a find at the end of its budget.
  std::uint64_t Median() const {
    std::vector<std::uint64_t> sorted = commands_;
    std::sort(sorted.begin(), sorted.end());
    return sorted[sorted.size() / 2];
  }
  std::uint64_t Most() const { return *std::max_element(commands_.begin(), commands_.end()); }
  double Logarithm() const {
    double sum = 0;
    for (const std::uint64_t commands : commands_) sum += std::log(static_cast<double>(commands));
    return sum / static_cast<double>(commands_.size());
  }

 private:
  std::vector<std::uint64_t> commands_;
  std::size_t found_ = 0;
};

struct Subject {
  Kind kind;
  std::string name;
  std::string profile;
  std::size_t depth;
  std::array<Finds, kVariantCount> by_variant = {};
  Finds many = {};
  Finds rc = {};
  std::vector<std::size_t> rc_shrunk = {};  // lengths
  std::set<std::string> rc_texts = {};
};

void Measure(Sut& sut, Subject& subject) {
  const Profile profile = On(subject.profile);
  for (std::uint64_t seed = 1; seed <= kManySeeds; ++seed) {
    const std::optional<std::uint64_t> commands =
        CommandsToDetection(sut, profile, {}, seed, kTenSeconds);
    subject.many.Add(commands, kTenSeconds);
    if (seed <= kSeeds)
      subject.by_variant[0].Add(commands && *commands <= kBudget ? commands : std::nullopt,
                                kBudget);
  }
  for (std::size_t i = 1; i < kVariantCount; ++i) {
    for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
      subject.by_variant[i].Add(
          CommandsToDetection(sut, profile, kVariants[i].ideas, seed, kBudget), kBudget);
    }
  }
  for (std::uint64_t seed = 1; seed <= kRcSeeds; ++seed) {
    std::uint64_t commands = 0;
    RcStateResult result;
    for (std::uint64_t check = 0; commands < kRcBudget && !result.failed; ++check) {
      result = CheckRcState(sut, profile, seed * 1'000'000 + check);
      commands += result.commands;
    }
    subject.rc.Add(result.failed && commands <= kRcBudget ? std::optional(commands) : std::nullopt,
                   kRcBudget);
    if (!result.failed) continue;
    subject.rc_shrunk.push_back(result.shrunk);
    subject.rc_texts.insert(result.text);
  }
  fmt::print(stderr, "{}\n", subject.name);
}

std::vector<Subject> MeasureAll() {
  std::vector<Subject> subjects;
  for (const Mutant& mutant : CoreMutants()) {
    if (mutant.equivalent()) continue;
    subjects.push_back({.kind = Kind::kCore,
                        .name = std::string(mutant.short_name()),
                        .profile = std::string(mutant.profile),
                        .depth = *mutant.depth});
    Measure(*Loaded(std::string(mutant.name)), subjects.back());
  }
  constexpr std::pair<const char*, std::size_t> kHiding[] = {{"hides_after_hw_failure", 5},
                                                             {"hides_behind_the_records", 4},
                                                             {"hides_until_the_sixth", 13},
                                                             {"hides_in_dead_records", 7},
                                                             {"needs_four_devices", 6}};
  for (const auto& [name, depth] : kHiding) {
    subjects.push_back({.kind = Kind::kHiding, .name = name, .profile = "v3", .depth = depth});
    Measure(*Loaded(Runfile(fmt::format("sut/mutants/{}.so", name))), subjects.back());
  }
  for (const DeepMutant& mutant : DeepMutants()) {
    subjects.push_back({.kind = Kind::kDeep,
                        .name = std::string(mutant.name),
                        .profile = "v3",
                        .depth = mutant.depth});
    ModelSut sut = Planted(mutant);
    Measure(sut, subjects.back());
  }
  return subjects;
}

std::string Head(const std::string& first) {
  std::string head = first, line = "|---|";
  for (const Variant& variant : kVariants)
    head += fmt::format(" {} |", variant.name), line += "---|";
  return head + "\n" + line + "\n";
}

// The median, or "-" if fewer than half of the seeds found the mutant.
std::string Cell(const Finds& finds) {
  return 2 * finds.found() <= finds.runs() ? "-" : fmt::format("{}", finds.Median());
}

std::string Row(const std::string& name, const std::vector<Subject>& subjects,
                std::optional<Kind> kind) {
  std::string row = fmt::format("| {} |", name);
  for (std::size_t i = 0; i < kVariantCount; ++i) {
    std::size_t runs = 0, found = 0, count = 0;
    double logarithms = 0;
    for (const Subject& subject : subjects) {
      if (kind && subject.kind != *kind) continue;
      runs += subject.by_variant[i].runs();
      found += subject.by_variant[i].found();
      logarithms += subject.by_variant[i].Logarithm();
      ++count;
    }
    row += fmt::format(" {}, {:.0f} |", runs - found,
                       std::exp(logarithms / static_cast<double>(count)));
  }
  return row + "\n";
}

std::string WithoutEach(const std::vector<Subject>& subjects) {
  std::string text = fmt::format(
      "## Without each idea\n\n"
      "{} seeds, {} commands at most. Each cell: runs that found nothing, and the geometric mean "
      "of the commands that a run took, with one that found nothing\n"
      "counted as if it had at its end.\n\n",
      kSeeds, kBudget);
  const auto count = [&](Kind kind) {
    return std::count_if(subjects.begin(), subjects.end(),
                         [&](const Subject& subject) { return subject.kind == kind; });
  };
  text += Head("| mutants |");
  text += Row(fmt::format("{} planted in the core", count(Kind::kCore)), subjects, Kind::kCore);
  text += Row(fmt::format("{} that hide", count(Kind::kHiding)), subjects, Kind::kHiding);
  text += Row(fmt::format("{} that lie deep", count(Kind::kDeep)), subjects, Kind::kDeep);
  text += Row("all", subjects, std::nullopt);
  return text;
}

bool IsHard(const Subject& subject) {
  return subject.kind != Kind::kCore || subject.by_variant[0].Median() >= 1000 ||
         subject.by_variant[kVariantCount - 1].Median() >= 1000;
}

std::string Hard(const std::vector<Subject>& subjects) {
  std::string text =
      "\n## One by one\n\n"
      "Those that hide, those that lie deep, and of the others the ones that take a thousand "
      "commands "
      "with all ideas or with none. *Shortest*: commands of the shortest\n"
      "sequence. Each cell: the median of the commands, `-` where it is over the budget.\n\n";
  std::string head = Head("| mutant | shortest |");
  text += head.replace(head.find("|---|"), 5, "|---|---|");
  for (const Subject& subject : subjects) {
    if (!IsHard(subject)) continue;
    text += fmt::format("| {} | {} |", subject.name, subject.depth);
    for (const Finds& finds : subject.by_variant) text += fmt::format(" {} |", Cell(finds));
    text += "\n";
  }
  return text;
}

// The figure. `missed` are the mutants that the figure does not hold for.
std::string Figure(const std::vector<Subject>& subjects, std::vector<std::string>& missed) {
  std::size_t shallow = 0, every = 0;
  const Subject* slowest = nullptr;
  for (const Subject& subject : subjects) {
    every += subject.many.found() == subject.many.runs();
    if (!slowest || subject.many.Most() > slowest->many.Most()) slowest = &subject;
    if (subject.depth > kShallow) continue;
    ++shallow;
    const auto& many = subject.many;
    if (many.found() + 1 < many.runs())
      missed.push_back(fmt::format("{} ({} of {})", subject.name, many.found(), many.runs()));
  }
  std::string text = fmt::format(
      "\n## A hundred seeds\n\n"
      "The random part alone, default settings, {} commands at most, which one core does in less "
      "than ten seconds (`bazel run -c opt //properties:benchmark`).\n\n"
      "- {} mutants have a sequence of up to {} commands. {} of them are found by at least 99 of "
      "{} seeds{}.\n"
      "- {} of all {} are found by every seed, whatever their depth.\n"
      "- The slowest of all runs found {} after {} commands.\n",
      kTenSeconds, shallow, kShallow, shallow - missed.size(), kManySeeds,
      missed.empty() ? "" : fmt::format("; not {}", fmt::join(missed, ", ")), every,
      subjects.size(), slowest->name, slowest->many.Most());
  return text;
}

std::string BesideRapidCheck(const std::vector<Subject>& subjects) {
  std::size_t runs = 0, found = 0, ours_found = 0, ours_runs = 0, longer = 0, shrunk = 0,
              compared = 0;
  double ours = 0, theirs = 0;
  std::string rows;
  for (const Subject& subject : subjects) {
    runs += subject.rc.runs();
    found += subject.rc.found();
    ours_runs += subject.many.runs();
    ours_found += subject.many.found();
    ours += subject.by_variant[0].Logarithm();
    theirs += subject.rc.Logarithm();
    ++compared;
    for (const std::size_t length : subject.rc_shrunk) longer += length > subject.depth, ++shrunk;
    if (!IsHard(subject)) continue;
    std::vector<std::size_t> lengths = subject.rc_shrunk;
    std::sort(lengths.begin(), lengths.end());
    rows += fmt::format("| {} | {} | {} | {}/{} | {} | {} | {} |\n", subject.name,
                        Cell(subject.by_variant[0]), subject.depth, subject.rc.found(),
                        subject.rc.runs(), Cell(subject.rc),
                        lengths.empty() ? "" : fmt::format("{}", lengths[lengths.size() / 2]),
                        subject.rc_texts.empty() ? "" : fmt::format("{}", subject.rc_texts.size()));
  }
  return fmt::format(
             "\n## Beside RapidCheck's own stateful testing\n\n"
             "`rc::state` as its manual has it (properties/study/rc_state.h), on the same mutants, "
             "{} seeds, "
             "{} commands at most; a command costs it about five\n"
             "times as much. Of its {} runs {} found the mutant; of ours {} of {}. The geometric "
             "mean of the commands is {:.0f}, ours {:.0f}. "
             "It shrinks greedily, so {} of its {} answers are\n"
             "longer than the shortest sequence. Ours is that sequence, and one text for all seeds "
             "(docs/detection.md).\n\n"
             "*Length*: the median of what it shrank to. *Texts*: how many different answers it "
             "gave.\n\n"
             "| mutant | ours: commands | length | rc::state: found | commands | length | texts "
             "|\n|---|---|---|---|---|---|---|\n",
             kRcSeeds, kRcBudget, runs, found, ours_found, ours_runs,
             std::exp(theirs / static_cast<double>(compared)),
             std::exp(ours / static_cast<double>(compared)), longer, shrunk) +
         rows;
}

int Run() {
  const std::vector<Subject> subjects = MeasureAll();
  std::vector<std::string> missed;
  std::string text =
      "# Generation that digs\n\n"
      "What the random part is worth, idea by idea. Written by\n"
      "`bazel run -c opt //properties/study:generation_report > FILE`; the same bytes on every "
      "machine.\n"
      "docs/generation.md describes the ideas and the kinds of mutant.\n\n";
  text += WithoutEach(subjects);
  text += Figure(subjects, missed);
  text += BesideRapidCheck(subjects);
  text += Hard(subjects);
  fmt::print("{}", text);
  return missed.empty() ? 0 : 1;
}

}  // namespace
}  // namespace holdfast

int main(int argc, char** argv) {
  if (argc > 1) {
    fmt::print(stderr, "generation_report: {}: expected no argument\n", argv[1]);
    return 2;
  }
  return holdfast::Run();
}
