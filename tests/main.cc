// The doctest runner of every test program. The header itself is there already, precompiled.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <csignal>

int main(int argc, char** argv) {
  // As in the program, which ignores it: splice() knows no MSG_NOSIGNAL. With a handler, since
  // programs that tests start would inherit that it is ignored.
  std::signal(SIGPIPE, [](int) {});
  return doctest::Context(argc, argv).run();
}
