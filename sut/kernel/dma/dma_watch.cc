#include "sut/kernel/dma/dma_watch.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "sut/kernel/binding.h"
#include "sut/kernel/dma/reach.h"
#include "sut/kernel/machine/unit_state.h"

namespace holdfast::kernel {
namespace {

// The unit of a register, or -1.
int UnitOfRegister(const void* address) {
  const Units& units = *machine().units;
  const std::ptrdiff_t offset =
      static_cast<const char*>(address) - reinterpret_cast<const char*>(units.registers);
  if (offset < 0 || static_cast<std::size_t>(offset) >= sizeof(units.registers)) return -1;
  return static_cast<int>(static_cast<std::size_t>(offset) / sizeof(units.registers[0]));
}

}  // namespace

std::uint16_t PreservedDevices() {
  const Machine& m = machine();
  std::uint16_t devices = 0;
  for (int d = 0; d < m.device_count; ++d) {
    if (m.devices[d]->data.device_ser) devices |= static_cast<std::uint16_t>(1u << d);
  }
  return devices;
}

std::uint16_t AdoptedDevices() {
  const Machine& m = machine();
  std::uint16_t devices = 0;
  for (int d = 0; m.units && d < m.device_count; ++d) {
    const std::uint8_t adopted = m.units->adopted[d];
    if (adopted != kNone && adopted == m.units->attached[d])
      devices |= static_cast<std::uint16_t>(1u << d);
  }
  return devices;
}

DmaWatch::DmaWatch(std::uint16_t devices, const char* when)
    : outermost_(machine().units && (devices != 0 || kBinding.port->invalidates) &&
                 !g_call->watcher),
      when_(when),
      devices_(devices) {
  pending_.size = 0;
  if (outermost_) g_call->watcher = this;
}

DmaWatch::~DmaWatch() {
  if (!outermost_) return;
  g_call->watcher = nullptr;
  Settle();
}

void DmaWatch::BeforeWrite(const void* address, std::size_t size, const void* code) {
  g_call->watcher = nullptr;  // nobody hears of what the watch itself writes
  Settle();
  if (size != 0 && Counts(address)) Remember(address, size, code);
  g_call->watcher = this;
}

void DmaWatch::Remember(const void* address, std::size_t size, const void* code) {
  pending_.address = static_cast<const std::byte*>(address);
  pending_.size = std::min(size, sizeof(pending_.before));
  pending_.code = code;
  std::memcpy(pending_.before, address, pending_.size);
}

// A table that nothing leads to does not count: a write may be what makes it the table in use, and
// that write is to another page.
bool DmaWatch::Counts(const void* address) {
  const int page = PageOf(address);
  const bool is_table = page >= kFirstPoolPage && machine().allocated.Has(page);
  if (!is_table && UnitOfRegister(address) < 0) return false;
  const bool for_caches = entries_.Counts(is_table ? page : -1);
  return CountsForDma(address, is_table) || for_caches;
}

bool DmaWatch::CountsForDma(const void* address, bool is_table) {
  const int page = PageOf(address);
  if (devices_ == 0) return false;
  if (!begun_) Begin();
  return devices_ != 0 && (!is_table || pages_.Has(page));
}

void DmaWatch::Settle() {
  if (pending_.size == 0) return;
  const bool changed = std::memcmp(pending_.address, pending_.before, pending_.size) != 0;
  // A command does more than to change its own register.
  const bool is_register = PageOf(pending_.address) < kFirstPoolPage;
  pending_.size = 0;
  if (!changed && !is_register) return;
  entries_.Look();
  Look(pending_.code);
}

void DmaWatch::Begin() {
  begun_ = true;
  pages_ = {};
  for (int d = 0; d < machine().device_count; ++d) {
    if (!(devices_ >> d & 1)) continue;
    const std::uint8_t at = WalkDevice(d, pages_);
    reaches_[static_cast<std::size_t>(d)] = at;
    if (at >= kMaxDomains) devices_ &= static_cast<std::uint16_t>(~(1u << d));
  }
}

void DmaWatch::Look(const void* code) {
  if (devices_ == 0) return;
  pages_ = {};
  for (int d = 0; d < machine().device_count; ++d) {
    const std::uint8_t domain = reaches_[static_cast<std::size_t>(d)];
    if (!(devices_ >> d & 1) || WalkDevice(d, pages_) == domain) continue;
    const std::vector<std::string> requests = ExplainReach(d, domain);
    Find(Finding::kDmaDisturbed,
         std::string("during ") + when_ + (requests.empty() ? "" : ", " + requests.front()), code);
    devices_ = 0;  // one is enough
    return;
  }
}

}  // namespace holdfast::kernel
