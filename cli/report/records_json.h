// Which record needs which, for a machine that draws it: model/rules/dependency_graph.h as JSON.
// docs/report.md says its members.
#ifndef HOLDFAST_CLI_REPORT_RECORDS_JSON_H_
#define HOLDFAST_CLI_REPORT_RECORDS_JSON_H_

#include "cli/report/json.h"
#include "model/state.h"

namespace holdfast {

// Of more records than a reader can follow, their number alone.
Json RecordsJson(const Flb& flb);

}  // namespace holdfast

#endif  // HOLDFAST_CLI_REPORT_RECORDS_JSON_H_
