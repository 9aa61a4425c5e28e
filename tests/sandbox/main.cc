// bearer-sandbox: serves until SIGINT or SIGTERM, or until its standard input ends if it is asked
// to.
#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <thread>

#include "tests/sandbox/options.h"

namespace bearer::sandbox {

namespace {

/// Blocks the signals for all threads to come, and returns a descriptor that becomes readable.
int watch_signals() {
  sigset_t signals{};
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  return signalfd(-1, &signals, SFD_CLOEXEC);
}

bool stdin_ended() {
  char discarded[512];
  return read(STDIN_FILENO, discarded, sizeof discarded) <= 0;
}

void wait_for_end(int signal_fd, bool end_with_stdin) {
  pollfd watched[] = {{signal_fd, POLLIN, 0}, {end_with_stdin ? STDIN_FILENO : -1, POLLIN, 0}};
  for (;;) {
    if (poll(watched, std::size(watched), -1) < 0) continue;
    if (watched[0].revents != 0) return;
    if (watched[1].revents != 0 && stdin_ended()) return;
  }
}

int run(int argc, const char* const* argv) {
  const Options options = parse_options(argc, argv);
  const int signal_fd = watch_signals();
  Sandbox sandbox(options.sandbox);
  Server server(options.server,
                [&sandbox](const Request& request) { return sandbox.answer(request); });
  std::thread([&server] { server.serve(); }).detach();
  std::cout << "listening on " << server.origin() << std::endl;
  wait_for_end(signal_fd, options.end_with_stdin);
  // A connection that idles holds a thread for more than a minute, and nothing here is worth
  // waiting for.
  std::_Exit(0);
}

}  // namespace

}  // namespace bearer::sandbox

int main(int argc, char** argv) {
  try {
    return bearer::sandbox::run(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "bearer-sandbox: " << error.what() << "\n";
    return 1;
  }
}
