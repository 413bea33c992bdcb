#include "cli/command_line.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <set>
#include <system_error>
#include <utility>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/suggest.h"

namespace holdfast {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// The whole text is one number of these digits. No sign, no blank, no hexadecimal, no infinity.
template <typename T>
std::optional<T> ParseNumber(std::string_view text) {
  T number = 0;
  const char* end = text.data() + text.size();
  if (text.empty() || !IsDigit(text.front())) return std::nullopt;
  std::from_chars_result parsed;
  if constexpr (std::floating_point<T>) {
    parsed = std::from_chars(text.data(), end, number, std::chars_format::fixed);
  } else {
    parsed = std::from_chars(text.data(), end, number);
  }
  if (parsed.ec != std::errc() || parsed.ptr != end) return std::nullopt;
  return number;
}

// An argument that is not read is quoted, but not by the page.
std::string Shortened(std::string_view text) {
  constexpr std::size_t kLongest = 60;
  if (text.size() <= kLongest) return std::string(text);
  return std::string(text.substr(0, kLongest)) + "...";
}

// "0.5", "1000000", "0.000001": never with an exponent.
std::string Decimal(double number) {
  std::string text = fmt::format("{:.6f}", number);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text;
}

std::string Expected(std::string_view name, std::string_view what, const std::string& suggestion) {
  return fmt::format("{}: expected {}{}", Shortened(name), what,
                     suggestion.empty() ? "" : "; did you mean " + suggestion + "?");
}

std::string DidYouMean(std::string_view name, std::string_view what,
                       const std::vector<std::string>& names) {
  return Expected(name, what, Nearest(name, names));
}

// The one value of an option, which is not empty.
const std::string& ValueOf(const std::string& name, const CLI::results_t& values) {
  if (values.front().empty()) throw BadArgument(name, "", "a value that is not empty");
  return values.front();
}

bool TakesValue(const CLI::Option& option) { return option.get_items_expected_max() > 0; }

std::vector<std::string> NamesOf(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

// CLI11 takes the next argument for the value of "--name=", and says little about a name that it
// does not know. So each option is looked at before CLI11 sees it.
std::optional<std::string> Mistake(const CLI::App& command, const std::vector<std::string>& args) {
  std::set<std::string> seen;
  for (std::size_t i = 0; i < args.size() && args[i] != "--"; ++i) {
    if (!args[i].starts_with("--")) continue;
    const std::size_t equals = args[i].find('=');
    const bool has_value = equals != std::string::npos;
    const std::string name = args[i].substr(0, equals);
    const CLI::Option* option = command.get_option_no_throw(name);
    if (option == nullptr) return DidYouMean(name, "an option", NamesOf(command));
    if (!TakesValue(*option)) {
      if (has_value) return name + ": expected no value";
      continue;
    }
    const bool next_is_value = i + 1 < args.size() && !args[i + 1].starts_with("--");
    if (has_value ? equals + 1 == args[i].size() : !next_is_value)
      return fmt::format("{}: expected a value, {}={}", name, name, option->get_type_name());
    if (!seen.insert(name).second && option->get_items_expected_max() == 1)
      return name + ": expected once, it is given twice";
    i += !has_value;
  }
  return std::nullopt;
}

// CLI11's word for what is missing or too much is its own.
std::string Explain(const CLI::App& command, const CLI::ParseError& error) {
  if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr)
    return Expected(command.remaining(true).front(), "no such argument", "");
  if (dynamic_cast<const CLI::RequiredError*>(&error) != nullptr) {
    for (const CLI::Option* option : command.get_options()) {
      if (option->get_required() && option->count() == 0)
        return Expected(option->get_type_name(), option->get_description(), "");
    }
  }
  return error.what();
}

int Complain(const std::string& command, const std::string& what) {
  const std::string of = command.empty() ? "" : command + " ";
  fmt::print(stderr, "holdfast: {}\nholdfast: `holdfast {}--help` says what is expected\n", what,
             of);
  return kBadInput;
}

}  // namespace

BadArgument::BadArgument(std::string_view name, std::string_view value, std::string_view expected)
    : std::runtime_error(fmt::format("{}={}: expected {}", name, Shortened(value), expected)) {}

bool Option::given() const { return option_->count() > 0; }

Option Option::Excludes(Option other) const {
  option_->excludes(other.option_);
  return *this;
}

Option Option::Needs(Option other) const {
  option_->needs(other.option_);
  return *this;
}

Option Subcommand::Text(const std::string& name, std::string& value, const std::string& about,
                        const std::string& type) const {
  CLI::Option* option = app_->add_option(
      name,
      [name, &value](const CLI::results_t& values) {
        value = ValueOf(name, values);
        return true;
      },
      about);
  option->type_name(type)->default_str(value);
  return Option(*option);
}

Option Subcommand::RequiredText(const std::string& name, std::string& value,
                                const std::string& about, const std::string& type) const {
  const Option option = Text(name, value, about, type);
  app_->get_option(name)->required();
  return option;
}

