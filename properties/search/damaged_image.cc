#include "properties/search/damaged_image.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

#include "properties/lockstep/lockstep.h"
#include "sut/child.h"

namespace holdfast {
namespace {

constexpr std::size_t kMostDamages = 4096;

// Text in shared memory, cut off if it is long.
template <std::size_t kSize>
struct Text {
  char bytes[kSize];

  void Set(std::string_view text) {
    const std::size_t length = std::min(text.size(), kSize - 1);
    std::copy_n(text.begin(), length, bytes);
    bytes[length] = 0;
  }
  std::string Get() const { return bytes; }
};

// What the child has done, for the parent. Plain data: shared memory is zero.
struct Progress {
  struct Row {
    bool planted, tried, every_version_refuses;
    DamageAnswer answer;
    Text<96> place, value, how;

    // Rows that are alike have one of these.
    std::pair<std::string, bool> Of() const { return {place.Get(), every_version_refuses}; }
  };

  std::size_t next;  // the damage under way, or the next one
  bool all;          // there are no more
  Row rows[kMostDamages];
};

class Survey {
 public:
  Survey(Sut& sut, const DamagedImageOptions& options)
      : sut_(sut), options_(options), progress_(*shared_) {
    result_.hardened = options.hardened;
    result_.handover = HandoverToDamage(options.profile, sut.layout());
  }

  DamagedImageResult Run() {
    try {
      if (HandOver()) TryAll();
    } catch (const OutOfTime&) {
      result_.finished = false;
    } catch (const Exhausted&) {
      result_.finished = false;
    }
    return std::move(result_);
  }

 private:
  // False: the sides differ, or nothing comes over.
  bool HandOver() {
    Lockstep lockstep(sut_);
    lockstep.set_recorder(options_.recorder);
    lockstep.set_deadline(options_.deadline);
    std::vector<Command>& commands = result_.handover.commands;
    lockstep.Begin(result_.handover.topology, options_.profile);
    std::size_t ran = 0;
    bool conforms = !lockstep.divergence();
    while (conforms && ran < commands.size()) conforms = lockstep.Run(commands[ran++]);
    lockstep.CountCase();
    if (!conforms) {
      commands.resize(ran);
      result_.counterexample = {result_.handover, *lockstep.divergence()};
      return false;
    }
    const Incoming& incoming = lockstep.state().incoming;
    if (incoming.status != Incoming::Status::kHandedOver || incoming.lost) {
      result_.not_checked = "nothing is handed over";
      return false;
    }
    AskSut([&] { sut_.Save(image_); });
    return true;
  }

  void TryAll() {
    while (!progress_.all && result_.finished) {
      if (options_.in_process) {
        Try();
      } else if (const Ending ending = RunInChild([&] { Try(); }); !TakeEnding(ending)) {
        break;
      }
      if (options_.deadline.passed()) result_.finished = progress_.all;
    }
    if (options_.in_process) AskSut([&] { sut_.Restore(image_); });
    Count();
  }

  // From the next damage on. Alone in its process, unless in_process.
  void Try() {
    for (; progress_.next < kMostDamages && !options_.deadline.passed(); ++progress_.next) {
      Progress::Row& row = progress_.rows[progress_.next];
      AskSut([&] {
        sut_.Restore(image_);
        DamagedImage& image = *sut_.damaged_image();
        const std::optional<DamagedField> field = image.Plant(progress_.next);
        progress_.all = !field;
        if (!field) return;
        row.place.Set(field->place);
        row.value.Set(field->value);
        row.every_version_refuses = field->every_version_refuses;
        row.planted = true;
        if (ended_.count(row.Of()) != 0) return;
        const TakenOver taken = image.TakeOver();
        row.answer = taken.answer;
        row.how.Set(taken.how);
        row.tried = true;
      });
      if (progress_.all) return;
    }
    progress_.all = progress_.next == kMostDamages;
  }

  // Of a child that tried damages. False: no further child is made.
  bool TakeEnding(const Ending& ending) {
    if (ending.kind == Ending::Kind::kReturned) return true;
    if (FromOutside(ending) || !progress_.rows[progress_.next].planted) {
      result_.finished = false;
      return false;
    }
    Progress::Row& row = progress_.rows[progress_.next++];
    const bool hung = ending.kind == Ending::Kind::kHung || ending.kind == Ending::Kind::kBlocked;
    row.answer = hung ? DamageAnswer::kEndless : DamageAnswer::kFollowed;
    row.how.Set("the process ends: " + PrintEnding(ending));
    row.tried = true;
    ended_.insert(row.Of());
    return true;
  }

  // Damage 0 is none. Who does not take over a sound image is judged by the other parts.
  void Count() {
    if (progress_.next == 0) {
      if (progress_.all) result_.not_checked = "no image that can be damaged";
      return;
    }
    const Progress::Row& sound = progress_.rows[0];
    if (!sound.tried || sound.answer != DamageAnswer::kUnnoticed) {
      result_.not_checked = "the sound image is not taken over";
      return;
    }
    for (std::size_t i = 1; i < progress_.next; ++i) Add(progress_.rows[i]);
  }

  void Add(const Progress::Row& row) {
    ++result_.damages;
    if (!row.tried) {
      ++result_.not_tried;
      return;
    }
    ++result_.answers[static_cast<std::size_t>(row.answer)];
    if (!IsWrong(row.answer)) return;
    std::vector<WrongAnswer>& wrong = result_.wrong_answers;
    const auto known = std::ranges::find_if(wrong, [&](const WrongAnswer& one) {
      return one.answer == row.answer &&
             std::pair(one.field.place, one.field.every_version_refuses) == row.Of();
    });
    if (known != wrong.end()) {
      ++known->alike;
    } else {
      wrong.push_back({{row.place.Get(), row.value.Get(), row.every_version_refuses},
                       row.answer,
                       row.how.Get()});
    }
  }

  Sut& sut_;
  const DamagedImageOptions& options_;
  Snapshot image_;
  Shared<Progress> shared_;
  Progress& progress_;
  std::set<std::pair<std::string, bool>> ended_;  // of rows that ended the process
  DamagedImageResult result_;
};

}  // namespace

// Three devices come over, on the first and on the last page of their chain; two share a domain.
// The pages in between are full of DELETED records.
Scenario HandoverToDamage(const Profile& profile, const Layout& layout) {
  std::vector<Command> commands = {Attach(1, 1), Attach(1, 3), PreserveFile(), PreserveDomain(0),
                                   PreserveDevice(0, 0)};
  const std::uint32_t turns =
      std::max({layout.hw_capacity(), layout.domain_capacity(), layout.device_capacity()});
  for (std::uint32_t turn = 0; turn < turns; ++turn) {
    for (const Command& command :
         {PreserveDomain(1), PreserveDevice(1, 1), UnpreserveDevice(1, 1), UnpreserveDomain(1)})
      commands.push_back(command);
  }
  for (const Command& command :
       {PreserveDomain(1), PreserveDevice(1, 1), PreserveDevice(1, 3), Freeze(), Kexec()})
    commands.push_back(command);
  return {profile, MakeTopology(2, 4, 2), std::move(commands)};
}

const WrongAnswer* DamagedImageResult::divergence() const {
  for (const WrongAnswer& wrong : wrong_answers) {
    if (hardened || wrong.field.every_version_refuses) return &wrong;
  }
  return nullptr;
}

DamagedImageResult DamageImages(Sut& sut, const DamagedImageOptions& options) {
  return Survey(sut, options).Run();
}

}  // namespace holdfast
