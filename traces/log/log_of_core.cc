#include "traces/log/log_of_core.h"

#include <algorithm>
#include <random>

#include <fmt/format.h>

#include "model/step.h"
#include "traces/log/probes.h"

namespace holdfast {
namespace {

constexpr std::uint64_t kDomains = 0xffff888103a00000, kDevices = 0xffff888100c00000,
                        kIommus = 0xffff888100100000;

std::string_view FunctionOf(Probe probe) {
  switch (probe) {
    case Probe::kIommuPreserve: return "intel_iommu_preserve";
    case Probe::kIommuUnpreserve: return "intel_iommu_unpreserve";
    case Probe::kIommuPreserveDevice: return "intel_iommu_preserve_device";
    case Probe::kIommuUnpreserveDevice: return "intel_iommu_unpreserve_device";
    case Probe::kPtPreserve: return "pt_iommu_x86_64_preserve";
    case Probe::kPtUnpreserve: return "pt_iommu_x86_64_unpreserve";
    default: return ProbeName(probe);
  }
}

std::optional<Probe> ProbeOfVerb(Verb verb) {
  switch (verb) {
    case Verb::kPreserveFile: return Probe::kFlbPreserve;
    case Verb::kUnpreserveFile: return Probe::kFlbUnpreserve;
    case Verb::kPreserveDomain: return Probe::kPreserveDomain;
    case Verb::kUnpreserveDomain: return Probe::kUnpreserveDomain;
    case Verb::kPreserveDevice: return Probe::kPreserveDevice;
    case Verb::kUnpreserveDevice: return Probe::kUnpreserveDevice;
    default: return std::nullopt;
  }
}

Probe ProbeOfOp(Op op) {
  switch (op) {
    case Op::kIommuPreserve: return Probe::kIommuPreserve;
    case Op::kIommuUnpreserve: return Probe::kIommuUnpreserve;
    case Op::kIommuPreserveDevice: return Probe::kIommuPreserveDevice;
    case Op::kIommuUnpreserveDevice: return Probe::kIommuUnpreserveDevice;
    case Op::kPtPreserve: return Probe::kPtPreserve;
    default: return Probe::kPtUnpreserve;
  }
}

bool ReturnsInt(Probe probe) {
  return probe == Probe::kGetOutgoing || probe == Probe::kFlbPreserve ||
         probe == Probe::kPreserveDomain || probe == Probe::kPreserveDevice ||
         probe == Probe::kIommuPreserve || probe == Probe::kIommuPreserveDevice ||
         probe == Probe::kPtPreserve;
}

class Writer {
 public:
  Writer(Sut& sut, const Profile& profile, std::uint64_t seed, const LogOptions& options)
      : sut_(sut), profile_(profile), options_(options), random_(seed) {}

  std::vector<WrittenEvent> Write() {
    topology_ = MakeTopology(1 + Dice(2), 1 + Dice(options_.devices), 1 + Dice(2));
    for (std::size_t i = 1; i < topology_.devices.size(); ++i) {
      Device& device = topology_.devices[i];
      if (Chance(0.1)) device.bus = Bus::kPlatform;
      if (Chance(0.1) && device.iommu == topology_.devices[0].iommu) device.group = 0;
    }
    if (Chance(0.1)) topology_.domains.back().missing_ops = OpBit(Op::kPtPreserve);
    sut_.Reset(topology_, profile_.luo);
    state_ = InitialState(topology_);
    for (int call = 0; call < options_.calls && !state_.crashed; ++call) Call(call == 0);
    return std::move(events_);
  }

