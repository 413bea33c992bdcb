// What an exploration has proved, as text and as JSON. The text ends with the sentence that the
// exploration licenses. The same exploration gives the same bytes.
//
// The last line begins with `proved:`, `refuted:` or `unfinished:`. A proof is bounded. A
// certificate names every bound and how often the bound cut: the world, the caller, how much of the
// past made states, the shard.
#ifndef HOLDFAST_CLI_REPORT_CERTIFICATE_H_
#define HOLDFAST_CLI_REPORT_CERTIFICATE_H_

#include <optional>
#include <string>

#include "cli/report/json.h"
#include "model/explore/world.h"
#include "model/explore/explore.h"
#include "properties/search/black_box.h"
#include "properties/search/product/product.h"
#include "properties/search/pumping.h"
#include "properties/shrink/minimize.h"

namespace holdfast {

struct Certificate {
  std::string sut;
  WorldSize size;
  ProductOptions options;
  ProductResult result;
  std::optional<PumpOptions> pump;
  PumpResult pumped;
  std::optional<Minimized> counterexample;
  Json timeline;  // of the counterexample

  bool refuted() const { return counterexample.has_value() || pumped.leak.has_value(); }
  bool proved() const {
    return !refuted() && result.ending == ProductResult::Ending::kComplete && pumped.finished;
  }
};

// The model alone, against its own rules.
struct ModelCertificate {
  WorldSize size;
  World world;
  Profile profile;
  bool hardened = false;
  bool symmetry = false;  // one state of each orbit was walked
  ExploreResult result;

  // A broken rule is owed.
  bool refuted() const { return hardened ? !result.violations.empty() : !result.holds(); }
  bool proved() const { return result.finished && !refuted(); }
};

// The result and the cost of a black-box suite (properties/search/black_box.h). A pass is a proof
// for machines with few states only, and the sentence says so.
struct BlackBoxCertificate {
  std::string sut;
  WorldSize size;
  BlackBoxOptions options;
  BlackBoxResult result;
  std::optional<Minimized> counterexample;
  Json timeline;  // of the counterexample

  bool refuted() const { return result.failing.has_value(); }
  bool proved() const { return !refuted() && result.finished; }
};

struct RenderedCertificate {
  std::string text;
  Json json;
};
RenderedCertificate Render(const Certificate& certificate);
RenderedCertificate Render(const ModelCertificate& certificate);
RenderedCertificate Render(const BlackBoxCertificate& certificate);

}  // namespace holdfast

#endif  // HOLDFAST_CLI_REPORT_CERTIFICATE_H_
