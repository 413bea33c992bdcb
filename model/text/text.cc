// Names, profiles, commands, outcomes and driver calls. Topologies: topology_text.cc; states:
// state_text.cc.
#include "model/text/text.h"

#include <array>
#include <cerrno>
#include <cstring>

#include "model/text/scanner.h"

namespace holdfast {
namespace {

constexpr std::array<std::string_view, kVerbCount> kVerbs = {"preserve_file",
                                                             "unpreserve_file",
                                                             "preserve_domain",
                                                             "unpreserve_domain",
                                                             "preserve_device",
                                                             "unpreserve_device",
                                                             "for_each_dev",
                                                             "claim_dma_owner",
                                                             "release_dma_owner",
                                                             "attach",
                                                             "freeze",
                                                             "kexec",
                                                             "retrieve",
                                                             "finish",
                                                             "probe_device",
                                                             "restore_domain",
                                                             "release_device"};

constexpr std::array<std::string_view, kFaultSiteCount> kFaultSites = {"none",
                                                                       "kzalloc",
                                                                       "kho_alloc",
                                                                       "kho_restore",
                                                                       "flb.preserve",
                                                                       "flb.get_outgoing",
                                                                       "flb.retrieve",
                                                                       "iommu.preserve",
                                                                       "iommu.preserve_device",
                                                                       "pt.preserve",
                                                                       "driver.take_over",
                                                                       "flb.get_incoming",
                                                                       "paging_domain_alloc",
                                                                       "pt.restore"};

constexpr std::array<std::string_view, kOpCount> kOps = {"iommu.preserve",
                                                         "iommu.unpreserve",
                                                         "iommu.preserve_device",
                                                         "iommu.unpreserve_device",
                                                         "pt.preserve",
                                                         "pt.unpreserve",
                                                         "visit",
                                                         "pt.restore"};

constexpr std::array<std::string_view, kFindingCount> kFindings = {"op-without-lock",
                                                                   "lock-leaked",
                                                                   "lock-order",
                                                                   "sleep-in-atomic",
                                                                   "op-reentered",
                                                                   "dirty-slot",
                                                                   "published-early",
                                                                   "withdrawn-late",
                                                                   "slot-not-deleted",
                                                                   "page-unpreserved-twice",
                                                                   "memory-leaked",
                                                                   "out-param-on-failure",
                                                                   "hung",
                                                                   "lookup-wrong",
                                                                   "page-preserved-twice",
                                                                   "page-freed-preserved",
                                                                   "page-freed-twice",
                                                                   "page-restored-twice",
                                                                   "page-not-restored",
                                                                   "undo-out-of-order",
                                                                   "failure-ignored",
                                                                   "lock-taken-again",
                                                                   "restore-refused",
                                                                   "denial-ignored",
                                                                   "denial-did-harm",
                                                                   "other-version-followed",
                                                                   "incoming-kept",
                                                                   "dma-disturbed",
                                                                   "record-untrue"};

constexpr std::array<std::string_view, 4> kLuos = {"off", "A", "B", "C"};

// Takes a word of `names` from index `first` on, or fails with `what`.
template <typename Enum, std::size_t kCount>
bool TakeName(Scanner& scanner, const std::array<std::string_view, kCount>& names,
              std::size_t first, std::string_view what, Enum& value) {
  const std::string_view word = scanner.PeekWord();
  for (std::size_t i = first; i < kCount; ++i) {
    if (names[i] == word) {
      value = static_cast<Enum>(i);
      scanner.TakeWord();
      return true;
    }
  }
  return scanner.Fail(what);
}

// SITE[/DEPTH][@N][:-ERR], the last three in any order.
bool TakeFault(Scanner& scanner, Fault& fault) {
  if (!TakeName(scanner, kFaultSites, 1, "a fault site such as kho_alloc or iommu.preserve",
                fault.site))
    return false;
  bool has_nth = false, has_error = false, has_depth = false;
  while (true) {
    const std::size_t at = scanner.at();
    if (!has_nth && scanner.TakeIf('@')) {
      std::uint64_t nth = 0;
      if (!scanner.TakeNumber(1, UINT8_MAX, "which pass of the site", nth)) return false;
      fault.nth = static_cast<std::uint8_t>(nth);
      has_nth = true;
    } else if (!has_depth && scanner.TakeIf('/')) {
      if (!HasDepth(fault.site))
        return scanner.FailAt(at, "'@', ':' or the end: only what a driver does has a depth");
      std::uint64_t depth = 0;
      if (!scanner.TakeNumber(1, UINT8_MAX, "which request of the driver", depth)) return false;
      fault.depth = static_cast<std::uint8_t>(depth);
      has_depth = true;
    } else if (!has_error && scanner.TakeIf(':')) {
      if (!scanner.TakeErrno(fault.error)) return false;
      if (ReturnsNull(fault.site) && fault.error != -ENOMEM) {
        const std::string site(FaultSiteName(fault.site));
        return scanner.FailAt(at + 1, "-ENOMEM or nothing: " + site + " can only return NULL");
      }
      has_error = true;
    } else {
      return true;
    }
  }
}

// True if the verb's kernel function returns an int.
bool ReturnsInt(Verb verb) {
  switch (verb) {
    case Verb::kPreserveFile:
    case Verb::kPreserveDomain:
    case Verb::kPreserveDevice:
    case Verb::kClaimDmaOwner:
    case Verb::kAttach:
    case Verb::kFreeze:
    case Verb::kRetrieve:
    case Verb::kProbeDevice:
    case Verb::kRestoreDomain: return true;
    default: return false;
  }
}

// The environment's verbs stand for several kernel functions: "no error" may be written 0 or void.
bool IsLenient(Verb verb) {
  switch (verb) {
    case Verb::kPreserveDomain:
    case Verb::kUnpreserveDomain:
    case Verb::kPreserveDevice:
    case Verb::kUnpreserveDevice:
    case Verb::kRetrieve:
    case Verb::kProbeDevice:
    case Verb::kRestoreDomain:
    case Verb::kReleaseDevice: return false;
    default: return true;
  }
}

std::string PrintError(int error) {
  const std::string_view name = error < 0 ? ErrnoName(-error) : std::string_view();
  return name.empty() ? std::to_string(error) : "-" + std::string(name);
}

// "hw#0", "hw:null".
std::string PrintSlot(std::string_view chain, SlotRef slot) {
  return std::string(chain) + (slot < 0 ? ":" : "") + PrintSlotRef(slot);
}

// "checks-flb", "no-puts-flb", "double-device=-EBUSY", "double-domain=accepted". Returns false and
// takes nothing if no answer starts here.
bool TakeAnswer(Scanner& scanner, Profile& profile) {
  for (const ProfileAnswer& answer : ProfileAnswers()) {
    if (answer.flag != nullptr) {
      const bool yes = scanner.TakeIf(answer.name);
      if (!yes && !scanner.TakeIf("no-" + std::string(answer.name))) continue;
      profile.*answer.flag = yes;
      return true;
    }
    if (!scanner.TakeIf(answer.name)) continue;
    if (!scanner.Take('=')) return false;
    const std::size_t at = scanner.at();
    std::int16_t error = 0;
    if (!scanner.TakeIf("accepted") && !scanner.TakeErrno(error)) return false;
    if (error != 0 && error != -EBUSY && error != -EINVAL)
      return scanner.FailAt(at, "accepted, -EBUSY or -EINVAL");
    profile.*answer.error = error;
    return true;
  }
  return false;
}

std::string AnswerNames() {
  std::string names;
  for (const ProfileAnswer& answer : ProfileAnswers()) {
    names += (names.empty() ? "" : ", ") + std::string(answer.name) +
             (answer.flag != nullptr ? "" : "=");
  }
  return names;
}

}  // namespace

std::string_view ErrnoName(int error) {
  const char* name = error > 0 ? strerrorname_np(error) : nullptr;
  return name != nullptr ? name : std::string_view();
}

int ErrnoNumber(std::string_view name) {
  for (int error = 1; error <= kMaxErrno; ++error) {
    const std::string_view known = ErrnoName(error);
    if (!known.empty() && known == name) return error;
  }
  return 0;
}

std::string_view VerbName(Verb verb) { return kVerbs[static_cast<std::size_t>(verb)]; }
std::string_view FaultSiteName(FaultSite site) {
  return kFaultSites[static_cast<std::size_t>(site)];
}
std::string_view OpName(Op op) { return kOps[static_cast<std::size_t>(op)]; }
std::string_view FindingName(Finding finding) {
  return kFindings[static_cast<std::size_t>(finding)];
}
std::string_view LuoName(Luo luo) { return kLuos[static_cast<std::size_t>(luo)]; }

std::string PrintProfile(const Profile& profile) {
  std::string text(profile.name);
  const Profile* own = FindProfile(profile.name);
  for (const ProfileAnswer& answer : ProfileAnswers()) {
    if (own == nullptr) break;
    if (answer.flag != nullptr && profile.*answer.flag != own->*answer.flag) {
      text += (profile.*answer.flag ? " " : " no-") + std::string(answer.name);
    } else if (answer.flag == nullptr && profile.*answer.error != own->*answer.error) {
      text += " " + std::string(answer.name) + "=" +
              (profile.*answer.error == 0 ? "accepted" : PrintError(profile.*answer.error));
    }
  }
  if (own == nullptr || own->luo != profile.luo)
    text += " luo=" + std::string(LuoName(profile.luo));
  return text;
}

Parsed<Profile> ParseProfile(std::string_view text) {
  Scanner scanner(text);
  scanner.SkipBlanks();
  const Profile* named = FindProfile(scanner.PeekWord());
  if (named == nullptr) {
    std::string names;
    for (const Profile& profile : Profiles())
      names += (names.empty() ? " " : ", ") + std::string(profile.name);
    scanner.Fail("a profile:" + names);
    return scanner.error();
  }
  Profile profile = *named;
  scanner.TakeWord();
  bool gap = false;
  while ((gap = scanner.SkipBlanks()) && TakeAnswer(scanner, profile)) {
  }
  if (scanner.failed()) return scanner.error();
  if (scanner.TakeIf("luo")) {
    if (!scanner.Take('=') ||
        !TakeName(scanner, kLuos, 0, "an orchestrator: off, A, B or C", profile.luo)) {
      return scanner.error();
    }
  } else if (gap && !scanner.AtEnd()) {
    scanner.Fail("an answer, or no- and one that takes no value: " + AnswerNames() +
                 "; or last luo=");
    return scanner.error();
  }
  if (!scanner.TakeEnd()) return scanner.error();
  return profile;
}

std::string PrintCommand(const Command& command) {
  const Operands operands = OperandsOf(command.verb);
  std::string text(VerbName(command.verb));
  if (operands.iommu) text += " iommu" + std::to_string(command.iommu);
  if (operands.domain) text += " dom" + std::to_string(command.domain);
  if (operands.device) text += " dev" + std::to_string(command.device);
  if (command.stop != 0) text += " stop=" + std::to_string(command.stop);
  if (command.fault.armed()) {
    text += " fail=" + std::string(FaultSiteName(command.fault.site));
    if (command.fault.depth != 0) text += "/" + std::to_string(command.fault.depth);
    if (command.fault.nth != 1) text += "@" + std::to_string(command.fault.nth);
    if (command.fault.error != -ENOMEM) text += ":" + PrintError(command.fault.error);
  }
  return text;
}

Parsed<Command> ParseCommand(std::string_view text, const Topology& topology) {
  Scanner scanner(text);
  scanner.SkipBlanks();
  Command command;
  const Operands operands = [&] {
    if (!TakeName(scanner, kVerbs, 0, "a verb such as preserve_device", command.verb))
      return Operands{};
    return OperandsOf(command.verb);
  }();
  if (scanner.failed() ||
      (operands.iommu && !(scanner.TakeGap() &&
                           scanner.TakeObject("iommu", topology.iommus.size(), command.iommu))) ||
      (operands.domain && !(scanner.TakeGap() &&
                            scanner.TakeObject("dom", topology.domains.size(), command.domain))) ||
      (operands.device && !(scanner.TakeGap() &&
                            scanner.TakeObject("dev", topology.devices.size(), command.device)))) {
    return scanner.error();
  }
  while (scanner.SkipBlanks() && !scanner.AtEnd()) {
    if (command.verb == Verb::kForEachDev && command.stop == 0 && scanner.TakeIf("stop")) {
      std::uint64_t stop = 0;
      if (!scanner.Take('=') || !scanner.TakeNumber(1, UINT8_MAX, "a count of visits", stop))
        return scanner.error();
      command.stop = static_cast<std::uint8_t>(stop);
    } else if (!command.fault.armed() && scanner.TakeIf("fail")) {
      if (!scanner.Take('=') || !TakeFault(scanner, command.fault)) return scanner.error();
    } else {
      const bool may_stop = command.verb == Verb::kForEachDev;
      scanner.Fail(may_stop ? "stop=, fail= or the end of the call"
                            : "fail= or the end of the call");
      return scanner.error();
    }
  }
  if (!scanner.AtEnd()) scanner.Fail("the end of the call");
  if (scanner.failed()) return scanner.error();
  return command;
}

std::string PrintOutcome(const Outcome& outcome) {
  switch (outcome.kind) {
    case Outcome::Kind::kCrashed: return outcome.warned ? "CRASH WARN" : "CRASH";
    case Outcome::Kind::kVoid: return outcome.warned ? "WARN" : "void";
    case Outcome::Kind::kReturned: break;
  }
  return PrintError(outcome.error) + (outcome.warned ? " WARN" : "");
}

Parsed<Outcome> ParseOutcome(std::string_view text, Verb verb) {
  Scanner scanner(text);
  scanner.SkipBlanks();
  Outcome outcome;
  const bool returns = ReturnsInt(verb);
  const Outcome::Kind no_error = returns ? Outcome::Kind::kReturned : Outcome::Kind::kVoid;
  bool may_warn = true;
  if (scanner.TakeIf("CRASH")) {
    outcome.kind = Outcome::Kind::kCrashed;
  } else if ((returns || IsLenient(verb)) && scanner.TakeIf("0")) {
    outcome.kind = no_error;
  } else if ((!returns || IsLenient(verb)) && scanner.TakeIf("void")) {
    outcome.kind = no_error;
  } else if (!returns && scanner.TakeIf("WARN")) {
    outcome.warned = true;
    may_warn = false;
  } else if (returns && scanner.Peek() == '-') {
    outcome.kind = Outcome::Kind::kReturned;
    if (!scanner.TakeErrno(outcome.error)) return scanner.error();
  } else {
    scanner.Fail("an outcome of " + std::string(VerbName(verb)) +
                 (returns ? ": 0, an error such as -ENOMEM, or CRASH" : ": void, WARN or CRASH"));
    return scanner.error();
  }
  if (may_warn && scanner.SkipBlanks() && scanner.TakeIf("WARN")) outcome.warned = true;
  if (!scanner.TakeEnd()) return scanner.error();
  return outcome;
}

std::string PrintCalls(const Outcome& outcome) {
  std::string text;
  for (int i = 0; i < outcome.call_count; ++i) {
    const DriverCall& call = outcome.calls[static_cast<std::size_t>(i)];
    if (i > 0) text += ", ";
    text += OpName(call.op);
    const std::string object = std::to_string(call.object);
    switch (call.op) {
      case Op::kIommuPreserve:
      case Op::kIommuUnpreserve:
        text += " iommu" + object + " " + PrintSlot("hw", call.slot);
        break;
      case Op::kIommuPreserveDevice:
      case Op::kIommuUnpreserveDevice:
        text += " dev" + object + " " + PrintSlot("device", call.slot);
        break;
      case Op::kPtPreserve:
      case Op::kPtUnpreserve:
      case Op::kPtRestore: text += " dom" + object + " " + PrintSlot("domain", call.slot); break;
      case Op::kVisit: text += " dev" + object; break;
    }
    if (call.result != 0) text += " = " + PrintError(call.result);
  }
  return text;
}

std::string PrintFindings(FindingSet findings) {
  std::string text;
  for (int i = 0; i < kFindingCount; ++i) {
    const auto finding = static_cast<Finding>(i);
    if (findings & FindingBit(finding))
      text += (text.empty() ? "" : ", ") + std::string(FindingName(finding));
  }
  return text;
}

}  // namespace holdfast
