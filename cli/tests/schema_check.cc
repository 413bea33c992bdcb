// schema_check SCHEMA FILE...: holds JSON files to a JSON Schema. Prints the name of each member
// that the schema knows, so that a test can ask the documentation for it. Exit status 1 if a file
// does not match.

#include <cstdio>
#include <set>
#include <string>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/utils/nlohmann_json_utils.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

namespace {

using Json = nlohmann::json;
using valijson::adapters::NlohmannJsonAdapter;

void AddMembers(const Json& schema, std::set<std::string>& members) {
  for (const auto& [key, value] : schema.items()) {
    if (key == "properties") {
      for (const auto& [name, type] : value.items()) members.insert(name);
    }
    if (value.is_structured()) AddMembers(value, members);
  }
}

bool Matches(const valijson::Schema& schema, const std::string& file) {
  Json json;
  if (!valijson::utils::loadDocument(file, json)) {
    fmt::print(stderr, "{}: no JSON\n", file);
    return false;
  }
  valijson::Validator validator;
  valijson::ValidationResults results;
  if (validator.validate(schema, NlohmannJsonAdapter(json), &results)) return true;
  for (valijson::ValidationResults::Error error; results.popError(error);) {
    std::string where;
    for (const std::string& part : error.context) where += part;
    fmt::print(stderr, "{}: {}: {}\n", file, where, error.description);
  }
  return false;
}

}  // namespace

int main(int argc, char** argv) {
  Json text;
  if (argc < 3 || !valijson::utils::loadDocument(argv[1], text)) {
    fmt::print(stderr, "expected: schema_check SCHEMA FILE...\n");
    return 1;
  }
  valijson::Schema schema;
  valijson::SchemaParser().populateSchema(NlohmannJsonAdapter(text), schema);
  int status = 0;
  for (int i = 2; i < argc; ++i) {
    if (!Matches(schema, argv[i])) status = 1;
  }
  std::set<std::string> members;
  AddMembers(text, members);
  for (const std::string& member : members) fmt::print("{}\n", member);
  return status;
}
