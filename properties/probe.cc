// scratch
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <cstring>
#include <chrono>
#include <memory>
#include <string>
#include <vector>
#include "properties/campaign.h"
#include "properties/deep_defects.h"
#include "properties/loaded_sut.h"
#include "sut/mutants/mutants.h"
#include "sut/runfiles.h"
using namespace holdfast;
Ideas ideas; int seeds = 20; std::uint64_t cap = 2000000;
std::vector<Ideas> variants;
std::vector<double> log_sum; int rows=0; std::vector<double> ns, cmds;
void Measure(const std::string& name, Sut& sut, const Profile& profile, std::size_t depth) {
  std::printf("%-36s %4zu", name.c_str(), depth);
  log_sum.resize(variants.size()); ns.resize(variants.size()); cmds.resize(variants.size()); ++rows;
  for (std::size_t v = 0; v < variants.size(); ++v) {
  std::vector<std::uint64_t> found; int missed = 0;
  const auto start = std::clock();
  for (int seed = 1; seed <= seeds; ++seed) {
    CampaignOptions o = {.profile = profile, .seed = static_cast<std::uint64_t>(seed), .cases = 0, .seconds = 10, .generator = {.ideas = variants[v]},
      .progress = [&](const CampaignProgress& p) { return p.commands < cap; }};
    const CampaignResult r = RunCampaign(sut, o);
    found.push_back(r.divergence ? r.tally.commands : cap); missed += !r.divergence; cmds[v] += (double)r.tally.commands;
  }
  ns[v] += (double)(std::clock()-start)/CLOCKS_PER_SEC;
  std::sort(found.begin(), found.end());
  for (auto f : found) log_sum[v] += std::log2((double)f) / seeds;
  std::printf(" |%8lu %8lu", (unsigned long)found[found.size()/2], (unsigned long)found.back());
  if (missed) std::printf(" -%d", missed);
  }
  std::printf("\n"); std::fflush(stdout);
}
int main(int argc, char** argv) {
  std::string which = argc > 1 ? argv[1] : "all";
  if (argc > 2) seeds = std::atoi(argv[2]);
  if (argc > 3) cap = std::strtoull(argv[3], 0, 10);
  std::uint64_t min = argc > 4 ? std::strtoull(argv[4],0,10) : 0;
  for (int a = 5; a < argc; ++a) { Ideas ideas;
  for (const char* i = argv[a]; *i; ++i) {
    if (*i == '0') ideas = kNoIdeas;
    if (*i == 's') ideas.swarm = !ideas.swarm;
    if (*i == 'u') ideas.unseen = !ideas.unseen;
    if (*i == 'l') ideas.lengths = !ideas.lengths;
    if (*i == 'r') ideas.repetition = !ideas.repetition;
  } variants.push_back(ideas); }
  if (variants.empty()) variants.push_back({});
  if (which == "core") { auto sut = Loaded("core.v3"); cap = 1000000; 
    for (int round = 0; round < 4; ++round) { Measure("core", *sut, On("v3"), 0);
      for (std::size_t v = 0; v < variants.size(); ++v) { std::printf("   %.0fns", ns[v]/cmds[v]*1e9); ns[v]=cmds[v]=0; } std::printf("\n"); } return 0; }
  if (which == "deep" || which == "all")
    for (const DeepDefect& d : DeepDefects()) { ModelSut sut = Planted(d); Measure(std::string(d.name), sut, On("v3"), d.depth); }
  if (which == "hiding" || which == "all")
    for (const char* n : {"hides_after_hw_failure","hides_behind_the_records","hides_until_the_sixth","hides_in_dead_records","needs_four_devices"}) {
      auto sut = Loaded(Runfile(std::string("sut/")+n+".so")); Measure(n, *sut, On("v3"), 0);
    }
  if (which == "mutants" || which == "all")
    for (const Mutant& m : Mutants()) { if (m.equivalent() || m.depth < min) continue; auto sut = Loaded(std::string(m.name)); Measure(std::string(m.name), *sut, On(std::string(m.profile)), m.depth); }
  std::printf("geometric mean"); for (std::size_t v = 0; v < variants.size(); ++v) std::printf("  %.0f (%.0fns)", std::exp2(log_sum[v]/rows), ns[v]/cmds[v]*1e9); std::printf("\n");
}
