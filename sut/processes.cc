#include "sut/processes.h"

#include <cerrno>
#include <cstdio>
#include <exception>
#include <system_error>
#include <utility>
#include <vector>

#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

namespace holdfast {
namespace {

struct Child {
  std::size_t item;
  pid_t process;
  int pipe;
  std::string text;
};

[[noreturn]] void Fail(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

// Everything, then a byte that says that it was everything.
void Deliver(int pipe, std::string text) {
  text += '\n';
  for (std::size_t sent = 0; sent < text.size();) {
    const ssize_t n = write(pipe, text.data() + sent, text.size() - sent);
    if (n < 0 && errno != EINTR) _exit(1);
    if (n > 0) sent += static_cast<std::size_t>(n);
  }
}

Child Start(std::size_t item, const std::function<std::string(std::size_t)>& work) {
  int ends[2];
  if (pipe(ends) != 0) Fail("pipe");
  std::fflush(nullptr);
  const pid_t process = fork();
  if (process < 0) Fail("fork");
  if (process == 0) {
    close(ends[0]);
    try {
      Deliver(ends[1], work(item));
    } catch (const std::exception& error) {
      std::fprintf(stderr, "holdfast: %s\n", error.what());
      _exit(1);
    }
    _exit(0);
  }
  close(ends[1]);
  return {item, process, ends[0], ""};
}

// False at the end of the child's text.
bool Receive(Child& child) {
  char buffer[1 << 16];
  const ssize_t n = read(child.pipe, buffer, sizeof(buffer));
  if (n > 0) child.text.append(buffer, static_cast<std::size_t>(n));
  return n > 0 || (n < 0 && errno == EINTR);
}

std::optional<std::string> End(Child& child) {
  close(child.pipe);
  int status = 0;
  while (waitpid(child.process, &status, 0) < 0 && errno == EINTR) {
  }
  if (status != 0 || child.text.empty() || child.text.back() != '\n') return std::nullopt;
  child.text.pop_back();
  return std::move(child.text);
}

}  // namespace

void RunInProcesses(std::size_t count, int jobs,
                    const std::function<std::string(std::size_t)>& work,
                    const std::function<void(std::size_t, std::optional<std::string>)>& done) {
  std::vector<Child> children;
  for (std::size_t next = 0; next < count || !children.empty();) {
    while (next < count && children.size() < static_cast<std::size_t>(jobs))
      children.push_back(Start(next++, work));
    std::vector<pollfd> waiting;
    for (const Child& child : children)
      waiting.push_back({.fd = child.pipe, .events = POLLIN, .revents = 0});
    if (poll(waiting.data(), waiting.size(), -1) < 0 && errno != EINTR) Fail("poll");
    for (std::size_t i = children.size(); i-- > 0;) {
      if (waiting[i].revents == 0 || Receive(children[i])) continue;
      const std::size_t item = children[i].item;
      std::optional<std::string> text = End(children[i]);
      children.erase(children.begin() + static_cast<std::ptrdiff_t>(i));
      done(item, std::move(text));
    }
  }
}

}  // namespace holdfast
