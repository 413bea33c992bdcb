// A failure as an annotation of GitHub Actions: a line of the output that GitHub shows beside the
// source ("Workflow commands for GitHub Actions", "Setting an error message").
#ifndef HOLDFAST_CLI_REPORT_ANNOTATION_H_
#define HOLDFAST_CLI_REPORT_ANNOTATION_H_

#include <string>

#include "cli/report/json.h"

namespace holdfast {

// "::error file=drivers/iommu/liveupdate.c,line=310,title=...::..." for each failure that the
// report of a command has; "" where there is none. The file is the implementation's where its
// source is known, else the trace of a replay.
std::string Annotations(const Json& report);

// True in a job of GitHub Actions, which sets GITHUB_ACTIONS.
bool AnnotationsAreWanted();

}  // namespace holdfast

#endif  // HOLDFAST_CLI_REPORT_ANNOTATION_H_
