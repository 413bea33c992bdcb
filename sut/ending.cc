#include "sut/ending.h"

#include <signal.h>
#include <string.h>

#include <algorithm>
#include <iterator>
#include <sstream>
#include <string_view>

#include "sut/surroundings.h"

namespace holdfast {
namespace {

// Numbers that differ from run to run.
std::string WithoutAddresses(std::string text) {
  for (std::size_t at = 0; (at = text.find("0x", at)) != std::string::npos; at += 2) {
    text.erase(at + 2, text.find_first_not_of("0123456789abcdefABCDEF", at + 2) - (at + 2));
  }
  return text;
}

std::string LineAround(const std::string& text, std::size_t at) {
  const std::size_t begin = text.rfind('\n', at) + 1;  // npos + 1 is 0
  return text.substr(begin, text.find('\n', at) - begin);
}

// The one line that matters of a sanitizer's report.
std::string Essence(const std::string& report) {
  constexpr std::string_view kRuntime = ": runtime error: ", kSummary = "SUMMARY: ";
  if (const std::size_t at = report.find(kRuntime); at != std::string::npos) {
    const std::string line = LineAround(report, at);
    const std::size_t place = line.find(kRuntime);
    return "UndefinedBehaviorSanitizer: " + WithoutAddresses(line.substr(place + kRuntime.size())) +
           ", " + line.substr(0, place);
  }
  if (const std::size_t at = report.find(kSummary); at != std::string::npos) {
    const std::string line = LineAround(report, at).substr(kSummary.size());
    // "AddressSanitizer: use-after-poison PLACE in FUNCTION". Without symbols the place is an
    // address.
    std::istringstream words(line);
    std::string sanitizer, kind, place;
    words >> sanitizer >> kind >> place;
    const bool has_line = place.find(':') != std::string::npos &&
                          place.find("0x") == std::string::npos && place[0] != '(';
    for (const std::string_view base : {"/proc/self/cwd/", "./"}) {
      if (place.starts_with(base)) place.erase(0, base.size());
    }
    return sanitizer + " " + kind + (has_line ? ", " + place : "");
  }
  return "";
}

}  // namespace

bool FromOutside(const Ending& ending) {
  constexpr int kSignals[] = {SIGKILL, SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGXCPU, SIGXFSZ};
  return ending.kind == Ending::Kind::kSignal &&
         std::ranges::find(kSignals, ending.code) != std::end(kSignals);
}

std::string PrintEnding(const Ending& ending) {
  if (const std::string essence = Essence(ending.report); !essence.empty()) return essence;
  switch (ending.kind) {
    case Ending::Kind::kReturned: return "";
    case Ending::Kind::kThrew:
    case Ending::Kind::kLastWords: return Printable(ending.report);
    case Ending::Kind::kSignal: {
      const char* name = sigabbrev_np(ending.code);
      return name ? std::string("SIG") + name : "signal " + std::to_string(ending.code);
    }
    case Ending::Kind::kExit: return "exit status " + std::to_string(ending.code);
    case Ending::Kind::kHung: return "hung";
    case Ending::Kind::kBlocked: return "blocked";
    case Ending::Kind::kCrowd: return "too many processes";
  }
  return "";
}

}  // namespace holdfast
