#include "properties/lockstep/lockstep.h"

#include <exception>
#include <string>

#include "model/text/text.h"
#include "properties/lockstep/attribution.h"
#include "properties/lockstep/refusals.h"
#include "sut/surroundings.h"

namespace holdfast {

void EndForException() {
  std::string what = "threw no std::exception";
  try {
    throw;
  } catch (const std::exception& error) {
    what = std::string("threw an exception: ") + error.what();
  } catch (...) {
  }
  if (IsChild()) EndChild(what);
  throw SutThrew("the implementation " + Printable(what));
}

void Lockstep::Begin(const Topology& topology, const Profile& profile) {
  deadline_.Check();
  if (recorder_ && recorder_->checks_each_case()) CheckChild();
  topology_ = &topology;
  owed_ = profile.config_enabled ? WithOwedLayout(sut_, profile) : profile;
  profile_ = profile.config_enabled ? InForce(profile, sut_.layout()) : profile;
  profile_ = WithSidesOf(sut_, profile_);
  step_ = 0;
  const State initial = InitialState(topology);
  model_ = initial;  // copied, not moved: the vectors of model_ keep their memory from case to case
  observed().state = initial;
  ledger_.Clear();
  breaches_ = 0;
  hazards_ = 0;
  tearing_down_ = false;
  divergence_.reset();
  if (recorder_) recorder_->Begin(topology);
  AskSut([&] { sut_.Reset(topology, profile.luo); });

  tally_->Add(CheckLayout(owed_, sut_.layout()).checked);
}

bool Lockstep::CheckRecords() {
  if (divergence_) return false;
  const RuleCheck check = CheckLayout(owed_, sut_.layout());
  if (check.broken == 0) return true;
  AskSut([&] { sut_.Observe(observed()); });
  model_outcome_ = sut_outcome_ = Outcome();
  model_queries_ = AnswerQueries(*topology_, profile_, model_);
  Diverge(check.broken, true, Divergence::Moment::kBegin, Command());
  return false;
}

bool Lockstep::Run(const Command& command) {
  if (divergence_) return false;
  deadline_.Check();
  last_ = 1 - last_;
  if (model_.crashed) before() = model_;  // what a crash left in memory was not compared
  breaches_ |= BreachesOf(*topology_, model_, command);
  StepInPlace(*topology_, profile_, model_, command, model_outcome_);
  RunSut(command);
  if (admits_versions_) AdmitAnswerOfAVersion(command);
  ++tally_->commands;
  hazards_ = 0;
  const bool conforms = Verdict(command);
  ++step_;
  if (listener_) listener_(command, sut_outcome_, observed());
  return conforms;
}

void Lockstep::RunSut(const Command& command) {
  if (recorder_) {
    recorder_->Add(step_, command);
    if (model_.crashed && recorder_->skips_crashes()) {
      sut_outcome_ = model_outcome_;
      observed().state = model_;
      return;
    }
  }
  AskSut([&] {
    sut_.Run(command, sut_outcome_);
    sut_.Observe(observed());
  });
  if (!sut_.Exhausted()) return;
  throw Exhausted("the simulated machine has no memory left at command " +
                  std::to_string(step_ + 1) + ", " + PrintCommand(command));
}

// The call was refused: the state is as before, or as the profile's own refusal leaves it.
void Lockstep::AdmitAnswerOfAVersion(const Command& command) {
  replaced_.reset();
  if (model_outcome_ == sut_outcome_ || before().crashed) return;
  if (IsStopOfAVersion(command, model_outcome_, sut_outcome_)) {
    replaced_ = model_outcome_;
    model_outcome_ = sut_outcome_;
    model_.crashed = true;
    return;
  }
  if (!IsRefusalOfAVersion(*topology_, profile_, before(), command, model_outcome_, sut_outcome_))
    return;
  const State& sut = observed().state;
  if (sut == before()) {
    model_ = before();
  } else if (sut != model_) {
    return;
  }
  replaced_ = model_outcome_;
  model_outcome_ = sut_outcome_;
}

// The hot path: two sides that agree have one verdict, so the rules are asked once.
bool Lockstep::Verdict(const Command& command) {
  const State& before = this->before();
  const State& sut = observed().state;
  const auto moment = tearing_down_ ? Divergence::Moment::kTeardown : Divergence::Moment::kCommand;
  bool agree = model_outcome_ == sut_outcome_ && model_.crashed == sut.crashed;
  if (model_.crashed && agree) {
    if (before.crashed) return true;  // R15 was judged when it crashed
    return Judge(ledger_.Check({*topology_, profile_, before, command, model_outcome_, model_}),
                 moment, command);
  }
  model_queries_ = AnswerQueries(*topology_, profile_, model_);
  if (agree && model_ == sut && model_queries_ == observed().queries) {
    RuleCheck check = CheckState(*topology_, profile_, model_);
    check |= ledger_.Check({*topology_, profile_, before, command, model_outcome_, model_});
    check |= CheckQueries(*topology_, profile_, model_, model_queries_);
    if (observed().reach.walked) {
      const RuleCheck reach = CheckReach(model_, observed().reach);
      if (reach.broken & OwedRules()) {
        Diverge(reach.broken, true, moment, command);
        return false;
      }
      check |= reach;
    }
    return Judge(check, moment, command);
  }

  // They differ: ask the rules of each side. Both had `before`, because they agreed until now.
  Ledger sut_ledger = ledger_;
  RuleCheck model_check =
      ledger_.Check({*topology_, profile_, before, command, model_outcome_, model_});
  RuleCheck sut_check =
      sut_ledger.Check({*topology_, profile_, before, command, sut_outcome_, sut});
  if (!model_.crashed) {
    model_check |= CheckState(*topology_, profile_, model_);
    model_check |= CheckQueries(*topology_, profile_, model_, model_queries_);
    // Cut short by a crash of its own, the records need not agree with each other; a chain is sound
    // at every moment, but while it is being released.
    const RuleCheck sut_state = CheckState(*topology_, profile_, sut);
    const bool releases = command.verb == Verb::kUnpreserveFile || command.verb == Verb::kFinish;
    if (sut.crashed) {
      if (!releases) sut_check.broken |= sut_state.broken & RuleBit(Rule::kAppendOnly);
    } else {
      sut_check |= sut_state;
      sut_check |= CheckQueries(*topology_, profile_, sut, observed().queries);
      sut_check |= CheckReach(sut, observed().reach);
    }
  }
  const RuleSet standing = CheckState(*topology_, profile_, before).broken;
  const RuleSet rules =
      Attribute(command, {model_outcome_, model_, model_queries_}, model_check.broken, standing,
                {sut_outcome_, sut, observed().queries}, sut_check.broken);
  Diverge(rules, true, moment, command);
  return false;
}

RuleSet Lockstep::OwedRules() const {
  return hardened_ || breaches_ == 0 ? ~RuleSet{0} : HardenedRules(profile_);
}

// Hardware is the implementation's alone: the model has no tables to walk.
RuleCheck Lockstep::CheckReach(const State& state, const Reach& reach) const {
  RuleCheck check = CheckContinuity(*topology_, state, reach);
  check |= CheckHandover(*topology_, state, reach);
  return check;
}

// What both sides break: owed, and so a divergence of the profile from the rules, or a hazard.
bool Lockstep::Judge(RuleCheck check, Divergence::Moment moment, const Command& command) {
  tally_->Add(check.checked);
  if (check.broken == 0) return true;
  const RuleSet owed = check.broken & OwedRules();
  if (owed != 0) {
    Diverge(owed, false, moment, command);
    return false;
  }
  hazards_ |= check.broken;
  return true;
}

void Lockstep::Diverge(RuleSet rules, bool sides_differ, Divergence::Moment moment,
                       const Command& command) {
  Divergence& divergence = divergence_.emplace();
  divergence.moment = moment;
  divergence.step = step_;
  divergence.command = command;
  divergence.rule = Headline(rules);
  divergence.rules = rules;
  divergence.sides_differ = sides_differ;
  divergence.model_outcome = model_outcome_;
  divergence.sut_outcome = sut_outcome_;
  divergence.model_state = model_;
  divergence.sut_state = observed().state;
  divergence.model_queries = model_queries_;
  divergence.sut_queries = observed().queries;
  divergence.reach = observed().reach;
  divergence.model_layout = owed_.layout;
  divergence.sut_layout = sut_.layout();
  if (moment != Divergence::Moment::kCommand && moment != Divergence::Moment::kTeardown) return;
  if (rules & RuleBit(Rule::kContinuity)) ExplainReach(divergence);
  divergence.entry = sut_.EntryPoint(command.verb);
  const bool faulted = (sut_outcome_.warned && !model_outcome_.warned) ||
                       (sut_outcome_.crashed() && !model_outcome_.crashed());
  if (faulted) divergence.fault = sut_.LastFault();
  if (sut_outcome_.findings != 0) divergence.detail = sut_.LastDetail();
}

void Lockstep::ExplainReach(Divergence& divergence) {
  const auto owed = OwedReach(*topology_, divergence.sut_state, divergence.reach);
  for (std::uint8_t d = 0; owed && d < topology_->devices.size(); ++d) {
    if (divergence.reach.device[d] == (*owed)[d]) continue;
    divergence.astray.push_back({d, (*owed)[d], sut_.ExplainReach(d, (*owed)[d])});
  }
}

bool Lockstep::TearDown() {
  if (divergence_) return false;
  if (model_.crashed || model_.frozen) {
    hazards_ = 0;
    return true;
  }
  tearing_down_ = true;
  if (recorder_) recorder_->TearDown(step_);
  RuleSet hazards = 0;
  // The calls that the model's state asks for, one after the other: each may change what the next
  // ones are.
  const auto run = [&](const Command& command) {
    const bool conforms = Run(command);
    hazards |= hazards_;
    return conforms && !model_.crashed;
  };
  bool go_on = true;
  for (std::uint8_t device = 0; go_on && device < topology_->devices.size(); ++device) {
    const SlotRef slot = model_.device_ser[device];
    if (slot < 0) continue;
    const std::uint8_t group = topology_->devices[device].group;
    if (group == kNone) continue;
    if (model_.owner_claims[group] == 0) go_on = run(ClaimDmaOwner(device));
    // The domain is the caller's to remember; the attachment is what a caller who kept the contract
    // would name.
    const std::uint8_t attached = model_.attached[device];
    if (go_on)
      go_on = run(UnpreserveDevice(attached < topology_->domains.size() ? attached : 0, device));
  }
  for (std::uint8_t domain = 0; go_on && domain < topology_->domains.size(); ++domain) {
    if (model_.preserved_state[domain] >= 0) go_on = run(UnpreserveDomain(domain));
  }
  while (go_on && model_.files > 0) go_on = run(UnpreserveFile());
  hazards_ = hazards;
  return !divergence_ && (model_.crashed || CheckDown());
}

bool Lockstep::CheckDown() {
  const RuleCheck check = CheckEnd(model_);  // the sides agree
  // Without a command, the observation of the last one stands; a case of no command at all has none
  // yet.
  if (step_ == 0) AskSut([&] { sut_.Observe(observed()); });
  return Judge(check, Divergence::Moment::kEnd, Command());
}

void Lockstep::Save(Checkpoint& checkpoint) {
  checkpoint.step = step_;
  checkpoint.model = model_;
  checkpoint.ledger = ledger_;
  checkpoint.breaches = breaches_;
  AskSut([&] { sut_.Save(checkpoint.sut); });
}

void Lockstep::Restore(const Checkpoint& checkpoint) {
  observed().state = checkpoint.model;
  last_ = 1 - last_;  // as if a command had been run from there
  TakeBack(checkpoint);
}

// What was observed before the last command is there still.
void Lockstep::TakeBack(const Checkpoint& checkpoint) {
  last_ = 1 - last_;
  step_ = checkpoint.step;
  model_ = checkpoint.model;
  ledger_ = checkpoint.ledger;
  breaches_ = checkpoint.breaches;
  hazards_ = 0;
  tearing_down_ = false;
  divergence_.reset();
  AskSut([&] { sut_.Restore(checkpoint.sut); });
}

std::optional<Divergence> RunScenario(Sut& sut, const Scenario& scenario, bool hardened,
                                      FlightRecorder* recorder, const Deadline& deadline) {
  Lockstep lockstep(sut);
  lockstep.set_recorder(recorder);
  lockstep.set_hardened(hardened);
  lockstep.set_deadline(deadline);
  if (RunCommands(lockstep, scenario, [](std::size_t) {}) && lockstep.TearDown())
    lockstep.CheckRecords();
  return lockstep.divergence();
}

}  // namespace holdfast
