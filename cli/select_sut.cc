#include "cli/select_sut.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

#include <fmt/format.h>
#include <unistd.h>

#include "model/text/text.h"
#include "properties/answers/detect_profile.h"
#include "properties/lockstep/runner.h"

namespace holdfast {

void SutOptions::AddTo(const Subcommand& command) {
  command.Text("--sut", sut,
               "implementation under test: a name that `holdfast suts` lists, or FILE.so",
               "NAME|FILE.so");
  command.Text("--profile", profile,
               "version to hold it against: v3 (the seed), v5, off; or one between them, \"v3 "
               "puts-flb\"",
               "PROFILE");
  command.Text("--luo", luo,
               "stage of the orchestrator: off, A, B, C; the profile's own if not given", "STAGE");
}

Option AddInProcess(const Subcommand& command, bool& in_process) {
  return command.Flag(
      "--in-process", in_process,
      "for a debugger: no child process, so what the environment cannot contain ends the run");
}

Option AddJobs(const Subcommand& command, std::optional<int>& jobs, const std::string& about) {
  return command.Count("--jobs", jobs, about + "; as many as there are processors if not given",
                       {1, 256});
}

int Processors() { return std::max(1, static_cast<int>(std::thread::hardware_concurrency())); }

void AddShrinkSeconds(const Subcommand& command, ShrinkBudget& budget) {
  constexpr double kDefault = 60;
  const auto set = [&budget](double seconds) {
    budget.time = std::chrono::duration_cast<std::chrono::steady_clock::duration>(
        std::chrono::duration<double>(seconds));
  };
  set(kDefault);
  command.Seconds("--shrink-seconds", set,
                  "to make a counterexample short, at most; then the best so far",
                  {1e-6, kAnySeconds.max}, "60");
}

std::string BuiltinFor(const Profile& profile) {
  return profile.config_enabled ? "core." + std::string(profile.name) : "stubs";
}

void CheckOut(const std::string& out) {
  if (out.empty()) return;
  std::error_code error;
  std::filesystem::path path = std::filesystem::absolute(out, error);
  while (!std::filesystem::exists(path, error) && path.has_relative_path())
    path = path.parent_path();
  if (!std::filesystem::is_directory(path, error) || access(path.c_str(), W_OK | X_OK) != 0)
    throw BadArgument("--out", out, "a directory to write to");
}

void KeepOrComplain(Minimized& minimized, const std::string& out, const SutOptions& options,
                    const Profile& profile, bool hardened) {
  const std::string error =
      LeaveBehind(minimized, out.empty() ? DefaultOutputDirectory() : out,
                  options.sut.empty() ? BuiltinFor(profile) : options.sut, hardened);
  if (!error.empty()) fmt::print(stderr, "holdfast: {}\n", error);
}

std::variant<SelectedSut, std::string> SelectSut(const SutOptions& options, bool in_process) {
  Profile profile = *FindProfile("v3");
  const auto choose = [&](const std::string& text) -> std::optional<TextError> {
    auto parsed = ParseProfile(text);
    if (TextError* error = std::get_if<TextError>(&parsed)) return std::move(*error);
    profile = std::get<Profile>(parsed);
    return std::nullopt;
  };
  if (!options.profile.empty()) {
    if (const auto error = choose(options.profile))
      return "--profile=" + options.profile + ": expected " + error->expected;
  }
  auto loaded = LoadSut(options.sut.empty() ? BuiltinFor(profile) : options.sut);
  if (const std::string* error = std::get_if<std::string>(&loaded)) return *error;
  Module module = std::move(std::get<Module>(loaded));
  const bool chosen = !options.profile.empty();
  if (!chosen && choose(module.sut->profile())) {
    return module.path +
           ": expected an implementation of a known profile (v3, v5, off), it says \"" +
           module.sut->profile() + "\"; choose one with --profile";
  }
  if (!options.luo.empty()) {
    const auto parsed = ParseProfile(std::string(profile.name) + " luo=" + options.luo);
    if (!std::holds_alternative<Profile>(parsed))
      return "--luo=" + options.luo + ": expected a stage: off, A, B or C";
    profile.luo = std::get<Profile>(parsed).luo;
  }
  if (!chosen && module.sut->profile_is_detected()) {
    Runner runner(*module.sut, in_process ? Runner::Where::kHere : Runner::Where::kInChild);
    profile = AskForAnswers(runner, profile);
  }
  return SelectedSut{std::move(module), profile};
}

}  // namespace holdfast
