// The accesses that no lock orders, as far as the moves so far say: where a race of plain accesses
// may be.
//
// Two accesses to one place by two callers are *suspect* if they conflict (sut/callers.h) and the
// callers held no common lock. Each caller's locks at each access are known, so this asks nothing
// of the schedule. It is the lock set of Eraser, and like Eraser it suspects too much: an object
// that is filled before anybody else can reach it, memory that is used again, an order by other
// means. So a suspect access is no verdict. The search stops callers there, and a race is a verdict
// only if it happens (together.h).
//
// An access is known by its place in the code. Source: S. Savage et al., "Eraser: A dynamic data
// race detector for multithreaded programs", 1997; K. Sen, "Race directed random testing of
// concurrent programs", 2008.
#ifndef HOLDFAST_PROPERTIES_CALLERS_SUSPECTS_H_
#define HOLDFAST_PROPERTIES_CALLERS_SUSPECTS_H_

#include <cstdint>
#include <span>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "sut/callers.h"

namespace holdfast {

class Suspects {
 public:
  // The accesses of a caller's move.
  void Note(int caller, std::span<const Access> accesses);

  // Memory is another from here on: what was seen in it says nothing. The suspects stay.
  void ForgetPlaces() { seen_.clear(); }

  bool Has(const Access& access) const { return codes_.contains(access.code); }
  std::size_t size() const { return codes_.size(); }

 private:
  struct Seen {
    Access access;
    int caller;
  };

  // By the eight bytes that an access begins in. An access that reaches into the next eight bytes
  // is seen there too.
  std::unordered_map<std::uintptr_t, std::vector<Seen>> seen_;
  std::unordered_set<const void*> codes_;
};

}  // namespace holdfast

#endif  // HOLDFAST_PROPERTIES_CALLERS_SUSPECTS_H_
