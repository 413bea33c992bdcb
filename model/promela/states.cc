// states D,I,M ASPECTS PROFILE: "STATES EDGES" of the world, as Explore() counts them. Exit status
// 0; 1 if a rule is broken that is owed, or the search did not finish; 2 bad input.
#include <iostream>
#include <variant>

#include "model/explore/explore.h"
#include "model/profile.h"
#include "model/explore/world.h"

int main(int argc, char** argv) {
  using namespace holdfast;
  if (argc != 4) {
    std::cerr << "states: expected D,I,M ASPECTS PROFILE\n";
    return 2;
  }
  const auto size = ParseWorldSize(argv[1]);
  const auto aspects = ParseAspects(argv[2]);
  const Profile* profile = FindProfile(argv[3]);
  if (!std::holds_alternative<WorldSize>(size) || !std::holds_alternative<Aspects>(aspects) ||
      profile == nullptr) {
    std::cerr << "states: expected D,I,M ASPECTS PROFILE, such as 4,2,3 attach,faults v3\n";
    return 2;
  }
  const ExploreResult result =
      Explore(MakeWorld(std::get<WorldSize>(size), std::get<Aspects>(aspects)), *profile);
  std::cout << result.states << " " << result.edges << "\n";
  return result.finished && result.holds() ? 0 : 1;
}
