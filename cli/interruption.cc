#include "cli/interruption.h"

#include <atomic>
#include <csignal>
#include <new>

#include <unistd.h>

#include "properties/lockstep/deadline.h"
#include "sut/child.h"

namespace holdfast {
namespace {

pid_t listener = 0;

void OnSignal(int number, siginfo_t* info, void*) {
  const bool listens = getpid() == listener;
  if (listens && *stop_request == 0) {
    *stop_request = number;
  } else if (listens || (info->si_code <= 0 && info->si_pid == getpid())) {
    signal(number, SIG_DFL);
    raise(number);
  }
}

}  // namespace

void ListenForSignals() {
  listener = getpid();
  stop_request = new (MapShared(sizeof(*stop_request))) std::atomic<int>(0);
  struct sigaction action = {};
  action.sa_sigaction = OnSignal;
  action.sa_flags = SA_SIGINFO | SA_RESTART;
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction before = {};
    sigaction(number, nullptr, &before);
    const bool nohup = number == SIGHUP && before.sa_handler == SIG_IGN;
    if (!nohup) sigaction(number, &action, nullptr);
  }
}

int Interruption() { return *stop_request; }

}  // namespace holdfast
