// One line of a log, in one of three formats (docs/check-log.md shows each):
//   trace-cmd  `trace-cmd report`, and the kernel's own `trace` file
//   perf       `perf script`
//   bpftrace   as the program probes.bt prints
//
// Every line has a CPU, a task and a time, so a line of an event that nobody asked for is told from
// a line that is no event.
#ifndef HOLDFAST_TRACES_LOG_LINE_H_
#define HOLDFAST_TRACES_LOG_LINE_H_

#include <string_view>
#include <variant>

#include "model/text/text.h"
#include "traces/log/event.h"

namespace holdfast {

enum class LogFormat : std::uint8_t { kUnknown, kTraceCmd, kPerf, kBpftrace };

std::string_view LogFormatName(LogFormat format);  // "trace-cmd report"

// `format` is the format of the lines before; kUnknown becomes the format of the first line that
// shows one. A line of another format is an error.
std::variant<LogEvent, TextError> ParseLogLine(std::string_view line, LogFormat& format);

}  // namespace holdfast

#endif  // HOLDFAST_TRACES_LOG_LINE_H_
