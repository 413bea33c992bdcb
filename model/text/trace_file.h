// Traces on disk.
#ifndef HOLDFAST_MODEL_TEXT_TRACE_FILE_H_
#define HOLDFAST_MODEL_TEXT_TRACE_FILE_H_

#include <string>
#include <string_view>
#include <variant>

#include "model/text/trace.h"

namespace holdfast {

// Reads at most kMaxTraceBytes + 1 bytes of the file. The error names the file, and the line if
// there is one.
std::variant<Trace, std::string> ReadTrace(const std::string& path,
                                           Completeness completeness = Completeness::kComplete);

// Replaces the file in one step: a reader finds the old text or the new text. Returns "" or an
// error that names the file.
std::string WriteFileAtomically(const std::string& path, std::string_view text);

}  // namespace holdfast

#endif  // HOLDFAST_MODEL_TEXT_TRACE_FILE_H_