 private:
  int Dice(int sides) { return static_cast<int>(random_() % static_cast<unsigned>(sides)); }
  bool Chance(double share) { return static_cast<double>(random_() % 10'000) < share * 10'000; }

  Command Random() {
    Command command;
    constexpr Verb kVerbs[] = {
        Verb::kPreserveFile,     Verb::kUnpreserveFile,  Verb::kPreserveDomain,
        Verb::kUnpreserveDomain, Verb::kPreserveDevice,  Verb::kUnpreserveDevice,
        Verb::kPreserveDomain,   Verb::kPreserveDevice,  Verb::kUnpreserveDevice,
        Verb::kClaimDmaOwner,    Verb::kReleaseDmaOwner, Verb::kPreserveFile};
    command.verb = kVerbs[Dice(12)];
    command.device = static_cast<std::uint8_t>(Dice(static_cast<int>(topology_.devices.size())));
    command.domain = static_cast<std::uint8_t>(Dice(static_cast<int>(topology_.domains.size())));
    constexpr FaultSite kSites[] = {FaultSite::kIommuPreserve, FaultSite::kIommuPreserveDevice,
                                    FaultSite::kPtPreserve, FaultSite::kKhoAlloc,
                                    FaultSite::kFlbGetOutgoing};
    if (Chance(0.1)) command = WithFault(command, kSites[Dice(5)], Chance(0.5) ? -ENOMEM : -EIO);
    return command;
  }

  void Call(bool first) {
    Command command = first ? PreserveFile() : Random();
    // a crash ends the log, and most logs should be longer
    Outcome outcome;
    State after = state_;
    StepInPlace(topology_, profile_, after, command, outcome);
    if (outcome.crashed() || (command.fault.armed() && !outcome.fault_fired)) return;
    State asked = state_;
    Command probe = WithFault(command, FaultSite::kFlbGetOutgoing, -EIO);
    Outcome lookup;
    StepInPlace(topology_, profile_, asked, probe, lookup);
    const bool had_flb = state_.flb.present;
    Outcome made;
    sut_.Run(command, made);
    state_ = std::move(after);

    const auto cpu = static_cast<std::uint32_t>(Dice(static_cast<int>(options_.tasks)));
    for (LogEvent event :
         EventsOf(profile_, command, lookup.fault_fired, had_flb, state_.flb.present, made)) {
      event.cpu = cpu;
      event.task = 1000 + cpu;
      events_.push_back({event, std::string(FunctionOf(event.probe))});
    }
  }

  Sut& sut_;
  const Profile profile_;
  const LogOptions options_;
  std::mt19937_64 random_;
  Topology topology_;
  State state_;
  std::vector<WrittenEvent> events_;
};

// Leaves out what `options` says, and puts calls of two tasks side by side.
std::vector<WrittenEvent> Spoil(std::vector<WrittenEvent> events, std::uint64_t seed,
                                const LogOptions& options) {
  std::mt19937_64 random(seed ^ 0x5011);
  const auto chance = [&random](double share) {
    return static_cast<double>(random() % 10'000) < share * 10'000;
  };
  std::vector<WrittenEvent> spoilt;
  for (std::size_t begin = 0, end; begin < events.size(); begin = end) {
    // one call, from its entry to its return
    end = begin + 1;
    const Probe probe = events[begin].event.probe;
    while (end < events.size() && !(events[end].event.kind == LogEvent::Kind::kReturn &&
                                    events[end].event.probe == probe)) {
      ++end;
    }
    end = std::min(end + 1, events.size());
    if (chance(options.lost)) {
      LogEvent lost;
      lost.kind = LogEvent::Kind::kLost;
      lost.cpu = events[begin].event.cpu;
      spoilt.push_back({lost, ""});
      continue;
    }
    for (std::size_t i = begin; i < end; ++i) {
      WrittenEvent event = events[i];
      if (event.event.kind == LogEvent::Kind::kReturn && chance(options.unreturned)) continue;
      for (std::uint64_t* field : {&event.event.domain, &event.event.device, &event.event.iommu}) {
        if (chance(options.dropped)) *field = 0;
      }
      if (chance(options.dropped)) event.event.result.reset();
      spoilt.push_back(std::move(event));
    }
    // The next task's call may begin before this one has returned.
    if (spoilt.size() > 1 && end < events.size() && chance(options.overlapping) &&
        spoilt.back().event.kind == LogEvent::Kind::kReturn &&
        events[end].event.task != spoilt.back().event.task) {
      spoilt.insert(spoilt.end() - 1, events[end]);
      ++end;
      // the rest of that call follows as it is
      while (end < events.size() && events[end].event.task == events[end - 1].event.task &&
             events[end].event.probe != spoilt[spoilt.size() - 2].event.probe) {
        spoilt.push_back(events[end++]);
      }
      if (end < events.size()) spoilt.push_back(events[end++]);
    }
  }
  return spoilt;
}

}  // namespace

std::vector<LogEvent> EventsOf(const Profile& profile, const Command& command, bool looks_up,
                               bool flb_before, bool flb_after, const Outcome& outcome) {
  std::vector<LogEvent> events;
  const std::optional<Probe> probe = ProbeOfVerb(command.verb);
  if (!probe) return events;
  const bool preserves_file = command.verb == Verb::kPreserveFile;
  if (preserves_file || command.verb == Verb::kUnpreserveFile) {
    if (flb_before == flb_after && !(preserves_file && outcome.failed())) return events;
    looks_up = false;
  }
  const auto enter = [&events](LogEvent event) {
    event.kind = LogEvent::Kind::kEntry;
    events.push_back(event);
  };
  const auto leave = [&events](Probe function, int result) {
    LogEvent event;
    event.kind = LogEvent::Kind::kReturn;
    event.probe = function;
    if (ReturnsInt(function)) event.result = result;
    events.push_back(event);
  };
  LogEvent entry;
  entry.probe = *probe;
  if (OperandsOf(command.verb).domain) entry.domain = kDomains + 0x1000ull * command.domain;
  if (OperandsOf(command.verb).device) entry.device = kDevices + 0x1000ull * command.device;
  enter(entry);
  if (looks_up) {
    LogEvent event;
    event.probe = Probe::kGetOutgoing;
    enter(event);
    leave(Probe::kGetOutgoing, command.fault.site == FaultSite::kFlbGetOutgoing
                                   ? command.fault.error
                               : profile.luo == Luo::kStageC && !flb_before ? -ENOENT
                                                                            : 0);
  }
  for (int i = 0; i < outcome.call_count; ++i) {
    const DriverCall& call = outcome.calls[static_cast<std::size_t>(i)];
    LogEvent event;
    event.probe = ProbeOfOp(call.op);
    const std::uint64_t offset = 0x1000ull * call.object;
    if (ArgumentsOf(event.probe)[0] == 'i') event.iommu = kIommus + offset;
    if (ArgumentsOf(event.probe)[0] == 'v') event.device = kDevices + offset;
    enter(event);
    leave(event.probe, call.result);
  }
  leave(*probe, outcome.error);
  return events;
}

std::vector<WrittenEvent> RandomEvents(Sut& sut, const Profile& profile, std::uint64_t seed,
                                       const LogOptions& options) {
  return Spoil(Writer(sut, profile, seed, options).Write(), seed, options);
}

std::string WriteEvent(const WrittenEvent& written, LogFormat format, std::uint64_t time) {
  const LogEvent& event = written.event;
  const bool returns = event.kind == LogEvent::Kind::kReturn;
  const double seconds = static_cast<double>(time) / 1e6;
  if (event.kind == LogEvent::Kind::kLost) {
    if (format == LogFormat::kTraceCmd) return fmt::format("CPU:{} [3 EVENTS DROPPED]", event.cpu);
    if (format == LogFormat::kBpftrace) return "Lost 3 events";
    return fmt::format("luo_test 1 [{:03}] {:12.6f}: PERF_RECORD_LOST lost 3", event.cpu, seconds);
  }
  std::string arguments;
  if (event.domain) arguments += fmt::format(" domain={:#x}", event.domain);
  if (event.device) arguments += fmt::format(" dev={:#x}", event.device);
  if (event.iommu) arguments += fmt::format(" iommu={:#x}", event.iommu);
  if (event.result) arguments += fmt::format(" ret={}", *event.result);
  switch (format) {
    case LogFormat::kTraceCmd:
      return fmt::format(
          "{:>16}-{:<5} [{:03}] {:12.6f}: {}{}: ({}){}", "luo_test", event.task, event.cpu, seconds,
          written.function, returns ? "_ret" : "",
          returns ? "luo_ioctl+0x1c/0x90 <- " + written.function : written.function + "+0x0/0x2a0",
          arguments);
    case LogFormat::kPerf:
      return fmt::format("{:>16} {:5} [{:03}] {:12.6f}: holdfast:{}{}: ({}){}", "luo_test",
                         event.task, event.cpu, seconds, written.function, returns ? "_ret" : "",
                         returns ? "ffffffff81a34560 <- ffffffff81b34560" : "ffffffff81a34560",
                         arguments);
    default:
      return fmt::format("holdfast {} {} {} {} {}{}", event.cpu, event.task, time * 1000,
                         returns ? '<' : '>', written.function, arguments);
  }
}

}  // namespace holdfast
