#include "cli/callers/concurrent.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <system_error>
#include <utility>
#include <vector>

#include "cli/command_line.h"
#include "cli/report/race.h"
#include "model/text/numbers.h"
#include "model/text/text.h"
#include "model/text/trace_file.h"
#include "properties/callers/describe.h"
#include "properties/callers/explore_callers.h"
#include "properties/callers/schedule_record.h"
#include "sut/child.h"

namespace holdfast {
namespace {

std::string Bounds(const ConcurrentOptions& options) {
  return fmt::format(
      "{} callers of at most {} each, {}", options.callers,
      Count(static_cast<std::uint64_t>(options.calls), "call"),
      options.preemptions == ConcurrentOptions::kAnyNumber
          ? "any preemptions"
          : "at most " + Count(static_cast<std::uint64_t>(options.preemptions), "preemption"));
}

}  // namespace

SutForCallers::SutForCallers(const Module& module) : sut_(module.sut.get()) {
  const std::string file = FileForCallers(module.path);
  if (file.empty()) return;
  auto loaded = LoadModule(file);
  if (const std::string* error = std::get_if<std::string>(&loaded))
    throw std::runtime_error(*error);
  beside_ = std::move(std::get<Module>(loaded));
  sut_ = beside_.sut.get();
}

int ExploreConcurrently(Runner& runner, const Profile& profile, const ConcurrentOptions& options) {
  Sut& sut = runner.sut();
  const std::string subject = fmt::format("{} profile {}", NameOf(sut), PrintProfile(profile));
  if (!sut.callers()) {
    fmt::print(stderr,
               "holdfast: {}: expected an implementation that can stop in a call (sut/callers.h), "
               "built without AddressSanitizer\n",
               NameOf(sut));
    return kBadInput;
  }
  std::vector<CallersWorld> worlds = DefaultCallersWorlds(profile);
  if (worlds.empty()) {
    fmt::print(stderr,
               "holdfast: profile {}: expected live update, and an orchestrator that counts the "
               "references that the profile puts\n",
               PrintProfile(profile));
    return kBadInput;
  }
  for (CallersWorld& world : worlds) {
    world.callers = options.callers;
    world.calls = std::min(world.calls, options.calls);
    if (options.preemptions != ConcurrentOptions::kAnyNumber)
      world.preemptions = options.preemptions;
  }
  CallersSearch search;
  Shared<ScheduleRecord> record;
  const auto job = [&] { search = FindRace(sut, worlds, runner.deadline(), &*record); };
  if (const auto death = runner.Contain(profile, job))
    search.race = EndedRace(*record, worlds, death->found.divergence.ending);
  fmt::print("callers at once: {}\n", subject);
  fmt::print("  world      {}, {} to begin from\n", PrintTopology(worlds.front().topology),
             Count(worlds.size(), "state"));
  fmt::print("  calls     ");
  for (const Command& command : worlds.front().alphabet) {
    fmt::print("{} {}", &command == &worlds.front().alphabet.front() ? "" : ",",
               PrintCommand(command));
  }
  fmt::print("\n  bounds     {}\n", Bounds(options));
  fmt::print("  searched   {} memories, {} moves, {} schedules\n", search.memories, search.moves,
             Grouped(static_cast<std::uint64_t>(search.schedules)));
  if (search.setup_differs) {
    fmt::print("refuted: {}: one caller alone finds a divergence; see holdfast run\n", subject);
    return kDiverges;
  }
  if (search.race) {
    RaceText told = TellRace(*search.race, NameOf(sut));
    KeepRace(told, options.out, options.sut);
    fmt::print("\n{}\nrefuted: {}: {}\n", PrintRace(*search.race, told, "callers at once"), subject,
               SummaryOf(*search.race));
    return kDiverges;
  }
  if (!search.complete) {
    fmt::print("unfinished: {}: the search was stopped\n", subject);
    return kHarnessFailed;
  }
  fmt::print("proved: {}: an order of the calls explains every schedule of {}\n", subject,
             Bounds(options));
  return kConforms;
}

std::optional<std::variant<CallersTrace, std::string>> ReadCallersTrace(const std::string& path) {
  // A pipe can be read once, and the reader of traces says what is wrong with any other file.
  if (std::error_code error; !std::filesystem::is_regular_file(path, error)) return std::nullopt;
  std::ifstream stream(path, std::ios::binary);
  std::string text(kMaxTraceBytes + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(stream.gcount()));
  if (text.size() > kMaxTraceBytes || !HasCallers(text)) return std::nullopt;
  return ParseCallersTrace(text, path);
}

int ReplayCallers(Sut& sut, const CallersTrace& trace) {
  if (!sut.callers()) {
    fmt::print(stderr,
               "holdfast: {}: expected an implementation that can stop in a call (sut/callers.h), "
               "built without AddressSanitizer\n",
               NameOf(sut));
    return kBadInput;
  }
  std::variant<std::optional<Race>, std::string> ran;
  const Ending ending = ContinueInChild([&] { ran = RunCallersTrace(sut, trace); });
  if (ending.kind != Ending::Kind::kReturned) {
    fmt::print("{}: a call has ended its process: {}\n", trace.before.file, PrintEnding(ending));
    return kDiverges;
  }
  if (const std::string* error = std::get_if<std::string>(&ran)) {
    fmt::print(stderr, "holdfast: {}\n", *error);
    return kDiverges;
  }
  const std::optional<Race>& race = std::get<std::optional<Race>>(ran);
  if (!race) return kConforms;
  const RuleInfo& info = InfoOf(race->verdict.rule);
  fmt::print("{}: {} {}\n{}", trace.before.file, info.id, info.name, Describe(*race));
  return kDiverges;
}

}  // namespace holdfast
