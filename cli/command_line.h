// The command line: subcommands and their options, as the code of each subcommand declares them.
//
// A narrow face of CLI11. Only command_line.cc includes CLI11's header, because the header alone
// costs six seconds of compilation. A value has one of four types: text, a whole number, seconds,
// a flag. Each type has one reader and one message, for all subcommands.
#ifndef HOLDFAST_CLI_COMMAND_LINE_H_
#define HOLDFAST_CLI_COMMAND_LINE_H_

#include <concepts>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <limits>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace holdfast {

// The exit status of the binary.
enum ExitCode : int {
  kConforms = 0,  // or proved
  kDiverges = 1,  // or refuted
  kBadInput = 2,  // bad usage, or a file that cannot be read or understood
  // the suite itself failed, or its budget ended: nothing is said of the implementation
  kHarnessFailed = 3,
};

// An argument that a subcommand refuses: "--world=4,2: expected ...". The exit status is kBadInput.
class BadArgument : public std::runtime_error {
 public:
  BadArgument(std::string_view name, std::string_view value, std::string_view expected);
};

// An option of a subcommand. A handle: copies are of the same option.
class Option {
 public:
  explicit Option(CLI::Option& option) : option_(&option) {}

  bool given() const;
  // The two cannot be given together.
  Option Excludes(Option other) const;
  // This option has no meaning without the other.
  Option Needs(Option other) const;

 private:
  CLI::Option* option_;
};

// The numbers that an option takes, both ends included.
template <typename T>
struct Range {
  T min, max;
};

// For a count whose only bound is that it fits.
inline constexpr Range<std::uint64_t> kAnyCount = {0, std::numeric_limits<std::uint64_t>::max()};
inline constexpr Range<double> kAnySeconds = {0, 1e6};

// A subcommand. A handle, as Option is. A variable keeps its value if its option is not given, and
// must live until the subcommand has run.
class Subcommand {
 public:
  Subcommand(CLI::App& app, int& status) : app_(&app), status_(&status) {}

  // `name` is "--name", or "name" for an argument by position. `type` stands for the value in
  // --help. An empty value is refused. A value that is set beforehand is shown as the default.
  Option Text(const std::string& name, std::string& value, const std::string& about,
              const std::string& type) const;
  Option RequiredText(const std::string& name, std::string& value, const std::string& about,
                      const std::string& type) const;
  // An option that may be given several times, or the rest of the arguments by position.
  Option Texts(const std::string& name, std::vector<std::string>& values, const std::string& about,
               const std::string& type) const;
  Option RequiredTexts(const std::string& name, std::vector<std::string>& values,
                       const std::string& about, const std::string& type) const;

  // A whole number in decimal digits. A value of the variable outside of the range means that the
  // option is not given, and --help shows no default.
  template <std::integral T>
  Option Count(const std::string& name, T& value, const std::string& about,
               std::type_identity_t<Range<T>> range, const std::string& type = "N") const {
    const bool shown = value >= range.min && value <= range.max;
    return AddCount(
        name, [&value](std::uint64_t count) { value = static_cast<T>(count); }, about,
        {static_cast<std::uint64_t>(range.min), static_cast<std::uint64_t>(range.max)}, type,
        shown ? std::to_string(value) : "");
  }
  template <std::integral T>
  Option Count(const std::string& name, std::optional<T>& value, const std::string& about,
               std::type_identity_t<Range<T>> range, const std::string& type = "N") const {
    return AddCount(
        name, [&value](std::uint64_t count) { value = static_cast<T>(count); }, about,
        {static_cast<std::uint64_t>(range.min), static_cast<std::uint64_t>(range.max)}, type, "");
  }

  // Seconds in decimal digits, with a fraction or without.
  Option Seconds(const std::string& name, std::function<void(double)> set, const std::string& about,
                 Range<double> range, const std::string& shown_default) const;
  Option Seconds(const std::string& name, double& value, const std::string& about,
                 Range<double> range = kAnySeconds) const;

  Option Flag(const std::string& name, bool& value, const std::string& about) const;

  // An option of this subcommand that was added before.
  Option Find(const std::string& name) const;

  // What runs if the subcommand is chosen; the result is the exit status.
  void Runs(std::function<int()> run) const;

  // The arguments as they were given, each after a blank, but for the options in `without`.
  std::string Given(std::initializer_list<std::string_view> without) const;

 private:
  Option AddCount(const std::string& name, std::function<void(std::uint64_t)> set,
                  const std::string& about, Range<std::uint64_t> range, const std::string& type,
                  const std::string& shown_default) const;

  CLI::App* app_;
  int* status_;
};

class CommandLine {
 public:
  CommandLine(const std::string& about, const std::string& footer, const std::string& version);
  ~CommandLine();
  CommandLine(const CommandLine&) = delete;
  CommandLine& operator=(const CommandLine&) = delete;

  Subcommand Add(const std::string& name, const std::string& about, const std::string& footer);

  // Runs the subcommand that was chosen. The result is the exit status. What cannot be understood
  // is complained of on standard error, before the subcommand runs.
  int Run(int argc, char** argv);

 private:
  std::unique_ptr<CLI::App> app_;
  int status_ = kHarnessFailed;  // of the subcommand, once it ran
};

}  // namespace holdfast

#endif  // HOLDFAST_CLI_COMMAND_LINE_H_
