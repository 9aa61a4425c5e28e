// The doctest runner of every test program. The header itself is there already, precompiled.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <csignal>

int main(int argc, char** argv) {
  // The program ignores it, too: splice() knows no MSG_NOSIGNAL. Here it has a handler, because
  // programs that tests start would inherit that it is ignored.
  std::signal(SIGPIPE, [](int) {});
  return doctest::Context(argc, argv).run();
}