Option Subcommand::Texts(const std::string& name, std::vector<std::string>& values,
                         const std::string& about, const std::string& type) const {
  CLI::Option* option = app_->add_option(name, values, about)->type_name(type);
  // An option by name takes one value each time. Arguments by position are all that is left.
  if (name.starts_with("--")) option->allow_extra_args(false);
  return Option(*option);
}

Option Subcommand::RequiredTexts(const std::string& name, std::vector<std::string>& values,
                                 const std::string& about, const std::string& type) const {
  const Option option = Texts(name, values, about, type);
  app_->get_option(name)->required();
  return option;
}

Option Subcommand::AddCount(const std::string& name, std::function<void(std::uint64_t)> set,
                            const std::string& about, Range<std::uint64_t> range,
                            const std::string& type, const std::string& shown_default) const {
  CLI::Option* option = app_->add_option(
      name,
      [name, set = std::move(set), range](const CLI::results_t& values) {
        const std::string& text = ValueOf(name, values);
        const auto number = ParseNumber<std::uint64_t>(text);
        if (!number || *number < range.min || *number > range.max) {
          throw BadArgument(name, text,
                            fmt::format("a whole number from {} to {}", range.min, range.max));
        }
        set(*number);
        return true;
      },
      about);
  option->type_name(type)->default_str(shown_default);
  return Option(*option);
}

Option Subcommand::Seconds(const std::string& name, std::function<void(double)> set,
                           const std::string& about, Range<double> range,
                           const std::string& shown_default) const {
  CLI::Option* option = app_->add_option(
      name,
      [name, set = std::move(set), range](const CLI::results_t& values) {
        const std::string& text = ValueOf(name, values);
        const auto number = ParseNumber<double>(text);
        if (!number || *number < range.min || *number > range.max) {
          throw BadArgument(name, text,
                            fmt::format("seconds from {} to {}, such as 5 or 0.5",
                                        Decimal(range.min), Decimal(range.max)));
        }
        set(*number);
        return true;
      },
      about);
  option->type_name("SECONDS")->default_str(shown_default);
  return Option(*option);
}

Option Subcommand::Seconds(const std::string& name, double& value, const std::string& about,
                           Range<double> range) const {
  return Seconds(
      name, [&value](double seconds) { value = seconds; }, about, range,
      value > 0 ? Decimal(value) : "");
}

Option Subcommand::Flag(const std::string& name, bool& value, const std::string& about) const {
  return Option(*app_->add_flag(name, value, about));
}

Option Subcommand::Find(const std::string& name) const { return Option(*app_->get_option(name)); }

void Subcommand::Runs(std::function<int()> run) const {
  app_->callback([status = status_, run = std::move(run)] { *status = run(); });
}

std::string Subcommand::Given(std::initializer_list<std::string_view> without) const {
  std::string text;
  for (const CLI::Option* option : app_->get_options()) {
    const std::string name = option->get_name();
    if (std::find(without.begin(), without.end(), name) != without.end()) continue;
    for (const std::string& value : option->results())
      text += option->get_positional() ? " " + value : fmt::format(" {}={}", name, value);
  }
  return text;
}

CommandLine::CommandLine(const std::string& about, const std::string& footer,
                         const std::string& version)
    : app_(std::make_unique<CLI::App>(about, "holdfast")) {
  app_->set_version_flag("--version", version);
  app_->require_subcommand(1);
  app_->footer(footer);
}

CommandLine::~CommandLine() = default;

Subcommand CommandLine::Add(const std::string& name, const std::string& about,
                            const std::string& footer) {
  CLI::App* command = app_->add_subcommand(name, about);
  command->footer(footer);
  return Subcommand(*command, status_);
}

int CommandLine::Run(int argc, char** argv) {
  std::vector<std::string> args(argv + 1, argv + argc);
  // As git does: `help run` is `run --help`.
  if (!args.empty() && args[0] == "help") {
    args.erase(args.begin());
    args.resize(std::min<std::size_t>(args.size(), 1));
    args.push_back("--help");
  }
  std::vector<std::string> names;
  const CLI::App* chosen = nullptr;
  for (const CLI::App* command : app_->get_subcommands([](CLI::App*) { return true; })) {
    names.push_back(command->get_name());
    if (!args.empty() && args[0] == names.back()) chosen = command;
  }
  if (args.empty())
    return Complain("", fmt::format("expected a command: {}", fmt::join(names, ", ")));
  if (args[0].starts_with("-")) chosen = app_.get();
  if (chosen == nullptr) return Complain("", DidYouMean(args[0], "a command", names));
  const bool is_command = chosen != app_.get();
  const std::string name = is_command ? args[0] : "";
  const std::vector<std::string> rest(args.begin() + is_command, args.end());
  if (const auto mistake = Mistake(*chosen, rest)) return Complain(name, *mistake);
  try {
    app_->parse(std::vector<std::string>(args.rbegin(), args.rend()));
  } catch (const BadArgument& error) {
    return Complain(name, error.what());
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app_->exit(error);  // --help, --version
    return Complain(name, Explain(*chosen, error));
  }
  return status_;
}

}  // namespace holdfast
